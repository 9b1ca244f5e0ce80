/**
 * IAM's limits on documents, in characters without white space.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const mostCharacters = {
  managedPolicy: 6144,
  /** All inline policies of a role together. */
  inlinePolicies: 10_240,
  trust: 2048,
  /** What the quota "Role trust policy length" can be raised to. */
  raisedTrust: 8192,
  /** A session policy of an association. */
  sessionPolicy: 2048,
} as const

/** A document's size as IAM counts it. */
export const sizeOf = (document: unknown): number => {
  const text = typeof document === 'string' ? document : (JSON.stringify(document) ?? '')
  return text.replace(/\s/g, '').length
}

/** How long a role's trust may become: one that is longer than the usual quota shows that it was raised. */
export const mostTrust = (trust: unknown): number =>
  sizeOf(trust) > mostCharacters.trust ? mostCharacters.raisedTrust : mostCharacters.trust

import { type Finding, lookWith } from '../../findings.ts'
import { askedKeys, preparePolicies } from '../../policy/evaluate.ts'
import { firstOf } from '../../text/list.ts'
import { command } from '../../text/shell.ts'
import { type PodIdentity, type RoleFacts, type RolePolicy, roleSubject } from '../role.ts'

/**
 * The keys that only a session by OIDC has: the issuer's claims (`oidc.eks.…/id/…:sub`), and who vouched for it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
 */
const isOfOidc = (key: string): boolean =>
  /^[\w.-]+\.[\w.-]+(?:\/[\w./-]+)?:(?:sub|aud|amr|oaud)$/i.test(key) || /^aws:federatedprovider$/i.test(key)

/** A warning for each policy that asks about OIDC's claims: a session by Pod Identity has none, and has tags in their place. */
export const oidcClaims = (
  role: RoleFacts,
  { namespace, serviceAccount, sessionTags }: PodIdentity,
): Finding[] => {
  const documents: (Pick<RolePolicy, 'name' | 'arn' | 'document' | 'kind' | 'version'> & { is: string })[] = [
    ...role.policies.map((policy) => ({ ...policy, is: `policy ${policy.name}` })),
    ...[role.boundary]
      .filter((boundary) => boundary !== undefined)
      .map((boundary) => ({
        ...boundary,
        kind: 'managed' as const,
        is: `permissions boundary ${boundary.name}`,
      })),
  ]
  return documents.flatMap(({ is, name, arn, kind, version, document }): Finding[] => {
    const keys = askedKeys(preparePolicies({ policies: [{ name, document }] })).filter(isOfOidc)
    if (keys.length === 0) return []
    const instead = sessionTags
      ? `Write the same for aws:PrincipalTag/kubernetes-namespace ${namespace} and aws:PrincipalTag/kubernetes-service-account ${serviceAccount} beside it, before the pods change over.`
      : 'Session tags are switched off, so that nothing tells these pods from others of the role: write what they need without it.'
    return [
      {
        code: 'oidc-claim-in-policy',
        severity: 'warning',
        subject: roleSubject(role),
        found: `its ${is} asks for ${firstOf(keys, 3)}, which sessions by Pod Identity do not have`,
        remedy: lookWith(
          instead,
          kind === 'inline'
            ? command`aws iam get-role-policy --role-name ${role.name} --policy-name ${name}`
            : version === undefined
              ? command`aws iam get-policy --policy-arn ${arn}`
              : command`aws iam get-policy-version --policy-arn ${arn} --version-id ${version}`,
        ),
      },
    ]
  })
}

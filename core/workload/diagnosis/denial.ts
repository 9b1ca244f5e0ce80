/** The kinds of policies that decide about a request; AWS names the one that denied it. */
export type PolicyLayer =
  | 'identity policy'
  | 'permissions boundary'
  | 'session policy'
  | 'service control policy'
  | 'resource control policy'
  | 'resource policy'
  | 'VPC endpoint policy'

/** What a line about a denied call says: as much of it as is there. */
export interface Denial {
  /** The name of the role whose session was denied. */
  role?: string
  session?: string
  /** Of the role. */
  account?: string
  /** `dynamodb:Query` */
  action?: string
  resource?: string
  /** Undefined where the line does not name what denied it. */
  layer?: PolicyLayer
  /** The ARN of the policy that denied it, where the line has it. */
  policy?: string
  /** A statement denies it, so that no further Allow helps. */
  explicit: boolean
}

const layers: readonly [words: RegExp, layer: PolicyLayer][] = [
  [/identity-based polic/i, 'identity policy'],
  [/permissions boundar/i, 'permissions boundary'],
  [/session polic/i, 'session policy'],
  [/service control polic/i, 'service control policy'],
  [/resource control polic/i, 'resource control policy'],
  [/resource-based polic/i, 'resource policy'],
  [/VPC endpoint polic/i, 'VPC endpoint policy'],
]

/**
 * Reads AWS's sentence about a denied call.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export const readDenial = (line: string): Denial => {
  const { account, role, session } =
    line.match(/(?::(?<account>\d{12}):)?assumed-role\/(?<role>[\w+=,.@-]+)\/(?<session>[\w+=,.@-]+)/)
      ?.groups ?? {}
  const { action, resource } =
    line.match(/perform: (?<action>[\w-]+:[\w*]+)(?: on resource: (?<resource>\S+))?/)?.groups ?? {}
  const explicit = /with an explicit deny/i.test(line)
  const clause = line.match(explicit ? /explicit deny in (.*)/i : /because no (.*)/i)?.[1] ?? ''
  const layer = layers.find(([words]) => words.test(clause))?.[1]
  const policy = clause.match(/: (?<arn>arn:[\w+=,.@:/-]+)/)?.groups?.arn?.replace(/[.,]$/, '')
  return {
    explicit,
    ...(role && { role }),
    ...(session && { session }),
    ...(account && { account }),
    ...(action && { action }),
    ...(resource && { resource: resource.replace(/["']/g, '') }),
    ...(layer && { layer }),
    ...(policy && { policy }),
  }
}

/** What mends a denial, which is another thing for each layer. */
export const denialAdvice = (denial: Denial): string => {
  const { role, session, action, resource, layer, explicit } = denial
  // STS names a session on an instance's own role after the instance, and Pod Identity's after the cluster.
  if (session?.startsWith('i-'))
    return `The pod acted as the node’s role ${role}, so it did not use Pod Identity: check that its AWS SDK is recent enough (https://docs.aws.amazon.com/eks/latest/userguide/pod-id-minimum-sdk.html)`
  const what = action ? `${action}${resource ? ` on ${resource}` : ''}` : 'what the line names'
  const whose = role ? `role ${role}` : 'its role'
  const others = 'Another Allow does not help.'
  const mend = (where: string) =>
    `${explicit ? `Take ${what} out of what ${where} denies` : `Allow ${what} in ${where}`}.`
  switch (layer) {
    case 'identity policy':
      return explicit ? `${mend(`a policy of ${whose}`)} ${others}` : `Allow ${what} in a policy of ${whose}`
    case 'permissions boundary':
      return `${mend(`the permissions boundary of ${whose}`)} Its policies cannot go beyond that.`
    case 'session policy':
      return `${mend('the session policy')} With Pod Identity that is the association’s own (the policy of aws eks update-pod-identity-association); the policies of ${whose} cannot go beyond it.`
    case 'service control policy':
      return `${mend('a service control policy of the organization')} It holds for the role’s whole account, and no policy of ${whose} helps: ask who administers the organization.`
    case 'resource control policy':
      return `${mend('a resource control policy of the organization')} It holds for the account that owns the resource, and no policy of ${whose} helps: ask who administers the organization.`
    case 'resource policy':
      return `${mend(`the policy of ${resource ?? 'the resource'} itself`)}${explicit ? ` ${others}` : ''}`
    case 'VPC endpoint policy':
      return `${mend('the policy of the VPC endpoint')} The pods reach the service through that endpoint, and no policy of ${whose} helps.`
  }
  return `The line does not say which policy denies ${what}. Look whether the policies of ${whose} allow it, then at its permissions boundary, the policy of the resource, and the organization’s policies.`
}

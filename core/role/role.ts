import type { Context, NamedPolicy } from '../policy/evaluate.ts'

/** An IAM role as far as the checks need it. Documents are parsed JSON, or the text where it was no JSON. */
export interface RoleFacts {
  name: string
  arn: string
  /** `/` where the role has none. */
  path: string
  trust: unknown
  policies: RolePolicy[]
  boundary?: { name: string; arn: string; document: unknown }
  /** The tags of the role itself, which its sessions carry. */
  tags?: Record<string, string>
  /** RFC 3339. */
  createdAt?: string
}

/** A policy of a role: attached (managed, with an ARN and versions) or written into it (inline). */
export interface RolePolicy extends NamedPolicy {
  kind: 'managed' | 'inline'
  arn?: string
  /** The default version's id, the one in force: `v1`. */
  version?: string
  /** The versions that are not in force; absent until somebody asks for them. */
  otherVersions?: PolicyVersion[]
  /** Who else it is attached to (`role other`); absent where that was not or could not be read. */
  attachedTo?: string[]
}

/** A version of a managed policy that is not in force. */
export interface PolicyVersion {
  id: string
  document: unknown
}

/** For whom EKS Pod Identity assumes a role. */
export interface PodIdentity {
  cluster: { arn: string; name: string }
  /** The cluster's account, twelve digits. */
  account: string
  namespace: string
  serviceAccount: string
  /** Whether EKS tags the session; an association can switch that off. */
  sessionTags: boolean
}

/** How findings name the role. */
export const roleSubject = (role: Pick<RoleFacts, 'name'>): string => `role ${role.name}`

/**
 * The tags EKS puts on a pod's session; undefined for what only the running pod knows.
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
 */
export const sessionTagsOf = (identity: PodIdentity): Record<string, string | undefined> =>
  identity.sessionTags
    ? {
        'eks-cluster-arn': identity.cluster.arn,
        'eks-cluster-name': identity.cluster.name,
        'kubernetes-namespace': identity.namespace,
        'kubernetes-service-account': identity.serviceAccount,
        'kubernetes-pod-name': undefined,
        'kubernetes-pod-uid': undefined,
      }
    : {}

/**
 * The context of tags under a prefix (`aws:RequestTag/`) for the keys that somebody asks about: a tag that is
 * not among these is known to be absent.
 */
export const tagContext = (
  prefix: string,
  tags: Record<string, string | undefined>,
  askedKeys: readonly string[],
): Context => {
  const asked = askedKeys.filter((key) => key.toLowerCase().startsWith(prefix.toLowerCase()))
  const names = new Map(Object.entries(tags).map(([name, value]) => [name.toLowerCase(), value]))
  return Object.fromEntries(
    asked.map((key) => {
      const name = key.slice(prefix.length).toLowerCase()
      return [key, names.has(name) ? names.get(name) : null]
    }),
  )
}

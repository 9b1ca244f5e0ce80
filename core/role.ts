import type { NamedPolicy } from './policy.ts'

/** An IAM role as far as the checks need it. Documents are parsed JSON, or the text where it was no JSON. */
export interface RoleFacts {
  name: string
  arn: string
  /** `/` where the role has none. */
  path: string
  trust: unknown
  policies: RolePolicy[]
  boundary?: { name: string; arn: string; document: unknown }
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
}

/** A version of a managed policy that is not in force. */
export interface PolicyVersion {
  id: string
  document: unknown
}

/** How findings name the role. */
export const roleSubject = (role: Pick<RoleFacts, 'name'>): string => `role ${role.name}`

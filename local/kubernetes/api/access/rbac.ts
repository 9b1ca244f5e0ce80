import type { PolicyRule, RoleRef, Subject } from '../../../../core/kubernetes.ts'
import { resources } from '../../store/resources.ts'
import { qualified, StatusError } from '../../store/status.ts'
import type { Store } from '../../store/store.ts'
import type { RequestInfo } from '../request-info.ts'

/** Who a request comes from. */
export interface UserInfo {
  username: string
  uid?: string
  groups: string[]
  extra?: Record<string, string[]>
}

/** What is to be authorized: an action on objects, or on a path outside of them. */
export type Attributes = Pick<RequestInfo, 'verb' | 'resource' | 'path'>

export interface AccessDecision {
  allowed: boolean
  /** Which grant allowed it, or why it was refused; often absent. */
  reason?: string
}

export type Authorizer = (user: UserInfo, attributes: Attributes) => AccessDecision | Promise<AccessDecision>

/** A rule that reaches a user, and the binding through which it does. */
export interface GrantedRule {
  rule: PolicyRule
  through: string
}

/**
 * Role-based access control over the roles and bindings in the store. Members of `system:masters` may do
 * everything. A rule with resourceNames reaches a collection only when its request names the object.
 */
export const rbacAuthorizer =
  (store: Store): Authorizer =>
  (user, attributes) => {
    if (user.groups.includes('system:masters')) return { allowed: true }
    const granted = rulesFor(store, user, attributes.resource?.namespace).find(({ rule }) =>
      ruleAllows(rule, attributes),
    )
    return granted ? { allowed: true, reason: granted.through } : { allowed: false }
  }

/** The rules that reach a user cluster-wide, and in a namespace if one is given. */
export const rulesFor = (store: Store, user: UserInfo, namespace: string | undefined): GrantedRule[] => [
  ...store
    .list(resources.clusterrolebindings)
    .flatMap(({ metadata, subjects, roleRef }) =>
      granted(store, user, { kind: 'ClusterRoleBinding', name: metadata.name, subjects, roleRef }),
    ),
  ...(namespace === undefined ? [] : store.list(resources.rolebindings, { namespace })).flatMap(
    ({ metadata, subjects, roleRef }) =>
      granted(store, user, { kind: 'RoleBinding', name: metadata.name, namespace, subjects, roleRef }),
  ),
]

interface Binding {
  kind: string
  name: string
  namespace?: string | undefined
  subjects: readonly Subject[] | undefined
  roleRef: RoleRef
}

const granted = (store: Store, user: UserInfo, binding: Binding): GrantedRule[] => {
  const subject = (binding.subjects ?? []).find((candidate) => isSubject(candidate, user, binding.namespace))
  if (!subject) return []
  const { roleRef, namespace } = binding
  const role =
    roleRef.kind === 'Role'
      ? store.get(resources.roles, namespace, roleRef.name)
      : store.get(resources.clusterroles, undefined, roleRef.name)
  const place = namespace === undefined ? binding.name : `${binding.name}/${namespace}`
  const who =
    subject.kind === 'ServiceAccount'
      ? `ServiceAccount "${subject.name}/${subject.namespace ?? namespace}"`
      : `${subject.kind} "${subject.name}"`
  const through = `RBAC: allowed by ${binding.kind} "${place}" of ${roleRef.kind} "${roleRef.name}" to ${who}`
  return (role?.rules ?? []).map((rule) => ({ rule, through }))
}

const isSubject = (subject: Subject, user: UserInfo, namespace: string | undefined): boolean => {
  if (subject.kind === 'User') return subject.name === user.username
  if (subject.kind === 'Group') return user.groups.includes(subject.name)
  return user.username === `system:serviceaccount:${subject.namespace ?? namespace}:${subject.name}`
}

const ruleAllows = (rule: PolicyRule, { verb, resource, path }: Attributes): boolean => {
  if (!has(rule.verbs, verb)) return false
  if (!resource) return (rule.nonResourceURLs ?? []).some((pattern) => pathFits(pattern, path))
  return (
    has(rule.apiGroups, resource.group) &&
    resourceFits(rule.resources ?? [], resource.plural, resource.subresource) &&
    (!rule.resourceNames?.length || rule.resourceNames.includes(resource.name ?? ''))
  )
}

const has = (list: readonly string[] | undefined, value: string): boolean =>
  list !== undefined && (list.includes('*') || list.includes(value))

const resourceFits = (list: readonly string[], plural: string, subresource: string | undefined): boolean =>
  list.includes('*') ||
  list.includes(subresource === undefined ? plural : `${plural}/${subresource}`) ||
  (subresource !== undefined && list.includes(`*/${subresource}`))

const pathFits = (pattern: string, path: string): boolean =>
  pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : pattern === path

/** The API server's 403 for what was not allowed. */
export const forbidden = (
  user: UserInfo,
  { verb, resource, path }: Attributes,
  reason?: string,
): StatusError => {
  const because = reason ? `: ${reason}` : ''
  if (!resource)
    return new StatusError(
      403,
      'Forbidden',
      `forbidden: User "${user.username}" cannot ${verb} path "${path}"${because}`,
      { details: {} },
    )
  const { group, plural, subresource, namespace, name } = resource
  const what = qualified({ plural, group })
  const target = subresource ? `${plural}/${subresource}` : plural
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
  return new StatusError(
    403,
    'Forbidden',
    `${what}${name === undefined ? '' : ` "${name}"`} is forbidden: User "${user.username}" cannot ${verb} resource "${target}" in API group "${group}" ${where}${because}`,
    {
      details: {
        ...(name === undefined ? {} : { name }),
        ...(group ? { group } : {}),
        kind: plural,
      },
    },
  )
}

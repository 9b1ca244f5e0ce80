import { type Action, type Config, fits } from '../config.ts'
import { covers } from '../policy/pattern.ts'

/** Who sends a request, as the grants in podid.yaml name them. */
export type Requester =
  | { kind: 'slack'; id: string; groups: readonly string[] }
  /** A caller of the webhook, known by its secret. */
  | { kind: 'caller'; id: string }

/** Whether a grant lets the requester do the action there. What no grant names is not allowed. */
export const isGranted = (
  { access }: Pick<Config, 'access'>,
  requester: Requester,
  action: Action,
  where: { cluster: string; namespace: string },
): boolean =>
  access.some(
    (grant) =>
      grant.may.includes(action) &&
      (requester.kind === 'caller'
        ? grant.callers.includes(requester.id)
        : grant.users.includes(requester.id) ||
          grant.groups.some((group) => requester.groups.includes(group))) &&
      grant.clusters.some((pattern) => fits(pattern, where.cluster)) &&
      grant.namespaces.some((pattern) => fits(pattern, where.namespace)),
  )

/** The Slack user groups that the grants name. */
export const grantedGroups = ({ access }: Pick<Config, 'access'>): string[] => [
  ...new Set(access.flatMap(({ groups }) => groups)),
]

/** Whether the requester may do the action wherever a binding is declared for: on all that its patterns stand for. */
export const isGrantedFor = (
  { access }: Pick<Config, 'access'>,
  requester: Requester,
  action: Action,
  where: { cluster: string; namespace: string },
): boolean =>
  access.some(
    (grant) =>
      grant.clusters.some((granted) => covers(granted, where.cluster)) &&
      grant.namespaces.some((granted) => covers(granted, where.namespace)) &&
      isGranted({ access: [{ ...grant, clusters: ['*'], namespaces: ['*'] }] }, requester, action, where),
  )

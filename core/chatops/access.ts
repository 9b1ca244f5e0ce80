import { type Action, type Config, fits } from '../config.ts'

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

/**
 * Whether a grant's clusters or namespaces take in all that a pattern stands for. Judged by examples of it, of which none may fall
 * outside: `shop-*` takes in `shop-b*`, and `shop-?` does not.
 */
const takesIn = (granted: string, pattern: string): boolean =>
  ['', 'x', 'xyz-xyz-xyz'].every((some) => fits(granted, pattern.replaceAll('*', some).replaceAll('?', 'x')))

/** Whether the requester may do the action wherever a binding is declared for. */
export const isGrantedFor = (
  { access }: Pick<Config, 'access'>,
  requester: Requester,
  action: Action,
  where: { cluster: string; namespace: string },
): boolean =>
  access.some(
    (grant) =>
      grant.clusters.some((granted) => takesIn(granted, where.cluster)) &&
      grant.namespaces.some((granted) => takesIn(granted, where.namespace)) &&
      isGranted({ access: [{ ...grant, clusters: ['*'], namespaces: ['*'] }] }, requester, action, where),
  )

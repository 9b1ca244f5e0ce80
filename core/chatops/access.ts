import { type Config, type Deed, fits } from '../config.ts'

/** Who asks, as the settings' grants know them. */
export type Asker =
  | { kind: 'slack'; id: string; groups: readonly string[] }
  /** A caller of the webhook, known by its secret. */
  | { kind: 'caller'; id: string }

/** Whether somebody is granted a deed there. Nobody may do what no grant names. */
export const isGranted = (
  { access }: Pick<Config, 'access'>,
  asker: Asker,
  deed: Deed,
  where: { cluster: string; namespace: string },
): boolean =>
  access.some(
    (grant) =>
      grant.may.includes(deed) &&
      (asker.kind === 'caller'
        ? grant.callers.includes(asker.id)
        : grant.users.includes(asker.id) || grant.groups.some((group) => asker.groups.includes(group))) &&
      grant.clusters.some((pattern) => fits(pattern, where.cluster)) &&
      grant.namespaces.some((pattern) => fits(pattern, where.namespace)),
  )

/** The Slack user groups whose members somebody must know to judge the grants. */
export const grantedGroups = ({ access }: Pick<Config, 'access'>): string[] => [
  ...new Set(access.flatMap(({ groups }) => groups)),
]

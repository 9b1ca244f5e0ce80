import type { RbacRefusal } from '../../adapters/kubernetes/errors.ts'
import type { Unseen } from '../../adapters/kubernetes/explain.ts'
import { firstOf } from '../../core/text/list.ts'

type Refused = Unseen & { refusal: RbacRefusal }

/**
 * What could not be looked at on a cluster, as lines for people: a line for each reason. What its RBAC refuses to one caller has one
 * line too, which names all of it, and the roles of manifests/ that allow it: somebody who may look at little has one fault.
 */
export const unseenLines = (cluster: string, unseen: readonly Unseen[]): string[] => {
  const refused = Map.groupBy(unseen.filter(isRefused), ({ refusal }) => refusal.user)
  const several = [...refused].filter(([, all]) => all.length > 1)
  const others = unseen.filter((one) => !several.some(([user]) => one.refusal?.user === user))
  return [
    ...[...Map.groupBy(others, ({ why }) => why)].map(
      ([why, all]) => `could not look at ${whatsOf(all)} (${why})`,
    ),
    ...several.map(([user, all]) => together(cluster, user, all)),
  ]
}

const whatsOf = (unseen: readonly Unseen[]): string =>
  firstOf(
    unseen.map(({ what }) => what),
    10,
  )

const isRefused = (one: Unseen): one is Refused => one.refusal !== undefined

const together = (cluster: string, user: string, refused: readonly Refused[]): string => {
  const known = refused.flatMap(({ refusal: { scope, right } }) => (right ? [{ scope, right }] : []))
  const scopes = [...new Set(known.map(({ scope }) => scope))]
  const roles = [...Map.groupBy(known, ({ right }) => right.role)].map(
    ([role, all]) => `${role} (${[...new Set(all.map(({ right }) => right.at))].join(', ')})`,
  )
  const groups = [...new Set(known.map(({ right }) => right.group))]
  const rules =
    roles.length === 0
      ? ''
      : `. The rules are missing ${scopes.join(', ')}; these roles have them: ${roles.join(', ')}. Apply manifests/, and give the caller’s access entry the group${groups.length === 1 ? '' : 's'} ${groups.join(', ')}`
  return `could not look at ${whatsOf(refused)} on cluster ${cluster}: ${user} may not, by the cluster’s RBAC (403 Forbidden)${rules}`
}

import * as z from 'zod'
import { byCodeUnits } from '../text/order.ts'

/**
 * Where a sweep stopped. Clusters are named `REGION/NAME` and come in the order of these names, the bindings of a
 * cluster in the order of theirs.
 */
export const SweepPosition = z.strictObject({
  /** The first cluster that was not begun; null where every one was. */
  from: z.string().nullable(),
  /** Clusters that were begun and not finished, each with the last of its bindings that was looked at. */
  open: z.array(z.strictObject({ cluster: z.string(), after: z.string() })),
})
export type SweepPosition = z.infer<typeof SweepPosition>

/** The position of a sweep that looked at everything, and of the first one. */
export const fromTheStart: SweepPosition = { from: null, open: [] }

/** A cluster that is looked at: all its bindings, those after a name, or those up to and with it. */
export interface SweepVisit {
  cluster: string
  after?: string
  upTo?: string
}

/**
 * In which order a sweep looks at the clusters: first at the rest of those that the sweep before did not finish, then
 * at all others from the one on where it stopped, and round to there. Whatever takes long, every cluster has its turn.
 */
export const planSweep = (clusters: readonly string[], { from, open }: SweepPosition): SweepVisit[] => {
  const sorted = [...clusters].sort(byCodeUnits)
  const known = open.filter(({ cluster }) => sorted.includes(cluster))
  const ahead = from === null ? [] : sorted.filter((cluster) => byCodeUnits(cluster, from) >= 0)
  const behind = from === null ? sorted : sorted.filter((cluster) => byCodeUnits(cluster, from) < 0)
  return [
    ...known,
    ...[...ahead, ...behind].map((cluster) => {
      const begun = known.find((one) => one.cluster === cluster)
      return begun ? { cluster, upTo: begun.after } : { cluster }
    }),
  ]
}

/** The bindings of a visit, in the order of their names. */
export const bindingsOfVisit = <Binding extends { name: string }>(
  bindings: readonly Binding[],
  { after, upTo }: SweepVisit,
): Binding[] =>
  [...bindings]
    .sort((one, other) => byCodeUnits(one.name, other.name))
    .filter(({ name }) => after === undefined || byCodeUnits(name, after) > 0)
    .filter(({ name }) => byCodeUnits(name, upTo ?? name) <= 0)

import * as z from 'zod'
import type { FleetPlan } from './plan.ts'
import type { FleetItem } from './request.ts'
import { waveText } from './words.ts'

/** What a person is asked between two waves: whether the next one may begin. */
export const GateQuestion = z.object({
  /** Of the wave that is next. */
  wave: z.number(),
  waves: z.number(),
  bindings: z.number(),
  clusters: z.number(),
  /** The digest of its bindings, which an answer that approves has to name. */
  plan: z.string(),
  /** What the wave before came to, in a line. */
  before: z.string(),
  /** Where it would change something: who answers needs a grant for each. */
  places: z.array(z.object({ cluster: z.string(), namespace: z.string() })),
})
export type GateQuestion = z.output<typeof GateQuestion>

/** @param digest of the wave's items */
export const gateQuestion = (
  { waves }: Pick<FleetPlan, 'waves'>,
  wave: number,
  items: readonly FleetItem[],
  { before, digest }: { before: string; digest: string },
): GateQuestion => {
  const places = new Map(
    items.map(({ cluster, namespace }) => [`${cluster}/${namespace}`, { cluster, namespace }]),
  )
  const planned = waves[wave - 1]
  return {
    wave,
    waves: waves.length,
    bindings: items.length,
    clusters: planned?.clusters ?? 0,
    plan: digest,
    before,
    places: [...places.values()],
  }
}

/** `begin wave 2 of 3: 12 bindings on 4 clusters`. */
export const gateText = ({ wave, waves, bindings, clusters }: Omit<GateQuestion, 'places'>): string =>
  `begin ${waveText({ number: wave, bindings, clusters }, waves)}`

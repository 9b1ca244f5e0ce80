import * as z from 'zod'
import { invalidRequest } from '../../request-input.ts'
import { many } from '../../text/list.ts'
import { beginAtOnce, concurrencyByQuotas, mostRounds, paceMs } from './quotas.ts'
import type { FleetItem, FleetRequest, WaveItem } from './request.ts'
import { waveRunName } from './request.ts'
import { splitIntoWaves, type Wave } from './split.ts'
import { openingsOf } from './windows.ts'

/** A wave as it is planned: how much it has. */
const PlannedWave = z.object({
  number: z.number(),
  clusters: z.number(),
  bindings: z.number(),
  rounds: z.number(),
})
export type PlannedWave = z.output<typeof PlannedWave>

/** PlanWaves: the waves, and how the workflow goes about them. The bindings themselves are in the bucket. */
export const FleetPlan = z.object({
  rollout: z.string(),
  mode: z.enum(['enable', 'plan', 'undo']),
  /** RFC 3339. */
  startedAt: z.string(),
  /** The bucket that has the bindings, and the folder in it. */
  bucket: z.string(),
  folder: z.string(),
  waves: z.array(PlannedWave),
  /** Most bindings at once. */
  concurrency: z.number(),
  /** How many of a round begin at once, and how many milliseconds after each other the others do. */
  atOnce: z.number(),
  paceMs: z.number(),
  toleratedFailurePercentage: z.number(),
  undoOnFailure: z.boolean(),
  approval: z.enum(['none', 'required']),
  approvalTimeoutSeconds: z.number(),
  pauseSeconds: z.number(),
  /** When waves may begin, in milliseconds; null for at any time. */
  openings: z.array(z.object({ from: z.number(), to: z.number() })).nullable(),
  /** One line for people. */
  summary: z.string(),
})
export type FleetPlan = z.output<typeof FleetPlan>

/** How long a rollout may take as a whole, and so for how long its windows are reckoned. */
export const longestDays = 31

/** A plan, and the bindings of each wave by its rounds. */
export interface PlannedFleet {
  plan: FleetPlan
  waves: Wave<WaveItem>[]
}

/**
 * The waves of a rollout.
 * @param digest of the rollout's name
 * @throws InvalidRequest where there are more rounds than a history has room for
 */
export const planFleet = (
  items: readonly FleetItem[],
  { mode, settings }: Pick<FleetRequest, 'mode' | 'settings'>,
  about: { rollout: string; startedAt: string; now: number; bucket: string; digest: string },
): PlannedFleet => {
  const split = splitIntoWaves(items, settings)
  const waves = split.map((wave): Wave<WaveItem> => {
    let index = 0
    const named = (item: FleetItem): WaveItem => ({
      ...item,
      run: waveRunName(
        about.rollout,
        { wave: wave.number, index: ++index, undo: mode === 'undo' },
        about.digest,
      ),
    })
    return { ...wave, rounds: wave.rounds.map((round) => round.map(named)) }
  })
  const planned = waves.map(
    ({ number, clusters, rounds }): PlannedWave => ({
      number,
      clusters,
      bindings: rounds.flat().length,
      rounds: rounds.length,
    }),
  )
  const rounds = planned.reduce((sum, wave) => sum + wave.rounds, 0)
  if (rounds > mostRounds)
    throw invalidRequest([
      `perCluster: with ${settings.perCluster} of a cluster at once there are ${rounds} rounds, and a rollout's history has room for ${mostRounds}; give a larger one, or fewer bindings of one cluster`,
    ])
  const { maxConcurrency = Number.POSITIVE_INFINITY, windows, timeZone } = settings
  return {
    waves,
    plan: {
      rollout: about.rollout,
      mode,
      startedAt: about.startedAt,
      bucket: about.bucket,
      folder: folderOf(about.rollout),
      waves: planned,
      concurrency: Math.min(maxConcurrency, concurrencyByQuotas),
      atOnce: beginAtOnce,
      paceMs,
      toleratedFailurePercentage: settings.toleratedFailurePercentage,
      undoOnFailure: settings.undoOnFailure,
      approval: settings.approval,
      approvalTimeoutSeconds: settings.approvalTimeoutSeconds,
      pauseSeconds: settings.pauseSeconds,
      // An undo waits for no window: what is to be put back hurts now.
      openings:
        windows.length > 0 && mode === 'enable'
          ? openingsOf(windows, timeZone, about.now, longestDays)
          : null,
      summary: planSummary(planned),
    },
  }
}

/** Where the bucket has what belongs to a rollout. */
export const folderOf = (rollout: string): string => `rollouts/${rollout}`

/** The objects of a rollout by their names. */
export const objectsOf = (rollout: string) => ({
  plan: `${folderOf(rollout)}/plan.json`,
  items: (wave: number, round: number) => `${folderOf(rollout)}/wave-${wave}-round-${round}.json`,
  rows: (wave: number, round: number) => `${folderOf(rollout)}/wave-${wave}-round-${round}.rows.json`,
  /** What the wave has come to up to that round. */
  tally: (wave: number, round: number) => `${folderOf(rollout)}/wave-${wave}-round-${round}.tally.json`,
  /** Where the round's Map Run writes. */
  results: (wave: number, round: number) => `${folderOf(rollout)}/results-${wave}-${round}/`,
  undoItems: (wave: number) => `${folderOf(rollout)}/undo-${wave}-round-1.json`,
  undoRows: (wave: number) => `${folderOf(rollout)}/undo-${wave}-round-1.rows.json`,
  undoResults: (wave: number) => `${folderOf(rollout)}/undone-${wave}-1/`,
})

/** `12 bindings on 4 clusters in 3 waves: 1, 1 and 2 clusters`. */
const planSummary = (waves: readonly PlannedWave[]): string => {
  if (waves.length === 0) return 'no bindings: nothing to do'
  const bindings = waves.reduce((sum, wave) => sum + wave.bindings, 0)
  const clusters = waves.reduce((sum, wave) => sum + wave.clusters, 0)
  return `${many(bindings, 'binding')} on ${many(clusters, 'cluster')} in ${many(waves.length, 'wave')}`
}

import * as z from 'zod'
import { clip } from '../../text/clip.ts'
import { bytesOf } from '../../text/fit.ts'
import { FleetPlan } from './plan.ts'
import {
  addCounts,
  badResults,
  type FailureDigest,
  failureDigest,
  type ResultCounts,
  type ResultRow,
  resultCounts,
} from './results.ts'
import { countsText, waveText } from './words.ts'

/** JudgeRound: what a wave has come to so far, and what is next. */
export const WaveJudged = z.object({
  wave: z.number(),
  round: z.number(),
  /** Whether what the wave had changed was put back in it. */
  undoing: z.boolean(),
  next: z.enum(['go on', 'next', 'undo', 'report']),
  beyond: z.boolean(),
  /** Of the wave, so far. */
  counts: z.record(z.string(), z.number()),
  failures: z.number(),
  digest: z.array(
    z.object({
      result: z.enum(badResults),
      said: z.string(),
      count: z.number(),
      bindings: z.array(z.string()),
    }),
  ),
  /** How many an undo is for. */
  toUndo: z.number(),
  /** One line for people. */
  message: z.string(),
})
export type WaveJudged = z.output<typeof WaveJudged>

/** What a rollout's report is made of. */
export const FleetState = z.object({
  plan: FleetPlan,
  /** The latest answers of JudgeRound on each wave, and on undoing it, in their order. */
  judged: z.array(WaveJudged),
  /** Why it ended before its last wave: Step Functions' error and cause. */
  failure: z.object({ Error: z.string(), Cause: z.string().optional() }).nullable(),
})
export type FleetState = z.output<typeof FleetState>

export type FleetOutcome =
  | 'done' // every wave is within its tolerance
  | 'planned'
  | 'stopped' // a wave was beyond its tolerance
  | 'undone'
  | 'failed' // something else ended it: no answer to its question, an error

/** A wave of a report. */
export interface WaveReport {
  number: number
  clusters: number
  bindings: number
  /** passed: within its tolerance. beyond: too many failed. under way: something ended the rollout in the middle of it. */
  state: 'passed' | 'beyond' | 'not begun' | 'under way'
  counts: ResultCounts
  /** What came of undoing it; null where it was not. */
  undone: ResultCounts | null
}

/** The one document that a rollout leaves. Times are RFC 3339. */
export interface FleetReport {
  outcome: FleetOutcome
  /** One line that can be read alone. */
  summary: string
  rollout: string
  startedAt: string
  finishedAt: string
  waves: WaveReport[]
  /** Why bindings failed, were stopped or were not begun, the commonest reason of each first. */
  digest: FailureDigest[]
  /** Every binding, as far as there is room; `more` are left out. */
  bindings: Omit<ResultRow, 'before'>[]
  more: number
  failure: { error: string; message: string } | null
}

/** Rows of a rollout, those of undoing apart. */
export interface FleetRows {
  rows: readonly ResultRow[]
  undoRows: readonly ResultRow[]
}

/** Puts a rollout's report together. `now` in milliseconds since the epoch. */
export const buildFleetReport = (
  { plan, judged, failure }: FleetState,
  { rows, undoRows }: FleetRows,
  now: number,
): FleetReport => {
  const waves = plan.waves.map((wave): WaveReport => {
    const last = judged.findLast((one) => one.wave === wave.number)
    const own = rows.filter((row) => row.wave === wave.number)
    const back = undoRows.filter((row) => row.wave === wave.number)
    const beyond = judged.some((one) => one.wave === wave.number && one.beyond)
    const rounds = judged.findLast((one) => one.wave === wave.number && !one.undoing)?.round ?? 0
    return {
      number: wave.number,
      clusters: wave.clusters,
      bindings: wave.bindings,
      state:
        !last && own.every(({ result }) => result === 'not begun')
          ? 'not begun'
          : beyond
            ? 'beyond'
            : rounds < wave.rounds
              ? 'under way'
              : 'passed',
      counts: resultCounts(own),
      undone: back.length > 0 ? resultCounts(back) : null,
    }
  })
  const outcome: FleetOutcome =
    plan.mode === 'plan'
      ? 'planned'
      : failure
        ? 'failed'
        : waves.some(({ state }) => state === 'beyond')
          ? 'stopped'
          : plan.mode === 'undo'
            ? 'undone'
            : 'done'
  const report: Omit<FleetReport, 'summary'> = {
    outcome,
    rollout: plan.rollout,
    startedAt: plan.startedAt,
    finishedAt: new Date(now).toISOString(),
    waves,
    digest: plan.mode === 'plan' ? [] : failureDigest(rows).slice(0, 20),
    bindings: rows.map(({ before: _, ...row }) => row),
    more: 0,
    failure: failure && { error: failure.Error, message: messageOf(failure) },
  }
  return { ...report, summary: summarise(report, plan) }
}

const messageOf = ({ Error: error, Cause = '' }: { Error: string; Cause?: string | undefined }): string => {
  try {
    const { errorMessage } = JSON.parse(Cause) as { errorMessage?: string }
    return errorMessage ?? Cause
  } catch {
    return Cause || error
  }
}

const summarise = (
  { outcome, waves, failure }: Pick<FleetReport, 'outcome' | 'waves' | 'failure'>,
  plan: FleetPlan,
): string => {
  const all = sumOf(waves.map(({ counts }) => counts))
  const left = waves.filter(({ state }) => state === 'not begun').length
  const rest = left > 0 ? `; ${left} of ${waves.length} waves not begun` : ''
  switch (outcome) {
    case 'planned':
      return plan.summary
    case 'done':
      return waves.length === 0 ? plan.summary : `${plan.summary}: ${countsText(all)}`
    case 'undone':
      return waves.length === 0 ? plan.summary : `${plan.summary} undone: ${countsText(all)}`
    case 'failed':
      return `ended by ${failure?.error}: ${clip(failure?.message ?? '', 300)}; ${countsText(all)}${rest}`
    case 'stopped': {
      const beyond = waves.find(({ state }) => state === 'beyond')
      const undone = beyond?.undone ? `; undone: ${countsText(beyond.undone)}` : ''
      return plan.mode === 'undo'
        ? `not all could be put back: ${countsText(all)}`
        : `stopped at ${beyond && waveText(beyond, waves.length)}, beyond its tolerance of ${plan.toleratedFailurePercentage} %: ${countsText(all)}${undone}${rest}`
    }
  }
}

const sumOf = (all: readonly ResultCounts[]): ResultCounts => all.reduce(addCounts, resultCounts([]))

/** An execution's output may have 262,144 bytes, and an event of EventBridge as many with its envelope. */
const mostBytes = 180_000

/** A report within its limit: first the texts of those that went well go, then the last of the bindings. */
export const fitFleetReport = (report: FleetReport): FleetReport => {
  if (bytesOf(report) <= mostBytes) return report
  const bad = new Set(['failed', 'stopped'])
  const shorter = report.bindings
    .map((row) => ({ ...row, said: clip(row.said, bad.has(row.result) ? 150 : 20) }))
    .toSorted((one, other) => Number(bad.has(other.result)) - Number(bad.has(one.result)))
  const rest = bytesOf({ ...report, bindings: [] })
  let bytes = rest
  const fitting = shorter.filter((row) => {
    bytes += bytesOf(row) + 1
    return bytes <= mostBytes
  })
  return { ...report, bindings: fitting, more: report.bindings.length - fitting.length }
}

import { type BindingResult, type ResultCounts, type ResultRow, resultCounts } from './results.ts'

/** How many of so many bindings may fail. */
export const toleratedFailures = (bindings: number, percentage: number): number =>
  // 29 of 100 are 28.999999999999996 by the machine's arithmetic.
  Math.floor((bindings * percentage) / 100 + 1e-9)

/** What a wave comes to, after one of its rounds. */
export interface WaveState {
  number: number
  clusters: number
  bindings: number
  rounds: number
  /** Rounds that are over. */
  roundsDone: number
  /** Of all rounds so far. */
  counts: ResultCounts
}

/** What is next. go on: the next round of the wave. next: the next wave, after the gate. undo: the runs of this wave. */
export type NextStep = 'go on' | 'next' | 'undo' | 'report'

export interface RoundDecision {
  next: NextStep
  /** Whether more failed than the request tolerates. */
  beyond: boolean
  /** Those of which an undo puts back what they have changed and not put back themselves; empty unless `next` is undo. */
  undo: ResultRow[]
}

/** How many count against the tolerance. */
export const failuresIn = (counts: ResultCounts): number => counts.failed + counts.stopped

/** Whether more failed than is tolerated. @param exceeded whether the Map itself stopped because too many failed */
export const isBeyond = (
  { bindings }: Pick<WaveState, 'bindings'>,
  counts: ResultCounts,
  { tolerated, exceeded }: { tolerated: number; exceeded: boolean },
): boolean => exceeded || failuresIn(counts) > toleratedFailures(bindings, tolerated)

/**
 * Decides what is next after a round.
 * @param rows of all rounds of the wave so far; where the wave is not beyond its tolerance, of some of them
 * @param counts of all of them
 * @param exceeded whether the Map itself stopped because too many failed
 */
export const decideRound = (
  wave: Pick<WaveState, 'bindings' | 'rounds' | 'roundsDone'>,
  rows: readonly ResultRow[],
  {
    tolerated,
    exceeded,
    undoOnFailure,
    lastWave,
    mode,
    counts = resultCounts(rows),
  }: {
    tolerated: number
    exceeded: boolean
    undoOnFailure: boolean
    lastWave: boolean
    mode: 'enable' | 'undo'
    counts?: ResultCounts
  },
): RoundDecision => {
  const roundsLeft = wave.roundsDone < wave.rounds
  if (mode === 'undo')
    // What one binding cannot put back is no reason to leave the others.
    return {
      next: roundsLeft ? 'go on' : lastWave ? 'report' : 'next',
      beyond: failuresIn(counts) > 0,
      undo: [],
    }
  const beyond = isBeyond(wave, counts, { tolerated, exceeded })
  if (!beyond) return { next: roundsLeft ? 'go on' : lastWave ? 'report' : 'next', beyond, undo: [] }
  // What was stopped in the middle is undone in any case: nothing watches it any more.
  const wanted: readonly BindingResult[] = undoOnFailure
    ? ['enabled', 'associated', 'stopped', 'failed']
    : ['stopped']
  const undo = rows.filter(({ result }) => wanted.includes(result))
  return { next: undo.length > 0 ? 'undo' : 'report', beyond, undo }
}

import type { ReplayedRun, Standing, VisitView } from './replay.ts'
import { standingAt } from './replay.ts'

/** A row of the waterfall: a visit, with its place in the run's time. Milliseconds since the run's beginning. */
export interface Bar {
  visit: VisitView
  standing: Standing
  from: number
  to: number
  /** The pauses between its attempts. */
  pauses: { from: number; to: number }[]
}

/** A run as a waterfall: a row for each visit, parts of a group below it. */
export interface Timeline {
  bars: Bar[]
  /** How long the run took, or has taken until now. */
  ms: number
}

/** @param now what a run under way is drawn up to, in milliseconds since the epoch */
export const timelineOf = (view: ReplayedRun, now: number): Timeline => {
  const start = Date.parse(view.startedAt)
  const end = Math.max(start, view.endedAt === undefined ? now : Date.parse(view.endedAt))
  const within = (at: number): number => Math.min(Math.max(at, start), end) - start
  const bars = view.visits.map((visit) => ({
    visit,
    standing: standingAt(visit, now),
    from: within(Date.parse(visit.startedAt)),
    to: within(visit.endedAt === undefined ? end : Date.parse(visit.endedAt)),
    pauses: visit.retries.map(({ at, nextAt }) => ({
      from: within(Date.parse(at)),
      to: within(Math.min(Date.parse(nextAt), visit.endedAt ? Date.parse(visit.endedAt) : end)),
    })),
  }))
  return { bars, ms: end - start }
}

/** A step's time in two runs, all its visits together. */
export interface Compared {
  step: string
  /** Milliseconds; null where the run did not come to it. */
  before: number | null
  now: number | null
}

/** Two runs of one binding beside each other, step by step in the order of the later one. */
export const compareRuns = (before: ReplayedRun, now: ReplayedRun): Compared[] => {
  const times = [before, now].map((view) => {
    const found = new Map<string, number>()
    for (const { visit, from, to } of timelineOf(view, Date.parse(view.lastAt)).bars)
      found.set(visit.step, (found.get(visit.step) ?? 0) + to - from)
    return found
  })
  const [first = new Map<string, number>(), second = new Map<string, number>()] = times
  return [...new Set([...second.keys(), ...first.keys()])].map((step) => ({
    step,
    before: first.get(step) ?? null,
    now: second.get(step) ?? null,
  }))
}

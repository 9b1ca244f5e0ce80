/** A run that a sweep started to mend a binding. */
export interface SweepRun {
  run: string
  /** The binding on its cluster: `us-west-2/shop-1/carts`. */
  key: string
  /** When it was started, in milliseconds. */
  at: number
  /** How it ended; null while it is under way. */
  ended: 'succeeded' | 'failed' | null
}

/** How much a sweep may mend. */
export interface MendLimits {
  /** Most runs of sweeps at once. */
  maxConcurrency: number
  /** Of a day's runs, how many may fail before no more are started that day. */
  toleratedFailurePercentage: number
}

/** The day of a moment, in UTC: `2026-11-26`. */
export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)

/** What of the mends matters from now on: those under way, and those of today. */
export const mendsToKeep = (mends: readonly SweepRun[], now: number): SweepRun[] =>
  mends.filter(({ at, ended }) => ended === null || dayOf(at) === dayOf(now))

/**
 * Why no more is mended today; null where it is. One that fails is that binding's own matter; two or more that are more
 * than is tolerated say that something is wrong with all of them, as in a wave of a rollout.
 */
export const mendingStopped = (
  mends: readonly SweepRun[],
  now: number,
  { toleratedFailurePercentage: percentage }: MendLimits,
): string | null => {
  const today = mends.filter(({ at }) => dayOf(at) === dayOf(now))
  const failed = today.filter(({ ended }) => ended === 'failed').length
  if (failed < 2 || failed * 100 <= today.length * percentage) return null
  return `${failed} of the ${today.length} runs that sweeps started today have failed, and ${percentage} % may: no more are started until tomorrow (UTC), or by somebody`
}

/** Says of each binding that could be mended whether it may be now, and counts those that may. */
export const mendingTurns = (mends: readonly SweepRun[], now: number, limits: MendLimits) => {
  const stopped = mendingStopped(mends, now, limits)
  const failedToday = new Set(
    mends.flatMap(({ key, at, ended }) => (ended === 'failed' && dayOf(at) === dayOf(now) ? [key] : [])),
  )
  let free = limits.maxConcurrency - mends.filter(({ ended }) => ended === null).length
  return {
    stopped,
    /** Null where a run may be started, which counts from then on; else why not. */
    take: (key: string): string | null => {
      if (stopped !== null) return stopped
      if (failedToday.has(key)) return 'the run that was to mend it today has failed'
      if (free <= 0)
        return `${limits.maxConcurrency} runs of sweeps are under way, which is the most at once: a later sweep starts it`
      free--
      return null
    },
  }
}

export type MendingTurns = ReturnType<typeof mendingTurns>

import * as z from 'zod'
import { runOptions } from '../request.ts'

/** The waits of a run, as its input or their defaults have them. */
const Waits = z.object({
  approval: runOptions.approval,
  approvalTimeoutSeconds: runOptions.approvalTimeoutSeconds,
  clusterTimeoutSeconds: runOptions.clusterTimeoutSeconds,
  rolloutTimeoutSeconds: runOptions.rolloutTimeoutSeconds,
})

/** Steps besides those waits, with their retries: a run that takes this long in them stands still. */
const stepsSeconds = 3600

/** A restart may be made three times, and what a failed run puts back rolls out, too. */
const rollouts = 4

/**
 * How long a run may be open: its own waits one after the other, and an hour for all else. Null where the input is none of
 * a run, which then ends at its first step.
 */
export const openAtMostSeconds = (input: unknown): number | null => {
  const waits = Waits.safeParse(input)
  if (!waits.success) return null
  const { approval, approvalTimeoutSeconds, clusterTimeoutSeconds, rolloutTimeoutSeconds } = waits.data
  return (
    clusterTimeoutSeconds +
    (approval === 'required' ? approvalTimeoutSeconds : 0) +
    rollouts * rolloutTimeoutSeconds +
    stepsSeconds
  )
}

/** Whether a run that is open is so for longer than it may. Times are milliseconds since the epoch. */
export const isOpenTooLong = (run: { startedAt: number; input: unknown }, now: number): boolean => {
  const most = openAtMostSeconds(run.input) ?? stepsSeconds
  return now - run.startedAt > most * 1000
}

/** No run is open too long before this: younger ones need no look at their input. */
export const neverTooLongMs = stepsSeconds * 1000

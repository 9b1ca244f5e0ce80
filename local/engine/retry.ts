import type { Retrier } from './definition.ts'
import { matches, type StateFailure } from './failure.ts'

/** What a retry does next. */
export interface Retry {
  /** Which retrier answers, for counting. */
  retrier: number
  delayMs: number
}

/**
 * The first retrier that names the failure decides, and it alone: once its attempts are used up, later ones
 * are not asked. `attempts` holds each retrier's own count of retries so far.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error
 */
export const decideRetry = (
  retriers: readonly Retrier[],
  attempts: readonly number[],
  failure: StateFailure,
  random: () => number,
): Retry | undefined => {
  const retrier = retriers.findIndex(({ ErrorEquals }) => matches(ErrorEquals, failure))
  const found = retriers[retrier]
  const used = attempts[retrier] ?? 0
  if (!found || used >= (found.MaxAttempts ?? 3)) return undefined
  const backedOff = (found.IntervalSeconds ?? 1) * (found.BackoffRate ?? 2) ** used
  const seconds = Math.min(backedOff, found.MaxDelaySeconds ?? Number.POSITIVE_INFINITY)
  return { retrier, delayMs: 1000 * seconds * (found.JitterStrategy === 'FULL' ? random() : 1) }
}

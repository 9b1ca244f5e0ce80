import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../adapters/clock.ts'
import { Interruption } from './failure.ts'

/** Timers of the platform hold at most this many milliseconds; longer sleeps are taken in pieces. */
const longestTimer = 2 ** 31 - 1

/** Fails as the interruption that took the branch down, if one did. */
export const throwIfInterrupted = (signal: AbortSignal): void => {
  if (signal.aborted) throw interruptionOf(signal)
}

const interruptionOf = (signal: AbortSignal): Interruption =>
  signal.reason instanceof Interruption ? signal.reason : new Interruption('aborted')

/** A controller that also follows the branch around it; `release` ends that. */
export const follow = (outer: AbortSignal): { controller: AbortController; release: () => void } => {
  const controller = new AbortController()
  const abort = () => controller.abort(interruptionOf(outer))
  if (outer.aborted) abort()
  outer.addEventListener('abort', abort, { once: true })
  return { controller, release: () => outer.removeEventListener('abort', abort) }
}

/** Settles with the work, or fails at once when the branch is interrupted, whatever the work does then. */
const unlessInterrupted = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  work.catch(() => {})
  throwIfInterrupted(signal)
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = () => reject(interruptionOf(signal))
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([work, promise])
  } catch (error) {
    // The work may see the abort first, and fail with an error of its own.
    throwIfInterrupted(signal)
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** Sleeps on the clock, however long, until interrupted. */
export const sleep = async (clock: Clock, ms: number, signal: AbortSignal): Promise<void> => {
  for (let left = ms; left > 0; left -= longestTimer) {
    await unlessInterrupted(clock.sleep(Math.min(left, longestTimer), signal), signal)
  }
}

/** A moment after which work that has not settled is given up with the failure. */
export interface Limit {
  /** The clock's time; may move while the work goes on, as heartbeats do. */
  at(): number
  failure(): Error
}

/**
 * Waits for work within limits; the earliest limit wins. Work that settles by itself in the same turn of the
 * event loop needs no timer.
 */
export const within = async <T>(
  clock: Clock,
  work: Promise<T>,
  limits: readonly Limit[],
  signal: AbortSignal,
): Promise<T> => {
  const { controller, release } = follow(signal)
  try {
    return await unlessInterrupted(
      limits.length === 0 ? work : Promise.race([work, expiry(clock, limits, controller.signal)]),
      signal,
    )
  } finally {
    release()
    controller.abort(new Interruption('sibling'))
  }
}

const expiry = async (clock: Clock, limits: readonly Limit[], signal: AbortSignal): Promise<never> => {
  await nextTurn()
  for (;;) {
    throwIfInterrupted(signal)
    const [next, at] = earliest(limits)
    await sleep(clock, at - clock.now(), signal)
    if (next.at() <= at) throw next.failure()
  }
}

const earliest = (limits: readonly Limit[]): [Limit, number] => {
  const [first, ...rest] = limits.map((limit): [Limit, number] => [limit, limit.at()])
  if (!first) throw new Error('expiry needs a limit')
  return rest.reduce((least, entry) => (entry[1] < least[1] ? entry : least), first)
}

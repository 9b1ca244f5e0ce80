import type { Clock } from '../../../adapters/clock.ts'

/** A clock that a test moves by hand; sleeps of up to `skip` milliseconds pass by themselves, at once. */
export const manualClock = ({ skip = 0, start = Date.UTC(2026, 0, 1) } = {}) => {
  let now = start
  const sleepers = new Set<{ ms: number; until: number; wake: () => void }>()
  const awaited = new Set<{ ms: number; wake: () => void }>()
  const sleep: Clock['sleep'] = (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      if (ms <= skip) {
        now += ms
        return setImmediate(resolve)
      }
      const sleeper = { ms, until: now + ms, wake: resolve }
      sleepers.add(sleeper)
      for (const waiting of awaited) if (waiting.ms === ms) waiting.wake()
      signal?.addEventListener('abort', () => {
        sleepers.delete(sleeper)
        reject(signal.reason)
      })
    })
  return {
    now: () => now,
    sleep,
    /** Resolves once somebody sleeps for exactly so long, which shows how far the code under test has come. */
    asleep: (ms: number): Promise<void> =>
      new Promise((resolve) => {
        if ([...sleepers].some((sleeper) => sleeper.ms === ms)) resolve()
        else awaited.add({ ms, wake: resolve })
      }),
    /** Lets time pass and wakes whoever has slept long enough. */
    advance: (ms: number): void => {
      now += ms
      for (const sleeper of sleepers) {
        if (sleeper.until > now) continue
        sleepers.delete(sleeper)
        sleeper.wake()
      }
    },
  }
}

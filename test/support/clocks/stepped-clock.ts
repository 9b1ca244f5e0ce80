import type { LocalClock } from '../../../local/clock.ts'

export interface SteppedClock extends LocalClock {
  /** Lets `ms` milliseconds pass, and calls what falls due meanwhile, in order and before it returns. */
  advance(ms: number): void
}

/** A clock that stops until it is advanced: for tests in which everything is synchronous. */
export const steppedClock = (start = Date.UTC(2026, 0, 1)): SteppedClock => {
  let now = start
  let sequence = 0
  const timers = new Map<number, { at: number; run: () => void }>()

  const after = (ms: number, run: () => void) => {
    const id = ++sequence
    timers.set(id, { at: now + Math.max(0, ms), run })
    return () => void timers.delete(id)
  }
  const takeNext = (until: number) => {
    let next: [number, { at: number; run: () => void }] | undefined
    for (const entry of timers) if (entry[1].at <= until && (!next || entry[1].at < next[1].at)) next = entry
    if (next) timers.delete(next[0])
    return next?.[1]
  }
  return {
    now: () => now,
    after,
    sleep: (ms) => new Promise((resolve) => after(ms, resolve)),
    advance: (ms) => {
      const until = now + ms
      for (let timer = takeNext(until); timer; timer = takeNext(until)) {
        now = timer.at
        timer.run()
      }
      now = until
    },
  }
}

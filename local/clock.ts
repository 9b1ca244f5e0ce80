import type { Clock } from '../adapters/clock.ts'

/** A clock that also schedules callbacks, which is what controllers and kubelets live on. */
export interface LocalClock extends Clock {
  /** Calls `run` once, `ms` milliseconds of this clock from now; the returned function calls it off. */
  after(ms: number, run: () => void): () => void
}

/** Real time, with timers that do not keep the process alive by themselves. */
export const realClock = (): LocalClock => ({
  now: () => Date.now(),
  sleep: (ms, signal) => sleepOn(realAfter, ms, signal),
  after: realAfter,
})

const realAfter = (ms: number, run: () => void): (() => void) => {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}

export interface VirtualClock extends LocalClock {
  /** Says that something is going on (a request is being served), so that time stands still for a moment. */
  touch(): void
  /** Stops the clock: pending timers never fire. */
  stop(): void
}

/**
 * A clock that jumps to the next timer as soon as nothing has happened for `quietMs` of real time. Pure
 * engine tests use 0 (jump whenever the event loop is idle); with servers in the loop, each request calls
 * `touch`, and a few milliseconds of quiet mean that everybody is waiting for time to pass.
 */
export const virtualClock = ({ start = Date.UTC(2026, 0, 1), quietMs = 0 } = {}): VirtualClock => {
  let now = start
  let sequence = 0
  let pump: NodeJS.Timeout | undefined
  let stopped = false
  const timers = new Map<number, { at: number; run: () => void }>()

  const earliest = () => {
    let found: [number, { at: number; run: () => void }] | undefined
    for (const entry of timers) if (!found || entry[1].at < found[1].at) found = entry
    return found
  }
  const jump = () => {
    pump = undefined
    const next = earliest()
    if (!next || stopped) return
    timers.delete(next[0])
    now = Math.max(now, next[1].at)
    next[1].run()
    arm()
  }
  const arm = () => {
    if (pump || stopped || timers.size === 0) return
    pump = setTimeout(jump, quietMs)
  }
  const after = (ms: number, run: () => void) => {
    const id = ++sequence
    timers.set(id, { at: now + Math.max(0, ms), run })
    arm()
    return () => void timers.delete(id)
  }
  return {
    now: () => now,
    after,
    sleep: (ms, signal) => sleepOn(after, ms, signal),
    touch: () => {
      if (!pump) return
      clearTimeout(pump)
      pump = undefined
      arm()
    },
    stop: () => {
      stopped = true
      clearTimeout(pump)
      timers.clear()
    },
  }
}

const sleepOn = (after: LocalClock['after'], ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const abort = () => {
      cancel()
      reject(signal?.reason)
    }
    const cancel = after(ms, () => {
      signal?.removeEventListener('abort', abort)
      resolve()
    })
    signal?.addEventListener('abort', abort, { once: true })
  })

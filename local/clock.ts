import type { Clock } from '../adapters/clock.ts'

/** A clock that also schedules callbacks, which is what controllers and kubelets live on. */
export interface LocalClock extends Clock {
  /** Calls `run` once, `ms` milliseconds of this clock from now; the returned function calls it off. */
  after(ms: number, run: () => void): () => void
}

/** The machine's own time. */
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
  /** Says that somebody works: no jump until the returned function is called, or all who work are asleep. */
  busy(): () => void
  /** The clock for those who said that they are busy: while they sleep by it, time may pass. */
  readonly workers: Clock
  /** Lets `ms` milliseconds pass at once, firing what falls due in order, and settling promises in between. */
  advance(ms: number): Promise<void>
  /**
   * Ends a held clock. `jump`: from now on time jumps to the next timer whenever all is quiet. `real`: it goes on
   * with the machine's time, which the story so far must not have overtaken.
   */
  release(to: 'jump' | 'real'): void
  /** Stops the clock: pending timers never fire. */
  stop(): void
}

interface Timer {
  at: number
  run: () => void
}

/**
 * A clock that jumps to the next timer as soon as nothing has happened for `quietMs` of real time. Pure engine
 * tests use 0 (jump whenever the event loop is idle); with servers in the loop, each request calls `touch`, and
 * a few milliseconds of quiet mean that everybody is waiting for time to pass.
 *
 * `held`: time passes by `advance` alone until `release`, so that a scenario can tell days of history at once.
 */
export const virtualClock = ({
  start = Date.UTC(2026, 0, 1),
  quietMs = 0,
  held = false,
} = {}): VirtualClock => {
  let mode: 'held' | 'jump' | 'real' | 'stopped' = held ? 'held' : 'jump'
  let current = start
  let pump: NodeJS.Timeout | undefined
  /** Those who work, less those of them who sleep. */
  let awake = 0
  const timers = new Set<Timer>()

  const now = () => {
    if (mode === 'real') current = Math.max(current, Date.now())
    return current
  }
  const earliest = () => {
    let found: Timer | undefined
    for (const timer of timers) if (!found || timer.at < found.at) found = timer
    return found
  }
  const fire = (timer: Timer) => {
    timers.delete(timer)
    current = Math.max(current, timer.at)
    timer.run()
  }
  const wake = () => {
    pump = undefined
    const next = earliest()
    if (next && (mode === 'jump' || next.at <= now())) fire(next)
    arm()
  }
  const arm = () => {
    const next = earliest()
    if (!next || pump || mode === 'held' || mode === 'stopped') return
    if (mode === 'jump' && awake > 0) return
    pump = setTimeout(wake, mode === 'jump' ? quietMs : Math.max(0, next.at - now()))
  }
  const rearm = () => {
    clearTimeout(pump)
    pump = undefined
    arm()
  }
  const after = (ms: number, run: () => void) => {
    const timer = { at: now() + Math.max(0, Math.ceil(ms)), run }
    timers.add(timer)
    if (mode === 'real') rearm()
    else arm()
    return () => void timers.delete(timer)
  }
  const wakeUp = (change: number) => {
    awake += change
    rearm()
  }
  return {
    now,
    after,
    sleep: (ms, signal) => sleepOn(after, ms, signal),
    busy: () => {
      wakeUp(+1)
      return () => wakeUp(-1)
    },
    workers: {
      now,
      sleep: async (ms, signal) => {
        const resting: LocalClock['after'] = (time, run) => {
          wakeUp(-1)
          // Awake again in the very moment the timer fires, before anybody else's can.
          return after(time, () => {
            wakeUp(+1)
            run()
          })
        }
        await sleepOn(resting, ms, signal, () => wakeUp(+1))
      },
    },
    touch: () => {
      if (pump && mode === 'jump') rearm()
    },
    advance: async (ms) => {
      const target = current + ms
      await settled()
      for (let next = earliest(); next && next.at <= target; next = earliest()) {
        fire(next)
        await settled()
      }
      current = Math.max(current, target)
    },
    release: (to) => {
      mode = to
      rearm()
    },
    stop: () => {
      mode = 'stopped'
      clearTimeout(pump)
      timers.clear()
    },
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const sleepOn = (
  after: LocalClock['after'],
  ms: number,
  signal?: AbortSignal,
  cutShort: () => void = () => {},
): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const abort = () => {
      cancel()
      cutShort()
      reject(signal?.reason)
    }
    const cancel = after(ms, () => {
      signal?.removeEventListener('abort', abort)
      resolve()
    })
    signal?.addEventListener('abort', abort, { once: true })
  })

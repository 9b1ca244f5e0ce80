import { AsyncLocalStorage } from 'node:async_hooks'
import type { Server } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { Clock } from '../adapters/clock.ts'
import { type Timer, TimerQueue } from './timer-queue.ts'
import { Traffic } from './traffic.ts'

/** A clock that also schedules callbacks, which is what controllers and kubelets live on. */
export interface LocalClock extends Clock {
  /** Calls `run` once, `ms` milliseconds of this clock from now; the returned function calls it off. */
  after(ms: number, run: () => void): () => void
}

/** What stand-ins report to a clock that jumps, so that it does not jump while they or their clients work. */
export interface WorkClock extends LocalClock {
  /** Counts the connections of the clients in this process to the server: no jump while bytes are on the way. */
  attend(server: Server): void
  /** No jump while `run` works, unless it sleeps by this clock; what it is waiting for otherwise takes no time. */
  work<Answer>(run: () => Promise<Answer>): Promise<Answer>
}

/** The machine's own time, which never waits. */
export const realClock = (): WorkClock => ({
  now: () => Date.now(),
  sleep: (ms, signal) => sleepOn(realAfter, ms, signal),
  after: realAfter,
  attend: () => {},
  work: (run) => run(),
})

const realAfter = (ms: number, run: () => void): (() => void) => {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}

export interface VirtualClock extends WorkClock {
  /** No jump until the returned function is called. */
  busy(): () => void
  /** Lets `ms` milliseconds pass at once, firing what falls due in order, and settling promises in between. */
  advance(ms: number): Promise<void>
  /**
   * Ends a held clock. `jump`: from now on time jumps to the next timer whenever nothing is under way. `real`: it
   * goes on with the machine's time, which the scenario's history must not have overtaken.
   */
  release(to: 'jump' | 'real'): void
  /** Stops the clock: pending timers never fire. */
  stop(): void
}

/**
 * A clock that jumps to the next timer whenever nothing is under way in this process, however long that takes:
 *
 * - nobody is busy, and all who work (handlers, servers with a request) are asleep by this clock;
 * - between clients and attended servers every byte that was written was read, events of held-open watches too;
 * - the event loop has gone to sleep, which it does only when no callback, promise or ready socket is left.
 *
 * To see the last one it must look again after the loop has slept: the millisecond of that timer is the shortest
 * there is, and decides nothing. A client in another process is only seen while its request is being answered;
 * whoever waits for a file, a process or a real timer outside of `work` says that it is `busy`. Somebody who works
 * and waits for a server that sleeps (a fault that delays an answer) would wait for ever.
 *
 * `held`: time passes by `advance` alone until `release`, so that a scenario can play days of history at once.
 */
export const virtualClock = ({ start = Date.UTC(2026, 0, 1), held = false } = {}): VirtualClock => {
  let mode: 'held' | 'jump' | 'real' | 'stopped' = held ? 'held' : 'jump'
  let current = start
  let pump: NodeJS.Timeout | undefined
  /** Those who are busy, and those who work and do not sleep. */
  let awake = 0
  let before = loopNow()
  const timers = new TimerQueue()
  const traffic = new Traffic()
  const workers = new AsyncLocalStorage<Worker>()

  const now = () => {
    if (mode === 'real') current = Math.max(current, Date.now())
    return current
  }
  const fire = (timer: Timer) => {
    timers.delete(timer)
    current = Math.max(current, timer.at)
    timer.run()
  }
  const wake = () => {
    pump = undefined
    const next = timers.earliest()
    const due = mode === 'jump' ? hasRested(before, loopNow()) && !traffic.isUnderWay() : true
    if (next && due && (mode === 'jump' || next.at <= now())) fire(next)
    arm()
  }
  const arm = () => {
    const next = timers.earliest()
    if (!next || pump || mode === 'held' || mode === 'stopped') return
    if (mode === 'jump' && awake > 0) return
    before = loopNow()
    pump = setTimeout(wake, mode === 'jump' ? 0 : Math.max(0, next.at - now()))
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
  const busy = () => {
    wakeUp(+1)
    return () => wakeUp(-1)
  }
  /** Several things that one worker does at once may sleep; it is awake again when none of them does. */
  const sleeping = (worker: Worker, change: number) => {
    const wasAsleep = worker.sleeps > 0
    worker.sleeps += change
    if (worker.over || wasAsleep === worker.sleeps > 0) return
    wakeUp(wasAsleep ? +1 : -1)
  }
  return {
    now,
    after,
    sleep: async (ms, signal) => {
      const worker = workers.getStore()
      if (!worker) return sleepOn(after, ms, signal)
      const resting: LocalClock['after'] = (time, run) => {
        sleeping(worker, +1)
        // Awake again in the very moment the timer fires, before anybody else's can.
        return after(time, () => {
          sleeping(worker, -1)
          run()
        })
      }
      await sleepOn(resting, ms, signal, () => sleeping(worker, -1))
    },
    busy,
    work: async (run) => {
      const worker: Worker = { sleeps: 0, over: false }
      wakeUp(+1)
      try {
        return await workers.run(worker, run)
      } finally {
        worker.over = true
        if (worker.sleeps === 0) wakeUp(-1)
      }
    },
    attend: (server) => traffic.attend(server),
    advance: async (ms) => {
      const target = current + ms
      await settled()
      for (let next = timers.earliest(); next && next.at <= target; next = timers.earliest()) {
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

/** One call of `work`. */
interface Worker {
  sleeps: number
  over: boolean
}

/** For how long this thread's event loop has slept in all, in milliseconds, and how many events it has handled. */
const loopNow = () => {
  const { idleTime, uvMetricsInfo } = performance.nodeTiming
  return { slept: idleTime, events: uvMetricsInfo.events }
}

/** Whether the loop found nothing to do meanwhile: it slept, and no event came. */
const hasRested = (before: ReturnType<typeof loopNow>, now: ReturnType<typeof loopNow>): boolean =>
  now.slept > before.slept && now.events === before.events

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

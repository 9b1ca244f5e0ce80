import type { LocalClock } from '../../clock.ts'
import type { Trouble } from '../../trouble.ts'
import { StatusError } from '../store/status.ts'

/** Keys waiting to be reconciled: each at most once, at its earliest time. */
export interface WorkQueue {
  /** Asks for a reconcile of `key` after `delayMs`, by default the queue's latency. */
  add(key: string, delayMs?: number): void
  stop(): void
}

const slowestRetryMs = 1_000_000

/**
 * A controller's queue. `reconcile` returns after how many milliseconds it wants to look again, if at all. When
 * the API refuses it (a conflict, a forbidden pod), it runs again after 5 ms, then twice as long each time; when
 * it fails in any other way, `trouble` is called with that too.
 */
export const workQueue = ({
  clock,
  latencyMs,
  reconcile,
  trouble,
}: {
  clock: LocalClock
  latencyMs: number
  trouble: Trouble
  reconcile: (key: string) => number | undefined
}): WorkQueue => {
  const waiting = new Map<string, { at: number; cancel: () => void }>()
  const failures = new Map<string, number>()

  const add = (key: string, delayMs = latencyMs) => {
    const at = clock.now() + delayMs
    const present = waiting.get(key)
    if (present && present.at <= at) return
    present?.cancel()
    waiting.set(key, { at, cancel: clock.after(delayMs, () => run(key)) })
  }

  const run = (key: string) => {
    waiting.delete(key)
    try {
      const again = reconcile(key)
      failures.delete(key)
      if (again !== undefined) add(key, again)
    } catch (error) {
      const count = (failures.get(key) ?? 0) + 1
      failures.set(key, count)
      add(key, Math.max(latencyMs, Math.min(5 * 2 ** (count - 1), slowestRetryMs)))
      if (!(error instanceof StatusError)) trouble(`a controller's turn for ${key}`, error)
    }
  }

  return {
    add,
    stop: () => {
      for (const { cancel } of waiting.values()) cancel()
      waiting.clear()
    },
  }
}

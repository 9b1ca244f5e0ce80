import type { LocalClock } from '../../clock.ts'
import type { BusEvent, Target } from './bus.ts'

/** Hands an event, or the target's constant input, to whatever the target's ARN names. */
export type Invoke = (target: Target, payload: unknown) => Promise<unknown>

const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 5 * 60_000

/**
 * Delivers an event at least once, trying again with growing pauses as the target's retry policy allows.
 * Answers nothing when it arrived, else the last error and the number of attempts; rejects when aborted.
 */
export const deliver = async (
  clock: LocalClock,
  invoke: Invoke,
  target: Target,
  event: BusEvent,
  signal: AbortSignal,
): Promise<{ error: Error; attempts: number } | undefined> => {
  const payload: unknown = target.input === undefined ? event : JSON.parse(target.input)
  const givenUpAt = clock.now() + target.retry.ageSeconds * 1000
  for (let attempts = 1; ; attempts++) {
    try {
      await invoke(target, structuredClone(payload))
      return undefined
    } catch (error) {
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 1), LONGEST_PAUSE_MS)
      if (attempts > target.retry.attempts || clock.now() + pause > givenUpAt)
        return { error: error instanceof Error ? error : new Error(String(error)), attempts }
      await clock.sleep(pause, signal)
    }
  }
}

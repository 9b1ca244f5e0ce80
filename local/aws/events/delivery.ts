import type { LocalClock } from '../../clock.ts'
import { AwsFailure } from '../failure.ts'
import type { BusEvent, Target } from './rule.ts'

/** Hands an event, or the target's constant input, to whatever the target's ARN names. */
export type Invoke = (target: Target, payload: unknown) => Promise<unknown>

/** What a delivery needs. */
export interface Delivery {
  clock: LocalClock
  invoke: Invoke
  target: Target
  event: BusEvent
  /** Gives up what is being tried again. */
  signal: AbortSignal
}

const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 5 * 60_000

/**
 * Delivers an event at least once, trying again with growing pauses as the target's retry policy allows.
 * Answers nothing when it arrived, else the last error and the number of attempts; rejects when aborted.
 * What the target's service refuses is not tried again.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html
 */
export const deliver = async ({
  clock,
  invoke,
  target,
  event,
  signal,
}: Delivery): Promise<{ error: Error; attempts: number } | undefined> => {
  const payload: unknown = target.input === undefined ? event : JSON.parse(target.input)
  const givenUpAt = clock.now() + target.retry.ageSeconds * 1000
  for (let attempts = 1; ; attempts++) {
    try {
      await invoke(target, structuredClone(payload))
      return undefined
    } catch (error) {
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 1), LONGEST_PAUSE_MS)
      const over = attempts > target.retry.attempts || clock.now() + pause > givenUpAt
      if (over || isRefusal(error)) return { error: asError(error), attempts }
      await clock.sleep(pause, signal)
    }
  }
}

/** A service's own answer to a call that cannot succeed; throttling and its own failures may pass. */
const isRefusal = (error: unknown): boolean => error instanceof AwsFailure && error.status === undefined

/** What was thrown, as an error. */
export const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown))

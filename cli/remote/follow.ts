import type { Clock } from '../../adapters/clock.ts'
import type { RunEvent, RunFailed, RunSucceeded } from '../../core/run-events/event.ts'
import { translateHistory } from '../../core/run-events/translation.ts'
import type { RemoteStage } from './stage.ts'

/** A run's events up to now, from the first one. */
export type ReadEvents = () => Promise<readonly RunEvent[]>

/** The events of an execution of a stage, by the one translation of histories. */
export const eventsOfExecution =
  ({ executions }: Pick<RemoteStage, 'executions'>, run: string): ReadEvents =>
  async () =>
    translateHistory(await executions.history(run), { run })

/** The last event of a run. */
export const lastEventOf = (events: readonly RunEvent[]): RunSucceeded | RunFailed | undefined =>
  events.find((event) => event.type === 'run.succeeded' || event.type === 'run.failed')

/** The pause between two looks: short while things happen, longer while they do not. */
const shortestMs = 500
const longestMs = 5000

/**
 * Hands on each event of a run once, as soon as it is seen, until the run has ended.
 * @returns its last event; undefined where the signal was aborted before
 */
export const followEvents = async (
  read: ReadEvents,
  onEvent: (event: RunEvent) => void,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<RunSucceeded | RunFailed | undefined> => {
  let seen = 0
  for (let pause = shortestMs; !signal.aborted; pause = Math.min(pause * 1.5, longestMs)) {
    const events = await read()
    if (events.length > seen) pause = shortestMs
    for (const event of events.slice(seen)) onEvent(event)
    seen = events.length
    const end = lastEventOf(events)
    if (end) return end
    await clock.sleep(pause, signal).catch(() => {})
  }
  return undefined
}

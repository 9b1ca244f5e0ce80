import type { HistoryEvent } from '../../core/run-events/history.ts'
import { StateFailure } from './failure.ts'

/** A branch's place in the history: the event its next one follows from. */
export interface Trail {
  previous: number
}

/** What an event says beyond its id, time and type. */
export type Details = Omit<HistoryEvent, 'id' | 'previousEventId' | 'timestamp' | 'type'>

/** The growing history of one execution. */
export interface History {
  readonly events: HistoryEvent[]
  /** Adds an event to a branch, and answers its id. */
  add(trail: Trail, type: string, details?: Details): number
  /** Adds the last event. It follows from nothing when the execution was ended from outside. */
  close(trail: Trail, type: string, details: Details): void
}

/** Standard executions end at this many events. */
export const maximalEvents = 25_000

/** Records events with the execution's clock, after the earlier ones, telling `onEvent` of each as it happens. */
export const createHistory = (
  now: () => number,
  onEvent: (event: HistoryEvent) => void,
  earlier: readonly HistoryEvent[] = [],
): History => {
  const events: HistoryEvent[] = [...earlier]
  const append = (trail: Trail, type: string, details: Details) => {
    const event = {
      id: events.length + 1,
      previousEventId: trail.previous,
      timestamp: now(),
      type,
      ...details,
    }
    events.push(event)
    trail.previous = event.id
    onEvent(event)
    return event.id
  }
  return {
    events,
    add: (trail, type, details = {}) => {
      if (events.length >= maximalEvents - 1) {
        throw new StateFailure(
          'States.Runtime',
          `The execution reached the maximum number of history events (${maximalEvents}).`,
        )
      }
      return append(trail, type, details)
    },
    close: (trail, type, details) => void append(trail, type, details),
  }
}

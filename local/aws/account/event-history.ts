import { randomUUID } from 'node:crypto'
import { appendBounded } from '../../bounded.ts'

/** An event of the history, as LookupEvents answers it. */
export interface TrailEvent {
  name: string
  /** Milliseconds since the epoch. */
  at: number
  /** The ARNs that it is found by. */
  resources: string[]
  /** The whole event, without what the history adds. */
  detail: Record<string, unknown>
}

const MOST_EVENTS = 5000

/** CloudTrail's event history, which every account has without a trail. */
export class EventHistory {
  readonly events: (TrailEvent & { id: string })[] = []

  record(event: TrailEvent): void {
    appendBounded(this.events, { id: randomUUID(), ...event }, MOST_EVENTS)
  }
}

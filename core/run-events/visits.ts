import type { HistoryEvent } from './history.ts'

/** One stay in a state: from its StateEntered event to its StateExited, over all attempts in between. */
export interface StateVisit {
  name: string
  /** `Task`, `Parallel`, `Map`, `Choice`, … */
  type: string
  /** 1 for the first visit of the state in this execution, 2 for the next time round a loop. */
  number: number
  /** The Parallel or Map whose branch this is in. */
  group: StateVisit | undefined
  /** When it was entered, in milliseconds since the epoch. */
  enteredAt: number
  exited: boolean
}

/** Finds the visit that an event belongs to; none for the execution's own events. */
export type Attribute = (event: HistoryEvent) => StateVisit | undefined

/**
 * Attributes the events of one history, fed in their order, by what each follows from: branches run side by
 * side, so neither order nor names would do.
 */
export const createAttribution = (): Attribute => {
  const owners = new Map<number, { visit: StateVisit | undefined; type: string }>()
  const counts = new Map<string, number>()
  const newest = new Map<string, StateVisit>()
  const enter = (event: HistoryEvent, name: string): StateVisit => {
    const before = owners.get(event.previousEventId)
    const number = (counts.get(name) ?? 0) + 1
    counts.set(name, number)
    const visit: StateVisit = {
      name,
      type: event.type.replace(/StateEntered$/, ''),
      number,
      group: opensBranch(before?.type) ? before?.visit : before?.visit?.group,
      enteredAt: event.timestamp,
      exited: false,
    }
    newest.set(name, visit)
    return visit
  }
  const owner = (event: HistoryEvent): StateVisit | undefined => {
    if (event.type.startsWith('Execution')) return undefined
    if (event.stateEnteredEventDetails) return enter(event, event.stateEnteredEventDetails.name)
    // The service lets this one follow from the event before the state was entered.
    if (event.evaluationFailedEventDetails) return newest.get(event.evaluationFailedEventDetails.state)
    const visit = owners.get(event.previousEventId)?.visit
    const [, group] = /^(Parallel|Map)(State|Iteration)/.exec(event.type) ?? []
    return group === undefined ? visit : openGroup(visit, group)
  }
  return (event) => {
    const visit = owner(event)
    if (visit && event.type.endsWith('StateExited')) visit.exited = true
    owners.set(event.id, { visit, type: event.type })
    return visit
  }
}

const opensBranch = (type: string | undefined): boolean =>
  type === 'ParallelStateStarted' || type === 'MapIterationStarted'

/** The group that an event closes may follow from the last event inside it. */
const openGroup = (visit: StateVisit | undefined, type: string): StateVisit | undefined => {
  let group = visit
  while (group && (group.type !== type || group.exited)) group = group.group
  return group
}

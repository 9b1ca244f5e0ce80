import type { Json } from './definition.ts'
import type { ChildExecution, MapRun } from './map/map-run.ts'
import type { Payload } from './payload.ts'

/**
 * How far a line of states has come: an execution, a branch of a Parallel, an iteration of a Map. It outlives
 * the execution, so that a redrive goes on from the state that was not left.
 */
export interface StateLine {
  /** Its own variables and, as they were at its start, those of the lines around it. */
  variables: Record<string, Json>
  /** The state under way, or the one that comes next; none before the first. */
  at?: { name: string; input: Json }
  /** Set while the state under way is entered and not left. */
  entered?: Entered
  /** What is done inside the state under way, where it is a Parallel or a Map that has started. */
  group?: GroupProgress
  distributed?: DistributedProgress
}

export interface Entered {
  /** The id of its StateEntered event. */
  event: number
  /** The id of the event that it followed from. */
  before: number
  enteredAt: number
}

/** The branches of a Parallel, or the iterations of a Map. */
export interface GroupProgress {
  /** The input of each branch; the item of each iteration. */
  inputs: readonly Json[]
  /** The output of each that has ended well; the others are holes. */
  results: Json[]
  /** Of each that has started. */
  lines: StateLine[]
}

/** What a distributed Map has done, for a redrive to go on from. */
export interface DistributedProgress {
  mapRun: MapRun
  /** None until they are read. */
  items?: readonly Json[]
  /** The inputs of the children, where they get more than one item. */
  batches?: readonly Batch[]
  /** What each child answered that succeeded, by the index of its item. */
  outputs: Map<number, Json>
  started: Map<number, StartedChild>
}

/** The input of a child that gets several items, and how many those are. */
export interface Batch {
  input: Json
  size: number
}

/** A child with what it runs on. */
export interface StartedChild {
  child: ChildExecution
  input: Payload
  line: StateLine
}

/** A line that is about to start, inside another one's variables. */
export const newLine = (variables: Readonly<Record<string, Json>> = {}): StateLine => ({
  variables: { ...variables },
})

/** Forgets what was done inside the state under way, so that its next attempt begins anew. */
export const beginAnew = (line: StateLine): void => {
  delete line.group
  delete line.distributed
}

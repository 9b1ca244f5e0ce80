import type { RunEvent } from '../../core/run-events/event.ts'

/** A run in the list. Times are RFC 3339. */
export interface ListedRun {
  run: string
  /** Whose it is: `this machine`, or the stage. */
  where: string
  startedAt: string
  endedAt: string | null
  /** Step Functions' status; KILLED for one whose process is gone. */
  status: string
  /** enable, plan or undo; null where the list does not say it. */
  mode: string | null
  cluster: string | null
  /** `carts/carts`, namespace and ServiceAccount. */
  binding: string | null
  /** Who or what asked for it; null where that is not recorded beside the run. */
  by: string | null
}

/** A run with all that has happened in it up to now. */
export interface ReadRun {
  listed: ListedRun
  events: readonly RunEvent[]
  /** What a person may do about it here, now. */
  actions: readonly RunAction[]
}

export type RunAction = 'approve' | 'decline' | 'undo' | 'again'

/** The text behind a run: what went in and came out, and the history as Step Functions has it. */
export interface RawRun {
  input: unknown
  output: unknown
  /** Null for a run of this machine, whose journal has the events alone. */
  history: readonly unknown[] | null
}

/** Somewhere that runs are: this machine's journals, or a stage. What it cannot do it throws, in words for people. */
export interface RunSource {
  label: string
  /** The newest first. */
  list(most: number): Promise<ListedRun[]>
  /** Undefined where it has no such run. */
  read(run: string): Promise<ReadRun | undefined>
  raw(run: string): Promise<RawRun>
  /** What acting would change, as lines for the question before it. */
  question(run: string, action: RunAction): Promise<string[]>
  /** @returns what was done, and the name of the run that does it where one was started */
  act(run: string, action: RunAction): Promise<{ done: string; run?: string }>
}

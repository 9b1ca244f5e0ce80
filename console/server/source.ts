import type { BindingResult } from '../../core/fleet/waves/results.ts'
import type { RunEvent } from '../../core/run-events/event.ts'

/** A run in the list. Times are RFC 3339. */
export interface ListedRun {
  run: string
  /** `rollout`: one of many bindings, by the workflow that goes in waves. */
  kind: 'run' | 'rollout'
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
  /** By which way it came in: `Slack`, `the sweep`, `the command line`; null where that is not known. */
  way: string | null
  /** Who asked for it; null where that is not recorded beside the run, or may not be read. */
  by: string | null
  /** What the names of a rollout's own runs begin with; null for anything else. */
  prefix: string | null
}

/** A binding of a rollout, with what has become of it. */
export interface WaveBinding {
  wave: number
  /** By its name in podid.yaml. */
  name: string
  cluster: string
  /** `carts/carts`, namespace and ServiceAccount. */
  binding: string
  /** Of which there is none before its wave has begun. */
  run: string
  /** Null until its wave is judged. */
  result: BindingResult | null
  /** One line for people. */
  said: string
}

/** A run with all that has happened in it up to now. */
export interface ReadRun {
  listed: ListedRun
  events: readonly RunEvent[]
  /** What a person may do about it here, now. */
  actions: readonly RunAction[]
  /** Of a rollout: its bindings as far as they can be read, and why not further. */
  bindings?: { items: readonly WaveBinding[]; fault: string | null }
  /** Of a rollout: the waves that have changed something, each of which `undo` may be of alone. */
  changedWaves?: readonly number[]
}

/** What the handlers of a run have written, and where that was looked for or why it cannot be had. */
export interface RunLog {
  lines: readonly string[]
  note: string
}

/** A binding that a run can be started for, by the fields of a request. */
export type StartInput = Readonly<Record<string, unknown>>

export type RunAction = 'approve' | 'decline' | 'undo' | 'again'

/** The text behind a run: what went in and came out, and the history as Step Functions has it. */
export interface RawRun {
  input: unknown
  output: unknown
  /** Null for a run of this machine, whose journal has the events alone. */
  history: readonly unknown[] | null
}

/** What was done, and the name of the run that does it where one was started. */
export interface ActionDone {
  done: string
  run?: string
}

/** Somewhere that runs are: this machine's journals, or a stage. What it cannot do it throws, in words for people. */
export interface RunSource {
  label: string
  /** The newest first. */
  list(most: number): Promise<ListedRun[]>
  /** Undefined where it has no such run. */
  read(run: string): Promise<ReadRun | undefined>
  raw(run: string): Promise<RawRun>
  log(run: string): Promise<RunLog>
  /**
   * What acting would change, as lines for the question before it.
   * @param wave which one of a rollout is undone alone
   */
  question(run: string, action: RunAction, wave?: number): Promise<string[]>
  act(run: string, action: RunAction, wave?: number): Promise<ActionDone>
  /** Starts a run of a binding; absent where none may be started. */
  starts?: {
    /** What it would change, as lines for the question before it. @throws where it cannot be started */
    question(input: StartInput): Promise<string[]>
    act(input: StartInput): Promise<ActionDone>
  }
}

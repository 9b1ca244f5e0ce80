import { type Clock, systemClock } from '../../adapters/clock.ts'
import type { HistoryEvent } from '../../core/run-events/history.ts'
import type { Json } from './definition.ts'
import { type Ending, execute } from './execution.ts'
import { createHistory } from './history.ts'
import { runMachine } from './interpreter.ts'
import { createEvaluator } from './jsonata.ts'
import { newLine, type StateLine } from './line.ts'
import type { MapRun } from './map/map-run.ts'
import { type Payload, toPayload } from './payload.ts'
import { type Callbacks, createCallbacks } from './task/callbacks.ts'
import { parseDefinition } from './validate/validate.ts'
import type { EngineExecution, TaskFunction } from './visit.ts'

export { TaskFailure } from './failure.ts'
export { maximalEvents } from './history.ts'
export type { StateLine } from './line.ts'
export type { ChildExecution, MapRun } from './map/map-run.ts'
export { CallbackError, type Callbacks, createCallbacks } from './task/callbacks.ts'
export { type DefinitionFault, InvalidDefinition, validateDefinition } from './validate/validate.ts'
export type { TaskCall, TaskFunction } from './visit.ts'
export type { HistoryEvent }

export interface RunOptions {
  /** The definition, as an object or as JSON text. */
  definition: unknown
  /** The definition is known to have no fault: it is not looked at again, which takes longer than a short execution. */
  validated?: boolean
  /** The execution's input; `{}` if absent. */
  input?: unknown
  task: TaskFunction
  /** The machine's own time if absent. */
  clock?: Clock
  /** Numbers from 0 to 1 for jitter, `$random`, `$uuid` and task tokens; Math.random if absent. */
  random?: () => number
  /** Called with every event of the history as it happens. */
  onEvent?: (event: HistoryEvent) => void
  /** Stops the execution; a TaskFailure as its reason gives the error and cause to report. */
  signal?: AbortSignal
  /** Where tasks that wait for a token are answered. */
  callbacks?: Callbacks
  /** The execution's name; the end of its ARN if absent, and else `local`. */
  name?: string
  executionArn?: string
  stateMachineArn?: string
  roleArn?: string
  /** Called with each run of a distributed Map as it starts; the object is kept up to date while it runs. */
  onMapRun?: (mapRun: MapRun) => void
  /** Goes on with an execution of the same definition and input that did not succeed. */
  redrive?: Redrive
}

export interface RunResult extends Ending {
  history: HistoryEvent[]
  /** How far an execution has come that did not succeed. A redrive takes it over and changes it. */
  stopped?: StateLine
}

/** What a redrive goes on from. */
export interface Redrive {
  stopped: StateLine
  history: readonly HistoryEvent[]
  /** How often the execution was redriven, this time among them. */
  count: number
  /** When the execution started at first, in milliseconds since the epoch. */
  startedAt: number
}

/**
 * Runs a state machine in this process as Step Functions would a Standard execution. How the execution ends
 * is its answer, never a rejection.
 * @throws InvalidDefinition before anything runs, naming every fault of the definition and every use of what
 * this engine does not implement; InvalidInput likewise, where StartExecution would not take the input.
 */
export const runStateMachine = async (options: RunOptions): Promise<RunResult> => {
  const definition = parseDefinition(options.definition, options.validated)
  const input = inputOf(options)
  const { clock = systemClock, random = Math.random, onEvent = () => {} } = options
  const now = () => clock.now()
  const { redrive, signal = new AbortController().signal } = options
  const history = createHistory(now, onEvent, redrive?.history)
  const identity = identify(options, input.value, now())
  const execution: EngineExecution = {
    clock,
    random,
    task: options.task,
    callbacks: options.callbacks ?? createCallbacks(),
    evaluate: createEvaluator(now, random),
    history,
    onMapRun: options.onMapRun ?? (() => {}),
    identity,
    region: identity.Execution.Id.split(':')[3] ?? '',
    deadline: definition.TimeoutSeconds === undefined ? undefined : now() + definition.TimeoutSeconds * 1000,
  }
  const line = redrive?.stopped ?? newLine()
  const ending = await execute(execution, definition, input, {
    signal,
    runMachine,
    line,
    redrives: redrive?.count ?? 0,
  })
  return {
    ...ending,
    history: history.events,
    ...(ending.status === 'SUCCEEDED' ? {} : { stopped: line }),
  }
}

/** The execution cannot start: its input is no JSON, or longer than 262,144 bytes. */
class InvalidInput extends Error {
  override readonly name = 'InvalidInput'
}

const inputOf = ({ input = {} }: RunOptions): Payload => {
  try {
    return toPayload(input, 'the input')
  } catch (error) {
    throw new InvalidInput(error instanceof Error ? error.message : String(error))
  }
}

const account = '123456789012'

const identify = (options: RunOptions, input: Json, now: number) => {
  const stateMachineArn = options.stateMachineArn ?? `arn:aws:states:us-east-1:${account}:stateMachine:local`
  const machine = stateMachineArn.split(':').at(-1) ?? 'local'
  const name = options.name ?? options.executionArn?.split(':').at(-1) ?? 'local'
  return {
    Execution: {
      Id: options.executionArn ?? `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`,
      Input: input,
      Name: name,
      RoleArn: options.roleArn ?? `arn:aws:iam::${account}:role/${machine}`,
      StartTime: new Date(options.redrive?.startedAt ?? now).toISOString(),
      RedriveCount: options.redrive?.count ?? 0,
      ...(options.redrive ? { RedriveTime: new Date(now).toISOString() } : {}),
    },
    StateMachine: { Id: stateMachineArn, Name: machine },
  }
}

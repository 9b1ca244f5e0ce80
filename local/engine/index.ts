import { type Clock, systemClock } from '../../adapters/clock.ts'
import type { HistoryEvent } from '../../core/run-events/history.ts'
import { type Callbacks, createCallbacks } from './callbacks.ts'
import type { Json } from './definition.ts'
import { type Ending, execute } from './execution.ts'
import { createHistory } from './history.ts'
import { runMachine } from './interpreter.ts'
import { createEvaluator } from './jsonata.ts'
import type { MapRun } from './map/map-run.ts'
import { type Payload, toPayload } from './payload.ts'
import type { Run, TaskFunction } from './run.ts'
import { parseDefinition } from './validate/validate.ts'

export { CallbackError, type Callbacks, createCallbacks } from './callbacks.ts'
export { TaskFailure } from './failure.ts'
export type { ChildExecution, MapRun } from './map/map-run.ts'
export type { TaskCall, TaskFunction } from './run.ts'
export { type DefinitionFault, InvalidDefinition, validateDefinition } from './validate/validate.ts'
export type { HistoryEvent }

export interface RunOptions {
  /** The definition, as an object or as JSON text. */
  definition: unknown
  /** The execution's input; `{}` if absent. */
  input?: unknown
  task: TaskFunction
  /** The machine's own time if absent. */
  clock?: Clock
  /** Numbers from 0 to 1 for jitter, `$random`, `$uuid` and task tokens; Math.random if absent. */
  random?: () => number
  /** Hears of every event of the history as it happens. */
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
  /** Hears of each run of a distributed Map as it starts; the object is kept up to date while it runs. */
  onMapRun?: (mapRun: MapRun) => void
}

export interface RunResult extends Ending {
  history: HistoryEvent[]
}

/**
 * Runs a state machine in this process as Step Functions would a Standard execution. How the execution ends
 * is its answer, never a rejection.
 * @throws InvalidDefinition before anything runs, naming every fault of the definition and every use of what
 * this engine does not implement; InvalidInput likewise, where StartExecution would not take the input.
 */
export const runStateMachine = async (options: RunOptions): Promise<RunResult> => {
  const definition = parseDefinition(options.definition)
  const input = inputOf(options)
  const { clock = systemClock, random = Math.random, onEvent = () => {} } = options
  const now = () => clock.now()
  const history = createHistory(now, onEvent)
  const identity = identify(options, input.value, now())
  const run: Run = {
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
  const { signal = new AbortController().signal } = options
  const ending = await execute(run, definition, input, { signal, runMachine })
  return { ...ending, history: history.events }
}

/** The execution cannot start: its input is no JSON, or longer than 262,144 bytes. */
export class InvalidInput extends Error {
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

const identify = (options: RunOptions, input: Json, startedAt: number) => {
  const stateMachineArn = options.stateMachineArn ?? `arn:aws:states:us-east-1:${account}:stateMachine:local`
  const machine = stateMachineArn.split(':').at(-1) ?? 'local'
  const name = options.name ?? options.executionArn?.split(':').at(-1) ?? 'local'
  return {
    Execution: {
      Id: options.executionArn ?? `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`,
      Input: input,
      Name: name,
      RoleArn: options.roleArn ?? `arn:aws:iam::${account}:role/${machine}`,
      StartTime: new Date(startedAt).toISOString(),
      RedriveCount: 0,
    },
    StateMachine: { Id: stateMachineArn, Name: machine },
  }
}

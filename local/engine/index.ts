import { type Clock, systemClock } from '../../adapters/clock.ts'
import type { HistoryEvent } from '../../core/run-events/history.ts'
import { type Callbacks, createCallbacks } from './callbacks.ts'
import type { Definition, Json } from './definition.ts'
import { Interruption, StateFailure, TaskFailure } from './failure.ts'
import { createHistory } from './history.ts'
import { runMachine } from './interpreter.ts'
import { createEvaluator } from './jsonata.ts'
import { type Payload, toPayload } from './payload.ts'
import type { Run, TaskFunction } from './run.ts'
import { failureDetails } from './task-journal.ts'
import { parseDefinition } from './validate.ts'

export { CallbackError, type Callbacks, createCallbacks } from './callbacks.ts'
export { TaskFailure } from './failure.ts'
export type { TaskCall, TaskFunction } from './run.ts'
export { type Fault, InvalidDefinition, validateDefinition } from './validate.ts'
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
}

export interface RunResult {
  status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED'
  /** The last state's output, where the execution succeeded. */
  output?: Json
  error?: string
  cause?: string
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
    identity,
    region: identity.Execution.Id.split(':')[3] ?? '',
    deadline: definition.TimeoutSeconds === undefined ? undefined : now() + definition.TimeoutSeconds * 1000,
  }
  const trail = { previous: 0 }
  history.add(trail, 'ExecutionStarted', {
    executionStartedEventDetails: { input: input.text, roleArn: identity.Execution.RoleArn },
  })
  // The service lets the first state follow from nothing, as it does the start.
  trail.previous = 0
  const ending = await endingOf(run, definition, input.value, { trail, signal: options.signal })
  const [type, details] = lastEvent(ending)
  history.close(
    { previous: ending.status === 'TIMED_OUT' || ending.status === 'ABORTED' ? 0 : trail.previous },
    type,
    details,
  )
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

type Ending = Omit<RunResult, 'history'>

const endingOf = async (
  run: Run,
  definition: Definition,
  input: Json,
  {
    trail,
    signal = new AbortController().signal,
  }: { trail: { previous: number }; signal?: AbortSignal | undefined },
): Promise<Ending> => {
  try {
    const output = await runMachine(run, definition, input, { trail, signal, variables: {} })
    return { status: 'SUCCEEDED', output }
  } catch (error) {
    if (error instanceof StateFailure) return { status: 'FAILED', ...failureDetails(error) }
    if (!(error instanceof Interruption)) throw error
    if (error.kind === 'timedOut') return { status: 'TIMED_OUT', error: 'States.Timeout' }
    return { status: 'ABORTED', ...abortDetails(signal.reason) }
  }
}

/** What StopExecution was given, where the caller aborted with a TaskFailure. */
const abortDetails = (reason: unknown): { error?: string; cause?: string } =>
  reason instanceof TaskFailure
    ? failureDetails(new StateFailure(reason.name, reason.message || undefined))
    : {}

const lastEvent = ({ status, output, ...failure }: Ending): [string, Partial<HistoryEvent>] => {
  switch (status) {
    case 'SUCCEEDED':
      return ['ExecutionSucceeded', { executionSucceededEventDetails: { output: JSON.stringify(output) } }]
    case 'FAILED':
      return ['ExecutionFailed', { executionFailedEventDetails: failure }]
    case 'TIMED_OUT':
      return ['ExecutionTimedOut', { executionTimedOutEventDetails: failure }]
    case 'ABORTED':
      return ['ExecutionAborted', { executionAbortedEventDetails: failure }]
  }
}

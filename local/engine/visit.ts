import type { Clock } from '../../adapters/clock.ts'
import { expressionOf, isExpression, type Json, type State, type Template } from './definition.ts'
import { EvaluationFailure, Interruption } from './failure.ts'
import type { History, Trail } from './history.ts'
import type { Evaluate } from './jsonata.ts'
import type { StateLine } from './line.ts'
import type { MapRun } from './map/map-run.ts'
import { type Limit, sleep } from './pausing.ts'
import type { Callbacks } from './task/callbacks.ts'

/** What a task function gets besides its arguments. */
export interface TaskCall {
  /** Aborted when the task times out, when its branch or execution is taken down; late answers are ignored. */
  signal: AbortSignal
  /** The name of the state that calls. */
  state: string
  /** The context object, as `$states.context` shows it. */
  context: Record<string, Json>
  /** For an integration that waits for the end of what it starts: notes that it is started, and what was answered. */
  submitted?: (output: unknown) => void
}

/**
 * Does the work of a Task's resource. Answers what the integration answers (for
 * `arn:aws:states:::lambda:invoke` an object with `Payload`) or throws an error whose `name` Retry and Catch
 * match. Must refuse resources that it does not know.
 */
export type TaskFunction = (resource: string, args: Json, call: TaskCall) => unknown

/** What all branches of one execution share. */
export interface EngineExecution {
  clock: Clock
  random: () => number
  task: TaskFunction
  callbacks: Callbacks
  evaluate: Evaluate
  history: History
  /** `Execution` and `StateMachine` of the context object. */
  identity: {
    Execution: { [key: string]: Json; Id: string; RoleArn: string }
    StateMachine: { [key: string]: Json; Id: string }
  }
  onMapRun: (mapRun: MapRun) => void
  region: string
  /** The clock's time at which the execution times out. */
  deadline: number | undefined
}

/** One line of states, each after the other: the execution itself, a branch, an iteration. */
export interface Branch {
  trail: Trail
  signal: AbortSignal
  line: StateLine
  /** `Map` of the context object, inside an iteration. */
  item?: Json
}

/** A state that has been entered. */
export interface Visit<S extends State = State> {
  execution: EngineExecution
  branch: Branch
  name: string
  state: S
  input: Json
  /** The id of its StateEntered event. */
  event: number
  /** The id of the event that it followed from. */
  before: number
  enteredAt: number
  retries: number
  /** The token of the attempt under way, where the task waits for one. */
  token?: string
}

/** The context object for expressions and tasks. */
export const contextOf = ({
  execution,
  branch,
  name,
  enteredAt,
  retries,
  token,
}: Visit): Record<string, Json> => ({
  ...execution.identity,
  State: { EnteredTime: new Date(enteredAt).toISOString(), Name: name, RetryCount: retries },
  ...(branch.item === undefined ? {} : { Map: branch.item }),
  ...(token === undefined ? {} : { Task: { Token: token } }),
})

/** Evaluates a field of the visited state; `extra` adds `result` or `errorOutput` to `$states`. */
export const evaluateField = (
  visit: Visit,
  template: Template,
  location: string,
  extra: Record<string, Json> = {},
): Promise<Json> =>
  visit.execution.evaluate(
    template,
    {
      variables: visit.branch.line.variables,
      states: { input: visit.input, context: contextOf(visit), ...extra },
    },
    location,
  )

/** Evaluates a field that must be a whole number in the range. */
export const evaluateInteger = async (
  visit: Visit,
  template: Template,
  location: string,
  least: number,
): Promise<number> => {
  const value = await evaluateField(visit, template, location)
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= 99_999_999)
    return value
  throw unexpected(template, location, `integer from ${least} to 99999999`, value)
}

/** Evaluates a field that must be a number from 0 to the most. */
export const evaluateNumber = async (
  visit: Visit,
  template: Template,
  location: string,
  most: number,
): Promise<number> => {
  const value = await evaluateField(visit, template, location)
  if (typeof value === 'number' && value >= 0 && value <= most) return value
  throw unexpected(template, location, `number from 0 to ${most}`, value)
}

/** The failure of an expression, or a literal, whose value cannot be used in its field. */
export const unexpected = (
  template: Template,
  location: string,
  expected: string,
  value: Json,
): EvaluationFailure => {
  const subject = isExpression(template) ? `JSONata expression '${expressionOf(template)}'` : 'value'
  const kind = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
  return new EvaluationFailure(
    location,
    `The ${subject} specified for the field '${location}' returned an unexpected result type. ` +
      `Expected '${expected}', but was '${kind}' for value: ${JSON.stringify(value)}`,
  )
}

/** Lets time pass on the execution's clock; ends early when the execution times out. */
export const pause = async ({ execution, branch }: Visit, ms: number): Promise<void> => {
  const left =
    execution.deadline === undefined ? Number.POSITIVE_INFINITY : execution.deadline - execution.clock.now()
  await sleep(execution.clock, Math.min(ms, left), branch.signal)
  if (left <= ms) throw new Interruption('timedOut')
}

/** The execution's own time limit. */
export const deadlineOf = ({ deadline }: EngineExecution): Limit[] =>
  deadline === undefined ? [] : [{ at: () => deadline, failure: () => new Interruption('timedOut') }]

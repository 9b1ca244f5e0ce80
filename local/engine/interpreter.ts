import { setImmediate as nextTurn } from 'node:timers/promises'
import { decideRetry, matchesError, type Retrier, type Retry } from '../../core/run-events/retry.ts'
import { runMap, runParallel } from './branches.ts'
import type {
  Catcher,
  ChoiceState,
  Json,
  Machine,
  MapState,
  State,
  StateOutput,
  WaitState,
} from './definition.ts'
import { EvaluationFailure, Interruption, StateFailure } from './failure.ts'
import { beginAnew } from './line.ts'
import { runDistributed } from './map/distributed.ts'
import { parseMoment } from './moment.ts'
import { throwIfInterrupted } from './pausing.ts'
import { ownPayload, payloadText, toPayload } from './payload.ts'
import { runTask } from './task/task.ts'
import { failureDetails } from './task/task-journal.ts'
import {
  type Branch,
  type EngineExecution,
  evaluateField,
  evaluateInteger,
  pause,
  unexpected,
  type Visit,
} from './visit.ts'

/** States between two turns of the event loop, so that a loop of instant states can still be aborted. */
const statesPerTurn = 500

/**
 * Runs a machine's states from StartAt to an end, and answers its output.
 * @throws StateFailure what nothing inside treated; Interruption when the branch was taken down.
 */
export const runMachine = async (
  execution: EngineExecution,
  machine: Machine,
  input: Json,
  branch: Branch,
): Promise<Json> => {
  const { line } = branch
  line.at ??= { name: machine.StartAt, input }
  for (let count = 1; ; count++) {
    if (count % statesPerTurn === 0) await nextTurn()
    throwIfInterrupted(branch.signal)
    if (execution.deadline !== undefined && execution.clock.now() >= execution.deadline)
      throw new Interruption('timedOut')
    const { name, input: data } = line.at
    const exit = await visitState(enter(execution, branch, name, machine.States[name] as State, data))
    delete line.entered
    beginAnew(line)
    if (exit.next === undefined) return exit.output
    line.at = { name: exit.next, input: exit.output }
  }
}

/** Enters a state, unless a redrive goes on in it: the event of it, and what the state then knows of its visit. */
export const enter = (
  execution: EngineExecution,
  branch: Branch,
  name: string,
  state: State,
  input: Json,
): Visit => {
  const { line, trail } = branch
  const text = payloadText(input, name)
  line.entered ??= {
    before: trail.previous,
    event: execution.history.add(trail, `${state.Type}StateEntered`, {
      stateEnteredEventDetails: { name, input: text },
    }),
    enteredAt: execution.clock.now(),
  }
  return { execution, branch, name, state, input, ...line.entered, retries: 0 }
}

/** How a state was left. */
export interface Exit {
  output: Json
  /** The next state; none at the machine's end. */
  next: string | undefined
}

/** Attempts the state until it succeeds, is caught, or fails for good. */
const visitState = async (visit: Visit): Promise<Exit> => {
  const attempts: number[] = []
  for (let delay = 0; ; ) {
    const attempted = await attemptState(visit, attempts, delay)
    switch (attempted.outcome) {
      case 'succeeded':
      case 'caught':
        return attempted.exit
      case 'failed':
        throw attempted.failure
      case 'retriable':
        attempts[attempted.retry.retrier] = (attempts[attempted.retry.retrier] ?? 0) + 1
        visit.retries++
        delay = attempted.retry.seconds * 1000
    }
  }
}

/** What one attempt came to: the state was left, its failure may be retried, or nothing treats it. */
export type Attempted =
  | { outcome: 'succeeded'; exit: Exit }
  | { outcome: 'caught'; exit: Exit; failure: StateFailure; catcher: number }
  | { outcome: 'retriable'; failure: StateFailure; retry: Retry }
  | { outcome: 'failed'; failure: StateFailure }

/** Attempts the state once, after the delay; `attempts` holds each retrier's count of retries so far. */
export const attemptState = async (
  visit: Visit,
  attempts: readonly number[],
  delay: number,
): Promise<Attempted> => {
  const retriers: readonly Retrier[] = 'Retry' in visit.state ? (visit.state.Retry ?? []) : []
  const catchers: readonly Catcher[] = 'Catch' in visit.state ? (visit.state.Catch ?? []) : []
  try {
    if (visit.retries > 0) {
      beginAnew(visit.branch.line)
      await pause(visit, delay)
    }
    return { outcome: 'succeeded', exit: await attempt(visit) }
  } catch (error) {
    const failure = noted(visit, error)
    // A redrive of a group whose result was too large runs the whole group again.
    if (failure.error === 'States.DataLimitExceeded') beginAnew(visit.branch.line)
    const retry = decideRetry(retriers, attempts, failure, visit.execution.random)
    if (retry) return { outcome: 'retriable', failure, retry }
    if (isGroup(visit.state))
      visit.execution.history.add(visit.branch.trail, `${visit.state.Type}StateFailed`)
    const index = catchers.findIndex(({ ErrorEquals }) => matchesError(ErrorEquals, failure))
    const catcher = catchers[index]
    if (!catcher) return { outcome: 'failed', failure }
    return { outcome: 'caught', exit: await caught(visit, catcher, failure), failure, catcher: index }
  }
}

/** Leaves the state through a catcher. A failure in doing so is not caught here. */
const caught = async (visit: Visit, catcher: Catcher, { error, reason }: StateFailure): Promise<Exit> => {
  // A failure that was sent without an error has neither; a timeout has an error and an empty cause.
  const errorOutput =
    error === '' ? { Error: null, Cause: reason ?? null } : { Error: error, Cause: reason ?? '' }
  try {
    return await leave(visit, catcher, { errorOutput }, errorOutput, catcher.Next)
  } catch (second) {
    throw noted(visit, second)
  }
}

const occurredIn = (name: string, event: number, what: string): string =>
  `An error occurred while executing the state '${name}' (entered at the event id #${event}). ${what}`

const isDistributed = ({ ItemProcessor }: MapState): boolean =>
  ItemProcessor.ProcessorConfig?.Mode === 'DISTRIBUTED'

const isGroup = ({ Type }: State): boolean => Type === 'Parallel' || Type === 'Map'

/** Writes down what the history must say of an error, and answers it as a failure of this state. */
const noted = (visit: Visit, error: unknown): StateFailure => {
  const { execution, branch, name, state, event, before } = visit
  if (error instanceof Interruption) noteAbort(visit, error)
  if (!(error instanceof StateFailure)) throw error
  if (!(error instanceof EvaluationFailure)) {
    return state.Type === 'Parallel' ? error.alsoKnownAs('States.BranchFailed') : error
  }
  const failure = new StateFailure(error.error, occurredIn(name, event, error.reason ?? ''))
  // The service lets it follow from what the state followed from; only a Wait's follows from the state.
  if (branch.trail.previous === event && state.Type !== 'Wait') branch.trail.previous = before
  execution.history.add(branch.trail, 'EvaluationFailed', {
    evaluationFailedEventDetails: { ...failureDetails(failure), location: error.location, state: name },
  })
  return failure
}

/** A state that a failing sibling takes down is marked; one that ends with the whole execution is not. */
const noteAbort = ({ execution, state }: Visit, { kind, event }: Interruption): void => {
  if (kind === 'sibling' && (isGroup(state) || state.Type === 'Task' || state.Type === 'Wait')) {
    execution.history.add({ previous: event }, `${state.Type}StateAborted`)
  }
}

/** Does the state's work once, and leaves it. */
const attempt = async (visit: Visit): Promise<Exit> => {
  const { state, input } = visit
  switch (state.Type) {
    case 'Task':
      return leaveWith(visit, state, await runTask({ ...visit, state }))
    case 'Parallel':
      return leaveWith(visit, state, await runParallel({ ...visit, state }, runMachine))
    case 'Map':
      return leaveWith(
        visit,
        state,
        await (isDistributed(state) ? runDistributed : runMap)({ ...visit, state }, runMachine),
      )
    case 'Choice': {
      const choice = await choose({ ...visit, state })
      return leave(visit, choice, {}, input, choice.Next)
    }
    case 'Wait':
      await pause(visit, await waitingTime({ ...visit, state }))
      return leave(visit, state, {}, input, state.Next)
    case 'Pass':
      return leave(visit, state, {}, input, state.Next)
    case 'Succeed':
      return leave(visit, state, {}, input, undefined)
    case 'Fail':
      throw new StateFailure(
        await textOf(visit, state.Error ?? '', 'Error'),
        state.Cause === undefined ? undefined : await textOf(visit, state.Cause, 'Cause'),
      )
  }
}

const leaveWith = (visit: Visit, state: StateOutput & { Next?: string }, result: Json): Promise<Exit> =>
  leave(visit, state, { result }, result, state.Next)

/** Evaluates Assign and Output, both against the variables as they were; only then do the new ones count. */
const leave = async (
  visit: Visit,
  outcome: StateOutput,
  extra: Record<string, Json>,
  fallback: Json,
  next: string | undefined,
): Promise<Exit> => {
  const { execution, branch, name, state } = visit
  const assigned: Record<string, Json> = {}
  const texts: Record<string, string> = {}
  for (const [variable, template] of Object.entries(outcome.Assign ?? {})) {
    const payload = ownPayload(await evaluateField(visit, template, `Assign/${variable}`, extra), name)
    assigned[variable] = payload.value
    texts[variable] = payload.text
  }
  const output =
    outcome.Output === undefined
      ? toPayload(fallback, name)
      : ownPayload(await evaluateField(visit, outcome.Output, 'Output', extra), name)
  Object.assign(branch.line.variables, assigned)
  execution.history.add(branch.trail, `${state.Type}StateExited`, {
    stateExitedEventDetails: {
      name,
      output: output.text,
      ...(outcome.Assign === undefined ? {} : { assignedVariables: texts }),
    },
  })
  return { output: output.value, next }
}

/** The first choice whose condition is true; else the default, with the state's own Assign and Output. */
const choose = async (visit: Visit<ChoiceState>): Promise<StateOutput & { Next: string }> => {
  const { state, name } = visit
  for (const [index, choice] of state.Choices.entries()) {
    const location = `Choices[${index}]/Condition`
    const holds = await evaluateField(visit, choice.Condition, location)
    if (typeof holds !== 'boolean') throw unexpected(choice.Condition, location, 'boolean', holds)
    if (holds) return choice
  }
  if (state.Default === undefined) {
    // The specification's name for it; the service's guide reserves the name and speaks of States.Runtime.
    throw new StateFailure(
      'States.NoChoiceMatched',
      `No condition of the Choice state '${name}' is true, and it has no Default.`,
    )
  }
  return { ...state, Next: state.Default }
}

/** The service waits at most as many seconds as 31 bits hold, a little over 68 years. */
const longestWait = 2 ** 31 - 1

/** How long a Wait lasts, in milliseconds of the clock. */
const waitingTime = async (visit: Visit<WaitState>): Promise<number> => {
  const { state, execution, name, event } = visit
  if (state.Seconds !== undefined) return 1000 * (await evaluateInteger(visit, state.Seconds, 'Seconds', 0))
  const moment = await textOf(visit, state.Timestamp ?? '', 'Timestamp')
  const until = parseMoment(moment)
  if (until === undefined) {
    throw new EvaluationFailure(
      'Timestamp',
      `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${moment}`,
    )
  }
  const time = Math.max(0, until - execution.clock.now())
  if (time / 1000 <= longestWait) return time
  throw new StateFailure('States.Runtime', occurredIn(name, event, 'Wait state delay is too long.'))
}

const textOf = async (visit: Visit, template: string, location: string): Promise<string> => {
  const value = await evaluateField(visit, template, location)
  if (typeof value === 'string') return value
  throw unexpected(template, location, 'string', value)
}

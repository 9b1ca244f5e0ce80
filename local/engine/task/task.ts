import { type Json, type TaskState, waitsForToken } from '../definition.ts'
import { Interruption, restate, StateFailure } from '../failure.ts'
import { uuidFrom } from '../jsonata.ts'
import { follow, type Limit, within } from '../pausing.ts'
import { ownPayload, type Payload, payloadText, toPayload } from '../payload.ts'
import { contextOf, deadlineOf, evaluateField, evaluateInteger, type Visit } from '../visit.ts'
import { issueToken, type Listener } from './callbacks.ts'
import { isLambda, type TaskJournal, taskJournal } from './task-journal.ts'

/** One attempt at a Task: its arguments, its call within its limits, and the events of both. */
export const runTask = async (visit: Visit<TaskState>): Promise<Json> => {
  const { execution, state, name } = visit
  if (waitsForToken(state.Resource)) {
    visit.token = issueToken(
      `${execution.identity.Execution.Id}#${execution.history.events.length}`,
      uuidFrom(execution.random),
    )
  }
  const args =
    'Arguments' in state
      ? ownPayload(await evaluateField(visit, state.Arguments ?? null, 'Arguments'), name)
      : toPayload(visit.input, name)
  const timeout = await seconds(visit, 'TimeoutSeconds')
  const heartbeat = await seconds(visit, 'HeartbeatSeconds')
  const journal = taskJournal(visit)
  journal.scheduled(args.text, timeout, heartbeat)
  journal.started()
  try {
    const result = toPayload(
      await call(visit, args, { timeout, heartbeat }, journal),
      taskName(state.Resource),
    )
    journal.succeeded(result.text)
    return result.value
  } catch (thrown) {
    if (thrown instanceof Interruption) throw thrown
    const failure = restate(thrown, isLambda(state.Resource))
    journal.failed(failure)
    throw failure
  }
}

/** How the service names a task in its messages: a function by its ARN, an integration by its type. */
const taskName = (resource: string): string => /:states:::([^:]+):/.exec(resource)?.[1] ?? resource

const seconds = async (visit: Visit<TaskState>, field: 'TimeoutSeconds' | 'HeartbeatSeconds') => {
  const template = visit.state[field]
  return template === undefined ? undefined : evaluateInteger(visit, template, field, 1)
}

interface Limits {
  timeout: number | undefined
  heartbeat: number | undefined
}

/** Calls the task function, and gives the call up when a limit passes or the branch is interrupted. */
const call = async (visit: Visit<TaskState>, args: Payload, limits: Limits, journal: TaskJournal) => {
  const { execution, branch, state, name } = visit
  const { controller, release } = follow(branch.signal)
  const heart = { beat: execution.clock.now() }
  const answered = Promise.withResolvers<unknown>()
  const close =
    visit.token === undefined
      ? undefined
      : execution.callbacks.open(visit.token, listener(visit, heart, answered))
  // The call itself is deferred, so that a task function that throws at once fails like any other.
  const returned = Promise.resolve().then(() =>
    execution.task(state.Resource, args.value, {
      signal: controller.signal,
      state: name,
      context: structuredClone(contextOf(visit)),
      submitted: (output) => journal.submitted(payloadText(output, 'submission')),
    }),
  )
  let underWay = true
  const over = () => {
    underWay = false
  }
  returned.then(over, over)
  const work = close === undefined ? returned : submitted(returned, answered, controller.signal, journal)
  try {
    return await within(execution.clock, work, limitsOf(visit, limits, heart), branch.signal)
  } finally {
    release()
    close?.()
    if (underWay) controller.abort(new Error(`The state '${name}' no longer waits for its task.`))
  }
}

const listener = (
  { execution }: Visit,
  heart: { beat: number },
  { resolve, reject }: PromiseWithResolvers<unknown>,
): Listener => ({
  succeed: resolve,
  fail: reject,
  heartbeat: () => {
    heart.beat = execution.clock.now()
  },
})

/** With a token, the call only submits: its answer is noted, its failure counts, the token's answer decides. */
const submitted = (
  returned: Promise<unknown>,
  answered: PromiseWithResolvers<unknown>,
  signal: AbortSignal,
  journal: TaskJournal,
): Promise<unknown> => {
  returned
    .then((output) => {
      if (!signal.aborted) journal.submitted(payloadText(output, 'submission'))
    })
    .catch(answered.reject)
  return answered.promise
}

const limitsOf = (
  visit: Visit<TaskState>,
  { timeout, heartbeat }: Limits,
  heart: { beat: number },
): Limit[] => {
  const limits = deadlineOf(visit.execution)
  if (timeout !== undefined) {
    const at = visit.execution.clock.now() + timeout * 1000
    limits.push({ at: () => at, failure: () => new StateFailure('States.Timeout') })
  }
  if (heartbeat !== undefined) {
    limits.push({
      at: () => heart.beat + heartbeat * 1000,
      // The service reports a missed heartbeat as a timeout, and lets Retry and Catch name it exactly.
      failure: () => new StateFailure('States.Timeout', undefined, ['States.HeartbeatTimeout']),
    })
  }
  return limits
}

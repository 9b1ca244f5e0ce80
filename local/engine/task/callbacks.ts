import { setBounded } from '../../bounded.ts'
import { TaskFailure } from '../failure.ts'

/** What a task that waits for its token is sent from outside. */
export interface Listener {
  succeed(output: unknown): void
  fail(failure: TaskFailure): void
  heartbeat(): void
}

/** Where tasks that wait for a token are answered; executions may share one. */
export interface Callbacks {
  /** SendTaskSuccess; `output` is the value, not its JSON text. */
  succeed(token: string, output: unknown): void
  /** SendTaskFailure. */
  fail(token: string, error?: string, cause?: string): void
  /** SendTaskHeartbeat. */
  heartbeat(token: string): void
  /** Lets a task be answered under the token, until the returned function closes it. */
  open(token: string, listener: Listener): () => void
}

/** Why a token was refused, in the names of the service's API. */
export class CallbackError extends Error {
  override readonly name: 'InvalidToken' | 'TaskDoesNotExist' | 'TaskTimedOut'

  constructor(name: CallbackError['name'], message: string) {
    super(message)
    this.name = name
  }
}

/**
 * The register of tokens. Its calls throw a CallbackError: InvalidToken for what cannot be a token,
 * TaskDoesNotExist for one never issued here, TaskTimedOut for one whose task is answered or over.
 */
export const createCallbacks = (): Callbacks => {
  const tasks = new Map<string, Listener>()
  const closed = new Map<string, true>()
  const close = (token: string): void => {
    tasks.delete(token)
    setBounded(closed, token, true, mostClosed)
  }
  const waiting = (token: string): Listener => {
    const task = tasks.get(token)
    if (closed.has(token)) {
      throw new CallbackError('TaskTimedOut', 'Task Timed Out: the task of this token is answered or over.')
    }
    if (task) return task
    throw isToken(token)
      ? new CallbackError('TaskDoesNotExist', 'Task does not exist: no task waits for this token.')
      : new CallbackError('InvalidToken', "Invalid Token: 'Invalid token'")
  }
  const answered = (token: string): Listener => {
    const task = waiting(token)
    close(token)
    return task
  }
  return {
    succeed: (token, output) => answered(token).succeed(output),
    fail: (token, error, cause) => answered(token).fail(new TaskFailure(error ?? '', cause)),
    heartbeat: (token) => waiting(token).heartbeat(),
    open: (token, listener) => {
      tasks.set(token, listener)
      return () => close(token)
    },
  }
}

/** How many tokens of tasks that are over are known as such. */
const mostClosed = 10_000

const isToken = (token: string): boolean => /^[\w+/=-]{16,2048}$/.test(token)

/** A token that says nothing, yet differs from every other task's: `place` is the execution and the event. */
export const issueToken = (place: string, nonce: string): string =>
  Buffer.from(`${place}#${nonce}`).toString('base64url')

/**
 * A task's failure with its cause in full, for task functions that know what the service would say: `error`
 * is what Retry and Catch match, `cause` is the text that `$states.errorOutput.Cause` holds.
 */
export class TaskFailure extends Error {
  override readonly name: string

  constructor(error: string, cause?: string) {
    super(cause ?? '')
    this.name = error
  }
}

/** A failure that travels through Retry, Catch and out of branches. */
export class StateFailure extends Error {
  /** The name under which it is reported. */
  readonly error: string
  /** The text it is reported with; a task that timed out has none. */
  readonly reason: string | undefined
  /** Other names that an ErrorEquals may use for it. */
  readonly aliases: readonly string[]

  constructor(error: string, reason?: string, aliases: readonly string[] = []) {
    super(reason ?? error)
    this.name = 'StateFailure'
    this.error = error
    this.reason = reason
    this.aliases = aliases
  }

  /** The same failure under one name more. */
  alsoKnownAs(alias: string): StateFailure {
    return new StateFailure(this.error, this.reason, [...this.aliases, alias])
  }
}

/** A JSONata expression, or what it answered, cannot be used. `location` is the field: `Arguments`. */
export class EvaluationFailure extends StateFailure {
  readonly location: string

  constructor(location: string, reason: string) {
    super('States.QueryEvaluationError', reason)
    this.location = location
  }
}

/**
 * Not a failure of the state: its branch is being taken down. `sibling`: another branch failed, with the event
 * given; `aborted`: the caller's signal; `timedOut`: the execution's own TimeoutSeconds. Nothing catches it.
 */
export class Interruption extends Error {
  readonly kind: 'sibling' | 'aborted' | 'timedOut'
  readonly event: number

  constructor(kind: Interruption['kind'], event = 0) {
    super(`The branch was interrupted (${kind}).`)
    this.name = 'Interruption'
    this.kind = kind
    this.event = event
  }
}

/** AWS keeps this much of a cause. */
const maximalCause = 32_768

/** What a task threw, as Step Functions would name it; a function's failure comes as Lambda's JSON text. */
export const restate = (thrown: unknown, fromLambda: boolean): StateFailure => {
  if (thrown instanceof StateFailure) return thrown
  if (thrown instanceof TaskFailure) return new StateFailure(thrown.name, thrown.message || undefined)
  const { name, message, stack, cause } = describe(thrown)
  const text = fromLambda
    ? JSON.stringify({ errorType: name, errorMessage: message, trace: stack?.split('\n') ?? [] })
    : typeof cause === 'string'
      ? cause
      : message
  return new StateFailure(name, text.slice(0, maximalCause))
}

const describe = (thrown: unknown): { name: string; message: string; stack?: string; cause?: unknown } => {
  if (thrown instanceof Error) {
    const { name, message, stack, cause } = thrown
    return { name: name || 'Error', message, ...(stack ? { stack } : {}), cause }
  }
  if (typeof thrown !== 'object' || thrown === null) return { name: typeof thrown, message: String(thrown) }
  const { name, message, cause } = thrown as { name?: unknown; message?: unknown; cause?: unknown }
  return {
    name: typeof name === 'string' && name ? name : 'Error',
    message: typeof message === 'string' ? message : JSON.stringify(thrown),
    cause,
  }
}

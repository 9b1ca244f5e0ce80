/** One entry of a state's Retry in the Amazon States Language. */
export interface Retrier {
  Comment?: string
  ErrorEquals: string[]
  /** Seconds before the first retry; 1 if absent. */
  IntervalSeconds?: number
  /** How many retries; 3 if absent. */
  MaxAttempts?: number
  /** Factor between two delays; 2 if absent. */
  BackoffRate?: number
  MaxDelaySeconds?: number
  JitterStrategy?: 'FULL' | 'NONE'
}

/** A failure as Retry and Catch see it. */
export interface NamedFailure {
  /** The name under which it is reported. */
  readonly error: string
  /** Other names that an ErrorEquals may use for it. */
  readonly aliases?: readonly string[]
}

/**
 * Whether a retrier or catcher with these names treats the failure. States.Runtime always ends the execution;
 * States.TaskFailed covers everything but States.Timeout and States.DataLimitExceeded. States.ALL covers
 * States.DataLimitExceeded too: the documentation says that it does not, and executions that AWS ran and LocalStack
 * recorded (test_states_errors.snapshot.json: catch_state_all_data_limit_exceeded_on_large_utf8_response, of a
 * function and of the Lambda integration) were caught by it.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
export const matchesError = (names: readonly string[], { error, aliases = [] }: NamedFailure): boolean => {
  if (error === 'States.Runtime') return false
  if (names.includes(error) || aliases.some((alias) => names.includes(alias))) return true
  if (names.includes('States.ALL')) return true
  return names.includes('States.TaskFailed') && !beyondTaskFailed.includes(error)
}

const beyondTaskFailed: readonly string[] = ['States.Timeout', 'States.DataLimitExceeded']

/** What a retry does next. */
export interface Retry {
  /** Which retrier answers: its place in the list, for counting. */
  retrier: number
  /** How many retries that retrier allows. */
  of: number
  seconds: number
}

/**
 * The first retrier that names the failure decides, and it alone: once its attempts are used up, later ones
 * are not asked. `attempts` holds each retrier's own count of retries so far; `jitter` answers the part of
 * the delay that full jitter leaves, from 0 to 1.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error
 */
export const decideRetry = (
  retriers: readonly Retrier[],
  attempts: readonly number[],
  failure: NamedFailure,
  jitter: () => number,
): Retry | undefined => {
  const retrier = retriers.findIndex(({ ErrorEquals }) => matchesError(ErrorEquals, failure))
  const found = retriers[retrier]
  const used = attempts[retrier] ?? 0
  const of = found?.MaxAttempts ?? 3
  if (!found || used >= of) return undefined
  const backedOff = (found.IntervalSeconds ?? 1) * (found.BackoffRate ?? 2) ** used
  const longest = Math.min(backedOff, found.MaxDelaySeconds ?? Number.POSITIVE_INFINITY)
  return { retrier, of, seconds: found.JitterStrategy === 'FULL' ? longest * jitter() : longest }
}

/** The retriers of each state in a definition, branches included: names are unique in all of it. */
export const retriersOf = (machine: unknown): Map<string, Retrier[]> => {
  const found = new Map<string, Retrier[]>()
  const { States = {} } = (machine ?? {}) as { States?: Record<string, StateWithRetry> }
  for (const [name, { Retry = [], Branches = [], ItemProcessor }] of Object.entries(States)) {
    found.set(name, Retry)
    for (const inner of [...Branches, ItemProcessor]) {
      for (const [innerName, innerRetry] of retriersOf(inner)) found.set(innerName, innerRetry)
    }
  }
  return found
}

interface StateWithRetry {
  Retry?: Retrier[]
  Branches?: unknown[]
  ItemProcessor?: unknown
}

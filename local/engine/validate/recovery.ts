import { isObject, type JsonObject } from '../../json-object.ts'
import {
  checkAssign,
  checkFields,
  checkTemplate,
  type DefinitionCheck,
  isCount,
  isPositiveInteger,
} from './values.ts'

/** The names of the language that ErrorEquals may hold; others begin otherwise. */
const stateErrors: ReadonlySet<string> = new Set(
  [
    'ALL',
    'BranchFailed',
    'DataLimitExceeded',
    'ExceedToleratedFailureThreshold',
    'HeartbeatTimeout',
    'ItemReaderFailed',
    'NoChoiceMatched',
    'Permissions',
    'QueryEvaluationError',
    'ResultWriterFailed',
    'Runtime',
    'TaskFailed',
    'Timeout',
  ].map((name) => `States.${name}`),
)

/** Checks a state's retriers. */
export const checkRetry = (check: DefinitionCheck, path: string, retriers: unknown): void => {
  for (const [at, retrier] of entriesOf(check, path, retriers)) {
    checkFields(check, at, retrier, 'a retrier', [
      'Comment',
      'ErrorEquals',
      'IntervalSeconds',
      'MaxAttempts',
      'BackoffRate',
      'MaxDelaySeconds',
      'JitterStrategy',
    ])
    const { IntervalSeconds, MaxAttempts, BackoffRate, MaxDelaySeconds, JitterStrategy } = retrier
    const optional = (field: string, value: unknown, holds: boolean, expected: string) =>
      check(
        value === undefined || holds,
        `${at}/${field}`,
        `must be ${expected}, not ${JSON.stringify(value)}`,
      )
    const positive = 'a positive whole number of seconds'
    optional('IntervalSeconds', IntervalSeconds, isPositiveInteger(IntervalSeconds), positive)
    optional('MaxAttempts', MaxAttempts, isCount(MaxAttempts), 'a whole number, 0 or more')
    optional(
      'BackoffRate',
      BackoffRate,
      typeof BackoffRate === 'number' && BackoffRate >= 1,
      'a number of at least 1',
    )
    const delay = isPositiveInteger(MaxDelaySeconds) && MaxDelaySeconds < 31_622_400
    optional('MaxDelaySeconds', MaxDelaySeconds, delay, `${positive} below 31622400`)
    const jitter = JitterStrategy === 'FULL' || JitterStrategy === 'NONE'
    optional('JitterStrategy', JitterStrategy, jitter, 'FULL or NONE')
  }
}

/** Checks a state's catchers; where they lead is checked with the other transitions. */
export const checkCatch = (check: DefinitionCheck, path: string, catchers: unknown): void => {
  for (const [at, catcher] of entriesOf(check, path, catchers)) {
    checkFields(check, at, catcher, 'a catcher', ['Comment', 'ErrorEquals', 'Next', 'Output', 'Assign'])
    check(typeof catcher.Next === 'string', `${at}/Next`, 'must name a state')
    checkTemplate(check, `${at}/Output`, catcher.Output, ['input', 'context', 'errorOutput'])
    checkAssign(check, `${at}/Assign`, catcher.Assign, ['input', 'context', 'errorOutput'])
  }
}

/** The retriers or catchers that are objects, with their paths, after a check of their ErrorEquals. */
const entriesOf = (check: DefinitionCheck, path: string, list: unknown): [string, JsonObject][] => {
  if (!check(Array.isArray(list), path, 'must be an array') || !Array.isArray(list)) return []
  return list.flatMap((entry: unknown, index): [string, JsonObject][] => {
    const at = `${path}/${index}`
    if (!check(isObject(entry), at, 'must be an object') || !isObject(entry)) return []
    checkNames(check, `${at}/ErrorEquals`, entry.ErrorEquals, index === list.length - 1)
    return [[at, entry]]
  })
}

const checkNames = (check: DefinitionCheck, path: string, names: unknown, last: boolean): void => {
  const valid = Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === 'string')
  if (!check(valid, path, 'must be an array of at least one error name') || !Array.isArray(names)) return
  for (const name of names as string[]) {
    check(
      !name.startsWith('States.') || stateErrors.has(name),
      path,
      `${name} is no error of the language; known are ${[...stateErrors].join(', ')}`,
    )
  }
  if (names.includes('States.ALL')) {
    check(names.length === 1, path, 'States.ALL must be the only name')
    check(last, path, 'States.ALL must be in the last entry')
  }
}

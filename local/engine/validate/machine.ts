import { isObject, type JsonObject } from '../../json-object.ts'
import { parseMoment } from '../moment.ts'
import { checkMap } from './map.ts'
import { checkCatch, checkRetry } from './recovery.ts'
import {
  checkAssign,
  checkFields,
  checkTemplate,
  checkValue,
  type DefinitionCheck,
  isCount,
  isPositiveInteger,
} from './values.ts'

/** What the checks of one definition share. */
export interface Validation {
  check: DefinitionCheck
  /** Every state's name so far, with its path: names are unique over all branches. */
  names: Map<string, string>
  /** The query language of states that do not say. */
  language: unknown
}

/** Checks a machine's states and how they lead to one another. */
export const checkMachine = (scope: Validation, path: string, machine: JsonObject): void => {
  const { check } = scope
  const { StartAt, States } = machine
  if (
    !check(
      isObject(States) && Object.keys(States).length > 0,
      `${path}/States`,
      'must hold at least one state',
    )
  ) {
    return
  }
  const states = States as JsonObject
  check(
    typeof StartAt === 'string' && Object.hasOwn(states, StartAt),
    `${path}/StartAt`,
    `must name one of the states, and is ${JSON.stringify(StartAt)}`,
  )
  for (const [name, state] of Object.entries(states)) checkState(scope, `${path}/States/${name}`, name, state)
  checkTransitions(check, path, String(StartAt), states)
}

const outcome = ['Output', 'Assign']
const transition = ['Next', 'End']
const recovery = ['Retry', 'Catch']

/** The fields of each type of state, beyond those that all have. */
const fieldsOf: Record<string, readonly string[]> = {
  Task: [
    'Resource',
    'Arguments',
    'TimeoutSeconds',
    'HeartbeatSeconds',
    ...outcome,
    ...recovery,
    ...transition,
  ],
  Parallel: ['Branches', 'Arguments', ...outcome, ...recovery, ...transition],
  Map: [
    'ItemProcessor',
    'Items',
    'ItemSelector',
    'MaxConcurrency',
    'ItemReader',
    'ItemBatcher',
    'ResultWriter',
    'Label',
    'ToleratedFailureCount',
    'ToleratedFailurePercentage',
    ...outcome,
    ...recovery,
    ...transition,
  ],
  Choice: ['Choices', 'Default', ...outcome],
  Wait: ['Seconds', 'Timestamp', ...outcome, ...transition],
  Pass: [...outcome, ...transition],
  Succeed: ['Output'],
  Fail: ['Error', 'Cause'],
}

/** Checks one state, and the machines inside it. */
export const checkState = (scope: Validation, path: string, name: string, state: unknown): void => {
  const { check, names, language } = scope
  check(name.length <= 80, path, 'has a name of more than 80 characters')
  const other = names.get(name)
  check(other === undefined, path, `has the name of ${other}; names are unique in the whole definition`)
  names.set(name, path)
  if (!check(isObject(state), path, 'must be an object') || !isObject(state)) return
  const { Type: type, QueryLanguage = language } = state
  check(
    QueryLanguage === 'JSONata',
    `${path}/QueryLanguage`,
    `must be JSONata here or at the top, the only query language implemented, not ${JSON.stringify(QueryLanguage)}`,
  )
  const known = typeof type === 'string' && Object.hasOwn(fieldsOf, type) ? fieldsOf[type] : undefined
  if (
    !check(
      known !== undefined,
      `${path}/Type`,
      `must be one of ${Object.keys(fieldsOf).join(', ')}, not ${type}`,
    )
  ) {
    return
  }
  const fields = known ?? []
  checkFields(check, path, state, `a ${type} state`, ['Type', 'Comment', 'QueryLanguage', ...fields])
  if (fields.includes('Next')) {
    check(
      (state.Next === undefined) !== (state.End === undefined),
      path,
      'must have either Next or End, and not both',
    )
    check(state.End === undefined || state.End === true, `${path}/End`, 'must be true')
  }
  const allowed = ['Task', 'Parallel', 'Map'].includes(String(type))
    ? (['input', 'context', 'result'] as const)
    : (['input', 'context'] as const)
  checkTemplate(check, `${path}/Output`, state.Output, allowed)
  checkAssign(check, `${path}/Assign`, state.Assign, allowed)
  checkTemplate(check, `${path}/Arguments`, state.Arguments, ['input', 'context'])
  if (state.Retry !== undefined) checkRetry(check, `${path}/Retry`, state.Retry)
  if (state.Catch !== undefined) checkCatch(check, `${path}/Catch`, state.Catch)
  checksOf[String(type)]?.(scope, path, state)
}

const positive = { literal: isPositiveInteger, expected: 'a positive whole number' }

/** What one type alone must satisfy. */
const checksOf: Record<string, (scope: Validation, path: string, state: JsonObject) => void> = {
  Task: ({ check }, path, { Resource, TimeoutSeconds, HeartbeatSeconds }) => {
    check(typeof Resource === 'string' && Resource !== '', `${path}/Resource`, 'must name a resource')
    if (TimeoutSeconds !== undefined) checkValue(check, `${path}/TimeoutSeconds`, TimeoutSeconds, positive)
    if (HeartbeatSeconds !== undefined)
      checkValue(check, `${path}/HeartbeatSeconds`, HeartbeatSeconds, positive)
    check(
      typeof TimeoutSeconds !== 'number' ||
        typeof HeartbeatSeconds !== 'number' ||
        HeartbeatSeconds < TimeoutSeconds,
      `${path}/HeartbeatSeconds`,
      'must be smaller than TimeoutSeconds',
    )
  },
  Parallel: (scope, path, { Branches }) => {
    const found = Array.isArray(Branches) && Branches.length > 0
    if (!scope.check(found, `${path}/Branches`, 'must hold at least one branch')) return
    for (const [index, branch] of (Branches as unknown[]).entries()) {
      checkInner(scope, `${path}/Branches/${index}`, branch, ['Comment', 'StartAt', 'States'])
    }
  },
  Map: (scope, path, state) => {
    checkInner(scope, `${path}/ItemProcessor`, state.ItemProcessor, [
      'Comment',
      'StartAt',
      'States',
      'ProcessorConfig',
    ])
    checkMap(scope.check, path, state)
  },
  Choice: ({ check }, path, { Choices }) => {
    const found = Array.isArray(Choices) && Choices.length > 0
    if (!check(found, `${path}/Choices`, 'must hold at least one choice')) return
    for (const [index, choice] of (Choices as unknown[]).entries()) {
      checkChoice(check, `${path}/Choices/${index}`, choice)
    }
  },
  Wait: ({ check }, path, { Seconds, Timestamp }) => {
    check(
      (Seconds === undefined) !== (Timestamp === undefined),
      path,
      'must have either Seconds or Timestamp',
    )
    if (Seconds !== undefined) {
      checkValue(check, `${path}/Seconds`, Seconds, { literal: isCount, expected: 'a whole number' })
    }
    if (Timestamp !== undefined) {
      checkValue(check, `${path}/Timestamp`, Timestamp, { literal: isMoment, expected: 'an RFC 3339 time' })
    }
  },
  Fail: ({ check }, path, state) => {
    for (const field of ['Error', 'Cause']) {
      if (state[field] === undefined) continue
      checkValue(check, `${path}/${field}`, state[field], { literal: isText, expected: 'text' })
    }
  },
}

const isText = (value: unknown): boolean => typeof value === 'string'
const isMoment = (value: unknown): boolean => typeof value === 'string' && parseMoment(value) !== undefined

const checkInner = (scope: Validation, path: string, machine: unknown, known: readonly string[]): void => {
  if (
    !scope.check(isObject(machine), path, 'must be an object with StartAt and States') ||
    !isObject(machine)
  )
    return
  checkFields(scope.check, path, machine, 'a machine inside a state', known)
  checkMachine(scope, path, machine)
}

const checkChoice = (check: DefinitionCheck, path: string, choice: unknown): void => {
  if (!check(isObject(choice), path, 'must be an object') || !isObject(choice)) return
  checkFields(check, path, choice, 'a choice', ['Comment', 'Condition', 'Next', ...outcome])
  checkValue(check, `${path}/Condition`, choice.Condition, {
    literal: (value) => typeof value === 'boolean',
    expected: 'true, false',
  })
  check(typeof choice.Next === 'string', `${path}/Next`, 'must name a state')
  checkTemplate(check, `${path}/Output`, choice.Output, ['input', 'context'])
  checkAssign(check, `${path}/Assign`, choice.Assign, ['input', 'context'])
}

/** Every target exists, and every state is some state's target. */
const checkTransitions = (check: DefinitionCheck, path: string, start: string, states: JsonObject): void => {
  const reached = new Set([start])
  for (const name of reached) {
    for (const [at, target] of targetsOf(states[name])) {
      const exists = typeof target === 'string' && Object.hasOwn(states, target)
      check(
        exists,
        `${path}/States/${name}${at}`,
        `leads to ${JSON.stringify(target)}, which is no state beside it`,
      )
      if (exists) reached.add(String(target))
    }
  }
  for (const name of Object.keys(states)) {
    check(reached.has(name), `${path}/States/${name}`, 'cannot be reached: nothing leads to it')
  }
}

const targetsOf = (state: unknown): [string, unknown][] => {
  if (!isObject(state)) return []
  const targets: [string, unknown][] = [
    ['/Next', state.Next],
    ['/Default', state.Default],
  ]
  for (const list of ['Choices', 'Catch']) {
    const entries = Array.isArray(state[list]) ? (state[list] as unknown[]) : []
    for (const [index, entry] of entries.entries()) {
      if (isObject(entry)) targets.push([`/${list}/${index}/Next`, entry.Next])
    }
  }
  return targets.filter(([, target]) => target !== undefined)
}

import { isObject } from '../../json-object.ts'
import { InvalidPattern } from './invalid-pattern.ts'
import { checkWildcards, exactMatcher, type Matcher, operator } from './matchers.ts'

export { InvalidPattern } from './invalid-pattern.ts'

/** Says whether an event, as parsed JSON, matches. */
export type EventPattern = (event: unknown) => boolean

/** A field's test: it sees every value that the event has there, none where the field is absent. */
type Test = (value: unknown) => boolean

/** How deep the objects of a pattern and of an event are followed: as deep as aws/event-ruler reads JSON. */
const deepest = 1000

/**
 * Reads an event pattern and answers the function that matches events with it.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 * @throws InvalidPattern
 */
export const compilePattern = (pattern: unknown): EventPattern => {
  if (!isObject(pattern)) throw new InvalidPattern('Filter is not an object')
  if (Object.keys(pattern).length === 0) throw new InvalidPattern('Empty objects are not allowed')
  return compileObject(pattern, 0)
}

const compileObject = (pattern: Record<string, unknown>, depth: number): Test => {
  if (depth > deepest) throw new InvalidPattern(`Patterns deeper than ${deepest} objects are not allowed`)
  const tests = Object.entries(pattern).map(([field, expected]): Test => {
    if (field === '$or') return compileOr(expected, depth)
    const test = compileField(field, expected, depth)
    // `a.b` is the field b of a: EventBridge joins names with dots before it compares.
    const [first = '', ...rest] = field.split('.')
    const inner = rest.reduceRight((deeper: Test, name) => oneOfList(inField(name, deeper)), test)
    return inField(first, inner)
  })
  return oneOfList((value) => tests.every((test) => test(value)))
}

const inField =
  (name: string, test: Test): Test =>
  (value) =>
    test(valueAt(value, name))

/** In a list of objects one of them must pass as a whole. */
const oneOfList =
  (test: Test): Test =>
  (value) =>
    Array.isArray(value) && value.some(isObject) ? value.some(test) : test(value)

/** The field, also where the event's own key goes on after it with a dot: of `{"a.b": 1}`, a is `{"b": 1}`. */
const valueAt = (value: unknown, name: string): unknown => {
  if (!isObject(value)) return undefined
  if (Object.hasOwn(value, name)) return value[name]
  const longer = Object.entries(value).filter(([key]) => key.startsWith(`${name}.`))
  if (longer.length === 0) return undefined
  return Object.fromEntries(longer.map(([key, inner]) => [key.slice(name.length + 1), inner]))
}

const compileOr = (alternatives: unknown, depth: number): Test => {
  if (!Array.isArray(alternatives) || alternatives.length < 2 || !alternatives.every(isObject))
    throw new InvalidPattern('$or must be a list of at least two patterns')
  const tests = alternatives.map((alternative) => compileObject(alternative, depth + 1))
  return (value) => tests.some((test) => test(value))
}

const compileField = (field: string, expected: unknown, depth: number): Test => {
  if (isObject(expected)) {
    if (Object.keys(expected).length === 0) throw new InvalidPattern('Empty objects are not allowed')
    return compileObject(expected, depth + 1)
  }
  if (!Array.isArray(expected)) throw new InvalidPattern(`"${field}" must be an object or an array`)
  if (expected.length === 0) throw new InvalidPattern('Empty arrays are not allowed')
  const tests = expected.map(compileMatchValue)
  checkWildcards(expected)
  return (value) => tests.some((test) => test(value))
}

/** The values that a field holds: each of a list's, none for an absent field, a list without items, an object. */
const leaves = (value: unknown): unknown[] =>
  value === undefined ? [] : [value].flat(deepest).filter((leaf) => !isObject(leaf))

const anyLeaf =
  (matches: Matcher): Test =>
  (value) =>
    leaves(value).some(matches)

const compileMatchValue = (matchValue: unknown): Test => {
  if (!isObject(matchValue)) return anyLeaf(exactMatcher(matchValue))
  const [[kind, argument] = ['', undefined], ...more] = Object.entries(matchValue)
  if (more.length > 0) throw new InvalidPattern('Only one key allowed in match expression')
  if (kind === 'exists') {
    if (typeof argument !== 'boolean')
      throw new InvalidPattern('exists match pattern must be either true or false.')
    return (value) => leaves(value).length > 0 === argument
  }
  return anyLeaf(operator(kind, argument))
}

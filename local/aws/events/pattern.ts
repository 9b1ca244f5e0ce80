import { BlockList, isIP } from 'node:net'

/** Why a pattern is none; the text goes after EventBridge's "Event pattern is not valid. Reason: ". */
export class InvalidPattern extends Error {}

/** Says whether an event, as parsed JSON, matches. */
export type EventPattern = (event: unknown) => boolean

type Matcher = (value: unknown) => boolean
/** A field's test: it sees every value that the event has there, none where the field is absent. */
type Test = (value: unknown) => boolean

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Reads an event pattern and answers the function that matches events with it.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 * @throws InvalidPattern
 */
export const compilePattern = (pattern: unknown): EventPattern => {
  if (!isObject(pattern)) throw new InvalidPattern('Filter is not an object')
  if (Object.keys(pattern).length === 0) throw new InvalidPattern('Empty patterns are not allowed')
  return compileObject(pattern)
}

const compileObject = (pattern: Record<string, unknown>): Test => {
  const tests = Object.entries(pattern).map(([field, expected]): Test => {
    if (field === '$or') return compileOr(expected)
    const test = compileField(field, expected)
    return (value) => test(isObject(value) ? value[field] : undefined)
  })
  const all: Test = (value) => tests.every((test) => test(value))
  // In a list of objects one of them must match as a whole.
  return (value) => (Array.isArray(value) ? value.some(all) : all(value))
}

const compileOr = (alternatives: unknown): Test => {
  if (!Array.isArray(alternatives) || alternatives.length < 2 || !alternatives.every(isObject))
    throw new InvalidPattern('$or must be a list of at least two patterns')
  const tests = alternatives.map(compileObject)
  return (value) => tests.some((test) => test(value))
}

const compileField = (field: string, expected: unknown): Test => {
  if (isObject(expected)) {
    if (Object.keys(expected).length === 0) throw new InvalidPattern('Empty objects are not allowed')
    return compileObject(expected)
  }
  if (!Array.isArray(expected)) throw new InvalidPattern(`"${field}" must be an object or an array`)
  if (expected.length === 0) throw new InvalidPattern('Empty arrays are not allowed')
  const tests = expected.map(compileMatcher)
  return (value) => tests.some((test) => test(value))
}

/** The values that a field holds: each of a list's, none for an absent field, a list without items, an object. */
const leaves = (value: unknown): unknown[] =>
  value === undefined ? [] : [value].flat(Number.POSITIVE_INFINITY).filter((leaf) => !isObject(leaf))

const anyLeaf =
  (matches: Matcher): Test =>
  (value) =>
    leaves(value).some(matches)

const compileMatcher = (matcher: unknown): Test => {
  if (!isObject(matcher)) return anyLeaf(literal(matcher))
  const [[kind, argument] = ['', undefined], ...more] = Object.entries(matcher)
  if (more.length > 0) throw new InvalidPattern('Only one key allowed in match expression')
  if (kind === 'exists') {
    if (typeof argument !== 'boolean')
      throw new InvalidPattern('exists match pattern must be either true or false.')
    return (value) => leaves(value).length > 0 === argument
  }
  return anyLeaf(compileOperator(kind, argument))
}

const literal = (expected: unknown): Matcher => {
  if (Array.isArray(expected)) throw new InvalidPattern('A list may not stand in a list of match values')
  return (value) => value === expected
}

const compileOperator = (kind: string, argument: unknown): Matcher => {
  switch (kind) {
    case 'prefix':
    case 'suffix':
      return affix(kind, argument)
    case 'equals-ignore-case':
      return ignoringCase(argument)
    case 'wildcard':
      return wildcard(argument)
    case 'numeric':
      return numeric(argument)
    case 'cidr':
      return cidr(argument)
    case 'anything-but':
      return anythingBut(argument)
    default:
      throw new InvalidPattern(`Unrecognized match type ${kind}`)
  }
}

const onText =
  (matches: (text: string) => boolean): Matcher =>
  (value) =>
    typeof value === 'string' && matches(value)

const textOf = (argument: unknown, kind: string): string => {
  if (typeof argument === 'string') return argument
  throw new InvalidPattern(`${kind} match pattern must be a string`)
}

const affix = (kind: 'prefix' | 'suffix', argument: unknown): Matcher => {
  const folded = isObject(argument)
  const given = folded ? argument['equals-ignore-case'] : argument
  const fold = (text: string) => (folded ? text.toLowerCase() : text)
  const wanted = fold(textOf(given, kind))
  if (wanted === '' && kind === 'suffix') throw new InvalidPattern('Null suffix not allowed')
  return onText((text) => (kind === 'prefix' ? fold(text).startsWith(wanted) : fold(text).endsWith(wanted)))
}

const ignoringCase = (argument: unknown): Matcher => {
  const wanted = textOf(argument, 'equals-ignore-case').toLowerCase()
  return onText((text) => text.toLowerCase() === wanted)
}

/** `*` stands for any text; a backslash takes away the meaning of `*` and of itself. */
const wildcard = (argument: unknown): Matcher => {
  const pattern = textOf(argument, 'wildcard')
  if (/(?<!\\)(?:\\\\)*\*\*/.test(pattern))
    throw new InvalidPattern('Consecutive wildcard characters are not allowed')
  const tokens: string[] = pattern.match(/\\[*\\]|[\s\S]/g) ?? []
  if (tokens.includes('\\')) throw new InvalidPattern('Invalid escape character in wildcard pattern')
  const source = tokens.map((token) => (token === '*' ? '[\\s\\S]*' : escapeRegExp(token.slice(-1)))).join('')
  const compiled = new RegExp(`^${source}$`)
  return onText((text) => compiled.test(text))
}

const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

const comparisons: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '=': (value, limit) => value === limit,
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
}

/** One comparison, or a lower and an upper bound: `[">", 0, "<=", 5]`. */
const numeric = (argument: unknown): Matcher => {
  if (!Array.isArray(argument) || (argument.length !== 2 && argument.length !== 4))
    throw new InvalidPattern('numeric match pattern must be one or two comparisons')
  const bounds: ((value: number) => boolean)[] = []
  for (let index = 0; index < argument.length; index += 2) {
    const [operator, limit] = [argument[index], argument[index + 1]]
    const compare = typeof operator === 'string' ? comparisons[operator] : undefined
    if (!compare) throw new InvalidPattern(`Unrecognized numeric range operator: ${operator}`)
    if (typeof limit !== 'number') throw new InvalidPattern('Value of numeric comparison must be numeric')
    bounds.push((value) => compare(value, limit))
  }
  return (value) => typeof value === 'number' && bounds.every((holds) => holds(value))
}

const cidr = (argument: unknown): Matcher => {
  const block = textOf(argument, 'cidr')
  const [address = '', prefix = '', ...rest] = block.split('/')
  const version = isIP(address)
  const size = version === 4 ? 32 : 128
  if (version === 0 || !/^\d+$/.test(prefix) || Number(prefix) > size || rest.length > 0)
    throw new InvalidPattern(`Malformed CIDR: ${block}`)
  const list = new BlockList()
  list.addSubnet(address, Number(prefix), version === 4 ? 'ipv4' : 'ipv6')
  return onText((text) => isIP(text) === version && list.check(text, version === 4 ? 'ipv4' : 'ipv6'))
}

const COMBINABLE = ['prefix', 'suffix', 'equals-ignore-case', 'wildcard']

const anythingBut = (argument: unknown): Matcher => {
  const excluded = excludedBy(argument)
  return (value) => !excluded.some((matches) => matches(value))
}

const excludedBy = (argument: unknown): Matcher[] => {
  if (isObject(argument)) {
    const [[kind, inner] = ['', undefined], ...more] = Object.entries(argument)
    if (more.length > 0 || !COMBINABLE.includes(kind))
      throw new InvalidPattern(`Unsupported anything-but pattern: ${kind}`)
    return listOf(inner).map((one) => compileOperator(kind, one))
  }
  const values = listOf(argument)
  if (
    !values.every((value) => typeof value === 'string') &&
    !values.every((value) => typeof value === 'number')
  )
    throw new InvalidPattern(
      'Inside anything but list, either all values are number or string, mixed type is not supported',
    )
  return values.map(literal)
}

const listOf = (argument: unknown): unknown[] => {
  if (!Array.isArray(argument)) return [argument]
  if (argument.length === 0) throw new InvalidPattern('Empty arrays are not allowed')
  return argument
}

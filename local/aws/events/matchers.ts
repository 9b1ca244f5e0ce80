import { BlockList, isIP } from 'node:net'
import { isObject } from '../../json-object.ts'
import { InvalidPattern } from './invalid-pattern.ts'
import { checkComplexity, matchesWildcard, readWildcard, type Wildcard } from './wildcard.ts'

/** Says whether one value of an event, as parsed JSON, is one that the pattern wants. */
export type Matcher = (value: unknown) => boolean

/** A text, number, true, false or null that must be there as it is. */
export const exactMatcher = (expected: unknown): Matcher => {
  if (Array.isArray(expected))
    throw new InvalidPattern('Match value must be String, number, true, false, or null')
  return (value) => value === expected
}

/** The matcher of `{ kind: argument }`, for every kind but `exists`. Throws InvalidPattern. */
export const operator = (kind: string, argument: unknown): Matcher => {
  switch (kind) {
    case 'prefix':
    case 'suffix':
      return affix(kind, argument)
    case 'equals-ignore-case': {
      const wanted = textOf(argument, kind).toLowerCase()
      return onText((text) => text.toLowerCase() === wanted)
    }
    case 'wildcard': {
      const wildcard = readWildcard(textOf(argument, kind))
      return onText((text) => matchesWildcard(wildcard, text))
    }
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

/** Refuses a field's match values whose wildcards are too complex together. Throws InvalidPattern. */
export const checkWildcards = (matchValues: readonly unknown[]): void => {
  const wildcards = matchValues.flatMap((value): Wildcard[] => {
    if (!isObject(value)) return []
    const given = isObject(value['anything-but']) ? value['anything-but'].wildcard : value.wildcard
    return [given].flat().flatMap((text) => (typeof text === 'string' ? [readWildcard(text)] : []))
  })
  if (wildcards.length > 0) checkComplexity(wildcards)
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
  const fold = (text: string) => (folded ? text.toLowerCase() : text)
  const wanted = fold(textOf(folded ? argument['equals-ignore-case'] : argument, kind))
  return onText((text) => (kind === 'prefix' ? fold(text).startsWith(wanted) : fold(text).endsWith(wanted)))
}

interface Bound {
  /** Where the values begin or end; `=` is both. */
  side: 'lower' | 'upper' | 'both'
  holds(value: number, limit: number): boolean
}

const bounds: Readonly<Record<string, Bound>> = {
  '=': { side: 'both', holds: (value, limit) => value === limit },
  '<': { side: 'upper', holds: (value, limit) => value < limit },
  '<=': { side: 'upper', holds: (value, limit) => value <= limit },
  '>': { side: 'lower', holds: (value, limit) => value > limit },
  '>=': { side: 'lower', holds: (value, limit) => value >= limit },
}

/** `["=", 5]`, `["<", 5]`, or a lower and then an upper bound: `[">", 0, "<=", 5]`. */
const numeric = (argument: unknown): Matcher => {
  if (!Array.isArray(argument)) throw new InvalidPattern('Value of numeric must be an array.')
  if (argument.length === 0) throw new InvalidPattern('Invalid member in numeric match: ]')
  const [first, ...more] = pairs(argument).map(([symbol, limit]) => {
    const bound = typeof symbol === 'string' && Object.hasOwn(bounds, symbol) ? bounds[symbol] : undefined
    if (!bound) throw new InvalidPattern(`Unrecognized numeric range operator: ${symbol}`)
    if (typeof limit !== 'number') throw new InvalidPattern(`Value of ${symbol} must be numeric`)
    return { symbol, bound, limit }
  })
  const [second] = more
  if (more.length > 1 || (second && first?.bound.side !== 'lower'))
    throw new InvalidPattern('Too many elements in numeric expression')
  if (second && second.bound.side !== 'upper')
    throw new InvalidPattern(`Bad numeric range operator: ${second.symbol}`)
  if (first && second && first.limit >= second.limit) throw new InvalidPattern('Bottom must be less than top')
  const all = first ? [first, ...more] : []
  return (value) => typeof value === 'number' && all.every(({ bound, limit }) => bound.holds(value, limit))
}

const pairs = (list: readonly unknown[]): [unknown, unknown][] =>
  Array.from({ length: Math.ceil(list.length / 2) }, (_, index) => [list[2 * index], list[2 * index + 1]])

const cidr = (argument: unknown): Matcher => {
  // EventBridge's own answer names another kind of match here.
  const block = textOf(argument, typeof argument === 'string' ? 'cidr' : 'prefix')
  const parts = block.split('/')
  if (parts.length !== 2) throw new InvalidPattern("Malformed CIDR, one '/' required")
  const [address = '', bits = ''] = parts
  if (!/^\d+$/.test(bits)) throw new InvalidPattern('Malformed CIDR, mask bits must be an integer')
  const version = isIP(address)
  if (version === 0) throw new InvalidPattern(`Nonstandard IP address: ${address}`)
  const size = version === 4 ? 32 : 128
  if (Number(bits) > size) throw new InvalidPattern(`Malformed CIDR, mask bits must be <= ${size}`)
  const list = new BlockList()
  list.addSubnet(address, Number(bits), version === 4 ? 'ipv4' : 'ipv6')
  return onText((text) => isIP(text) === version && list.check(text, version === 4 ? 'ipv4' : 'ipv6'))
}

const anythingBut = (argument: unknown): Matcher => {
  const excluded = excludedBy(argument)
  return (value) => !excluded.some((matches) => matches(value))
}

const noSingleValue = 'Value of anything-but must be an array or single string/number value.'

const excludedBy = (argument: unknown): Matcher[] => {
  if (isObject(argument)) return excludedByMatch(argument)
  if (!Array.isArray(argument)) {
    if (typeof argument !== 'string' && typeof argument !== 'number') throw new InvalidPattern(noSingleValue)
    return [exactMatcher(argument)]
  }
  if (argument.length === 0) throw new InvalidPattern('Empty arrays are not allowed')
  if (!argument.every((value) => typeof value === 'string' || typeof value === 'number'))
    throw new InvalidPattern('Inside anything but list, start|null|boolean is not supported.')
  if (new Set(argument.map((value) => typeof value)).size > 1)
    throw new InvalidPattern(
      'Inside anything but list, either all values are number or string, mixed type is not supported',
    )
  return argument.map(exactMatcher)
}

/** `{ "anything-but": { "prefix": … } }`; these matches take one text or a list of them, and nothing else. */
const excludedByMatch = (argument: Record<string, unknown>): Matcher[] => {
  const [[kind, inner] = ['', undefined], ...more] = Object.entries(argument)
  if (more.length > 0) throw new InvalidPattern('Only one key allowed in match expression')
  if (!['prefix', 'suffix', 'equals-ignore-case', 'wildcard'].includes(kind))
    throw new InvalidPattern(`Unsupported anything-but pattern: ${kind}`)
  if (isObject(inner)) throw new InvalidPattern(noSingleValue)
  if (Array.isArray(inner) && inner.length === 0) throw new InvalidPattern('Empty arrays are not allowed')
  return [inner].flat().map((one) => {
    if (typeof one !== 'string') throw new InvalidPattern(notText(kind))
    if (one === '' && (kind === 'prefix' || kind === 'suffix'))
      throw new InvalidPattern('Null prefix/suffix not allowed')
    return operator(kind, one)
  })
}

const notText = (kind: string): string => {
  if (kind === 'wildcard') return 'wildcard match pattern must be a string'
  return kind === 'equals-ignore-case'
    ? 'Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.'
    : 'prefix/suffix match pattern must be a string'
}

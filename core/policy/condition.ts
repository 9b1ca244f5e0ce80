import { type ContextValue, fillIn, type Lookup } from './context.ts'
import { covers, literalOf } from './pattern.ts'
import { every, some, type Ternary } from './ternary.ts'
import { contains, parseAddressBlock, parseBinary, parseBoolean, parseDate, parseNumber } from './values.ts'

/** One operator with one key of a Condition block. */
export interface Condition {
  /** The operator as the policy spells it. */
  name: string
  operator: Operator
  key: string
  values: readonly string[]
  /** Some value holds a policy variable; never so in documents of the version 2008-10-17. */
  variables: boolean
}

/** An operator as a policy names it, taken apart: `ForAllValues:StringNotLikeIfExists`. */
export interface Operator {
  base: 'null' | Comparison
  quantifier?: 'ForAllValues' | 'ForAnyValue'
  ifExists: boolean
}

interface Comparison {
  /** Whether the request's value agrees with one of the policy's, which is a pattern. */
  matches: (given: string, wanted: string) => boolean
  negated: boolean
  variables: boolean
}

/** `*` and `?` are themselves here, though variables were filled in as literals. */
const equals = (given: string, wanted: string) => literalOf(given) === literalOf(wanted)

const like = (given: string, wanted: string) => covers(wanted, literalOf(given))

/** ARNs are compared field by field: a wildcard does not reach across a colon, but for those of the last field. */
const arnLike = (given: string, wanted: string) => {
  const [fields, patterns] = [arnFields(literalOf(given)), arnFields(wanted)]
  if (!fields || !patterns) return false
  return patterns.every((pattern, at) => covers(pattern, fields[at] as string))
}

/** The six fields of an ARN, of which the last may hold colons. */
const arnFields = (arn: string): string[] | undefined => {
  const fields = arn.split(':')
  return fields.length < 6 ? undefined : [...fields.slice(0, 5), fields.slice(5).join(':')]
}

/** A comparison of what both texts mean; texts without that meaning never match. */
const compare =
  <Value>(parse: (text: string) => Value | undefined, agrees: (given: Value, wanted: Value) => boolean) =>
  (given: string, wanted: string): boolean => {
    const [one, other] = [parse(given), parse(wanted)]
    return one !== undefined && other !== undefined && agrees(one, other)
  }

const ordered = (name: string, parse: (text: string) => number | undefined): [string, Comparison][] => [
  ...pair(
    `${name}equals`,
    `${name}notequals`,
    compare(parse, (given, wanted) => given === wanted),
    false,
  ),
  plain(
    `${name}lessthan`,
    compare(parse, (given, wanted) => given < wanted),
  ),
  plain(
    `${name}lessthanequals`,
    compare(parse, (given, wanted) => given <= wanted),
  ),
  plain(
    `${name}greaterthan`,
    compare(parse, (given, wanted) => given > wanted),
  ),
  plain(
    `${name}greaterthanequals`,
    compare(parse, (given, wanted) => given >= wanted),
  ),
]

const plain = (name: string, matches: Comparison['matches'], variables = false): [string, Comparison] => [
  name,
  { matches, negated: false, variables },
]

const pair = (
  name: string,
  opposite: string,
  matches: Comparison['matches'],
  variables = true,
): [string, Comparison][] => [
  [name, { matches, negated: false, variables }],
  [opposite, { matches, negated: true, variables }],
]

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
const comparisons = new Map<string, Comparison>([
  ...pair('stringequals', 'stringnotequals', equals),
  ...pair('stringequalsignorecase', 'stringnotequalsignorecase', (given, wanted) =>
    equals(given.toLowerCase(), wanted.toLowerCase()),
  ),
  ...pair('stringlike', 'stringnotlike', like),
  ...pair('arnequals', 'arnnotequals', arnLike),
  ...pair('arnlike', 'arnnotlike', arnLike),
  ...ordered('numeric', parseNumber),
  ...ordered('date', parseDate),
  plain(
    'bool',
    compare(parseBoolean, (given, wanted) => given === wanted),
    true,
  ),
  plain(
    'binaryequals',
    compare(parseBinary, (given, wanted) => given === wanted),
  ),
  ...pair(
    'ipaddress',
    'notipaddress',
    compare(parseAddressBlock, (given, wanted) => contains(wanted, given)),
    false,
  ),
])

const quantifiers = [undefined, 'ForAllValues', 'ForAnyValue'] as const

/** All there are, in lower case. IfExists cannot be said of Null, which asks just that. */
const operators = new Map<string, Operator>(
  quantifiers.flatMap((quantifier): [string, Operator][] => {
    const before = quantifier ? `${quantifier.toLowerCase()}:` : ''
    const own = quantifier && { quantifier }
    return [
      [`${before}null`, { base: 'null', ifExists: false, ...own }],
      ...[...comparisons].flatMap(([name, base]): [string, Operator][] => [
        [`${before}${name}`, { base, ifExists: false, ...own }],
        [`${before}${name}ifexists`, { base, ifExists: true, ...own }],
      ]),
    ]
  }),
)

/** The operator of that name, in any case; undefined where IAM knows none. */
export const operatorNamed = (name: string): Operator | undefined => operators.get(name.toLowerCase())

/** Whether the condition holds; unknown keys are added to `missing`. */
export const conditionHolds = (condition: Condition, lookup: Lookup, missing: Set<string>): Ternary => {
  const { operator, key } = condition
  const value = lookup(key)
  const { base } = operator
  const unknown = (): Ternary => {
    missing.add(key)
    return 'unknown'
  }
  if (base === 'null')
    return value === undefined
      ? unknown()
      : condition.values.some((wanted) => isTrue(wanted) === isAbsent(value))
  if (value === undefined) return isSettled(condition, base, lookup) ? base.negated : unknown()
  if (isAbsent(value)) return holdsWithoutValue(operator, base)
  if (typeof value === 'string') return valueAgrees(value, base, condition, lookup, missing)
  const answers = value.map((one) => valueAgrees(one, base, condition, lookup, missing))
  // Without a quantifier a negated operator forbids its values to all of the request's.
  const all = operator.quantifier ? operator.quantifier === 'ForAllValues' : base.negated
  return all ? every(answers) : some(answers)
}

/**
 * Whether the key plays no part, as nothing can be equal to any of the values: each is made of a variable that the
 * request is known to lack. What holds without a value, and not with one, is left open.
 */
const isSettled = (condition: Condition, base: Comparison, lookup: Lookup): boolean => {
  const { quantifier, ifExists } = condition.operator
  if (!condition.variables || !base.variables || ifExists) return false
  if (quantifier === 'ForAllValues' || (quantifier && base.negated)) return false
  return condition.values.every((pattern) => {
    const wanted = fillIn(pattern, lookup)
    return typeof wanted !== 'string' && wanted.known
  })
}

const isAbsent = (value: ContextValue): value is null | readonly [] =>
  value === null || (typeof value !== 'string' && value.length === 0)

const isTrue = (text: string): boolean => text.toLowerCase() === 'true'

/** A quantifier comes before IfExists: for ForAnyValue there is then no value that could be excused. */
const holdsWithoutValue = ({ quantifier, ifExists }: Operator, { negated }: Comparison): boolean =>
  quantifier ? quantifier === 'ForAllValues' : ifExists || negated

const valueAgrees = (
  given: string,
  base: Comparison,
  condition: Condition,
  lookup: Lookup,
  missing: Set<string>,
): Ternary => {
  let unknown: string[] | undefined
  for (const pattern of condition.values) {
    const wanted = condition.variables && base.variables ? fillIn(pattern, lookup) : pattern
    if (typeof wanted === 'string') {
      if (base.matches(given, wanted)) return !base.negated
    } else if (!wanted.known) {
      unknown = [...(unknown ?? []), wanted.key]
    }
  }
  if (!unknown) return base.negated
  for (const key of unknown) missing.add(key)
  return 'unknown'
}

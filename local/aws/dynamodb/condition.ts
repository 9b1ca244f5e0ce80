import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { AwsFailure } from '../failure.ts'

/** An item as it is stored: attributes by name. */
export type Item = Record<string, AttributeValue>

/** Names and values for a condition's placeholders. */
export interface Placeholders {
  names?: Readonly<Record<string, string>> | undefined
  values?: Readonly<Record<string, AttributeValue>> | undefined
}

type Check = (item: Item) => boolean

/**
 * Compiles a ConditionExpression: comparisons, attribute_exists, attribute_not_exists, NOT, AND, OR and
 * parentheses. Throws ValidationException for everything else, so that nothing passes here and fails there.
 */
export const compileCondition = (expression: string, placeholders: Placeholders): Check => {
  const tokens = expression.match(/<>|<=|>=|[=<>()]|[:#]?[\w.]+|\S/g) ?? []
  let next = 0
  const peek = () => tokens[next]?.toUpperCase()
  const take = () => tokens[next++] ?? ''
  const expect = (token: string) => {
    if (take() !== token) throw invalid(`Syntax error; token: "${tokens[next - 1] ?? '<EOF>'}"`)
  }

  const either = (): Check => {
    const options = [both()]
    while (peek() === 'OR') {
      take()
      options.push(both())
    }
    return (item) => options.some((check) => check(item))
  }
  const both = (): Check => {
    const checks = [not()]
    while (peek() === 'AND') {
      take()
      checks.push(not())
    }
    return (item) => checks.every((check) => check(item))
  }
  const not = (): Check => {
    if (peek() !== 'NOT') return primary()
    take()
    const check = not()
    return (item) => !check(item)
  }
  const primary = (): Check => {
    if (tokens[next] === '(') {
      take()
      const check = either()
      expect(')')
      return check
    }
    return tokens[next + 1] === '(' ? existence() : comparison()
  }
  const existence = (): Check => {
    const name = take()
    if (name !== 'attribute_exists' && name !== 'attribute_not_exists') {
      throw invalid(`Invalid function name; function: ${name}`)
    }
    expect('(')
    const attribute = attributeOf(take())
    expect(')')
    return (item) => (item[attribute] !== undefined) === (name === 'attribute_exists')
  }
  const comparison = (): Check => {
    const left = operand(take())
    const operator = take()
    const compare = comparators[operator]
    if (!compare) throw invalid(`Syntax error; token: "${operator || '<EOF>'}"`)
    const right = operand(take())
    return (item) => {
      const [one, other] = [left(item), right(item)]
      return one !== undefined && other !== undefined && compare(order(one, other))
    }
  }
  const operand = (token: string): ((item: Item) => AttributeValue | undefined) => {
    if (!token.startsWith(':')) {
      const attribute = attributeOf(token)
      return (item) => item[attribute]
    }
    const value = placeholders.values?.[token]
    if (!value)
      throw invalid(
        `An expression attribute value used in expression is not defined; attribute value: ${token}`,
      )
    return () => value
  }
  const attributeOf = (token: string): string => {
    if (!/^#?\w+$/.test(token)) throw invalid(`Syntax error; token: "${token}"`)
    if (!token.startsWith('#')) return token
    const name = placeholders.names?.[token]
    if (!name)
      throw invalid(
        `An expression attribute name used in the document path is not defined; attribute name: ${token}`,
      )
    return name
  }

  const check = either()
  if (next < tokens.length) throw invalid(`Syntax error; token: "${tokens[next]}"`)
  return check
}

const comparators: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

/** Numbers by value, texts by their order; values of different types are in none. */
const order = (one: AttributeValue, other: AttributeValue): number => {
  if (one.N !== undefined && other.N !== undefined) return Number(one.N) - Number(other.N)
  if (one.S !== undefined && other.S !== undefined) return one.S < other.S ? -1 : Number(one.S > other.S)
  return Number.NaN
}

const invalid = (message: string): AwsFailure =>
  new AwsFailure('ValidationException', `Invalid ConditionExpression: ${message}`, { status: 400 })

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
type Operand = (item: Item) => AttributeValue | undefined

/**
 * Compiles a ConditionExpression or FilterExpression: comparisons, BETWEEN, IN, attribute_exists,
 * attribute_not_exists, begins_with, contains, NOT, AND, OR and parentheses, on whole attributes. Throws
 * ValidationException for everything else, so that nothing passes here and fails there.
 */
export const compileCondition = (
  expression: string,
  placeholders: Placeholders,
  kind: 'ConditionExpression' | 'FilterExpression' = 'ConditionExpression',
): Check => {
  const invalid = (message: string) => invalidExpression(kind, message)
  const tokens = expression.match(/<>|<=|>=|[=<>(),]|[:#]?[\w.]+|\S/g) ?? []
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
    if (tokens[next + 1] !== '(') return comparison()
    return tokens[next] === 'begins_with' || tokens[next] === 'contains' ? search() : existence()
  }
  const search = (): Check => {
    const within = take() === 'begins_with' ? beginsWith : contains
    expect('(')
    const left = operand(take())
    expect(',')
    const right = operand(take())
    expect(')')
    return (item) => {
      const [one, other] = [left(item), right(item)]
      return one !== undefined && other !== undefined && within(one, other)
    }
  }
  const existence = (): Check => {
    const name = take()
    if (name === 'size' || name === 'attribute_type')
      throw new AwsFailure('NotImplemented', `The stand-in does not evaluate ${name} in a ${kind}`, {
        status: 501,
      })
    if (name !== 'attribute_exists' && name !== 'attribute_not_exists') {
      throw invalid(`Invalid function name; function: ${name}`)
    }
    expect('(')
    const attribute = attributeOf(take())
    expect(')')
    return (item) => Object.hasOwn(item, attribute) === (name === 'attribute_exists')
  }
  const comparison = (): Check => {
    const left = operand(take())
    const operator = take()
    if (operator.toUpperCase() === 'BETWEEN') return between(left)
    if (operator.toUpperCase() === 'IN') return among(left)
    const compare = Object.hasOwn(comparators, operator) ? comparators[operator] : undefined
    if (!compare) throw invalid(`Syntax error; token: "${operator || '<EOF>'}"`)
    const right = operand(take())
    return (item) => {
      const [one, other] = [left(item), right(item)]
      return one !== undefined && other !== undefined && compare(order(one, other))
    }
  }
  const between = (value: Operand): Check => {
    const low = operand(take())
    if (take().toUpperCase() !== 'AND') throw invalid(`Syntax error; token: "${tokens[next - 1] ?? '<EOF>'}"`)
    const high = operand(take())
    return (item) => {
      const [one, least, most] = [value(item), low(item), high(item)]
      return Boolean(one && least && most && order(one, least) >= 0 && order(one, most) <= 0)
    }
  }
  const among = (value: Operand): Check => {
    expect('(')
    const options = [operand(take())]
    while (tokens[next] === ',') {
      take()
      options.push(operand(take()))
    }
    expect(')')
    return (item) => {
      const one = value(item)
      return options.some((option) => {
        const other = option(item)
        return one !== undefined && other !== undefined && order(one, other) === 0
      })
    }
  }
  const operand = (token: string): Operand => {
    if (!token.startsWith(':')) {
      const attribute = attributeOf(token)
      return (item) => (Object.hasOwn(item, attribute) ? item[attribute] : undefined)
    }
    const { values = {} } = placeholders
    const value = Object.hasOwn(values, token) ? values[token] : undefined
    if (!value)
      throw invalid(
        `An expression attribute value used in expression is not defined; attribute value: ${token}`,
      )
    return () => value
  }
  const attributeOf = (token: string): string => attributeNamed(token, placeholders, kind)

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

const beginsWith = (one: AttributeValue, other: AttributeValue): boolean =>
  one.S !== undefined && other.S !== undefined && one.S.startsWith(other.S)

/** A part of a text, or a member of a set or list. */
const contains = (one: AttributeValue, other: AttributeValue): boolean => {
  if (one.S !== undefined && other.S !== undefined) return one.S.includes(other.S)
  if (one.SS && other.S !== undefined) return one.SS.includes(other.S)
  if (one.NS && other.N !== undefined) return one.NS.some((number) => Number(number) === Number(other.N))
  return (one.L ?? []).some((item) => order(item, other) === 0)
}

const invalidExpression = (kind: string, message: string): AwsFailure =>
  new AwsFailure('ValidationException', `Invalid ${kind}: ${message}`, { status: 400 })

/** The attribute that a name or `#placeholder` in an expression stands for; parts of documents are not served. */
export const attributeNamed = (token: string, { names = {} }: Placeholders, kind: string): string => {
  const invalid = (message: string) => invalidExpression(kind, message)
  if (/^#?\w+(\.#?\w+|\[\d+\])+$/.test(token))
    throw new AwsFailure(
      'NotImplemented',
      `The stand-in's ${kind} takes whole attributes only, not ${token}`,
      {
        status: 501,
      },
    )
  if (!/^#?\w+$/.test(token)) throw invalid(`Syntax error; token: "${token || '<EOF>'}"`)
  if (!token.startsWith('#')) return token
  const name = Object.hasOwn(names, token) ? names[token] : undefined
  if (!name)
    throw invalid(
      `An expression attribute name used in the document path is not defined; attribute name: ${token}`,
    )
  return name
}

import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { attributeNamed, type Item, type Placeholders } from './condition.ts'
import { invalidInput } from './items.ts'

/** What one part of an expression makes of an attribute; undefined takes it away. */
type Change = (item: Item) => AttributeValue | undefined

/**
 * Compiles an UpdateExpression of whole attributes: SET with `+`, `-`, if_not_exists and list_append, REMOVE, ADD and
 * DELETE. Every part sees the item as it was. Throws ValidationException for what DynamoDB refuses.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
 */
export const compileUpdate = (
  expression: string,
  placeholders: Placeholders,
  key: string,
): ReadonlyMap<string, Change> => {
  const tokens = expression.match(/[=(),+-]|[:#]?[\w.[\]]+|\S/g) ?? []
  const changes = new Map<string, Change>()
  const seen = new Set<string>()
  let next = 0
  const take = () => tokens[next++] ?? ''
  const syntax = (token: string) =>
    invalidInput(`Invalid UpdateExpression: Syntax error; token: "${token || '<EOF>'}"`)
  const expect = (wanted: string) => {
    const token = take()
    if (token !== wanted) throw syntax(token)
  }
  const value = (token: string): AttributeValue => {
    const { values = {} } = placeholders
    const found = Object.hasOwn(values, token) ? values[token] : undefined
    if (found) return found
    throw invalidInput(
      `Invalid UpdateExpression: An expression attribute value used in expression is not defined; attribute value: ${token}`,
    )
  }
  const attribute = (token: string) => attributeNamed(token, placeholders, 'UpdateExpression')
  const target = (): string => {
    const name = attribute(take())
    if (name === key)
      throw invalidInput(
        `One or more parameter values were invalid: Cannot update attribute ${name}. This attribute is part of the key`,
      )
    if (changes.has(name))
      throw invalidInput(
        `Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [${name}], path two: [${name}]`,
      )
    return name
  }

  const operand = (): Change => {
    const token = take()
    if (tokens[next] === '(') return call(token)
    if (token.startsWith(':')) {
      const given = value(token)
      return () => given
    }
    const name = attribute(token)
    return (item) => item[name] ?? absent()
  }
  const call = (name: string): Change => {
    if (name !== 'if_not_exists' && name !== 'list_append')
      throw invalidInput(`Invalid UpdateExpression: Invalid function name; function: ${name}`)
    expect('(')
    const path = name === 'if_not_exists' ? attribute(take()) : undefined
    const one = path === undefined ? operand() : (item: Item) => item[path]
    expect(',')
    const other = operand()
    expect(')')
    return path === undefined
      ? (item) => ({ L: [...listOf(one(item)), ...listOf(other(item))] })
      : (item) => one(item) ?? other(item)
  }
  const sum = (): Change => {
    const left = operand()
    const sign = tokens[next]
    if (sign !== '+' && sign !== '-') return left
    take()
    const right = operand()
    return (item) => added(left(item), right(item), sign === '+' ? 1 : -1)
  }

  const clauses: Readonly<Record<string, () => void>> = {
    SET: () => {
      const name = target()
      expect('=')
      changes.set(name, sum())
    },
    REMOVE: () => void changes.set(target(), () => undefined),
    ADD: () => {
      const [name, given] = [target(), value(take())]
      changes.set(name, (item) => grown(item[name], given))
    },
    DELETE: () => {
      const [name, given] = [target(), value(take())]
      changes.set(name, (item) => shrunk(item[name], given))
    },
  }
  while (next < tokens.length) {
    const word = take().toUpperCase()
    const clause = Object.hasOwn(clauses, word) ? clauses[word] : undefined
    if (!clause) throw syntax(tokens[next - 1] ?? '')
    if (seen.has(word))
      throw invalidInput(
        `Invalid UpdateExpression: The "${word}" section can only be used once in an update expression;`,
      )
    seen.add(word)
    clause()
    while (tokens[next] === ',') {
      take()
      clause()
    }
  }
  if (changes.size === 0) throw invalidInput('Invalid UpdateExpression: The expression can not be empty;')
  return changes
}

const wrongType = () => invalidInput('An operand in the update expression has an incorrect data type')

const absent = (): never => {
  throw invalidInput('The provided expression refers to an attribute that does not exist in the item')
}

const listOf = (value: AttributeValue | undefined): AttributeValue[] => {
  if (value?.L) return value.L
  throw wrongType()
}

const added = (one: AttributeValue | undefined, other: AttributeValue | undefined, sign: 1 | -1) => {
  if (one?.N === undefined || other?.N === undefined) throw wrongType()
  return { N: String(Number(one.N) + sign * Number(other.N)) }
}

/** A number grows by another, from 0; a set by the members of another. */
const grown = (have: AttributeValue | undefined, given: AttributeValue): AttributeValue => {
  if (given.N !== undefined) return added(have ?? { N: '0' }, given, 1)
  for (const type of ['SS', 'NS'] as const)
    if (given[type] && (have === undefined || have[type]))
      return { [type]: [...new Set([...(have?.[type] ?? []), ...given[type]])] } as unknown as AttributeValue
  throw wrongType()
}

/** A set without members is none. */
const shrunk = (have: AttributeValue | undefined, given: AttributeValue): AttributeValue | undefined => {
  for (const type of ['SS', 'NS'] as const) {
    const gone = given[type]
    if (!gone) continue
    if (have === undefined) return undefined
    const left = have[type]?.filter((member) => !gone.includes(member))
    if (!left) throw wrongType()
    return left.length > 0 ? ({ [type]: left } as unknown as AttributeValue) : undefined
  }
  throw wrongType()
}

/** The item after the changes, and what of it they changed. */
export const updatedItem = (
  earlier: Item,
  changes: ReadonlyMap<string, Change>,
): { item: Item; changed: ReadonlySet<string> } => {
  const item = { ...earlier }
  for (const [name, change] of changes) {
    const value = change(earlier)
    if (value === undefined) delete item[name]
    else item[name] = value
  }
  return { item, changed: new Set(changes.keys()) }
}

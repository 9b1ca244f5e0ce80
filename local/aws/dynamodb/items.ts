import type { ScanInput, ScanOutput } from '@aws-sdk/client-dynamodb'
import { AwsFailure } from '../failure.ts'
import { attributeNamed, compileCondition, type Item, type Placeholders } from './condition.ts'
import type { Table } from './tables.ts'

/** What Query and Scan have in common. */
type PageInput = Pick<
  ScanInput,
  | 'FilterExpression'
  | 'ProjectionExpression'
  | 'ExpressionAttributeNames'
  | 'ExpressionAttributeValues'
  | 'Limit'
  | 'ExclusiveStartKey'
  | 'Select'
>

/** The answer of Query or Scan out of the items that are looked at; `keys` say where the next page begins. */
export const pageAnswer = (
  table: Table,
  items: readonly Item[],
  keys: readonly string[],
  input: PageInput,
): ScanOutput => {
  const placeholders = { names: input.ExpressionAttributeNames, values: input.ExpressionAttributeValues }
  const matches = input.FilterExpression
    ? compileCondition(input.FilterExpression, placeholders, 'FilterExpression')
    : () => true
  const project = projection(input.ProjectionExpression, placeholders)
  const { page, more } = itemsPage(table, items, input.ExclusiveStartKey, input.Limit)
  const found = page.filter(matches)
  return {
    ...(input.Select === 'COUNT' ? {} : { Items: structuredClone(found.map(project)) }),
    Count: found.length,
    ScannedCount: page.length,
    ...(more ? { LastEvaluatedKey: keysOf(page.at(-1) ?? {}, keys) } : {}),
  }
}

/** As many items as the limit says, counted before the filter, after the key where the last page ended. */
const itemsPage = (
  table: Table,
  items: readonly Item[],
  after: Item | undefined,
  limit = Number.POSITIVE_INFINITY,
) => {
  const last = after && itemKey(table, after)
  const start = last === undefined ? 0 : items.findIndex((item) => item[table.key]?.S === last) + 1
  const page = items.slice(start, start + limit)
  return { page, more: start + page.length < items.length }
}

/** What a ProjectionExpression leaves of an item. */
export const projection = (expression: string | undefined, placeholders: Placeholders) => {
  if (expression === undefined) return (item: Item): Item => item
  const wanted = new Set(
    expression.split(',').map((name) => attributeNamed(name.trim(), placeholders, 'ProjectionExpression')),
  )
  return (item: Item): Item =>
    Object.fromEntries(Object.entries(item).filter(([attribute]) => wanted.has(attribute)))
}

/** The attributes of an item that say where it is. */
const keysOf = (item: Item, keys: readonly string[]): Item =>
  Object.fromEntries(Object.entries(item).filter(([attribute]) => keys.includes(attribute)))

export const invalidInput = (message: string): AwsFailure =>
  new AwsFailure('ValidationException', message, { status: 400 })

export const itemKey = (table: Table, item: Item): string => {
  const key = item[table.key]?.S
  if (!key) throw invalidInput('The provided key element does not match the schema')
  return key
}

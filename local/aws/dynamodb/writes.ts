import { AwsFailure } from '../failure.ts'
import { compileCondition, type Item, type Placeholders } from './condition.ts'
import { invalidInput, itemKey } from './items.ts'
import type { Table, Tables } from './tables.ts'
import { compileUpdate, updatedItem } from './update.ts'

/** Under which condition an item may be written, as all writes say it. */
export interface Conditional {
  ConditionExpression?: string | undefined
  ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined
  ExpressionAttributeValues?: Placeholders['values']
  ReturnValuesOnConditionCheckFailure?: string | undefined
}

/** A write that was understood, and is not made yet. */
export interface PreparedWrite {
  table: Table
  key: string
  /** The item that is there. */
  earlier: Item | undefined
  /** The item that is to be there: none after a deletion. */
  next: Item | undefined
  /** The attributes that an update names. */
  changed: ReadonlySet<string>
}

const nothing: ReadonlySet<string> = new Set()

/** The item of a key, with no change to it. Throws where its condition does not hold, and ValidationException. */
export const prepareCheck = (
  tables: Tables,
  { TableName, Key, ...input }: Conditional & { TableName: string; Key: Item },
): PreparedWrite => {
  const table = tables.table(TableName)
  const key = itemKey(table, Key)
  const earlier = table.items.get(key)
  requireCondition(input, earlier)
  return { table, key, earlier, next: earlier, changed: nothing }
}

/** PutItem. Throws as `prepareCheck` does. */
export const preparePut = (
  tables: Tables,
  { Item: item, ...input }: Conditional & { TableName: string; Item: Item },
): PreparedWrite => ({
  ...prepareCheck(tables, { ...input, Key: item }),
  next: structuredClone(item),
})

/** DeleteItem. Throws as `prepareCheck` does. */
export const prepareDelete = (
  tables: Tables,
  input: Conditional & { TableName: string; Key: Item },
): PreparedWrite => ({ ...prepareCheck(tables, input), next: undefined })

/** UpdateItem. Throws as `prepareCheck` does. */
export const prepareItemUpdate = (
  tables: Tables,
  input: Conditional & { TableName: string; Key: Item; UpdateExpression?: string | undefined },
): PreparedWrite => {
  const { TableName, Key, UpdateExpression } = input
  const placeholders = { names: input.ExpressionAttributeNames, values: input.ExpressionAttributeValues }
  const table = tables.table(TableName)
  itemKey(table, Key)
  const changes = UpdateExpression ? compileUpdate(UpdateExpression, placeholders, table.key) : new Map()
  const checked = prepareCheck(tables, input)
  const { item, changed } = updatedItem(checked.earlier ?? structuredClone(Key), changes)
  return { ...checked, next: structuredClone(item), changed }
}

/** Makes a write. */
export const commit = ({ table, key, next }: PreparedWrite): void => {
  if (next) table.items.set(key, next)
  else table.items.delete(key)
}

/** What a write that puts or deletes an item answers. */
export const replaced = (
  { earlier }: PreparedWrite,
  returnValues: string | undefined,
): { Attributes?: Item } => (returnValues === 'ALL_OLD' && earlier ? { Attributes: earlier } : {})

/** Throws ValidationException for what a write that puts or deletes an item cannot return. */
export const checkReturnValues = (returnValues: string | undefined): void => {
  if (returnValues && returnValues !== 'NONE' && returnValues !== 'ALL_OLD')
    throw invalidInput('ReturnValues can only be ALL_OLD or NONE')
}

/** Throws ConditionalCheckFailedException where the item that is there is not as the write wants it. */
const requireCondition = (input: Conditional, earlier: Item | undefined): void => {
  if (!input.ConditionExpression) return
  const check = compileCondition(input.ConditionExpression, {
    names: input.ExpressionAttributeNames,
    values: input.ExpressionAttributeValues,
  })
  if (check(earlier ?? {})) return
  const shown = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && earlier
  throw new AwsFailure('ConditionalCheckFailedException', 'The conditional request failed', {
    fields: shown ? { Item: earlier } : {},
  })
}

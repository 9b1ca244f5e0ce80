import type {
  DeleteItemInput,
  DeleteItemOutput,
  DescribeTableInput,
  DescribeTableOutput,
  GetItemInput,
  GetItemOutput,
  ListTablesInput,
  ListTablesOutput,
  PutItemInput,
  PutItemOutput,
  ScanInput,
  ScanOutput,
  UpdateItemInput,
  UpdateItemOutput,
} from '@aws-sdk/client-dynamodb'
import { AwsFailure } from '../failure.ts'
import { type Operations, operation } from '../operation.ts'
import { compileCondition, type Item, type Placeholders } from './condition.ts'
import { invalidInput, itemKey, pageAnswer, projection } from './items.ts'
import { queryOperation } from './query.ts'
import { describeTable, type Table, type Tables } from './tables.ts'
import { compileUpdate, updatedItem } from './update.ts'

export { type Table, Tables } from './tables.ts'

const PAGE_SIZE = 100

/** DynamoDB: the tables, and whole items by their key, written under conditions and filtered. */
export const dynamodbOperations = (tables: Tables): Operations => {
  const onTable = {
    resource: ({ TableName }: { TableName: string }) => tables.arnOf(TableName),
    subject: ({ TableName }: { TableName: string }) => TableName,
  }
  return {
    ListTables: operation<ListTablesInput, ListTablesOutput>()({
      reads: ['ExclusiveStartTableName', 'Limit'],
      resource: () => '*',
      handle: ({ ExclusiveStartTableName: after = '', Limit = PAGE_SIZE }) => {
        const names = tables.list().map(({ name }) => name)
        const rest = names.filter((name) => name > after)
        const page = rest.slice(0, Limit)
        return { TableNames: page, ...(rest.length > Limit ? { LastEvaluatedTableName: page.at(-1) } : {}) }
      },
    }),
    DescribeTable: operation<DescribeTableInput, DescribeTableOutput>()({
      reads: ['TableName'],
      ...onTable,
      handle: ({ TableName }) => ({ Table: describeTable(tables.table(TableName)) }),
    }),
    GetItem: operation<GetItemInput, GetItemOutput>()({
      // Every read is consistent here.
      reads: ['TableName', 'Key', 'ConsistentRead', 'ProjectionExpression', 'ExpressionAttributeNames'],
      ...onTable,
      handle: ({ TableName, Key, ProjectionExpression, ExpressionAttributeNames: names }) => {
        const table = tables.table(TableName)
        const project = projection(ProjectionExpression, { names })
        const found = table.items.get(itemKey(table, Key as Item))
        return found ? { Item: structuredClone(project(found)) } : {}
      },
    }),
    PutItem: operation<PutItemInput, PutItemOutput>()({
      reads: [
        'TableName',
        'Item',
        'ConditionExpression',
        'ExpressionAttributeNames',
        'ExpressionAttributeValues',
        'ReturnValues',
        'ReturnValuesOnConditionCheckFailure',
      ],
      ...onTable,
      handle: ({ TableName, Item: item, ...input }) => {
        const table = tables.table(TableName)
        const key = itemKey(table, item as Item)
        const earlier = replacedItem(table, key, input)
        table.items.set(key, structuredClone(item as Item))
        return input.ReturnValues === 'ALL_OLD' && earlier ? { Attributes: earlier } : {}
      },
    }),
    DeleteItem: operation<DeleteItemInput, DeleteItemOutput>()({
      reads: [
        'TableName',
        'Key',
        'ConditionExpression',
        'ExpressionAttributeNames',
        'ExpressionAttributeValues',
        'ReturnValues',
        'ReturnValuesOnConditionCheckFailure',
      ],
      ...onTable,
      handle: ({ TableName, Key, ...input }) => {
        const table = tables.table(TableName)
        const key = itemKey(table, Key as Item)
        const earlier = replacedItem(table, key, input)
        table.items.delete(key)
        return input.ReturnValues === 'ALL_OLD' && earlier ? { Attributes: earlier } : {}
      },
    }),
    UpdateItem: operation<UpdateItemInput, UpdateItemOutput>()({
      reads: [
        'TableName',
        'Key',
        'UpdateExpression',
        'ConditionExpression',
        'ExpressionAttributeNames',
        'ExpressionAttributeValues',
        'ReturnValues',
        'ReturnValuesOnConditionCheckFailure',
      ],
      ...onTable,
      handle: ({ TableName, Key, UpdateExpression, ReturnValues = 'NONE', ...input }) => {
        const table = tables.table(TableName)
        const key = itemKey(table, Key as Item)
        const placeholders = {
          names: input.ExpressionAttributeNames,
          values: input.ExpressionAttributeValues,
        }
        const changes = UpdateExpression
          ? compileUpdate(UpdateExpression, placeholders, table.key)
          : new Map()
        const earlier = table.items.get(key)
        requireCondition(input, earlier)
        const { item, changed } = updatedItem(earlier ?? (structuredClone(Key) as Item), changes)
        table.items.set(key, structuredClone(item))
        const shown = ReturnValues.endsWith('OLD') ? earlier : item
        if (ReturnValues === 'NONE' || !shown) return {}
        const parts = Object.entries(shown).filter(
          ([name]) => ReturnValues.startsWith('ALL') || changed.has(name),
        )
        return parts.length > 0 ? { Attributes: structuredClone(Object.fromEntries(parts)) } : {}
      },
    }),
    Query: queryOperation(tables),
    Scan: operation<ScanInput, ScanOutput>()({
      reads: [
        'TableName',
        'ConsistentRead',
        'FilterExpression',
        'ProjectionExpression',
        'ExpressionAttributeNames',
        'ExpressionAttributeValues',
        'Limit',
        'ExclusiveStartKey',
        'Select',
      ],
      ...onTable,
      handle: (input) => {
        const table = tables.table(input.TableName)
        return pageAnswer(table, [...table.items.values()], [table.key], input)
      },
    }),
  }
}

interface Conditional {
  ReturnValues?: string | undefined
  ConditionExpression?: string | undefined
  ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined
  ExpressionAttributeValues?: Placeholders['values']
  ReturnValuesOnConditionCheckFailure?: string | undefined
}

/** The item that a write replaces or deletes. Throws where its condition does not hold, and ValidationException. */
const replacedItem = (table: Table, key: string, input: Conditional): Item | undefined => {
  if (input.ReturnValues && input.ReturnValues !== 'NONE' && input.ReturnValues !== 'ALL_OLD')
    throw invalidInput('ReturnValues can only be ALL_OLD or NONE')
  const earlier = table.items.get(key)
  requireCondition(input, earlier)
  return earlier
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

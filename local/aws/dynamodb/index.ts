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
import { type Operations, operation } from '../operation.ts'
import { batchOperations } from './batches.ts'
import type { Item } from './condition.ts'
import { tableOperations } from './definitions.ts'
import { itemKey, pageAnswer, projection } from './items.ts'
import { queryOperation } from './query.ts'
import { describeTable, type Tables } from './tables.ts'
import { transactionOperations } from './transactions.ts'
import {
  checkReturnValues,
  commit,
  prepareDelete,
  prepareItemUpdate,
  preparePut,
  replaced,
} from './writes.ts'

export { type Table, Tables } from './tables.ts'

const PAGE_SIZE = 100

/** DynamoDB: the tables, and whole items by their key, written under conditions, alone or several at once, and filtered. */
export const dynamodbOperations = (tables: Tables, now: () => number): Operations => {
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
      handle: ({ Item: item, ReturnValues, ...input }) => {
        checkReturnValues(ReturnValues)
        const write = preparePut(tables, { ...input, Item: item as Item })
        commit(write)
        return replaced(write, ReturnValues)
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
      handle: ({ Key, ReturnValues, ...input }) => {
        checkReturnValues(ReturnValues)
        const write = prepareDelete(tables, { ...input, Key: Key as Item })
        commit(write)
        return replaced(write, ReturnValues)
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
      handle: ({ Key, ReturnValues = 'NONE', ...input }) => {
        const write = prepareItemUpdate(tables, { ...input, Key: Key as Item })
        commit(write)
        const shown = ReturnValues.endsWith('OLD') ? write.earlier : write.next
        if (ReturnValues === 'NONE' || !shown) return {}
        const parts = Object.entries(shown).filter(
          ([name]) => ReturnValues.startsWith('ALL') || write.changed.has(name),
        )
        return parts.length > 0 ? { Attributes: structuredClone(Object.fromEntries(parts)) } : {}
      },
    }),
    ...transactionOperations(tables, now),
    ...batchOperations(tables),
    ...tableOperations(tables),
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

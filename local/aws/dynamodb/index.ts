import type {
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
} from '@aws-sdk/client-dynamodb'
import { AwsFailure } from '../failure.ts'
import { type Operations, operation } from '../operation.ts'
import { attributeNamed, compileCondition, type Item, type Placeholders } from './condition.ts'
import { describeTable, type Table, type Tables } from './tables.ts'

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
        const found = table.items.get(keyOf(table, Key as Item))
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
        const key = keyOf(table, item as Item)
        if (input.ReturnValues && input.ReturnValues !== 'NONE' && input.ReturnValues !== 'ALL_OLD')
          throw invalid('ReturnValues can only be ALL_OLD or NONE')
        const earlier = table.items.get(key)
        if (input.ConditionExpression) {
          const check = compileCondition(input.ConditionExpression, {
            names: input.ExpressionAttributeNames,
            values: input.ExpressionAttributeValues,
          })
          const shown = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && earlier
          if (!check(earlier ?? {}))
            throw new AwsFailure('ConditionalCheckFailedException', 'The conditional request failed', {
              fields: shown ? { Item: earlier } : {},
            })
        }
        table.items.set(key, structuredClone(item as Item))
        return input.ReturnValues === 'ALL_OLD' && earlier ? { Attributes: earlier } : {}
      },
    }),
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
        const placeholders = {
          names: input.ExpressionAttributeNames,
          values: input.ExpressionAttributeValues,
        }
        const matches = input.FilterExpression
          ? compileCondition(input.FilterExpression, placeholders, 'FilterExpression')
          : () => true
        const project = projection(input.ProjectionExpression, placeholders)
        const { page, more } = pageOf(table, input.ExclusiveStartKey, input.Limit)
        const found = page.filter(matches)
        return {
          ...(input.Select === 'COUNT' ? {} : { Items: structuredClone(found.map(project)) }),
          Count: found.length,
          ScannedCount: page.length,
          ...(more ? { LastEvaluatedKey: { [table.key]: page.at(-1)?.[table.key] } as Item } : {}),
        }
      },
    }),
  }
}

/** As many items as the limit says, counted before the filter, after the key where the last page ended. */
const pageOf = (table: Table, after: Item | undefined, limit = Number.POSITIVE_INFINITY) => {
  const keys = [...table.items.keys()]
  const start = after ? keys.indexOf(keyOf(table, after)) + 1 : 0
  const page = [...table.items.values()].slice(start, start + limit)
  return { page, more: start + page.length < keys.length }
}

const projection = (expression: string | undefined, placeholders: Placeholders) => {
  if (expression === undefined) return (item: Item): Item => item
  const wanted = new Set(
    expression.split(',').map((name) => attributeNamed(name.trim(), placeholders, 'ProjectionExpression')),
  )
  return (item: Item): Item =>
    Object.fromEntries(Object.entries(item).filter(([attribute]) => wanted.has(attribute)))
}

const invalid = (message: string): AwsFailure =>
  new AwsFailure('ValidationException', message, { status: 400 })

const keyOf = (table: Table, item: Item): string => {
  const key = item[table.key]?.S
  if (!key) throw invalid('The provided key element does not match the schema')
  return key
}

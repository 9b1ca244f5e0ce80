import type { QueryInput, QueryOutput } from '@aws-sdk/client-dynamodb'
import { type Operation, operation } from '../operation.ts'
import { attributeNamed, type Placeholders } from './condition.ts'
import { invalidInput, pageAnswer } from './items.ts'
import type { Table, Tables } from './tables.ts'

/** Query: the items of one key, in the table or in an index of it. */
export const queryOperation = (tables: Tables): Operation =>
  operation<QueryInput, QueryOutput>()({
    reads: [
      'TableName',
      'IndexName',
      'ConsistentRead',
      'KeyConditionExpression',
      'FilterExpression',
      'ProjectionExpression',
      'ExpressionAttributeNames',
      'ExpressionAttributeValues',
      'Limit',
      'ExclusiveStartKey',
      'Select',
      // There are no sort keys by which the items of a key could be in order.
      'ScanIndexForward',
    ],
    resource: ({ TableName, IndexName }) =>
      IndexName ? `${tables.arnOf(TableName)}/index/${IndexName}` : tables.arnOf(TableName),
    subject: ({ TableName }) => TableName,
    handle: (input) => {
      const table = tables.table(input.TableName)
      const key = keyQueried(table, input)
      const wanted = keyCondition(input.KeyConditionExpression, key, {
        names: input.ExpressionAttributeNames,
        values: input.ExpressionAttributeValues,
      })
      const items = [...table.items.values()].filter((item) => item[key]?.S === wanted)
      return pageAnswer(table, items, [table.key, key], input)
    },
  })

const keyQueried = (
  table: Table,
  { IndexName, ConsistentRead }: Pick<QueryInput, 'IndexName' | 'ConsistentRead'>,
): string => {
  if (IndexName === undefined) return table.key
  const key = Object.hasOwn(table.indexes, IndexName) ? table.indexes[IndexName] : undefined
  if (key === undefined) throw invalidInput(`The table does not have the specified index: ${IndexName}`)
  if (ConsistentRead) throw invalidInput('Consistent reads are not supported on global secondary indexes')
  return key
}

/** The value that the key must have; without sort keys, equality is all that can be asked. */
const keyCondition = (expression = '', key: string, placeholders: Placeholders): string => {
  const missed = () => invalidInput(`Query condition missed key schema element: ${key}`)
  const [, name = '', placeholder = ''] = /^\s*\(?\s*(#?\w+)\s*=\s*(:\w+)\s*\)?\s*$/.exec(expression) ?? []
  if (!name || attributeNamed(name, placeholders, 'KeyConditionExpression') !== key) throw missed()
  const { values = {} } = placeholders
  const value = Object.hasOwn(values, placeholder) ? values[placeholder] : undefined
  if (!value)
    throw invalidInput(
      `Invalid KeyConditionExpression: An expression attribute value used in expression is not defined; attribute value: ${placeholder}`,
    )
  if (value.S === undefined)
    throw invalidInput(
      'One or more parameter values were invalid: Condition parameter type does not match schema type',
    )
  return value.S
}

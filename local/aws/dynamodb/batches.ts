import type {
  BatchGetItemInput,
  BatchGetItemOutput,
  BatchWriteItemInput,
  BatchWriteItemOutput,
  KeysAndAttributes,
} from '@aws-sdk/client-dynamodb'
import { AwsFailure } from '../failure.ts'
import { type Operations, operation } from '../operation.ts'
import type { Item } from './condition.ts'
import { invalidInput, itemKey, projection } from './items.ts'
import type { Tables } from './tables.ts'
import { commit, type PreparedWrite, prepareDelete, preparePut } from './writes.ts'

/** As many writes, and as many keys, as one request may have on all its tables together. */
const MOST_WRITES = 25
const MOST_KEYS = 100

/** As much as one answer may hold; keys whose items have no room come back as unprocessed. */
const largestAnswer = 16 * 1024 * 1024

/**
 * DynamoDB: several items on any of the account's tables, each by itself. Writes have no conditions, and all of them
 * are made here: there is no throughput that could run out.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
 */
export const batchOperations = (tables: Tables): Operations => ({
  BatchWriteItem: operation<BatchWriteItemInput, BatchWriteItemOutput>()({
    reads: ['RequestItems'],
    authorized: false,
    resource: () => '*',
    subject: ({ RequestItems }) => Object.keys(RequestItems ?? {}).join(','),
    handle: ({ RequestItems = {} }, { require }) => {
      for (const table of Object.keys(RequestItems))
        require({ action: 'dynamodb:BatchWriteItem', resource: tables.arnOf(table) })
      const requests = Object.entries(RequestItems).flatMap(([table, writes]) =>
        (writes ?? []).map((write) => ({ ...write, table })),
      )
      if (requests.length > MOST_WRITES)
        throw invalidInput('Too many items requested for the BatchWriteItem call')
      const prepared = requests.map(({ table, PutRequest, DeleteRequest }): PreparedWrite => {
        if (Boolean(PutRequest) === Boolean(DeleteRequest))
          throw invalidInput(
            'Supplied WriteRequest is invalid, must contain exactly one of PutRequest or DeleteRequest',
          )
        return PutRequest
          ? preparePut(tables, { TableName: table, Item: PutRequest.Item as Item })
          : prepareDelete(tables, { TableName: table, Key: (DeleteRequest?.Key ?? {}) as Item })
      })
      requireDifferent(prepared.map(({ table, key }) => `${table.name}/${key}`))
      for (const write of prepared) commit(write)
      return { UnprocessedItems: {} }
    },
  }),
  BatchGetItem: operation<BatchGetItemInput, BatchGetItemOutput>()({
    reads: ['RequestItems'],
    authorized: false,
    resource: () => '*',
    subject: ({ RequestItems }) => Object.keys(RequestItems ?? {}).join(','),
    handle: ({ RequestItems = {} }, { require }) => {
      for (const table of Object.keys(RequestItems))
        require({ action: 'dynamodb:BatchGetItem', resource: tables.arnOf(table) })
      const asked = Object.entries(RequestItems)
      if (asked.some(([, { AttributesToGet }]) => AttributesToGet))
        throw new AwsFailure('NotImplemented', 'The stand-in does not read RequestItems.AttributesToGet', {
          status: 501,
        })
      const keys = asked.flatMap(([name, { Keys = [] }]) => {
        const table = tables.table(name)
        return Keys.map((key) => `${table.name}/${itemKey(table, key as Item)}`)
      })
      if (keys.length > MOST_KEYS) throw invalidInput('Too many items requested for the BatchGetItem call')
      requireDifferent(keys)
      return found(tables, asked)
    },
  }),
})

const requireDifferent = (places: readonly string[]): void => {
  if (new Set(places).size < places.length)
    throw invalidInput('Provided list of item keys contains duplicates')
}

/** The items that are there, as long as there is room for them. */
const found = (tables: Tables, asked: readonly [string, KeysAndAttributes][]): BatchGetItemOutput => {
  let size = 0
  const responses: Record<string, Item[]> = {}
  const unprocessed: Record<string, KeysAndAttributes> = {}
  for (const [name, { Keys = [], ...how }] of asked) {
    const table = tables.table(name)
    const project = projection(how.ProjectionExpression, { names: how.ExpressionAttributeNames })
    const items: Item[] = []
    const left: Item[] = []
    for (const key of Keys as Item[]) {
      const item = table.items.get(itemKey(table, key))
      size += item ? JSON.stringify(item).length : 0
      if (size > largestAnswer) left.push(key)
      else if (item) items.push(structuredClone(project(item)))
    }
    responses[name] = items
    if (left.length > 0) unprocessed[name] = { ...how, Keys: left }
  }
  return { Responses: responses, UnprocessedKeys: unprocessed }
}

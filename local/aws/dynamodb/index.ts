import type {
  GetItemInput,
  GetItemOutput,
  PutItemInput,
  PutItemOutput,
  ScanInput,
  ScanOutput,
} from '@aws-sdk/client-dynamodb'
import type { Account } from '../account/account.ts'
import { AwsFailure } from '../failure.ts'
import { type Operations, operation } from '../operation.ts'
import { compileCondition, type Item } from './condition.ts'

/** A table with a string key. Its time-to-live deletes nothing, as the real one's does not for days. */
export interface Table {
  name: string
  arn: string
  key: string
  items: Map<string, Item>
}

/** The account's tables. */
export class Tables {
  readonly #account: Pick<Account, 'region' | 'accountId'>
  readonly #tables = new Map<string, Table>()

  constructor(account: Pick<Account, 'region' | 'accountId'>) {
    this.#account = account
  }

  add(name: string, key: string): Table {
    const table = { name, arn: this.arnOf(name), key, items: new Map<string, Item>() }
    this.#tables.set(name, table)
    return table
  }

  /** Of a table that is named by its name or its ARN. */
  arnOf(table: string): string {
    const { region, accountId } = this.#account
    return table.startsWith('arn:') ? table : `arn:aws:dynamodb:${region}:${accountId}:table/${table}`
  }

  /** Throws ResourceNotFoundException. */
  table(nameOrArn: string): Table {
    const table = this.#tables.get(nameOrArn.split(':table/').at(-1) ?? '')
    if (table?.arn !== this.arnOf(nameOrArn))
      throw new AwsFailure('ResourceNotFoundException', 'Requested resource not found')
    return table
  }
}

/** DynamoDB: whole items by their key, written under conditions. */
export const dynamodbOperations = (tables: Tables): Operations => {
  const onTable = {
    resource: ({ TableName }: { TableName: string }) => tables.arnOf(TableName),
    subject: ({ TableName }: { TableName: string }) => TableName,
  }
  return {
    GetItem: operation<GetItemInput, GetItemOutput>()({
      reads: ['TableName', 'Key', 'ConsistentRead'],
      ...onTable,
      handle: ({ TableName, Key }) => {
        const table = tables.table(TableName)
        const found = table.items.get(keyOf(table, Key as Item))
        return found ? { Item: structuredClone(found) } : {}
      },
    }),
    PutItem: operation<PutItemInput, PutItemOutput>()({
      reads: [
        'TableName',
        'Item',
        'ConditionExpression',
        'ExpressionAttributeNames',
        'ExpressionAttributeValues',
      ],
      ...onTable,
      handle: ({ TableName, Item: item, ...input }) => {
        const table = tables.table(TableName)
        const key = keyOf(table, item as Item)
        if (input.ConditionExpression) {
          const check = compileCondition(input.ConditionExpression, {
            names: input.ExpressionAttributeNames,
            values: input.ExpressionAttributeValues,
          })
          if (!check(table.items.get(key) ?? {}))
            throw new AwsFailure('ConditionalCheckFailedException', 'The conditional request failed')
        }
        table.items.set(key, structuredClone(item as Item))
        return {}
      },
    }),
    Scan: operation<ScanInput, ScanOutput>()({
      reads: ['TableName', 'ConsistentRead'],
      ...onTable,
      handle: ({ TableName }) => {
        const items = [...tables.table(TableName).items.values()]
        return { Items: structuredClone(items), Count: items.length, ScannedCount: items.length }
      },
    }),
  }
}

const keyOf = (table: Table, item: Item): string => {
  const key = item[table.key]?.S
  if (!key)
    throw new AwsFailure('ValidationException', 'The provided key element does not match the schema', {
      status: 400,
    })
  return key
}

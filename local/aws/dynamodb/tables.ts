import { randomUUID } from 'node:crypto'
import type { TableDescription } from '@aws-sdk/client-dynamodb'
import type { Account } from '../account/account.ts'
import { AwsFailure } from '../failure.ts'
import type { Item } from './condition.ts'

/** A table with a string key. Its time-to-live deletes nothing, as the real one's does not for days. */
export interface Table {
  name: string
  arn: string
  id: string
  createdAt: Date
  key: string
  /** Global secondary indexes of all attributes: their own string key by their name. */
  indexes: Readonly<Record<string, string>>
  items: Map<string, Item>
}

/** The account's tables. */
export class Tables {
  readonly #account: Pick<Account, 'partition' | 'region' | 'accountId' | 'now'>
  readonly #tables = new Map<string, Table>()

  constructor(account: Pick<Account, 'partition' | 'region' | 'accountId' | 'now'>) {
    this.#account = account
  }

  add(name: string, key: string, indexes: Readonly<Record<string, string>> = {}): Table {
    const createdAt = this.#account.now()
    const arn = this.arnOf(name)
    const table = { name, arn, id: randomUUID(), createdAt, key, indexes, items: new Map() }
    this.#tables.set(name, table)
    return table
  }

  /** Whether there is a table of that name. */
  has(name: string): boolean {
    return this.#tables.has(name)
  }

  remove({ name }: Table): void {
    this.#tables.delete(name)
  }

  /** Of a table that is named by its name or its ARN. */
  arnOf(table: string): string {
    const { partition, region, accountId } = this.#account
    return table.startsWith('arn:')
      ? table
      : `arn:${partition}:dynamodb:${region}:${accountId}:table/${table}`
  }

  /** By name. */
  list(): Table[] {
    return [...this.#tables.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
  }

  /** Throws ResourceNotFoundException. */
  table(nameOrArn: string): Table {
    const name = nameOrArn.split(':table/').at(-1) ?? ''
    const table = this.#tables.get(name)
    if (table?.arn !== this.arnOf(nameOrArn))
      throw new AwsFailure(
        'ResourceNotFoundException',
        `Requested resource not found: Table: ${name} not found`,
      )
    return table
  }
}

/** What DescribeTable says: all are paid by request. */
export const describeTable = ({
  name,
  arn,
  id,
  createdAt,
  key,
  indexes,
  items,
}: Table): TableDescription => ({
  TableName: name,
  TableArn: arn,
  TableId: id,
  TableStatus: 'ACTIVE',
  CreationDateTime: createdAt,
  AttributeDefinitions: [...new Set([key, ...Object.values(indexes)])].map((attribute) => ({
    AttributeName: attribute,
    AttributeType: 'S',
  })),
  KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
  BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
  ProvisionedThroughput: { NumberOfDecreasesToday: 0, ReadCapacityUnits: 0, WriteCapacityUnits: 0 },
  ItemCount: items.size,
  TableSizeBytes: Buffer.byteLength(JSON.stringify([...items.values()])),
  DeletionProtectionEnabled: false,
  ...(Object.keys(indexes).length > 0
    ? {
        GlobalSecondaryIndexes: Object.entries(indexes).map(([index, attribute]) => ({
          IndexName: index,
          IndexArn: `${arn}/index/${index}`,
          IndexStatus: 'ACTIVE' as const,
          KeySchema: [{ AttributeName: attribute, KeyType: 'HASH' as const }],
          Projection: { ProjectionType: 'ALL' as const },
        })),
      }
    : {}),
})

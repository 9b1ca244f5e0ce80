import type {
  CreateTableInput,
  CreateTableOutput,
  DeleteTableInput,
  DeleteTableOutput,
} from '@aws-sdk/client-dynamodb'
import { AwsFailure } from '../failure.ts'
import { type Operations, operation } from '../operation.ts'
import { invalidInput } from './items.ts'
import { describeTable, type Tables } from './tables.ts'

type Keys = CreateTableInput['KeySchema']

/** DynamoDB: tables come and go. What AWS does to them in some seconds is done at once. */
export const tableOperations = (tables: Tables): Operations => {
  const resource = ({ TableName }: { TableName: string | undefined }) => tables.arnOf(TableName ?? '')
  const subject = ({ TableName }: { TableName: string | undefined }) => TableName ?? ''
  return {
    CreateTable: operation<CreateTableInput, CreateTableOutput>()({
      reads: [
        'TableName',
        'AttributeDefinitions',
        'KeySchema',
        'BillingMode',
        'GlobalSecondaryIndexes.IndexName',
        'GlobalSecondaryIndexes.KeySchema',
        'GlobalSecondaryIndexes.Projection',
      ],
      resource,
      subject,
      handle: ({ TableName = '', KeySchema, BillingMode, GlobalSecondaryIndexes = [], ...input }) => {
        if (tables.has(TableName))
          throw new AwsFailure('ResourceInUseException', `Table already exists: ${TableName}`)
        if (BillingMode !== 'PAY_PER_REQUEST') throw notServed('a BillingMode other than PAY_PER_REQUEST')
        const key = onlyKey(KeySchema, input.AttributeDefinitions)
        const indexes = GlobalSecondaryIndexes.map(({ IndexName = '', KeySchema: keys, Projection }) => {
          if (Projection?.ProjectionType !== 'ALL') throw notServed('a Projection of an index other than ALL')
          return [IndexName, onlyKey(keys, input.AttributeDefinitions)]
        })
        const table = tables.add(TableName, key, Object.fromEntries(indexes))
        return { TableDescription: { ...describeTable(table), TableStatus: 'CREATING' } }
      },
    }),
    DeleteTable: operation<DeleteTableInput, DeleteTableOutput>()({
      reads: ['TableName'],
      resource,
      subject,
      handle: ({ TableName = '' }) => {
        const table = tables.table(TableName)
        tables.remove(table)
        return { TableDescription: { ...describeTable(table), TableStatus: 'DELETING' } }
      },
    }),
  }
}

/** The one key that a table or an index has here: a string. Throws 501 for what DynamoDB has besides. */
const onlyKey = (keys: Keys = [], definitions: CreateTableInput['AttributeDefinitions'] = []): string => {
  const [hash, range] = keys
  if (range) throw notServed('sort keys (a KeySchema with RANGE)')
  const name = hash?.AttributeName ?? ''
  const type = definitions.find(({ AttributeName }) => AttributeName === name)?.AttributeType
  if (type === undefined)
    throw invalidInput(
      `One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [${name}], AttributeDefinitions: [${definitions.map(({ AttributeName }) => AttributeName).join(', ')}]`,
    )
  if (type !== 'S') throw notServed(`keys of the AttributeType ${type}`)
  return name
}

const notServed = (what: string): AwsFailure =>
  new AwsFailure('NotImplemented', `The stand-in does not implement ${what}`, { status: 501 })

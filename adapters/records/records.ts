import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { clientOptions, onlyAnswersOfAws } from '../aws-client.ts'
import { isNamed, requiredMember, restateAwsError } from '../aws-errors.ts'
import { perRuntime } from '../per-runtime.ts'
import type { Runtime } from '../runtime.ts'

/** A record as it was read: its value, and the version that a replacement must name. */
export interface StoredRecord<Value> {
  value: Value
  version: number
}

/**
 * Small JSON documents under an id, each for a limited time. Whoever writes says what was there before, so that
 * of several writers at once one wins and the others know. Every failure comes in the names of `core/errors.ts`.
 */
export interface Records<Value> {
  /** The record, or undefined where there is none or its time is over. */
  get(id: string): Promise<StoredRecord<Value> | undefined>
  /** Writes where there is no record (any more); false where there is one. */
  create(id: string, value: Value, expiresAt: number): Promise<boolean>
  /** Writes where the record is still the one that was read; false where it is not. */
  replace(id: string, value: Value, expiresAt: number, version: number): Promise<boolean>
}

const client = perRuntime((runtime, region) =>
  onlyAnswersOfAws(new DynamoDBClient(clientOptions(runtime, region))),
)

/** Where a table is: `arn:aws:dynamodb:REGION:ACCOUNT:table/NAME`, and what its records are about. */
export interface TableOfRecords {
  tableArn: string
  /** Goes before each id, so that records of several kinds share a table. */
  kind: string
}

/**
 * Records in a DynamoDB table with the string key `id`; `expiresAt` (epoch seconds) is its time-to-live
 * attribute. DynamoDB deletes late, by days, so that every read and write compares the time itself.
 */
export const records = <Value>(runtime: Runtime, { tableArn, kind }: TableOfRecords): Records<Value> => {
  const table = { TableName: tableArn }
  const sdk = client(runtime, tableArn.split(':')[3] ?? '')
  const options = runtime.signal ? { abortSignal: runtime.signal } : {}
  const now = () => Math.floor(runtime.clock.now() / 1000)
  const keyOf = (id: string) => ({ id: { S: `${kind}/${id}` } })

  const put = async (
    id: string,
    value: Value,
    expiresAt: number,
    condition: { version: number; expression: string; values: Record<string, { N: string }> },
  ): Promise<boolean> => {
    try {
      await sdk.send(
        new PutItemCommand({
          ...table,
          Item: {
            ...keyOf(id),
            document: { S: JSON.stringify(value) },
            version: { N: String(condition.version) },
            expiresAt: { N: String(Math.ceil(expiresAt / 1000)) },
          },
          ConditionExpression: condition.expression,
          ExpressionAttributeValues: condition.values,
        }),
        options,
      )
      return true
    } catch (error) {
      if (isNamed(error, 'ConditionalCheckFailedException')) return false
      throw restateAwsError(error, `writing the record ${kind}/${id}`)
    }
  }

  return {
    get: async (id) => {
      try {
        const { Item } = await sdk.send(
          new GetItemCommand({ ...table, Key: keyOf(id), ConsistentRead: true }),
          options,
        )
        if (!Item) return undefined
        if (Number(requiredMember(Item.expiresAt?.N, 'expiresAt')) <= now()) return undefined
        return {
          value: JSON.parse(requiredMember(Item.document?.S, 'document')) as Value,
          version: Number(requiredMember(Item.version?.N, 'version')),
        }
      } catch (error) {
        throw restateAwsError(error, `reading the record ${kind}/${id}`)
      }
    },
    create: (id, value, expiresAt) =>
      put(id, value, expiresAt, {
        version: 1,
        expression: 'attribute_not_exists(id) OR expiresAt <= :now',
        values: { ':now': { N: String(now()) } },
      }),
    replace: (id, value, expiresAt, version) =>
      put(id, value, expiresAt, {
        version: version + 1,
        expression: 'version = :version',
        values: { ':version': { N: String(version) } },
      }),
  }
}

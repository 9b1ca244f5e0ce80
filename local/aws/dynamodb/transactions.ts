import type {
  CancellationReason,
  TransactGetItemsInput,
  TransactGetItemsOutput,
  TransactWriteItem,
  TransactWriteItemsInput,
  TransactWriteItemsOutput,
} from '@aws-sdk/client-dynamodb'
import { setBounded } from '../../bounded.ts'
import { AwsFailure } from '../failure.ts'
import { type Operations, operation } from '../operation.ts'
import type { Item } from './condition.ts'
import { invalidInput, itemKey, projection } from './items.ts'
import type { Tables } from './tables.ts'
import {
  commit,
  type PreparedWrite,
  prepareCheck,
  prepareDelete,
  prepareItemUpdate,
  preparePut,
} from './writes.ts'

/** A transaction's token means the same for ten minutes. */
const tokenMs = 10 * 60_000
const MOST_TOKENS = 1000

/** What one of a transaction's writes takes: permissions are asked for each of them, not for the transaction. */
interface Step {
  action: string
  table: string
  /** The key's attributes, and for a new item the others. */
  item: Item
  prepare(): PreparedWrite
}

/**
 * DynamoDB: several items at once, on any of the account's tables: all or none.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
 */
export const transactionOperations = (tables: Tables, now: () => number): Operations => {
  const tokens = new Map<string, { request: string; at: number }>()

  /** Whether the same was done before. Throws IdempotentParameterMismatchException. */
  const isRepeated = (token: string | undefined, request: string): boolean => {
    const known = token === undefined ? undefined : tokens.get(token)
    if (!known || now() - known.at > tokenMs) return false
    if (known.request === request) return true
    throw new AwsFailure(
      'IdempotentParameterMismatchException',
      'The parameters of the request differ from those of the earlier one with this client token',
      { status: 400 },
    )
  }

  const stepOf = (write: TransactWriteItem): Step => {
    const steps: Step[] = []
    const add = (name: string, table = '', item: Item = {}, prepare: () => PreparedWrite) =>
      steps.push({ action: `dynamodb:${name}`, table, item, prepare })
    const { ConditionCheck, Put, Update, Delete } = write
    if (ConditionCheck)
      add('ConditionCheckItem', ConditionCheck.TableName, ConditionCheck.Key, () =>
        prepareCheck(tables, ConditionCheck as Given),
      )
    if (Put) add('PutItem', Put.TableName, Put.Item, () => preparePut(tables, Put as Given & { Item: Item }))
    if (Update)
      add('UpdateItem', Update.TableName, Update.Key, () => prepareItemUpdate(tables, Update as Given))
    if (Delete) add('DeleteItem', Delete.TableName, Delete.Key, () => prepareDelete(tables, Delete as Given))
    const [step, another] = steps
    if (!step || another)
      throw invalidInput('TransactItems can only contain one of Check, Put, Update or Delete')
    return step
  }

  return {
    TransactWriteItems: operation<TransactWriteItemsInput, TransactWriteItemsOutput>()({
      reads: ['TransactItems', 'ClientRequestToken'],
      authorized: false,
      resource: () => '*',
      subject: ({ TransactItems }) =>
        namesOf(
          TransactItems.flatMap(({ ConditionCheck, Put, Update, Delete }) => [
            ConditionCheck,
            Put,
            Update,
            Delete,
          ]),
        ),
      handle: ({ TransactItems, ClientRequestToken: token }, { require }) => {
        const steps = TransactItems.map(stepOf)
        for (const { action, table } of steps) require({ action, resource: tables.arnOf(table) })
        const request = JSON.stringify(TransactItems)
        if (isRepeated(token, request)) return {}
        requireDistinct(tables, steps)
        const writes = prepared(steps)
        for (const write of writes) commit(write)
        if (token !== undefined) setBounded(tokens, token, { request, at: now() }, MOST_TOKENS)
        return {}
      },
    }),
    TransactGetItems: operation<TransactGetItemsInput, TransactGetItemsOutput>()({
      reads: ['TransactItems'],
      authorized: false,
      resource: () => '*',
      subject: ({ TransactItems }) => namesOf(TransactItems.map(({ Get }) => Get)),
      handle: ({ TransactItems }, { require }) => ({
        Responses: TransactItems.map(({ Get }) => {
          const {
            TableName = '',
            Key = {},
            ProjectionExpression,
            ExpressionAttributeNames: names,
          } = Get ?? {}
          require({ action: 'dynamodb:GetItem', resource: tables.arnOf(TableName) })
          const table = tables.table(TableName)
          const project = projection(ProjectionExpression, { names })
          const found = table.items.get(itemKey(table, Key))
          return found ? { Item: structuredClone(project(found)) } : {}
        }),
      }),
    }),
  }
}

/** The members that the model requires of each of them. */
type Given = Parameters<typeof prepareCheck>[1]

const namesOf = (parts: readonly ({ TableName?: string | undefined } | undefined)[]): string =>
  [...new Set(parts.flatMap((part) => part?.TableName ?? []))].join(',')

/** Throws ValidationException where two steps are about one item. */
const requireDistinct = (tables: Tables, steps: readonly Step[]): void => {
  const places = steps.map(({ table: named, item }) => {
    const table = tables.table(named)
    return `${table.name}/${itemKey(table, item)}`
  })
  if (new Set(places).size < places.length)
    throw invalidInput('Transaction request cannot include multiple operations on one item')
}

/** Each write as it is to be made. Throws TransactionCanceledException, which says of each why. */
const prepared = (steps: readonly Step[]): PreparedWrite[] => {
  const reasons: CancellationReason[] = []
  const writes: PreparedWrite[] = []
  for (const { prepare } of steps) {
    try {
      writes.push(prepare())
      reasons.push({ Code: 'None' })
    } catch (error) {
      if (!(error instanceof AwsFailure) || error.code !== 'ConditionalCheckFailedException') throw error
      reasons.push({ Code: 'ConditionalCheckFailed', Message: error.message, ...error.fields })
    }
  }
  const codes = reasons.map(({ Code }) => Code)
  if (codes.some((code) => code !== 'None'))
    throw new AwsFailure(
      'TransactionCanceledException',
      `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes.join(', ')}]`,
      { fields: { CancellationReasons: reasons } },
    )
  return writes
}

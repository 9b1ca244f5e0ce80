import {
  DynamoDBClient,
  TransactGetItemsCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type AwsStandIn, startAws } from '../../../../local/aws/index.ts'
import { allow, config, lambdaTrust } from '../support.ts'

let aws: AwsStandIn
let client: DynamoDBClient
beforeAll(async () => {
  aws = await startAws()
  client = new DynamoDBClient(config(aws))
})
afterAll(() => aws.close())
beforeEach(() => {
  for (const name of ['carts', 'orders']) aws.tables.add(name, 'id')
  aws.tables.table('carts').items.set('a', { id: { S: 'a' }, n: { N: '1' } })
})

const transact = (TransactItems: TransactWriteItem[], ClientRequestToken?: string, by = client) =>
  by.send(new TransactWriteItemsCommand({ TransactItems, ClientRequestToken }))

const Key = { id: { S: 'a' } }
const order = { TableName: 'orders', Item: { id: { S: 'o' } } }
const cart = { TableName: 'carts', Key }
const raise = {
  ...cart,
  UpdateExpression: 'SET n = n + :one',
  ExpressionAttributeValues: { ':one': { N: '1' } },
}
const absent = { ...cart, ConditionExpression: 'attribute_not_exists(id)' }
const present = { ...cart, ConditionExpression: 'attribute_exists(id)' }
const stored = () => ({
  cart: aws.tables.table('carts').items.get('a'),
  order: aws.tables.table('orders').items.get('o'),
})

describe('a transaction', () => {
  const made: [why: string, items: TransactWriteItem[], cart: object | undefined][] = [
    ['puts and updates', [{ Put: order }, { Update: raise }], { id: { S: 'a' }, n: { N: '2' } }],
    ['puts and deletes', [{ Put: order }, { Delete: present }], undefined],
    ['puts where a check holds', [{ ConditionCheck: present }, { Put: order }], { ...Key, n: { N: '1' } }],
  ]
  it.each(made)('%s in several tables', async (_why, items, left) => {
    await transact(items)
    expect(stored()).toEqual({ cart: left, order: order.Item })
  })

  const refused: [why: string, items: TransactWriteItem[], error: object][] = [
    [
      'a check that does not hold',
      [{ Put: order }, { ConditionCheck: { ...absent, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } }],
      {
        name: 'TransactionCanceledException',
        message:
          'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]',
        CancellationReasons: [
          { Code: 'None' },
          {
            Code: 'ConditionalCheckFailed',
            Message: 'The conditional request failed',
            Item: { ...Key, n: { N: '1' } },
          },
        ],
      },
    ],
    [
      'two writes to one item',
      [{ Put: order }, { Update: raise }, { ConditionCheck: absent }],
      {
        name: 'ValidationException',
        message: 'Transaction request cannot include multiple operations on one item',
      },
    ],
    ['an item of two writes', [{ Put: order, Update: raise }], { name: 'ValidationException' }],
    ['an item of none', [{ Put: order }, {}], { name: 'ValidationException' }],
    [
      'a table that is not there',
      [{ Put: order }, { Delete: { TableName: 'none', Key } }],
      { name: 'ResourceNotFoundException' },
    ],
    [
      'a number beside a string',
      [{ Put: order }, { Update: { ...raise, ExpressionAttributeValues: { ':one': { S: '1' } } } }],
      { name: 'ValidationException' },
    ],
  ]
  it.each(refused)('changes nothing for %s', async (_why, items, error) => {
    await expect(transact(items)).rejects.toMatchObject(error)
    expect(stored()).toEqual({ cart: { ...Key, n: { N: '1' } }, order: undefined })
  })

  it('is made once for its token, which means nothing else for ten minutes', async () => {
    await transact([{ Update: raise }], 'token')
    await transact([{ Update: raise }], 'token')
    expect(stored().cart?.n).toEqual({ N: '2' })
    await expect(transact([{ Put: order }], 'token')).rejects.toMatchObject({
      name: 'IdempotentParameterMismatchException',
    })
  })

  it('names what it does not read', async () => {
    await expect(
      client.send(
        new TransactWriteItemsCommand({ TransactItems: [{ Put: order }], ReturnConsumedCapacity: 'TOTAL' }),
      ),
    ).rejects.toMatchObject({
      name: 'NotImplemented',
      message: expect.stringContaining('ReturnConsumedCapacity'),
    })
  })

  it('takes the permission of each of its writes', async () => {
    const { arn } = aws.state.addRole({
      name: 'writer',
      trust: lambdaTrust,
      inline: { a: allow(['dynamodb:PutItem', 'dynamodb:TransactWriteItems']) },
    })
    const writer = new DynamoDBClient(config(aws, aws.sessionFor(arn)))
    await transact([{ Put: order }], undefined, writer)
    await expect(transact([{ ConditionCheck: present }], undefined, writer)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(
        `dynamodb:ConditionCheckItem on resource: ${aws.tables.arnOf('carts')}`,
      ),
    })
  })

  it('reads items of several tables', async () => {
    const get = new TransactGetItemsCommand({
      TransactItems: [{ Get: { ...cart, ProjectionExpression: 'n' } }, { Get: { TableName: 'orders', Key } }],
    })
    expect((await client.send(get)).Responses).toEqual([{ Item: { n: { N: '1' } } }, {}])
  })
})

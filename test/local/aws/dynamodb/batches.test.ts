import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type BatchWriteItemInput,
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
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

type Requests = NonNullable<BatchWriteItemInput['RequestItems']>

const item = (id: string) => ({ id: { S: id } })
const put = (id: string) => ({ PutRequest: { Item: item(id) } })
const remove = (id: string) => ({ DeleteRequest: { Key: item(id) } })
const many = (count: number) => Array.from({ length: count }, (_, index) => `i${index}`)
const write = (RequestItems: Requests, by = client) => by.send(new BatchWriteItemCommand({ RequestItems }))
const stored = (table: string) => [...aws.tables.table(table).items.keys()]

it('puts and deletes items of several tables, and leaves nothing unprocessed', async () => {
  const { UnprocessedItems } = await write({ carts: [put('b'), remove('a')], orders: [put('o')] })
  expect([UnprocessedItems, stored('carts'), stored('orders')]).toEqual([{}, ['b'], ['o']])
})

it('reads items of several tables, without those that are not there', async () => {
  aws.tables.table('orders').items.set('o', item('o'))
  const { Responses, UnprocessedKeys } = await client.send(
    new BatchGetItemCommand({
      RequestItems: {
        carts: {
          Keys: [item('a'), item('none')],
          ProjectionExpression: '#n',
          ExpressionAttributeNames: { '#n': 'n' },
        },
        [aws.tables.arnOf('orders')]: { Keys: [item('o')], ConsistentRead: true },
      },
    }),
  )
  expect(Responses).toEqual({ carts: [{ n: { N: '1' } }], [aws.tables.arnOf('orders')]: [item('o')] })
  expect(UnprocessedKeys).toEqual({})
})

it('answers 16 MiB at most, and which keys had no room', async () => {
  const table = aws.tables.table('orders')
  for (const id of many(50)) table.items.set(id, { ...item(id), text: { S: 'x'.repeat(390_000) } })
  const { Responses, UnprocessedKeys } = await client.send(
    new BatchGetItemCommand({ RequestItems: { orders: { Keys: many(50).map(item) } } }),
  )
  const left = UnprocessedKeys?.orders?.Keys ?? []
  expect(Responses?.orders?.length).toBe(43)
  expect(left).toEqual(many(50).slice(43).map(item))
})

const invalid = (message: unknown) => ({ name: 'ValidationException', message })

it.each<[why: string, requests: Requests, error: object]>([
  [
    'more than 25 writes on several tables',
    { carts: many(20).map(put), orders: many(6).map(put) },
    invalid('Too many items requested for the BatchWriteItem call'),
  ],
  [
    'more than 25 writes on a table',
    { carts: many(26).map(put) },
    invalid(expect.stringContaining('length less than or equal to 25')),
  ],
  [
    'two writes of an item',
    { carts: [put('b'), remove('b')] },
    invalid('Provided list of item keys contains duplicates'),
  ],
  [
    'a key that is none',
    { carts: [{ DeleteRequest: { Key: { other: { S: 'a' } } } }] },
    invalid('The provided key element does not match the schema'),
  ],
  ['a table that is not there', { none: [put('b')] }, { name: 'ResourceNotFoundException' }],
])('writes nothing where there is %s', async (_why, requests, error) => {
  await expect(write({ ...requests })).rejects.toMatchObject(error)
  expect(stored('carts')).toEqual(['a'])
})

it.each<[why: string, keys: Record<string, object[]>, message: unknown]>([
  [
    'more than 100 keys',
    { carts: many(60).map(item), orders: many(41).map(item) },
    'Too many items requested for the BatchGetItem call',
  ],
  ['a key twice', { carts: [item('a'), item('a')] }, 'Provided list of item keys contains duplicates'],
])('reads nothing where there is %s', async (_why, keys, message) => {
  const RequestItems = Object.fromEntries(
    Object.entries(keys).map(([table, Keys]) => [table, { Keys: Keys as never }]),
  )
  await expect(client.send(new BatchGetItemCommand({ RequestItems }))).rejects.toMatchObject(invalid(message))
})

it('takes the permission for each of its tables', async () => {
  const { arn } = aws.state.addRole({
    name: 'batcher',
    trust: lambdaTrust,
    inline: { a: allow(['dynamodb:BatchWriteItem'], [aws.tables.arnOf('carts')]) },
  })
  const batcher = new DynamoDBClient(config(aws, aws.sessionFor(arn)))
  await write({ carts: [put('b')] }, batcher)
  await expect(write({ carts: [put('c')], orders: [put('o')] }, batcher)).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining(`dynamodb:BatchWriteItem on resource: ${aws.tables.arnOf('orders')}`),
  })
  expect(stored('carts')).toEqual(['a', 'b'])
})

const definition: CreateTableCommandInput = {
  TableName: 'played',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'id', AttributeType: 'S' },
    { AttributeName: 'customer', AttributeType: 'S' },
  ],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'by-customer',
      KeySchema: [{ AttributeName: 'customer', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
}

it('makes a table and deletes it', async () => {
  const { TableDescription } = await client.send(new CreateTableCommand(definition))
  expect(TableDescription).toMatchObject({ TableStatus: 'CREATING', TableArn: aws.tables.arnOf('played') })
  expect((await client.send(new DescribeTableCommand({ TableName: 'played' }))).Table).toMatchObject({
    TableStatus: 'ACTIVE',
    GlobalSecondaryIndexes: [{ IndexName: 'by-customer' }],
  })
  await expect(client.send(new CreateTableCommand(definition))).rejects.toMatchObject({
    name: 'ResourceInUseException',
    message: 'Table already exists: played',
  })
  await client.send(new DeleteTableCommand({ TableName: 'played' }))
  await expect(client.send(new DescribeTableCommand({ TableName: 'played' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
})

it.each<[why: string, change: Partial<CreateTableCommandInput>, error: object]>([
  [
    'a sort key',
    {
      KeySchema: [
        { AttributeName: 'id', KeyType: 'HASH' },
        { AttributeName: 'customer', KeyType: 'RANGE' },
      ],
    },
    { name: 'NotImplemented', message: expect.stringContaining('sort keys') },
  ],
  [
    'a key of numbers',
    {
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'N' }],
      GlobalSecondaryIndexes: undefined,
    },
    { name: 'NotImplemented', message: expect.stringContaining('AttributeType N') },
  ],
  ['provisioned throughput', { BillingMode: 'PROVISIONED' }, { name: 'NotImplemented' }],
  [
    'a key that is not defined',
    { KeySchema: [{ AttributeName: 'other', KeyType: 'HASH' }] },
    { name: 'ValidationException', message: expect.stringContaining('Keys: [other]') },
  ],
])('makes no table with %s', async (_why, change, error) => {
  await expect(client.send(new CreateTableCommand({ ...definition, ...change }))).rejects.toMatchObject(error)
})

import {
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  paginateScan,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compileCondition, type Item } from '../../../../local/aws/dynamodb/condition.ts'
import { compileUpdate, updatedItem } from '../../../../local/aws/dynamodb/update.ts'
import { type AwsStandIn, startAws } from '../../../../local/aws/index.ts'
import { allow, config, lambdaTrust } from '../support.ts'

const item: Item = { id: { S: 'a' }, size: { N: '10' }, name: { S: 'b' } }

it.each<[expression: string, holds: boolean]>([
  ['attribute_exists(id)', true],
  ['attribute_not_exists(id)', false],
  ['attribute_not_exists(other)', true],
  ['size = :ten', true],
  ['size > :nine', true],
  ['size < :nine', false],
  ['size <= :ten', true],
  ['size <> :ten', false],
  ['#n = :b', true],
  ['NOT #n = :b', false],
  ['size = :b', false],
  ['other = :ten', false],
  ['attribute_not_exists(id) OR size = :ten', true],
  ['attribute_exists(id) AND size = :nine OR size = :ten', true],
  ['attribute_exists(id) AND (size = :nine OR #n = :ten)', false],
  ['begins_with(#n, :b)', true],
  ['begins_with(size, :b)', false],
  ['contains(#n, :b)', true],
  ['contains(other, :b)', false],
  ['size BETWEEN :nine AND :ten', true],
  ['size BETWEEN :nine AND :nine', false],
  ['#n IN (:nine, :b)', true],
  ['#n IN (:nine)', false],
  ['attribute_exists(constructor)', false],
])('the condition %s', (expression, holds) => {
  const values = { ':ten': { N: '10.0' }, ':nine': { N: '9' }, ':b': { S: 'b' } }
  expect(compileCondition(expression, { names: { '#n': 'name' }, values })(item)).toBe(holds)
})

it.each([
  'size =',
  'size ~ :ten',
  'size = :nowhere',
  '#nowhere = :ten',
  'contained(id, :ten)',
  'contains(id)',
  'size BETWEEN :ten',
  'size IN :ten',
  'attribute_exists(id',
  'attribute_exists(id) size',
])('what it does not know is an error: %s', (expression) => {
  expect(() => compileCondition(expression, { values: { ':ten': { N: '10' } } })).toThrow(
    /^Invalid ConditionExpression: /,
  )
})

describe('with the SDK’s clients', () => {
  let aws: AwsStandIn
  beforeAll(async () => {
    aws = await startAws()
    aws.tables.add('notes', 'id')
  })
  afterAll(() => aws.close())

  it('keeps items under their key', async () => {
    const client = new DynamoDBClient(config(aws))
    const put = { TableName: 'notes', Item: item, ConditionExpression: 'attribute_not_exists(id)' }
    await client.send(new PutItemCommand(put))
    await expect(client.send(new PutItemCommand(put))).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
    })
    const key = { TableName: aws.tables.arnOf('notes'), Key: { id: { S: 'a' } } }
    expect((await client.send(new GetItemCommand(key))).Item).toEqual(item)
    expect((await client.send(new ScanCommand({ TableName: 'notes' }))).Count).toBe(1)
    await expect(client.send(new ScanCommand({ TableName: 'other' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    })
  })

  const client = () => new DynamoDBClient(config(aws))
  const fill = (count: number) => {
    const table = aws.tables.add('filled', 'id')
    for (let n = 0; n < count; n++)
      table.items.set(`${n}`, { id: { S: `${n}` }, n: { N: `${n}` }, secret: { S: 'x' } })
  }

  it('filters, projects, counts and pages a scan', async () => {
    fill(5)
    const filter = {
      TableName: 'filled',
      FilterExpression: '#n > :two',
      ExpressionAttributeNames: { '#n': 'n' },
      ExpressionAttributeValues: { ':two': { N: '2' } },
    }
    expect(await client().send(new ScanCommand({ ...filter, ProjectionExpression: 'id, #n' }))).toMatchObject(
      {
        Items: [
          { id: { S: '3' }, n: { N: '3' } },
          { id: { S: '4' }, n: { N: '4' } },
        ],
        Count: 2,
        ScannedCount: 5,
      },
    )
    const counted = await client().send(new ScanCommand({ ...filter, Select: 'COUNT' }))
    expect([counted.Count, counted.Items]).toEqual([2, undefined])
    const pages: (number | undefined)[][] = []
    for await (const { ScannedCount, Count } of paginateScan({ client: client(), pageSize: 2 }, filter))
      pages.push([ScannedCount, Count])
    expect(pages).toEqual([
      [2, 0],
      [2, 1],
      [1, 1],
    ])
    await expect(
      client().send(new ScanCommand({ TableName: 'filled', FilterExpression: 'a.b = :x' })),
    ).rejects.toMatchObject({ $metadata: { httpStatusCode: 501 }, message: expect.stringContaining('a.b') })
  })

  it('projects an item, and gives back the one before', async () => {
    fill(1)
    const TableName = 'filled'
    const Key = { id: { S: '0' } }
    const got = await client().send(new GetItemCommand({ TableName, Key, ProjectionExpression: 'id' }))
    expect(got.Item).toEqual({ id: { S: '0' } })
    const earlier = { id: { S: '0' }, n: { N: '0' }, secret: { S: 'x' } }
    const put = { TableName, Item: { ...Key, n: { N: '7' } } }
    await expect(
      client().send(
        new PutItemCommand({
          ...put,
          ConditionExpression: 'attribute_not_exists(id)',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      ),
    ).rejects.toMatchObject({ name: 'ConditionalCheckFailedException', Item: earlier })
    const answer = await client().send(new PutItemCommand({ ...put, ReturnValues: 'ALL_OLD' }))
    expect(answer.Attributes).toEqual(earlier)
    await expect(
      client().send(new PutItemCommand({ ...put, ReturnValues: 'ALL_NEW' })),
    ).rejects.toMatchObject({ name: 'ValidationException' })
  })

  it('lists and describes tables', async () => {
    fill(1)
    const first = await client().send(new ListTablesCommand({ Limit: 1 }))
    expect(first).toMatchObject({ TableNames: ['filled'], LastEvaluatedTableName: 'filled' })
    const next = { ExclusiveStartTableName: first.LastEvaluatedTableName }
    const rest = await client().send(new ListTablesCommand(next))
    expect([rest.TableNames, rest.LastEvaluatedTableName]).toEqual([['notes'], undefined])
    const described = await client().send(new DescribeTableCommand({ TableName: 'filled' }))
    expect(described.Table).toMatchObject({
      TableStatus: 'ACTIVE',
      TableArn: aws.tables.arnOf('filled'),
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      ItemCount: 1,
      CreationDateTime: expect.any(Date),
    })
  })

  it('publishes to the topics there are', async () => {
    const client = new SNSClient(config(aws))
    const TopicArn = aws.topics.add('notifications')
    await client.send(new PublishCommand({ TopicArn, Message: 'hello' }))
    expect(aws.topics.published).toEqual([{ topicArn: TopicArn, message: 'hello' }])
    await expect(
      client.send(new PublishCommand({ TopicArn: `${TopicArn}-other`, Message: 'hello' })),
    ).rejects.toMatchObject({ name: 'NotFoundException' })
  })
})

describe('a table with an index', () => {
  let aws: AwsStandIn
  let client: DynamoDBClient
  const TableName = 'carts'
  beforeAll(async () => {
    aws = await startAws()
    client = new DynamoDBClient(config(aws))
    aws.tables.add(TableName, 'id', { byCustomer: 'customerId' })
    for (const [id = '', customer = ''] of ['ax', 'by', 'cx', 'dx'])
      await client.send(
        new PutItemCommand({ TableName, Item: { id: { S: id }, customerId: { S: customer } } }),
      )
  })
  afterAll(() => aws.close())

  const query = (input: Partial<QueryCommandInput>) => client.send(new QueryCommand({ TableName, ...input }))
  const ofX = {
    IndexName: 'byCustomer',
    KeyConditionExpression: '#c = :x',
    ExpressionAttributeNames: { '#c': 'customerId' },
    ExpressionAttributeValues: { ':x': { S: 'x' } },
  }

  it('answers the items of a key, by pages', async () => {
    const one = { KeyConditionExpression: 'id = :x', ExpressionAttributeValues: { ':x': { S: 'b' } } }
    expect((await query(one)).Items).toEqual([{ id: { S: 'b' }, customerId: { S: 'y' } }])
    const first = await query({ ...ofX, Limit: 2, ProjectionExpression: 'id' })
    expect(first).toMatchObject({
      Items: [{ id: { S: 'a' } }, { id: { S: 'c' } }],
      LastEvaluatedKey: { id: { S: 'c' }, customerId: { S: 'x' } },
    })
    const rest = await query({ ...ofX, ExclusiveStartKey: first.LastEvaluatedKey, Select: 'COUNT' })
    expect(rest).toMatchObject({ Count: 1, ScannedCount: 1 })
    expect(rest.LastEvaluatedKey).toBeUndefined()
  })

  it.each<[why: string, input: Partial<QueryCommandInput>, message: string]>([
    ['no such index', { ...ofX, IndexName: 'other' }, 'The table does not have the specified index: other'],
    ['a consistent read of an index', { ...ofX, ConsistentRead: true }, 'Consistent reads are not supported'],
    [
      'a condition on another attribute',
      { ...ofX, IndexName: undefined },
      'Query condition missed key schema element: id',
    ],
    [
      'a comparison',
      { ...ofX, KeyConditionExpression: '#c > :x' },
      'Query condition missed key schema element: customerId',
    ],
    ['a number', { ...ofX, ExpressionAttributeValues: { ':x': { N: '1' } } }, 'does not match schema type'],
  ])('refuses %s', async (_why, input, message) => {
    await expect(query(input)).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(message),
    })
  })

  it('lets an index be queried by who may', async () => {
    const { arn } = aws.state.addRole({
      name: 'reader',
      trust: lambdaTrust,
      inline: { read: allow('dynamodb:Query', `${aws.tables.arnOf(TableName)}/index/*`) },
    })
    const reader = new DynamoDBClient(config(aws, aws.sessionFor(arn)))
    expect((await reader.send(new QueryCommand({ TableName, ...ofX }))).Count).toBe(3)
    const { IndexName: _, ...inTable } = ofX
    await expect(reader.send(new QueryCommand({ TableName, ...inTable }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    })
  })

  it('deletes an item, under a condition', async () => {
    const Key = { id: { S: 'd' } }
    const remove = (condition: string) =>
      client.send(
        new DeleteItemCommand({
          TableName,
          Key,
          ConditionExpression: condition,
          ExpressionAttributeValues: { ':x': { S: 'x' } },
          ReturnValues: 'ALL_OLD',
        }),
      )
    await expect(remove('customerId <> :x')).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
    })
    expect((await remove('customerId = :x')).Attributes).toEqual({ ...Key, customerId: { S: 'x' } })
    expect((await client.send(new GetItemCommand({ TableName, Key }))).Item).toBeUndefined()
  })
})

describe('an UpdateExpression', () => {
  const before: Item = {
    id: { S: 'a' },
    size: { N: '10' },
    name: { S: 'b' },
    tags: { SS: ['x', 'y'] },
    list: { L: [{ S: '1' }] },
  }
  const placeholders = {
    names: { '#n': 'name' },
    values: {
      ':one': { N: '1' },
      ':c': { S: 'c' },
      ':xs': { SS: ['x', 'z'] },
      ':all': { SS: ['x', 'y'] },
      ':more': { L: [{ S: '2' }] },
    },
  }
  const update = (expression: string) =>
    updatedItem(before, compileUpdate(expression, placeholders, 'id')).item

  it.each<[expression: string, after: object]>([
    ['SET #n = :c', { name: { S: 'c' } }],
    ['SET size = size + :one, other = size', { size: { N: '11' }, other: { N: '10' } }],
    ['SET size = size - :one', { size: { N: '9' } }],
    [
      'SET size = if_not_exists(size, :one), n = if_not_exists(n, :one)',
      { size: { N: '10' }, n: { N: '1' } },
    ],
    ['SET list = list_append(list, :more)', { list: { L: [{ S: '1' }, { S: '2' }] } }],
    ['remove #n, nothing', { name: undefined }],
    ['ADD size :one, n :one', { size: { N: '11' }, n: { N: '1' } }],
    ['ADD tags :xs', { tags: { SS: ['x', 'y', 'z'] } }],
    ['DELETE tags :xs', { tags: { SS: ['y'] } }],
    ['DELETE tags :all', { tags: undefined }],
    ['SET n = :one REMOVE #n', { n: { N: '1' }, name: undefined }],
  ])('%s', (expression, after) => {
    expect(JSON.parse(JSON.stringify(update(expression)))).toEqual(
      JSON.parse(JSON.stringify({ ...before, ...after })),
    )
  })

  it.each<[expression: string, message: RegExp]>([
    ['SET id = :c', /Cannot update attribute id. This attribute is part of the key/],
    ['SET n = :one, n = :c', /Two document paths overlap/],
    ['SET n = :one SET m = :one', /section can only be used once/],
    ['SET n = other', /refers to an attribute that does not exist/],
    ['SET n = :nothing', /attribute value: :nothing/],
    ['SET n = size + :c', /incorrect data type/],
    ['ADD #n :one', /incorrect data type/],
    ['SET n = size_of(n)', /Invalid function name; function: size_of/],
    ['SET n', /Syntax error; token: "<EOF>"/],
    ['PUT n :one', /Syntax error; token: "PUT"/],
    ['', /can not be empty/],
  ])('refuses %s', (expression, message) => {
    expect(() => update(expression)).toThrow(message)
  })
})

describe('UpdateItem', () => {
  let aws: AwsStandIn
  let client: DynamoDBClient
  beforeAll(async () => {
    aws = await startAws()
    aws.tables.add('counters', 'id')
    client = new DynamoDBClient(config(aws))
  })
  afterAll(() => aws.close())

  it('makes the item where there is none, holds its condition, and answers what is wanted', async () => {
    const count = (more: object) =>
      client.send(
        new UpdateItemCommand({
          TableName: 'counters',
          Key: { id: { S: 'a' } },
          UpdateExpression: 'ADD hits :one',
          ExpressionAttributeValues: { ':one': { N: '1' } },
          ...more,
        }),
      )
    expect((await count({ ReturnValues: 'ALL_NEW' })).Attributes).toEqual({
      id: { S: 'a' },
      hits: { N: '1' },
    })
    expect((await count({ ReturnValues: 'UPDATED_OLD' })).Attributes).toEqual({ hits: { N: '1' } })
    expect((await count({ ReturnValues: 'UPDATED_NEW' })).Attributes).toEqual({ hits: { N: '3' } })
    await expect(count({ ConditionExpression: 'attribute_not_exists(id)' })).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
    })
    expect((await count({})).Attributes).toBeUndefined()
  })
})

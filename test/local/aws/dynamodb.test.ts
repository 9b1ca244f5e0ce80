import { DynamoDBClient, GetItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compileCondition, type Item } from '../../../local/aws/dynamodb/condition.ts'
import { type AwsStandIn, startAws } from '../../../local/aws/index.ts'
import { config } from './support.ts'

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
])('the condition %s', (expression, holds) => {
  const values = { ':ten': { N: '10.0' }, ':nine': { N: '9' }, ':b': { S: 'b' } }
  expect(compileCondition(expression, { names: { '#n': 'name' }, values })(item)).toBe(holds)
})

it.each([
  'size =',
  'size ~ :ten',
  'size = :nowhere',
  '#nowhere = :ten',
  'contains(id, :ten)',
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

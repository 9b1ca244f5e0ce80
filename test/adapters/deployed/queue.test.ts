import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type HeldMessage, messageQueue } from '../../../adapters/deployed/queue.ts'
import { answered, deniedByAws, refused, scriptedAws } from '../../support/servers/scripted-aws.ts'
import type { Scripted } from '../../support/servers/scripted-server.ts'

const region = 'us-west-2'
const url = `https://sqs.${region}.amazonaws.com/123456789012/podid-test-failed`
const there = answered({ QueueUrl: url })
const absent = refused('QueueDoesNotExist')
const noQueue =
  'there is no queue podid-test-failed in us-west-2: is the stage deployed there? Its region is given with --region'
const held: HeldMessage = {
  id: 'm-1',
  receipt: 'r-1',
  body: '{}',
  attributes: {},
  sentAt: '2026-11-25T12:00:00.000Z',
}

let aws: Awaited<ReturnType<typeof scriptedAws>>
beforeAll(async () => {
  aws = await scriptedAws()
})
afterAll(() => aws.close())

type Queue = Awaited<ReturnType<typeof messageQueue>>

/** The queue, whose further requests get these answers. */
const queueWith = async (...answers: Scripted[]): Promise<Queue> => {
  aws.answers(there, ...answers)
  return messageQueue(aws.runtime, region, 'podid-test-failed')
}
const sumOf = (body: string) => createHash('md5').update(body).digest('hex')
/** A message as SQS hands it out. */
const handedOut = (message: object, body = '{"a":1}') => ({
  MessageId: 'm-1',
  ReceiptHandle: 'r-1',
  Body: body,
  MD5OfBody: sumOf(body),
  Attributes: { SentTimestamp: String(Date.UTC(2026, 10, 25, 12)) },
  ...message,
})

it('finds a queue by its name', async () => {
  expect(await queueWith()).toMatchObject({ name: 'podid-test-failed' })
  expect(aws.asked()).toEqual([['GetQueueUrl', { QueueName: 'podid-test-failed' }]])
})

it.each([
  ['that is not there', absent, 'PreflightFailed', noQueue],
  [
    'that the caller may not look for',
    deniedByAws,
    'AccessDenied',
    'looking for the queue podid-test-failed: AccessDeniedException: not authorized',
  ],
  [
    'of which nothing is said',
    answered({}),
    'Transient',
    'looking for the queue podid-test-failed: IncompleteAnswer: the answer holds no URL of the queue',
  ],
])('finds no queue %s', async (_what, answer, name, message) => {
  aws.answers(answer)
  const queue = messageQueue(aws.runtime, region, 'podid-test-failed')
  await expect(queue).rejects.toMatchObject({ name, message })
})

it('takes ten messages with all that their senders gave them, hides them, and waits for them a while', async () => {
  await (await queueWith(answered({}))).receive(30)
  expect(aws.asked()[1]).toEqual([
    'ReceiveMessage',
    {
      QueueUrl: url,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 30,
      WaitTimeSeconds: 1,
      MessageSystemAttributeNames: ['SentTimestamp'],
      MessageAttributeNames: ['All'],
    },
  ])
})

const whole = { ...held, body: '{"a":1}' }

it.each([
  ['an empty queue answers without messages', {}, []],
  ['each with its receipt', { Messages: [handedOut({})] }, [whole]],
  [
    'attributes that are text, and no others',
    {
      Messages: [
        handedOut({
          MessageAttributes: {
            RULE_ARN: { DataType: 'String', StringValue: 'rule' },
            EMPTY: { DataType: 'String', StringValue: '' },
            BYTES: { DataType: 'Binary', BinaryValue: 'AA==' },
          },
        }),
      ],
    },
    [{ ...whole, attributes: { RULE_ARN: 'rule', EMPTY: '' } }],
  ],
])('reads the messages of a queue: %s', async (_why, answer, messages) => {
  expect(await (await queueWith(answered(answer))).receive(30)).toStrictEqual(messages)
})

it.each([
  ['id of the message', { MessageId: undefined }],
  ['receipt of the message', { ReceiptHandle: undefined }],
  ['body of the message', { Body: undefined, MD5OfBody: sumOf('') }],
  ['time of the message', { Attributes: undefined }],
  ['time of the message', { Attributes: {} }],
])('holds no message without its %s', async (what, message) => {
  const queue = await queueWith(answered({ Messages: [handedOut(message)] }))
  await expect(queue.receive(30)).rejects.toMatchObject({
    name: 'Transient',
    message: `reading the queue podid-test-failed: IncompleteAnswer: the answer holds no ${what}`,
  })
})

it('hides a message by its receipt, and shows it again', async () => {
  const queue = await queueWith(answered({}))
  expect([await queue.hide(held, 30), await queue.hide(held, 0)]).toEqual([true, true])
  const seconds = (VisibilityTimeout: number) => ({ QueueUrl: url, ReceiptHandle: 'r-1', VisibilityTimeout })
  expect(aws.asked().slice(1)).toEqual([
    ['ChangeMessageVisibility', seconds(30)],
    ['ChangeMessageVisibility', seconds(0)],
  ])
})

it.each([
  ['MessageNotInflight', 'its time was over, and anybody may read it'],
  ['ReceiptHandleIsInvalid', 'the receipt is no longer good'],
])('has a message no more after %s: %s', async (name) => {
  expect(await (await queueWith(refused(name))).hide(held, 30)).toBe(false)
})

it('deletes a message by its receipt', async () => {
  const queue = await queueWith(answered({}))
  await queue.delete(held)
  expect(aws.asked()[1]).toEqual(['DeleteMessage', { QueueUrl: url, ReceiptHandle: 'r-1' }])
})

it.each([
  ['7', 2, 5, 'those that this reader holds are not of others'],
  ['2', 2, 0, 'this reader alone has some'],
  ['1', 2, 0, 'the count is about, and may be behind'],
])('counts of %s hidden messages, %i its own, %i as read by others: %s', async (hidden, mine, others) => {
  const name = 'ApproximateNumberOfMessagesNotVisible'
  const queue = await queueWith(answered({ Attributes: { [name]: hidden } }))
  expect(await queue.readByOthers(mine)).toBe(others)
  expect(aws.asked()[1]).toEqual(['GetQueueAttributes', { QueueUrl: url, AttributeNames: [name] }])
})

it.each([{}, { Attributes: {} }])('counts nothing in an answer without a count: %j', async (answer) => {
  const queue = await queueWith(answered(answer))
  await expect(queue.readByOthers(0)).rejects.toMatchObject({
    name: 'Transient',
    message:
      'counting the messages of podid-test-failed: IncompleteAnswer: the answer holds no number of hidden messages',
  })
})

const ways: [doing: string, way: (queue: Queue) => Promise<unknown>][] = [
  ['reading the queue podid-test-failed', (queue) => queue.receive(30)],
  ['keeping the message m-1', (queue) => queue.hide(held, 30)],
  ['deleting the message m-1', (queue) => queue.delete(held)],
  ['counting the messages of podid-test-failed', (queue) => queue.readByOthers(0)],
]

it.each(ways)('says who may not, %s, and that the queue has gone meanwhile', async (doing, way) => {
  await expect(way(await queueWith(deniedByAws))).rejects.toMatchObject({
    name: 'AccessDenied',
    message: `${doing}: AccessDeniedException: not authorized`,
  })
  await expect(way(await queueWith(absent))).rejects.toMatchObject({
    name: 'PreflightFailed',
    message: noQueue,
    cause: { name: 'QueueDoesNotExist' },
  })
})

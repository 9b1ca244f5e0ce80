import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AwsStandIn, startAws } from '../../../local/aws/index.ts'
import { type VirtualClock, virtualClock } from '../../../local/clock.ts'
import { allow, config, lambdaTrust } from './support.ts'

let aws: AwsStandIn
let clock: VirtualClock
let sqs: SQSClient
let QueueUrl: string
beforeEach(async () => {
  clock = virtualClock({ start: Date.now() })
  aws = await startAws({ clock })
  sqs = new SQSClient(config(aws))
  QueueUrl = (await sqs.send(new CreateQueueCommand({ QueueName: 'lost' }))).QueueUrl ?? ''
})
afterEach(async () => {
  clock.stop()
  await aws.close()
})

const send = (MessageBody: string, more = {}) =>
  sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }))
const receive = async (more = {}): Promise<Message[]> =>
  (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more }))).Messages ?? []
const counts = async () => {
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))
  return [Attributes?.ApproximateNumberOfMessages, Attributes?.ApproximateNumberOfMessagesNotVisible]
}

describe('a queue', () => {
  it('hands out what was sent, with its attributes, and hides it for as long as its reader says', async () => {
    const MessageAttributes = { RULE_ARN: { DataType: 'String', StringValue: 'arn:x' } }
    const { MessageId, MD5OfMessageAttributes } = await send('{"a":"ä"}', { MessageAttributes })
    const wanted = {
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
      VisibilityTimeout: 60,
    }
    const [message] = await receive(wanted)
    expect(message).toMatchObject({
      MessageId,
      Body: '{"a":"ä"}',
      MessageAttributes,
      MD5OfMessageAttributes,
      Attributes: { ApproximateReceiveCount: '1', SentTimestamp: expect.stringMatching(/^\d{13}$/) },
    })
    expect([await receive(), await counts()]).toEqual([[], ['0', '1']])
    await clock.sleep(60_000)
    const [again] = await receive(wanted)
    expect(again).toMatchObject({ MessageId, Attributes: { ApproximateReceiveCount: '2' } })
  })

  it('waits for a message as long as it is told to, and no longer than until there is one', async () => {
    const before = clock.now()
    expect(await receive({ WaitTimeSeconds: 20 })).toEqual([])
    expect(clock.now() - before).toBe(20_000)
    await send('late', { DelaySeconds: 5 })
    expect(await receive({ WaitTimeSeconds: 20 })).toMatchObject([{ Body: 'late' }])
    expect(clock.now() - before).toBe(25_000)
  })

  it('shows a message again when its reader lets it go, and forgets it when it is deleted', async () => {
    await send('one')
    const [{ ReceiptHandle } = {}] = await receive()
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }))
    await expect(
      sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 9 })),
    ).rejects.toMatchObject({ name: 'MessageNotInflight' })
    expect(await receive()).toHaveLength(1)
    for (const _twice of [1, 2]) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
    await clock.sleep(3600_000)
    expect(await receive()).toEqual([])
  })

  it('keeps messages for as long as it is set to', async () => {
    const Attributes = { MessageRetentionPeriod: '60' }
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }))
    await send('old')
    await clock.sleep(61_000)
    expect(await receive()).toEqual([])
  })

  it('is found by its name and in lists, emptied and deleted', async () => {
    await send('one')
    expect(await sqs.send(new GetQueueUrlCommand({ QueueName: 'lost' }))).toMatchObject({ QueueUrl })
    expect(await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'lo' }))).toMatchObject({
      QueueUrls: [QueueUrl],
    })
    await sqs.send(new PurgeQueueCommand({ QueueUrl }))
    expect(await counts()).toEqual(['0', '0'])
    await sqs.send(new DeleteQueueCommand({ QueueUrl }))
    await expect(receive()).rejects.toMatchObject({ name: 'QueueDoesNotExist' })
  })

  const refused: [why: string, command: () => Promise<unknown>, name: string][] = [
    [
      'a queue that is not there',
      () => sqs.send(new GetQueueUrlCommand({ QueueName: 'x' })),
      'QueueDoesNotExist',
    ],
    [
      'a name that no queue has',
      () => sqs.send(new CreateQueueCommand({ QueueName: 'a b' })),
      'InvalidParameterValue',
    ],
    [
      'a FIFO queue',
      () => sqs.send(new CreateQueueCommand({ QueueName: 'a', Attributes: { FifoQueue: 'true' } })),
      'NotImplemented',
    ],
    [
      'other settings for a name',
      () => sqs.send(new CreateQueueCommand({ QueueName: 'lost', Attributes: { DelaySeconds: '9' } })),
      'QueueNameExists',
    ],
    [
      'a setting out of its range',
      () => sqs.send(new CreateQueueCommand({ QueueName: 'a', Attributes: { DelaySeconds: '901' } })),
      'InvalidAttributeValue',
    ],
    [
      'an attribute that is none',
      () => sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Moon' as 'All'] })),
      'InvalidParameterValue',
    ],
    ['eleven messages at once', () => receive({ MaxNumberOfMessages: 11 }), 'InvalidParameterValue'],
    ['a member that is not read', () => receive({ ReceiveRequestAttemptId: '1' }), 'NotImplemented'],
    ['characters that XML has not', () => send('\u0000'), 'InvalidMessageContents'],
    ['more than a mebibyte', () => send('x'.repeat(1_048_577)), 'InvalidParameterValue'],
    [
      'a receipt that is none',
      () => sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'x' })),
      'ReceiptHandleIsInvalid',
    ],
  ]
  it.each(refused)('refuses %s', async (_why, ask, name) => {
    await expect(ask()).rejects.toMatchObject({ name })
  })

  it('lets in whom the policies of the account let in', async () => {
    const role = aws.state.addRole({
      name: 'reader',
      trust: lambdaTrust,
      inline: { a: allow('sqs:ReceiveMessage', aws.queues.arnOf('lost')) },
    })
    const reader = new SQSClient(config(aws, aws.sessionFor(role.arn)))
    await reader.send(new ReceiveMessageCommand({ QueueUrl }))
    await expect(reader.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(
        'sqs:SendMessage on resource: arn:aws:sqs:us-west-2:123456789012:lost',
      ),
    })
  })
})

// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
it('a topic takes a message of 262,144 bytes, and none of one more', async () => {
  const sns = new SNSClient(config(aws))
  const TopicArn = aws.topics.add('lost')
  const publish = (Message: string) => sns.send(new PublishCommand({ TopicArn, Message }))
  // As many letters would do; it is bytes that count.
  const most = 'ä'.repeat(131_072)
  await expect(publish(`${most}.`)).rejects.toMatchObject({ name: 'InvalidParameterException' })
  expect(await publish(most)).toMatchObject({ MessageId: expect.any(String) })
  expect(aws.topics.published).toHaveLength(1)
  sns.destroy()
})

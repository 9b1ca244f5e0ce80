import type {
  ChangeMessageVisibilityRequest,
  CreateQueueRequest,
  CreateQueueResult,
  DeleteMessageRequest,
  DeleteQueueRequest,
  GetQueueAttributesRequest,
  GetQueueAttributesResult,
  GetQueueUrlRequest,
  GetQueueUrlResult,
  ListQueuesRequest,
  ListQueuesResult,
  Message,
  PurgeQueueRequest,
  ReceiveMessageRequest,
  ReceiveMessageResult,
  SendMessageRequest,
  SendMessageResult,
  SetQueueAttributesRequest,
} from '@aws-sdk/client-sqs'
import type { Account } from '../account/account.ts'
import { AwsFailure } from '../failure.ts'
import { type Operations, operation } from '../operation.ts'
import { pageOf } from '../pages.ts'
import { queueAnswer, queueSettings } from './attributes.ts'
import {
  type MessageAttribute,
  md5,
  md5OfAttributes,
  type Queue,
  type QueuedMessage,
  type Queues,
} from './queues.ts'

/** `http://127.0.0.1:PORT/123456789012/NAME`; only the name at its end is looked at, whatever host it names. */
const nameIn = (url: string | undefined): string => url?.split('/').at(-1) ?? ''

const noSuchQueue = (): AwsFailure =>
  new AwsFailure('QueueDoesNotExist', 'The specified queue does not exist.', { status: 400 })

/** SQS: standard queues, one message a call. FIFO queues and batches are not served. */
export const sqsOperations = (
  queues: Queues,
  account: Pick<Account, 'accountId' | 'clock'>,
  endpoint: () => string,
): Operations => {
  const urlOf = (name: string): string => `${endpoint()}/${account.accountId}/${name}`
  const existing = (url: string | undefined): Queue => {
    const queue = queues.find(nameIn(url))
    if (!queue) throw noSuchQueue()
    return queue
  }
  const onQueue = {
    resource: ({ QueueUrl }: { QueueUrl?: string | undefined }) => queues.arnOf(nameIn(QueueUrl)),
    subject: ({ QueueUrl }: { QueueUrl?: string | undefined }) => nameIn(QueueUrl),
  }
  const named = {
    resource: ({ QueueName }: { QueueName?: string | undefined }) => queues.arnOf(QueueName ?? ''),
    subject: ({ QueueName }: { QueueName?: string | undefined }) => QueueName ?? '',
  }
  return {
    CreateQueue: operation<CreateQueueRequest, CreateQueueResult>()({
      reads: ['QueueName', 'Attributes'],
      ...named,
      handle: ({ QueueName = '', Attributes = {} }) => {
        if (!/^[\w-]{1,80}$/.test(QueueName))
          throw new AwsFailure(
            'InvalidParameterValue',
            'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
            { status: 400 },
          )
        const settings = queueSettings(Attributes)
        const former = queues.find(QueueName)
        const differs = Object.entries(settings).find(
          ([name, value]) => former && former.settings[name as keyof typeof settings] !== value,
        )
        if (differs)
          throw new AwsFailure(
            'QueueNameExists',
            `A queue already exists with the same name and a different value for attribute ${differs[0]}`,
            { status: 400 },
          )
        if (!former) queues.add(QueueName, settings)
        return { QueueUrl: urlOf(QueueName) }
      },
    }),
    GetQueueUrl: operation<GetQueueUrlRequest, GetQueueUrlResult>()({
      reads: ['QueueName'],
      ...named,
      handle: ({ QueueName = '' }) => {
        if (!queues.find(QueueName)) throw noSuchQueue()
        return { QueueUrl: urlOf(QueueName) }
      },
    }),
    ListQueues: operation<ListQueuesRequest, ListQueuesResult>()({
      reads: ['QueueNamePrefix', 'MaxResults', 'NextToken'],
      resource: () => '*',
      handle: ({ QueueNamePrefix = '', MaxResults, NextToken }) => {
        const names = queues.names().filter((name) => name.startsWith(QueueNamePrefix))
        const page = pageOf(names, { size: MaxResults ?? 1000, token: NextToken })
        if (!page) throw new AwsFailure('InvalidParameterValue', 'Invalid NextToken', { status: 400 })
        return {
          QueueUrls: page.items.map(urlOf),
          ...(MaxResults !== undefined && page.nextToken ? { NextToken: page.nextToken } : {}),
        }
      },
    }),
    GetQueueAttributes: operation<GetQueueAttributesRequest, GetQueueAttributesResult>()({
      reads: ['QueueUrl', 'AttributeNames'],
      ...onQueue,
      handle: ({ QueueUrl, AttributeNames = [] }) => ({
        Attributes: queueAnswer(existing(QueueUrl), AttributeNames, account.clock.now()),
      }),
    }),
    SetQueueAttributes: operation<SetQueueAttributesRequest, object>()({
      reads: ['QueueUrl', 'Attributes'],
      ...onQueue,
      handle: ({ QueueUrl, Attributes }) => {
        const queue = existing(QueueUrl)
        queue.settings = { ...queue.settings, ...queueSettings(Attributes ?? {}) }
        queue.modifiedAt = account.clock.now()
        return {}
      },
    }),
    DeleteQueue: operation<DeleteQueueRequest, object>()({
      reads: ['QueueUrl'],
      ...onQueue,
      handle: ({ QueueUrl }) => {
        queues.delete(existing(QueueUrl).name)
        return {}
      },
    }),
    PurgeQueue: operation<PurgeQueueRequest, object>()({
      reads: ['QueueUrl'],
      ...onQueue,
      handle: ({ QueueUrl }) => {
        existing(QueueUrl).purge()
        return {}
      },
    }),
    SendMessage: operation<SendMessageRequest, SendMessageResult>()({
      reads: ['QueueUrl', 'MessageBody', 'DelaySeconds', 'MessageAttributes'],
      ...onQueue,
      handle: ({ QueueUrl, MessageBody = '', DelaySeconds, MessageAttributes = {} }, { principal }) => {
        const queue = existing(QueueUrl)
        const attributes = MessageAttributes as Record<string, MessageAttribute>
        checkMessage(queue, MessageBody, attributes)
        const { id } = queue.send({
          body: MessageBody,
          attributes,
          sender: principal.userId,
          ...(DelaySeconds === undefined ? {} : { delayMs: DelaySeconds * 1000 }),
        })
        return {
          MessageId: id,
          MD5OfMessageBody: md5(MessageBody),
          ...(Object.keys(attributes).length > 0
            ? { MD5OfMessageAttributes: md5OfAttributes(attributes) }
            : {}),
        }
      },
    }),
    ReceiveMessage: operation<ReceiveMessageRequest, ReceiveMessageResult>()({
      reads: [
        'QueueUrl',
        'MaxNumberOfMessages',
        'VisibilityTimeout',
        'WaitTimeSeconds',
        'AttributeNames',
        'MessageSystemAttributeNames',
        'MessageAttributeNames',
      ],
      ...onQueue,
      handle: async (input) => {
        const queue = existing(input.QueueUrl)
        inRange('MaxNumberOfMessages', input.MaxNumberOfMessages, 1, 10)
        inRange('VisibilityTimeout', input.VisibilityTimeout, 0, longestHidden)
        inRange('WaitTimeSeconds', input.WaitTimeSeconds, 0, 20)
        const hiddenMs = (input.VisibilityTimeout ?? queue.settings.VisibilityTimeout) * 1000
        const take = () => queue.receive({ most: input.MaxNumberOfMessages ?? 1, hiddenMs })
        const waitMs = (input.WaitTimeSeconds ?? queue.settings.ReceiveMessageWaitTimeSeconds) * 1000
        const until = account.clock.now() + waitMs
        let taken = take()
        while (taken.length === 0 && account.clock.now() < until) {
          await queue.wait(until - account.clock.now())
          taken = take()
        }
        const system = [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])]
        // As the service does, an empty answer has no list at all.
        return taken.length === 0
          ? {}
          : { Messages: taken.map((one) => received(one, system, input.MessageAttributeNames ?? [])) }
      },
    }),
    DeleteMessage: operation<DeleteMessageRequest, object>()({
      reads: ['QueueUrl', 'ReceiptHandle'],
      ...onQueue,
      handle: ({ QueueUrl, ReceiptHandle = '' }) => {
        const queue = existing(QueueUrl)
        isReceipt(ReceiptHandle)
        // A message that is gone was deleted: asking twice does no harm.
        const message = queue.byReceipt(ReceiptHandle)
        if (message) queue.delete(message)
        return {}
      },
    }),
    ChangeMessageVisibility: operation<ChangeMessageVisibilityRequest, object>()({
      reads: ['QueueUrl', 'ReceiptHandle', 'VisibilityTimeout'],
      ...onQueue,
      handle: ({ QueueUrl, ReceiptHandle = '', VisibilityTimeout = 0 }) => {
        const queue = existing(QueueUrl)
        isReceipt(ReceiptHandle)
        inRange('VisibilityTimeout', VisibilityTimeout, 0, longestHidden)
        const message = queue.byReceipt(ReceiptHandle)
        if (!message || message.visibleAt <= account.clock.now())
          throw new AwsFailure(
            'MessageNotInflight',
            `Value ${ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
            { status: 400 },
          )
        queue.hide(message, VisibilityTimeout * 1000)
        return {}
      },
    }),
  }
}

/** Twelve hours. */
const longestHidden = 43_200

const inRange = (name: string, value: number | undefined, least: number, most: number): void => {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return
  throw new AwsFailure(
    'InvalidParameterValue',
    `Value ${value} for parameter ${name} is invalid. Reason: Must be between ${least} and ${most}, if provided.`,
    { status: 400 },
  )
}

const isReceipt = (receipt: string): void => {
  if (/^[\w-]{36} \d+$/.test(Buffer.from(receipt, 'base64').toString())) return
  throw new AwsFailure(
    'ReceiptHandleIsInvalid',
    `The input receipt handle "${receipt}" is not a valid receipt handle.`,
    {
      status: 400,
    },
  )
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const checkMessage = (queue: Queue, body: string, attributes: Record<string, MessageAttribute>): void => {
  if (body === '')
    throw new AwsFailure('MissingParameter', 'The request must contain the parameter MessageBody.', {
      status: 400,
    })
  // XML 1.0's characters alone.
  if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(body))
    throw new AwsFailure(
      'InvalidMessageContents',
      'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF',
      { status: 400 },
    )
  if (Object.keys(attributes).length > 10)
    throw new AwsFailure(
      'InvalidParameterValue',
      'Number of message attributes [11] exceeds the allowed maximum [10].',
      { status: 400 },
    )
  const size = Object.entries(attributes).reduce(
    (sum, [name, { DataType, StringValue, BinaryValue }]) =>
      sum + Buffer.byteLength(name + DataType) + Buffer.from(BinaryValue ?? StringValue ?? '').length,
    Buffer.byteLength(body),
  )
  if (size > queue.settings.MaximumMessageSize)
    throw new AwsFailure(
      'InvalidParameterValue',
      `One or more parameters are invalid. Reason: Message must be shorter than ${queue.settings.MaximumMessageSize} bytes.`,
      { status: 400 },
    )
}

const received = (message: QueuedMessage, system: readonly string[], wanted: readonly string[]): Message => {
  const all: Record<string, string> = {
    SenderId: message.sender,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.received),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
  }
  const chosen = Object.entries(all).filter(([name]) => system.includes('All') || system.includes(name))
  const attributes = Object.fromEntries(
    Object.entries(message.attributes).filter(([name]) => isWanted(name, wanted)),
  )
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    Body: message.body,
    MD5OfBody: md5(message.body),
    ...(chosen.length > 0 ? { Attributes: Object.fromEntries(chosen) } : {}),
    ...(Object.keys(attributes).length > 0
      ? { MessageAttributes: attributes, MD5OfMessageAttributes: md5OfAttributes(attributes) }
      : {}),
  }
}

/** By its name, by the beginning of it (`podid.*`), or with all. */
const isWanted = (name: string, wanted: readonly string[]): boolean =>
  wanted.some(
    (one) =>
      one === 'All' ||
      one === '.*' ||
      one === name ||
      (one.endsWith('.*') && name.startsWith(one.slice(0, -1))),
  )

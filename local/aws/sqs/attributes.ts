import { AwsFailure } from '../failure.ts'
import type { Queue, QueueSettings } from './queues.ts'

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html */
const ranges: Readonly<Record<string, [least: number, most: number]>> = {
  VisibilityTimeout: [0, 43_200],
  DelaySeconds: [0, 900],
  MessageRetentionPeriod: [60, 1_209_600],
  ReceiveMessageWaitTimeSeconds: [0, 20],
  MaximumMessageSize: [1024, 1_048_576],
}

const invalid = (name: string): AwsFailure =>
  new AwsFailure('InvalidAttributeValue', `Invalid value for the parameter ${name}.`, { status: 400 })

/** The settings in the attributes of a request. */
export const queueSettings = (attributes: Readonly<Record<string, string>>): Partial<QueueSettings> =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, settingOf(name, value)]))

const settingOf = (name: string, value: string): number | boolean | string => {
  const range = Object.hasOwn(ranges, name) ? ranges[name] : undefined
  if (range) {
    const number = Number(value)
    if (!/^\d+$/.test(value) || number < range[0] || number > range[1]) throw invalid(name)
    return number
  }
  if (name === 'SqsManagedSseEnabled') {
    if (value !== 'true' && value !== 'false') throw invalid(name)
    return value === 'true'
  }
  if (name === 'Policy') {
    if (value !== '' && !isObjectText(value)) throw invalid(name)
    return value
  }
  throw new AwsFailure(
    'NotImplemented',
    `The stand-in's queues do not have the attribute ${name}; they have ${[...Object.keys(ranges), 'Policy', 'SqsManagedSseEnabled'].join(', ')}`,
    { status: 501 },
  )
}

const isObjectText = (text: string): boolean => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

/** What GetQueueAttributes answers for the names that are asked for. */
export const queueAnswer = (
  queue: Queue,
  names: readonly string[],
  now: number,
): Record<string, string> | undefined => {
  const messages = queue.messages()
  const { Policy, ...settings } = queue.settings
  const hidden = messages.filter(({ visibleAt }) => visibleAt > now)
  const all: Record<string, string> = {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(messages.length - hidden.length),
    ApproximateNumberOfMessagesNotVisible: String(hidden.filter(({ delayed }) => !delayed).length),
    ApproximateNumberOfMessagesDelayed: String(hidden.filter(({ delayed }) => delayed).length),
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedAt / 1000)),
    ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)])),
    ...(Policy ? { Policy } : {}),
  }
  const unknown = names.find((name) => name !== 'All' && name !== 'Policy' && !Object.hasOwn(all, name))
  if (unknown !== undefined)
    throw new AwsFailure('InvalidAttributeName', `Unknown Attribute ${unknown}.`, { status: 400 })
  const chosen = Object.entries(all).filter(([name]) => names.includes('All') || names.includes(name))
  return chosen.length === 0 ? undefined : Object.fromEntries(chosen)
}

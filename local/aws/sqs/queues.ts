import { createHash, randomUUID } from 'node:crypto'
import { fits } from '../../../core/config.ts'
import type { LocalClock } from '../../clock.ts'
import type { Account } from '../account/account.ts'
import { trustsService } from '../trust.ts'

/** An attribute that a sender gives a message: text, a number as text, or bytes. */
export interface MessageAttribute {
  DataType: string
  StringValue?: string | undefined
  BinaryValue?: Uint8Array | undefined
}

/** A message on its way to a queue. */
export interface NewMessage {
  body: string
  attributes?: Record<string, MessageAttribute>
  delayMs?: number
  /** Who sends it, as the queue tells its readers. */
  sender: string
}

/** A message as a queue has it. Times are milliseconds of the account's clock. */
export interface QueuedMessage extends Required<Omit<NewMessage, 'delayMs'>> {
  id: string
  sentAt: number
  /** Not received before. */
  visibleAt: number
  delayed: boolean
  received: number
  firstReceivedAt?: number
  /** Of the last time that it was received; an older one still deletes it. */
  receipt?: string
}

/** What a queue was made or changed with, in the units of SQS: seconds, and text. */
export interface QueueSettings {
  VisibilityTimeout: number
  DelaySeconds: number
  MessageRetentionPeriod: number
  ReceiveMessageWaitTimeSeconds: number
  MaximumMessageSize: number
  SqsManagedSseEnabled: boolean
  Policy: string
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
const defaults: QueueSettings = {
  VisibilityTimeout: 30,
  DelaySeconds: 0,
  MessageRetentionPeriod: 345_600,
  ReceiveMessageWaitTimeSeconds: 0,
  MaximumMessageSize: 1_048_576,
  SqsManagedSseEnabled: true,
  Policy: '',
}

/** How many messages a queue remembers: more than any test or scenario sends. */
const MOST_MESSAGES = 10_000

/** A standard queue. */
export class Queue {
  readonly name: string
  readonly arn: string
  settings: QueueSettings
  readonly createdAt: number
  modifiedAt: number
  readonly #clock: LocalClock
  #messages: QueuedMessage[] = []
  /** Called once each when a message has come, or may be received again. */
  readonly #waiting = new Set<() => void>()

  constructor(about: { name: string; arn: string; settings: Partial<QueueSettings> }, clock: LocalClock) {
    this.name = about.name
    this.arn = about.arn
    this.settings = { ...defaults, ...about.settings }
    this.#clock = clock
    this.createdAt = clock.now()
    this.modifiedAt = clock.now()
  }

  /** Every message that is there, the oldest first: what has been kept for the retention period is gone. */
  messages(): readonly QueuedMessage[] {
    const oldest = this.#clock.now() - this.settings.MessageRetentionPeriod * 1000
    this.#messages = this.#messages.filter(({ sentAt }) => sentAt > oldest)
    return this.#messages
  }

  send({ body, attributes = {}, sender, delayMs }: NewMessage): QueuedMessage {
    const now = this.#clock.now()
    const delay = delayMs ?? this.settings.DelaySeconds * 1000
    const message: QueuedMessage = {
      id: randomUUID(),
      body,
      attributes,
      sender,
      sentAt: now,
      visibleAt: now + delay,
      delayed: delay > 0,
      received: 0,
    }
    this.#messages.push(message)
    if (this.#messages.length > MOST_MESSAGES) this.#messages.shift()
    this.#wake()
    return message
  }

  /** Hands out messages that nobody else is reading, and hides them for a while. */
  receive({ most, hiddenMs }: { most: number; hiddenMs: number }): QueuedMessage[] {
    const now = this.#clock.now()
    const taken = this.messages()
      .filter(({ visibleAt }) => visibleAt <= now)
      .slice(0, most)
    for (const message of taken) {
      message.visibleAt = now + hiddenMs
      message.delayed = false
      message.received++
      message.firstReceivedAt ??= now
      message.receipt = Buffer.from(`${message.id} ${message.received}`).toString('base64')
    }
    return taken
  }

  /** Resolves when there may be something to receive, or the time is over. */
  async wait(ms: number): Promise<void> {
    const over = new AbortController()
    const wake = () => over.abort()
    this.#waiting.add(wake)
    const next = this.messages().map(({ visibleAt }) => visibleAt - this.#clock.now())
    await this.#clock
      .sleep(Math.min(ms, ...next.filter((left) => left > 0)), over.signal)
      .catch(() => {})
      .finally(() => this.#waiting.delete(wake))
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake()
  }

  /** The message that a receipt was given for; undefined where it is gone, or the receipt is none of this queue's. */
  byReceipt(receipt: string): QueuedMessage | undefined {
    const [id, count] = Buffer.from(receipt, 'base64').toString().split(' ')
    return this.messages().find((message) => message.id === id && Number(count) <= message.received)
  }

  delete(message: QueuedMessage): void {
    this.#messages = this.#messages.filter((one) => one !== message)
  }

  hide(message: QueuedMessage, ms: number): void {
    message.visibleAt = this.#clock.now() + ms
    if (ms === 0) this.#wake()
  }

  purge(): void {
    this.#messages = []
  }

  /** Whether the queue's policy lets a service send to it on behalf of a resource, a rule for example. */
  acceptsFrom(service: string, sourceArn: string, account: string): boolean {
    if (!this.settings.Policy) return false
    const context = { 'aws:SourceArn': sourceArn, 'aws:SourceAccount': account }
    const trust = aboutResource(this.settings.Policy, this.arn)
    return trustsService({ trust, action: 'sqs:SendMessage', context }, service)
  }
}

/** The account's queues. */
export class Queues {
  readonly #account: Pick<Account, 'partition' | 'region' | 'accountId' | 'clock'>
  readonly #queues = new Map<string, Queue>()

  constructor(account: Pick<Account, 'partition' | 'region' | 'accountId' | 'clock'>) {
    this.#account = account
  }

  /** Makes a queue. */
  add(name: string, settings: Partial<QueueSettings> = {}): Queue {
    const queue = new Queue({ name, arn: this.arnOf(name), settings }, this.#account.clock)
    this.#queues.set(name, queue)
    return queue
  }

  find(name: string): Queue | undefined {
    return this.#queues.get(name)
  }

  byArn(arn: string): Queue | undefined {
    const queue = this.#queues.get(arn.split(':').at(-1) ?? '')
    return queue?.arn === arn ? queue : undefined
  }

  delete(name: string): void {
    this.#queues.delete(name)
  }

  names(): string[] {
    return [...this.#queues.keys()].sort()
  }

  arnOf(name: string): string {
    const { partition, region, accountId } = this.#account
    return `arn:${partition}:sqs:${region}:${accountId}:${name}`
  }
}

/** A resource policy as one that needs no resource: what it says of this one. */
const aboutResource = (policy: string, arn: string): string => {
  const document = JSON.parse(policy) as { Statement?: unknown }
  const statements = [document.Statement ?? []].flat() as { Resource?: string | string[] }[]
  return JSON.stringify({
    ...document,
    Statement: statements.flatMap(({ Resource = [], ...rest }) =>
      [Resource].flat().some((pattern) => fits(pattern, arn)) ? [rest] : [],
    ),
  })
}

export const md5 = (text: string | Buffer): string => createHash('md5').update(text).digest('hex')

/**
 * The digest of a message's attributes, as SQS makes it of their names, types and values.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 */
export const md5OfAttributes = (attributes: Record<string, MessageAttribute>): string => {
  const sized = (value: string | Uint8Array): Buffer => {
    const bytes = Buffer.from(value)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    return Buffer.concat([length, bytes])
  }
  const parts = Object.entries(attributes)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, { DataType, StringValue, BinaryValue }]) => [
      sized(name),
      sized(DataType),
      Buffer.from([BinaryValue ? 2 : 1]),
      sized(BinaryValue ?? StringValue ?? ''),
    ])
  return md5(Buffer.concat(parts))
}

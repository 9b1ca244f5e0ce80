import { randomUUID } from 'node:crypto'
import type { PublishInput, PublishResponse } from '@aws-sdk/client-sns'
import { appendBounded } from '../bounded.ts'
import type { Account } from './account/account.ts'
import { AwsFailure } from './failure.ts'
import { type Operations, operation } from './operation.ts'

/** What was published to a topic. */
export interface PublishedMessage {
  topicArn: string
  message: string
  subject?: string
}

const MOST_MESSAGES = 1000

/** The account's topics; there are no subscriptions, and what is published can be read. */
export class Topics {
  readonly #account: Pick<Account, 'partition' | 'region' | 'accountId'>
  readonly #arns = new Set<string>()
  readonly published: PublishedMessage[] = []

  constructor(account: Pick<Account, 'partition' | 'region' | 'accountId'>) {
    this.#account = account
  }

  /** Makes a topic and answers its ARN. */
  add(name: string): string {
    const arn = `arn:${this.#account.partition}:sns:${this.#account.region}:${this.#account.accountId}:${name}`
    this.#arns.add(arn)
    return arn
  }

  publish(message: PublishedMessage): void {
    appendBounded(this.published, message, MOST_MESSAGES)
  }

  has(arn: string): boolean {
    return this.#arns.has(arn)
  }
}

/** SNS: publishing to a topic. */
export const snsOperations = (topics: Topics): Operations => ({
  Publish: operation<PublishInput, PublishResponse>()({
    reads: ['Message', 'TopicArn', 'Subject'],
    resource: ({ TopicArn }) => TopicArn ?? '*',
    subject: ({ TopicArn }) => TopicArn ?? '',
    handle: ({ TopicArn = '', Message, Subject }) => {
      if (!topics.has(TopicArn)) throw new AwsFailure('NotFoundException', 'Topic does not exist')
      if (Buffer.byteLength(Message) > 262_144)
        throw new AwsFailure('InvalidParameterException', 'Invalid parameter: Message too long')
      topics.publish({
        topicArn: TopicArn,
        message: Message,
        ...(Subject ? { subject: Subject } : {}),
      })
      return { MessageId: randomUUID() }
    },
  }),
})

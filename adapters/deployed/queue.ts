import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { PreflightFailed } from '../../core/errors.ts'
import type { QueueMessage } from '../../core/triggers/dead-letter.ts'
import { clientOptions, onlyAnswersOfAws } from '../aws-client.ts'
import { isNamed, requiredMember, restateAwsError } from '../aws-errors.ts'
import type { Runtime } from '../runtime.ts'

/** A message that this reader has, hidden from others for a while. */
export interface HeldMessage extends QueueMessage {
  receipt: string
}

/** A queue whose messages are looked at one by one. Every failure comes in the names of `core/errors.ts`. */
export type MessageQueue = Awaited<ReturnType<typeof messageQueue>>

/** How long an empty answer is waited for: a shorter look may miss messages that are there. */
const waitSeconds = 1

/** @throws PreflightFailed where there is no such queue in the region */
export const messageQueue = async (runtime: Runtime, region: string, name: string) => {
  const sqs = onlyAnswersOfAws(new SQSClient(clientOptions(runtime, region)))
  const attempt = async <Answer>(doing: string, ask: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await ask()
    } catch (error) {
      if (isNamed(error, 'QueueDoesNotExist'))
        throw new PreflightFailed(
          `there is no queue ${name} in ${region}: is the stage deployed there? Its region is given with --region`,
          { cause: error },
        )
      throw restateAwsError(error, doing)
    }
  }
  const QueueUrl = await attempt(`looking for the queue ${name}`, async () =>
    requiredMember(
      (await sqs.send(new GetQueueUrlCommand({ QueueName: name }))).QueueUrl,
      'URL of the queue',
    ),
  )

  return {
    name,

    /** Up to ten messages that nobody else reads just now, hidden from others for so long; none where there are none left. */
    receive: (hiddenSeconds: number): Promise<HeldMessage[]> =>
      attempt(`reading the queue ${name}`, async () => {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({
            QueueUrl,
            MaxNumberOfMessages: 10,
            VisibilityTimeout: hiddenSeconds,
            WaitTimeSeconds: waitSeconds,
            MessageSystemAttributeNames: ['SentTimestamp'],
            MessageAttributeNames: ['All'],
          }),
        )
        return Messages.map(heldMessage)
      }),

    /** Hides a message for so much longer, or shows it again with 0; false where it is not this reader's any more. */
    hide: (message: HeldMessage, seconds: number): Promise<boolean> =>
      attempt(`keeping the message ${message.id}`, async () => {
        try {
          await sqs.send(
            new ChangeMessageVisibilityCommand({
              QueueUrl,
              ReceiptHandle: message.receipt,
              VisibilityTimeout: seconds,
            }),
          )
          return true
        } catch (error) {
          if (['MessageNotInflight', 'ReceiptHandleIsInvalid'].includes((error as Error).name)) return false
          throw error
        }
      }),

    delete: (message: HeldMessage): Promise<void> =>
      attempt(`deleting the message ${message.id}`, async () => {
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.receipt }))
      }),

    /** How many messages others read just now, about. */
    readByOthers: (mine: number): Promise<number> =>
      attempt(`counting the messages of ${name}`, async () => {
        const hidden = 'ApproximateNumberOfMessagesNotVisible'
        const { Attributes } = await sqs.send(
          new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [hidden] }),
        )
        return Math.max(0, Number(requiredMember(Attributes?.[hidden], 'number of hidden messages')) - mine)
      }),
  }
}

const heldMessage = (message: Message): HeldMessage => ({
  id: requiredMember(message.MessageId, 'id of the message'),
  receipt: requiredMember(message.ReceiptHandle, 'receipt of the message'),
  body: requiredMember(message.Body, 'body of the message'),
  attributes: Object.fromEntries(
    Object.entries(message.MessageAttributes ?? {}).flatMap(([key, { StringValue }]) =>
      StringValue === undefined ? [] : [[key, StringValue]],
    ),
  ),
  sentAt: new Date(
    Number(requiredMember(message.Attributes?.SentTimestamp, 'time of the message')),
  ).toISOString(),
})

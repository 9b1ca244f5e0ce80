import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import type { AmazonQNotification } from '../core/chatops/amazon-q.ts'
import { Transient } from '../core/errors.ts'
import { clientOptions, onlyAnswersOfAws } from './aws-client.ts'
import { requiredMember, restateAwsError } from './aws-errors.ts'
import { withPatience } from './patience.ts'
import { perRuntime } from './per-runtime.ts'
import type { Runtime } from './runtime.ts'
import { signMessage } from './signatures.ts'

const client = perRuntime((runtime, region) =>
  onlyAnswersOfAws(new SNSClient(clientOptions(runtime, region))),
)

/** A topic to which Amazon Q Developer, or anybody, is subscribed: `arn:aws:sns:REGION:ACCOUNT:NAME`. */
export const topic = (runtime: Runtime, topicArn: string) => ({
  publish: async (notification: AmazonQNotification): Promise<void> => {
    try {
      const { MessageId: id } = await client(runtime, topicArn.split(':')[3] ?? '').send(
        new PublishCommand({ TopicArn: topicArn, Message: JSON.stringify(notification) }),
        runtime.signal ? { abortSignal: runtime.signal } : {},
      )
      requiredMember(id, 'id of the message')
    } catch (error) {
      throw restateAwsError(error, `publishing to ${topicArn}`)
    }
  },
})

/** The receiver of a callback does not want it, and will not want it another time. */
class CallbackRefused extends Error {
  override readonly name = 'CallbackRefused'
}

/**
 * Sends a message to a caller of the webhook, signed with its own secret by the Standard Webhooks specification. `id` is the
 * same for every attempt to deliver the same message.
 * @throws Transient where it is worth another attempt, CallbackRefused where the receiver does not want it
 */
export const callBack = async (
  runtime: Runtime,
  { url, key }: { url: string; key: Buffer },
  { id, type, data }: { id: string; type: string; data: unknown },
): Promise<void> => {
  const now = runtime.clock.now()
  const timestamp = String(Math.floor(now / 1000))
  const body = JSON.stringify({ type, timestamp: new Date(now).toISOString(), data })
  const doing = `telling ${new URL(url).host} of ${type}`
  const response = await withPatience(10_000, runtime.signal, async (signal) => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': signMessage(key, { id, timestamp, body }),
      },
      body,
      redirect: 'error',
      signal,
    })
    await answer.body?.cancel()
    return answer
  }).catch((error: unknown) => {
    throw new Transient(`${doing}: it cannot be reached`, { cause: error })
  })
  if (response.status === 429 || response.status >= 500) {
    throw new Transient(`${doing}: it answered ${response.status}`)
  }
  if (!response.ok)
    throw new CallbackRefused(
      `${doing}: it answered ${response.status}; see what its access log says of the message ${id}, and that channels.callbacks in podid.yaml has its URL`,
    )
}

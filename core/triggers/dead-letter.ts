import * as z from 'zod'
import { EventBridgeEvent } from '../events.ts'
import { isFields } from '../policy/document.ts'
import { redact } from '../text/redact.ts'
import { readClusterEvent } from './cluster-events.ts'

/** A message of a stage's dead-letter queue, as SQS hands it out. */
export interface QueueMessage {
  id: string
  body: string
  /** Those that its sender gave it, as text. */
  attributes: Readonly<Record<string, string>>
  /** RFC 3339. */
  sentAt: string
}

/** A function that events go to, and how it is handed one again. */
export interface Receiver {
  /** As stacks/ names it after `podid-STAGE-`. */
  name: ReceiverName
  arn: string
  /** Whether its answer is waited for; what takes longer than a person waits is handed over, and comes back where it fails. */
  waits: boolean
}

/**
 * What a message is, by who put it there. `event`: a rule could not deliver it. `failure`: a function failed at it. `unknown` stays
 * where it is.
 */
export type DeadLetterMessage = {
  id: string
  /** When it came into the queue, RFC 3339. */
  since: string
  /** What the event is about, in a few words. */
  what: string
  /** Why it is here, as whoever put it here says. */
  why: string
} & ({ kind: 'event' | 'failure'; to: Receiver; payload: unknown } | { kind: 'unknown' })

/** Which stage's queue it is. */
export interface StagePlace {
  stage: string
  account: string
  region: string
  partition: string
}

/**
 * The functions whose events end in the queue, and whether an answer is waited for: `start` and `notify` have a minute, a sweep
 * and a follower up to fifteen.
 */
const receivers = { start: true, notify: true, sweep: false, 'follow-run': false } as const
type ReceiverName = keyof typeof receivers

/** The object that the text is of; undefined where it is none. */
const objectOf = (text: string): object | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return isFields(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Lambda's record of an invocation that failed: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
const FailureRecord = z.object({
  requestContext: z.object({
    functionArn: z.string(),
    condition: z.string(),
    approximateInvokeCount: z.number().optional(),
  }),
  requestPayload: z.unknown(),
  responsePayload: z
    .object({ errorType: z.string().optional(), errorMessage: z.string().optional() })
    .nullish()
    .catch(null),
})

/**
 * Reads a message of the dead-letter queue: what it is, why it is there, and which of the stage's functions it goes back to, with the
 * payload that this function takes. What names another function, or none, is unknown.
 */
export const readDeadLetter = (message: QueueMessage, place: StagePlace): DeadLetterMessage => {
  const about = { id: message.id, since: message.sentAt }
  const unknown = (why: string, what = 'a message'): DeadLetterMessage => ({
    ...about,
    kind: 'unknown',
    what,
    why: redact(why),
  })
  const body = objectOf(message.body)
  if (!body) return unknown('its body is not a JSON object, and podid puts nothing else here')
  const { TARGET_ARN: target, RULE_ARN: rule, ERROR_CODE: code, ERROR_MESSAGE: said } = message.attributes
  // The attributes are EventBridge's own; the body may be anybody's.
  if (target !== undefined) {
    const to = receiverOf(target, place)
    if (!to)
      return unknown(
        `its target is ${target}, which is none of this stage's functions that take events`,
        eventText(body),
      )
    return {
      ...about,
      kind: 'event',
      what: eventText(body),
      why: redact(
        `the rule ${rule?.split('/').at(-1) ?? '(without a name)'} could not deliver it: ${[code, said].filter(Boolean).join(': ') || 'EventBridge does not say why'}`,
      ),
      to,
      payload: body,
    }
  }
  const record = FailureRecord.safeParse(body)
  if (!record.success)
    return unknown(
      'it has neither the attributes of a rule of EventBridge (TARGET_ARN) nor the form of a failure of Lambda (requestContext.functionArn), so that it names no function that it is for',
      eventText(body),
    )
  const { requestContext, requestPayload, responsePayload } = record.data
  const to = receiverOf(requestContext.functionArn, place)
  if (!to)
    return unknown(
      `it is about the function ${requestContext.functionArn}, which is none of this stage's that take events`,
      eventText(requestPayload),
    )
  return {
    ...about,
    kind: 'failure',
    what: eventText(requestPayload),
    why: redact(failureText(to, requestContext, responsePayload)),
    to,
    payload: requestPayload,
  }
}

/** One of the stage's own functions. A version may be gone, or have the fault that was mended since: an alias stays. */
const receiverOf = (arn: string, { stage, account, region, partition }: StagePlace): Receiver | undefined => {
  const arnOf = (name: string): string =>
    `arn:${partition}:lambda:${region}:${account}:function:podid-${stage}-${name}`
  const name = (Object.keys(receivers) as ReceiverName[]).find((one) => arn.startsWith(arnOf(one)))
  if (!name) return undefined
  const qualifier = arn.slice(arnOf(name).length)
  if (!/^(?::[\w$-]+)?$/.test(qualifier)) return undefined
  const alias = /:(?:\d+|\$LATEST)$/.test(qualifier) ? '' : qualifier
  return { name, arn: `${arnOf(name)}${alias}`, waits: receivers[name] }
}

const failureText = (
  { name }: Receiver,
  { condition, approximateInvokeCount: count }: z.output<typeof FailureRecord>['requestContext'],
  said: z.output<typeof FailureRecord>['responsePayload'],
): string => {
  const tried = count === undefined ? '' : `, tried ${count === 1 ? 'once' : `${count} times`}`
  const error = [said?.errorType, said?.errorMessage].filter(Boolean).join(': ')
  return `${name} ${condition === 'EventAgeExceeded' ? 'did not get to it in time' : 'failed'}${tried}${error ? `: ${error}` : ''}`
}

const About = z.object({
  name: z.string().optional(),
  run: z.string().optional(),
  cluster: z.string().optional(),
})

/** What an event is about: `EKS Addon Creation Succeeded: eks-workshop`. */
const eventText = (payload: unknown): string => {
  const event = EventBridgeEvent.safeParse(payload)
  if (!event.success) return 'no event'
  const { 'detail-type': type, resources, detail } = event.data
  const cluster = readClusterEvent(payload)?.cluster
  const about = About.safeParse(detail).data
  const subject =
    cluster ?? about?.name ?? about?.run ?? about?.cluster ?? resources[0]?.split(/[/:]/).at(-1) ?? ''
  return redact(subject ? `${type}: ${subject}` : type)
}

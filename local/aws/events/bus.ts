import { randomUUID } from 'node:crypto'
import { appendBounded } from '../../bounded.ts'
import { readJsonText } from '../../json-text.ts'
import type { Account, ServiceEvent } from '../account/account.ts'
import { Announcements } from '../announcements.ts'
import { AwsFailure } from '../failure.ts'
import type { Queues } from '../sqs/queues.ts'
import { asError, deliver, type Invoke } from './delivery.ts'
import { compilePattern, type EventPattern, InvalidPattern } from './pattern.ts'
import type { BusEvent, Rule, Target } from './rule.ts'
import { Timetable } from './timetable.ts'

/** An event that reached its end without reaching its target. */
export interface DeadLetter {
  rule: string
  target: Target
  event: BusEvent
  /** Of the last attempt. */
  error: Error
  attempts: number
}

/** What PutEvents or a service puts on the bus. */
export interface NewEvent {
  source: string
  detailType: string
  detail: unknown
  resources?: readonly string[]
  time?: Date
}

/** How many events are remembered: more than any test or scenario puts on the bus. */
const MOST_EVENTS = 2000

/** The account's default event bus. */
export class EventBusStandIn {
  readonly #account: Account
  readonly #invoke: Invoke
  readonly #queues: Queues
  readonly #closing = new AbortController()
  readonly #timetable: Timetable
  readonly #rules = new Map<string, Rule>()
  /** The latest events that were put on the bus, in order. */
  readonly published: BusEvent[] = []
  /** What could not be delivered; without a queue for it, or where the queue does not take it, it is lost. */
  readonly deadLetters: DeadLetter[] = []
  readonly events = new Announcements<BusEvent>()

  /** `invoke` hands an event to the target behind an ARN. */
  constructor(account: Account, invoke: Invoke, queues: Queues) {
    this.#account = account
    this.#invoke = invoke
    this.#queues = queues
    this.#timetable = new Timetable(account.clock, (rule) => this.#come(rule))
    account.serviceEvents.subscribe((event: ServiceEvent) => this.publish(event))
  }

  /** Puts an event on the bus, past the check that keeps `aws.` for the services, and answers its id. */
  publish(event: NewEvent): string {
    const published = this.#stamp(event)
    appendBounded(this.published, published, MOST_EVENTS)
    this.events.announce(published)
    for (const rule of this.#rules.values())
      if (rule.enabled && rule.matches?.(published)) this.#send(rule, published)
    return published.id
  }

  rules(): Rule[] {
    return [...this.#rules.values()]
  }

  rule(name: string): Rule | undefined {
    return this.#rules.get(name)
  }

  /** Makes or changes a rule. */
  putRule(rule: Rule): void {
    this.#rules.set(rule.name, rule)
    this.#timetable.set(rule)
  }

  deleteRule(name: string): void {
    this.#rules.delete(name)
    this.#timetable.remove(name)
  }

  /**
   * Lets rules on a schedule come due by themselves from now on. Not from the start: on a clock that jumps to
   * its next timer, time would never come to rest.
   */
  keepTime(): void {
    this.#timetable.start([...this.#rules.values()])
  }

  /** Lets a rule on a schedule come due now. */
  fire(ruleName: string): void {
    const rule = this.#rules.get(ruleName)
    if (!rule?.schedule) throw new Error(`The stand-in's event bus has no rule ${ruleName} with a schedule`)
    this.#come(rule)
  }

  #come(rule: Rule): void {
    const scheduled = {
      source: 'aws.events',
      detailType: 'Scheduled Event',
      resources: [rule.arn],
      detail: {},
    }
    this.#send(rule, this.#stamp(scheduled))
  }

  ruleArn(name: string): string {
    return `arn:${this.#account.partition}:events:${this.#account.region}:${this.#account.accountId}:rule/${name}`
  }

  /** Gives up what is still being tried again. */
  close(): void {
    this.#closing.abort()
    this.#timetable.stop()
  }

  #stamp({ source, detailType, detail, resources = [], time = this.#account.now() }: NewEvent): BusEvent {
    return {
      version: '0',
      id: randomUUID(),
      'detail-type': detailType,
      source,
      account: this.#account.accountId,
      time: time.toISOString().replace(/\.\d{3}Z$/, 'Z'),
      region: this.#account.region,
      resources: [...resources],
      detail,
    }
  }

  /**
   * Puts what could not be delivered into the target's queue, where the queue's policy lets the rule.
   * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
   */
  #keep(rule: Rule, target: Target, event: BusEvent, failure: { error: Error; attempts: number }): void {
    const queue = target.deadLetterArn === undefined ? undefined : this.#queues.byArn(target.deadLetterArn)
    if (!queue?.acceptsFrom('events.amazonaws.com', rule.arn, this.#account.accountId)) return
    queue.send({
      sender: 'AIDAEXAMPLEEVENTBRIDGE',
      body: target.input ?? JSON.stringify(event),
      attributes: Object.fromEntries(
        Object.entries(attributesOf(rule, target, failure)).map(([name, StringValue]) => [
          name,
          { DataType: 'String', StringValue },
        ]),
      ),
    })
  }

  /** Where every delivery ends: whatever fails in one is a dead letter, and nothing else of the stand-in's. */
  #send(rule: Rule, event: BusEvent): void {
    const { clock } = this.#account
    const { signal } = this.#closing
    for (const target of rule.targets.values()) {
      const lost = (failure: { error: Error; attempts: number }) => {
        appendBounded(this.deadLetters, { rule: rule.name, target, event, ...failure }, MOST_EVENTS)
        this.#keep(rule, target, event, failure)
      }
      deliver({ clock, invoke: this.#invoke, target, event, signal })
        .then((failure) => failure && lost(failure))
        .catch((error: unknown) => signal.aborted || lost({ error: asError(error), attempts: 0 }))
    }
  }
}

/** What a message for the dead-letter queue says of why, as texts. */
const attributesOf = (
  rule: Rule,
  target: Target,
  { error, attempts }: { error: Error; attempts: number },
): Record<string, string> => {
  const refused = error instanceof AwsFailure
  return {
    RULE_ARN: rule.arn,
    TARGET_ARN: target.arn,
    ERROR_CODE: refused && error.code === 'ResourceNotFoundException' ? 'NO_RESOURCE' : 'ERROR_FROM_TARGET',
    ERROR_MESSAGE: error.message,
    ...(refused
      ? {}
      : {
          EXHAUSTED_RETRY_CONDITION:
            attempts > target.retry.attempts ? 'MaximumRetryAttempts' : 'MaximumEventAgeInSeconds',
        }),
    RETRY_ATTEMPTS: String(Math.max(0, attempts - 1)),
  }
}

/** Reads a pattern's text; throws InvalidPattern. */
export const readPattern = (text: string): EventPattern => {
  let parsed: unknown
  try {
    parsed = readJsonText(text)
  } catch (error) {
    throw new InvalidPattern(asError(error).message)
  }
  return compilePattern(parsed)
}

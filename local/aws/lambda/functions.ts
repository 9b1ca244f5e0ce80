import { randomUUID } from 'node:crypto'
import type { Account } from '../account/account.ts'
import { AwsFailure } from '../failure.ts'
import type { Queues } from '../sqs/queues.ts'
import { ConcurrentExecutions, turnedAway } from './concurrency.ts'

/** A function of this process in place of a Lambda function's code. */
export type LocalFunction = (payload: unknown) => unknown

export interface FunctionOptions {
  /**
   * Where what it failed at is kept, by the queue's ARN. Events are handed over to it then, as at Lambda: whoever sends one does
   * not wait for it. Without, its failures are its sender's.
   */
  onFailure?: string
  /** Its function URL. */
  url?: string
}

export interface FunctionStandIn extends FunctionOptions {
  name: string
  arn: string
  run: LocalFunction
}

/** What became of an invocation: the answer, or the error as Lambda describes it. */
export type InvocationOutcome =
  | { payload: unknown }
  | { error: { errorType: string; errorMessage: string; trace: string[] } }

/** Between the attempts at an event: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const pausesMs = [60_000, 120_000]

/** As a stage sets it: `maximumEventAgeInSeconds` of stacks/listening.ts. */
const longestWaitMs = 3_600_000

interface Kept {
  requestId: string
  condition: 'RetriesExhausted' | 'EventAgeExceeded'
  count: number
  payload: unknown
  error?: object
}

/** The account's Lambda functions. */
export class Functions {
  readonly #account: Account
  readonly #queues: Queues
  readonly #functions = new Map<string, FunctionStandIn>()
  readonly #closing = new AbortController()
  readonly concurrency = new ConcurrentExecutions()

  constructor(account: Account, queues: Queues) {
    this.#account = account
    this.#queues = queues
  }

  /** Makes a function known under a name. */
  add(name: string, run: LocalFunction, options: FunctionOptions = {}): FunctionStandIn {
    const made = { name, arn: this.arnOf(name), run, ...options }
    this.#functions.set(name, made)
    return made
  }

  delete(name: string): void {
    this.#functions.delete(name)
  }

  /** By its name or its ARN, with a qualifier or without. */
  find(named: string): FunctionStandIn | undefined {
    const name =
      /^(?:(?:arn:[\w-]+:lambda:[\w-]+:)?\d{12}:function:)?([\w-]+)(?::[\w$-]+)?$/.exec(named)?.[1] ?? ''
    const found = this.#functions.get(name)
    return !named.startsWith('arn:') || found?.arn === named || named.startsWith(`${found?.arn}:`)
      ? found
      : undefined
  }

  arnOf(name: string): string {
    const { partition, region, accountId } = this.#account
    return `arn:${partition}:lambda:${region}:${accountId}:function:${name}`
  }

  /**
   * Invokes a function and waits for its answer.
   * @throws AwsFailure TooManyRequestsException where as many run as may
   */
  async invoke(fn: FunctionStandIn, payload: unknown): Promise<InvocationOutcome> {
    const leave = this.concurrency.enter()
    if (!leave)
      throw new AwsFailure(turnedAway.code, turnedAway.message, {
        status: 429,
        fields: { Reason: 'ConcurrentInvocationLimitExceeded', Type: 'User' },
      })
    try {
      return { payload: await fn.run(structuredClone(payload)) }
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown))
      return {
        error: {
          errorType: error.name,
          errorMessage: error.message,
          trace: String(error.stack ?? '')
            .split('\n')
            .slice(0, 3),
        },
      }
    } finally {
      leave()
    }
  }

  /**
   * Takes an event for a function: it is tried three times, and what fails then goes to the function's queue for failures. What is
   * turned away counts as no attempt: it is tried again for as long as the event may wait.
   */
  handOver(fn: FunctionStandIn, payload: unknown): void {
    void this.#work(fn, payload).catch(() => {})
  }

  async #work(fn: FunctionStandIn, payload: unknown): Promise<void> {
    const requestId = randomUUID()
    const until = this.#account.clock.now() + longestWaitMs
    for (let count = 1; ; count++) {
      const outcome = await this.#invokeInTime(fn, payload, until)
      if (!outcome)
        return this.#keep(fn, { requestId, condition: 'EventAgeExceeded', count: count - 1, payload })
      if ('payload' in outcome) return
      const { error } = outcome
      const pause = pausesMs[count - 1]
      if (pause === undefined)
        return this.#keep(fn, { requestId, condition: 'RetriesExhausted', count, payload, error })
      await this.#account.clock.sleep(pause, this.#closing.signal)
    }
  }

  /** Waits for a place, for one second first and for five minutes at most between two tries; undefined where the event is too old then. */
  async #invokeInTime(
    fn: FunctionStandIn,
    payload: unknown,
    until: number,
  ): Promise<InvocationOutcome | undefined> {
    const { clock } = this.#account
    for (let pause = 1000; clock.now() <= until; pause = Math.min(pause * 2, 300_000)) {
      try {
        return await this.invoke(fn, payload)
      } catch (error) {
        if (!(error instanceof AwsFailure && error.code === turnedAway.code)) throw error
        await clock.sleep(pause, this.#closing.signal)
      }
    }
    return undefined
  }

  /** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
  #keep(fn: FunctionStandIn, { requestId, condition, count, payload, error }: Kept): void {
    const queue = fn.onFailure === undefined ? undefined : this.#queues.byArn(fn.onFailure)
    queue?.send({
      sender: `AROA0000000000000000:${fn.name}`,
      body: JSON.stringify({
        version: '1.0',
        timestamp: this.#account.now().toISOString(),
        requestContext: {
          requestId,
          functionArn: `${fn.arn}:$LATEST`,
          condition,
          approximateInvokeCount: count,
        },
        requestPayload: payload,
        ...(error
          ? {
              responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
              responsePayload: error,
            }
          : {}),
      }),
    })
  }

  /** Gives up what is still being tried again. */
  close(): void {
    this.#closing.abort()
  }
}

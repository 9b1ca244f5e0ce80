import { AdaptiveRetryStrategy, Retry, StandardRetryStrategy } from '@smithy/core/retry'
import type {
  DeserializeMiddleware,
  MiddlewareStack,
  RetryErrorInfo,
  RetryToken,
  StandardRetryBackoffStrategy,
  StandardRetryToken,
} from '@smithy/types'
import { excerpt } from '../core/text/redact.ts'
import { type Clock, systemClock } from './clock.ts'
import type { Runtime } from './runtime.ts'

/** How long one attempt at a call may take: a function has time for every attempt of the calls that it makes. */
const answerWithinMs = 5000
const attempts = 3

/**
 * What every client of AWS is made with. The SDK by itself waits for ever for an answer; here each attempt ends, as
 * the TimeoutError that the SDK tries again.
 * @param withinMs for a service that takes longer over its answers
 */
export const clientOptions = (
  { aws, clock = systemClock, patient }: Pick<Runtime, 'aws'> & Partial<Pick<Runtime, 'clock' | 'patient'>>,
  region: string,
  withinMs: number = answerWithinMs,
) => ({
  ...aws,
  region,
  maxAttempts: attempts,
  ...(clock === systemClock
    ? patient && { retryStrategy: new PatientRetry() }
    : { retryStrategy: new RetryByClock(clock) }),
  requestHandler: {
    connectionTimeout: 3000,
    requestTimeout: withinMs,
    throwOnRequestTimeout: true,
    // Also ends the wait for the rest of an answer that has begun.
    socketTimeout: withinMs,
  },
})

const noPause: StandardRetryBackoffStrategy = { computeNextBackoffDelay: () => 0, setDelayBase: () => {} }

/** The SDK's own retries for a clock that is not the machine's: the pauses between attempts, too, are by that clock. */
class RetryByClock extends StandardRetryStrategy {
  readonly #clock: Clock

  constructor(clock: Clock) {
    super({ maxAttempts: attempts, backoff: noPause })
    this.#clock = clock
  }

  override async refreshRetryTokenForRetry(
    token: StandardRetryToken,
    info: RetryErrorInfo,
  ): Promise<StandardRetryToken> {
    const next = await super.refreshRetryTokenForRetry(token, info)
    const base = info.errorType === 'THROTTLING' ? Retry.throttlingDelay() : Retry.delay()
    await this.#clock.sleep(Math.floor(Math.random() * base * 2 ** token.getRetryCount()))
    return next
  }
}

const patientAttempts = 12

/**
 * The SDK's adaptive mode: what a client has been throttled for slows down all that it asks. Only throttled calls are
 * tried more often; a service that does not answer is given up as soon as otherwise.
 */
class PatientRetry extends AdaptiveRetryStrategy {
  constructor() {
    super(async () => patientAttempts)
  }

  override refreshRetryTokenForRetry(token: StandardRetryToken, info: RetryErrorInfo): Promise<RetryToken> {
    if (info.errorType !== 'THROTTLING' && token.getRetryCount() + 1 >= attempts)
      return Promise.reject(new Error('no attempt is left'))
    return super.refreshRetryTokenForRetry(token, info)
  }
}

/** Something between here and AWS answered: a proxy, a sign-in page, a load balancer. */
class AnswerNotFromAws extends Error {
  override readonly name = 'AnswerNotFromAws'
  /** Has the SDK try again. */
  readonly $retryable = {}
  readonly $metadata: { httpStatusCode: number }

  constructor(status: number, contentType: string | undefined, body: string) {
    const said = body.trim() === '' ? 'an empty body' : `"${excerpt(oneLine(body)).slice(0, 200)}"`
    super(
      `the answer is not one of AWS: it has no request id (status ${status}, ${contentType ?? 'no content type'}, ${said}). See whether a proxy answers in its place: HTTPS_PROXY, AWS_ENDPOINT_URL`,
    )
    this.$metadata = { httpStatusCode: status }
  }
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

/** The response of an attempt, as the SDK's handler hands it on: still to be read. */
interface RawResponse {
  statusCode: number
  headers: Record<string, string>
  body?: AsyncIterable<Uint8Array>
}

/**
 * Has a client refuse answers without a request id, which every service of AWS gives: an empty 200 would be read as an
 * empty list, and a proxy's 404 as "there is none".
 */
export const onlyAnswersOfAws = <Client extends { middlewareStack: object }>(client: Client): Client => {
  const check: DeserializeMiddleware<object, object> = (next) => async (args) => {
    const result = await next(args)
    const { statusCode, headers, body } = result.response as RawResponse
    if (Object.keys(headers).some((name) => requestId.test(name))) return result
    throw new AnswerNotFromAws(statusCode, headers['content-type'], await beginningOf(body))
  }
  const stack = client.middlewareStack as MiddlewareStack<object, object>
  // Innermost in its step: it sees the answer before anything reads it.
  stack.add(check, { step: 'deserialize', priority: 'low', name: 'onlyAnswersOfAws' })
  return client
}

const requestId = /^x-amzn?-request-?id$/i

/** Leaving the loop destroys the stream, so that its connection is not used again. */
const beginningOf = async (body: RawResponse['body']): Promise<string> => {
  if (!body) return ''
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of body) {
      chunks.push(chunk)
      length += chunk.length
      if (length >= 2000) break
    }
  } catch {
    // What came is enough to say what it was.
  }
  return Buffer.concat(chunks).toString('utf8')
}

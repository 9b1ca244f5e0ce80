import {
  AccessDenied,
  Conflict,
  InvalidRequest,
  PodidError,
  PreflightFailed,
  Transient,
} from '../core/errors.ts'
import { excerpt, redact } from '../core/text/redact.ts'

/** Characters of what a service says that are worth a reader's time. */
const mostOfAnswer = 1500

/** The parts of an AWS SDK error that say what happened. https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/ */
interface ServiceError extends Error {
  $metadata?: { httpStatusCode?: number; requestId?: string }
  $retryable?: { throttling?: boolean }
  code?: unknown
}

type Restated = new (message: string, options: { cause: unknown }) => Error

/** Which of our names an AWS error's name means, with or without `Exception` at its end. All services share this table. */
const byName: Readonly<Record<string, Restated>> = {
  Throttling: Transient,
  Throttled: Transient,
  TooManyRequests: Transient,
  RequestLimitExceeded: Transient,
  RequestThrottled: Transient,
  PriorRequestNotComplete: Transient,
  ProvisionedThroughputExceeded: Transient,
  ExecutionLimitExceeded: Transient,
  RequestTimeout: Transient,
  TimeoutError: Transient,
  AnswerNotFromAws: Transient,
  IncompleteAnswer: Transient,
  InternalFailure: Transient,
  InternalServerError: Transient,
  Server: Transient,
  ServiceFailure: Transient,
  ServiceUnavailable: Transient,
  AccessDenied: AccessDenied,
  UnauthorizedOperation: AccessDenied,
  ResourceInUse: Conflict,
  ConcurrentModification: Conflict,
  Conflict: Conflict,
  EntityAlreadyExists: Conflict,
  EntityTemporarilyUnmodifiable: Conflict,
  InvalidInput: InvalidRequest,
  InvalidParameter: InvalidRequest,
  InvalidRequest: InvalidRequest,
  MalformedPolicyDocument: InvalidRequest,
  ValidationError: InvalidRequest,
  Validation: InvalidRequest,
  ResourceNotFound: PreflightFailed,
  NoSuchEntity: PreflightFailed,
  StateMachineDoesNotExist: PreflightFailed,
  ResourceLimitExceeded: PreflightFailed,
  LimitExceeded: PreflightFailed,
}

/**
 * What AWS says of credentials that have expired. The first four come from services, the last two from the SDK where
 * nothing that it knows has credentials, such as an SSO session that is over.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
 */
const renewable = new Set([
  'ExpiredToken',
  'RequestExpired',
  'TokenRefreshRequired',
  'Unauthorized',
  'CredentialsProviderError',
  'TokenProviderError',
])

/** What AWS says of credentials that it does not know, or that do not fit the request's signature. */
const unknownToAws = new Set([
  'AuthFailure',
  'IncompleteSignature',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignature',
  'MissingAuthenticationToken',
  'NotSignedUp',
  'OptInRequired',
  'SignatureDoesNotMatch',
  'UnrecognizedClient',
])

/**
 * What trying again does not mend: the SDK has signed anew by then, by the service's clock. All else of the kind may
 * pass, as fresh credentials take a while to be known everywhere.
 */
const neverAccepted = new Set([
  'IncompleteSignature',
  'InvalidSignature',
  'MissingAuthenticationToken',
  'SignatureDoesNotMatch',
])

/** What Node's sockets and resolvers say when the network fails, or the service hangs up. */
const networkCodes: ReadonlySet<unknown> = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'ENETUNREACH',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'EPIPE',
  'ETIMEDOUT',
])

/**
 * Restates what an AWS SDK client threw in the names of core/errors.ts, with the original as cause and a
 * message that starts with what was being done (`reading role carts`). Only an abort comes back unchanged, and what
 * has such a name already.
 */
export const restateAwsError = (error: unknown, doing: string): Error => {
  if (!(error instanceof Error)) {
    return new Transient(`${doing}: ${redact(String(error)) || 'it failed without a word'}`, { cause: error })
  }
  if (error instanceof PodidError || error.name === 'AbortError') return error
  const credentials = credentialsAdvice(error)
  if (credentials !== undefined) {
    const Name = neverAccepted.has(plainName(error.name)) ? PreflightFailed : AccessDenied
    return new Name(`${doing}: ${wordsOf(error).replace(/\.$/, '')}. ${credentials}`, {
      cause: error,
    })
  }
  const Name = nameOf(error)
  if (Name) return new Name(`${doing}: ${wordsOf(error)}`, { cause: error })
  const what =
    error instanceof SyntaxError || error instanceof TypeError ? 'the answer could not be understood: ' : ''
  return new Transient(`${doing}: ${what}${wordsOf(error)}`, { cause: error })
}

/** What to do about credentials that AWS did not accept, or that could not be had; undefined for every other error. */
export const credentialsAdvice = ({ name, message }: Error): string | undefined => {
  const plain = plainName(name)
  if (renewable.has(plain)) {
    return message.includes('aws sso login')
      ? 'Then run it again'
      : 'Renew the credentials (of an SSO profile: aws sso login), and run it again'
  }
  if (unknownToAws.has(plain) && /scoped to a valid region/i.test(message))
    return 'What answered serves another region: correct the region, or the endpoint (AWS_ENDPOINT_URL)'
  return unknownToAws.has(plain)
    ? 'AWS does not accept the credentials: see whose they are with aws sts get-caller-identity, and whether this machine’s clock is right'
    : undefined
}

const plainName = (name: string): string => name.replace(/Exception$/, '')

const nameOf = (error: ServiceError): Restated | undefined => {
  const plain = plainName(error.name)
  const known = Object.hasOwn(byName, plain) ? byName[plain] : undefined
  if (known) return known
  const status = error.$metadata?.httpStatusCode ?? 0
  if (status === 429 || status >= 500 || error.$retryable?.throttling) return Transient
  if (isNetworkFailure(error)) return Transient
  // What was not understood says nothing by its status.
  if (error instanceof SyntaxError || error instanceof TypeError) return undefined
  if (status === 401 || status === 403) return AccessDenied
  if (status === 408 || status === 425) return Transient
  if (status === 409) return Conflict
  return status >= 400 ? InvalidRequest : undefined
}

/**
 * Whether no service was reached, or it hung up. A refused connection arrives as an AggregateError of its attempts, or
 * wrapped as a cause.
 */
export const isNetworkFailure = (error: Error & { code?: unknown }): boolean =>
  networkCodes.has(error.code) ||
  (error instanceof AggregateError &&
    error.errors.some((one) => one instanceof Error && isNetworkFailure(one))) ||
  (error.cause instanceof Error && isNetworkFailure(error.cause))

/** Name and message of an error, without secrets and the SDK's hints to programmers; never empty. */
const wordsOf = (error: ServiceError): string => {
  const message = excerpt(error.message, mostOfAnswer)
    .replace(/Deserialization error: to see the raw response[^\n]*/, '')
    .replace(/@smithy\/node-http-handler - \[ERROR\] /, '')
    .trim()
  const first = error instanceof AggregateError ? error.errors.find((one) => one instanceof Error) : undefined
  const said = message || (first ? wordsOf(first) : typeof error.code === 'string' ? error.code : '')
  const name = error.name === 'Error' ? '' : error.name
  return [name, said].filter(Boolean).join(': ') || 'it failed without a word'
}

/** Whether a service answered with an error of this name. */
export const isNamed = (error: unknown, name: string): error is Error =>
  error instanceof Error && error.name === name

/** An answer lacks what it must hold. */
class IncompleteAnswer extends Error {
  override readonly name = 'IncompleteAnswer'
}

/**
 * What an answer must hold.
 * @throws an error that is restated as Transient where it does not: what is absent was not looked at, and must not be
 * taken for "there is none"
 */
export const requiredMember = <Value>(value: Value | undefined | null, what: string): Value => {
  if (value === undefined || value === null) throw new IncompleteAnswer(`the answer holds no ${what}`)
  return value
}

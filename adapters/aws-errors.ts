import { AccessDenied, Conflict, InvalidRequest, Transient } from '../core/errors.ts'

/** The parts of an AWS SDK error that say what happened. https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/ */
interface ServiceError extends Error {
  $metadata?: { httpStatusCode?: number; requestId?: string }
  $retryable?: { throttling?: boolean }
  code?: unknown
}

type Restated = new (message: string, options: { cause: unknown }) => Error

/** Which of our names an AWS error's name means. EKS, IAM, STS, Step Functions and EventBridge share this table. */
const byName: Readonly<Record<string, Restated>> = {
  Throttling: Transient,
  ThrottlingException: Transient,
  ThrottledException: Transient,
  TooManyRequestsException: Transient,
  RequestLimitExceeded: Transient,
  RequestThrottled: Transient,
  RequestThrottledException: Transient,
  PriorRequestNotComplete: Transient,
  RequestTimeout: Transient,
  RequestTimeoutException: Transient,
  TimeoutError: Transient,
  InternalFailure: Transient,
  InternalServerError: Transient,
  ServerException: Transient,
  ServiceFailure: Transient,
  ServiceFailureException: Transient,
  ServiceUnavailable: Transient,
  ServiceUnavailableException: Transient,
  AccessDenied: AccessDenied,
  AccessDeniedException: AccessDenied,
  UnauthorizedOperation: AccessDenied,
  ResourceInUseException: Conflict,
  ConcurrentModification: Conflict,
  ConcurrentModificationException: Conflict,
  ConflictException: Conflict,
  EntityAlreadyExists: Conflict,
  EntityAlreadyExistsException: Conflict,
  EntityTemporarilyUnmodifiable: Conflict,
  EntityTemporarilyUnmodifiableException: Conflict,
  InvalidInput: InvalidRequest,
  InvalidInputException: InvalidRequest,
  InvalidParameterException: InvalidRequest,
  InvalidRequestException: InvalidRequest,
  MalformedPolicyDocument: InvalidRequest,
  MalformedPolicyDocumentException: InvalidRequest,
  ValidationError: InvalidRequest,
  ValidationException: InvalidRequest,
}

/** What Node's sockets and resolvers say when the network fails, or the service hangs up. */
const networkCodes = new Set([
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
 * message that starts with what was being done (`reading role carts`). What has no name there, such as
 * NoSuchEntityException or a bug of ours, comes back unchanged; so does an abort.
 */
export const restateAwsError = (error: unknown, doing: string): Error => {
  if (!(error instanceof Error)) return new Error(`${doing}: ${String(error)}`)
  const Name = nameOf(error)
  return Name ? new Name(`${doing}: ${error.name}: ${error.message}`, { cause: error }) : error
}

const nameOf = (error: ServiceError): Restated | undefined => {
  const known = Object.hasOwn(byName, error.name) ? byName[error.name] : undefined
  if (known) return known
  const status = error.$metadata?.httpStatusCode ?? 0
  if (status === 429 || status >= 500 || error.$retryable?.throttling) return Transient
  return isNetworkFailure(error) ? Transient : undefined
}

/** A refused connection arrives as an AggregateError of its attempts, or wrapped as a cause. */
const isNetworkFailure = (error: ServiceError): boolean =>
  (typeof error.code === 'string' && networkCodes.has(error.code)) ||
  (error instanceof AggregateError &&
    error.errors.some((one) => one instanceof Error && isNetworkFailure(one))) ||
  (error.cause instanceof Error && isNetworkFailure(error.cause))

import type { Status, StatusDetails } from '../../../core/kubernetes.ts'
import type { ResourceKind } from './resources.ts'

/** A refusal as the API server words it: the Status body, its HTTP code, and headers that go with it. */
export class StatusError extends Error {
  readonly code: number
  readonly reason: string | undefined
  readonly details: StatusDetails | undefined
  readonly headers: Record<string, string>

  constructor(
    code: number,
    reason: string | undefined,
    message: string,
    { details, headers = {} }: { details?: StatusDetails; headers?: Record<string, string> } = {},
  ) {
    super(message)
    this.name = 'StatusError'
    this.code = code
    this.reason = reason
    this.details = details
    this.headers = headers
  }

  /** The `Status` object of the answer's body. */
  body(): Status {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      ...(this.reason === undefined ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    }
  }
}

/** `deployments.apps`, as messages name a resource; core resources have no suffix. */
export const qualified = (resource: Pick<ResourceKind, 'plural' | 'group'>): string =>
  resource.group ? `${resource.plural}.${resource.group}` : resource.plural

const detailsOf = (resource: Pick<ResourceKind, 'plural' | 'group'>, name: string): StatusDetails => ({
  name,
  ...(resource.group ? { group: resource.group } : {}),
  kind: resource.plural,
})

/** 404: no such object. */
export const notFound = (resource: ResourceKind, name: string): StatusError =>
  new StatusError(404, 'NotFound', `${qualified(resource)} "${name}" not found`, {
    details: detailsOf(resource, name),
  })

/** 409: the name is taken. */
export const alreadyExists = (resource: ResourceKind, name: string): StatusError =>
  new StatusError(409, 'AlreadyExists', `${qualified(resource)} "${name}" already exists`, {
    details: detailsOf(resource, name),
  })

/** 409: the write is refused because of `why`, by default that someone else wrote in between. */
export const conflict = (
  resource: ResourceKind,
  name: string,
  why = 'the object has been modified; please apply your changes to the latest version and try again',
): StatusError =>
  new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`,
    {
      details: detailsOf(resource, name),
    },
  )

/** 403: admission refuses an object. `name` may be a `generateName`, where no name was made yet. */
export const forbiddenObject = (resource: ResourceKind, name: string, why: string): StatusError =>
  new StatusError(403, 'Forbidden', `${qualified(resource)} "${name}" is forbidden: ${why}`, {
    details: detailsOf(resource, name),
  })

/** 400: the request makes no sense. */
export const badRequest = (message: string): StatusError => new StatusError(400, 'BadRequest', message)

/** One thing wrong with a field, in the words of `field.Error`. */
export interface FieldError {
  field: string
  reason:
    | 'FieldValueInvalid'
    | 'FieldValueRequired'
    | 'FieldValueNotSupported'
    | 'FieldValueForbidden'
    | 'FieldValueDuplicate'
    | 'FieldValueNotFound'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany'
    | 'FieldValueTypeInvalid'
  /** Begins with what the reason is called: `Invalid value: -1: must be …`. */
  message: string
}

/** 422: the object is well-formed and not acceptable. */
export const invalid = (
  { kind, group }: { kind: string; group: string },
  name: string,
  errors: FieldError[],
): StatusError => {
  const distinct = [...new Set(errors.map(({ field, message }) => `${field}: ${message}`))]
  const summary = distinct.length === 1 ? distinct[0] : `[${distinct.join(', ')}]`
  const what = group ? `${kind}.${group}` : kind
  return new StatusError(422, 'Invalid', `${what} "${name}" is invalid: ${summary}`, {
    details: {
      ...(name ? { name } : {}),
      ...(group ? { group } : {}),
      ...(kind ? { kind } : {}),
      causes: errors.map(({ reason, message, field }) => ({ reason, message, field })),
    },
  })
}

/** 415: the body's media type is not understood here. */
export const unsupportedMediaType = (): StatusError =>
  new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', { details: {} })

/** 405: the resource has no such method. */
export const methodNotAllowed = (): StatusError =>
  new StatusError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    { details: {} },
  )

/** 404: nothing is served under that path. */
export const noSuchResource = (): StatusError =>
  new StatusError(404, 'NotFound', 'the server could not find the requested resource', { details: {} })

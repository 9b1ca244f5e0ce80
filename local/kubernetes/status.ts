import type { Status, StatusDetails } from 'kubernetes-types/meta/v1.d.ts'
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

/** 400: the request makes no sense. */
export const badRequest = (message: string): StatusError => new StatusError(400, 'BadRequest', message)

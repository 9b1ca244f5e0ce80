/** A refusal as a service words it: the SDK's or the wire's error code, and the message a client prints. */
export class AwsFailure extends Error {
  readonly code: string
  /** Overrides the HTTP status that the service's model gives the code (400 for codes it does not know). */
  readonly status: number | undefined
  /** Further members of the error document, such as `clusterName`. */
  readonly fields: Record<string, unknown>

  constructor(
    code: string,
    message: string,
    { status, fields = {} }: { status?: number; fields?: Record<string, unknown> } = {},
  ) {
    super(message)
    this.code = code
    this.status = status
    this.fields = fields
  }
}

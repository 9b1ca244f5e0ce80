import type { Json } from './definition.ts'
import { StateFailure } from './failure.ts'

/** Step Functions' limit on what a state takes or gives, in bytes of UTF-8. */
export const maximalPayload = 262_144

/** A value that crossed a boundary: its JSON text, and what that text reads back as. */
export interface Payload {
  text: string
  value: Json
}

/**
 * Takes a value over a boundary as the service would: through JSON text, so that nothing is shared and
 * nothing but JSON survives.
 * @throws StateFailure States.DataLimitExceeded beyond 262,144 bytes; Runtime.MarshalError, Lambda's own
 * name, for what JSON cannot hold.
 */
export const toPayload = (value: unknown, what: string): Payload => {
  const text = serialize(value, what)
  if (text.length > maximalPayload / 3 && Buffer.byteLength(text) > maximalPayload) {
    throw new StateFailure(
      'States.DataLimitExceeded',
      `${what} is ${Buffer.byteLength(text)} bytes long, and at most ${maximalPayload} bytes can be passed on.`,
    )
  }
  return { text, value: JSON.parse(text) as Json }
}

const serialize = (value: unknown, what: string): string => {
  try {
    return JSON.stringify(value) ?? 'null'
  } catch (error) {
    throw new StateFailure('Runtime.MarshalError', `${what} cannot be written as JSON: ${String(error)}`)
  }
}

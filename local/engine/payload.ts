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
 * nothing but JSON survives. `owner` is the state, or a task's type or function, that messages name.
 * @throws StateFailure States.DataLimitExceeded beyond 262,144 bytes; Runtime.MarshalError, Lambda's own
 * name, for what JSON cannot hold.
 */
export const toPayload = (value: unknown, owner: string): Payload => {
  const text = payloadText(value, owner)
  return { text, value: JSON.parse(text) as Json }
}

/** As `toPayload`, of what is JSON already and nobody else's, as what an expression comes to. */
export const ownPayload = (value: Json, owner: string): Payload => ({
  text: payloadText(value, owner),
  value,
})

/** The text alone. Throws as `toPayload`. */
export const payloadText = (value: unknown, owner: string): string => {
  const text = serialize(value, owner)
  if (text.length > maximalPayload / 3 && Buffer.byteLength(text) > maximalPayload) {
    throw new StateFailure(
      'States.DataLimitExceeded',
      `The state/task '${owner}' returned a result with a size exceeding the maximum number of bytes service limit.`,
    )
  }
  return text
}

/** A value as its JSON text reads back, however large; what is made of it is measured when it is passed on. */
export const asJson = (value: unknown, owner: string): Json => JSON.parse(serialize(value, owner)) as Json

const serialize = (value: unknown, owner: string): string => {
  try {
    return JSON.stringify(value) ?? 'null'
  } catch (error) {
    throw new StateFailure(
      'Runtime.MarshalError',
      `What '${owner}' returned cannot be written as JSON: ${String(error)}`,
    )
  }
}

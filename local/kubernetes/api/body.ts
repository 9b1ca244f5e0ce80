import { isObject, type JsonObject } from '../../json-object.ts'
import { readCustom, refuseDeep } from '../custom/values/index.ts'
import { apiVersionOf, type NewObject, type ResourceKind } from '../store/resources.ts'
import { badRequest, StatusError } from '../store/status.ts'
import type { ObjectRequest } from './api.ts'
import { type Conformed, conform, mediaType, parseBody, TypeMismatch } from './wire/decode.ts'
import { shapeOf } from './wire/schema.ts'

/** An object out of a request's body, and the warnings that its unknown fields earn. */
export interface ReadBody {
  object: NewObject & JsonObject
  warnings: string[]
}

/** Reads the object that a create or an update carries; 400 where it is none of the kind asked for. */
export const readObject = ({ kind, contentType, body, query }: ObjectRequest): ReadBody => {
  const given = parseObject(kind.kind, contentType, body)
  if (!isObject(given)) throw badRequest('the body of the request is not an object')
  const expected = apiVersionOf(kind)
  const { apiVersion = expected, kind: kindName = kind.kind } = given
  if (apiVersion !== expected)
    throw badRequest(
      `the API version in the data (${String(apiVersion)}) does not match the expected API version (${expected})`,
    )
  const handled = `${String(kindName)} in version "${kind.version}" cannot be handled as a ${kind.kind}`
  if (kindName !== kind.kind)
    throw badRequest(
      `${handled}: converting (${kind.version}.${String(kindName)}) to (${kind.group.split('.')[0] || 'core'}.${kind.kind}): unknown conversion`,
    )
  const { value, unknownFields } = readAs(
    () => conformTo(kind, given),
    (why) => badRequest(`${handled}: ${why}`),
  )
  const warnings = checkUnknown(unknownFields, query.get('fieldValidation'), (why) =>
    badRequest(`${handled}: ${why}`),
  )
  return { object: value as ReadBody['object'], warnings }
}

/** A value as its kind reads it: by the client's models, or by the schema of its definition. */
export const conformTo = (kind: ResourceKind, given: unknown): Conformed => {
  if (kind.custom) return readCustom(kind.custom, isObject(given) ? given : {})
  if (kind.plural === 'customresourcedefinitions') refuseDeep(given)
  return conform(shapeOf(kind), given)
}

/** The value in a body; what is no JSON is refused with its beginning. */
const parseObject = (kind: string, contentType: string | undefined, body: Buffer): unknown => {
  try {
    return parseBody(contentType, body)
  } catch (error) {
    if (!(error instanceof StatusError) || mediaType(contentType) !== 'application/json') throw error
    const text = body.toString()
    const beginning = text.length > 30 ? `${text.slice(0, 30)} ...` : text || '<empty>'
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${error.message} (${beginning})`,
    )
  }
}

/** Restates a type mismatch as the refusal that `refuse` makes of its words. */
export const readAs = (read: () => Conformed, refuse: (why: string) => Error): Conformed => {
  try {
    return read()
  } catch (error) {
    if (error instanceof TypeMismatch) throw refuse(error.message)
    throw error
  }
}

/** What `fieldValidation` makes of unknown fields: warnings, nothing, or with Strict what `refuse` makes of it. */
export const checkUnknown = (
  unknownFields: string[],
  validation: string | null,
  refuse: (why: string) => Error,
): string[] => {
  if (unknownFields.length === 0 || validation === 'Ignore') return []
  const complaints = unknownFields.map((path) => `unknown field "${path}"`)
  if (validation === 'Strict') throw refuse(`strict decoding error: ${complaints.join(', ')}`)
  return complaints
}

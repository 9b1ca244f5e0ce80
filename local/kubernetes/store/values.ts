import { isObject, type JsonObject } from '../../json-object.ts'

/** What the wire would carry: a deep copy without undefined fields. */
export const asWire = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

/** Freezes a value all the way down, and hands it back. */
export const freeze = <T extends object>(value: T): T => {
  if (Object.isFrozen(value)) return value
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) freeze(inner)
  return Object.freeze(value)
}

/** Sets those fields of an object that it does not have. */
export const fill = (object: JsonObject, defaults: JsonObject): void => {
  for (const [field, value] of Object.entries(defaults)) object[field] ??= structuredClone(value)
}

/** The object in a field, which is put there if it is not. */
export const objectAt = (object: JsonObject, field: string): JsonObject => {
  const found = object[field]
  if (isObject(found)) return found
  const made: JsonObject = {}
  object[field] = made
  return made
}

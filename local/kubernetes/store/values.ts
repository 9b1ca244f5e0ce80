import { isObject, type JsonObject } from '../../json-object.ts'

/** What the wire would carry of a value made of plain objects: a deep copy without undefined fields, as JSON writes it. */
export const asWire = <T>(value: T): T => wireOf(value) as T

const wireOf = (value: unknown): unknown => {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => (item === undefined ? null : wireOf(item)))
  if ('toJSON' in value) return JSON.parse(JSON.stringify(value))
  const copy: JsonObject = {}
  for (const field of Object.keys(value)) {
    const inner = (value as JsonObject)[field]
    if (inner !== undefined) set(copy, field, wireOf(inner))
  }
  return copy
}

/** Sets a field, whatever its name: an assignment to `__proto__` would change the object itself. */
const set = (object: JsonObject, field: string, value: unknown): void => {
  if (field === '__proto__')
    Object.defineProperty(object, field, { value, enumerable: true, configurable: true, writable: true })
  else object[field] = value
}

/** Freezes a value all the way down, and hands it back. */
export const freeze = <T extends object>(value: T): T => {
  if (Object.isFrozen(value)) return value
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) freeze(inner)
  return Object.freeze(value)
}

/** Sets those fields of an object that it does not have. */
export const fill = (object: JsonObject, defaults: JsonObject): void => {
  for (const [field, value] of Object.entries(defaults)) object[field] ??= asWire(value)
}

/** The object in a field, which is put there if it is not. */
export const objectAt = (object: JsonObject, field: string): JsonObject => {
  const found = object[field]
  if (isObject(found)) return found
  const made: JsonObject = {}
  object[field] = made
  return made
}

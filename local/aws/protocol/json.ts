import type { NormalizedSchema } from '@smithy/core/schema'
import { isObject } from '../../json-object.ts'
import { AwsFailure } from '../failure.ts'

const DATE_TIME = 5 // the schema of timestamps that travel as ISO 8601 text even in JSON

const wrong = (expected: string, member: string): AwsFailure =>
  new AwsFailure('SerializationException', `Expected ${expected} at '${member}'`, { status: 400 })

const wireName = (name: string, schema: NormalizedSchema): string =>
  String(schema.getMergedTraits().jsonName ?? name)

/**
 * Turns parsed JSON into the values that the SDK's types describe: dates, bytes, and only the members that
 * the schema knows; the names of others are added to `unknown`. Throws SerializationException, naming the
 * member, where a type is wrong.
 */
export const readJson = (
  schema: NormalizedSchema,
  value: unknown,
  unknown: Set<string>,
  at = 'body',
): unknown => {
  if (value === null || value === undefined) return undefined
  if (schema.isDocumentSchema()) return value
  if (schema.isStructSchema()) {
    if (!isObject(value)) throw wrong('an object', at)
    const read: Record<string, unknown> = {}
    const strange = new Set(Object.keys(value))
    for (const [name, member] of schema.structIterator()) {
      strange.delete(wireName(name, member))
      const inner = readJson(member, value[wireName(name, member)], unknown, name)
      if (inner !== undefined) read[name] = inner
    }
    for (const name of strange) unknown.add(name)
    return read
  }
  if (schema.isListSchema()) {
    if (!Array.isArray(value)) throw wrong('a list', at)
    return value.map((item) => readJson(schema.getValueSchema(), item, unknown, at))
  }
  if (schema.isMapSchema()) {
    if (!isObject(value)) throw wrong('an object', at)
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, readJson(schema.getValueSchema(), item, unknown, at)]),
    )
  }
  return readScalar(schema, value, at)
}

const readScalar = (schema: NormalizedSchema, value: unknown, at: string): unknown => {
  if (schema.isTimestampSchema()) return readTimestamp(value, at)
  if (schema.isBooleanSchema()) {
    if (typeof value !== 'boolean') throw wrong('true or false', at)
    return value
  }
  if (schema.isNumericSchema()) {
    if (typeof value !== 'number') throw wrong('a number', at)
    return value
  }
  if (typeof value !== 'string') throw wrong('text', at)
  return schema.isBlobSchema() ? Buffer.from(value, 'base64') : value
}

const readTimestamp = (value: unknown, at: string): Date => {
  const date = typeof value === 'number' ? new Date(value * 1000) : new Date(String(value))
  if (Number.isNaN(date.getTime())) throw wrong('a timestamp', at)
  return date
}

/** The reverse of `readJson`: a value for JSON.stringify, without members that the schema does not know. */
export const writeJson = (schema: NormalizedSchema, value: unknown): unknown => {
  if (value === undefined || value === null) return undefined
  if (schema.isDocumentSchema()) return value
  if (schema.isStructSchema()) {
    const source = value as Record<string, unknown>
    const written: Record<string, unknown> = {}
    for (const [name, member] of schema.structIterator())
      if (source[name] !== undefined) written[wireName(name, member)] = writeJson(member, source[name])
    return written
  }
  if (schema.isListSchema())
    return (value as unknown[]).map((item) => writeJson(schema.getValueSchema(), item))
  if (schema.isMapSchema())
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, writeJson(schema.getValueSchema(), item)]),
    )
  if (value instanceof Date) return schema.getSchema() === DATE_TIME ? value.toISOString() : +value / 1000
  if (schema.isBlobSchema()) return Buffer.from(value as Uint8Array).toString('base64')
  return value
}

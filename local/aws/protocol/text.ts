import type { NormalizedSchema } from '@smithy/core/schema'
import { AwsFailure } from '../failure.ts'

/** A scalar from a path label, query parameter, header or form field; throws SerializationException. */
export const readText = (schema: NormalizedSchema, text: string): unknown => {
  if (schema.isBooleanSchema()) return readBoolean(text)
  if (schema.isNumericSchema()) return readNumber(text)
  if (schema.isTimestampSchema()) return readDate(text)
  if (schema.isBlobSchema()) return Buffer.from(text, 'base64')
  return text
}

const wrong = (expected: string, text: string): AwsFailure =>
  new AwsFailure('SerializationException', `Expected ${expected}, not '${text.slice(0, 100)}'`, {
    status: 400,
  })

const readBoolean = (text: string): boolean => {
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true'
  throw wrong('true or false', text)
}

const readNumber = (text: string): number => {
  if (/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) return Number(text)
  throw wrong('a number', text)
}

const readDate = (text: string): Date => {
  const date = new Date(/^[\d.]+$/.test(text) ? Number(text) * 1000 : text)
  if (Number.isNaN(date.getTime())) throw wrong('a timestamp', text)
  return date
}

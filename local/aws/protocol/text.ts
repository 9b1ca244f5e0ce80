import type { NormalizedSchema } from '@smithy/core/schema'

/** A scalar from a path label, query parameter, header or form field. */
export const readText = (schema: NormalizedSchema, text: string): unknown => {
  if (schema.isBooleanSchema()) return text === 'true'
  if (schema.isNumericSchema()) return Number(text)
  if (schema.isTimestampSchema()) return new Date(/^[\d.]+$/.test(text) ? Number(text) * 1000 : text)
  if (schema.isBlobSchema()) return Buffer.from(text, 'base64')
  return text
}

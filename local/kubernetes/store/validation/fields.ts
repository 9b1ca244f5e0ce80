import { isObject } from '../../../json-object.ts'
import type { FieldError } from '../status.ts'

/** A value as messages quote it: JSON with sorted keys. */
const quote = (value: unknown): string =>
  JSON.stringify(value ?? null, (_key, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  )

export const invalidValue = (field: string, value: unknown, why: string): FieldError => ({
  field,
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${quote(value)}: ${why}`,
})

export const required = (field: string, why = ''): FieldError => ({
  field,
  reason: 'FieldValueRequired',
  message: why ? `Required value: ${why}` : 'Required value',
})

export const forbiddenField = (field: string, why: string): FieldError => ({
  field,
  reason: 'FieldValueForbidden',
  message: `Forbidden: ${why}`,
})

export const tooMany = (field: string, actual: number, most: number): FieldError => ({
  field,
  reason: 'FieldValueTooMany',
  message: `Too many: ${actual}: must have at most ${most} item${most === 1 ? '' : 's'}`,
})

export const duplicate = (field: string, value: unknown): FieldError => ({
  field,
  reason: 'FieldValueDuplicate',
  message: `Duplicate value: ${quote(value)}`,
})

export const unsupported = (field: string, value: unknown, supported: string[]): FieldError => ({
  field,
  reason: 'FieldValueNotSupported',
  message: `Unsupported value: ${quote(value)}: supported values: ${supported.map((name) => `"${name}"`).join(', ')}`,
})

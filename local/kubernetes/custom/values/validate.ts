import { isDeepStrictEqual } from 'node:util'
import { isObject, type JsonObject } from '../../../json-object.ts'
import type { CustomSchema } from '../../store/resources.ts'
import type { FieldError } from '../../store/status.ts'
import { duplicate, invalidValue, required, tooMany, unsupported } from '../../store/validation/fields.ts'
import {
  additionalOf,
  branchesOf,
  elementSchema,
  fieldPath,
  fieldSchema,
  identityOf,
  isIntOrString,
  keysOf,
  textsIn,
} from '../schema.ts'
import { hasFormat } from './formats.ts'
import { matchesPattern } from './patterns.ts'

/**
 * What of a value does not fit a schema, in the words of the server's validator. What an update leaves as it was is
 * not held against it: `previous` is the value before, where there was one.
 */
export const valueErrors = (
  schema: CustomSchema,
  value: unknown,
  path: string,
  previous?: unknown,
): FieldError[] => {
  if (previous !== undefined && isDeepStrictEqual(value, previous)) return []
  if (value === null && schema.nullable === true) return []
  return [
    ...typeErrors(schema, value, path),
    ...enumErrors(schema, value, path),
    ...(typeof value === 'string' ? textErrors(schema, value, path) : []),
    ...(typeof value === 'number' ? numberErrors(schema, value, path) : []),
    ...(Array.isArray(value) ? listErrors(schema, value, path, previous) : []),
    ...(isObject(value) ? objectErrors(schema, value, path, previous) : []),
    ...junctorErrors(schema, value, path, previous),
  ]
}

/** What a value is called; whole numbers are integers, however they are written. */
const typeOf = (value: unknown): string => {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

const typeInvalid = (path: string, wanted: string, found: string): FieldError => ({
  field: path,
  reason: 'FieldValueTypeInvalid',
  message: `Invalid value: ${JSON.stringify(found)}: ${inBody(path)} must be of type ${wanted}: ${JSON.stringify(found)}`,
})

const inBody = (path: string): string => `${path} in body`

const typeErrors = (schema: CustomSchema, value: unknown, path: string): FieldError[] => {
  const wanted = isIntOrString(schema) ? ['integer', 'string'] : textsIn([schema.type])
  const found = typeOf(value)
  const fits =
    wanted.length === 0 || wanted.includes(found) || (found === 'integer' && wanted.includes('number'))
  return fits ? [] : [typeInvalid(path, wanted.join(','), found)]
}

const enumErrors = (schema: CustomSchema, value: unknown, path: string): FieldError[] => {
  if (!Array.isArray(schema.enum) || schema.enum.some((one) => isDeepStrictEqual(one, value))) return []
  const allowed = schema.enum.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)))
  return [unsupported(path, value, allowed)]
}

const textErrors = (schema: CustomSchema, value: string, path: string): FieldError[] => {
  const { minLength, maxLength, pattern, format } = schema
  const length = [...value].length
  const wrong = (why: string) => invalidValue(path, value, `${inBody(path)} ${why}`)
  return [
    ...(typeof maxLength === 'number' && length > maxLength
      ? [
          {
            field: path,
            reason: 'FieldValueTooLong',
            message: `Too long: may not be more than ${maxLength} bytes`,
          } as const,
        ]
      : []),
    ...(typeof minLength === 'number' && length < minLength
      ? [wrong(`should be at least ${minLength} chars long`)]
      : []),
    ...(typeof pattern === 'string' && !matchesPattern(pattern, value)
      ? [wrong(`should match '${pattern}'`)]
      : []),
    ...(typeof format === 'string' && !hasFormat(format, value)
      ? [
          {
            field: path,
            reason: 'FieldValueTypeInvalid',
            message: `Invalid value: ${JSON.stringify(value)}: ${inBody(path)} must be of type ${format}: ${JSON.stringify(value)}`,
          } as const,
        ]
      : []),
  ]
}

const numberErrors = (schema: CustomSchema, value: number, path: string): FieldError[] => {
  const { minimum, maximum, multipleOf } = schema
  const [low, high] = [schema.exclusiveMinimum === true, schema.exclusiveMaximum === true]
  const wrong = (why: string) => [invalidValue(path, value, `${inBody(path)} should be ${why}`)]
  return [
    ...(typeof maximum === 'number' && (high ? value >= maximum : value > maximum)
      ? wrong(`less than ${high ? '' : 'or equal to '}${maximum}`)
      : []),
    ...(typeof minimum === 'number' && (low ? value <= minimum : value < minimum)
      ? wrong(`greater than ${low ? '' : 'or equal to '}${minimum}`)
      : []),
    ...(typeof multipleOf === 'number' && multipleOf > 0 && !Number.isInteger(value / multipleOf)
      ? wrong(`a multiple of ${multipleOf}`)
      : []),
  ]
}

const listErrors = (
  schema: CustomSchema,
  value: unknown[],
  path: string,
  previous: unknown,
): FieldError[] => {
  const { minItems, maxItems } = schema
  const items = elementSchema(schema)
  const keys = keysOf(schema)
  const before = new Map(
    keys && Array.isArray(previous)
      ? previous.filter(isObject).map((one) => [identityOf(one, keys), one])
      : [],
  )
  const formerly = (element: unknown) =>
    keys && isObject(element) ? before.get(identityOf(element, keys)) : undefined
  return [
    ...(typeof maxItems === 'number' && value.length > maxItems
      ? [tooMany(path, value.length, maxItems)]
      : []),
    ...(typeof minItems === 'number' && value.length < minItems
      ? [invalidValue(path, value.length, `${inBody(path)} should have at least ${minItems} items`)]
      : []),
    ...(items
      ? value.flatMap((element, index) => valueErrors(items, element, `${path}[${index}]`, formerly(element)))
      : []),
    ...duplicateErrors(schema, value, path),
  ]
}

/** Elements of sets and maps that are there twice. */
const duplicateErrors = (schema: CustomSchema, value: unknown[], path: string): FieldError[] => {
  const keys = keysOf(schema)
  if (!keys && schema['x-kubernetes-list-type'] !== 'set') return []
  const seen = new Set<string>()
  return value.flatMap((element, index) => {
    const shown =
      keys && isObject(element) ? Object.fromEntries(keys.map((key) => [key, element[key]])) : element
    const identity = JSON.stringify(shown)
    if (seen.has(identity)) return [duplicate(`${path}[${index}]`, shown)]
    seen.add(identity)
    return []
  })
}

const objectErrors = (
  schema: CustomSchema,
  value: JsonObject,
  path: string,
  previous: unknown,
): FieldError[] => {
  const { minProperties, maxProperties } = schema
  const names = Object.keys(value)
  const before = isObject(previous) ? previous : {}
  const closed = additionalOf(schema) === false
  return [
    ...(typeof maxProperties === 'number' && names.length > maxProperties
      ? [tooMany(path, names.length, maxProperties)]
      : []),
    ...(typeof minProperties === 'number' && names.length < minProperties
      ? [invalidValue(path, names.length, `${inBody(path)} should have at least ${minProperties} properties`)]
      : []),
    ...textsIn(schema.required)
      .filter((name) => value[name] === undefined)
      .map((name) => required(fieldPath(path, name))),
    ...names.flatMap((name) => {
      const known = fieldSchema(schema, name)
      const at = fieldPath(path, name)
      if (known) return valueErrors(known, value[name], at, before[name])
      return closed ? [invalidValue(at, '', `${inBody(at)} is a forbidden property`)] : []
    }),
  ]
}

/** What `allOf`, `anyOf`, `oneOf` and `not` find. */
const junctorErrors = (
  schema: CustomSchema,
  value: unknown,
  path: string,
  previous: unknown,
): FieldError[] => {
  const fits = (branch: CustomSchema) => valueErrors(branch, value, path).length === 0
  const wrong = (why: string) => [invalidValue(path, '', `${JSON.stringify(path)} must ${why}`)]
  const every = branchesOf(schema, 'allOf').flatMap((branch) => valueErrors(branch, value, path, previous))
  const any = branchesOf(schema, 'anyOf')
  const one = branchesOf(schema, 'oneOf')
  const valid = one.filter(fits).length
  return [
    ...(every.length > 0 ? [...every, ...wrong('validate all the schemas (allOf)')] : []),
    ...(any.length > 0 && !isIntOrString(schema) && !any.some(fits)
      ? wrong('validate at least one schema (anyOf)')
      : []),
    ...(one.length > 0 && valid !== 1
      ? wrong(
          `validate one and only one schema (oneOf). Found ${valid === 0 ? 'none valid' : `${valid} valid alternatives`}`,
        )
      : []),
    ...(isObject(schema.not) && fits(schema.not) ? wrong('not validate the schema (not)') : []),
  ]
}

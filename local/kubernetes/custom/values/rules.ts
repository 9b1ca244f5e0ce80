import { isDeepStrictEqual } from 'node:util'
import { isObject, type JsonObject } from '../../../json-object.ts'
import { asCel, errorLine, evaluateRule } from '../../store/cel.ts'
import type { CustomSchema } from '../../store/resources.ts'
import type { FieldError } from '../../store/status.ts'
import { duplicate, forbiddenField, invalidValue, required } from '../../store/validation/fields.ts'
import {
  elementSchema,
  fieldPath,
  fieldSchema,
  identityOf,
  isIntOrString,
  keysOf,
  propertyOf,
} from '../schema.ts'

/** One entry of `x-kubernetes-validations`. */
export interface SchemaRule {
  rule: string
  message?: string
  messageExpression?: string
  reason?: string
  fieldPath?: string
  optionalOldSelf?: boolean
}

/** The rules of a schema's own level. */
export const rulesOf = (schema: CustomSchema): SchemaRule[] => {
  const rules = schema['x-kubernetes-validations']
  return Array.isArray(rules)
    ? rules.filter((one): one is SchemaRule & JsonObject => isObject(one) && typeof one.rule === 'string')
    : []
}

/** Whether a rule compares with what was there before. */
export const isTransition = ({ rule }: Pick<SchemaRule, 'rule'>): boolean => /\boldSelf\b/.test(rule)

/**
 * Which of a schema's rules a value breaks, at every level. A rule about `oldSelf` is asked where there was a value
 * before; of what an update leaves as it was no other rule is asked.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
 */
export const ruleErrors = (
  schema: CustomSchema,
  value: unknown,
  path: string,
  previous?: unknown,
): FieldError[] => {
  if (value === null || value === undefined) return []
  const own = rulesOf(schema).flatMap((rule) => brokenRule(rule, schema, value, path, previous))
  return [...own, ...innerErrors(schema, value, path, previous)]
}

const brokenRule = (
  rule: SchemaRule,
  schema: CustomSchema,
  value: unknown,
  path: string,
  previous: unknown,
): FieldError[] => {
  if (isTransition(rule) ? previous === undefined : isDeepStrictEqual(value, previous)) return []
  const scope = { self: asSelf(schema, value), oldSelf: asSelf(schema, previous ?? null) }
  try {
    if (evaluateRule(rule.rule, scope) === true) return []
  } catch (error) {
    return [omitted(path, `${errorLine(error)} evaluating rule: ${rule.message?.trim() || rule.rule}`)]
  }
  const at = rule.fieldPath ? fieldPath(path, rule.fieldPath.replace(/^\./, '')) : path
  return [forReason(rule.reason, at, value, messageOf(rule, scope))]
}

const messageOf = (
  { rule, message, messageExpression }: SchemaRule,
  scope: Record<string, unknown>,
): string => {
  if (messageExpression) {
    try {
      const made = evaluateRule(messageExpression, scope)
      if (typeof made === 'string' && made.trim()) return made.trim()
    } catch {
      // The message that is written down is shown then.
    }
  }
  return message?.trim() || `failed rule: ${rule.trim()}`
}

/** Of objects and lists the value is not shown. */
const omitted = (field: string, why: string): FieldError => ({
  field,
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${why}`,
})

const forReason = (reason: string | undefined, field: string, value: unknown, why: string): FieldError => {
  if (reason === 'FieldValueRequired') return required(field, why)
  if (reason === 'FieldValueForbidden') return forbiddenField(field, why)
  if (reason === 'FieldValueDuplicate') return duplicate(field, value)
  return typeof value === 'object' ? omitted(field, why) : invalidValue(field, value, why)
}

const innerErrors = (schema: CustomSchema, value: unknown, path: string, previous: unknown): FieldError[] => {
  if (isObject(value)) {
    const before = isObject(previous) ? previous : {}
    return Object.entries(value).flatMap(([name, inner]) => {
      const known = fieldSchema(schema, name)
      return known ? ruleErrors(known, inner, fieldPath(path, name), before[name]) : []
    })
  }
  const items = elementSchema(schema)
  if (!Array.isArray(value) || !items) return []
  const keys = keysOf(schema)
  const before = Array.isArray(previous) ? previous.filter(isObject) : []
  return value.flatMap((element, index) => {
    const formerly =
      keys && isObject(element)
        ? before.find((one) => identityOf(one, keys) === identityOf(element, keys))
        : undefined
    return ruleErrors(items, element, `${path}[${index}]`, formerly)
  })
}

/** A value as rules see it: numbers by their type, times as times, names of fields escaped. */
const asSelf = (schema: CustomSchema, value: unknown): unknown => {
  if (typeof value === 'number')
    return schema.type === 'number' && !isIntOrString(schema) ? value : asCel(value)
  if (typeof value === 'string')
    return schema.format === 'date-time' || schema.format === 'date' ? new Date(value) : value
  if (Array.isArray(value)) return value.map((element) => asSelf(elementSchema(schema) ?? {}, element))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      propertyOf(schema, name) ? escapedName(name) : name,
      asSelf(fieldSchema(schema, name) ?? {}, inner),
    ]),
  )
}

/** How a rule writes the name of a field that is no identifier, or a word of the language. */
const escapedName = (name: string): string =>
  reserved.has(name)
    ? `__${name}__`
    : name
        .replace(/__/g, '__underscores__')
        .replace(/\./g, '__dot__')
        .replace(/-/g, '__dash__')
        .replace(/\//g, '__slash__')

const reserved = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return'.split(
    ' ',
  ),
)

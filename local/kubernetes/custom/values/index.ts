import { isObject, type JsonObject } from '../../../json-object.ts'
import { type Conformed, conform } from '../../api/wire/decode.ts'
import type { CustomVersion, KubernetesObject, NewObject, ResourceKind } from '../../store/resources.ts'
import { badRequest, type FieldError, forbiddenObject, StatusError } from '../../store/status.ts'
import { deepest, depthOf } from '../schema.ts'
import { TookTooLong, withinTime } from './limited.ts'
import { prune } from './prune.ts'
import { ruleErrors } from './rules.ts'
import { valueErrors } from './validate.ts'

/** Reads what was sent as a custom object: its metadata as every object's, the rest by its schema. */
export const readCustom = ({ schema }: CustomVersion, given: JsonObject): Conformed => {
  refuseDeep(given)
  const metadata = conform({ is: 'object', type: 'V1ObjectMeta' }, given.metadata ?? {})
  const pruned = prune(schema, given)
  return {
    value: { ...(pruned.value as JsonObject), metadata: metadata.value },
    unknownFields: [...metadata.unknownFields.map((path) => `metadata.${path}`), ...pruned.unknownFields],
  }
}

/** Throws 400 for a value that is nested deeper than this server reads. */
export const refuseDeep = (given: unknown): void => {
  if (depthOf(given) > deepest)
    throw badRequest(`the object is nested deeper than the ${deepest} levels that this server reads`)
}

/** For how long a server may judge one object; a schema that takes longer is not judged here. */
export const judgeMs = 1000

/**
 * What is wrong with a custom object by its schema and its rules. Throws 403 for a new one whose definition is being
 * deleted, and 501 where the schema's patterns and rules take longer than `limitMs`.
 */
export const customErrors = (
  resource: ResourceKind & { custom: CustomVersion },
  object: NewObject,
  previous: KubernetesObject | undefined,
  limitMs = judgeMs,
): FieldError[] => {
  const { custom } = resource
  const name = object.metadata?.name ?? ''
  if (custom.terminating && !previous)
    throw forbiddenObject(
      resource,
      name,
      'create not allowed while custom resource definition is terminating',
    )
  return judged(`${resource.kind} ${JSON.stringify(name)}`, custom.definition, limitMs, () =>
    schemaErrors(custom, object as JsonObject, previous),
  )
}

/** What a schema says of something; throws 501 where it does not come to an end in its time. */
export const judged = <T>(what: string, definition: string, limitMs: number, judge: () => T): T => {
  try {
    return withinTime(limitMs, judge)
  } catch (error) {
    if (!(error instanceof TookTooLong)) throw error
    throw new StatusError(
      501,
      'NotImplemented',
      `the schema of ${definition} takes longer than ${limitMs} ms to judge ${what}, which is not done here: its patterns or rules are too costly`,
    )
  }
}

const schemaErrors = (
  { schema }: CustomVersion,
  object: JsonObject,
  previous: KubernetesObject | undefined,
): FieldError[] => {
  // An object is compared with itself in whatever version it was written.
  const before = previous && { ...previous, apiVersion: object.apiVersion }
  const errors = valueErrors(schema, object, '', before)
  if (errors.some(({ reason }) => blocking.has(reason)))
    return rules(schema) ? [...errors, unchecked] : errors
  return [...errors, ...ruleErrors(schema, object, '', before)]
}

/** Without these being right no rule can be asked. */
const blocking: ReadonlySet<FieldError['reason']> = new Set<FieldError['reason']>([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
])

const rules = (schema: unknown): boolean =>
  isObject(schema) &&
  (schema['x-kubernetes-validations'] !== undefined ||
    Object.entries(schema).some(([name, inner]) => {
      if (name === 'properties') return isObject(inner) && Object.values(inner).some(rules)
      return (name === 'items' || name === 'additionalProperties') && rules(inner)
    }))

const unchecked: FieldError = {
  field: '<nil>',
  reason: 'FieldValueInvalid',
  message:
    'Invalid value: "null": some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
}

import { isObject, type JsonObject } from '../../json-object.ts'
import type { CustomSchema } from '../store/resources.ts'

/** The schemas of an object's fields, by name. */
export const propertiesOf = ({ properties }: CustomSchema): [string, CustomSchema][] =>
  isObject(properties) ? (Object.entries(properties) as [string, CustomSchema][]) : []

/** The schema of one field, where the schema names it. */
export const propertyOf = ({ properties }: CustomSchema, name: string): CustomSchema | undefined =>
  isObject(properties) && Object.hasOwn(properties, name) ? (properties[name] as CustomSchema) : undefined

/** The schema of a list's elements. */
export const elementSchema = ({ items }: CustomSchema): CustomSchema | undefined =>
  isObject(items) ? items : undefined

/** The schema of a map's values; true where they may be anything. */
export const additionalOf = ({ additionalProperties }: CustomSchema): CustomSchema | boolean | undefined => {
  if (typeof additionalProperties === 'boolean') return additionalProperties
  return isObject(additionalProperties) ? additionalProperties : undefined
}

/** The schema of a field, by its own name or as a map's value; undefined where nothing is known of it. */
export const fieldSchema = (schema: CustomSchema, name: string): CustomSchema | undefined => {
  const own = propertyOf(schema, name)
  if (own) return own
  const additional = additionalOf(schema)
  return isObject(additional) ? (additional as CustomSchema) : undefined
}

/** The schemas under `allOf`, `anyOf` or `oneOf`. */
export const branchesOf = (schema: CustomSchema, junctor: 'allOf' | 'anyOf' | 'oneOf'): CustomSchema[] => {
  const branches = schema[junctor]
  return Array.isArray(branches) ? branches.filter(isObject) : []
}

/** A list of texts, such as `required`. */
export const textsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []

export const preserves = (schema: CustomSchema): boolean =>
  schema['x-kubernetes-preserve-unknown-fields'] === true

export const isIntOrString = (schema: CustomSchema): boolean => schema['x-kubernetes-int-or-string'] === true

export const embeds = (schema: CustomSchema): boolean => schema['x-kubernetes-embedded-resource'] === true

/** The fields by which elements of a list are told apart; undefined for a list that is no map. */
export const keysOf = (schema: CustomSchema): string[] | undefined =>
  schema['x-kubernetes-list-type'] === 'map' ? textsIn(schema['x-kubernetes-list-map-keys']) : undefined

/** What tells an element of such a list apart, as a text. */
export const identityOf = (element: JsonObject, keys: readonly string[]): string =>
  JSON.stringify(keys.map((key) => element[key] ?? null))

/** Fields of every object, of which a schema says nothing. */
export const ownFields = new Set(['apiVersion', 'kind', 'metadata'])

/** `spec.size`, or `size` at the root. */
export const fieldPath = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)

/** Deeper than this no object is read: each level costs the stack several calls. */
export const deepest = 300

/** How deep a value is nested; more than `deepest` is not told apart. */
export const depthOf = (value: unknown): number => {
  let level: unknown[] = [value]
  let depth = 0
  while (level.length > 0 && depth <= deepest) {
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []))
    depth++
  }
  return depth
}

import { isObject, type JsonObject } from '../../../json-object.ts'
import type { CustomSchema } from '../../store/resources.ts'
import { additionalOf, elementSchema, fieldSchema, ownFields, propertiesOf } from '../schema.ts'

/**
 * Fills in a schema's defaults and drops nulls where null is no value; changes the object given.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#defaulting
 */
export const applySchemaDefaults = (schema: CustomSchema, object: JsonObject): void => {
  fillObject(schema, object, ownFields)
}

const fillValue = (schema: CustomSchema | undefined, value: unknown): void => {
  if (!schema) return
  if (isObject(value)) fillObject(schema, value)
  else if (Array.isArray(value)) fillList(elementSchema(schema), value)
}

const fillObject = (schema: CustomSchema, object: JsonObject, skipped: ReadonlySet<string> = none): void => {
  for (const [name, property] of propertiesOf(schema)) {
    if (skipped.has(name)) continue
    const missing = object[name] === undefined || (object[name] === null && property.nullable !== true)
    if (missing && property.default !== undefined) object[name] = structuredClone(property.default)
    else if (missing) delete object[name]
  }
  const additional = additionalOf(schema)
  for (const [name, value] of Object.entries(object)) {
    if (skipped.has(name)) continue
    const known = fieldSchema(schema, name)
    const replaced = value === null && known === additional && known?.nullable !== true
    if (replaced && known?.default !== undefined) object[name] = structuredClone(known.default)
    fillValue(known, object[name])
  }
}

const fillList = (items: CustomSchema | undefined, list: unknown[]): void => {
  if (!items) return
  for (const [index, element] of list.entries()) {
    if (element === null && items.nullable !== true && items.default !== undefined)
      list[index] = structuredClone(items.default)
    fillValue(items, list[index])
  }
}

const none: ReadonlySet<string> = new Set()

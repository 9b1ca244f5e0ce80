import { isObject, type JsonObject } from '../../../json-object.ts'
import type { CustomSchema } from '../../store/resources.ts'
import { elementSchema, embeds, fieldPath, fieldSchema, ownFields, preserves } from '../schema.ts'

/** A value without the fields that its schema does not know, and the paths of those. */
export interface Pruned {
  value: unknown
  unknownFields: string[]
}

/**
 * Drops what a structural schema does not know, as the server does before it stores an object. Where unknown fields
 * are preserved, those that are known are looked through all the same.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#field-pruning
 */
export const prune = (schema: CustomSchema, given: JsonObject): Pruned => {
  const unknownFields: string[] = []
  const walk = (at: CustomSchema, value: unknown, path: string, resource: boolean): unknown => {
    if (Array.isArray(value)) {
      const items = elementSchema(at)
      return items ? value.map((element, index) => walk(items, element, `${path}[${index}]`, false)) : value
    }
    return isObject(value) ? walkObject(at, value, path, resource || embeds(at)) : value
  }
  const walkObject = (at: CustomSchema, value: JsonObject, path: string, resource: boolean): JsonObject => {
    const kept: [string, unknown][] = []
    for (const [name, inner] of Object.entries(value)) {
      const known = fieldSchema(at, name)
      const innerPath = fieldPath(path, name)
      if (resource && ownFields.has(name)) kept.push([name, inner])
      else if (known) kept.push([name, walk(known, inner, innerPath, false)])
      else if (preserves(at) || at.additionalProperties === true) kept.push([name, inner])
      else unknownFields.push(innerPath)
    }
    return Object.fromEntries(kept)
  }
  return { value: walk(schema, given, '', true), unknownFields }
}

import { isDeepStrictEqual } from 'node:util'
import { isObject, type JsonObject } from '../../../json-object.ts'
import { badRequest } from '../../store/status.ts'
import { fieldShape, itemShape, type Shape } from '../wire/schema.ts'
import { isSet, mergeKeyOf } from './merge-keys.ts'

/**
 * Applies a strategic merge patch to an object of the given shape. Keyed lists merge element by element,
 * other lists are replaced, null deletes; `$patch`, `$retainKeys`, `$setElementOrder/…` and
 * `$deleteFromPrimitiveList/…` have the meaning that kubectl gives them. Malformed directives are a 400.
 */
export const strategicMerge = (shape: Shape, target: JsonObject, patch: JsonObject): JsonObject => {
  if (patch.$patch === 'delete') return {}
  if (patch.$patch === 'replace') return withoutDirectives(patch)
  if (patch.$patch !== undefined && patch.$patch !== 'merge')
    throw badRequest(`Unknown patch type found: ${String(patch.$patch)}`)
  const merged = retained(target, patch.$retainKeys)
  for (const [field, value] of Object.entries(patch)) {
    if (field.startsWith('$')) continue
    if (value === null) delete merged[field]
    else merged[field] = mergeField(shape, field, merged[field], value)
  }
  applyListDirectives(shape, merged, patch)
  return merged
}

const retained = (target: JsonObject, keys: unknown): JsonObject =>
  Array.isArray(keys)
    ? Object.fromEntries(Object.entries(target).filter(([field]) => keys.includes(field)))
    : { ...target }

const mergeField = (shape: Shape, field: string, have: unknown, value: unknown): unknown => {
  const inner = fieldShape(shape, field)
  if (isObject(value)) return strategicMerge(inner, isObject(have) ? have : {}, value)
  if (!Array.isArray(value)) return value
  const list = Array.isArray(have) ? have : []
  const type = shape.is === 'object' ? shape.type : undefined
  if (isSet(type, field)) return [...new Set([...list, ...value])]
  const key = mergeKeyOf(type, field)
  return key === undefined ? withoutMarkers(value) : mergeList(itemShape(inner), key, list, value)
}

const mergeList = (item: Shape, key: string, have: unknown[], patch: unknown[]): unknown[] => {
  const elements = patch.map((element) => requireKeyed(element, key))
  if (elements.some(({ $patch }) => $patch === 'replace'))
    return elements.filter(({ $patch }) => $patch === undefined)
  const merged = have.filter(isObject)
  for (const element of elements) {
    const at = merged.findIndex((candidate) => isDeepStrictEqual(candidate[key], element[key]))
    if (element.$patch === 'delete') {
      if (at >= 0) merged.splice(at, 1)
    } else if (at >= 0) merged[at] = strategicMerge(item, merged[at] ?? {}, element)
    else merged.push(strategicMerge(item, {}, element))
  }
  return merged
}

const requireKeyed = (element: unknown, key: string): JsonObject => {
  if (!isObject(element))
    throw badRequest(`Invalid JSON document: list elements with merge key ${key} are objects`)
  if (element[key] === undefined && element.$patch !== 'replace')
    throw badRequest(`map: ${JSON.stringify(element)} does not contain declared merge key: ${key}`)
  return element
}

const withoutDirectives = (patch: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(patch).filter(([field]) => !field.startsWith('$')))

const withoutMarkers = (list: unknown[]): unknown[] =>
  list.filter((element) => !(isObject(element) && element.$patch !== undefined))

const applyListDirectives = (shape: Shape, merged: JsonObject, patch: JsonObject): void => {
  const type = shape.is === 'object' ? shape.type : undefined
  for (const [directive, value] of Object.entries(patch)) {
    const [name, field] = directive.split('/', 2)
    if (field === undefined || !Array.isArray(value)) continue
    const list = merged[field]
    if (!Array.isArray(list)) continue
    if (name === '$deleteFromPrimitiveList')
      merged[field] = list.filter((element) => !value.includes(element))
    if (name === '$setElementOrder') merged[field] = ordered(list, value, mergeKeyOf(type, field))
  }
}

/** Puts elements in the order asked for; those that are not mentioned keep their place at the end. */
const ordered = (list: unknown[], order: unknown[], key: string | undefined): unknown[] => {
  const identity = (element: unknown) => (key && isObject(element) ? element[key] : element)
  const ranks = order.map(identity)
  const rank = (element: unknown) => {
    const at = ranks.indexOf(identity(element))
    return at < 0 ? ranks.length : at
  }
  return [...list].sort((a, b) => rank(a) - rank(b))
}

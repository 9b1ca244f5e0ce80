// The models alone: the rest of the client would take three times as long to load.
import * as models from '@kubernetes/client-node/dist/gen/models/all.js'
import {
  additionalOf,
  elementSchema,
  isIntOrString,
  keysOf,
  preserves,
  propertiesOf,
} from '../../custom/schema.ts'
import type { CustomSchema, ResourceKind } from '../../store/resources.ts'

/**
 * What a field holds. `type` names an object's type, whose fields the client's models have; those of a custom kind
 * come with it, as do the ways in which its lists and maps are merged.
 */
export type Shape =
  | { is: 'object'; type: string; fields?: ReadonlyMap<string, Shape>; others?: Shape; atomic?: boolean }
  | { is: 'list'; item: Shape; keys?: string[]; set?: boolean }
  | { is: 'map'; value: Shape }
  | { is: 'string' | 'number' | 'boolean' | 'anything' }
  | { is: 'anything'; name: 'IntOrString' }

interface Field {
  name: string
  shape: Shape
}

/** The shape of a kind's objects. */
export const shapeOf = (resource: Pick<ResourceKind, 'kind' | 'version' | 'group' | 'custom'>): Shape =>
  resource.custom ? customShape(resource.custom.schema) : modelShape(modelNameOf(resource))

/** Kinds that exist in two groups carry the group in the model's name. */
const modelNameOf = ({ kind, version, group }: Pick<ResourceKind, 'kind' | 'version' | 'group'>): string =>
  kind === 'Event' ? (group === '' ? 'CoreV1Event' : 'EventsV1Event') : `${version.toUpperCase()}${kind}`

/** One for each model: what is known of a shape is kept by it. */
const modelShape = (name: string): Shape => {
  const shape = modelShapes.get(name) ?? shapeNamed(name)
  modelShapes.set(name, shape)
  return shape
}

const modelShapes = new Map<string, Shape>()

/** Every field of an object type, by name; undefined for a type of which nothing is known. */
export const fieldsOf = (type: string): ReadonlyMap<string, Shape> | undefined => {
  const known = cache.get(type)
  if (known) return known
  const list = attributesOf(type)
  if (!list) return undefined
  const fields = new Map(list.map(({ name, shape }) => [name, shape]))
  cache.set(type, fields)
  return fields
}

const cache = new Map<string, ReadonlyMap<string, Shape>>()

/** The shape of one field of a value of the given shape; `anything` where unknown. */
export const fieldShape = (shape: Shape, field: string): Shape => {
  if (shape.is === 'map') return shape.value
  if (shape.is !== 'object') return anything
  if (shape.fields) return shape.fields.get(field) ?? shape.others ?? anything
  return fieldsOf(shape.type)?.get(field) ?? anything
}

/** The shape of the elements of a list; `anything` for what is no list. */
export const itemShape = (shape: Shape): Shape => (shape.is === 'list' ? shape.item : anything)

const anything: Shape = { is: 'anything' }

// The client's models describe every field of the API; `attributeTypeMap` is what its serializer reads.
const attributesOf = (type: string): Field[] | undefined => {
  const model: unknown = (models as Record<string, unknown>)[type]
  if (typeof model !== 'function' || !('attributeTypeMap' in model)) return undefined
  const attributes = model.attributeTypeMap as { baseName: string; type: string }[]
  return attributes.map(({ baseName, type: written }) => ({ name: baseName, shape: shapeNamed(written) }))
}

const shapeNamed = (written: string): Shape => {
  const list = /^Array<(.*)>$/.exec(written)
  if (list) return { is: 'list', item: shapeNamed(list[1] ?? '') }
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(written)
  if (map) return { is: 'map', value: shapeNamed(map[1] ?? '') }
  if (written === 'string' || written === 'Date' || written === 'V1MicroTime') return { is: 'string' }
  if (written === 'number' || written === 'boolean') return { is: written }
  if (written === 'IntOrString') return { is: 'anything', name: written }
  return /^[A-Z]\w*$/.test(written) ? { is: 'object', type: written } : anything
}

/** Where a schema says nothing, maps are merged field by field and lists have one owner. */
const free: { is: 'map'; value: Shape } = { is: 'map', value: anything }
free.value = free

const customShapes = new WeakMap<CustomSchema, Shape>()

/** The shape that a CustomResourceDefinition's schema describes. */
const customShape = (schema: CustomSchema): Shape => {
  const known = customShapes.get(schema)
  if (known) return known
  const { fields, ...rest } = objectShape(schema)
  const own: [string, Shape][] = [
    ['apiVersion', { is: 'string' }],
    ['kind', { is: 'string' }],
    ['metadata', { is: 'object', type: 'V1ObjectMeta' }],
  ]
  const shape: Shape = { ...rest, fields: new Map([...fields, ...own]) }
  customShapes.set(schema, shape)
  return shape
}

const objectShape = (schema: CustomSchema) => {
  const fields = new Map(propertiesOf(schema).map(([name, inner]) => [name, innerShape(inner)]))
  const atomic = schema['x-kubernetes-map-type'] === 'atomic'
  return { is: 'object' as const, type: customType, fields, others: free as Shape, atomic }
}

/** No type of the client's models: nothing is known of it but what comes with the shape. */
const customType = 'custom'

const innerShape = (schema: CustomSchema): Shape => {
  if (isIntOrString(schema)) return { is: 'anything', name: 'IntOrString' }
  const items = elementSchema(schema)
  if (items) {
    const keys = keysOf(schema)
    const set = schema['x-kubernetes-list-type'] === 'set'
    return { is: 'list', item: innerShape(items), ...(keys ? { keys } : {}), set }
  }
  const additional = additionalOf(schema)
  const atomic = schema['x-kubernetes-map-type'] === 'atomic'
  if (typeof additional === 'object' && !atomic) return { is: 'map', value: innerShape(additional) }
  if (schema.type === 'object' || schema.properties || preserves(schema)) return objectShape(schema)
  return anything
}

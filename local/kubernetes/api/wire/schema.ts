// The models alone: the rest of the client would take three times as long to load.
import * as models from '@kubernetes/client-node/dist/gen/models/all.js'
import type { ResourceKind } from '../../store/resources.ts'

/** What a field holds: `type` names an object's type, for `listFields` and `fieldShape`. */
export type Shape =
  | { is: 'object'; type: string }
  | { is: 'list'; item: Shape }
  | { is: 'map'; value: Shape }
  | { is: 'string' | 'number' | 'boolean' | 'anything' }
  | { is: 'anything'; name: 'IntOrString' }

interface Field {
  name: string
  shape: Shape
}

/** The shape of a kind's objects. */
export const shapeOf = (resource: Pick<ResourceKind, 'kind' | 'version' | 'group'>): Shape =>
  shapeNamed(modelNameOf(resource))

/** Kinds that exist in two groups carry the group in the model's name. */
const modelNameOf = ({ kind, version, group }: Pick<ResourceKind, 'kind' | 'version' | 'group'>): string =>
  kind === 'Event' ? (group === '' ? 'CoreV1Event' : 'EventsV1Event') : `${version.toUpperCase()}${kind}`

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
  if (shape.is === 'object') return fieldsOf(shape.type)?.get(field) ?? anything
  return anything
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

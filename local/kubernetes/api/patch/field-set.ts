import { isObject, type JsonObject } from '../../../json-object.ts'
import { fieldShape, itemShape, type Shape } from '../wire/schema.ts'
import { isSetList, listKeysOf } from './merge-keys.ts'

/**
 * A path to a field: its elements as FieldsV1 writes them (`f:spec`, `k:{"name":"carts"}`, `v:"a"`), one per
 * line. Elements are JSON or field names, so none holds a line break.
 */
export type FieldPath = string

/** Paths that somebody owns. */
export type FieldSet = ReadonlySet<FieldPath>

/** Marks the presence of a list element, map or list, whose value is owned piece by piece. */
const present = Symbol('present')

/** Types whose objects have one owner as a whole. */
const atomicTypes = new Set([
  'V1LabelSelector',
  'V1NodeSelector',
  'V1ObjectFieldSelector',
  'V1OwnerReference',
  'V1SecretKeySelector',
])
const atomicFields = new Set(['V1PodSpec.nodeSelector', 'V1ServiceSpec.selector'])

// Fields that belong to the server or name the object, and so to nobody.
const unowned = new Set(
  [
    'apiVersion',
    'kind',
    ...[
      'creationTimestamp',
      'deletionGracePeriodSeconds',
      'deletionTimestamp',
      'generation',
      'managedFields',
      'name',
      'namespace',
      'resourceVersion',
      'selfLink',
      'uid',
    ].map((field) => `metadata\nf:${field}`),
  ].map((path) => `f:${path}`),
)

// Go keeps these as structs rather than pointers, so they are always there.
const alwaysThere = new Set([
  'metadata',
  'spec',
  'status',
  'template',
  'strategy',
  'updateStrategy',
  'resources',
])

// Custom objects are maps, of which metadata alone is always there.
const metadataAlone = new Set(['metadata'])

/** What can be owned in an object, with its value: leaves, and the presence of list elements. */
export const ownableFields = (
  shape: Shape,
  object: JsonObject,
  { containers }: { containers: boolean },
): Map<FieldPath, unknown> => {
  const fields = new Map<FieldPath, unknown>()
  const always = shape.is === 'object' && shape.fields ? metadataAlone : alwaysThere
  const add = (path: string[], value: unknown) => {
    const joined = path.join('\n')
    if (!unowned.has(joined)) fields.set(joined, value)
  }
  const walk = (at: Shape, value: unknown, path: string[]): void => {
    if (isObject(value) && isGranular(at)) walkObject(at, value, path)
    else add(path, value)
  }
  const walkObject = (at: Shape, value: JsonObject, path: string[]): void => {
    const names = Object.keys(value)
    if (path.length > 0 && names.length === 0) add(path, value)
    if (containers && names.length > 0 && isNewContainer(path, always)) add(path, present)
    for (const name of names) walkField(at, name, value[name], [...path, `f:${name}`])
  }
  const walkField = (parent: Shape, name: string, value: unknown, path: string[]): void => {
    const type = parent.is === 'object' ? parent.type : undefined
    const inner = fieldShape(parent, name)
    const keys = listKeysOf(parent, name, inner)
    if (atomicFields.has(`${type}.${name}`)) add(path, value)
    else if (Array.isArray(value) && keys) {
      if (containers) add(path, present)
      for (const element of value.filter(isObject)) walkElement(itemShape(inner), element, keys, path)
    } else if (Array.isArray(value) && isSetList(parent, name, inner)) {
      if (containers) add(path, present)
      for (const element of value) add([...path, `v:${JSON.stringify(element)}`], element)
    } else walk(inner, value, path)
  }
  const walkElement = (item: Shape, element: JsonObject, keys: string[], path: string[]): void => {
    const at = [...path, elementKey(element, keys)]
    add(at, isGranular(item) ? present : element)
    if (!isGranular(item)) return
    for (const name of Object.keys(element)) walkField(item, name, element[name], [...at, `f:${name}`])
  }
  walk(shape, object, [])
  return fields
}

const isGranular = (shape: Shape): boolean =>
  shape.is === 'map' || (shape.is === 'object' && !shape.atomic && !atomicTypes.has(shape.type))

const isNewContainer = (path: string[], always: ReadonlySet<string>): boolean => {
  const last = path.at(-1) ?? ''
  return last.startsWith('f:') && !always.has(last.slice(2))
}

const keyDefaults: JsonObject = { protocol: 'TCP' }

/** `k:{"containerPort":8080,"protocol":"TCP"}`: how a list element is named. */
export const elementKey = (element: JsonObject, keys: string[]): string =>
  `k:${JSON.stringify(Object.fromEntries(keys.map((key) => [key, element[key] ?? keyDefaults[key]])))}`

/** A set in the nested form of `managedFields[].fieldsV1`. */
export const toFieldsV1 = (set: FieldSet): JsonObject => {
  const root: JsonObject = {}
  for (const path of [...set].sort()) {
    let at = root
    for (const element of path.split('\n')) {
      at[element] ??= {}
      at = at[element] as JsonObject
    }
    at['.'] = {}
  }
  return withoutLeafDots(root)
}

// A path without children is written bare; only one with children says that it is owned itself.
const withoutLeafDots = (tree: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(tree).map(([element, inner]) => {
      const children = inner as JsonObject
      const only = Object.keys(children).length === 1 && children['.'] !== undefined
      return [element, only ? {} : element === '.' ? {} : withoutLeafDots(children)]
    }),
  )

/** The paths in the nested form of `managedFields[].fieldsV1`. */
export const fromFieldsV1 = (fieldsV1: unknown): Set<FieldPath> => {
  const set = new Set<FieldPath>()
  const walk = (tree: JsonObject, path: string[]): void => {
    const elements = Object.entries(tree)
    if (path.length > 0 && (elements.length === 0 || tree['.'] !== undefined)) set.add(path.join('\n'))
    for (const [element, inner] of elements)
      if (element !== '.' && isObject(inner)) walk(inner, [...path, element])
  }
  if (isObject(fieldsV1)) walk(fieldsV1, [])
  return set
}

/** `.spec.template.spec.containers[name="carts"].image`, as conflicts name a field. */
export const describePath = (path: FieldPath): string =>
  path
    .split('\n')
    .map((element) => {
      const text = element.slice(2)
      if (element.startsWith('f:')) return `.${text}`
      if (element.startsWith('v:')) return `[=${text}]`
      const pairs = Object.entries(JSON.parse(text) as JsonObject)
      return `[${pairs.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`
    })
    .join('')

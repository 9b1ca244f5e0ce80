import { isObject, type JsonObject } from '../../../json-object.ts'
import { objectAt } from '../../store/values.ts'
import { fieldShape, fieldsOf, itemShape, type Shape } from '../wire/schema.ts'
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
  const add = (path: FieldPath, value: unknown) => {
    if (!unowned.has(path)) fields.set(path, value)
  }
  const walk = (at: Shape, value: unknown, path: FieldPath): void => {
    if (isObject(value) && isGranular(at)) walkObject(at, value, path)
    else add(path, value)
  }
  const walkObject = (at: Shape, value: JsonObject, path: FieldPath): void => {
    const names = Object.keys(value)
    if (path !== '' && names.length === 0) add(path, value)
    if (containers && names.length > 0 && isNewContainer(path, always)) add(path, present)
    for (const name of names) walkField(at, name, value[name], below(path, `f:${name}`))
  }
  const walkField = (parent: Shape, name: string, value: unknown, path: FieldPath): void => {
    const { inner, atomic, keys, set } = rulesOf(parent, name)
    if (atomic) add(path, value)
    else if (Array.isArray(value) && keys) {
      if (containers) add(path, present)
      for (const element of value.filter(isObject)) walkElement(itemShape(inner), element, keys, path)
    } else if (Array.isArray(value) && set) {
      if (containers) add(path, present)
      for (const element of value) add(below(path, `v:${JSON.stringify(element)}`), element)
    } else walk(inner, value, path)
  }
  const walkElement = (item: Shape, element: JsonObject, keys: string[], path: FieldPath): void => {
    const at = below(path, elementKey(element, keys))
    add(at, isGranular(item) ? present : element)
    if (!isGranular(item)) return
    for (const name of Object.keys(element)) walkField(item, name, element[name], below(at, `f:${name}`))
  }
  walk(shape, object, '')
  return fields
}

interface FieldRules {
  inner: Shape
  /** Whether the field has one owner as a whole. */
  atomic: boolean
  keys: string[] | undefined
  set: boolean
}

/** By shape and name, of fields of a known kind: they are asked for at every write, and never change. */
const knownRules = new WeakMap<Shape, Map<string, FieldRules>>()

const rulesOf = (parent: Shape, name: string): FieldRules => {
  const known = knownRules.get(parent)?.get(name)
  if (known) return known
  const inner = fieldShape(parent, name)
  const rules = {
    inner,
    atomic: parent.is === 'object' && atomicFields.has(`${parent.type}.${name}`),
    keys: listKeysOf(parent, name, inner),
    set: isSetList(parent, name, inner),
  }
  // The names in a map, and those that a kind says nothing of, are anybody's: of them there is no end.
  const declared = parent.is === 'object' && (parent.fields ?? fieldsOf(parent.type))?.has(name)
  if (declared) {
    const ofParent = knownRules.get(parent) ?? new Map<string, FieldRules>()
    knownRules.set(parent, ofParent.set(name, rules))
  }
  return rules
}

const isGranular = (shape: Shape): boolean =>
  shape.is === 'map' || (shape.is === 'object' && !shape.atomic && !atomicTypes.has(shape.type))

/** The path of an element of what is at a path; the object itself is at the empty one. */
const below = (path: FieldPath, element: string): FieldPath => (path === '' ? element : `${path}\n${element}`)

const isNewContainer = (path: FieldPath, always: ReadonlySet<string>): boolean => {
  const last = path.slice(path.lastIndexOf('\n') + 1)
  return last.startsWith('f:') && !always.has(last.slice(2))
}

const keyDefaults: JsonObject = { protocol: 'TCP' }

/** `k:{"containerPort":8080,"protocol":"TCP"}`: how a list element is named. */
export const elementKey = (element: JsonObject, keys: string[]): string =>
  `k:${JSON.stringify(Object.fromEntries(keys.map((key) => [key, element[key] ?? keyDefaults[key]])))}`

/**
 * A set in the nested form of `managedFields[].fieldsV1`. A path without children is written bare; only one with
 * children says that it is owned itself.
 */
export const toFieldsV1 = (set: FieldSet): JsonObject => {
  const root: JsonObject = {}
  /** The trees on the way to the path before, from the root on. */
  const trail = [root]
  let before: string[] = []
  // A line break comes before what a name may hold: after each path come those below it.
  for (const path of [...set].sort()) {
    const elements = path.split('\n')
    let depth = 0
    while (depth < before.length && elements[depth] === before[depth]) depth++
    if (depth > 0 && depth === before.length) objectAt(trail[depth] as JsonObject, '.')
    for (; depth < elements.length; depth++)
      trail[depth + 1] = objectAt(trail[depth] as JsonObject, elements[depth] as string)
    before = elements
  }
  return root
}

/** The paths in the nested form of `managedFields[].fieldsV1`. */
export const fromFieldsV1 = (fieldsV1: JsonObject): Set<FieldPath> => {
  const set = new Set<FieldPath>()
  const walk = (tree: JsonObject, path: FieldPath): void => {
    const elements = Object.entries(tree)
    if (path !== '' && (elements.length === 0 || tree['.'] !== undefined)) set.add(path)
    for (const [element, inner] of elements)
      if (element !== '.' && isObject(inner)) walk(inner, below(path, element))
  }
  walk(fieldsV1, '')
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

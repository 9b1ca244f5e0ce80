import { isDeepStrictEqual } from 'node:util'
import { isObject, type JsonObject } from '../../../json-object.ts'
import {
  apiVersionOf,
  type KubernetesObject,
  type NewObject,
  type ResourceKind,
} from '../../store/resources.ts'
import { badRequest, invalid, StatusError } from '../../store/status.ts'
import { asWire } from '../../store/values.ts'
import { type ApiAnswer, type ApiContext, fieldManagerOf, isDryRun, type ObjectRequest } from '../api.ts'
import { checkUnknown, conformTo, readAs } from '../body.ts'
import { conform, parseYamlText } from '../wire/decode.ts'
import { fieldShape, itemShape, type Shape, shapeOf } from '../wire/schema.ts'
import { writeOptions, written } from '../write.ts'
import { describePath, elementKey, type FieldPath, ownableFields } from './field-set.ts'
import {
  entriesOf,
  isOwn,
  type Manager,
  type Ownership,
  ownership,
  ownersOf,
  without,
  withoutStatus,
} from './managed-fields.ts'
import { isSetList, listKeysOf } from './merge-keys.ts'

/**
 * Server-side apply: merges the fields of the body into the object, takes away those that this manager applied
 * before and no longer does, and refuses with 409 to change what others own unless `force` is set. Creates
 * the object where there is none.
 */
export const applyObject = (context: ApiContext, request: ObjectRequest): ApiAnswer => {
  const { store } = context
  const { kind, namespace, name, query, subresource } = request
  const manager = managerOf(context, request)
  const dryRun = isDryRun(query, 'PatchOptions')
  const { object: applied, warnings } = readApplied(request)
  const current = store.get(kind, namespace, name) as KubernetesObject | undefined
  const { object, owners } = merge(kind, current, applied, manager, query.get('force') === 'true')
  const next = noted(object, owners, current)
  const options = writeOptions(request, dryRun, warnings)
  if (!current) {
    const created = store.create(kind, next, options) as KubernetesObject
    return written(context, request, created, { status: 201, warnings })
  }
  const stored =
    subresource === 'status'
      ? (store.replaceStatus(kind, next, { ...options, manager: manager.name }) as KubernetesObject)
      : (store.update(kind, next, options) as KubernetesObject)
  return written(context, request, stored, { warnings })
}

const managerOf = ({ store }: ApiContext, request: ObjectRequest): Manager => {
  if (!request.query.get('fieldManager'))
    throw invalid({ kind: 'PatchOptions', group: 'meta.k8s.io' }, '', [
      {
        field: 'fieldManager',
        reason: 'FieldValueRequired',
        message: 'Required value: is required for apply patch',
      },
    ])
  return {
    name: fieldManagerOf(request),
    operation: 'Apply',
    subresource: request.subresource,
    time: store.timestamp(),
  }
}

const readApplied = ({ kind, namespace, name, body, query, subresource }: ObjectRequest) => {
  const given = parseYamlText(body.toString())
  if (!isObject(given)) throw badRequest('the body of the request is not an object')
  if (typeof given.kind !== 'string' || typeof given.apiVersion !== 'string')
    throw badRequest('invalid object type: /, Kind=')
  if (given.kind !== kind.kind || given.apiVersion !== apiVersionOf(kind))
    throw badRequest(
      `invalid object type: ${given.apiVersion.includes('/') ? '' : '/'}${given.apiVersion}, Kind=${given.kind}`,
    )
  const metadata = isObject(given.metadata) ? given.metadata : {}
  if (metadata.managedFields) throw badRequest('metadata.managedFields must be nil')
  if (metadata.name !== undefined && metadata.name !== name)
    throw badRequest(
      `the name of the object (${String(metadata.name)}) does not match the name on the URL (${name})`,
    )
  const refuse = (why: string) => badRequest(`failed to create typed patch object: ${why}`)
  const { value, unknownFields } = readAs(() => conformTo(kind, given), refuse)
  const warnings = checkUnknown(unknownFields, query.get('fieldValidation'), refuse)
  const placed = { ...metadata, name, ...(namespace === undefined ? {} : { namespace }) }
  const object = { ...(value as JsonObject), metadata: placed }
  return { object: subresource === 'status' ? object : withoutStatus(kind, object), warnings }
}

interface Merged {
  object: JsonObject
  owners: Ownership[]
}

const merge = (
  kind: ResourceKind,
  current: KubernetesObject | undefined,
  applied: JsonObject,
  manager: Manager,
  force: boolean,
): Merged => {
  const shape = shapeOf(kind)
  const live = current ? (asWire(current) as unknown as JsonObject) : {}
  const wanted = ownableFields(shape, applied, { containers: false })
  const owners = ownersOf(current)
  const others = owners.filter((owner) => !isOwn(owner, manager))
  const liveFields = ownableFields(shape, live, { containers: true })
  const contested = new Set(
    [...wanted]
      .filter(([path, value]) => liveFields.has(path) && !isDeepStrictEqual(liveFields.get(path), value))
      .map(([path]) => path),
  )
  if (!force) refuseConflicts(others, contested, lastApplied(manager, shape, live, liveFields))
  const remaining = others.map((owner) => without(owner, contested))
  const before = owners.find((owner) => isOwn(owner, manager))
  const dropped = [...(before?.fields ?? [])].filter(
    (path) => !wanted.has(path) && !remaining.some(({ fields }) => owns(fields, path)),
  )
  const pruned = dropped.reduce((object, path) => removePath(object, path.split('\n')), live)
  return {
    object: mergeInto(shape, pruned, applied) as JsonObject,
    owners: [...remaining, ownership(kind, manager, new Set(wanted.keys()))],
  }
}

/**
 * The fields that kubectl applied from its own side and that are still as it applied them: they become its own
 * without a conflict when it applies from the server's side (managedfields' lastapplied.go).
 */
const lastApplied = (
  { name }: Manager,
  shape: Shape,
  { metadata }: JsonObject,
  liveFields: ReadonlyMap<FieldPath, unknown>,
): ReadonlySet<FieldPath> => {
  const annotations = isObject(metadata) && isObject(metadata.annotations) ? metadata.annotations : {}
  const text = annotations['kubectl.kubernetes.io/last-applied-configuration']
  if (name !== 'kubectl' || typeof text !== 'string') return new Set()
  const applied = readLastApplied(shape, text)
  const fields = ownableFields(shape, applied, { containers: false })
  return new Set(
    [...fields]
      .filter(([path, value]) => isDeepStrictEqual(liveFields.get(path), value))
      .map(([path]) => path),
  )
}

/** Anybody may write the annotation: one that is no such object says nothing. */
const readLastApplied = (shape: Shape, text: string): JsonObject => {
  try {
    const { value } = conform(shape, JSON.parse(text))
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}

const owns = (fields: ReadonlySet<FieldPath>, path: FieldPath): boolean =>
  fields.has(path) || [...fields].some((other) => other.startsWith(`${path}\n`))

/** Throws 409 where others own what is contested; not where all of that is `yielded`. */
const refuseConflicts = (
  owners: Ownership[],
  contested: ReadonlySet<FieldPath>,
  yielded: ReadonlySet<FieldPath>,
): void => {
  const owned = owners.flatMap(({ fields }) => [...fields].filter((path) => contested.has(path)))
  if (owned.every((path) => yielded.has(path))) return
  const conflicts = owners.flatMap(({ entry, fields }) =>
    [...fields]
      .filter((path) => contested.has(path))
      .map((path) => ({
        field: describePath(path),
        who: `"${entry.manager}"${entry.subresource ? ` with subresource "${entry.subresource}"` : ''} using ${entry.apiVersion}`,
      })),
  )
  throw new StatusError(409, 'Conflict', conflictMessage(conflicts), {
    details: {
      causes: conflicts.map(({ field, who }) => ({
        reason: 'FieldManagerConflict',
        message: `conflict with ${who}`,
        field,
      })),
    },
  })
}

const conflictMessage = (conflicts: { field: string; who: string }[]): string => {
  const [only] = conflicts
  if (only && conflicts.length === 1)
    return `Apply failed with 1 conflict: conflict with ${only.who}: ${only.field}`
  const byOwner = Map.groupBy(conflicts, ({ who }) => who)
  const lines = [...byOwner].map(([who, fields]) =>
    [`conflicts with ${who}:`, ...fields.map(({ field }) => `- ${field}`)].join('\n'),
  )
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`
}

/** Takes the field or list element at a path out of an object. */
const removePath = (object: JsonObject, [element = '', ...rest]: string[]): JsonObject => {
  const name = element.slice(2)
  const value = object[name]
  if (rest.length === 0) {
    const { [name]: _removed, ...others } = object
    return others
  }
  if (Array.isArray(value)) return { ...object, [name]: removeElement(value, rest) }
  return isObject(value) ? { ...object, [name]: removePath(value, rest) } : object
}

const removeElement = (list: unknown[], [element = '', ...rest]: string[]): unknown[] => {
  const isIt = (candidate: unknown): candidate is JsonObject => {
    if (element.startsWith('v:')) return JSON.stringify(candidate) === element.slice(2)
    const keys = Object.keys(JSON.parse(element.slice(2)) as JsonObject)
    return isObject(candidate) && elementKey(candidate, keys) === element
  }
  if (rest.length === 0) return list.filter((candidate) => !isIt(candidate))
  return list.map((candidate) => (isIt(candidate) ? removePath(candidate, rest) : candidate))
}

const mergeInto = (shape: Shape, live: unknown, applied: unknown): unknown => {
  if (!isObject(applied) || (shape.is !== 'object' && shape.is !== 'map')) return applied
  if (shape.is === 'object' && shape.atomic) return applied
  if (shape.is === 'object' && shape.type === 'V1LabelSelector') return applied
  const merged: JsonObject = isObject(live) ? { ...live } : {}
  for (const [name, value] of Object.entries(applied)) {
    const inner = fieldShape(shape, name)
    const keys = listKeysOf(shape, name, inner)
    const have = Array.isArray(merged[name]) ? merged[name] : []
    if (Array.isArray(value) && keys) merged[name] = mergeElements(itemShape(inner), keys, have, value)
    else if (Array.isArray(value) && isSetList(shape, name, inner))
      merged[name] = [...new Set([...have, ...value])]
    else merged[name] = mergeInto(inner, merged[name], value)
  }
  return merged
}

const mergeElements = (item: Shape, keys: string[], live: unknown[], applied: unknown[]): unknown[] => {
  const keyOf = (element: unknown) => (isObject(element) ? elementKey(element, keys) : '')
  const wanted = new Map(applied.map((element) => [keyOf(element), element]))
  const kept = live.map((element) =>
    wanted.has(keyOf(element)) ? mergeInto(item, element, wanted.get(keyOf(element))) : element,
  )
  const known = new Set(live.map(keyOf))
  return [...kept, ...applied.filter((element) => !known.has(keyOf(element)))]
}

/** The merged object with its owners; where nothing else changed, with the times of the owners it had. */
const noted = (
  object: JsonObject,
  owners: Ownership[],
  current: KubernetesObject | undefined,
): NewObject & JsonObject => {
  const metadata = isObject(object.metadata) ? object.metadata : {}
  const managedFields = entriesOf(owners)
  const timeless = (entries: readonly object[] = []) =>
    entries
      .map((entry) => ({ ...entry, time: undefined }))
      .map((entry) => JSON.stringify(entry))
      .sort()
  const same = isDeepStrictEqual(timeless(managedFields), timeless(current?.metadata.managedFields))
  const untouched = same && isDeepStrictEqual(asWire(object), asWire(current))
  return {
    ...object,
    metadata: { ...metadata, managedFields: untouched ? current?.metadata.managedFields : managedFields },
  } as NewObject & JsonObject
}

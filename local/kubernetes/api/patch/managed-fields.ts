import { isDeepStrictEqual } from 'node:util'
import type { ManagedFieldsEntry } from '../../../../core/kubernetes.ts'
import { isObject, type JsonObject } from '../../../json-object.ts'
import { apiVersionOf, type NewObject, type ResourceKind } from '../../store/resources.ts'
import { shapeOf } from '../wire/schema.ts'
import { type FieldPath, type FieldSet, fromFieldsV1, ownableFields, toFieldsV1 } from './field-set.ts'

/** Who writes, and how. */
export interface Manager {
  name: string
  operation: 'Apply' | 'Update'
  subresource?: string | undefined
  /** RFC 3339. */
  time: string
}

/** One entry of `managedFields`, with its paths unfolded; the entry has them folded too where they are still the same. */
export interface Ownership {
  entry: ManagedFieldsEntry
  fields: FieldSet
}

/** The owners that an object notes. */
export const ownersOf = (object: NewObject | undefined): Ownership[] =>
  (object?.metadata?.managedFields ?? []).map((entry) => ({ entry, fields: fieldsIn(entry) }))

/** Of paths that are frozen, as the store's are: most writes leave most of an object's owners as they were. */
const unfolded = new WeakMap<JsonObject, FieldSet>()

const fieldsIn = ({ fieldsV1 }: ManagedFieldsEntry): FieldSet => {
  if (!isObject(fieldsV1)) return new Set()
  const known = unfolded.get(fieldsV1)
  if (known) return known
  const fields = fromFieldsV1(fieldsV1)
  if (Object.isFrozen(fieldsV1)) unfolded.set(fieldsV1, fields)
  return fields
}

/** Whether an entry is this manager's own. */
export const isOwn = ({ entry }: Ownership, manager: Manager): boolean =>
  entry.manager === manager.name &&
  entry.operation === manager.operation &&
  entry.subresource === manager.subresource

/** Notes the changes of an update: the writer owns what changed, and nobody owns what is gone. */
export const noteUpdate = (
  resource: ResourceKind,
  before: NewObject | undefined,
  after: NewObject,
  manager: Manager,
): ManagedFieldsEntry[] => {
  const had = fieldsOf(resource, before)
  return noteChanges(resource, before, manager, had, fieldsOf(resource, after))
}

/** Notes the changes of a status, and of the annotations that are written with it. */
export const noteStatus = (
  resource: ResourceKind,
  before: NewObject | undefined,
  after: NewObject,
  manager: Manager,
): ManagedFieldsEntry[] =>
  noteChanges(resource, before, manager, statusFieldsOf(resource, before), statusFieldsOf(resource, after))

const noteChanges = (
  resource: ResourceKind,
  before: NewObject | undefined,
  manager: Manager,
  had: Map<FieldPath, unknown>,
  has: Map<FieldPath, unknown>,
): ManagedFieldsEntry[] => {
  const changed = [...has.keys()].filter((path) => !had.has(path) || !isSame(had.get(path), has.get(path)))
  const gone = new Set([...had.keys()].filter((path) => !has.has(path)))
  const taken = new Set([...changed, ...gone])
  const owners = ownersOf(before)
  const others = owners.filter((owner) => !isOwn(owner, manager)).map((owner) => without(owner, taken))
  const own = owners.find((owner) => isOwn(owner, manager))
  const kept = own ? without(own, gone) : undefined
  if (own && kept === own && changed.length === 0) return entriesOf([...others, own])
  const fields = new Set([...(kept?.fields ?? []), ...changed])
  const noted = ownership(resource, manager, fields)
  // Most writes of a status change the values of what their writer has: its paths are the same, folded too.
  const same = own && kept === own && fields.size === own.fields.size
  if (same) noted.entry.fieldsV1 = own.entry.fieldsV1
  return entriesOf([...others, noted])
}

// Most fields are text, for which the comparison of objects takes long.
const isSame = (one: unknown, other: unknown): boolean => one === other || isDeepStrictEqual(one, other)

// The status is written through its own subresource.
const fieldsOf = (resource: ResourceKind, object: NewObject | undefined): Map<FieldPath, unknown> => {
  if (!object) return new Map()
  return ownableFields(shapeOf(resource), withoutStatus(resource, object), { containers: true })
}

const statusFieldsOf = (resource: ResourceKind, object: NewObject | undefined): Map<FieldPath, unknown> => {
  const { metadata, status } = (object ?? {}) as { metadata?: JsonObject; status?: JsonObject }
  const { annotations } = metadata ?? {}
  const shape = shapeOf(resource)
  const noted = annotations
    ? ownableFields(shape, { metadata: { annotations } }, { containers: true })
    : new Map<FieldPath, unknown>()
  if (!status) return noted
  const known = inStatus.get(status) ?? ownableFields(shape, { status }, { containers: true })
  inStatus.set(status, known)
  return noted.size === 0 ? known : new Map([...noted, ...known])
}

/** What can be owned in statuses: each is looked at when it is written, and again when the next one takes its place. */
const inStatus = new WeakMap<JsonObject, Map<FieldPath, unknown>>()

/** What of an object its main resource writes. */
export const withoutStatus = (resource: ResourceKind, object: NewObject): JsonObject => {
  const { status, ...rest } = object as JsonObject
  return resource.subresources.includes('status') ? rest : (object as JsonObject)
}

/** Notes a set of fields as a manager's. */
export const ownership = (resource: ResourceKind, manager: Manager, fields: FieldSet): Ownership => ({
  fields,
  entry: {
    manager: manager.name,
    operation: manager.operation,
    apiVersion: apiVersionOf(resource),
    time: manager.time,
    fieldsType: 'FieldsV1',
    ...(manager.subresource ? { subresource: manager.subresource } : {}),
  },
})

/** An owner without some of its fields. */
export const without = (owner: Ownership, lost: ReadonlySet<FieldPath>): Ownership => {
  const left = new Set([...owner.fields].filter((path) => !lost.has(path)))
  if (left.size === owner.fields.size) return owner
  const { fieldsV1: _former, ...entry } = owner.entry
  return { entry, fields: left }
}

/** Owners as an object notes them: those that own nothing are left out, appliers come first. */
export const entriesOf = (owners: Ownership[]): ManagedFieldsEntry[] =>
  owners
    .filter(({ fields }) => fields.size > 0)
    .map(({ entry, fields }) => (entry.fieldsV1 ? entry : { ...entry, fieldsV1: toFieldsV1(fields) }))
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))

const sortKey = ({ operation, time, manager, subresource }: ManagedFieldsEntry): string =>
  [operation, time, manager, subresource].join('\n')

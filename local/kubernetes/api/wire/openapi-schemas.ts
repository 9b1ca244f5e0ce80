import { customOpenApi, customSchemaName } from '../../custom/openapi.ts'
import { builtInKinds } from '../../store/kinds.ts'
import { apiVersionOf, type ResourceKind } from '../../store/resources.ts'
import { reviews } from '../access/reviews.ts'
import { mapKeysOf, mergeKeyOf } from '../patch/merge-keys.ts'
import { descriptionsOf } from './documentation.ts'
import { fieldsOf, type Shape, shapeOf } from './schema.ts'

/** A JSON schema, as far as clients of the API read it. */
export type Schema = Record<string, unknown>

/** What differs between the versions of OpenAPI: how a type is referred to, and types that are no objects. */
export interface Dialect {
  v2: boolean
  refer(name: string): Schema
  leaves: Readonly<Record<'IntOrString' | 'Quantity', Schema>>
}

/** Every kind that has a schema: those of a cluster, and the reviews. */
export const describedKinds = (served: readonly ResourceKind[]): readonly ResourceKind[] => [
  ...served,
  ...reviews,
]

/** `api/v1` or `apis/apps/v1`. */
export const groupPath = (kind: ResourceKind): string =>
  `${kind.group ? 'apis' : 'api'}/${apiVersionOf(kind)}`

export const gvkOf = ({ group, version, kind }: ResourceKind) => ({ group, version, kind })

/** `io.k8s.api.apps.v1.DeploymentStrategy` of `V1DeploymentStrategy`. */
const schemaName = (type: string): string =>
  type.replace(
    /^(?:[A-Z][a-z]+)??V(\d+)(?=[A-Z])/,
    (_prefix, version: string) => `${packageOf(type)}.v${version}.`,
  )

const metaTypes = new Set([
  'V1Condition',
  'V1LabelSelector',
  'V1LabelSelectorRequirement',
  'V1ManagedFieldsEntry',
  'V1ObjectMeta',
  'V1OwnerReference',
])

const packageOf = (type: string): string => {
  if (metaTypes.has(type)) return 'io.k8s.apimachinery.pkg.apis.meta'
  const group = groups().get(type) ?? 'core'
  return group === 'apiextensions'
    ? 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions'
    : `io.k8s.api.${group}`
}

// A model does not say whose it is: what objects of the core group hold is core's, all else that of whoever has it.
const groups = (): ReadonlyMap<string, string> => {
  if (knownGroups.size > 0) return knownGroups
  for (const kind of describedKinds(builtInKinds).toSorted(
    (one, other) => Number(one.group !== '') - Number(other.group !== ''),
  )) {
    const group = kind.group.split('.')[0] || 'core'
    const pending = [rootType(kind), ...(group === 'core' ? coreTypes : [])]
    for (let type = pending.pop(); type !== undefined; type = pending.pop()) {
      if (knownGroups.has(type)) continue
      knownGroups.set(type, group)
      pending.push(...[...(fieldsOf(type)?.values() ?? [])].flatMap(typesIn))
    }
  }
  return knownGroups
}

// No object of core holds them.
const coreTypes = ['V1PodTemplateSpec', 'V1PersistentVolumeClaim']

const knownGroups = new Map<string, string>()

const leafNames = {
  IntOrString: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  Quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
}

/** The name of a kind's schema. */
export const rootName = (kind: ResourceKind): string =>
  kind.custom ? customSchemaName(kind) : schemaName(rootType(kind))

const rootType = (kind: ResourceKind): string => {
  const shape = shapeOf(kind)
  return shape.is === 'object' ? shape.type : kind.kind
}

/** The schemas of kinds and of every type that they hold, by name. */
export const schemasOf = (kinds: readonly ResourceKind[], dialect: Dialect): Record<string, Schema> => {
  const schemas: Record<string, Schema> = {}
  const custom = kinds.flatMap((kind) => (kind.custom ? [{ ...kind, custom: kind.custom }] : []))
  const pending = kinds.filter((kind) => !kind.custom).map(rootType)
  if (custom.length > 0) pending.push('V1ObjectMeta')
  for (let type = pending.pop(); type !== undefined; type = pending.pop()) {
    const owner = type
    if (schemas[schemaName(owner)]) continue
    const fields = fieldsOf(owner) ?? new Map<string, Shape>()
    const { type: description, fields: descriptions, required } = descriptionsOf(owner)
    schemas[schemaName(owner)] = {
      ...described(description),
      type: 'object',
      ...(required.length > 0 ? { required } : {}),
      properties: Object.fromEntries(
        [...fields].map(([name, shape]) => [
          name,
          {
            ...described(descriptions.get(name)),
            ...schemaOf(shape, name, dialect),
            ...listRules(owner, name, shape),
          },
        ]),
      ),
    }
    pending.push(...[...fields.values()].flatMap(typesIn))
  }
  for (const kind of custom) schemas[rootName(kind)] = customOpenApi(kind, dialect)
  for (const kind of kinds)
    Object.assign(schemas[rootName(kind)] ?? {}, { 'x-kubernetes-group-version-kind': [gvkOf(kind)] })
  schemas[leafNames.IntOrString] = dialect.leaves.IntOrString
  schemas[leafNames.Quantity] = dialect.leaves.Quantity
  return schemas
}

const described = (description: string | undefined): Schema => (description ? { description } : {})

const typesIn = (shape: Shape): string[] => {
  if (shape.is === 'object') return [shape.type]
  if (shape.is === 'list') return typesIn(shape.item)
  return shape.is === 'map' ? typesIn(shape.value) : []
}

const schemaOf = (shape: Shape, field: string, dialect: Dialect): Schema => {
  switch (shape.is) {
    case 'object':
      return dialect.refer(schemaName(shape.type))
    case 'list':
      return { type: 'array', items: schemaOf(shape.item, field, dialect) }
    case 'map':
      return { type: 'object', additionalProperties: mapValue(shape.value, field, dialect) }
    case 'number':
      return { type: 'integer' }
    case 'anything':
      return 'name' in shape
        ? dialect.refer(leafNames[shape.name])
        : { 'x-kubernetes-preserve-unknown-fields': true }
    case 'string':
      return quantities.has(field) ? dialect.refer(leafNames.Quantity) : { type: 'string' }
    default:
      return { type: shape.is }
  }
}

// The client's models have texts where the API has quantities; these are the fields that hold them.
const quantities = new Set(['averageValue', 'divisor', 'sizeLimit'])
const quantityMaps = new Set([
  'allocatable',
  'capacity',
  'default',
  'defaultRequest',
  'hard',
  'limits',
  'max',
  'maxLimitRequestRatio',
  'min',
  'overhead',
  'requests',
  'used',
])

const mapValue = (shape: Shape, field: string, dialect: Dialect): Schema =>
  shape.is === 'string' && quantityMaps.has(field)
    ? dialect.refer(leafNames.Quantity)
    : schemaOf(shape, '', dialect)

const listRules = (type: string, name: string, shape: Shape): Schema => {
  if (shape.is !== 'list') return {}
  const mergeKey = mergeKeyOf(type, name)
  const mapKeys = mapKeysOf(type, name)
  return {
    ...(mergeKey ? { 'x-kubernetes-patch-strategy': 'merge', 'x-kubernetes-patch-merge-key': mergeKey } : {}),
    ...(mapKeys
      ? { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': mapKeys }
      : { 'x-kubernetes-list-type': 'atomic' }),
  }
}

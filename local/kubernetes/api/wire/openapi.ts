import { createHash } from 'node:crypto'
import { apiVersionOf, type ResourceKind } from '../../store/resources.ts'
import { servedKinds } from '../../store/served-kinds.ts'
import { mapKeysOf, mergeKeyOf } from '../patch/merge-keys.ts'
import { descriptionsOf } from './descriptions.ts'
import { fieldsOf, type Shape, shapeOf } from './schema.ts'

/** A JSON schema, as far as clients of the API read it. */
type Schema = Record<string, unknown>

/** `/openapi/v3`: where each group's document is. */
export const openApiIndex = (version: string) => ({
  paths: Object.fromEntries(
    groupPaths().map((path) => {
      const hash = createHash('sha256').update(`${version}${path}`).digest('hex').toUpperCase()
      return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }]
    }),
  ),
})

/**
 * `/openapi/v3/<group path>`: the group's operations, of which kubectl reads the parameters before it applies,
 * and the schemas behind `kubectl explain`. Undefined for a group that is not served.
 */
export const openApiDocument = (path: string, version: string) => {
  const served = servedKinds.filter((kind) => groupPath(kind) === path)
  if (served.length === 0) return undefined
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version },
    paths: Object.fromEntries(served.flatMap((kind) => pathsOf(kind))),
    components: { schemas: schemasOf(served) },
  }
}

const groupPath = (kind: ResourceKind): string => `${kind.group ? 'apis' : 'api'}/${apiVersionOf(kind)}`

const groupPaths = (): string[] => [...new Set(servedKinds.map(groupPath))]

const parameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force', 'pretty'].map((name) => ({
  name,
  in: 'query',
  schema: { type: name === 'force' ? 'boolean' : 'string', uniqueItems: true },
}))

const pathsOf = (kind: ResourceKind): [string, Schema][] => {
  const collection = `/${groupPath(kind)}/${kind.namespaced ? 'namespaces/{namespace}/' : ''}${kind.plural}`
  const gvk = gvkOf(kind)
  const content = { 'application/json': { schema: reference(rootType(kind)) } }
  const operation = (action: string): Schema => ({
    operationId: `${action}${kind.kind}`,
    parameters,
    responses: { 200: { description: 'OK', content } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk,
  })
  return [
    [collection, { get: operation('list'), post: operation('post') }],
    [
      `${collection}/{name}`,
      {
        get: operation('get'),
        put: operation('put'),
        patch: operation('patch'),
        delete: operation('delete'),
      },
    ],
  ]
}

const gvkOf = ({ group, version, kind }: ResourceKind) => ({ group, version, kind })

const rootType = (kind: ResourceKind): string => {
  const shape = shapeOf(kind)
  return shape.is === 'object' ? shape.type : kind.kind
}

// `V1DeploymentStrategy` is `io.k8s.api.v1.DeploymentStrategy`: clients show what follows the last dot.
const schemaName = (type: string): string =>
  type.replace(/^(?:Core)?V(\d+)/, (_prefix, version: string) => `io.k8s.api.v${version}.`)

const reference = (type: string): Schema => ({ $ref: `#/components/schemas/${schemaName(type)}` })

/** The schemas of kinds and of every type that they hold. */
const schemasOf = (kinds: ResourceKind[]): Record<string, Schema> => {
  const schemas: Record<string, Schema> = {}
  const pending = kinds.map(rootType)
  for (let type = pending.pop(); type !== undefined; type = pending.pop()) {
    const owner = type
    if (schemas[schemaName(owner)]) continue
    const fields = fieldsOf(owner) ?? new Map<string, Shape>()
    const descriptions = descriptionsOf(owner)
    schemas[schemaName(owner)] = {
      ...described(descriptions.type),
      type: 'object',
      properties: Object.fromEntries(
        [...fields].map(([name, shape]) => [
          name,
          {
            ...described(descriptions.fields.get(name)),
            ...schemaOf(shape),
            ...listRules(owner, name, shape),
          },
        ]),
      ),
    }
    pending.push(...[...fields.values()].flatMap(typesIn))
  }
  for (const kind of kinds)
    Object.assign(schemas[schemaName(rootType(kind))] ?? {}, {
      'x-kubernetes-group-version-kind': [gvkOf(kind)],
    })
  return schemas
}

const described = (description: string | undefined): Schema => (description ? { description } : {})

const typesIn = (shape: Shape): string[] => {
  if (shape.is === 'object') return [shape.type]
  if (shape.is === 'list') return typesIn(shape.item)
  return shape.is === 'map' ? typesIn(shape.value) : []
}

const schemaOf = (shape: Shape): Schema => {
  switch (shape.is) {
    case 'object':
      return { allOf: [reference(shape.type)] }
    case 'list':
      return { type: 'array', items: schemaOf(shape.item) }
    case 'map':
      return { type: 'object', additionalProperties: schemaOf(shape.value) }
    case 'number':
      return { type: 'integer' }
    case 'anything':
      return { 'x-kubernetes-preserve-unknown-fields': true }
    default:
      return { type: shape.is }
  }
}

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

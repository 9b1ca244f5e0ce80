import { createHash } from 'node:crypto'
import { customVersionText } from '../../custom/openapi.ts'
import type { ResourceKind } from '../../store/resources.ts'
import { reviews } from '../access/reviews.ts'
import {
  type Dialect,
  describedKinds,
  groupPath,
  gvkOf,
  rootName,
  type Schema,
  schemasOf,
} from './openapi-schemas.ts'

/** `/openapi/v3`: where each group's document is. */
export const openApiIndex = (version: string, served: readonly ResourceKind[]) => ({
  paths: Object.fromEntries(
    groupPaths(served).map((path) => {
      const custom = served.filter((kind) => kind.custom && groupPath(kind) === path).map(customVersionText)
      const hash = createHash('sha256')
        .update([`${version}${path}`, ...custom].join('\n'))
        .digest('hex')
        .toUpperCase()
      return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }]
    }),
  ),
})

/**
 * `/openapi/v3/<group path>`: the group's operations, of which kubectl reads the parameters before it applies,
 * and the schemas behind `kubectl explain`. Undefined for a group that is not served.
 */
export const openApiDocument = (path: string, version: string, served: readonly ResourceKind[]) => {
  const kinds = describedKinds(served).filter((kind) => groupPath(kind) === path)
  if (kinds.length === 0) return undefined
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version },
    paths: Object.fromEntries(kinds.flatMap((kind) => pathsOf(kind, v3Operation))),
    components: { schemas: schemasOf(kinds, v3) },
  }
}

const v3: Dialect = {
  v2: false,
  refer: (name) => ({ allOf: [{ $ref: `#/components/schemas/${name}` }] }),
  leaves: {
    IntOrString: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
    Quantity: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  },
}

/** `/openapi/v2`: all groups in one document, for clients that check objects themselves. */
export const openApiV2 = (version: string, served: readonly ResourceKind[]) => ({
  swagger: '2.0',
  info: { title: 'Kubernetes', version },
  paths: Object.fromEntries(describedKinds(served).flatMap((kind) => pathsOf(kind, v2Operation))),
  definitions: schemasOf(describedKinds(served), v2),
})

const v2: Dialect = {
  v2: true,
  refer: (name) => ({ $ref: `#/definitions/${name}` }),
  leaves: {
    IntOrString: { type: 'string', format: 'int-or-string' },
    Quantity: { type: 'string' },
  },
}

const groupPaths = (served: readonly ResourceKind[]): string[] => [
  ...new Set(describedKinds(served).map(groupPath)),
]

const parameterNames = ['dryRun', 'fieldManager', 'fieldValidation', 'force', 'pretty']

const parameterType = (name: string): string => (name === 'force' ? 'boolean' : 'string')

type OperationOf = (kind: ResourceKind, action: string) => Schema

const commonOperation = (kind: ResourceKind, action: string): Schema => ({
  operationId: `${action}${kind.kind}`,
  'x-kubernetes-action': action,
  'x-kubernetes-group-version-kind': gvkOf(kind),
})

const v3Operation: OperationOf = (kind, action) => {
  const content = { 'application/json': { schema: { $ref: `#/components/schemas/${rootName(kind)}` } } }
  return {
    ...commonOperation(kind, action),
    parameters: parameterNames.map((name) => ({
      name,
      in: 'query',
      schema: { type: parameterType(name), uniqueItems: true },
    })),
    responses: { 200: { description: 'OK', content } },
  }
}

const v2Operation: OperationOf = (kind, action) => ({
  ...commonOperation(kind, action),
  parameters: parameterNames.map((name) => ({
    name,
    in: 'query',
    type: parameterType(name),
    uniqueItems: true,
  })),
  responses: { 200: { description: 'OK', schema: v2.refer(rootName(kind)) } },
})

const pathsOf = (kind: ResourceKind, operation: OperationOf): [string, Schema][] => {
  const collection = `/${groupPath(kind)}/${kind.namespaced ? 'namespaces/{namespace}/' : ''}${kind.plural}`
  if (reviews.includes(kind)) return [[collection, { post: operation(kind, 'post') }]]
  return [
    [collection, { get: operation(kind, 'list'), post: operation(kind, 'post') }],
    [
      `${collection}/{name}`,
      {
        get: operation(kind, 'get'),
        put: operation(kind, 'put'),
        patch: operation(kind, 'patch'),
        delete: operation(kind, 'delete'),
      },
    ],
  ]
}

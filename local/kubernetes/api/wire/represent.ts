import { stringify } from 'yaml'
import { type TableOptions, tableOf } from '../../printing/table.ts'
import { apiVersionOf, type KubernetesObject, type ResourceKind } from '../../store/resources.ts'
import type { Representation } from './negotiation.ts'

/** One object in the representation that its reader asked for. */
export const represent = (
  resource: ResourceKind,
  object: KubernetesObject,
  as: Representation['as'],
  table: TableOptions,
): unknown => {
  if (resource.view && as === 'object') return ordered(resource.view.show(object))
  if (as === 'Table')
    return tableOf(resource, [object], { resourceVersion: object.metadata.resourceVersion }, table)
  if (as === 'PartialObjectMetadata') return partial(object)
  return ordered(inVersion(resource, object))
}

/** A collection in the representation that its reader asked for; `metadata` is the list's own. */
export const representList = (
  resource: ResourceKind,
  objects: KubernetesObject[],
  metadata: { resourceVersion: string },
  as: Representation['as'],
  table: TableOptions,
): unknown => {
  if (as === 'Table') return tableOf(resource, objects, metadata, table)
  if (as === 'PartialObjectMetadataList')
    return {
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      metadata,
      items: objects.map(partial),
    }
  return {
    kind: resource.custom?.listKind ?? `${resource.kind}List`,
    apiVersion: apiVersionOf(resource),
    metadata,
    items: objects
      .map((object) => (resource.view ? resource.view.show(object) : inVersion(resource, object)))
      .map((object) => {
        const { apiVersion, kind, metadata: own, ...rest } = object
        return resource.custom ? { apiVersion, kind, metadata: own, ...rest } : { metadata: own, ...rest }
      }),
  }
}

const partial = ({ metadata }: KubernetesObject) => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata,
})

/** The order in which the API server writes an object's fields. */
const ordered = ({ kind, apiVersion, metadata, ...rest }: KubernetesObject) => ({
  kind,
  apiVersion,
  metadata,
  ...rest,
})

/** An object in the version that was asked for: those of a custom kind differ in nothing but its name. */
const inVersion = (resource: ResourceKind, object: KubernetesObject): KubernetesObject =>
  resource.custom ? { ...object, apiVersion: apiVersionOf(resource) } : withZeroTimes(object)

/** Go writes times of these kinds as null where they are not set, and leaves them out elsewhere. */
const withZeroTimes = (object: KubernetesObject): KubernetesObject => {
  if (object.kind === 'Event')
    return { firstTimestamp: null, lastTimestamp: null, eventTime: null, ...object } as KubernetesObject
  const { conditions } = (object.kind === 'Pod' ? (object.status ?? {}) : {}) as { conditions?: object[] }
  if (!conditions) return object
  const timed = conditions.map((condition) => ({
    lastProbeTime: null,
    lastTransitionTime: null,
    ...condition,
  }))
  return { ...object, status: { ...object.status, conditions: timed } }
}

/** A document as text; JSON ends with a newline, as Go's encoder leaves it. */
export const serialize = (document: unknown, format: Representation['format']): string =>
  format === 'yaml'
    ? stringify(document, {
        // As Go's writer does it: quotes for what YAML 1.1 would read as a time, no indent for lists.
        version: '1.1',
        sortMapEntries: true,
        aliasDuplicateObjects: false,
        lineWidth: 0,
        indentSeq: false,
      })
    : `${JSON.stringify(document)}\n`

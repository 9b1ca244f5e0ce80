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
  if (as === 'Table')
    return tableOf(resource, [object], { resourceVersion: object.metadata.resourceVersion }, table)
  if (as === 'PartialObjectMetadata') return partial(object)
  return ordered(object)
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
    kind: `${resource.kind}List`,
    apiVersion: apiVersionOf(resource),
    metadata,
    items: objects.map(({ apiVersion: _, kind: __, metadata: own, ...rest }) => ({ metadata: own, ...rest })),
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

/** A document as text; JSON ends with a newline, as Go's encoder leaves it. */
export const serialize = (document: unknown, format: Representation['format']): string =>
  format === 'yaml'
    ? stringify(document, { sortMapEntries: true, aliasDuplicateObjects: false, lineWidth: 0 })
    : `${JSON.stringify(document)}\n`

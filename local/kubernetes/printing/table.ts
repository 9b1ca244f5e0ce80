import { apiVersionOf, type KubernetesObject, type ResourceKind, resources } from '../store/resources.ts'
import type { Column } from './column.ts'
import { columnsOf } from './columns.ts'

export interface TableOptions {
  /** The server's time, for ages. */
  now: number
  /** What each row carries besides its cells. */
  include: 'Metadata' | 'Object' | 'None'
  /** Whether the table names its columns. */
  header: boolean
}

/** Objects as the server prints them for kubectl: a `meta.k8s.io/v1` Table. */
export const tableOf = (
  resource: ResourceKind,
  objects: KubernetesObject[],
  metadata: object,
  { now, include, header }: TableOptions,
) => {
  const columns = columnsOf(resource)
  const shown = objects.filter(({ metadata: { uid } }) => uid !== undefined) // a bookmark's shell is no row
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: header ? columns.map(definition) : [],
    rows: shown.map((object) => ({
      cells: columns.map(({ cell }) => cell(object as never, now)),
      ...rowObject(resource, object, include),
    })),
  }
}

const definition = ({ name, type, format, description, priority }: Column<never>) => ({
  name,
  type,
  format,
  description,
  priority,
})

/** Tables are made before a DaemonSet is given the annotation that the v1 API has for its template's number. */
const internalMetadata = (resource: ResourceKind, { metadata }: KubernetesObject) => {
  if (resource !== resources.daemonsets || !metadata.annotations) return metadata
  const { 'deprecated.daemonset.template.generation': _number, ...annotations } = metadata.annotations
  return { ...metadata, annotations }
}

const rowObject = (resource: ResourceKind, object: KubernetesObject, include: TableOptions['include']) => {
  if (include === 'None') return { object: null }
  if (include === 'Object')
    return { object: resource.custom ? { ...object, apiVersion: apiVersionOf(resource) } : object }
  const metadata = internalMetadata(resource, object)
  return { object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata } }
}

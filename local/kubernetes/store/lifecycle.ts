import { isDeepStrictEqual } from 'node:util'
import type { Pod } from '../../../core/kubernetes.ts'
import {
  type KubernetesObject,
  type ResourceKind,
  resources,
  type Stored,
  type StoredMetadata,
} from './resources.ts'

/** What becomes of an object's dependents when it is deleted. */
export type Propagation = 'Background' | 'Foreground' | 'Orphan'

/** What an update sends as metadata, with what only the server sets taken from the object it replaces. */
export const keepIdentity = (given: StoredMetadata, previous: StoredMetadata): StoredMetadata => {
  const { deletionTimestamp: _1, deletionGracePeriodSeconds: _2, generation: _3, ...metadata } = given
  const { name, namespace, uid, resourceVersion, creationTimestamp } = previous
  return {
    ...metadata,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    uid,
    resourceVersion,
    creationTimestamp,
    ...(previous.generation === undefined ? {} : { generation: previous.generation }),
    ...(previous.deletionTimestamp === undefined ? {} : { deletionTimestamp: previous.deletionTimestamp }),
    ...(previous.deletionGracePeriodSeconds === undefined
      ? {}
      : { deletionGracePeriodSeconds: previous.deletionGracePeriodSeconds }),
  }
}

/** An updated object with its generation raised where the change calls for it. */
export const generationRaised = (
  resource: ResourceKind,
  next: KubernetesObject,
  previous: KubernetesObject,
): KubernetesObject => {
  // Where a custom kind has no subresource for its status, that is a field like any other.
  const plain = resource.custom && !resource.subresources.includes('status')
  const content = ({ metadata: _, status, ...rest }: KubernetesObject) => {
    if (plain) return { ...rest, status }
    return resource.generation === 'object' ? rest : rest.spec
  }
  const changed =
    !isDeepStrictEqual(content(next), content(previous)) ||
    (resource.generation === 'spec and annotations' &&
      !isDeepStrictEqual(next.metadata.annotations ?? {}, previous.metadata.annotations ?? {}))
  if (!resource.generation || !changed) return next
  return { ...next, metadata: { ...next.metadata, generation: (previous.metadata.generation ?? 0) + 1 } }
}

/** How many seconds an object is given to end; 0 for everything but pods that run on a node. */
export const graceOf = (
  resource: ResourceKind,
  object: KubernetesObject,
  asked: number | undefined,
): number => {
  if (resource !== resources.pods) return 0
  const { spec, status } = object as Stored<Pod>
  if (!spec.nodeName || status?.phase === 'Succeeded' || status?.phase === 'Failed') return 0
  return asked ?? spec.terminationGracePeriodSeconds ?? 30
}

/** The finalizers under which a deletion with this propagation policy goes on. */
export const withPropagation = (
  finalizers: string[] | undefined,
  propagation: Propagation | undefined,
): string[] => {
  const rest = (finalizers ?? []).filter((name) => name !== 'orphan' && name !== 'foregroundDeletion')
  if (propagation === 'Foreground') return [...rest, 'foregroundDeletion']
  if (propagation === 'Orphan') return [...rest, 'orphan']
  return propagation === 'Background' ? rest : [...(finalizers ?? [])]
}

/**
 * An object whose deletion has begun: it ends `grace` seconds from now, at `until`. A second deletion counts
 * only when it shortens the grace period of the first.
 */
export const beginDeletion = (
  object: KubernetesObject,
  { grace, until, finalizers }: { grace: number; until: string; finalizers: string[] },
): KubernetesObject => {
  const { metadata } = object
  const begins = metadata.deletionTimestamp === undefined
  const shortens = begins || grace < (metadata.deletionGracePeriodSeconds ?? 0)
  return {
    ...object,
    metadata: {
      ...metadata,
      ...(shortens ? { deletionTimestamp: until, deletionGracePeriodSeconds: grace } : {}),
      ...(begins && metadata.generation !== undefined ? { generation: metadata.generation + 1 } : {}),
      ...(finalizers.length > 0 ? { finalizers } : {}),
    },
  }
}

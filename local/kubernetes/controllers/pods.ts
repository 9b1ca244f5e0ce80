import type { LabelSelector, Pod, PodCondition, PodTemplateSpec } from '../../../core/kubernetes.ts'
import { isReady } from '../../../core/workload/readiness.ts'
import type { KubernetesObject, NewObject, ResourceKind, Stored, StoredMetadata } from '../store/resources.ts'
import { selects } from '../store/selectors.ts'
import type { Store } from '../store/store.ts'

export type StoredPod = Stored<Pod>

/** Its containers have all ended, for good. */
export const isTerminal = ({ status }: StoredPod): boolean =>
  status?.phase === 'Succeeded' || status?.phase === 'Failed'

/** Counts as a replica: not ended, and not on its way out. */
export const isActive = (pod: StoredPod): boolean =>
  !isTerminal(pod) && pod.metadata.deletionTimestamp === undefined

export const conditionOf = (pod: StoredPod, type: string): PodCondition | undefined =>
  pod.status?.conditions?.find((condition) => condition.type === type)

/** Milliseconds until a ready pod has been ready for `minReadySeconds`; 0 when it has. */
const untilAvailable = (pod: StoredPod, minReadySeconds: number, now: number): number => {
  const since = Date.parse(conditionOf(pod, 'Ready')?.lastTransitionTime ?? '')
  return minReadySeconds === 0 ? 0 : Math.max(0, since + minReadySeconds * 1000 - now)
}

/** Ready, and for long enough. */
export const isAvailable = (pod: StoredPod, minReadySeconds: number, now: number): boolean =>
  isReady(pod) && untilAvailable(pod, minReadySeconds, now) === 0

/** The time after which the first of the ready pods becomes available, if any is still waiting for it. */
export const nextAvailability = (
  pods: StoredPod[],
  minReadySeconds: number,
  now: number,
): number | undefined => {
  const waits = pods
    .filter(isReady)
    .map((pod) => untilAvailable(pod, minReadySeconds, now))
    .filter((wait) => wait > 0)
  return waits.length > 0 ? Math.min(...waits) : undefined
}

/** The ownerReference by which `owner` controls its dependents. */
export const controllerReference = ({ apiVersion, kind, metadata: { name, uid } }: KubernetesObject) => ({
  apiVersion,
  kind,
  name,
  uid,
  controller: true,
  blockOwnerDeletion: true,
})

/** The reference to the object's controller, if it has one. */
export const controllerOf = (metadata: StoredMetadata) =>
  metadata.ownerReferences?.find(({ controller }) => controller)

/**
 * What `owner` controls of a kind. Objects that its selector matches and that have no controller are adopted first; those
 * whose labels no longer fit are let go.
 */
export const claim = <T extends NewObject>(
  store: Store,
  resource: ResourceKind<T>,
  owner: KubernetesObject,
  selector: LabelSelector | undefined,
): Stored<T>[] => {
  const { namespace, uid, deletionTimestamp } = owner.metadata
  return store.list(resource, { namespace }).flatMap((object) => {
    const fits = selects(selector, object.metadata.labels)
    const controller = controllerOf(object.metadata)
    if (controller && controller.uid !== uid) return []
    if (controller && fits) return [object]
    const orphan = !controller && fits && !deletionTimestamp && !object.metadata.deletionTimestamp
    if (!controller && !orphan) return []
    const ownerReferences = [
      ...(object.metadata.ownerReferences ?? []).filter((reference) => reference.uid !== uid),
      ...(orphan ? [controllerReference(owner)] : []),
    ]
    const changed = store.mutate(resource, namespace, object.metadata.name, (draft) => {
      draft.metadata.ownerReferences = ownerReferences
      return draft
    })
    return orphan ? [changed] : []
  })
}

/** A pod of `owner` as its template says, with more labels where a controller adds its own. */
export const podFrom = (
  template: PodTemplateSpec | undefined,
  owner: KubernetesObject,
  labels: Record<string, string> = {},
): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    generateName: `${owner.metadata.name}-`,
    ...(owner.metadata.namespace === undefined ? {} : { namespace: owner.metadata.namespace }),
    labels: { ...template?.metadata?.labels, ...labels },
    ...(template?.metadata?.annotations ? { annotations: template.metadata.annotations } : {}),
    ...(template?.metadata?.finalizers ? { finalizers: template.metadata.finalizers } : {}),
    ownerReferences: [controllerReference(owner)],
  },
  spec: template?.spec ?? { containers: [] },
})

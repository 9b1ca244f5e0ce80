import { type KubernetesObject, type ResourceKind, resources } from '../store/resources.ts'
import type { StoreEvent } from '../store/store.ts'
import type { Control, Running } from './control.ts'
import { workQueue } from './work-queue.ts'

/**
 * Removes what no longer has an owner: dependents of deleted owners, everything in a deleted namespace, and the
 * pods of a deleted node (at once, which a real cluster does only after a while). Carries out foreground and
 * orphaning deletions.
 */
export const startGarbageCollector = ({ store, clock, trouble }: Control): Running => {
  const known = new Map<string, { resource: ResourceKind; object: KubernetesObject }>()
  /** Whatever some object once named as its owner: most that go were nobody's. */
  const owners = new Set<string>()

  const note = (resource: ResourceKind, object: KubernetesObject) => {
    const { uid, ownerReferences = [] } = object.metadata
    known.set(uid, { resource, object })
    for (const owner of ownerReferences) owners.add(owner.uid)
  }

  const dependentsOf = (uid: string) =>
    owners.has(uid)
      ? store.kinds.kept.flatMap((resource) =>
          store.list(resource, { owner: uid }).map((object) => ({ resource, object })),
        )
      : []

  const exists = (resource: ResourceKind, { metadata }: KubernetesObject) =>
    store.get(resource, metadata.namespace, metadata.name)?.metadata.uid === metadata.uid

  /** Deletes an object; one that others depend on waits for them where its owner does. */
  const remove = (
    resource: ResourceKind,
    object: KubernetesObject,
    propagation: 'Background' | 'Foreground' = 'Background',
  ) => {
    const { namespace, name, uid, deletionTimestamp } = object.metadata
    if (deletionTimestamp || !exists(resource, object)) return
    const waits = propagation === 'Foreground' && dependentsOf(uid).length > 0
    store.delete(resource, namespace, name, waits ? { propagation } : {})
  }

  const wipe = (resource: ResourceKind, object: KubernetesObject) => {
    if (exists(resource, object)) store.remove(resource, object.metadata.namespace, object.metadata.name)
  }

  const dropFinalizer = (resource: ResourceKind, { metadata }: KubernetesObject, finalizer: string) =>
    store.mutate(resource, metadata.namespace, metadata.name, (draft) => {
      draft.metadata.finalizers = (draft.metadata.finalizers ?? []).filter((one) => one !== finalizer)
      return draft
    })

  const orphan = (uid: string) => {
    for (const { resource, object } of dependentsOf(uid))
      store.mutate(resource, object.metadata.namespace, object.metadata.name, (draft) => {
        draft.metadata.ownerReferences =
          draft.metadata.ownerReferences?.filter((one) => one.uid !== uid) ?? []
        return draft
      })
  }

  const collect = (uid: string) => {
    const found = find(uid)
    if (!found) for (const { resource, object } of dependentsOf(uid)) remove(resource, object)
    else finish(found.resource, found.object)
    return undefined
  }

  const find = (uid: string) => {
    const found = known.get(uid)
    if (!found) return undefined
    const { namespace, name } = found.object.metadata
    const present = store.get(found.resource, namespace, name)
    return present?.metadata.uid === uid
      ? { resource: found.resource, object: present as KubernetesObject }
      : undefined
  }

  const finish = (resource: ResourceKind, object: KubernetesObject) => {
    const { uid, finalizers = [] } = object.metadata
    if (finalizers.includes('orphan')) {
      orphan(uid)
      dropFinalizer(resource, object, 'orphan')
    } else if (finalizers.includes('foregroundDeletion')) {
      const dependents = dependentsOf(uid)
      for (const dependent of dependents) remove(dependent.resource, dependent.object, 'Foreground')
      if (dependentsOf(uid).length === 0) dropFinalizer(resource, object, 'foregroundDeletion')
      else queue.add(uid, 20)
    }
  }

  const queue = workQueue({ clock, latencyMs: 5, reconcile: collect, trouble })

  const emptyNamespace = (namespace: string) => {
    for (const resource of store.kinds.kept.filter(({ namespaced }) => namespaced))
      for (const object of store.list(resource, { namespace })) wipe(resource, object as KubernetesObject)
  }

  const emptyNode = (node: string) => {
    for (const pod of store.list(resources.pods))
      if (pod.spec.nodeName === node) wipe(resources.pods, pod as KubernetesObject)
  }

  const handleEvent = ({ type, resource, object }: StoreEvent) => {
    const { uid, name, deletionTimestamp } = object.metadata
    if (type !== 'DELETED') {
      note(resource, object)
      if (deletionTimestamp) queue.add(uid)
      return
    }
    known.delete(uid)
    queue.add(uid)
    if (resource === resources.namespaces) emptyNamespace(name)
    if (resource === resources.nodes) emptyNode(name)
  }

  for (const resource of store.kinds.kept)
    for (const object of store.list(resource) as KubernetesObject[]) note(resource, object)
  const unsubscribe = store.subscribe(handleEvent)
  return {
    stop: () => {
      unsubscribe()
      queue.stop()
    },
  }
}

import type { CustomResourceDefinition } from '../../../core/kubernetes.ts'
import type { LocalClock } from '../../clock.ts'
import type { Trouble } from '../../trouble.ts'
import { workQueue } from '../controllers/work-queue.ts'
import { cleanupFinalizer, conditionsWith } from '../store/definition-end.ts'
import { type KubernetesObject, resources, type Stored } from '../store/resources.ts'
import type { Store, StoreEvent } from '../store/store.ts'
import { customKinds, holds } from './kinds.ts'
import { acceptNames } from './names.ts'

type Definition = Stored<CustomResourceDefinition>
type Status = NonNullable<CustomResourceDefinition['status']>

/**
 * Makes CustomResourceDefinitions work, as the controllers of apiextensions-apiserver do: accepts their names,
 * establishes them, has the store serve their kinds, and deletes their objects before they go. Returns how to stop.
 */
export const startExtensions = ({
  store,
  clock,
  trouble,
}: {
  store: Store
  clock: LocalClock
  trouble: Trouble
}): (() => void) => {
  const definitions = resources.customresourcedefinitions

  const write = (definition: Definition, change: (status: Status) => Status) =>
    store.updateStatus(definitions, undefined, definition.metadata.name, change, {
      manager: 'kube-apiserver',
    })

  const reconcile = (name: string): number | undefined => {
    const definition = store.get(definitions, undefined, name)
    if (!definition) return undefined
    const now = store.timestamp()
    if (definition.metadata.deletionTimestamp) return clean(definition, now)
    const accepted = acceptNames(definition, store.list(definitions), now)
    if (accepted) write(definition, () => accepted)
    else if (holds(definition, 'NamesAccepted') && !holds(definition, 'Established'))
      write(definition, (status) => ({
        ...status,
        conditions: conditionsWith(status.conditions, established, now),
      }))
    return undefined
  }

  /** Deletes a definition's objects, and lets the definition go when the last of them has gone. */
  const clean = (definition: Definition, now: string): number | undefined => {
    const { name, finalizers = [] } = definition.metadata
    if (!finalizers.includes(cleanupFinalizer)) return undefined
    const terminating = (status: 'True' | 'False', reason: string, message: string) =>
      write(definition, (former) => ({
        ...former,
        conditions: conditionsWith(former.conditions, { type: 'Terminating', status, reason, message }, now),
      }))
    const kind = holds(definition, 'Established') ? customKinds(definition)?.kept : undefined
    terminating('True', 'InstanceDeletionInProgress', 'CustomResource deletion is in progress')
    for (const { metadata } of kind ? store.list(kind) : [])
      if (!metadata.deletionTimestamp && kind) store.delete(kind, metadata.namespace, metadata.name)
    if (kind && store.list(kind).length > 0) return undefined
    if (kind) terminating('False', 'InstanceDeletionCompleted', 'removed all instances')
    else terminating('False', 'NeverEstablished', 'resource was never established')
    store.mutate(definitions, undefined, name, (draft) => {
      draft.metadata.finalizers = (draft.metadata.finalizers ?? []).filter((one) => one !== cleanupFinalizer)
      return draft
    })
    return undefined
  }

  const queue = workQueue({ clock, latencyMs: 5, reconcile, trouble })

  const attend = ({ type, resource, object }: StoreEvent) => {
    if (resource.custom && type === 'DELETED') {
      const definition = store.get(definitions, undefined, resource.custom.definition)
      if (definition?.metadata.deletionTimestamp) queue.add(definition.metadata.name)
    }
    if (resource !== definitions) return
    const definition = object as unknown as Definition
    store.kinds.define(object.metadata.name, type === 'DELETED' ? undefined : customKinds(definition))
    if (type !== 'DELETED') queue.add(object.metadata.name)
    // A name that one gives up is free for another of the group.
    else for (const other of groupOf(store, definition)) queue.add(other)
  }

  for (const definition of store.list(definitions))
    attend({
      type: 'ADDED',
      resource: definitions,
      object: definition as unknown as KubernetesObject,
      resourceVersion: 0,
    })
  const unsubscribe = store.subscribe(attend)
  return () => {
    unsubscribe()
    queue.stop()
  }
}

const groupOf = (store: Store, { spec }: Definition): string[] =>
  store
    .list(resources.customresourcedefinitions)
    .filter((one) => one.spec.group === spec.group)
    .map(({ metadata }) => metadata.name)

const established = {
  type: 'Established',
  status: 'True',
  reason: 'InitialNamesAccepted',
  message: 'the initial names have been accepted',
}

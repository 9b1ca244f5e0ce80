import type { LocalClock } from '../../clock.ts'
import type { Trouble } from '../../trouble.ts'
import type { EventRecorder } from '../store/events.ts'
import type { KubernetesObject, NewObject, ResourceKind, Stored } from '../store/resources.ts'
import { StatusError } from '../store/status.ts'
import type { Store, StoreEvent } from '../store/store.ts'
import { controllerOf } from './pods.ts'
import { type WorkQueue, workQueue } from './work-queue.ts'

/** What every controller works with. */
export interface Control {
  store: Store
  clock: LocalClock
  events: EventRecorder
  /** Called with turns that fail. */
  trouble: Trouble
}

/** A controller that runs until it is stopped. */
export interface Running {
  stop(): void
}

export const keyOf = ({ namespace, name }: { namespace?: string; name: string }): string =>
  `${namespace ?? ''}/${name}`

const splitKey = (key: string): { namespace: string; name: string } => {
  const [namespace = '', name = ''] = key.split('/')
  return { namespace, name }
}

/**
 * Starts a controller of one kind. It reconciles an object when the object changes, when something that the
 * object controls changes, when `wakes` says so, and once at the start; not when it is gone.
 */
export const runController = <T extends NewObject>(
  { store, clock, trouble }: Control,
  {
    resource,
    latencyMs,
    reconcile,
    wakes = () => [],
  }: {
    resource: ResourceKind<T>
    latencyMs: number
    reconcile: (object: Stored<T>) => number | undefined
    /** Keys to reconcile because of a change of something else. */
    wakes?: (event: StoreEvent) => string[]
  },
): Running => {
  const queue = workQueue({
    clock,
    latencyMs,
    trouble,
    reconcile: (key) => {
      const { namespace, name } = splitKey(key)
      const object = store.get(resource, namespace || undefined, name)
      return object && reconcile(object)
    },
  })
  for (const { metadata } of store.list(resource)) queue.add(keyOf(metadata))
  const unsubscribe = store.subscribe((event) => enqueue(queue, resource, event, wakes))
  return {
    stop: () => {
      unsubscribe()
      queue.stop()
    },
  }
}

const enqueue = (
  queue: WorkQueue,
  resource: ResourceKind,
  event: StoreEvent,
  wakes: (event: StoreEvent) => string[],
) => {
  if (event.resource === resource) queue.add(keyOf(event.object.metadata))
  const owners = new Set([
    ownerKey(event.object, resource),
    event.previous && ownerKey(event.previous, resource),
  ])
  for (const key of owners) if (key !== undefined) queue.add(key)
  for (const key of wakes(event)) queue.add(key)
}

const ownerKey = ({ metadata }: KubernetesObject, resource: ResourceKind): string | undefined => {
  const owner = controllerOf(metadata)
  if (!owner || owner.kind !== resource.kind) return undefined
  const { namespace } = metadata
  return keyOf({ name: owner.name, ...(namespace === undefined ? {} : { namespace }) })
}

/** What the API server refused of what `act` does; a controller writes its status all the same, and then tries again. */
export const attempt = (act: () => void): StatusError | undefined => {
  try {
    act()
    return undefined
  } catch (error) {
    if (error instanceof StatusError) return error
    throw error
  }
}

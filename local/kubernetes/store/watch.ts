import { appendBounded } from '../../bounded.ts'
import type { LocalClock } from '../../clock.ts'
import { type KubernetesObject, type ResourceKind, sameObjects } from './resources.ts'
import { StatusError } from './status.ts'
import type { Store, StoreEvent } from './store.ts'

/** One event of a watch, before it is put into the asked representation. */
export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  object: unknown
}

/** What a watch selects. */
export interface WatchScope {
  resource: ResourceKind
  namespace?: string | undefined
  matches: (object: KubernetesObject) => boolean
}

/** The recent past of a store, from which watches resume and lists read old versions. */
export class WatchCache {
  readonly #store: Store
  readonly #events: StoreEvent[] = []
  #oldest: number

  constructor(store: Store) {
    this.#store = store
    this.#oldest = store.resourceVersion
    store.subscribe((event) => {
      const gone = appendBounded(this.#events, event, capacity)
      this.#oldest = gone.at(-1)?.resourceVersion ?? this.#oldest
    })
  }

  /** Forgets the past, so that every older resourceVersion has expired. */
  expire(): void {
    this.#events.length = 0
    this.#oldest = this.#store.resourceVersion
  }

  /** Events of a scope after a version, oldest first; 410 where the past does not reach back that far. */
  since(scope: WatchScope, resourceVersion: number): WatchEvent[] {
    if (resourceVersion < this.#oldest)
      throw new StatusError(410, 'Expired', `too old resource version: ${resourceVersion} (${this.#oldest})`)
    return this.#events
      .filter((event) => event.resourceVersion > resourceVersion)
      .flatMap((event) => asWatchEvent(scope, event) ?? [])
  }

  /** The objects of a kind as they were at a version; 410 where the past does not reach back that far. */
  objectsAt(resource: ResourceKind, resourceVersion: number): KubernetesObject[] {
    if (resourceVersion < this.#oldest)
      throw new StatusError(410, 'Expired', 'The resourceVersion for the provided list is too old.')
    const objects = new Map(this.#store.list(resource).map((object) => [keyOf(object), object]))
    for (const event of this.#events.toReversed()) {
      if (event.resourceVersion <= resourceVersion) break
      if (!sameObjects(event.resource, resource)) continue
      if (event.previous) objects.set(keyOf(event.previous), event.previous)
      else objects.delete(keyOf(event.object))
    }
    return [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object)
  }
}

// More than any test or scenario writes between a client's list and its watch.
const capacity = 5000

const keyOf = ({ metadata }: KubernetesObject): string => `${metadata.namespace ?? ''}/${metadata.name}`

/**
 * What a write means to a watch: an object that begins to match was added, and one that no longer matches was
 * deleted, shown as it last matched.
 */
export const asWatchEvent = (scope: WatchScope, event: StoreEvent): WatchEvent | undefined => {
  if (!sameObjects(event.resource, scope.resource)) return undefined
  if (scope.namespace !== undefined && event.object.metadata.namespace !== scope.namespace) return undefined
  const before = event.previous !== undefined && scope.matches(event.previous)
  const after = event.type !== 'DELETED' && scope.matches(event.object)
  if (after) return { type: before ? 'MODIFIED' : 'ADDED', object: event.object }
  if (!before) return undefined
  if (event.type === 'DELETED') return { type: 'DELETED', object: event.object }
  const { previous, object } = event
  return {
    type: 'DELETED',
    object: {
      ...previous,
      metadata: { ...previous?.metadata, resourceVersion: object.metadata.resourceVersion },
    },
  }
}

/**
 * Calls `send` at the times at which the API server sends bookmarks: each minute, and twice shortly before a
 * watch with a time limit ends. Returns how to stop.
 */
export const scheduleBookmarks = (
  clock: LocalClock,
  timeoutSeconds: number | undefined,
  send: () => void,
): (() => void) => {
  const after = (seconds: number, run: () => void) => clock.after(seconds * 1000, run)
  const everyMinute = () => {
    send()
    cancelNext = after(60, everyMinute)
  }
  let cancelNext = after(60, everyMinute)
  const last =
    timeoutSeconds !== undefined && timeoutSeconds > 3
      ? [after(timeoutSeconds - 2, send), after(timeoutSeconds - 1, send)]
      : []
  return () => {
    for (const cancel of [cancelNext, ...last]) cancel()
  }
}

/** The object of a bookmark: the kind's empty shell with nothing but a version in it. */
export const bookmarkObject = (
  { kind, custom }: ResourceKind,
  apiVersion: string,
  resourceVersion: number,
  annotations?: Record<string, string>,
) => ({
  kind,
  apiVersion,
  metadata: {
    resourceVersion: String(resourceVersion),
    ...(annotations ? { annotations } : {}),
  },
  ...((custom ? undefined : shells[kind]) ?? {}),
})

const emptyTemplate = { metadata: {}, spec: { containers: null } }

// What Go writes for a zero value of the kind.
const shells: Record<string, object | undefined> = {
  Deployment: {
    spec: { replicas: 0, selector: null, template: emptyTemplate, strategy: {} },
    status: {},
  },
  ReplicaSet: { spec: { replicas: 0, selector: null, template: emptyTemplate }, status: { replicas: 0 } },
  DaemonSet: {
    spec: { selector: null, template: emptyTemplate, updateStrategy: {} },
    status: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
  },
  StatefulSet: {
    spec: { replicas: 0, selector: null, template: emptyTemplate, serviceName: '', updateStrategy: {} },
    status: { replicas: 0, availableReplicas: 0 },
  },
  Pod: { spec: { containers: null }, status: {} },
  Node: { spec: {}, status: {} },
  Namespace: { spec: {}, status: {} },
}

import type { Event } from '../../../core/kubernetes.ts'
import { setBounded } from '../../bounded.ts'
import type { LocalClock } from '../../clock.ts'
import { type KubernetesObject, resources } from './resources.ts'
import { StatusError } from './status.ts'
import type { Store } from './store.ts'

/** Who reports: the component's name, and the node it runs on where it has one. */
export interface EventSource {
  component: string
  host?: string
  /** Writes the newer kind of event, which has a time and an action in place of a count. */
  action?: string
}

/** What there is to report about an object. */
export interface Occurrence {
  type: 'Normal' | 'Warning'
  reason: string
  message: string
  /** The part of the object that is meant, such as `spec.containers{carts}`. */
  fieldPath?: string
}

/** Reports what happened to an object. */
export type RecordEvent = (object: KubernetesObject, occurrence: Occurrence) => void

/** Makes a component's reporter; all reporters of a cluster share one, so that repeats are counted. */
export type EventRecorder = (source: EventSource) => RecordEvent

// client-go's aggregator: this many different messages within this time become one event.
const similarEvents = 10
const similarWithinMs = 600_000

interface Similar {
  messages: Set<string>
  last: number
}

/**
 * Writes events as client-go does: the same message again raises the count of its event, and from the tenth
 * different message for the same reason on they are combined into one.
 */
export const eventRecorder = ({ store, clock }: { store: Store; clock: LocalClock }): EventRecorder => {
  let expiredAt = clock.now()
  const similar = new Map<string, Similar>()
  const written = new Map<string, { namespace: string; name: string }>()
  let sequence = 0n

  const nextName = (object: KubernetesObject) => {
    sequence += 1n
    return `${object.metadata.name}.${(BigInt(Math.floor(clock.now())) * 1_000_000n + sequence).toString(16)}`
  }

  /** The message to write, and the key under which repeats of it are found. */
  const correlate = (key: string, message: string): { message: string; key: string } => {
    const now = clock.now()
    const known = similar.get(key)
    const group =
      known && now - known.last <= similarWithinMs ? known : { messages: new Set<string>(), last: now }
    group.messages.add(message)
    group.last = now
    setBounded(similar, key, group, remembered)
    if (group.messages.size < similarEvents) return { message, key: `${key} ${message}` }
    group.messages.delete(group.messages.values().next().value ?? '')
    return { message: `(combined from similar events): ${message}`, key }
  }

  const repeat = (key: string, message: string): boolean => {
    const known = written.get(key)
    if (!known || !store.get(resources.events, known.namespace, known.name)) return false
    store.mutate(resources.events, known.namespace, known.name, (event) => ({
      ...event,
      message,
      count: (event.count ?? 1) + 1,
      lastTimestamp: store.timestamp(),
    }))
    return true
  }

  return (source) => (object, occurrence) => {
    const { type, reason, fieldPath } = occurrence
    const namespace = object.metadata.namespace ?? 'default'
    if (clock.now() - expiredAt > expiryEveryMs) {
      expiredAt = clock.now()
      expireEvents(store, clock.now())
    }
    // A namespace on its way out accepts no events.
    if (!store.get(resources.namespaces, undefined, namespace)) return
    const base = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: nextName(object), namespace },
      involvedObject: {
        kind: object.kind,
        ...(object.metadata.namespace === undefined ? {} : { namespace }),
        name: object.metadata.name,
        uid: object.metadata.uid,
        apiVersion: object.apiVersion,
        resourceVersion: object.metadata.resourceVersion,
        ...(fieldPath === undefined ? {} : { fieldPath }),
      },
      type,
      reason,
    } satisfies Partial<Event>
    if (source.action !== undefined) {
      create(store, { ...base, message: occurrence.message, ...timed(source, source.action, clock.now()) })
      return
    }
    const { message, key } = correlate(
      [source.component, source.host, object.metadata.uid, type, reason, fieldPath].join(' '),
      occurrence.message,
    )
    if (repeat(key, message)) return
    setBounded(written, key, { namespace, name: base.metadata.name }, remembered)
    create(store, { ...base, message, ...counted(source, store.timestamp()) })
  }
}

/** Kubernetes keeps events for an hour (the API server's --event-ttl). */
const lifeMs = 3600_000
/** Those that are too old are looked for when a new one is recorded, at most this often. */
const expiryEveryMs = 60_000

/** How many events are kept at most, where a real cluster would keep all of the hour. */
const mostEvents = 5000

/** Removes the events that are too old to be kept, and the oldest of too many. */
export const expireEvents = (store: Store, now: number): void => {
  const events = store
    .list(resources.events)
    .map(({ metadata, lastTimestamp }) => ({
      metadata,
      last: Date.parse(lastTimestamp ?? metadata.creationTimestamp),
    }))
    .sort((one, other) => other.last - one.last)
  for (const [index, { metadata, last }] of events.entries())
    if (now - last > lifeMs || index >= mostEvents)
      store.remove(resources.events, metadata.namespace, metadata.name)
}

/** As many keys as client-go's caches hold; the oldest are forgotten. */
const remembered = 4096

const create = (store: Store, event: Event) => {
  try {
    store.create(resources.events, event)
  } catch (error) {
    // Losing an event must never stop whoever reports it.
    if (!(error instanceof StatusError)) throw error
  }
}

const counted = ({ component, host }: EventSource, time: string) => ({
  source: { component, ...(host === undefined ? {} : { host }) },
  firstTimestamp: time,
  lastTimestamp: time,
  count: 1,
  reportingComponent: component,
  reportingInstance: host ?? '',
})

const timed = ({ component }: EventSource, action: string, now: number) => ({
  source: {},
  eventTime: `${new Date(now).toISOString().slice(0, -1)}000Z`,
  action,
  reportingComponent: component,
  reportingInstance: `${component}-0`,
})

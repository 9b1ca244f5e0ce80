import { isDeepStrictEqual } from 'node:util'
import type { LabelSelector, ManagedFieldsEntry, Pod } from '../../../core/kubernetes.ts'
import type { LocalClock } from '../../clock.ts'
import { guard, type Trouble } from '../../trouble.ts'
import { applyDefaults, initialStatus, prepareUpdate } from './defaults/defaults.ts'
import { marked, withCleanup } from './definition-end.ts'
import { nameSuffix, randomUid } from './identifiers.ts'
import { Kinds } from './kinds.ts'
import {
  beginDeletion,
  generationRaised,
  graceOf,
  keepIdentity,
  type Propagation,
  withPropagation,
} from './lifecycle.ts'
import {
  apiVersionOf,
  type KubernetesObject,
  keptKind,
  type NewObject,
  type ResourceKind,
  resources,
  type Stored,
} from './resources.ts'
import { type Labels, selects } from './selectors.ts'
import { alreadyExists, badRequest, conflict, notFound } from './status.ts'
import { validate } from './validation/index.ts'
import { asWire, freeze } from './values.ts'

/** One write, as subscribers get it. Objects are frozen. */
export interface StoreEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  resource: ResourceKind
  object: KubernetesObject
  /** The object before the write; absent when it is new. */
  previous?: KubernetesObject
  resourceVersion: number
}

/** Changes an object before it is stored, or throws a `StatusError` to refuse it. */
export type AdmissionHook = (
  resource: ResourceKind,
  object: NewObject,
  request: {
    operation: 'CREATE' | 'UPDATE'
    dryRun: boolean
    user?: string
    /** The hook has seen this object already, and another has changed it since. */
    reinvocation?: boolean
  },
) => NewObject

/** A write that is about to happen, defaulted and valid. */
export interface PendingWrite {
  resource: ResourceKind
  object: KubernetesObject
  /** What an update replaces. */
  previous?: KubernetesObject
  operation: 'CREATE' | 'UPDATE'
  dryRun: boolean
  user?: string
  groups?: readonly string[]
  /** Adds a warning to the answer. */
  warn(text: string): void
}

/** Who owns which field after a write, as `managedFields` says it. */
export type OwnershipHook = (
  write: Pick<PendingWrite, 'resource' | 'object' | 'previous'> & {
    manager: string
    subresource?: 'status'
  },
) => ManagedFieldsEntry[]

/** Throws a `StatusError` to refuse a write. */
export type ValidationHook = (write: PendingWrite) => void

/** Circumstances of a write. */
export interface WriteOptions {
  /** Called with the warnings that admission has for the writer. */
  warn?: (text: string) => void
  /** Answers what would be stored, and stores nothing. */
  dryRun?: boolean
  /** Who sends the request, for admission hooks. */
  user?: string
  groups?: readonly string[]
  /**
   * As whom `managedFields` notes the writer of a new object or of a status; of a status it is the controllers'
   * if not said. What the API writes of objects is noted before it comes here.
   */
  manager?: string
}

/** As whom the controllers write. */
export const controllerManager = 'kube-controller-manager'

export interface DeleteOptions extends WriteOptions {
  gracePeriodSeconds?: number
  propagation?: Propagation
}

export interface ListOptions {
  namespace?: string | undefined
  labels?: LabelSelector | ((labels: Labels) => boolean) | undefined
  /** Only objects with an ownerReference to this uid. */
  owner?: string | undefined
}

/**
 * The cluster's state: objects by kind, namespace and name, with the API server's rules about versions,
 * generations, status and deletion. Synchronous and in memory. What it hands out is frozen.
 */
export class Store {
  /** Mutating admission: hooks that run, in order, on every create before defaulting and validation. */
  readonly admission: AdmissionHook[] = []
  /**
   * Validating admission: hooks that see, in order, every create and update of more than a status after defaulting
   * and after the rules of its kind (store/validation).
   */
  readonly validation: ValidationHook[] = []
  /** What kinds of objects there are. */
  readonly kinds = new Kinds()
  /** Notes who writes what; without it nobody does. */
  ownership: OwnershipHook | undefined
  readonly #clock: LocalClock
  readonly #random: () => number
  readonly #trouble: Trouble | undefined
  readonly #objects = new Map<string, Map<string, KubernetesObject>>()
  /** The same: a kind has several forms, of which each is asked for often. */
  readonly #byKind = new WeakMap<ResourceKind, Map<string, KubernetesObject>>()
  readonly #listeners = new Set<(event: StoreEvent) => void>()
  readonly #undelivered: StoreEvent[] = []
  #delivering = false
  #resourceVersion = 1

  /**
   * `random` yields numbers from 0 up to 1, for uids and generated names; give a seeded one to repeat a run.
   * `trouble` is called with subscribers that fail; without it their failures end the write that they were notified of.
   */
  constructor({
    clock,
    random = Math.random,
    trouble,
  }: {
    clock: LocalClock
    random?: () => number
    trouble?: Trouble
  }) {
    this.#clock = clock
    this.#random = random
    this.#trouble = trouble
  }

  /** The version of the newest write. */
  get resourceVersion(): number {
    return this.#resourceVersion
  }

  /** The clock's time as Kubernetes writes it: RFC 3339, whole seconds; `plusSeconds` from now. */
  timestamp(plusSeconds = 0): string {
    return `${new Date(this.#clock.now() + plusSeconds * 1000).toISOString().slice(0, 19)}Z`
  }

  /** The object, or undefined. `namespace` is undefined for cluster-wide kinds. */
  get<T extends NewObject>(
    resource: ResourceKind<T>,
    namespace: string | undefined,
    name: string,
  ): Stored<T> | undefined {
    return this.#of(resource).get(keyOf(resource, namespace, name)) as Stored<T> | undefined
  }

  /** The object; throws 404. */
  read<T extends NewObject>(
    resource: ResourceKind<T>,
    namespace: string | undefined,
    name: string,
  ): Stored<T> {
    const found = this.get(resource, namespace, name)
    if (!found) throw notFound(resource, name)
    return found
  }

  /** Objects in the order of namespace and name. */
  list<T extends NewObject>(
    resource: ResourceKind<T>,
    { namespace, labels, owner }: ListOptions = {},
  ): Stored<T>[] {
    const fits = typeof labels === 'function' ? labels : (have: Labels) => selects(labels, have)
    const objects = this.#of(resource)
    // Of most kinds most clusters have nothing, and controllers ask for all of them at each turn.
    if (objects.size === 0) return []
    return [...objects]
      .filter(
        ([, { metadata }]) =>
          (namespace === undefined || metadata.namespace === namespace) &&
          (owner === undefined || (metadata.ownerReferences ?? []).some(({ uid }) => uid === owner)) &&
          fits(metadata.labels),
      )
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object as Stored<T>)
  }

  /** Stores a new object under its name, or under a name made from `generateName`. */
  create<T extends NewObject>(resource: ResourceKind<T>, given: T, options: WriteOptions = {}): Stored<T> {
    const { dryRun = false, user } = options
    if (resource.namespaced) this.#requireNamespace(given.metadata?.namespace ?? 'default')
    const admitted = this.admission.reduce<NewObject>(
      (object, hook) =>
        hook(resource, object, { operation: 'CREATE', dryRun, ...(user === undefined ? {} : { user }) }),
      asWire(given),
    )
    const object = this.#owned(
      { resource, object: this.#complete(resource, asWire(admitted)) },
      options.manager,
    )
    const { name, namespace } = object.metadata
    validate(resource, object)
    this.#admit({ resource, object, operation: 'CREATE' }, options)
    if (this.get(resource, namespace, name)) throw alreadyExists(resource, name)
    if (dryRun) return freeze(unversioned(object)) as Stored<T>
    return this.#put('ADDED', resource, object) as Stored<T>
  }

  /**
   * Replaces an object, except its status where that is a subresource. A `metadata.resourceVersion` that is
   * not the stored one is a 409; without one, the write is unconditional. Finalizers that come to an end
   * remove an object that waits for deletion.
   */
  update<T extends NewObject>(resource: ResourceKind<T>, given: T, options: WriteOptions = {}): Stored<T> {
    const object = asWire(given) as KubernetesObject
    const previous = this.#current(resource, object)
    const next = {
      ...object,
      apiVersion: previous.apiVersion,
      kind: previous.kind,
      metadata: keepIdentity(object.metadata, previous.metadata),
    }
    if (resource.subresources.includes('status')) {
      delete next.status
      if (previous.status !== undefined) next.status = previous.status
    }
    applyDefaults(resource, next)
    prepareUpdate(resource, next, previous)
    validate(resource, next, previous)
    const raised = generationRaised(resource, next, previous)
    this.#admit({ resource, object: raised, previous, operation: 'UPDATE' }, options)
    return this.#replace(resource, raised, previous, options) as Stored<T>
  }

  #admit(
    write: Pick<PendingWrite, 'resource' | 'object' | 'previous' | 'operation'>,
    { dryRun = false, user, groups, warn = () => {} }: WriteOptions,
  ): void {
    for (const hook of this.validation)
      hook({
        ...write,
        dryRun,
        warn,
        ...(user === undefined ? {} : { user }),
        ...(groups === undefined ? {} : { groups }),
      })
  }

  /** Reads, changes and updates; `change` gets a copy that it may modify, and returns what to store. */
  mutate<T extends NewObject>(
    resource: ResourceKind<T>,
    namespace: string | undefined,
    name: string,
    change: (draft: Stored<T>) => Stored<T>,
    options: WriteOptions = {},
  ): Stored<T> {
    const draft = asWire(this.read(resource, namespace, name))
    return this.update(resource, change(draft) as unknown as T, options)
  }

  /** Replaces the status alone; `change` gets a copy of the present status. */
  updateStatus<T extends NewObject>(
    resource: ResourceKind<T>,
    namespace: string | undefined,
    name: string,
    change: (status: StatusOf<T>) => StatusOf<T>,
    options: WriteOptions = {},
  ): Stored<T> {
    const previous = this.read(resource, namespace, name) as unknown as KubernetesObject
    const status = asWire(change(asWire(previous.status ?? {}) as StatusOf<T>)) as object
    return this.#replaceStatus(resource, { ...previous, status }, previous, options) as Stored<T>
  }

  /**
   * Replaces the status and the annotations, as a PUT of the status subresource does; everything else of the
   * object given is ignored, and its generation stays. A `metadata.resourceVersion` that is not the stored
   * one is a 409.
   */
  replaceStatus<T extends NewObject>(
    resource: ResourceKind<T>,
    given: T | Stored<T>,
    options: WriteOptions = {},
  ): Stored<T> {
    const object = asWire(given) as KubernetesObject
    const previous = this.#current(resource, object)
    const { annotations } = object.metadata
    const next = {
      ...previous,
      metadata: { ...previous.metadata, ...(annotations === undefined ? {} : { annotations }) },
      ...(object.status === undefined ? {} : { status: object.status }),
    }
    return this.#replaceStatus(resource, next, previous, options) as Stored<T>
  }

  #replaceStatus(
    resource: ResourceKind,
    given: KubernetesObject,
    previous: KubernetesObject,
    options: WriteOptions,
  ): KubernetesObject {
    if (isDeepStrictEqual(given, previous)) return previous
    // Of built-in kinds the controllers write the status; a custom one's is as good as its schema.
    const next = resource.custom ? asWire(given) : given
    if (resource.custom) {
      applyDefaults(resource, next)
      validate(resource, next, previous)
    }
    const { manager = controllerManager } = options
    const write = { resource, object: next, previous, subresource: 'status' as const }
    return this.#replace(resource, this.#owned(write, manager), previous, options)
  }

  #owned(
    write: Omit<Parameters<OwnershipHook>[0], 'manager'>,
    manager: string | undefined,
  ): KubernetesObject {
    const { object } = write
    if (manager === undefined || !this.ownership) return object
    const managedFields = this.ownership({ ...write, manager })
    return { ...object, metadata: { ...object.metadata, managedFields } }
  }

  /**
   * Binds a pod to a node, as a POST to its binding subresource does: the node's name, the labels given and the
   * condition PodScheduled in one write.
   */
  bind(namespace: string | undefined, name: string, node: string, labels: Labels = {}): Stored<Pod> {
    const previous = this.read(resources.pods, namespace, name)
    if (previous.spec.nodeName)
      throw conflict(
        resources.pods,
        name,
        `pod ${name} is already assigned to node "${previous.spec.nodeName}"`,
      )
    const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: this.timestamp() }
    const conditions = (previous.status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled')
    const next = {
      ...previous,
      metadata: { ...previous.metadata, labels: { ...previous.metadata.labels, ...labels } },
      spec: { ...previous.spec, nodeName: node },
      status: { ...previous.status, conditions: [...conditions, scheduled] },
    }
    return this.#replace(resources.pods, next, previous as KubernetesObject, {}) as Stored<Pod>
  }

  /**
   * Begins a deletion. A pod that runs on a node, and whatever has finalizers, gets a deletionTimestamp and
   * is answered as it stands; everything else is gone at once. Dependents are the garbage collector's.
   */
  delete<T extends NewObject>(
    resource: ResourceKind<T>,
    namespace: string | undefined,
    name: string,
    options: DeleteOptions = {},
  ): Stored<T> {
    const previous = this.read(resource, namespace, name) as unknown as KubernetesObject
    const grace = graceOf(resource, previous, options.gracePeriodSeconds)
    const finalizers = withCleanup(
      resource,
      withPropagation(previous.metadata.finalizers, options.propagation),
      previous,
    )
    if (grace === 0 && finalizers.length === 0) {
      if (options.dryRun) return previous as Stored<T>
      this.#endGracePeriod(resource, previous)
      return this.remove(resource, namespace, name)
    }
    const begun = beginDeletion(previous, { grace, until: this.timestamp(grace), finalizers })
    return this.#replace(resource, marked(resource, begun, this.timestamp()), previous, options) as Stored<T>
  }

  /** The end of a grace period is an event of its own, before the object goes. */
  #endGracePeriod(resource: ResourceKind, object: KubernetesObject): void {
    if (!object.metadata.deletionGracePeriodSeconds) return
    const deletion = { deletionTimestamp: this.timestamp(), deletionGracePeriodSeconds: 0 }
    this.#put('MODIFIED', resource, { ...object, metadata: { ...object.metadata, ...deletion } }, object)
  }

  /** Takes an object out of the store for good. */
  remove<T extends NewObject>(
    resource: ResourceKind<T>,
    namespace: string | undefined,
    name: string,
  ): Stored<T> {
    const previous = this.read(resource, namespace, name) as unknown as KubernetesObject
    return this.#put('DELETED', resource, previous, previous) as Stored<T>
  }

  /** Called with every write, in order, before the call that wrote returns (or the write under way ends). */
  subscribe(listener: (event: StoreEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #of(resource: ResourceKind): Map<string, KubernetesObject> {
    const known = this.#byKind.get(resource)
    if (known) return known
    const { group, plural } = keptKind(resource)
    const key = `${group}/${plural}`
    const objects = this.#objects.get(key) ?? new Map<string, KubernetesObject>()
    this.#objects.set(key, objects)
    this.#byKind.set(resource, objects)
    return objects
  }

  #complete(resource: ResourceKind, given: NewObject): KubernetesObject {
    const { namespace, ...metadata } = given.metadata ?? {}
    const status = initialStatus(resource, given)
    const { status: _sent, ...unsent } = given as NewObject & { status?: object }
    const statusApart = resource.custom && resource.subresources.includes('status')
    const object = {
      ...(statusApart ? unsent : given),
      ...(status ? { status } : {}),
      apiVersion: apiVersionOf(resource),
      kind: resource.kind,
      metadata: {
        ...metadata,
        name:
          metadata.name || (metadata.generateName ? metadata.generateName + nameSuffix(this.#random) : ''),
        ...(resource.namespaced ? { namespace: namespace ?? 'default' } : {}),
        uid: randomUid(this.#random),
        resourceVersion: '',
        ...(resource.generation ? { generation: 1 } : {}),
        creationTimestamp: this.timestamp(),
      },
    }
    applyDefaults(resource, object)
    return object
  }

  #requireNamespace(name: string): void {
    if (!this.get(resources.namespaces, undefined, name)) throw notFound(resources.namespaces, name)
  }

  #current(resource: ResourceKind, object: KubernetesObject): KubernetesObject {
    const { name, namespace, resourceVersion, uid } = object.metadata
    if (!name) throw badRequest('the name of the object is missing')
    const previous = this.read(resource, namespace, name) as KubernetesObject
    if (uid && uid !== previous.metadata.uid)
      throw conflict(
        resource,
        name,
        `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${previous.metadata.uid}`,
      )
    if (resourceVersion && resourceVersion !== previous.metadata.resourceVersion)
      throw conflict(resource, name)
    return previous
  }

  #replace(
    resource: ResourceKind,
    next: KubernetesObject,
    previous: KubernetesObject,
    { dryRun = false }: WriteOptions,
  ): KubernetesObject {
    if (isDeepStrictEqual(next, previous)) return previous
    if (dryRun) return freeze(next)
    const { deletionTimestamp, deletionGracePeriodSeconds, finalizers = [] } = next.metadata
    if (deletionTimestamp && !deletionGracePeriodSeconds && finalizers.length === 0)
      return this.#put('DELETED', resource, next, previous)
    return this.#put('MODIFIED', resource, next, previous)
  }

  #put(
    type: StoreEvent['type'],
    resource: ResourceKind,
    object: KubernetesObject,
    previous?: KubernetesObject,
  ): KubernetesObject {
    const resourceVersion = ++this.#resourceVersion
    const written = freeze({
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(resourceVersion) },
    })
    const { namespace, name } = written.metadata
    const key = keyOf(resource, namespace, name)
    if (type === 'DELETED') this.#of(resource).delete(key)
    else this.#of(resource).set(key, written)
    this.#undelivered.push({
      type,
      resource,
      object: written,
      resourceVersion,
      ...(previous ? { previous } : {}),
    })
    this.#deliver()
    return written
  }

  // A listener that writes must not make its own event overtake the one being delivered.
  #deliver(): void {
    if (this.#delivering) return
    this.#delivering = true
    try {
      for (let event = this.#undelivered.shift(); event; event = this.#undelivered.shift())
        for (const listener of [...this.#listeners]) this.#notify(listener, event)
    } finally {
      this.#delivering = false
    }
  }

  #notify(listener: (event: StoreEvent) => void, event: StoreEvent): void {
    const { kind, metadata } = event.object
    if (!this.#trouble) listener(event)
    else guard(`what follows from a change of ${kind} ${metadata.name}`, this.#trouble, () => listener(event))
  }
}

/** What was never stored has no version. */
const unversioned = (object: KubernetesObject): KubernetesObject => {
  const { resourceVersion: _none, ...metadata } = object.metadata
  return { ...object, metadata: metadata as KubernetesObject['metadata'] }
}

type StatusOf<T> = T extends { status?: infer S } ? NonNullable<S> : never

const keyOf = (resource: ResourceKind, namespace: string | undefined, name: string): string =>
  resource.namespaced ? `${namespace ?? ''}/${name}` : name

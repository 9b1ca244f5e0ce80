import { AccessDenied, Conflict } from '../../core/errors.ts'
import type {
  ControllerRevision,
  Deployment,
  ObjectMeta,
  OwnerReference,
  Pod,
  ReplicaSet,
  StatefulSet,
} from '../../core/kubernetes.ts'
import type { Workload } from '../../core/workload/rollout.ts'
import type { WorkloadRef } from '../../core/workload/workload.ts'
import { together } from '../concurrently.ts'
import type { Connection } from './connection.ts'
import { formatSelector } from './selectors.ts'

export interface WorkloadPods {
  /** Of the revision that the spec asks for; none while the controller has not seen that spec. */
  current: Pod[]
  /** All that belong to the workload, those of earlier revisions included. */
  all: Pod[]
  /** The names of the objects between the workload and its pods (ReplicaSets), for finding their events. */
  owners: string[]
  /** What its next pods belong to; undefined where that is not there yet. */
  owner: OwnerReference | undefined
}

/** The pods of a workload as it was just read. */
export const podsOf = async (
  connection: Connection,
  ref: WorkloadRef,
  workload: Workload,
  signal?: AbortSignal,
): Promise<WorkloadPods> => {
  const list = listIn(connection, workload, signal)
  const observed = (workload.status?.observedGeneration ?? 0) >= (workload.metadata?.generation ?? 0)
  const split =
    ref.kind === 'Deployment'
      ? await byReplicaSet(list, workload as Deployment)
      : await byRevisionHash(list, ref, workload)
  return observed ? split : { ...split, current: [] }
}

type List = <T extends { metadata?: ObjectMeta }>(version: string, resource: string) => Promise<T[]>

/** Selectors of two workloads may overlap; the owner's uid decides whose an object is. */
const listIn =
  (connection: Connection, workload: Workload, signal: AbortSignal | undefined): List =>
  async (version, resource) => {
    const { items } = await connection.request<{ items: never[] }>({
      verb: 'list',
      version,
      resource,
      namespace: workload.metadata?.namespace ?? 'default',
      query: { labelSelector: formatSelector(workload.spec?.selector ?? {}) },
      signal,
    })
    return items
  }

const ownedBy = (owner: { metadata?: ObjectMeta }) => (object: { metadata?: ObjectMeta }) =>
  object.metadata?.ownerReferences?.some(
    ({ controller, uid }) => controller && uid === owner.metadata?.uid,
  ) ?? false

const revisionAnnotation = 'deployment.kubernetes.io/revision'

const byReplicaSet = async (list: List, deployment: Deployment): Promise<WorkloadPods> => {
  const [sets, pods] = await together([list<ReplicaSet>('apps/v1', 'replicasets'), list<Pod>('v1', 'pods')])
  const own = sets.filter(ownedBy(deployment))
  const current = own.toSorted((one, other) => revisionOf(other) - revisionOf(one))[0]
  const all = pods.filter((pod) => own.some((set) => ownedBy(set)(pod)))
  return {
    current: current ? all.filter(ownedBy(current)) : [],
    all,
    owners: own.map(({ metadata }) => metadata?.name ?? ''),
    owner: current && ownerReference('ReplicaSet', current),
  }
}

/** A rollback gives the old ReplicaSet a new, highest revision, so the highest is always the current one. */
const revisionOf = (set: ReplicaSet): number => Number(set.metadata?.annotations?.[revisionAnnotation] ?? 0)

const revisionLabel = 'controller-revision-hash'

const byRevisionHash = async (list: List, ref: WorkloadRef, workload: Workload): Promise<WorkloadPods> => {
  const pods = await list<Pod>('v1', 'pods')
  const all = pods.filter(ownedBy(workload))
  const hash =
    ref.kind === 'StatefulSet'
      ? (workload as StatefulSet).status?.updateRevision
      : await daemonSetHash(list, workload)
  return {
    current: all.filter(({ metadata }) => hash !== undefined && metadata?.labels?.[revisionLabel] === hash),
    all,
    owners: [],
    owner: ownerReference(ref.kind, workload),
  }
}

const ownerReference = (kind: string, { metadata }: { metadata?: ObjectMeta }): OwnerReference => ({
  apiVersion: 'apps/v1',
  kind,
  name: metadata?.name ?? '',
  uid: metadata?.uid ?? '',
  controller: true,
})

const daemonSetHash = async (list: List, workload: Workload): Promise<string | undefined> => {
  const revisions = await list<ControllerRevision>('apps/v1', 'controllerrevisions')
  const [current] = revisions
    .filter(ownedBy(workload))
    .toSorted((one, other) => other.revision - one.revision)
  return current?.metadata?.labels?.[revisionLabel]
}

/** What became of a pod that was to be deleted. gone: it was no longer there. denied: the caller may not, for the reason in the message. */
export type Deletion =
  | { state: 'deleted' | 'gone'; message?: undefined }
  | { state: 'denied'; message: string }

/** Deletes one pod, and never another that has taken its name. Throws Transient where it may or may not be deleted. */
export const deletePod = async (
  connection: Connection,
  { metadata }: Pod,
  signal?: AbortSignal,
): Promise<Deletion> => {
  try {
    const answer = await connection.find({
      verb: 'delete',
      version: 'v1',
      resource: 'pods',
      namespace: metadata?.namespace ?? 'default',
      name: metadata?.name ?? '',
      body: {
        contentType: 'application/json',
        content: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          ...(metadata?.uid && { preconditions: { uid: metadata.uid } }),
        },
      },
      signal,
    })
    return { state: answer === undefined ? 'gone' : 'deleted' }
  } catch (error) {
    // Another pod has taken its name meanwhile.
    if (error instanceof Conflict) return { state: 'gone' }
    if (!(error instanceof AccessDenied)) throw error
    return { state: 'denied', message: error.cause instanceof Error ? error.cause.message : error.message }
  }
}

import type { ReplicaSet, ReplicaSetCondition } from '../../../core/kubernetes.ts'
import { isReady } from '../../../core/workload/readiness.ts'
import type { RecordEvent } from '../store/events.ts'
import { resources, type Stored } from '../store/resources.ts'
import { selects } from '../store/selectors.ts'
import { StatusError } from '../store/status.ts'
import { controllerManager } from '../store/store.ts'
import { type Control, type Running, runController } from './control.ts'
import { deletionOrder } from './pod-ranking.ts'
import {
  claim,
  controllerOf,
  isActive,
  isAvailable,
  isTerminal,
  nextAvailability,
  podFrom,
  type StoredPod,
} from './pods.ts'

export type StoredReplicaSet = Stored<ReplicaSet>

/** The status with the count that Kubernetes 1.35 added. */
type ReplicaSetStatus = NonNullable<ReplicaSet['status']> & { terminatingReplicas?: number }

/** Keeps as many pods as each ReplicaSet wants. */
export const startReplicaSetController = (control: Control): Running => {
  const record = control.events({ component: 'replicaset-controller' })
  return runController(control, {
    resource: resources.replicasets,
    latencyMs: 5,
    reconcile: (set) => reconcile(control, record, set),
  })
}

const reconcile = (control: Control, record: RecordEvent, set: StoredReplicaSet): number | undefined => {
  const { store, clock } = control
  const pods = claim(store, resources.pods, set, set.spec.selector)
  // The status counts the pods found, not those just created or deleted: their own events bring us back.
  const failure = set.metadata.deletionTimestamp
    ? undefined
    : adjust(control, record, set, pods.filter(isActive))
  const status = statusOf(set, pods, clock.now(), failure && failureCondition(failure, store.timestamp()))
  store.updateStatus(resources.replicasets, set.metadata.namespace, set.metadata.name, () => status)
  // Retried with growing delays, as long as creating fails.
  if (failure) throw failure.error
  return nextAvailability(pods.filter(isActive), set.spec.minReadySeconds ?? 0, clock.now())
}

interface Failure {
  reason: 'FailedCreate' | 'FailedDelete'
  error: StatusError
}

const adjust = (
  { store }: Control,
  record: RecordEvent,
  set: StoredReplicaSet,
  active: StoredPod[],
): Failure | undefined => {
  const wanted = set.spec.replicas ?? 1
  const { namespace } = set.metadata
  for (let missing = wanted - active.length; missing > 0; missing--) {
    const failure = attempt('FailedCreate', record, set, 'creating', () => {
      const pod = store.create(resources.pods, podFrom(set.spec.template, set), {
        manager: controllerManager,
      })
      record(set, {
        type: 'Normal',
        reason: 'SuccessfulCreate',
        message: `Created pod: ${pod.metadata.name}`,
      })
    })
    if (failure) return failure
  }
  const surplus = deletionOrder(active, relatedPods(store, set)).slice(0, Math.max(0, active.length - wanted))
  for (const { metadata } of surplus) {
    const failure = attempt('FailedDelete', record, set, 'deleting', () => {
      store.delete(resources.pods, namespace, metadata.name)
      record(set, { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${metadata.name}` })
    })
    if (failure) return failure
  }
  return undefined
}

const attempt = (
  reason: Failure['reason'],
  record: RecordEvent,
  set: StoredReplicaSet,
  doing: string,
  act: () => void,
): Failure | undefined => {
  try {
    act()
    return undefined
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    record(set, { type: 'Warning', reason, message: `Error ${doing}: ${error.message}` })
    return { reason, error }
  }
}

/** The active pods of all ReplicaSets of the same Deployment. */
const relatedPods = (store: Control['store'], set: StoredReplicaSet): StoredPod[] => {
  const deployment = controllerOf(set.metadata)?.uid
  const siblings = store
    .list(resources.replicasets, { namespace: set.metadata.namespace, owner: deployment ?? set.metadata.uid })
    .map(({ metadata }) => metadata.uid)
  const owners = new Set([...siblings, set.metadata.uid])
  return store
    .list(resources.pods, { namespace: set.metadata.namespace })
    .filter((pod) => isActive(pod) && owners.has(controllerOf(pod.metadata)?.uid ?? ''))
}

const failureCondition = ({ reason, error }: Failure, now: string): ReplicaSetCondition => ({
  type: 'ReplicaFailure',
  status: 'True',
  lastTransitionTime: now,
  reason,
  message: error.message,
})

/** What the API shows of a ReplicaSet with these pods; counts of zero are left out, as on the wire. */
const statusOf = (
  set: StoredReplicaSet,
  pods: StoredPod[],
  now: number,
  failure: ReplicaSetCondition | undefined,
): ReplicaSetStatus => {
  const active = pods.filter(isActive)
  const minReady = set.spec.minReadySeconds ?? 0
  const labels = { matchLabels: set.spec.template?.metadata?.labels ?? {} }
  const labelled = active.filter(({ metadata }) => selects(labels, metadata.labels)).length
  const ready = active.filter(isReady).length
  const available = active.filter((pod) => isAvailable(pod, minReady, now)).length
  const known = set.status?.conditions?.find(({ type }) => type === 'ReplicaFailure')
  const condition = failure && (known ?? failure)
  return {
    replicas: active.length,
    ...(labelled && { fullyLabeledReplicas: labelled }),
    ...(ready && { readyReplicas: ready }),
    ...(available && { availableReplicas: available }),
    terminatingReplicas: pods.filter((pod) => pod.metadata.deletionTimestamp && !isTerminal(pod)).length,
    observedGeneration: set.metadata.generation ?? 1,
    ...(condition && { conditions: [condition] }),
  }
}

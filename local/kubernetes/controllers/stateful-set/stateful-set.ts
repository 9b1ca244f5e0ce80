import type { Pod, PodSpec, StatefulSet, StatefulSetStatus, Volume } from '../../../../core/kubernetes.ts'
import { isReady } from '../../../../core/workload/readiness.ts'
import type { RecordEvent } from '../../store/events.ts'
import { type KubernetesObject, resources, type Stored } from '../../store/resources.ts'
import type { StatusError } from '../../store/status.ts'
import { controllerManager } from '../../store/store.ts'
import { attempt, type Control, type Running, runController } from '../control.ts'
import { reviseHistory, type StoredRevision, templateOf, truncateHistory } from '../deployment/revisions.ts'
import { resolveAmount } from '../deployment/rolling-update.ts'
import { claim, isAvailable, nextAvailability, podFrom, type StoredPod } from '../pods.ts'
import { ordinalOf, revisionLabel, statefulStep } from './update.ts'

type StoredStatefulSet = Stored<StatefulSet>

/** Keeps each StatefulSet's pods, by their ordinals. */
export const startStatefulSetController = (control: Control): Running => {
  const record = control.events({ component: 'statefulset-controller' })
  return runController(control, {
    resource: resources.statefulsets,
    latencyMs: 5,
    reconcile: (set) => reconcile(control, record, set),
  })
}

interface Revisions {
  /** The revision that the set comes from, which pods below the partition keep. */
  current: StoredRevision
  /** The revision of the present template. */
  update: StoredRevision
}

const reconcile = (control: Control, record: RecordEvent, set: StoredStatefulSet): number | undefined => {
  const { store, clock } = control
  const history = reviseHistory(store, set, 'controller.kubernetes.io/hash')
  const all = [...history.old, history.current]
  const current = all.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? history.current
  const revisions = { current, update: history.current }
  const pods = claim(store, resources.pods, set as KubernetesObject, set.spec.selector).filter(
    (pod) => ordinalOf(pod) !== undefined,
  )
  let failure: StatusError | undefined
  if (!set.metadata.deletionTimestamp) {
    const step = statefulStep(pods, circumstancesOf(set, revisions.update.metadata.name, clock.now()))
    const act = actions(control, record, set, revisions)
    failure = attempt(() => {
      step.create.forEach(act.create)
      step.remove.forEach(act.remove)
    })
  }
  report(control, set, revisions)
  const used = new Set([
    current.metadata.name,
    ...pods.map(({ metadata }) => metadata.labels?.[revisionLabel]),
  ])
  truncateHistory(store, history.old, set.spec.revisionHistoryLimit ?? 10, ({ metadata }) =>
    used.has(metadata.name),
  )
  if (failure) throw failure
  return nextAvailability(pods, set.spec.minReadySeconds ?? 0, clock.now())
}

const circumstancesOf = ({ spec }: StoredStatefulSet, updateRevision: string, now: number) => {
  const rolling = spec.updateStrategy?.rollingUpdate
  const replicas = spec.replicas ?? 1
  return {
    start: spec.ordinals?.start ?? 0,
    replicas,
    parallel: spec.podManagementPolicy === 'Parallel',
    onDelete: spec.updateStrategy?.type === 'OnDelete',
    partition: rolling?.partition ?? 0,
    maxUnavailable: Math.max(1, resolveAmount(rolling?.maxUnavailable ?? 1, replicas, 'up')),
    minReadySeconds: spec.minReadySeconds ?? 0,
    updateRevision,
    now,
  }
}

const actions = ({ store }: Control, record: RecordEvent, set: StoredStatefulSet, revisions: Revisions) => {
  const { name } = set.metadata
  const recordEvent = (type: 'Normal' | 'Warning', reason: string, message: string) =>
    record(set as KubernetesObject, { type, reason, message })
  return {
    create: (ordinal: number) => {
      const pod = `${name}-${ordinal}`
      const failure = attempt(
        () =>
          void store.create(resources.pods, podAt(set, revisions, ordinal), { manager: controllerManager }),
      )
      if (!failure)
        return recordEvent(
          'Normal',
          'SuccessfulCreate',
          `create Pod ${pod} in StatefulSet ${name} successful`,
        )
      const message = `create Pod ${pod} in StatefulSet ${name} failed error: ${failure.message}`
      recordEvent('Warning', 'FailedCreate', message)
      throw failure
    },
    remove: ({ metadata }: StoredPod) => {
      store.delete(resources.pods, metadata.namespace, metadata.name)
      recordEvent(
        'Normal',
        'SuccessfulDelete',
        `delete Pod ${metadata.name} in StatefulSet ${name} successful`,
      )
    },
  }
}

/**
 * The pod of an ordinal: of the current revision below the partition, or as far as the current revision's
 * replicas still reach before any update; else of the update revision.
 */
const podAt = (set: StoredStatefulSet, { current, update }: Revisions, ordinal: number): Pod => {
  const { spec, status, metadata } = set
  const start = spec.ordinals?.start ?? 0
  const partition = spec.updateStrategy?.rollingUpdate?.partition
  const keepsCurrent =
    spec.updateStrategy?.type !== 'OnDelete' &&
    (partition === undefined ? ordinal < start + (status?.currentReplicas ?? 0) : ordinal < start + partition)
  const revision = keepsCurrent ? current : update
  const name = `${metadata.name}-${ordinal}`
  const pod = podFrom(templateOf(revision), set as KubernetesObject, {
    'apps.kubernetes.io/pod-index': String(ordinal),
    'statefulset.kubernetes.io/pod-name': name,
    [revisionLabel]: revision.metadata.name,
  })
  return {
    ...pod,
    metadata: { ...pod.metadata, name },
    spec: {
      containers: [],
      ...pod.spec,
      ...withClaims(set, ordinal, pod.spec?.volumes),
      hostname: name,
      ...(spec.serviceName ? { subdomain: spec.serviceName } : {}),
    },
  }
}

/** The template's volumes, and one for each claim; claims themselves are not kept here, and always bound. */
const withClaims = (
  { metadata, spec }: StoredStatefulSet,
  ordinal: number,
  volumes: Volume[] = [],
): Pick<PodSpec, 'volumes'> => {
  const claims = (spec.volumeClaimTemplates ?? []).map((claim) => claim.metadata?.name ?? '')
  if (claims.length === 0) return {}
  const claimed = claims.map((name) => ({
    name,
    persistentVolumeClaim: { claimName: `${name}-${metadata.name}-${ordinal}` },
  }))
  return { volumes: [...claimed, ...volumes.filter(({ name }) => !claims.includes(name))] }
}

const report = ({ store, clock }: Control, set: StoredStatefulSet, revisions: Revisions) => {
  const pods = claim(store, resources.pods, set as KubernetesObject, set.spec.selector)
  const status = completed(set, statusOf(set, pods, revisions, clock.now()))
  store.updateStatus(resources.statefulsets, set.metadata.namespace, set.metadata.name, () => status)
}

/** What the API shows of a StatefulSet with these pods; counts of zero are left out but for two. */
const statusOf = (
  set: StoredStatefulSet,
  pods: StoredPod[],
  { current, update }: Revisions,
  now: number,
): StatefulSetStatus => {
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && isReady(pod))
  const available = ready.filter((pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, now))
  const of = ({ metadata: { name } }: StoredRevision) =>
    pods.filter(({ metadata }) => !metadata.deletionTimestamp && metadata.labels?.[revisionLabel] === name)
      .length
  return {
    observedGeneration: set.metadata.generation ?? 1,
    replicas: pods.length,
    ...(ready.length && { readyReplicas: ready.length }),
    ...(of(current) && { currentReplicas: of(current) }),
    ...(of(update) && { updatedReplicas: of(update) }),
    availableReplicas: available.length,
    currentRevision: current.metadata.name,
    updateRevision: update.metadata.name,
    collisionCount: 0,
  }
}

/** Once every pod is of the update revision and ready, that is the current one. */
const completed = ({ spec }: StoredStatefulSet, status: StatefulSetStatus): StatefulSetStatus => {
  const { updatedReplicas = 0, readyReplicas = 0, replicas, updateRevision } = status
  const done =
    spec.updateStrategy?.type !== 'OnDelete' && updatedReplicas === replicas && readyReplicas === replicas
  if (!done || updateRevision === undefined) return status
  return {
    ...status,
    ...(updatedReplicas && { currentReplicas: updatedReplicas }),
    currentRevision: updateRevision,
  }
}

import { isDeepStrictEqual } from 'node:util'
import type { RecordEvent } from '../events.ts'
import { resources } from '../resources.ts'
import { StatusError } from '../status.ts'
import { type Control, type Running, runController } from './control.ts'
import {
  boundsOf,
  conditionOf,
  countsOf,
  type DeploymentStatus,
  hasDeadline,
  isComplete,
  progress,
  replicasOf,
  rolloutStatus,
  type StoredDeployment,
  untilOverdue,
  withCondition,
} from './deployment-status.ts'
import { claim, controllerOf, isTerminal } from './pods.ts'
import type { StoredReplicaSet } from './replica-set.ts'
import {
  annotation,
  beyondHistory,
  findNew,
  newReplicaSet,
  nextRevision,
  revisedAnnotations,
  revisionOf,
  sizeAnnotations,
  sizeOf,
} from './revision-history.ts'
import { newReplicaSetSize, type Resize, shrinkOld, spreadScaling } from './rolling-update.ts'

/**
 * Rolls Deployments out through their ReplicaSets. The slowest of the controllers, as in a real cluster, where
 * each sees the others' work only through its cache.
 */
export const startDeploymentController = (control: Control): Running => {
  const record = control.events({ component: 'deployment-controller' })
  return runController(control, {
    resource: resources.deployments,
    latencyMs: 10,
    reconcile: (namespace, name) => {
      const deployment = control.store.get(resources.deployments, namespace, name)
      return deployment && roundOf(control, record, deployment).reconcile()
    },
    // Recreate waits for the last old pod to go, and pods are not the Deployment's own.
    wakes: ({ type, resource, object }) =>
      resource === resources.pods && type === 'DELETED' ? recreating(control, object.metadata.namespace) : [],
  })
}

const recreating = ({ store }: Control, namespace: string | undefined): string[] =>
  store
    .list(resources.deployments, { namespace })
    .filter(({ spec }) => spec.strategy?.type === 'Recreate')
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)

interface Sets {
  fresh: StoredReplicaSet | undefined
  old: StoredReplicaSet[]
}

const allOf = ({ fresh, old }: Sets): StoredReplicaSet[] => (fresh ? [...old, fresh] : old)

const isActiveSet = ({ spec }: StoredReplicaSet): boolean => (spec.replicas ?? 0) > 0

/**
 * One round of reconciling. It works on what it read at its start: after its first write, a second one is a
 * conflict and waits for the next round. That is why a rollout's first writes arrive as separate events.
 */
const roundOf = ({ store, clock }: Control, record: RecordEvent, read: StoredDeployment) => {
  const { namespace } = read.metadata
  let deployment = read

  const write = (change: { status?: DeploymentStatus; annotations?: Record<string, string> }) => {
    const { annotations = deployment.metadata.annotations, status = deployment.status } = change
    deployment = {
      ...deployment,
      metadata: { ...deployment.metadata, ...(annotations && { annotations }) },
      ...(status && { status }),
    }
    store.replaceStatus(resources.deployments, deployment)
  }

  const writeProgress = (verdict: Parameters<typeof withCondition>[1], revision?: number) => {
    const conditions = withCondition(deployment.status?.conditions, verdict, store.timestamp())
    const annotations = revision === undefined ? {} : { annotations: withRevision(revision) }
    write({ status: { ...deployment.status, conditions }, ...annotations })
  }

  const withRevision = (revision: number) => ({
    ...deployment.metadata.annotations,
    [annotation.revision]: String(revision),
  })

  const notePause = () => {
    const reason = conditionOf(deployment.status, 'Progressing')?.reason
    if (!hasDeadline(deployment) || reason === 'ProgressDeadlineExceeded') return
    const noted = reason === 'DeploymentPaused'
    if (deployment.spec.paused && !noted) writeProgress(progress.paused)
    if (!deployment.spec.paused && noted) writeProgress(progress.resumed)
  }

  /** The Deployment's sets, with revisions brought up to date; makes the new one where `create` says so. */
  const reviseSets = ({ create }: { create: boolean }): Sets => {
    const sets = claim(store, resources.replicasets, deployment, deployment.spec.selector)
    const present = findNew(deployment, sets)
    const old = sets.filter((set) => set !== present)
    if (present) return { fresh: reviseSet(present, nextRevision(old)), old }
    return { fresh: create ? createSet(old) : undefined, old }
  }

  const reviseSet = (set: StoredReplicaSet, revision: number): StoredReplicaSet => {
    const annotations = revisedAnnotations(deployment, set, revision)
    const minReadySeconds = deployment.spec.minReadySeconds ?? 0
    if (
      !isDeepStrictEqual(annotations, set.metadata.annotations) ||
      minReadySeconds !== (set.spec.minReadySeconds ?? 0)
    )
      return store.mutate(resources.replicasets, namespace, set.metadata.name, (draft) => {
        draft.metadata.annotations = annotations
        draft.spec.minReadySeconds = minReadySeconds
        return draft
      })
    const unknown = hasDeadline(deployment) && !conditionOf(deployment.status, 'Progressing')
    const shown = deployment.metadata.annotations?.[annotation.revision]
    if (unknown) writeProgress(progress.found(set.metadata.name), revisionOf(set))
    else if (shown !== String(revisionOf(set))) write({ annotations: withRevision(revisionOf(set)) })
    return set
  }

  const createSet = (old: StoredReplicaSet[]): StoredReplicaSet => {
    const wanted = newReplicaSet(deployment, old)
    const created = creating(() => store.create(resources.replicasets, wanted), wanted.metadata?.name ?? '')
    const size = created.spec.replicas ?? 0
    if (size > 0) recordScaling(created.metadata.name, 0, size)
    const revision = revisionOf(created)
    if (hasDeadline(deployment)) writeProgress(progress.created(created.metadata.name), revision)
    else write({ annotations: withRevision(revision) })
    return created
  }

  const creating = (create: () => StoredReplicaSet, set: string): StoredReplicaSet => {
    try {
      return create()
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      const message = `Failed to create new replica set "${set}": ${error.message}`
      writeProgress({ type: 'Progressing', status: 'False', reason: 'ReplicaSetCreateError', message })
      record(deployment, { type: 'Warning', reason: 'ReplicaSetCreateError', message })
      throw error
    }
  }

  const recordScaling = (set: string, from: number, to: number) =>
    record(deployment, {
      type: 'Normal',
      reason: 'ScalingReplicaSet',
      message: `Scaled ${from < to ? 'up' : 'down'} replica set ${set} from ${from} to ${to}`,
    })

  /** Sizes a set and marks it with the Deployment's present size; says whether the size changed. */
  const resize = ({ name, to }: Pick<Resize, 'name' | 'to'>): boolean => {
    const before = store.read(resources.replicasets, namespace, name).spec.replicas ?? 0
    store.mutate(resources.replicasets, namespace, name, (draft) => {
      draft.spec.replicas = to
      draft.metadata.annotations = { ...draft.metadata.annotations, ...sizeAnnotations(deployment) }
      return draft
    })
    if (before !== to) recordScaling(name, before, to)
    return before !== to
  }

  const resizeAll = (changes: Resize[]): boolean => changes.map(resize).some(Boolean)

  const reportRollout = (sets: Sets): number | undefined => {
    const now = clock.now()
    const status = rolloutStatus(deployment, allOf(sets), sets.fresh, now, store.timestamp())
    if (isDeepStrictEqual(status, deployment.status)) return untilOverdue(deployment, status, now)
    write({ status })
    return undefined
  }

  const reportCounts = (sets: Sets): undefined => {
    write({ status: countsOf(deployment, allOf(sets), sets.fresh, store.timestamp()) })
  }

  const forgetOldest = ({ old }: Sets) => {
    if (!isComplete(deployment, deployment.status)) return
    for (const { metadata } of beyondHistory(deployment, old))
      store.delete(resources.replicasets, namespace, metadata.name)
  }

  const growNew = (fresh: StoredReplicaSet, size: number): boolean =>
    size !== (fresh.spec.replicas ?? 0) && resize({ name: fresh.metadata.name, to: size })

  const roll = (): number | undefined => {
    const sets = reviseSets({ create: true })
    const fresh = sets.fresh
    if (!fresh) return undefined
    const replicas = replicasOf(deployment)
    const bounds = boundsOf(deployment)
    const size = newReplicaSetSize(replicas, bounds, fresh.spec.replicas ?? 0, allOf(sets).map(sizeOf))
    if (growNew(fresh, size)) return reportRollout(sets)
    const shrinking = shrinkOld(replicas, bounds, sets.old.filter(isActiveSet).map(sizeOf), sizeOf(fresh))
    if (resizeAll(shrinking)) return reportRollout(sets)
    forgetOldest(sets)
    return reportRollout(sets)
  }

  const recreate = (): number | undefined => {
    const before = reviseSets({ create: false })
    const old = before.old.filter(isActiveSet).map(sizeOf)
    if (resizeAll(old.map(({ name, wanted }) => ({ name, from: wanted, to: 0 }))))
      return reportRollout(before)
    if (oldPodsRemain(before)) return reportRollout(before)
    const sets = before.fresh ? before : reviseSets({ create: true })
    if (sets.fresh) growNew(sets.fresh, replicasOf(deployment))
    forgetOldest(sets)
    return reportRollout(sets)
  }

  const oldPodsRemain = ({ old }: Sets): boolean => {
    if (old.some(({ status }) => (status?.replicas ?? 0) > 0)) return true
    const uids = new Set(old.map(({ metadata }) => metadata.uid))
    return store
      .list(resources.pods, { namespace })
      .some((pod) => uids.has(controllerOf(pod.metadata)?.uid ?? '') && !isTerminal(pod))
  }

  const isRescaled = (): boolean =>
    claim(store, resources.replicasets, deployment, deployment.spec.selector).some((set) => {
      const desired = set.metadata.annotations?.[annotation.desired]
      return isActiveSet(set) && desired !== undefined && desired !== String(replicasOf(deployment))
    })

  const rescale = (sets: Sets) => {
    const active = allOf(sets).filter(isActiveSet)
    const latest = sets.old.toSorted((a, b) => revisionOf(b) - revisionOf(a))[0]
    const replicas = replicasOf(deployment)
    const only = active.length === 0 ? (sets.fresh ?? latest) : active.length === 1 ? active[0] : undefined
    if (only) {
      resize({ name: only.metadata.name, to: replicas })
    } else if (sets.fresh && isSaturated(sets.fresh)) {
      for (const { metadata } of sets.old.filter(isActiveSet)) resize({ name: metadata.name, to: 0 })
    } else if (active.length > 0 && deployment.spec.strategy?.type !== 'Recreate') {
      resizeAll(
        spreadScaling(replicas, boundsOf(deployment), active.map(sizeOf), deployment.status?.replicas ?? 0),
      )
    }
  }

  const isSaturated = ({ spec, status, metadata }: StoredReplicaSet): boolean => {
    const replicas = replicasOf(deployment)
    return (
      spec.replicas === replicas &&
      metadata.annotations?.[annotation.desired] === String(replicas) &&
      (status?.availableReplicas ?? 0) === replicas
    )
  }

  /** Scales in the middle of things and reports, without moving a rollout on. */
  const hold = (): undefined => {
    const sets = reviseSets({ create: false })
    rescale(sets)
    if (deployment.spec.paused) forgetOldest(sets)
    return reportCounts(sets)
  }

  const reconcile = (): number | undefined => {
    if (deployment.metadata.deletionTimestamp) return reportCounts(reviseSets({ create: false }))
    notePause()
    if (deployment.spec.paused || isRescaled()) return hold()
    return deployment.spec.strategy?.type === 'Recreate' ? recreate() : roll()
  }

  return { reconcile }
}

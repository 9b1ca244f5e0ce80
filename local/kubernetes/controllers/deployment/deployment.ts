import { resources } from '../../store/resources.ts'
import type { Store } from '../../store/store.ts'
import { type Control, keyOf, type Running, runController } from '../control.ts'
import { controllerOf, isTerminal } from '../pods.ts'
import type { StoredReplicaSet } from '../replica-set.ts'
import { annotation, revisionOf, sizeOfReplicaSet } from '../revision-history.ts'
import { newReplicaSetSize, shrinkOld, spreadScaling } from './rolling-update.ts'
import { allOf, DeploymentRound, type Sets } from './round.ts'
import { boundsOf, deploymentCondition, hasDeadline, progress, replicasOf } from './status.ts'

/**
 * Rolls Deployments out through their ReplicaSets. The slowest of the controllers, as in a real cluster, where
 * each sees the others' work only through its cache.
 */
export const startDeploymentController = (control: Control): Running => {
  const { store } = control
  const record = control.events({ component: 'deployment-controller' })
  return runController(control, {
    resource: resources.deployments,
    latencyMs: 10,
    reconcile: (deployment) => reconcile(store, new DeploymentRound(control, record, deployment)),
    // Recreate waits for the last old pod to go, and pods are not the Deployment's own.
    wakes: ({ type, resource, object }) =>
      resource === resources.pods && type === 'DELETED' ? recreating(store, object.metadata.namespace) : [],
  })
}

const recreating = (store: Store, namespace: string | undefined): string[] =>
  store
    .list(resources.deployments, { namespace })
    .filter(({ spec }) => spec.strategy?.type === 'Recreate')
    .map(({ metadata }) => keyOf(metadata))

const reconcile = (store: Store, round: DeploymentRound): number | undefined => {
  if (round.deployment.metadata.deletionTimestamp)
    return round.reportCounts(round.reviseSets({ create: false }))
  notePause(round)
  const { spec } = round.deployment
  if (spec.paused || isRescaled(round)) return hold(round)
  return spec.strategy?.type === 'Recreate' ? recreate(store, round) : roll(round)
}

/** A pause stops the clock of the deadline, unless that was missed already. */
const notePause = (round: DeploymentRound): void => {
  const { spec, status } = round.deployment
  const reason = deploymentCondition(status, 'Progressing')?.reason
  if (!hasDeadline(round.deployment) || reason === 'ProgressDeadlineExceeded') return
  const noted = reason === 'DeploymentPaused'
  if (spec.paused && !noted) round.writeProgress(progress.paused)
  if (!spec.paused && noted) round.writeProgress(progress.resumed)
}

const isActiveSet = ({ spec }: StoredReplicaSet): boolean => (spec.replicas ?? 0) > 0

const roll = (round: DeploymentRound): number | undefined => {
  const sets = round.reviseSets({ create: true })
  const { fresh } = sets
  if (!fresh) return undefined
  const replicas = replicasOf(round.deployment)
  const bounds = boundsOf(round.deployment)
  const size = newReplicaSetSize(
    replicas,
    bounds,
    fresh.spec.replicas ?? 0,
    allOf(sets).map(sizeOfReplicaSet),
  )
  if (growNew(round, fresh, size)) return round.reportRollout(sets)
  const active = sets.old.filter(isActiveSet)
  if (round.resize(shrinkOld(replicas, bounds, active.map(sizeOfReplicaSet), sizeOfReplicaSet(fresh))))
    return round.reportRollout(sets)
  round.forgetOldest(sets)
  return round.reportRollout(sets)
}

const growNew = (round: DeploymentRound, { metadata, spec }: StoredReplicaSet, size: number): boolean =>
  size !== (spec.replicas ?? 0) && round.resize([{ name: metadata.name, to: size }])

const recreate = (store: Store, round: DeploymentRound): number | undefined => {
  const before = round.reviseSets({ create: false })
  if (shrinkToNothing(round, before) || oldPodsRemain(store, before)) return round.reportRollout(before)
  const sets = before.fresh ? before : round.reviseSets({ create: true })
  if (sets.fresh) growNew(round, sets.fresh, replicasOf(round.deployment))
  round.forgetOldest(sets)
  return round.reportRollout(sets)
}

const shrinkToNothing = (round: DeploymentRound, { old }: Sets): boolean =>
  round.resize(old.filter(isActiveSet).map(({ metadata }) => ({ name: metadata.name, to: 0 })))

const oldPodsRemain = (store: Store, { old }: Sets): boolean => {
  const uids = new Set(old.map(({ metadata }) => metadata.uid))
  return (
    old.some(({ status }) => (status?.replicas ?? 0) > 0) ||
    store
      .list(resources.pods, { namespace: old[0]?.metadata.namespace })
      .some((pod) => uids.has(controllerOf(pod.metadata)?.uid ?? '') && !isTerminal(pod))
  )
}

/** Whether the Deployment was scaled since its sets were sized. */
const isRescaled = (round: DeploymentRound): boolean =>
  round.claimed().some((set) => {
    const desired = set.metadata.annotations?.[annotation.desired]
    return isActiveSet(set) && desired !== undefined && desired !== String(replicasOf(round.deployment))
  })

/** Scales in the middle of things and reports, without moving a rollout on. */
const hold = (round: DeploymentRound): undefined => {
  const sets = round.reviseSets({ create: false })
  rescale(round, sets)
  if (round.deployment.spec.paused) round.forgetOldest(sets)
  return round.reportCounts(sets)
}

const rescale = (round: DeploymentRound, sets: Sets): void => {
  const { spec, status } = round.deployment
  const replicas = replicasOf(round.deployment)
  const active = allOf(sets).filter(isActiveSet)
  const latest = sets.old.toSorted((a, b) => revisionOf(b) - revisionOf(a))[0]
  const only = active.length === 0 ? (sets.fresh ?? latest) : active.length === 1 ? active[0] : undefined
  if (only) round.resize([{ name: only.metadata.name, to: replicas }])
  else if (sets.fresh && isSaturated(sets.fresh, replicas)) shrinkToNothing(round, sets)
  else if (active.length > 0 && spec.strategy?.type !== 'Recreate')
    round.resize(
      spreadScaling(
        replicas,
        boundsOf(round.deployment),
        active.map(sizeOfReplicaSet),
        status?.replicas ?? 0,
      ),
    )
}

/** A set that alone is the whole Deployment. */
const isSaturated = ({ spec, status, metadata }: StoredReplicaSet, replicas: number): boolean =>
  spec.replicas === replicas &&
  metadata.annotations?.[annotation.desired] === String(replicas) &&
  (status?.availableReplicas ?? 0) === replicas

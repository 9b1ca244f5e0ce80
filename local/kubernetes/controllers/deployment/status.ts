import type {
  Deployment,
  DeploymentCondition,
  DeploymentStatus as V1Status,
} from '../../../../core/kubernetes.ts'
import type { Stored } from '../../store/resources.ts'
import type { StoredReplicaSet } from '../replica-set.ts'
import { type Bounds, deploymentBounds } from './rolling-update.ts'

export type StoredDeployment = Stored<Deployment>

/** The status with the count that Kubernetes 1.35 added. */
export type StoredDeploymentStatus = V1Status & { terminatingReplicas?: number }

/** Kubernetes' way of saying that there is no deadline. */
const noDeadline = 2 ** 31 - 1

export const hasDeadline = ({ spec }: StoredDeployment): boolean =>
  spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== noDeadline

export const replicasOf = ({ spec }: StoredDeployment): number => spec.replicas ?? 1

/** The bounds of the Deployment's rolling update. Recreate has none: neither surge nor tolerated absence. */
export const boundsOf = (deployment: StoredDeployment): Bounds =>
  deployment.spec.strategy?.type === 'Recreate'
    ? { maxSurge: 0, maxUnavailable: 0 }
    : deploymentBounds(deployment.spec.strategy?.rollingUpdate, replicasOf(deployment))

export const deploymentCondition = (
  status: V1Status | undefined,
  type: string,
): DeploymentCondition | undefined => status?.conditions?.find((condition) => condition.type === type)

/** What a condition is to say. */
export interface ConditionChange {
  type: 'Available' | 'Progressing' | 'ReplicaFailure'
  status: 'True' | 'False' | 'Unknown'
  reason: string
  message: string
}

/**
 * The conditions with one of them set. The same status and reason again changes nothing, not even the message;
 * a new reason for the same status keeps the time of the transition.
 */
export const withCondition = (
  conditions: DeploymentCondition[] | undefined,
  verdict: ConditionChange,
  now: string,
): DeploymentCondition[] => {
  const present = conditions?.find(({ type }) => type === verdict.type)
  if (present?.status === verdict.status && present.reason === verdict.reason) return conditions ?? []
  const lastTransitionTime = (present?.status === verdict.status && present.lastTransitionTime) || now
  return [
    ...withoutCondition(conditions, verdict.type),
    { ...verdict, lastUpdateTime: now, lastTransitionTime },
  ]
}

const withoutCondition = (conditions: DeploymentCondition[] | undefined, type: string) =>
  (conditions ?? []).filter((condition) => condition.type !== type)

const progressing = (
  status: ConditionChange['status'],
  reason: string,
  message: string,
): ConditionChange => ({
  type: 'Progressing',
  status,
  reason,
  message,
})

/** What the Progressing condition says at the turning points that the controller itself brings about. */
export const progress = {
  created: (name: string) => progressing('True', 'NewReplicaSetCreated', `Created new replica set "${name}"`),
  found: (name: string) => progressing('True', 'FoundNewReplicaSet', `Found new replica set "${name}"`),
  paused: progressing('Unknown', 'DeploymentPaused', 'Deployment is paused'),
  resumed: progressing('Unknown', 'DeploymentResumed', 'Deployment is resumed'),
}

const sum = (sets: StoredReplicaSet[], of: (set: StoredReplicaSet) => number | undefined): number =>
  sets.reduce((total, set) => total + (of(set) ?? 0), 0)

/** The terminating pods of all sets; unknown until each set has counted its own. */
const terminating = (sets: StoredReplicaSet[]): number | undefined => {
  const counts = sets.map(
    ({ status }) => (status as { terminatingReplicas?: number } | undefined)?.terminatingReplicas,
  )
  return counts.every((count) => count !== undefined) ? counts.reduce((a, b) => a + b, 0) : undefined
}

/**
 * The counts that a Deployment shows for its ReplicaSets, as the API writes them: zero is left out, except for
 * the terminating pods. Conditions are those of the present status, with Available brought up to date.
 */
export const countsOf = (
  deployment: StoredDeployment,
  all: StoredReplicaSet[],
  fresh: StoredReplicaSet | undefined,
  now: string,
): StoredDeploymentStatus => {
  const replicas = sum(all, ({ status }) => status?.replicas)
  const updated = fresh?.status?.replicas ?? 0
  const ready = sum(all, ({ status }) => status?.readyReplicas)
  const available = sum(all, ({ status }) => status?.availableReplicas)
  const unavailable = Math.max(0, sum(all, ({ spec }) => spec.replicas) - available)
  const terminatingReplicas = terminating(all)
  const minimum = replicasOf(deployment) - boundsOf(deployment).maxUnavailable
  return {
    observedGeneration: deployment.metadata.generation ?? 1,
    ...(replicas && { replicas }),
    ...(updated && { updatedReplicas: updated }),
    ...(ready && { readyReplicas: ready }),
    ...(available && { availableReplicas: available }),
    ...(unavailable && { unavailableReplicas: unavailable }),
    ...(terminatingReplicas !== undefined && { terminatingReplicas }),
    conditions: withCondition(deployment.status?.conditions, availability(available >= minimum), now),
  }
}

const availability = (enough: boolean): ConditionChange =>
  enough
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      }

/** All wanted pods are of the new template and available, nothing old is left, and the newest spec was seen. */
export const isComplete = (
  deployment: StoredDeployment,
  status: StoredDeploymentStatus | undefined,
): boolean => {
  const replicas = replicasOf(deployment)
  return (
    (status?.updatedReplicas ?? 0) === replicas &&
    (status?.replicas ?? 0) === replicas &&
    (status?.availableReplicas ?? 0) === replicas &&
    (status?.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 1)
  )
}

const oldReplicas = ({ replicas = 0, updatedReplicas = 0 }: StoredDeploymentStatus) =>
  replicas - updatedReplicas

const hasMoved = (before: StoredDeploymentStatus, after: StoredDeploymentStatus): boolean =>
  (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
  oldReplicas(after) < oldReplicas(before) ||
  (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
  (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)

const deadlineMs = ({ spec }: StoredDeployment) => (spec.progressDeadlineSeconds ?? noDeadline) * 1000

const isOverdue = (deployment: StoredDeployment, status: StoredDeploymentStatus, now: number): boolean => {
  const condition = deploymentCondition(status, 'Progressing')
  if (!condition || condition.reason === 'NewReplicaSetAvailable') return false
  if (condition.reason === 'ProgressDeadlineExceeded') return true
  return Date.parse(condition.lastUpdateTime ?? '') + deadlineMs(deployment) < now
}

/**
 * The status of a rollout: the counts, the verdict on its progress, and what keeps a ReplicaSet from creating
 * pods. `before` is the status that the counts are compared with.
 */
export const rolloutStatus = (
  deployment: StoredDeployment,
  all: StoredReplicaSet[],
  fresh: StoredReplicaSet | undefined,
  now: number,
  timestamp: string,
): StoredDeploymentStatus => {
  const status = countsOf(deployment, all, fresh, timestamp)
  const conditions = withFailure(
    withProgress(deployment, status, fresh?.metadata.name, now, timestamp),
    all,
    fresh,
    timestamp,
  )
  return { ...status, conditions }
}

const withProgress = (
  deployment: StoredDeployment,
  status: StoredDeploymentStatus,
  fresh: string | undefined,
  now: number,
  timestamp: string,
): DeploymentCondition[] => {
  const { conditions } = status
  if (!hasDeadline(deployment)) return withoutCondition(conditions, 'Progressing')
  const present = deploymentCondition(deployment.status, 'Progressing')
  const settled =
    (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && present?.reason === 'NewReplicaSetAvailable'
  if (settled) return conditions ?? []
  const subject = fresh === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${fresh}"`
  if (isComplete(deployment, status)) {
    const done = progressing('True', 'NewReplicaSetAvailable', `${subject} has successfully progressed.`)
    return withCondition(conditions, done, timestamp)
  }
  if (hasMoved(deployment.status ?? {}, status)) {
    // Every step forward renews the condition, because its time is what the deadline counts from.
    const moving = progressing('True', 'ReplicaSetUpdated', `${subject} is progressing.`)
    const lastTransitionTime = (present?.status === 'True' && present.lastTransitionTime) || timestamp
    return [
      ...withoutCondition(conditions, 'Progressing'),
      { ...moving, lastUpdateTime: timestamp, lastTransitionTime },
    ]
  }
  if (isOverdue(deployment, status, now)) {
    const late = progressing('False', 'ProgressDeadlineExceeded', `${subject} has timed out progressing.`)
    return withCondition(conditions, late, timestamp)
  }
  return conditions ?? []
}

/** The new ReplicaSet's failure counts first, since it is the one that has to move. */
const withFailure = (
  conditions: DeploymentCondition[],
  all: StoredReplicaSet[],
  fresh: StoredReplicaSet | undefined,
  timestamp: string,
): DeploymentCondition[] => {
  const failures = [fresh, ...all].flatMap((set) => set?.status?.conditions ?? [])
  const failure = failures.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True')
  if (!failure) return withoutCondition(conditions, 'ReplicaFailure')
  const { reason = '', message = '' } = failure
  return withCondition(conditions, { type: 'ReplicaFailure', status: 'True', reason, message }, timestamp)
}

/** When to look again at a rollout that makes no progress: a second after its deadline, or not at all. */
export const untilOverdue = (
  deployment: StoredDeployment,
  status: StoredDeploymentStatus,
  now: number,
): number | undefined => {
  const condition = deploymentCondition(deployment.status, 'Progressing')
  if (!hasDeadline(deployment) || !condition) return undefined
  if (isComplete(deployment, status) || condition.reason === 'ProgressDeadlineExceeded') return undefined
  // The times of conditions have whole seconds, hence the second on top.
  const left = Date.parse(condition.lastUpdateTime ?? '') + deadlineMs(deployment) - now
  return left < 1000 ? Math.max(left, 0) + 5 : left + 1000
}

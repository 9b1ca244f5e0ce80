import * as z from 'zod'
import { InvalidRequest } from '../errors.ts'
import type { DaemonSet, Deployment, StatefulSet } from '../kubernetes.ts'

/** A workload as the API serves it; members of a list carry no `kind`. */
export type Workload = Deployment | DaemonSet | StatefulSet

/** How far a rollout is, in pods. `old` counts pods of earlier revisions that have not begun to terminate. */
export const RolloutCounts = z.object({
  desired: z.number(),
  updated: z.number(),
  available: z.number(),
  old: z.number(),
})
export type RolloutCounts = z.infer<typeof RolloutCounts>

/** Why a rollout will not be finished by waiting. */
export type RolloutFailure = 'deadline-exceeded' | 'paused' | 'on-delete' | 'scaled-to-zero'

export interface RolloutAssessment {
  state: 'progressing' | 'complete' | 'failed'
  /** In kubectl's own words wherever kubectl has some. */
  message: string
  /** Set where the state is failed. */
  reason?: RolloutFailure
  counts: RolloutCounts
}

export interface RolloutOptions {
  /** The generation that our own PATCH answered; an object whose controller has not seen it is not judged. */
  generation?: number | null
  /**
   * What `missedDeadline` said of the object that our own PATCH answered: the deadline of an earlier rollout.
   * A rollback to a ReplicaSet that exists keeps that condition until its first progress.
   */
  missedBefore?: string | null | undefined
  /** Whether a workload that wants no pods counts as complete, as it does for kubectl. */
  allowZero?: boolean
}

/**
 * Whether a workload has reached what its spec asks for: what `kubectl rollout status` says, in its order, and
 * stricter where kubectl says "done" too early: a paused Deployment, OnDelete, no desired pods, a StatefulSet
 * whose revisions differ. Throws InvalidRequest for any other kind of object.
 */
export const assessRollout = (object: Workload, options: RolloutOptions = {}): RolloutAssessment => {
  const rollout = view(object, options)
  const judge = (state: RolloutAssessment['state'], message: string, reason?: RolloutFailure) => ({
    state,
    message,
    ...(reason && { reason }),
    counts: rollout.counts,
  })
  const wanted = Math.max(object.metadata?.generation ?? 0, options.generation ?? 0)
  if ((object.status?.observedGeneration ?? 0) < wanted) {
    return judge('progressing', `Waiting for ${rollout.noun} spec update to be observed...`)
  }
  if (rollout.failure) return judge('failed', ...rollout.failure)
  if (rollout.waitingFor) return judge('progressing', rollout.waitingFor)
  if (rollout.counts.desired === 0 && !options.allowZero) {
    return judge('failed', `${rollout.title} wants no pods, so nothing was rolled out`, 'scaled-to-zero')
  }
  return judge('complete', rollout.done)
}

/** How a check found a rollout that it does not wait for: kubectl's words, without its "Waiting for". */
export const rolloutAsFound = ({ state, message }: RolloutAssessment): string =>
  state === 'progressing'
    ? `its rollout is not complete (${message.replace(/^Waiting for .* to finish: /, '').replace(/\.{3}$/, '')})`
    : message

/** What one kind's counts say, before the generation and the zero are considered. */
interface View {
  noun: string
  title: string
  counts: RolloutCounts
  failure: [message: string, reason: RolloutFailure] | undefined
  waitingFor: string | undefined
  done: string
}

const viewDeployment = (object: Deployment, { missedBefore }: RolloutOptions): View => {
  const { metadata, spec, status } = object
  const title = `deployment "${metadata?.name}"`
  const replicas = status?.replicas ?? 0
  const updated = status?.updatedReplicas ?? 0
  const available = status?.availableReplicas ?? 0
  const desired = spec?.replicas ?? 1
  const waiting = `Waiting for ${title} rollout to finish:`
  const waitingFor =
    updated < desired
      ? `${waiting} ${updated} out of ${desired} new replicas have been updated...`
      : replicas > updated
        ? `${waiting} ${replicas - updated} old replicas are pending termination...`
        : available < updated
          ? `${waiting} ${available} of ${updated} updated replicas are available...`
          : undefined
  const missed = missedDeadline(object)
  const failure: View['failure'] =
    missed !== undefined && missed !== missedBefore
      ? [`${title} exceeded its progress deadline`, 'deadline-exceeded']
      : spec?.paused && waitingFor
        ? [
            `${title} is paused, so its rollout does not progress (run kubectl rollout resume first)`,
            'paused',
          ]
        : undefined
  return {
    noun: 'deployment',
    title,
    counts: { desired, updated, available, old: Math.max(0, replicas - updated) },
    failure,
    waitingFor,
    done: `${title} successfully rolled out`,
  }
}

/** When a Deployment was found to have missed its progress deadline, by its own word; undefined for all others. */
export const missedDeadline = (object: Workload): string | undefined => {
  const missed = (object as Deployment).status?.conditions?.find(
    ({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded',
  )
  return missed && (missed.lastUpdateTime ?? '')
}

/** How long a workload itself lets its rollout make no progress, in milliseconds; 0 where it has no such deadline. */
export const ownDeadlineMs = (object: Workload): number => {
  const seconds = (object as Deployment).spec?.progressDeadlineSeconds ?? 0
  // By the largest int32 a Deployment says that it has no deadline.
  return seconds < 2 ** 31 - 1 ? seconds * 1000 : 0
}

const viewDaemonSet = ({ metadata, spec, status }: DaemonSet): View => {
  const title = `daemon set "${metadata?.name}"`
  const desired = status?.desiredNumberScheduled ?? 0
  const updated = status?.updatedNumberScheduled ?? 0
  const available = status?.numberAvailable ?? 0
  const waiting = `Waiting for ${title} rollout to finish:`
  return {
    noun: 'daemon set',
    title,
    counts: {
      desired,
      updated,
      available,
      old: Math.max(0, (status?.currentNumberScheduled ?? 0) - updated),
    },
    failure: onDelete(title, spec?.updateStrategy?.type, desired - updated),
    waitingFor:
      updated < desired
        ? `${waiting} ${updated} out of ${desired} new pods have been updated...`
        : available < desired
          ? `${waiting} ${available} of ${desired} updated pods are available...`
          : undefined,
    done: `${title} successfully rolled out`,
  }
}

const viewStatefulSet = ({ metadata, spec, status }: StatefulSet): View => {
  const title = `statefulset "${metadata?.name}"`
  const desired = spec?.replicas ?? 1
  const ready = status?.readyReplicas ?? 0
  const available = status?.availableReplicas ?? ready
  const revision = status?.updateRevision ?? ''
  const updated = status?.updatedReplicas ?? 0
  const rolling = spec?.updateStrategy?.type !== 'OnDelete'
  const partition = rolling ? (spec?.updateStrategy?.rollingUpdate?.partition ?? 0) : 0
  const partitioned = Math.max(0, desired - partition)
  const behind = rolling && partition === 0 && revision !== (status?.currentRevision ?? '')
  const waitingFor =
    ready < desired
      ? `Waiting for ${desired - ready} pods to be ready...`
      : updated < partitioned && spec?.updateStrategy?.rollingUpdate
        ? `Waiting for partitioned roll out to finish: ${updated} out of ${partitioned} new pods have been updated...`
        : behind || updated < partitioned
          ? `waiting for statefulset rolling update to complete ${updated} pods at revision ${revision}...`
          : available < desired
            ? `Waiting for ${desired - available} pods to be available...`
            : undefined
  return {
    noun: 'statefulset',
    title,
    counts: { desired, updated, available, old: Math.max(0, (status?.replicas ?? 0) - updated) },
    failure: onDelete(title, spec?.updateStrategy?.type, desired - updated),
    waitingFor,
    done: spec?.updateStrategy?.rollingUpdate
      ? `partitioned roll out complete: ${updated} new pods have been updated...`
      : `statefulset rolling update complete ${status?.currentReplicas ?? 0} pods at revision ${status?.currentRevision ?? ''}...`,
  }
}

const onDelete = (title: string, strategy: string | undefined, left: number): View['failure'] =>
  strategy === 'OnDelete' && left > 0
    ? [
        `${title} replaces a pod only when it is deleted (updateStrategy OnDelete): delete the ${left} pods of the old revision`,
        'on-delete',
      ]
    : undefined

const view = (object: Workload, options: RolloutOptions): View => {
  const kind = object.kind ?? kindByShape(object)
  switch (kind) {
    case 'Deployment':
      return viewDeployment(object as Deployment, options)
    case 'DaemonSet':
      return viewDaemonSet(object as DaemonSet)
    case 'StatefulSet':
      return viewStatefulSet(object as StatefulSet)
    default:
      throw new InvalidRequest(
        `${kind === undefined ? 'an object without kind' : `a ${kind}`} has no rollout; give a Deployment, DaemonSet or StatefulSet as the API serves it`,
      )
  }
}

/** Members of a list come without kind; these fields are always set by the API server's defaults. */
const kindByShape = (object: Workload): string | undefined => {
  const spec = object.spec ?? {}
  if ('podManagementPolicy' in spec) return 'StatefulSet'
  if ('updateStrategy' in spec) return 'DaemonSet'
  return 'strategy' in spec ? 'Deployment' : undefined
}

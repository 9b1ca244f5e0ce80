import type { DaemonSet, Deployment, Pod } from '../kubernetes.ts'
import { command } from '../text/shell.ts'
import { isReady } from './readiness.ts'
import { restartAnnotation } from './restart.ts'
import { assessRollout, type Workload } from './rollout.ts'
import { desiredPods, formatWorkloadRef, type WorkloadRef } from './workload.ts'

/** What is left of a run's changes, why, and the command that mends it or shows more. */
export interface Left {
  what: string
  error: string
  command: string
}

export interface AfterUndoFacts {
  ref: WorkloadRef
  namespace: string
  /** Undefined where it is no longer there. */
  workload: Workload | undefined
  /** How it was before the run. Older reports know of no counts. */
  before: { healthy: boolean; ready?: number; desired?: number }
  /** The generation that undo's own PATCH answered; null where undo left the template alone. */
  generation: number | null
  /** The deadline that the run's own rollout had missed, which is not held against the rollout back. */
  missedBefore: string | null
  /** Whether undo has put back nothing at all, so that nothing is on its way. */
  untouched: boolean
  /** Every value that the run may have given the restart annotation. */
  marks: readonly string[]
  /** All pods of the workload. */
  pods: readonly Pod[]
  /** For how long nothing has changed about the workload and its pods, in milliseconds. */
  quietMs: number
  /** Why the cluster would refuse a pod that is missing, and how to see more. */
  refusal?: { error: string; command?: string | undefined } | undefined
  /** Why its pods do not become ready. */
  diagnosis?: string | undefined
  /** Why a pod that only a deletion frees could not be deleted. */
  undeletable?: string | undefined
  /** Whether the time for the rollout back is over. */
  overdue: boolean
}

/** What to do next, or how the undo has ended. */
export type AfterUndo =
  | { action: 'wait' | 'as-before' | 'differs'; message: string }
  | { action: 'delete'; message: string; pods: Pod[] }
  | { action: 'leave'; message: string; left: Left }

/** Long enough for controllers to make their next move: what is still then waits for somebody. */
const quietEnoughMs = 10_000

/** How many pods of a workload are ready. */
export const readyPodsOf = (ref: WorkloadRef, { status }: Workload): number =>
  (ref.kind === 'DaemonSet'
    ? (status as DaemonSet['status'])?.numberReady
    : (status as Deployment['status'])?.readyReplicas) ?? 0

/** Compares a workload with what it was before a run whose changes are undone. */
export const judgeAfterUndo = (facts: AfterUndoFacts): AfterUndo => {
  const { ref, workload, before, generation } = facts
  const name = formatWorkloadRef(ref)
  if (!workload) return { action: 'differs', message: `${name} is no longer there: somebody has deleted it` }
  const rollout = assessRollout(workload, {
    generation,
    missedBefore: facts.missedBefore,
    allowZero: true,
  })
  const desired = desiredPods(ref, workload)
  const ready = readyPodsOf(ref, workload)
  const wanted = Math.min(before.ready ?? (before.healthy ? desired : 0), desired)
  const counts = `${name} has ${ready} of ${desired} pods ready${before.ready === undefined ? '' : `, and had ${before.ready}${before.desired === undefined ? '' : ` of ${before.desired}`} before`}`
  const leave = (error: string, show?: string): AfterUndo => ({
    action: 'leave',
    message: counts,
    left: { what: counts, error, command: show ?? describe(facts) },
  })
  const quiet = facts.quietMs >= quietEnoughMs
  if (
    (workload.status?.observedGeneration ?? 0) < Math.max(workload.metadata?.generation ?? 0, generation ?? 0)
  )
    return facts.overdue
      ? leave('no controller has looked at its restored pod template')
      : { action: 'wait', message: rollout.message }

  const marked = facts.pods.filter((pod) => !isTerminating(pod) && isMarked(pod, facts.marks))
  const enough = ready >= wanted && (!before.healthy || rollout.state === 'complete')
  if (enough && marked.length === 0) {
    const scaled = before.desired !== undefined && before.desired !== desired
    return scaled
      ? { action: 'differs', message: `${counts}: its size was changed by others` }
      : { action: 'as-before', message: counts }
  }
  if (!before.healthy && quiet) {
    const again = crashesAgain(facts, workload)
    // Its former revision does not become ready, as it did not before, and so the run's pods are not replaced.
    if (marked.length > 0 && (enough || again) && ref.kind !== 'StatefulSet')
      return {
        action: 'differs',
        message: `the rollout of ${name} was not complete before, and ${marked.length} of its pods still ${marked.length === 1 ? 'has' : 'have'} the restart of this run, since no pod of its earlier template becomes ready`,
      }
    // What crashes may have been ready for a moment when it was counted, and need not be so again.
    if (marked.length === 0 && again)
      return {
        action: 'differs',
        message: `${counts}; its rollout was not complete before, and pods of its earlier template crash`,
      }
  }

  const stuck = quiet ? onlyFreedByDeletion(facts, workload) : []
  if (stuck.length > 0) {
    const names = stuck.map(({ metadata }) => metadata?.name ?? '')
    const message = `${names.join(', ')} of the failed restart ${names.length === 1 ? 'keeps' : 'keep'} ${name} from going on: Kubernetes replaces such a pod only when it is deleted`
    if (facts.undeletable === undefined && !facts.overdue) return { action: 'delete', message, pods: stuck }
    return leave(
      facts.undeletable === undefined
        ? message
        : `${message}, and podid may not do so (manifests/pod-deletion would let it): ${facts.undeletable}`,
      command`kubectl delete pod ${names} -n ${facts.namespace}`,
    )
  }
  if (rollout.state === 'failed')
    return leave(
      [rollout.message, facts.diagnosis].filter(Boolean).join('; '),
      rollout.reason === 'paused' ? command`kubectl rollout resume ${name} -n ${facts.namespace}` : undefined,
    )
  if (facts.refusal && quiet) return leave(facts.refusal.error, facts.refusal.command)
  if (generation === null && marked.length === 0 && (quiet || isStill(facts, workload)))
    return {
      action: 'differs',
      message: `${counts}; its pod template does not have the restart of this run, and was left as it is`,
    }
  return facts.overdue
    ? leave([rollout.message, facts.diagnosis].filter(Boolean).join('; '))
    : { action: 'wait', message: rollout.message }
}

/** Whether a look at what refuses its pods is worth it: some are missing, and none is still going. */
export const isShort = (ref: WorkloadRef, workload: Workload, pods: readonly Pod[]): boolean =>
  !pods.some(isTerminating) && pods.length < desiredPods(ref, workload)

/** Whether nothing is on its way: the undo changed nothing, and no pod is going or missing. */
const isStill = ({ untouched, ref, pods }: AfterUndoFacts, workload: Workload): boolean =>
  untouched && !pods.some(isTerminating) && !isShort(ref, workload, pods)

const isTerminating = ({ metadata }: Pod): boolean => metadata?.deletionTimestamp !== undefined

/** Whether all of its pods are there, and those that are not ready have crashed, one of the restored template among them. */
const crashesAgain = ({ ref, pods, marks }: AfterUndoFacts, workload: Workload): boolean => {
  if (isShort(ref, workload, pods)) return false
  const unready = pods.filter((pod) => !isTerminating(pod) && !isReady(pod))
  return unready.every(hasCrashed) && unready.some((pod) => !isMarked(pod, marks))
}

const hasCrashed = ({ status }: Pod): boolean =>
  [status?.initContainerStatuses, status?.containerStatuses].some((containers) =>
    containers?.some(({ restartCount }) => restartCount > 0),
  )

const isMarked = ({ metadata }: Pod, marks: readonly string[]): boolean =>
  marks.some((mark) => mark === metadata?.annotations?.[restartAnnotation])

/**
 * A StatefulSet waits for each of its pods to become ready before it touches another, those of a template that has
 * been taken back among them.
 * https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
 */
const onlyFreedByDeletion = ({ ref, pods, marks }: AfterUndoFacts, workload: Workload): Pod[] => {
  if (ref.kind !== 'StatefulSet') return []
  const { updateRevision } = (workload.status ?? {}) as { updateRevision?: string }
  return pods.filter(
    (pod) =>
      !isTerminating(pod) &&
      !isReady(pod) &&
      isMarked(pod, marks) &&
      pod.metadata?.labels?.['controller-revision-hash'] !== updateRevision,
  )
}

const describe = ({ ref, namespace }: AfterUndoFacts): string =>
  command`kubectl describe ${formatWorkloadRef(ref)} -n ${namespace}`

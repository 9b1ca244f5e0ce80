import { isReady } from '../../../core/workload/readiness.ts'
import { conditionOf, type StoredPod } from './pods.ts'

const phases = ['Pending', 'Unknown', 'Running']

const deletionCost = ({ metadata }: StoredPod): number =>
  Number.parseInt(metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? '0', 10) || 0

const restarts = ({ status }: StoredPod): number =>
  Math.max(0, ...(status?.containerStatuses ?? []).map(({ restartCount }) => restartCount))

const readyAt = (pod: StoredPod): number =>
  isReady(pod) ? Date.parse(conditionOf(pod, 'Ready')?.lastTransitionTime ?? '') : 0

/**
 * The pods of a ReplicaSet in the order in which it gives them up: unassigned, pending and unready ones before
 * others, then the cheaper, those that share a node, those that were ready for a shorter time, those that
 * restarted more often, and the younger.
 * https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#scaling-a-replicaset
 */
export const deletionOrder = (pods: StoredPod[], related: StoredPod[]): StoredPod[] => {
  const byNode = Map.groupBy(related, ({ spec }) => spec.nodeName ?? '')
  const onNode = ({ spec: { nodeName } }: StoredPod) => (nodeName ? (byNode.get(nodeName)?.length ?? 0) : 0)
  return pods.toSorted(
    (a, b) =>
      Number(Boolean(a.spec.nodeName)) - Number(Boolean(b.spec.nodeName)) ||
      phases.indexOf(a.status?.phase ?? '') - phases.indexOf(b.status?.phase ?? '') ||
      Number(isReady(a)) - Number(isReady(b)) ||
      deletionCost(a) - deletionCost(b) ||
      onNode(b) - onNode(a) ||
      readyAt(b) - readyAt(a) ||
      restarts(b) - restarts(a) ||
      b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp),
  )
}

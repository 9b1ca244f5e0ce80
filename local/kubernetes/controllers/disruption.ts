import type { PodDisruptionBudget } from '../../../core/kubernetes.ts'
import { isReady } from '../../../core/workload/readiness.ts'
import { type ResourceKind, resources, type Stored } from '../store/resources.ts'
import { selects } from '../store/selectors.ts'
import { type Control, keyOf, type Running, runController } from './control.ts'
import { resolveAmount } from './deployment/rolling-update.ts'
import { controllerOf, isTerminal, type StoredPod } from './pods.ts'

/** Writes into each PodDisruptionBudget's status how many of its pods may be evicted now. */
export const startDisruptionController = (control: Control): Running => {
  const { store } = control
  return runController(control, {
    resource: resources.poddisruptionbudgets,
    latencyMs: 5,
    reconcile: (budget) => {
      const { namespace, name } = budget.metadata
      const pods = store
        .list(resources.pods, { namespace, labels: budget.spec.selector })
        .filter((pod) => !isTerminal(pod))
      const expectedPods = expectedOf(control, pods)
      const currentHealthy = pods.filter((pod) => isReady(pod) && !pod.metadata.deletionTimestamp).length
      const desiredHealthy = desiredOf(budget.spec, expectedPods)
      store.updateStatus(resources.poddisruptionbudgets, namespace, name, (status) => ({
        ...status,
        observedGeneration: budget.metadata.generation ?? 1,
        disruptionsAllowed: expectedPods > 0 ? Math.max(0, currentHealthy - desiredHealthy) : 0,
        currentHealthy,
        desiredHealthy,
        expectedPods,
      }))
      return undefined
    },
    wakes: ({ resource, object }) =>
      resource !== resources.pods
        ? []
        : store
            .list(resources.poddisruptionbudgets, { namespace: object.metadata.namespace })
            .filter(({ spec }) => selects(spec.selector, object.metadata.labels))
            .map(({ metadata }) => keyOf(metadata)),
  })
}

/** How many pods the controllers of these pods want; a pod without one counts for itself. */
const expectedOf = ({ store }: Control, pods: StoredPod[]): number => {
  const counted = new Map<string, number>()
  for (const { metadata } of pods) {
    const owner = controllerOf(metadata)
    const kind = ([resources.replicasets, resources.statefulsets] as ResourceKind[]).find(
      (one) => one.kind === owner?.kind,
    )
    const wanted =
      owner && kind
        ? (store.get(kind, metadata.namespace, owner.name) as { spec?: { replicas?: number } } | undefined)
        : undefined
    counted.set(wanted && owner ? owner.uid : metadata.uid, wanted?.spec?.replicas ?? 1)
  }
  return [...counted.values()].reduce((sum, count) => sum + count, 0)
}

const desiredOf = (
  { minAvailable, maxUnavailable }: Stored<PodDisruptionBudget>['spec'],
  expected: number,
): number => {
  if (minAvailable !== undefined) return resolveAmount(minAvailable, expected, 'up')
  if (maxUnavailable !== undefined)
    return Math.max(0, expected - resolveAmount(maxUnavailable, expected, 'up'))
  return 0
}

import { isReady } from '../../../core/workload/readiness.ts'
import type { RecordEvent } from '../store/events.ts'
import { type KubernetesObject, resources } from '../store/resources.ts'
import { type Control, type Running, runController } from './control.ts'
import { isTerminal, type StoredPod } from './pods.ts'
import { isNodeReady, type StoredNode, tolerationOf } from './scheduler/fitting.ts'

/**
 * Looks after the pods of nodes that fall silent: they count as unready at once, and are deleted when they no
 * longer tolerate it, which by default is after five minutes. Nobody is there to end them, so they stay
 * Terminating until the node is back or gone.
 */
export const startNodeLifecycleController = (control: Control): Running => {
  const { store, clock } = control
  const record = control.events({ component: 'node-controller' })
  const evicting = control.events({ component: 'taint-eviction-controller' })
  return runController(control, {
    resource: resources.nodes,
    latencyMs: 5,
    reconcile: (node) => {
      const { name } = node.metadata
      markTaints(control, node)
      if (isNodeReady(node)) return undefined
      const pods = store.list(resources.pods).filter((pod) => pod.spec.nodeName === name && !isTerminal(pod))
      for (const pod of pods) if (isReady(pod)) markUnready(control, record, pod)
      const waits = pods
        .filter(({ metadata }) => !metadata.deletionTimestamp)
        .map((pod) => evictWhenDue(control, evicting, pod, untilEviction(node, pod, clock.now())))
      return Math.min(...waits) === Number.POSITIVE_INFINITY ? undefined : Math.min(...waits)
    },
  })
}

/** Taints that a cluster gives its nodes, and takes from them, by whether they report. */
const taintPrefix = 'node.kubernetes.io/'
const ownTaints = new Set(['not-ready', 'unreachable', 'unschedulable'].map((name) => taintPrefix + name))

const markTaints = ({ store }: Control, node: StoredNode) => {
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')
  const lost = ready === undefined || ready.status === 'True' ? undefined : lostTaint(ready.status)
  const present = node.spec.taints ?? []
  const taints = [
    ...present.filter(({ key }) => !ownTaints.has(key)),
    ...(node.spec.unschedulable ? [{ key: `${taintPrefix}unschedulable`, effect: 'NoSchedule' }] : []),
    ...(lost ? ['NoSchedule', 'NoExecute'].map((effect) => ({ key: lost, effect })) : []),
  ]
  const shape = (list: { key: string; effect: string }[]) =>
    list.map(({ key, effect }) => `${key}:${effect}`).sort()
  if (shape(present).join() === shape(taints).join()) return
  store.mutate(
    resources.nodes,
    undefined,
    node.metadata.name,
    ({ spec: { taints: _, ...spec }, ...draft }) => ({
      ...draft,
      spec: { ...spec, ...(taints.length > 0 ? { taints } : {}) },
    }),
  )
}

const lostTaint = (status: string): string =>
  `${taintPrefix}${status === 'False' ? 'not-ready' : 'unreachable'}`

const markUnready = ({ store }: Control, record: RecordEvent, pod: StoredPod) => {
  record(pod as KubernetesObject, { type: 'Warning', reason: 'NodeNotReady', message: 'Node is not ready' })
  store.updateStatus(resources.pods, pod.metadata.namespace, pod.metadata.name, (status) => ({
    ...status,
    conditions: (status.conditions ?? []).map((condition) =>
      condition.type === 'Ready'
        ? { ...condition, status: 'False', lastTransitionTime: store.timestamp() }
        : condition,
    ),
  }))
}

/** Milliseconds for which the pod still bears with its node; Infinity for those that always will. */
const untilEviction = (node: StoredNode, pod: StoredPod, now: number): number => {
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')
  const key = lostTaint(ready?.status ?? 'Unknown')
  const toleration = tolerationOf(pod.spec.tolerations, { key, effect: 'NoExecute' })
  if (toleration && toleration.tolerationSeconds === undefined) return Number.POSITIVE_INFINITY
  const since = Date.parse(ready?.lastTransitionTime ?? '')
  return Math.max(0, since + (toleration?.tolerationSeconds ?? 0) * 1000 - now)
}

/** Deletes the pod when its time is up; returns how long to wait for it. */
const evictWhenDue = ({ store }: Control, record: RecordEvent, pod: StoredPod, wait: number): number => {
  if (wait > 0) return wait
  const { namespace, name } = pod.metadata
  const message = `Marking for deletion Pod ${namespace}/${name}`
  record(pod as KubernetesObject, { type: 'Normal', reason: 'TaintManagerEviction', message })
  store.delete(resources.pods, namespace, name)
  return Number.POSITIVE_INFINITY
}

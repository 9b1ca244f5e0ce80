import type { RecordEvent } from '../store/events.ts'
import { resources } from '../store/resources.ts'
import { type Control, keyOf, type Running, runController } from './control.ts'
import { conditionOf, controllerOf, isTerminal, type StoredPod } from './pods.ts'
import { misfit, type StoredNode, unschedulable } from './scheduling.ts'

/** Binds pods to nodes, and says why where it cannot. */
export const startScheduler = (control: Control): Running => {
  const { store, events } = control
  const bound = events({ component: 'default-scheduler', action: 'Binding' })
  const failed = events({ component: 'default-scheduler', action: 'Scheduling' })
  return runController(control, {
    resource: resources.pods,
    latencyMs: 5,
    reconcile: (namespace, name) => {
      const pod = store.get(resources.pods, namespace, name)
      if (!pod || !isWaiting(pod)) return undefined
      const node = choose(control, pod)
      if (typeof node === 'string') reject(control, failed, pod, node)
      else bind(control, bound, pod, node)
      return undefined
    },
    wakes: ({ resource }) =>
      resource === resources.nodes
        ? store
            .list(resources.pods)
            .filter(isWaiting)
            .map(({ metadata }) => keyOf(metadata))
        : [],
  })
}

const isWaiting = (pod: StoredPod): boolean =>
  !pod.spec.nodeName && !isTerminal(pod) && pod.metadata.deletionTimestamp === undefined

/** The node with the fewest pods of the same controller, then with the fewest pods; or why there is none. */
const choose = ({ store }: Control, pod: StoredPod): StoredNode | string => {
  const nodes = store.list(resources.nodes)
  const misfits = nodes.map((node) => misfit(pod.spec, node))
  const fitting = nodes.filter((_node, index) => misfits[index] === undefined)
  if (fitting.length === 0) return unschedulable(misfits.filter((reason) => reason !== undefined))
  const placed = store.list(resources.pods).filter((one) => !isTerminal(one))
  const controller = controllerOf(pod.metadata)?.uid
  const load = ({ metadata: { name } }: StoredNode) => {
    const here = placed.filter(({ spec }) => spec.nodeName === name)
    const siblings = here.filter((one) => controllerOf(one.metadata)?.uid === controller)
    return siblings.length * 10_000 + here.length
  }
  return fitting.reduce((best, node) => (load(node) < load(best) ? node : best))
}

const topologyLabel = /^topology\.kubernetes\.io\/(region|zone)$/

const bind = ({ store }: Control, record: RecordEvent, pod: StoredPod, node: StoredNode) => {
  const { namespace, name } = pod.metadata
  const topology = Object.entries(node.metadata.labels ?? {}).filter(([key]) => topologyLabel.test(key))
  store.bind(namespace, name, node.metadata.name, Object.fromEntries(topology))
  record(pod, {
    type: 'Normal',
    reason: 'Scheduled',
    message: `Successfully assigned ${namespace}/${name} to ${node.metadata.name}`,
  })
}

const reject = ({ store }: Control, record: RecordEvent, pod: StoredPod, message: string) => {
  const present = conditionOf(pod, 'PodScheduled')
  if (present?.message === message) return
  record(pod, { type: 'Warning', reason: 'FailedScheduling', message })
  const { namespace, name } = pod.metadata
  const lastTransitionTime = present?.lastTransitionTime ?? store.timestamp()
  store.updateStatus(resources.pods, namespace, name, (status) => ({
    ...status,
    conditions: [
      ...(status.conditions ?? []).filter(({ type }) => type !== 'PodScheduled'),
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, lastTransitionTime },
    ],
  }))
}

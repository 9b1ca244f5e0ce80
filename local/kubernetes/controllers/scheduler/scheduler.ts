import type { RecordEvent } from '../../store/events.ts'
import { resources } from '../../store/resources.ts'
import { type Control, keyOf, type Running, runController } from '../control.ts'
import { conditionOf, controllerOf, isTerminal, type StoredPod } from '../pods.ts'
import { misfit, type StoredNode, unschedulable } from './fitting.ts'
import { lacking, victimsOn } from './node-room.ts'

/** Binds pods to nodes, and says why where it cannot. */
export const startScheduler = (control: Control): Running => {
  const { store, events } = control
  const bound = events({ component: 'default-scheduler', action: 'Binding' })
  const failed = events({ component: 'default-scheduler', action: 'Scheduling' })
  const preempted = events({ component: 'default-scheduler', action: 'Preempting' })
  return runController(control, {
    resource: resources.pods,
    latencyMs: 5,
    reconcile: (pod) => {
      if (!isWaiting(pod)) return undefined
      const { node, message, room } = choose(control, pod)
      if (node) bind(control, bound, pod, node)
      else reject(control, failed, pod, message)
      if (room) makeRoom(control, preempted, pod, room)
      return undefined
    },
    wakes: ({ resource, type, object }) =>
      resource === resources.nodes || (resource === resources.pods && leavesRoom(type, object as StoredPod))
        ? store
            .list(resources.pods)
            .filter(isWaiting)
            .map(({ metadata }) => keyOf(metadata))
        : [],
  })
}

const leavesRoom = (type: string, pod: StoredPod): boolean =>
  Boolean(pod.spec.nodeName) && (type === 'DELETED' || isTerminal(pod))

const isWaiting = (pod: StoredPod): boolean =>
  !pod.spec.nodeName &&
  (pod.spec.schedulerName ?? schedulerName) === schedulerName &&
  !isTerminal(pod) &&
  pod.metadata.deletionTimestamp === undefined

const schedulerName = 'default-scheduler'
const asScheduler = { manager: 'kube-scheduler' }

/** A node for a pod; or why there is none, and where room can be made by others' leaving. */
interface Choice {
  node?: StoredNode
  message: string
  room?: { node: StoredNode; victims: StoredPod[] }
}

/** The node with the fewest pods of the same controller, then with the fewest pods. */
const choose = ({ store }: Control, pod: StoredPod): Choice => {
  const nodes = store.list(resources.nodes)
  const placed = store.list(resources.pods).filter((one) => one.spec.nodeName && !isTerminal(one))
  const byNode = Map.groupBy(placed, ({ spec }) => spec.nodeName)
  const on = ({ metadata: { name } }: StoredNode) => byNode.get(name) ?? []
  const unfit = nodes.map((node) => misfit(pod.spec, node))
  const short = nodes.map((node, index) => (unfit[index] === undefined ? lacking(pod, node, on(node)) : []))
  const fitting = nodes.filter((_node, index) => unfit[index] === undefined && short[index]?.length === 0)
  if (fitting.length === 0) {
    const rooms = nodes.flatMap((node, index) => {
      const victims = short[index]?.length ? victimsOn(pod, node, on(node)) : undefined
      return victims ? [{ node, victims }] : []
    })
    const [room] = rooms.toSorted((a, b) => a.victims.length - b.victims.length)
    const reasons = nodes.map((_node, index) => unfit[index] ?? short[index] ?? [])
    return { message: unschedulable(reasons, room !== undefined), ...(room ? { room } : {}) }
  }
  const controller = controllerOf(pod.metadata)?.uid
  const loads = fitting.map((node) => {
    const here = on(node)
    const siblings = here.filter((one) => controllerOf(one.metadata)?.uid === controller)
    return siblings.length * 10_000 + here.length
  })
  const node = fitting[loads.indexOf(Math.min(...loads))]
  return { ...(node ? { node } : {}), message: '' }
}

/** Sends away the less important pods in whose place the pod fits; it is bound when they are gone. */
const makeRoom = (
  { store }: Control,
  record: RecordEvent,
  pod: StoredPod,
  { node, victims }: NonNullable<Choice['room']>,
) => {
  for (const victim of victims) {
    if (victim.metadata.deletionTimestamp !== undefined) continue
    const { namespace, name } = victim.metadata
    const message = `Preempted by pod ${pod.metadata.uid} on node ${node.metadata.name}`
    record(victim, { type: 'Normal', reason: 'Preempted', message })
    store.delete(resources.pods, namespace, name)
  }
  const { namespace, name } = pod.metadata
  const nominatedNodeName = node.metadata.name
  store.updateStatus(
    resources.pods,
    namespace,
    name,
    (status) => ({ ...status, nominatedNodeName }),
    asScheduler,
  )
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
  const unscheduled = (status: NonNullable<StoredPod['status']>) => ({
    ...status,
    conditions: [
      ...(status.conditions ?? []).filter(({ type }) => type !== 'PodScheduled'),
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, lastTransitionTime },
    ],
  })
  store.updateStatus(resources.pods, namespace, name, unscheduled, asScheduler)
}

import type { DaemonSet, DaemonSetStatus, Pod, PodSpec, Toleration } from '../../../../core/kubernetes.ts'
import { isReady } from '../../../../core/workload/readiness.ts'
import type { RecordEvent } from '../../store/events.ts'
import { type KubernetesObject, resources, type Stored } from '../../store/resources.ts'
import { StatusError } from '../../store/status.ts'
import { controllerManager } from '../../store/store.ts'
import { attempt, type Control, keyOf, type Running, runController } from '../control.ts'
import {
  reviseHistory,
  type StoredRevision,
  type TemplateHistory,
  truncateHistory,
} from '../deployment/revisions.ts'
import { claim, isAvailable, isTerminal, nextAvailability, podFrom, type StoredPod } from '../pods.ts'
import { misfit, type StoredNode } from '../scheduler/fitting.ts'
import { daemonBounds, daemonStep, type PodsByNode } from './update.ts'

type StoredDaemonSet = Stored<DaemonSet>

const hashLabel = 'controller-revision-hash'

/** Keeps one pod of each DaemonSet on every node that it may run on. */
export const startDaemonSetController = (control: Control): Running => {
  const record = control.events({ component: 'daemonset-controller' })
  return runController(control, {
    resource: resources.daemonsets,
    latencyMs: 5,
    reconcile: (set) => (set.metadata.deletionTimestamp ? undefined : reconcile(control, record, set)),
    wakes: ({ resource }) =>
      resource === resources.nodes
        ? control.store.list(resources.daemonsets).map(({ metadata }) => keyOf(metadata))
        : [],
  })
}

const reconcile = (control: Control, record: RecordEvent, set: StoredDaemonSet): number | undefined => {
  const { store, clock } = control
  const history = reviseHistory(store, set, hashLabel)
  const hash = history.current.metadata.labels?.[hashLabel] ?? ''
  const nodes = store.list(resources.nodes)
  const pods = claim(store, resources.pods, set as KubernetesObject, set.spec.selector)
  // A pod that has ended while it was being deleted has made room already.
  const present = pods.filter((pod) => !(isTerminal(pod) && pod.metadata.deletionTimestamp))
  const byNode = groupByNode(nodes, present)
  const act = actions(control, record, set, hash)
  // The status is written also where pods could not be created.
  const failure = attempt(() => {
    place(act, set, nodes, byNode)
    if (set.spec.updateStrategy?.type !== 'OnDelete') update(act, set, nodes, byNode, hash, clock.now())
  })
  forgetOldest(store, set, history, pods)
  const status = statusOf(set, nodes, byNode, hash, clock.now())
  store.updateStatus(resources.daemonsets, set.metadata.namespace, set.metadata.name, () => status)
  if (failure) throw failure
  return nextAvailability(present, set.spec.minReadySeconds ?? 0, clock.now())
}

interface Actions {
  create(node: string): void
  remove(pod: StoredPod): void
}

const actions = ({ store }: Control, record: RecordEvent, set: StoredDaemonSet, hash: string): Actions => {
  const removed = new Set<string>()
  return {
    create: (node) => {
      try {
        const { metadata } = store.create(resources.pods, daemonPod(set, node, hash), {
          manager: controllerManager,
        })
        record(set as KubernetesObject, {
          type: 'Normal',
          reason: 'SuccessfulCreate',
          message: `Created pod: ${metadata.name}`,
        })
      } catch (error) {
        if (!(error instanceof StatusError)) throw error
        const message = `Error creating: ${error.message}`
        record(set as KubernetesObject, { type: 'Warning', reason: 'FailedCreate', message })
        throw error
      }
    },
    remove: ({ metadata }) => {
      if (metadata.deletionTimestamp || removed.has(metadata.uid)) return
      removed.add(metadata.uid)
      store.delete(resources.pods, metadata.namespace, metadata.name)
      record(set as KubernetesObject, {
        type: 'Normal',
        reason: 'SuccessfulDelete',
        message: `Deleted pod: ${metadata.name}`,
      })
    },
  }
}

/** Every node's pods, oldest first; nodes without any have an empty list. */
const groupByNode = (nodes: StoredNode[], pods: StoredPod[]): PodsByNode => {
  const groups = new Map<string, StoredPod[]>(nodes.map(({ metadata }) => [metadata.name, []]))
  for (const pod of pods) groups.get(nodeOf(pod))?.push(pod)
  for (const group of groups.values())
    group.sort((a, b) => a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp))
  return groups
}

/** The node that a pod runs on, or that it was made for. */
const nodeOf = ({ spec }: StoredPod): string =>
  spec.nodeName ??
  spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms[0]
    ?.matchFields?.[0]?.values?.[0] ??
  ''

/** Puts missing pods on their nodes, and takes away those that are too many or in the wrong place. */
const place = (act: Actions, set: StoredDaemonSet, nodes: StoredNode[], byNode: PodsByNode) => {
  const surging = hasSurge(set)
  for (const node of nodes) {
    const pods = byNode.get(node.metadata.name) ?? []
    const wanted = wantsNode(set, node)
    if (wanted && pods.length === 0) act.create(node.metadata.name)
    if (!wanted && !mayStay(set, node)) pods.forEach(act.remove)
    for (const pod of pods) if (isTerminal(pod)) act.remove(pod)
    if (!surging)
      pods
        .filter((pod) => !isTerminal(pod))
        .slice(1)
        .forEach(act.remove)
  }
}

const hasSurge = ({ spec }: StoredDaemonSet): boolean =>
  spec.updateStrategy?.type !== 'OnDelete' && daemonBounds(spec.updateStrategy?.rollingUpdate, 1).maxSurge > 0

const update = (
  act: Actions,
  set: StoredDaemonSet,
  nodes: StoredNode[],
  byNode: PodsByNode,
  hash: string,
  now: number,
) => {
  const desired = nodes.filter((node) => wantsNode(set, node))
  const wanted = new Map(desired.map(({ metadata: { name } }) => [name, byNode.get(name) ?? []]))
  const { remove, surge } = daemonStep(wanted, {
    bounds: daemonBounds(set.spec.updateStrategy?.rollingUpdate, desired.length),
    isNew: ({ metadata }) => metadata.labels?.[hashLabel] === hash,
    minReadySeconds: set.spec.minReadySeconds ?? 0,
    now,
  })
  remove.forEach(act.remove)
  surge.forEach(act.create)
}

const templateSpec = (set: StoredDaemonSet): PodSpec => set.spec.template.spec ?? { containers: [] }

/** Whether the set should have a pod on the node: selector, affinity and taints, as a daemon tolerates them. */
const wantsNode = (set: StoredDaemonSet, node: StoredNode): boolean => {
  const spec = templateSpec(set)
  return misfit({ ...spec, tolerations: daemonTolerations(spec) }, node) === undefined
}

/** A pod that is there may stay under a taint that only keeps new ones away. */
const mayStay = (set: StoredDaemonSet, node: StoredNode): boolean => {
  const taints = (node.spec.taints ?? []).filter(({ effect }) => effect === 'NoExecute')
  return wantsNode(set, { ...node, spec: { ...node.spec, taints } })
}

/** A daemon runs where others may not: on nodes that are silent, full or cordoned. */
const daemonTolerations = (spec: PodSpec): Toleration[] => [
  ...(spec.tolerations ?? []),
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  ...['disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'].map((name) => ({
    key: `node.kubernetes.io/${name}`,
    operator: 'Exists',
    effect: 'NoSchedule',
  })),
  ...(spec.hostNetwork
    ? [{ key: 'node.kubernetes.io/network-unavailable', operator: 'Exists', effect: 'NoSchedule' }]
    : []),
]

const daemonPod = (set: StoredDaemonSet, node: string, hash: string): Pod => {
  const pod = podFrom(set.spec.template, set as KubernetesObject, {
    [hashLabel]: hash,
    'pod-template-generation': set.metadata.annotations?.['deprecated.daemonset.template.generation'] ?? '1',
  })
  const spec = templateSpec(set)
  const nodeAffinity = {
    ...spec.affinity?.nodeAffinity,
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }],
    },
  }
  return {
    ...pod,
    spec: { ...spec, tolerations: daemonTolerations(spec), affinity: { ...spec.affinity, nodeAffinity } },
  }
}

const forgetOldest = (
  store: Control['store'],
  set: StoredDaemonSet,
  { old }: TemplateHistory,
  pods: StoredPod[],
) => {
  const hashes = new Set(pods.map(({ metadata }) => metadata.labels?.[hashLabel]))
  const isUsed = ({ metadata }: StoredRevision) => hashes.has(metadata.labels?.[hashLabel])
  truncateHistory(store, old, set.spec.revisionHistoryLimit ?? 10, isUsed)
}

/** What the API shows of a DaemonSet with these pods; the later counts are left out while zero. */
const statusOf = (
  set: StoredDaemonSet,
  nodes: StoredNode[],
  byNode: PodsByNode,
  hash: string,
  now: number,
): DaemonSetStatus => {
  const first = (node: StoredNode) => byNode.get(node.metadata.name)?.[0]
  const desired = nodes.filter((node) => wantsNode(set, node))
  const scheduled = desired.map(first).filter((pod) => pod !== undefined)
  const misscheduled = nodes.filter((node) => !desired.includes(node) && first(node)).length
  const available = scheduled.filter((pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, now)).length
  const updated = scheduled.filter(({ metadata }) => metadata.labels?.[hashLabel] === hash).length
  const unavailable = desired.length - available
  return {
    currentNumberScheduled: scheduled.length,
    numberMisscheduled: misscheduled,
    desiredNumberScheduled: desired.length,
    numberReady: scheduled.filter(isReady).length,
    observedGeneration: set.metadata.generation ?? 1,
    ...(updated && { updatedNumberScheduled: updated }),
    ...(available && { numberAvailable: available }),
    ...(unavailable && { numberUnavailable: unavailable }),
  }
}

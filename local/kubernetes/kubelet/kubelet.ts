import type { NodeCondition } from '../../../core/kubernetes.ts'
import type { LocalClock } from '../../clock.ts'
import type { Trouble } from '../../trouble.ts'
import type { StoredPod } from '../controllers/pods.ts'
import { isNodeReady, type StoredNode } from '../controllers/scheduler/fitting.ts'
import type { EventRecorder } from '../store/events.ts'
import { type KubernetesObject, resources } from '../store/resources.ts'
import { StatusError } from '../store/status.ts'
import { controllerManager, type Store, type StoreEvent } from '../store/store.ts'
import { guardedBehaviour, type PodBehaviour } from './behaviour.ts'
import { nodeLeases } from './leases.ts'
import { type HangingLog, hangingLog, type LogOptions, renderLog } from './log.ts'
import { type PodRun, runPod } from './pod-run.ts'

export type { ContainerPlan, PodBehaviour } from './behaviour.ts'

/** All nodes' kubelets together. */
export interface Kubelet {
  /**
   * What a container wrote since its last start, or before it; undefined where there was no such start. Throws the
   * server's error where the kubelet cannot be reached or fails.
   */
  logs(
    pod: { namespace: string; name: string },
    container: string,
    options?: LogOptions,
  ): string | HangingLog | undefined
  /** Lets a node fall silent, or come back. Meanwhile its pods do not report, and none begins or ends. */
  setNodeReady(node: string, ready: boolean): void
  /** How a node's kubelet answers when it is asked for logs. */
  setLogs(node: string, answer: LogAnswer): void
  /** Renews the leases of the nodes that report. */
  renewLeases(): void
  stop(): void
}

/** Logs are served; or the kubelet answers with an error, or never. */
export type LogAnswer = 'served' | 'failing' | 'hanging'

/** From a pod's binding to a node, or a deletion, until the node's kubelet acts. */
const noticeMs = 5

/** Runs the pods of every node, each container as `behaviour` says. */
export const startKubelets = ({
  store,
  clock,
  events,
  behaviour: given,
  trouble,
}: {
  store: Store
  clock: LocalClock
  events: EventRecorder
  behaviour: PodBehaviour
  trouble: Trouble
}): Kubelet => {
  const behaviour = guardedBehaviour(given, trouble)
  const runs = new Map<string, PodRun>()
  const pending = new Map<string, () => void>()
  const images = new Map<string, Set<string>>()
  const addresses = new Map<string, number>()
  const silent = new Set<string>()
  const logAnswers = new Map<string, LogAnswer>()

  const readiness = (node: string) =>
    store.get(resources.nodes, undefined, node)?.status?.conditions?.find(({ type }) => type === 'Ready')
      ?.status

  /** Whether a node does not report: it was made silent, or is known as such. */
  const isSilent = (node: string) => silent.has(node) || readiness(node) === 'Unknown'

  const onNode = (node: string) => store.list(resources.pods).filter(({ spec }) => spec.nodeName === node)

  const pulled = (node: string) => (image: string) => {
    const known = images.get(node) ?? new Set<string>()
    images.set(node, known)
    const present = known.has(image)
    known.add(image)
    return present
  }

  const begin = (pod: StoredPod) => {
    const node = store.get(resources.nodes, undefined, pod.spec.nodeName ?? '')
    if (!node) return
    const { name } = node.metadata
    const hostIP = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '10.0.0.10'
    runs.set(
      pod.metadata.uid,
      runPod(pod, {
        store,
        clock,
        behaviour,
        record: events({ component: 'kubelet', host: name }),
        hostIP,
        podIP: pod.spec.hostNetwork ? hostIP : nextAddress(name, hostIP),
        pulled: pulled(name),
        isSilent: () => isSilent(name),
      }),
    )
  }

  const nextAddress = (node: string, hostIP: string): string => {
    const taken = addresses.get(node) ?? 0
    addresses.set(node, taken + 1)
    return `${hostIP.split('.').slice(0, 3).join('.')}.${11 + (taken % 240)}`
  }

  const look = (namespace: string | undefined, name: string, uid: string) => {
    pending.delete(uid)
    const pod = store.get(resources.pods, namespace, name)
    if (pod?.metadata.uid !== uid || !pod.spec.nodeName || isSilent(pod.spec.nodeName)) return
    if (pod.metadata.deletionTimestamp === undefined) {
      if (!runs.has(uid) && hasNetwork(pod)) begin(pod)
      return
    }
    if (!runs.has(uid)) return void store.delete(resources.pods, namespace, name, { gracePeriodSeconds: 0 })
    runs.get(uid)?.terminate()
  }

  /** A kubelet whose network is not ready runs none but the pods that use its node's. */
  const hasNetwork = (pod: StoredPod): boolean => {
    const node = pod.spec.nodeName ?? ''
    if (pod.spec.hostNetwork || readiness(node) !== 'False') return true
    events({ component: 'kubelet', host: node })(pod as KubernetesObject, {
      type: 'Warning',
      reason: 'NetworkNotReady',
      message:
        'network is not ready: container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
    })
    return false
  }

  const notice = ({ metadata: { namespace, name, uid } }: StoredPod) => {
    if (!pending.has(uid))
      pending.set(
        uid,
        clock.after(noticeMs, () => look(namespace, name, uid)),
      )
  }

  const forget = ({ metadata: { uid } }: StoredPod) => {
    pending.get(uid)?.()
    pending.delete(uid)
    runs.get(uid)?.drop()
    runs.delete(uid)
  }

  /** A node that is ready again begins what it could not, and reports what it could not. */
  const handleNode = (node: KubernetesObject, previous: KubernetesObject | undefined) => {
    if (!isNodeReady(node as StoredNode) || !previous || isNodeReady(previous as StoredNode)) return
    for (const pod of onNode(node.metadata.name)) {
      runs.get(pod.metadata.uid)?.report()
      notice(pod)
    }
  }

  const handleEvent = ({ type, resource, object, previous }: StoreEvent) => {
    if (resource === resources.nodes && type === 'MODIFIED') return handleNode(object, previous)
    if (resource !== resources.pods) return
    const pod = object as StoredPod
    if (type === 'DELETED') return forget(pod)
    const bound =
      pod.spec.nodeName !== undefined && (previous as StoredPod | undefined)?.spec.nodeName === undefined
    const leaving = pod.metadata.deletionTimestamp !== previous?.metadata.deletionTimestamp
    if (bound || leaving) notice(pod)
  }

  for (const pod of store.list(resources.pods)) if (pod.spec.nodeName) notice(pod)
  const unsubscribe = store.subscribe(handleEvent)

  const logs: Kubelet['logs'] = ({ namespace, name }, container, options = {}) => {
    const pod = store.get(resources.pods, namespace, name)
    const node = pod?.spec.nodeName ?? ''
    if (pod && isSilent(node)) throw unreachable(pod, container)
    const answer = logAnswers.get(node) ?? 'served'
    if (answer === 'hanging') return hangingLog
    if (answer === 'failing')
      throw new StatusError(
        500,
        'InternalError',
        'Internal error occurred: the kubelet could not read the log',
      )
    const written = runs.get(pod?.metadata.uid ?? '')?.logs(container)
    const lines = options.previous ? written?.previous : written?.current
    return lines && renderLog(lines, options, clock.now())
  }

  const setNodeReady = (node: string, ready: boolean) => {
    if (ready) silent.delete(node)
    else silent.add(node)
    const reported = (status: NonNullable<StoredNode['status']>) => ({
      ...status,
      conditions: [
        ...(status.conditions ?? []).filter(({ type }) => type !== 'Ready'),
        readyCondition(ready, store.timestamp()),
      ],
    })
    // Of a node that says nothing, the node controller says so.
    const manager = ready ? 'kubelet' : controllerManager
    store.updateStatus(resources.nodes, undefined, node, reported, { manager })
  }

  return {
    logs,
    setNodeReady,
    setLogs: (node, answer) => void logAnswers.set(node, answer),
    renewLeases: nodeLeases({ store, clock, isSilent }).renew,
    stop: () => {
      unsubscribe()
      for (const cancel of pending.values()) cancel()
      for (const run of runs.values()) run.drop()
    },
  }
}

/** The API server's error about a kubelet that does not answer: it names its address. */
const unreachable = ({ metadata, status }: StoredPod, container: string): StatusError => {
  const address = `${status?.hostIP ?? '10.0.0.10'}:10250`
  const path = [metadata.namespace, metadata.name, container].join('/')
  return new StatusError(
    500,
    undefined,
    `Get "https://${address}/containerLogs/${path}": dial tcp ${address}: i/o timeout`,
  )
}

const readyCondition = (ready: boolean, now: string): NodeCondition => ({
  type: 'Ready',
  status: ready ? 'True' : 'Unknown',
  lastHeartbeatTime: now,
  lastTransitionTime: now,
  ...(ready
    ? { reason: 'KubeletReady', message: 'kubelet is posting ready status' }
    : { reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' }),
})

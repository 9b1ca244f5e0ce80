import type { NodeCondition } from '../../../core/kubernetes.ts'
import type { LocalClock } from '../../clock.ts'
import type { Trouble } from '../../trouble.ts'
import type { StoredPod } from '../controllers/pods.ts'
import type { EventRecorder } from '../store/events.ts'
import { resources } from '../store/resources.ts'
import type { Store, StoreEvent } from '../store/store.ts'
import { guardedBehaviour, type PodBehaviour } from './behaviour.ts'
import { nodeLeases } from './leases.ts'
import { type LogOptions, renderLog } from './log.ts'
import { type PodRun, runPod } from './pod-run.ts'

export type { ContainerPlan, PodBehaviour } from './behaviour.ts'

/** All nodes' kubelets together. */
export interface Kubelet {
  /** What a container wrote since its last start, or before it; undefined where there was no such start. */
  logs(pod: { namespace: string; name: string }, container: string, options?: LogOptions): string | undefined
  /** Lets a node fall silent, or come back. Meanwhile nothing is heard of its pods, and none begins or ends. */
  setNodeReady(node: string, ready: boolean): void
  /** Renews the leases of the nodes that are heard of. */
  renewLeases(): void
  stop(): void
}

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
        isSilent: () => silent.has(name),
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
    if (pod?.metadata.uid !== uid || !pod.spec.nodeName || silent.has(pod.spec.nodeName)) return
    if (pod.metadata.deletionTimestamp === undefined) return runs.has(uid) ? undefined : begin(pod)
    if (!runs.has(uid)) return void store.delete(resources.pods, namespace, name, { gracePeriodSeconds: 0 })
    runs.get(uid)?.terminate()
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

  const hear = ({ type, resource, object, previous }: StoreEvent) => {
    if (resource !== resources.pods) return
    const pod = object as StoredPod
    if (type === 'DELETED') return forget(pod)
    const bound =
      pod.spec.nodeName !== undefined && (previous as StoredPod | undefined)?.spec.nodeName === undefined
    const leaving = pod.metadata.deletionTimestamp !== previous?.metadata.deletionTimestamp
    if (bound || leaving) notice(pod)
  }

  for (const pod of store.list(resources.pods)) if (pod.spec.nodeName) notice(pod)
  const unsubscribe = store.subscribe(hear)

  const logs: Kubelet['logs'] = ({ namespace, name }, container, options = {}) => {
    const pod = store.get(resources.pods, namespace, name)
    const written = runs.get(pod?.metadata.uid ?? '')?.logs(container)
    const lines = options.previous ? written?.previous : written?.current
    return lines && renderLog(lines, options, clock.now())
  }

  const setNodeReady = (node: string, ready: boolean) => {
    if (ready) silent.delete(node)
    else silent.add(node)
    store.updateStatus(resources.nodes, undefined, node, (status) => ({
      ...status,
      conditions: [
        ...(status.conditions ?? []).filter(({ type }) => type !== 'Ready'),
        readiness(ready, store.timestamp()),
      ],
    }))
    for (const pod of ready ? onNode(node) : []) {
      runs.get(pod.metadata.uid)?.report()
      notice(pod)
    }
  }

  return {
    logs,
    setNodeReady,
    renewLeases: nodeLeases({ store, clock, isSilent: (node) => silent.has(node) }).renew,
    stop: () => {
      unsubscribe()
      for (const cancel of pending.values()) cancel()
      for (const run of runs.values()) run.drop()
    },
  }
}

const readiness = (ready: boolean, now: string): NodeCondition => ({
  type: 'Ready',
  status: ready ? 'True' : 'Unknown',
  lastHeartbeatTime: now,
  lastTransitionTime: now,
  ...(ready
    ? { reason: 'KubeletReady', message: 'kubelet is posting ready status' }
    : { reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' }),
})

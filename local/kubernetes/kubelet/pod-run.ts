import type { Container } from '../../../core/kubernetes.ts'
import type { LocalClock } from '../../clock.ts'
import { controllerOf, type StoredPod } from '../controllers/pods.ts'
import type { RecordEvent } from '../store/events.ts'
import { resources } from '../store/resources.ts'
import type { Store } from '../store/store.ts'
import type { PodBehaviour } from './behaviour.ts'
import {
  type ContainerEnvironment,
  type ContainerLogs,
  type ContainerRun,
  containerRun,
} from './container-run.ts'
import { incomplete, podStatus } from './pod-status.ts'

/** One pod on its node. */
export interface PodRun {
  /** Ends its containers, then removes the pod. */
  terminate(): void
  /** Reports the status once more. */
  report(): void
  drop(): void
  logs(container: string): ContainerLogs | undefined
}

export interface NodeContext {
  store: Store
  clock: LocalClock
  record: RecordEvent
  behaviour: PodBehaviour
  hostIP: string
  podIP: string
  pulled: (image: string) => boolean
  /** Whether the node is unreachable at present. */
  isSilent: () => boolean
}

/** Runs a pod that was bound to the node: init containers one after the other, then the others at once. */
export const runPod = (given: StoredPod, node: NodeContext): PodRun => {
  const { store, clock } = node
  const { namespace, name, uid } = given.metadata
  const startTime = store.timestamp()
  const isOfJob = controllerOf(given.metadata)?.kind === 'Job'
  let terminating = false
  let finishing: (() => void) | undefined

  /** The pod as it is now; undefined once it is gone, or another has its name. */
  const current = (): StoredPod | undefined => {
    const pod = store.get(resources.pods, namespace, name)
    return pod?.metadata.uid === uid ? pod : undefined
  }

  const report = () => {
    const pod = current()
    if (!pod || node.isSilent()) return
    const status = podStatus(pod, {
      initContainers: inits.map((run) => run.status()),
      containers: mains.map((run) => run.status()),
      hostIP: node.hostIP,
      podIP: node.podIP,
      startTime,
      now: store.timestamp(),
    })
    store.updateStatus(resources.pods, namespace, name, () => status, { manager: 'kubelet' })
  }

  const surroundings = (container: Container, index: string, changed: () => void): ContainerEnvironment => ({
    clock,
    timestamp: () => store.timestamp(),
    // What runs for a Job comes to an end, unless it is said how it goes.
    plan: (attempt) => ({
      ...(isOfJob ? { exit: { afterMs: 1000, code: 0 } } : {}),
      ...node.behaviour(current() ?? given, container, attempt),
    }),
    restartPolicy:
      given.spec.restartPolicy === 'Never' || given.spec.restartPolicy === 'OnFailure'
        ? given.spec.restartPolicy
        : 'Always',
    pulled: node.pulled,
    podName: `${name}_${namespace}(${uid})`,
    containerId: (attempt) => `${uid.replaceAll('-', '')}${index}${String(attempt).padStart(30, '0')}`,
    report: (occurrence) =>
      node.record(current() ?? given, {
        ...occurrence,
        fieldPath: `spec.${index.startsWith('1') ? 'initContainers' : 'containers'}{${container.name}}`,
      }),
    changed,
  })

  const initContainers = given.spec.initContainers ?? []
  const waiting = initContainers.length > 0 ? 'PodInitializing' : 'ContainerCreating'

  const inits: ContainerRun[] = initContainers.map((container, index) => {
    const around = surroundings(container, `1${index}`, () => afterInit(index))
    return containerRun(container, 'PodInitializing', {
      ...around,
      // An init container that succeeded is done, whatever the pod's policy.
      restartPolicy: around.restartPolicy === 'Never' ? 'Never' : 'OnFailure',
      plan: (attempt) => ({ exit: { afterMs: 0, code: 0 }, ...around.plan(attempt) }),
    })
  })

  const mains: ContainerRun[] = given.spec.containers.map((container, index) =>
    containerRun(container, waiting, surroundings(container, `0${index}`, report)),
  )

  const startMains = () => {
    for (const run of mains) run.start()
  }

  const afterInit = (index: number) => {
    report()
    if (terminating || incomplete(inits.slice(index, index + 1).map((run) => run.status())).length > 0) return
    const next = inits[index + 1]
    if (next) next.start()
    else startMains()
  }

  const terminate = () => {
    if (terminating) return
    terminating = true
    const pod = current()
    const grace = pod?.metadata.deletionGracePeriodSeconds ?? pod?.spec.terminationGracePeriodSeconds ?? 30
    const runs = [...inits, ...mains]
    let left = runs.length
    const ended = () => {
      left -= 1
      if (left === 0) finishing = clock.after(5, remove)
    }
    for (const run of runs) run.stop(grace * 1000, ended)
  }

  const remove = () => {
    if (current()) store.delete(resources.pods, namespace, name, { gracePeriodSeconds: 0 })
  }

  report()
  if (inits[0]) inits[0].start()
  else startMains()

  return {
    terminate,
    report,
    drop: () => {
      finishing?.()
      for (const run of [...inits, ...mains]) run.drop()
    },
    logs: (container) => {
      const index = [...initContainers, ...given.spec.containers].findIndex((one) => one.name === container)
      return [...inits, ...mains][index]?.logs()
    },
  }
}

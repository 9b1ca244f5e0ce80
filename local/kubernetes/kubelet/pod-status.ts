import type { ContainerStatus, PodCondition, PodStatus } from '../../../core/kubernetes.ts'
import type { StoredPod } from '../controllers/pods.ts'
import { qosClassOf } from '../store/defaults/qos.ts'

/** What a kubelet knows of one of its pods. */
export interface Observation {
  initContainers: ContainerStatus[]
  containers: ContainerStatus[]
  hostIP: string
  podIP: string
  startTime: string
  /** The time of this observation, RFC 3339. */
  now: string
}

const hasRun = ({ state, lastState }: ContainerStatus) =>
  Boolean(state?.running || state?.terminated || lastState?.terminated)

const isWaitingForFirst = (status: ContainerStatus) => !hasRun(status)

const succeeded = ({ state }: ContainerStatus) => state?.terminated?.exitCode === 0

/** The init containers that have not ended well yet. */
export const incomplete = (initContainers: ContainerStatus[]): ContainerStatus[] =>
  initContainers.filter((status) => !succeeded(status))

const phaseOf = (pod: StoredPod, { initContainers, containers }: Observation): string => {
  const leaving = pod.metadata.deletionTimestamp !== undefined
  const over = containers.every(({ state }) => state?.terminated)
  const { restartPolicy = 'Always' } = pod.spec
  const forGood = leaving || restartPolicy !== 'Always'
  if (over && forGood && containers.length > 0) {
    const restarting = restartPolicy === 'OnFailure' && !leaving && !containers.every(succeeded)
    if (!restarting) return containers.every(succeeded) ? 'Succeeded' : 'Failed'
  }
  const initFailed = initContainers.some(({ state }) => state?.terminated && state.terminated.exitCode !== 0)
  if (initFailed && restartPolicy === 'Never') return 'Failed'
  return incomplete(initContainers).length > 0 || containers.some(isWaitingForFirst) ? 'Pending' : 'Running'
}

const named = (statuses: ContainerStatus[]) => `[${statuses.map(({ name }) => name).join(' ')}]`

interface Verdict {
  type: string
  holds: boolean
  reason?: string
  message?: string
}

const verdictsOf = (phase: string, { initContainers, containers }: Observation): Verdict[] => {
  const unfinished = incomplete(initContainers)
  const unready = containers.filter(({ ready }) => !ready)
  const why =
    phase === 'Succeeded'
      ? { reason: 'PodCompleted' }
      : { reason: 'ContainersNotReady', message: `containers with unready status: ${named(unready)}` }
  const allReady = unready.length === 0
  const sandbox =
    phase !== 'Succeeded' && phase !== 'Failed' && [...initContainers, ...containers].some(isBegun)
  return [
    { type: 'PodReadyToStartContainers', holds: sandbox },
    {
      type: 'Initialized',
      holds: unfinished.length === 0,
      reason: 'ContainersNotInitialized',
      message: `containers with incomplete status: ${named(unfinished)}`,
    },
    { type: 'Ready', holds: allReady, ...why },
    { type: 'ContainersReady', holds: allReady, ...why },
  ]
}

/** Past the making of the sandbox: it ran, or its image at least was asked for. */
const isBegun = (status: ContainerStatus) =>
  hasRun(status) || /ImagePull/.test(status.state?.waiting?.reason ?? '')

/** The pod's status as its kubelet reports it; conditions that stay as they are keep their times. */
export const podStatus = (pod: StoredPod, seen: Observation): PodStatus => {
  const phase = phaseOf(pod, seen)
  const present = pod.status?.conditions ?? []
  const observedGeneration = pod.metadata.generation ?? 1
  const conditions = verdictsOf(phase, seen).map(({ type, holds, reason, message }): PodCondition => {
    const status = holds ? 'True' : 'False'
    const before = present.find((condition) => condition.type === type)
    return {
      type,
      ...({ observedGeneration } as object),
      status,
      lastTransitionTime: (before?.status === status && before.lastTransitionTime) || seen.now,
      ...(!holds && reason !== undefined ? { reason } : {}),
      ...(!holds && message !== undefined ? { message } : {}),
    }
  })
  const scheduled = present
    .filter(({ type }) => type === 'PodScheduled')
    .map((condition) => ({ ...condition, observedGeneration }))
  const begun = [...seen.initContainers, ...seen.containers].some(isBegun)
  return {
    ...({ observedGeneration } as object),
    phase,
    conditions: [...conditions, ...scheduled],
    hostIP: seen.hostIP,
    hostIPs: [{ ip: seen.hostIP }],
    ...(begun ? { podIP: seen.podIP, podIPs: [{ ip: seen.podIP }] } : {}),
    startTime: seen.startTime,
    ...(seen.initContainers.length > 0 ? { initContainerStatuses: seen.initContainers } : {}),
    containerStatuses: seen.containers,
    qosClass: pod.status?.qosClass ?? qosClassOf(pod),
  }
}

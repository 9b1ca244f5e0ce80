import type { ContainerStatus, Pod } from '../../../core/kubernetes.ts'
import { isReady } from '../../../core/workload/readiness.ts'
import type { Stored } from '../store/resources.ts'
import { ageOf } from './age.ts'

/** The READY, STATUS and RESTARTS cells of a pod, by the rules of the server's printer. */
export const podCells = (
  pod: Stored<Pod>,
  now: number,
): { ready: string; status: string; restarts: string } => {
  const statuses = pod.status?.containerStatuses ?? []
  const initializing = initReason(pod)
  const ready = statuses.filter((status) => status.ready && status.state?.running).length
  return {
    ready: `${initializing ? 0 : ready}/${pod.spec.containers.length}`,
    status: deletionReason(pod) ?? initializing ?? containerReason(pod),
    restarts: restartsCell(initializing ? (pod.status?.initContainerStatuses ?? []) : statuses, now),
  }
}

const deletionReason = ({ metadata, status }: Stored<Pod>): string | undefined => {
  if (metadata.deletionTimestamp === undefined) return undefined
  return status?.reason === 'NodeLost' ? 'Unknown' : 'Terminating'
}

const initReason = (pod: Stored<Pod>): string | undefined => {
  const statuses = pod.status?.initContainerStatuses ?? []
  const at = statuses.findIndex(
    ({ state, ready, started }) =>
      !(state?.terminated?.exitCode === 0 || (started && ready && state?.running)),
  )
  const current = statuses[at]
  if (!current) return undefined
  const { terminated, waiting } = current.state ?? {}
  if (terminated) return `Init:${endOf(terminated)}`
  if (waiting?.reason && waiting.reason !== 'PodInitializing') return `Init:${waiting.reason}`
  return `Init:${at}/${pod.spec.initContainers?.length ?? statuses.length}`
}

const containerReason = (pod: Stored<Pod>): string => {
  const statuses = pod.status?.containerStatuses ?? []
  const phase = pod.status?.reason || pod.status?.phase || ''
  const first = statuses.map(stateReason).find((reason) => reason !== undefined)
  const reason = first ?? (isGated(pod) ? 'SchedulingGated' : phase)
  const running = statuses.some((status) => status.ready && status.state?.running)
  if (reason !== 'Completed' || !running) return reason
  return isReady(pod) ? 'Running' : 'NotReady'
}

const isGated = ({ status }: Stored<Pod>): boolean =>
  (status?.conditions ?? []).some(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated',
  )

const stateReason = ({ state }: ContainerStatus): string | undefined => {
  if (state?.waiting?.reason) return state.waiting.reason
  return state?.terminated ? endOf(state.terminated) : undefined
}

const endOf = ({
  reason,
  signal,
  exitCode,
}: {
  reason?: string
  signal?: number
  exitCode: number
}): string => reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`)

const restartsCell = (statuses: readonly ContainerStatus[], now: number): string => {
  const count = statuses.reduce((sum, { restartCount }) => sum + restartCount, 0)
  const last = statuses
    .flatMap(({ lastState }) => lastState?.terminated?.finishedAt ?? [])
    .sort()
    .at(-1)
  return count > 0 && last ? `${count} (${ageOf(last, now)} ago)` : String(count)
}

import type { Connection } from '../../adapters/kubernetes/connection.ts'
import { podsOf } from '../../adapters/kubernetes/pods.ts'
import { workloads } from '../../adapters/kubernetes/workloads.ts'
import type { Pod } from '../../core/kubernetes.ts'
import { isLive, readInjection } from '../../core/workload/injection.ts'
import type { WorkloadRef } from '../../core/workload/workload.ts'

export interface PodsSeen {
  /** The rollout's own message. */
  message: string
  /** A line each, for whoever looks on. */
  pods: string[]
  /** A live pod of the current revision that came to be without the credentials. */
  missed: string | undefined
}

/**
 * Looks at the pods whenever a rollout has moved. It runs beside the watch, which neither waits for it nor fails
 * with it: what is missed here is found by VerifyCredentials.
 */
export const lookAtPods =
  (connection: Connection, ref: WorkloadRef, namespace: string, report: (seen: PodsSeen) => void) =>
  ({ message }: { message: string }): void => {
    const look = async () => {
      const workload = await workloads(connection).get(ref, namespace)
      const { all, current } = workload
        ? await podsOf(connection, ref, workload)
        : { all: [] as Pod[], current: [] as Pod[] }
      report({
        message,
        pods: all.map((pod) => line(pod, current.includes(pod))),
        missed: current.find((pod) => isLive(pod) && !readInjection(pod).injected)?.metadata?.name,
      })
    }
    look().catch(() => report({ message, pods: [], missed: undefined }))
  }

const line = (pod: Pod, isNew: boolean): string => {
  const statuses = pod.status?.containerStatuses ?? []
  const ready = statuses.length > 0 && statuses.every((status) => status.ready)
  const waiting = statuses.find(({ state }) => state?.waiting)?.state?.waiting?.reason
  const doing = pod.metadata?.deletionTimestamp ? 'Terminating' : (waiting ?? pod.status?.phase ?? 'Pending')
  const marks = [
    isNew ? 'new' : 'old',
    ready ? 'ready' : undefined,
    readInjection(pod).injected ? 'injected' : undefined,
  ]
  return `${pod.metadata?.name} ${doing} (${marks.filter(Boolean).join(', ')})`
}

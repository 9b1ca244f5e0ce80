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

/** Looks at the pods beside a watch. */
export interface PodWatcher {
  /** Looks once more, now or as soon as the look under way has ended. */
  look(progress: { message: string }): void
  /** Ends a look under way; resolves when nothing is left of it, and nothing is reported from then on. */
  end(): Promise<void>
}

/**
 * Looks at the pods whenever a rollout has moved, one look at a time. It runs beside the watch, which neither waits
 * for it nor fails with it: what is missed here is found by VerifyCredentials. Whoever starts it must end it.
 */
export const podWatcher = (
  connection: Connection,
  ref: WorkloadRef,
  namespace: string,
  report: (seen: PodsSeen) => void,
): PodWatcher => {
  const over = new AbortController()
  let next: string | undefined
  let looking: Promise<void> | undefined

  const podsNow = async (): Promise<Omit<PodsSeen, 'message'>> => {
    const workload = await workloads(connection).get(ref, namespace, over.signal)
    const { all, current } = workload
      ? await podsOf(connection, ref, workload, over.signal)
      : { all: [] as Pod[], current: [] as Pod[] }
    const template = workload?.spec?.template?.spec
    return {
      pods: all.map((pod) => line(pod, current.includes(pod))),
      missed: current.find((pod) => isLive(pod) && !readInjection(pod, template).injected)?.metadata?.name,
    }
  }
  const lookOn = async () => {
    while (next !== undefined && !over.signal.aborted) {
      const message = next
      next = undefined
      const seen = await podsNow().catch(() => ({ pods: [], missed: undefined }))
      if (!over.signal.aborted) report({ message, ...seen })
    }
    looking = undefined
  }
  return {
    look: ({ message }) => {
      next = message
      looking ??= lookOn()
    },
    end: async () => {
      over.abort(new Error('nobody waits for this look at the pods any more'))
      await looking
    },
  }
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

import type { Connection } from '../../adapters/kubernetes/connection.ts'
import { podFacts } from '../../adapters/kubernetes/inspect.ts'
import { followPods } from '../../adapters/kubernetes/pod-changes.ts'
import { formatSelector } from '../../adapters/kubernetes/selectors.ts'
import { workloads } from '../../adapters/kubernetes/workloads.ts'
import type { Pod } from '../../core/kubernetes.ts'
import type { DiagnosisFacts } from '../../core/workload/diagnosis/facts.ts'
import { type PodView, viewPod } from '../../core/workload/diagnosis/pod-view.ts'
import { isLive, readInjection } from '../../core/workload/injection.ts'
import type { WorkloadRef } from '../../core/workload/workload.ts'
import { type Away, watchReach } from './evidence/reach.ts'

export interface PodsSeen {
  /** The rollout's own message. */
  message: string
  /** For whoever looks on. */
  pods: PodView[]
  /** A live pod of the current revision that came to be without the credentials. */
  missed: string | undefined
  /** The pods of the current revision, with what was read of their logs and events. */
  facts: DiagnosisFacts
  /** Those of them that no agent can answer, by what there is on their nodes. */
  away: Away | undefined
}

/** Looks at the pods beside a watch. */
export interface PodWatcher {
  /** Looks once more, now or as soon as the look under way has ended. */
  look(progress: { message: string }): void
  /** Ends a look under way; resolves when nothing is left of it, and nothing is reported from then on. */
  end(): Promise<void>
}

/**
 * How often a container that runs and is not ready is asked for what it has written, as nothing else tells of a new line:
 * the more rarely, the longer it has run.
 */
const readLogs = { everyMs: 1500, slowestMs: 5000, shareOfRun: 0.1 }

/** Pods of a rollout move by the dozen: what moves so soon after a look is seen by one more. */
const betweenLooksMs = 100

/**
 * Looks at the pods whenever one of them or the rollout has moved, one look at a time, and at what those that run and
 * are not ready write. It runs beside the watch of the workload, which neither waits for it nor fails with it: what is
 * missed here is found by VerifyCredentials. Whoever starts it must end it.
 */
export const watchPods = (
  connection: Connection,
  ref: WorkloadRef,
  namespace: string,
  report: (seen: PodsSeen) => void,
): PodWatcher => {
  const { clock } = connection
  const over = new AbortController()
  const { signal } = over
  const reach = watchReach(connection)
  let message: string
  let wanted: boolean
  let looking: Promise<void> | undefined
  let following: Promise<void> | undefined
  let again: Promise<void> | undefined
  let checking: Promise<void> | undefined
  let away: Away | undefined

  const look = async (): Promise<void> => {
    const workload = await workloads(connection).get(ref, namespace, signal)
    if (!workload) return
    const labelSelector = formatSelector(workload.spec?.selector ?? {})
    following ??= followPods(connection, { namespace, labelSelector }, want, signal)
    const { facts, all } = await podFacts(connection, ref, workload, signal)
    if (signal.aborted) return
    const template = workload.spec?.template?.spec
    report({
      message,
      pods: all.map((pod) => viewPod(pod, facts)),
      missed: facts.pods.find((pod) => isLive(pod) && !readInjection(pod, template).injected)?.metadata?.name,
      facts,
      away,
    })
    // What pods say does not wait for the nodes.
    checking ??= lookAtNodes(facts.pods)
    const starting = facts.pods.filter(isLive).flatMap(startingSince)
    if (starting.length > 0) again ??= lookLater(clock.now() - Math.max(...starting))
  }
  const lookAtNodes = async (pods: readonly Pod[]) => {
    const known = away
    // Only the end of the watch lets it fail.
    away = await reach(pods, signal).catch(() => undefined)
    checking = undefined
    if (away && !known) want()
  }
  const lookLater = async (runsForMs: number) => {
    const growing = Math.max(readLogs.everyMs, runsForMs * readLogs.shareOfRun)
    await clock.sleep(Math.min(growing, readLogs.slowestMs), signal).catch(() => {})
    again = undefined
    want()
  }
  const lookOn = async () => {
    while (wanted && !signal.aborted) {
      wanted = false
      await look().catch(() => {})
      await clock.sleep(betweenLooksMs, signal).catch(() => {})
    }
    looking = undefined
  }
  const want = () => {
    wanted = true
    looking ??= lookOn()
  }
  return {
    look: (progress) => {
      message = progress.message
      want()
    },
    end: async () => {
      over.abort()
      await Promise.all([looking, following, again, checking])
    },
  }
}

/** Since when a pod's containers run that are not ready, in milliseconds by its node's clock, which only paces the looks. */
const startingSince = ({ status }: Pod): number[] =>
  (status?.containerStatuses ?? []).flatMap(({ ready, state }) =>
    !ready && state?.running !== undefined
      ? [Date.parse(state.running.startedAt ?? '') || Number.POSITIVE_INFINITY]
      : [],
  )

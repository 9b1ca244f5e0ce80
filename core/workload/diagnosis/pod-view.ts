import type { Pod } from '../../kubernetes.ts'
import { readInjection } from '../injection.ts'
import type { DiagnosisFacts } from './facts.ts'
import { explainLog } from './log-lines.ts'

/** A pod of a rollout for whoever looks on. */
export interface PodView {
  name: string
  /** Null where it is on none yet. */
  node: string | null
  /** Whether it is of the workload's current revision. */
  revision: 'new' | 'old'
  /** `CrashLoopBackOff (new, injected)` */
  state: string
  /** Why it does not come up, as a line of its log says. */
  cause?: string
}

/** A pod as it is, and what is known of why. */
export const viewPod = (pod: Pod, { pods, logs }: Pick<DiagnosisFacts, 'pods' | 'logs'>): PodView => {
  const statuses = pod.status?.containerStatuses ?? []
  const ready = statuses.length > 0 && statuses.every((status) => status.ready)
  const ended = statuses.some(({ state }) => state?.terminated && state.terminated.exitCode !== 0)
  const waiting = statuses.flatMap(({ state }) => state?.waiting ?? [])[0]?.reason
  const doing = pod.metadata?.deletionTimestamp
    ? 'Terminating'
    : (waiting ?? (ended ? 'Error' : (pod.status?.phase ?? 'Pending')))
  const revision = pods.some(({ metadata }) => metadata?.uid === pod.metadata?.uid) ? 'new' : 'old'
  const marks = [revision, ready ? 'ready' : undefined, readInjection(pod).injected ? 'injected' : undefined]
  const words = logs
    .filter((log) => log.pod === pod.metadata?.name)
    .map(({ text }) => explainLog(text))
    .find((one) => one?.cause)
  return {
    name: pod.metadata?.name ?? '',
    node: pod.spec?.nodeName ?? null,
    revision,
    state: `${doing} (${marks.filter(Boolean).join(', ')})`,
    ...(words ? { cause: words.line } : {}),
  }
}

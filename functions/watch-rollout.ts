import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import * as z from 'zod'
import type { Connection } from '../adapters/kubernetes/connection.ts'
import { diagnosisFacts } from '../adapters/kubernetes/inspect.ts'
import { podsOf } from '../adapters/kubernetes/pods.ts'
import { watchRollout as follow, type RolloutProgress } from '../adapters/kubernetes/watch.ts'
import { workloads } from '../adapters/kubernetes/workloads.ts'
import type { Runtime } from '../adapters/runtime.ts'
import { diagnose } from '../core/diagnosis.ts'
import type { Finding } from '../core/findings.ts'
import { readInjection } from '../core/injection.ts'
import type { RolloutStep } from '../core/steps.ts'
import { OnCluster, requiredWorkload } from './support/inputs.ts'
import { clusterApi } from './support/kubernetes.ts'
import { lambda } from './support/lambda.ts'
import { task } from './support/task.ts'

const Input = OnCluster.extend({
  /** Objects older than this generation are not judged. */
  generation: z.number(),
  missedBefore: z.string().nullable(),
  position: z.string().nullable(),
  /** What ailed the workload before anything was touched. */
  diagnosis: z.array(z.custom<Finding>()),
  /** When the rollout as a whole must be over, in milliseconds since the epoch. */
  deadline: z.number(),
})
type Input = z.output<typeof Input>

/** One call stays well within the function's timeout; the workflow calls again. */
const budgetMs = 55_000
/** DaemonSets and StatefulSets have no deadline of their own, so they get the default of Deployments. */
const noProgressMs = 600_000

/** State 9: holds a watch for a while and says how far the rollout is, and why it failed where it did. */
export const watchRollout =
  (
    api: (input: OnCluster) => Connection,
    { clock, signal, progress }: Pick<Runtime, 'clock' | 'signal' | 'progress'>,
  ) =>
  async (input: Input): Promise<RolloutStep> => {
    const { request } = input
    const ref = requiredWorkload(request)
    const connection = api(input)
    const tellPods = podTeller(connection, input, (detail) =>
      progress({ step: 'WatchRollout', message: detail.message, detail }),
    )
    const seen = await follow({
      connection,
      ref,
      namespace: request.namespace,
      generation: input.generation,
      missedBefore: input.missedBefore ?? undefined,
      budgetMs: Math.max(1000, Math.min(budgetMs, input.deadline - clock.now())),
      noProgressMs: ref.kind === 'Deployment' ? undefined : noProgressMs,
      position: input.position,
      allowZero: request.allowZero,
      onProgress: tellPods,
      signal,
    })
    const late = seen.state === 'progressing' && clock.now() >= input.deadline
    const failed = late || (seen.state !== 'complete' && seen.state !== 'progressing')
    return {
      state: late ? 'failed' : seen.state,
      message: late ? `${seen.message} (not done within ${request.rolloutTimeoutSeconds} s)` : seen.message,
      position: seen.position,
      counts: seen.counts,
      progress: seen.progress.map(({ at, ...rest }) => ({ at: new Date(at).toISOString(), ...rest })),
      findings: failed ? await reasons(connection, input, signal) : [],
      at: new Date(clock.now()).toISOString(),
    }
  }

const reasons = async (
  connection: Connection,
  { request, diagnosis: before }: Input,
  signal: AbortSignal | undefined,
): Promise<Finding[]> => {
  const ref = requiredWorkload(request)
  const workload = await workloads(connection).get(ref, request.namespace, signal)
  if (!workload) return []
  return diagnose({ ...(await diagnosisFacts(connection, ref, workload, signal)), before })
}

/** Tells of the pods as they change: for eyes only, so it neither delays the watch nor fails it. */
const podTeller = (
  connection: Connection,
  { request }: Input,
  tell: (detail: { message: string; pods: string[] }) => void,
) => {
  const ref = requiredWorkload(request)
  const look = async (message: string) => {
    const workload = await workloads(connection).get(ref, request.namespace)
    const pods = workload && (await podsOf(connection, ref, workload))
    tell({
      message,
      pods: (pods?.all ?? []).map((pod) => podLine(pod, pods?.current.includes(pod) ?? false)),
    })
  }
  return ({ message }: RolloutProgress): void => {
    look(message).catch(() => tell({ message, pods: [] }))
  }
}

const podLine = (pod: Pod, isNew: boolean): string => {
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

export const create = (runtime: Runtime) =>
  task(
    'WatchRollout',
    Input,
    watchRollout(({ cluster }) => clusterApi(runtime, cluster), runtime),
    runtime,
  )

export const handler = create(lambda)

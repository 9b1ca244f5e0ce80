import { Conflict, InvalidRequest, Refused, RolloutFailed } from '../../core/errors.ts'
import { command } from '../../core/text/shell.ts'
import { fieldManager, restartAnnotation, writtenAtOf } from '../../core/workload/restart.ts'
import { missedDeadline, type Workload } from '../../core/workload/rollout.ts'
import { formatWorkloadRef, type WorkloadRef } from '../../core/workload/workload.ts'
import type { Connection, KubernetesRequest } from './connection.ts'

const resources = { Deployment: 'deployments', DaemonSet: 'daemonsets', StatefulSet: 'statefulsets' } as const

/** Where the API keeps a workload. */
export const workloadPath = (ref: WorkloadRef, namespace: string) => ({
  version: 'apps/v1',
  resource: resources[ref.kind],
  namespace,
  name: ref.name,
})

export interface Restart {
  /** The generation of the restarted spec; what is older must not be judged. */
  generation: number
  uid: string
  /** False where the annotation had the wanted value already. */
  changed: boolean
  /** The annotation as it was, undefined where there was none. */
  previous: string | undefined
  /** A missed deadline that the workload shows from an earlier rollout, and may go on to show for a while. */
  missedBefore: string | undefined
  /** When the API server took podid's last write to it in; null where it has no note of one. */
  writtenAt: string | null
}

/** Reads and restarts workloads of one cluster. */
export interface Workloads {
  /** Undefined where there is no such workload. */
  get(ref: WorkloadRef, namespace: string, signal?: AbortSignal): Promise<Workload | undefined>
  /**
   * Makes the workload replace its pods. The same `restartedAt` again changes nothing. Refuses a paused
   * Deployment, which would take the patch and do nothing; a workload that is gone is RolloutFailed, and another
   * object than the one of `uid` (else: than the one it found) Conflict, to which the API server itself holds the write.
   */
  restart(
    ref: WorkloadRef,
    namespace: string,
    restartedAt: string,
    options?: { uid?: string; signal?: AbortSignal | undefined },
  ): Promise<Restart>
  /**
   * Puts the annotation back to `to`, so that the former pod template and with it the former revision returns; only
   * where it is still one of `from`, which the API server itself holds the write to (by resourceVersion).
   * Otherwise `changed` is false and `previous` what is there. Undefined where the workload is gone.
   */
  restoreAnnotation(
    ref: WorkloadRef,
    namespace: string,
    change: { from: readonly string[]; to: string | undefined },
    signal?: AbortSignal,
  ): Promise<Restart | undefined>
}

export const workloads = (connection: Connection): Workloads => {
  const get: Workloads['get'] = (ref, namespace, signal) =>
    connection.find<Workload>({ verb: 'get', ...workloadPath(ref, namespace), signal })

  const annotate = async (
    ref: WorkloadRef,
    namespace: string,
    workload: Workload,
    value: string | undefined,
    signal: AbortSignal | undefined,
    condition: Condition,
  ): Promise<Restart | undefined> => {
    const previous = restartedAtOf(workload)
    if (previous === value) return { ...identity(workload), changed: false, previous }
    const patched = await connection.find<Workload>(restartPatch(ref, namespace, value, signal, condition))
    return patched && { ...identity(patched), changed: true, previous }
  }

  return {
    get,
    restart: async (ref, namespace, restartedAt, { signal, ...expected } = {}) => {
      const workload = await get(ref, namespace, signal)
      if (!workload) throw gone(ref, namespace)
      const { uid = workload.metadata?.uid ?? '' } = expected
      const refuseAnother = (found: Workload | undefined) => {
        if (found && found.metadata?.uid !== uid) throw madeAnew(ref, namespace)
      }
      refuseAnother(workload)
      if (isPaused(workload)) throw paused(ref, namespace)
      try {
        const restarted = await annotate(ref, namespace, workload, restartedAt, signal, { uid })
        if (restarted) return restarted
      } catch (error) {
        // A uid that is not the object's is answered as an invalid patch.
        if (error instanceof InvalidRequest) refuseAnother(await get(ref, namespace, signal))
        throw error
      }
      throw gone(ref, namespace)
    },
    restoreAnnotation: async (ref, namespace, { from, to }, signal) => {
      const kept = (workload: Workload): Restart | undefined => {
        const previous = restartedAtOf(workload)
        return from.some((one) => one === previous)
          ? undefined
          : { ...identity(workload), changed: false, previous }
      }
      const workload = await get(ref, namespace, signal)
      if (!workload) return undefined
      try {
        const { resourceVersion } = workload.metadata ?? {}
        const condition = resourceVersion ? { resourceVersion } : {}
        return kept(workload) ?? (await annotate(ref, namespace, workload, to, signal, condition))
      } catch (error) {
        // Any write since our look conflicts, the controllers' own of the status too: those are worth a retry.
        const now = error instanceof Conflict ? await get(ref, namespace, signal) : undefined
        const theirs = now && kept(now)
        if (theirs) return theirs
        throw error
      }
    },
  }
}

/** The restart annotation of a workload's pod template. */
export const restartedAtOf = (workload: Workload): string | undefined =>
  workload.spec?.template?.metadata?.annotations?.[restartAnnotation]

const isPaused = (workload: Workload): boolean =>
  workload.spec !== undefined && 'paused' in workload.spec && workload.spec.paused === true

const identity = (workload: Workload) => ({
  generation: workload.metadata?.generation ?? 0,
  uid: workload.metadata?.uid ?? '',
  missedBefore: missedDeadline(workload),
  writtenAt: writtenAtOf(workload),
})

/** What the object has to be for a write to be made. */
type Condition = { uid?: string; resourceVersion?: string }

/** In a strategic merge patch null takes the key away, and a uid and a resourceVersion are conditions. */
const restartPatch = (
  ref: WorkloadRef,
  namespace: string,
  value: string | undefined,
  signal: AbortSignal | undefined,
  condition: Condition,
): KubernetesRequest => ({
  verb: 'patch',
  ...workloadPath(ref, namespace),
  query: { fieldManager },
  body: {
    contentType: 'application/strategic-merge-patch+json',
    content: {
      metadata: condition,
      spec: { template: { metadata: { annotations: { [restartAnnotation]: value ?? null } } } },
    },
  },
  signal,
})

const paused = (ref: WorkloadRef, namespace: string): Refused =>
  new Refused(
    `${formatWorkloadRef(ref)} in namespace ${namespace} is paused, so a restart would have no effect: ${command`kubectl rollout resume ${formatWorkloadRef(ref)} -n ${namespace}`}`,
  )

const madeAnew = (ref: WorkloadRef, namespace: string): Conflict =>
  new Conflict(`${formatWorkloadRef(ref)} in namespace ${namespace} was deleted and made anew meanwhile`)

const gone = (ref: WorkloadRef, namespace: string): RolloutFailed =>
  new RolloutFailed(`${formatWorkloadRef(ref)} is no longer in namespace ${namespace}: somebody deleted it`)

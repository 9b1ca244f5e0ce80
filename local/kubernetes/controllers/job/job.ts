import type { Job, JobCondition } from '../../../../core/kubernetes.ts'
import { isReady } from '../../../../core/workload/readiness.ts'
import type { RecordEvent } from '../../store/events.ts'
import { type KubernetesObject, resources, type Stored } from '../../store/resources.ts'
import { StatusError } from '../../store/status.ts'
import { controllerManager } from '../../store/store.ts'
import { type Control, type Running, runController } from '../control.ts'
import { claim, isActive, podFrom, type StoredPod } from '../pods.ts'

type StoredJob = Stored<Job>

const firstBackOffMs = 10_000
const longestBackOffMs = 600_000

/** Runs each Job's pods until as many have succeeded as it wants, or too many have failed. */
export const startJobController = (control: Control): Running => {
  const record = control.events({ component: 'job-controller' })
  return runController(control, {
    resource: resources.jobs,
    latencyMs: 5,
    reconcile: (job) => (job.metadata.deletionTimestamp ? undefined : reconcile(control, record, job)),
  })
}

/** The condition by which a Job has ended, if it has. */
export const endOf = ({ status }: Pick<StoredJob, 'status'>): JobCondition | undefined =>
  status?.conditions?.find(({ type, status: holds }) => /^(Complete|Failed)$/.test(type) && holds === 'True')

const reconcile = (control: Control, record: RecordEvent, job: StoredJob): number | undefined => {
  const { store, clock } = control
  if (endOf(job)) return removeWhenOld(control, job)
  const pods = claim(store, resources.pods, job as KubernetesObject, job.spec.selector)
  const of = (phase: string) => pods.filter(({ status }) => status?.phase === phase)
  const active = pods.filter(isActive)
  const seen = { active, succeeded: of('Succeeded').length, failed: of('Failed').length }
  const startTime = job.spec.suspend ? undefined : (job.status?.startTime ?? store.timestamp())
  const verdict = judge(job, seen, startTime, clock.now())
  if (verdict) {
    remove(control, record, job, active)
    report(control, record, job, { ...seen, active: [], startTime }, verdict)
    return 5
  }
  if (job.spec.suspend) {
    remove(control, record, job, active)
    report(control, record, job, { ...seen, active: [], startTime })
    return undefined
  }
  const { parallelism = 1, completions } = job.spec
  const wanted = Math.min(parallelism, completions === undefined ? parallelism : completions - seen.succeeded)
  const wait = backOff(of('Failed'), clock.now())
  const missing = wait > 0 ? 0 : Math.max(0, wanted - active.length)
  const made = Array.from({ length: missing }, () => create(control, record, job))
  report(control, record, job, { ...seen, active: [...active, ...made], startTime })
  const deadline = deadlineOf(job, startTime)
  const waits = [wait, deadline - clock.now()].filter((ms) => ms > 0 && Number.isFinite(ms))
  return waits.length > 0 ? Math.min(...waits) : undefined
}

interface Seen {
  active: StoredPod[]
  succeeded: number
  failed: number
}

const deadlineOf = ({ spec }: StoredJob, startTime: string | undefined): number =>
  spec.activeDeadlineSeconds === undefined || startTime === undefined
    ? Number.POSITIVE_INFINITY
    : Date.parse(startTime) + spec.activeDeadlineSeconds * 1000

type Verdict = Pick<JobCondition, 'type' | 'reason' | 'message'>

/** How a Job has ended; undefined while it goes on. */
const judge = (
  job: StoredJob,
  seen: Seen,
  startTime: string | undefined,
  now: number,
): Verdict | undefined => {
  const { backoffLimit = 6, completions, template } = job.spec
  const restarts = seen.active
    .flatMap(({ status }) => status?.containerStatuses ?? [])
    .reduce((sum, { restartCount }) => sum + restartCount, 0)
  const restarting = template?.spec?.restartPolicy === 'OnFailure' && restarts > 0 && restarts >= backoffLimit
  if (seen.failed > backoffLimit || restarting)
    return {
      type: 'Failed',
      reason: 'BackoffLimitExceeded',
      message: 'Job has reached the specified backoff limit',
    }
  if (deadlineOf(job, startTime) <= now)
    return {
      type: 'Failed',
      reason: 'DeadlineExceeded',
      message: 'Job was active longer than specified deadline',
    }
  const done =
    completions === undefined ? seen.succeeded > 0 && seen.active.length === 0 : seen.succeeded >= completions
  return done
    ? {
        type: 'Complete',
        reason: 'CompletionsReached',
        message: 'Reached expected number of succeeded pods',
      }
    : undefined
}

/** How long to wait after the last failure: ten seconds, and twice as long with each. */
const backOff = (failed: StoredPod[], now: number): number => {
  if (failed.length === 0) return 0
  const ends = failed
    .flatMap(({ status }) => status?.containerStatuses ?? [])
    .map(({ state }) => Date.parse(state?.terminated?.finishedAt ?? ''))
    .filter((time) => !Number.isNaN(time))
  const last = ends.length > 0 ? Math.max(...ends) : now
  return last + Math.min(firstBackOffMs * 2 ** (failed.length - 1), longestBackOffMs) - now
}

const create = ({ store }: Control, record: RecordEvent, job: StoredJob): StoredPod => {
  try {
    const pod = store.create(resources.pods, podFrom(job.spec.template, job as KubernetesObject), {
      manager: controllerManager,
    })
    const message = `Created pod: ${pod.metadata.name}`
    record(job as KubernetesObject, { type: 'Normal', reason: 'SuccessfulCreate', message })
    return pod
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    const message = `Error creating: ${error.message}`
    record(job as KubernetesObject, { type: 'Warning', reason: 'FailedCreate', message })
    throw error
  }
}

const remove = ({ store }: Control, record: RecordEvent, job: StoredJob, pods: StoredPod[]): void => {
  for (const { metadata } of pods) {
    store.delete(resources.pods, metadata.namespace, metadata.name)
    const message = `Deleted pod: ${metadata.name}`
    record(job as KubernetesObject, { type: 'Normal', reason: 'SuccessfulDelete', message })
  }
}

const report = (
  { store }: Control,
  record: RecordEvent,
  job: StoredJob,
  { active, succeeded, failed, startTime }: Seen & { startTime: string | undefined },
  verdict?: Verdict,
): void => {
  const now = store.timestamp()
  const condition = (type: string, why: Omit<Verdict, 'type'>): JobCondition => ({
    type,
    status: 'True',
    lastProbeTime: now,
    lastTransitionTime: now,
    ...why,
  })
  const { type, ...why } = verdict ?? { type: '' }
  const before = type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget'
  const conditions = [
    ...(verdict ? [condition(before, why), condition(type, why)] : []),
    ...(job.spec.suspend
      ? [condition('Suspended', { reason: 'JobSuspended', message: 'Job suspended' })]
      : []),
  ]
  store.updateStatus(resources.jobs, job.metadata.namespace, job.metadata.name, () => ({
    ...(conditions.length > 0 ? { conditions } : {}),
    ...(startTime ? { startTime } : {}),
    ...(type === 'Complete' ? { completionTime: now } : {}),
    ...(active.length > 0 ? { active: active.length } : {}),
    ...(succeeded > 0 ? { succeeded } : {}),
    ...(failed > 0 ? { failed } : {}),
    terminating: 0,
    uncountedTerminatedPods: {},
    ready: active.filter(isReady).length,
  }))
  if (type === 'Complete')
    record(job as KubernetesObject, { type: 'Normal', reason: 'Completed', message: 'Job completed' })
  else if (verdict?.reason)
    record(job as KubernetesObject, {
      type: 'Warning',
      reason: verdict.reason,
      message: verdict.message ?? '',
    })
}

/** Deletes a Job that ended longer ago than it is to stay. */
const removeWhenOld = ({ store, clock }: Control, job: StoredJob): number | undefined => {
  const { ttlSecondsAfterFinished: seconds } = job.spec
  if (seconds === undefined) return undefined
  const left = Date.parse(endOf(job)?.lastTransitionTime ?? '') + seconds * 1000 - clock.now()
  if (left > 0) return left
  store.delete(resources.jobs, job.metadata.namespace, job.metadata.name, { propagation: 'Foreground' })
  return undefined
}

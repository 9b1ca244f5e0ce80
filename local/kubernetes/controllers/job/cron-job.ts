import type { CronJob, Job } from '../../../../core/kubernetes.ts'
import { type CronSchedule, parseCron } from '../../store/cron.ts'
import type { RecordEvent } from '../../store/events.ts'
import { type KubernetesObject, resources, type Stored } from '../../store/resources.ts'
import { type Control, type Running, runController } from '../control.ts'
import { controllerOf, controllerReference } from '../pods.ts'
import { endOf } from './job.ts'

type StoredCronJob = Stored<CronJob>
type StoredJob = Stored<Job>

/** Makes each CronJob's Jobs at their times, and removes those that are too old. */
export const startCronJobController = (control: Control): Running => {
  const record = control.events({ component: 'cronjob-controller' })
  return runController(control, {
    resource: resources.cronjobs,
    latencyMs: 5,
    reconcile: (cron) => (cron.metadata.deletionTimestamp ? undefined : reconcile(control, record, cron)),
  })
}

const reconcile = (control: Control, record: RecordEvent, cron: StoredCronJob): number | undefined => {
  const { store, clock } = control
  const jobs = store
    .list(resources.jobs, { namespace: cron.metadata.namespace })
    .filter(({ metadata }) => controllerOf(metadata)?.uid === cron.metadata.uid)
  forgetOldest(control, record, cron, jobs)
  const active = stillActive(record, cron, jobs)
  const schedule = parseCron(cron.spec.schedule, cron.spec.timeZone)
  const since = Date.parse(cron.status?.lastScheduleTime ?? cron.metadata.creationTimestamp)
  const due = cron.spec.suspend ? undefined : latest(schedule, since, clock.now())
  const made = due === undefined ? undefined : start(control, record, cron, active, due)
  const present = cron.spec.concurrencyPolicy === 'Replace' && made ? [] : active
  const succeeded = jobs
    .filter((job) => endOf(job)?.type === 'Complete')
    .map(({ status }) => status?.completionTime ?? '')
    .sort()
    .at(-1)
  store.updateStatus(resources.cronjobs, cron.metadata.namespace, cron.metadata.name, (status) => {
    const { active: _active, ...rest } = status
    const running = [...present, ...(made ? [made] : [])].map(referenceTo)
    return {
      ...rest,
      ...(running.length > 0 ? { active: running } : {}),
      ...(due !== undefined && made
        ? { lastScheduleTime: new Date(due).toISOString().replace('.000', '') }
        : {}),
      ...(succeeded ? { lastSuccessfulTime: succeeded } : {}),
    }
  })
  const next = cron.spec.suspend ? undefined : schedule.after(clock.now())
  return next === undefined ? undefined : next - clock.now()
}

/**
 * Those that the controller made and that still run. It tells which of its own have ended, and which run that it did
 * not make, as after `kubectl create job --from`: those do not count (syncCronJob of cronjob_controllerv2.go).
 */
const stillActive = (record: RecordEvent, cron: StoredCronJob, jobs: StoredJob[]): StoredJob[] => {
  const own = new Set(cron.status?.active?.map(({ uid }) => uid))
  for (const job of jobs) {
    const { name, uid } = job.metadata
    const end = endOf(job)
    const say = (type: 'Normal' | 'Warning', reason: string, message: string) =>
      record(cron as KubernetesObject, { type, reason, message })
    if (own.has(uid) && end)
      say('Normal', 'SawCompletedJob', `Saw completed job: ${name}, condition: ${end.type}`)
    if (!own.has(uid) && !end)
      say('Warning', 'UnexpectedJob', `Saw a job that the controller did not create or forgot: ${name}`)
  }
  return jobs.filter((job) => own.has(job.metadata.uid) && !endOf(job))
}

/** Times that were missed longer ago than this are not made up for, in milliseconds. */
const forgottenMs = 24 * 3600_000

/** The last time that has come since a moment: of several that were missed, one is made up for. */
const latest = (schedule: CronSchedule, since: number, now: number): number | undefined => {
  let found: number | undefined
  const from = Math.max(since, now - forgottenMs)
  for (let at = schedule.after(from); at !== undefined && at <= now; at = schedule.after(at)) found = at
  return found
}

const referenceTo = ({
  apiVersion,
  kind,
  metadata: { name, namespace, uid, resourceVersion },
}: StoredJob) => ({
  apiVersion,
  kind,
  name,
  ...(namespace === undefined ? {} : { namespace }),
  uid,
  resourceVersion,
})

/** Makes the Job of a time, unless it was made, comes too late, or may not run beside one that still runs. */
const start = (
  { store, clock }: Control,
  record: RecordEvent,
  cron: StoredCronJob,
  active: StoredJob[],
  due: number,
): StoredJob | undefined => {
  const { namespace = 'default', name } = cron.metadata
  const { concurrencyPolicy, startingDeadlineSeconds, jobTemplate } = cron.spec
  const jobName = `${name}-${Math.floor(due / 60_000)}`
  if (store.get(resources.jobs, namespace, jobName)) return undefined
  const recordEvent = (type: 'Normal' | 'Warning', reason: string, message: string) =>
    record(cron as KubernetesObject, { type, reason, message })
  if (startingDeadlineSeconds !== undefined && clock.now() - due > startingDeadlineSeconds * 1000) {
    recordEvent(
      'Warning',
      'MissSchedule',
      `Missed scheduled time to start a job: ${new Date(due).toUTCString()}`,
    )
    return undefined
  }
  if (concurrencyPolicy === 'Forbid' && active.length > 0) {
    recordEvent(
      'Normal',
      'JobAlreadyActive',
      'Not starting job because prior execution is running and concurrency policy is Forbid',
    )
    return undefined
  }
  if (concurrencyPolicy === 'Replace')
    for (const { metadata } of active) {
      store.delete(resources.jobs, namespace, metadata.name, { propagation: 'Background' })
      recordEvent('Normal', 'SuccessfulDelete', `Deleted job ${metadata.name}`)
    }
  const { labels, annotations } = jobTemplate.metadata ?? {}
  const job = store.create(resources.jobs, {
    metadata: {
      name: jobName,
      namespace,
      ...(labels ? { labels } : {}),
      annotations: {
        ...annotations,
        'batch.kubernetes.io/cronjob-scheduled-timestamp': new Date(due).toISOString().replace('.000', ''),
      },
      ownerReferences: [controllerReference(cron as KubernetesObject)],
    },
    spec: jobTemplate.spec ?? { template: {} },
  })
  recordEvent('Normal', 'SuccessfulCreate', `Created job ${jobName}`)
  return job
}

/** Of the Jobs that ended, a few of each kind stay to be looked at. */
const forgetOldest = (
  { store }: Control,
  record: RecordEvent,
  cron: StoredCronJob,
  jobs: StoredJob[],
): void => {
  const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1 } = cron.spec
  const tooMany = (type: string, limit: number) =>
    jobs
      .filter((job) => endOf(job)?.type === type)
      .sort((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? 1 : -1))
      .slice(limit)
  for (const { metadata } of [
    ...tooMany('Complete', successfulJobsHistoryLimit),
    ...tooMany('Failed', failedJobsHistoryLimit),
  ]) {
    store.delete(resources.jobs, metadata.namespace, metadata.name, { propagation: 'Background' })
    const message = `Deleted job ${metadata.name}`
    record(cron as KubernetesObject, { type: 'Normal', reason: 'SuccessfulDelete', message })
  }
}

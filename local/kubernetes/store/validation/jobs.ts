import { isDeepStrictEqual } from 'node:util'
import type { JobSpec } from '../../../../core/kubernetes.ts'
import { parseCron } from '../cron.ts'
import type { FieldError } from '../status.ts'
import { invalidValue, required } from './fields.ts'
import { podSpecErrors } from './workloads.ts'

/** What is wrong with a Job's spec; `previous` is what an update replaces. */
export const jobErrors = (
  field: string,
  spec: JobSpec | undefined,
  previous: JobSpec | undefined,
): FieldError[] => {
  if (!spec) return [required(field)]
  const { restartPolicy } = spec.template?.spec ?? {}
  return [
    ...podSpecErrors(`${field}.template.spec`, spec.template?.spec),
    ...(restartPolicy === 'OnFailure' || restartPolicy === 'Never'
      ? []
      : [required(`${field}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"')]),
    ...(previous && !isDeepStrictEqual(spec.template, previous.template)
      ? [invalidValue(`${field}.template`, spec.template, 'field is immutable')]
      : []),
  ]
}

/** What is wrong with a CronJob's schedule or its time zone. */
export const scheduleErrors = (schedule: string, timeZone: string | undefined): FieldError[] => {
  if (!schedule) return [required('spec.schedule')]
  try {
    parseCron(schedule, timeZone).after(0)
    return []
  } catch (error) {
    if (error instanceof RangeError)
      return [invalidValue('spec.timeZone', timeZone, `unknown time zone ${timeZone}`)]
    return [invalidValue('spec.schedule', schedule, error instanceof Error ? error.message : String(error))]
  }
}

import type { CronJob, Job } from '../../../core/kubernetes.ts'
import type { Stored } from '../store/resources.ts'
import { ageOf, humanDuration } from './age.ts'
import { ageColumn, type Column, column, integer, nameColumn } from './column.ts'
import { selectorColumn, templateColumns } from './workloads.ts'

export const jobColumns: Column<Stored<Job>>[] = [
  nameColumn,
  column('Status', 'What became of it.', ({ status }) => jobStatus(status)),
  column(
    'Completions',
    'Pods that succeeded, of those wanted.',
    ({ spec, status }) => `${status?.succeeded ?? 0}/${spec.completions ?? spec.parallelism ?? 1}`,
  ),
  column('Duration', 'How long it took, or has taken.', ({ status }, now) => {
    if (!status?.startTime) return ''
    const end = status.completionTime ? Date.parse(status.completionTime) : now
    return humanDuration(end - Date.parse(status.startTime))
  }),
  ageColumn,
  ...templateColumns,
  selectorColumn,
]

const jobStatus = (status: Stored<Job>['status']): string => {
  const holds = (type: string) =>
    status?.conditions?.some((condition) => condition.type === type && condition.status === 'True')
  if (holds('Complete')) return 'Complete'
  if (holds('Failed')) return 'Failed'
  if (holds('Suspended')) return 'Suspended'
  if (holds('FailureTarget')) return 'FailureTarget'
  return holds('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running'
}

export const cronJobColumns: Column<Stored<CronJob>>[] = [
  nameColumn,
  column('Schedule', 'When it runs.', ({ spec }) => spec.schedule),
  column('Timezone', 'Where those times are.', ({ spec }) => spec.timeZone ?? '<none>'),
  column('Suspend', 'Whether it rests.', ({ spec }) => (spec.suspend ? 'True' : 'False')),
  integer('Active', 'Jobs that run now.', ({ status }) => status?.active?.length ?? 0),
  column('Last Schedule', 'When it last ran.', ({ status }, now) =>
    status?.lastScheduleTime ? ageOf(status.lastScheduleTime, now) : '<none>',
  ),
  ageColumn,
  ...[...templateColumns, selectorColumn].map((column) => ({
    ...column,
    cell: ({ spec: { jobTemplate } }: Stored<CronJob>, now: number) =>
      column.cell({ spec: { template: { spec: { containers: [] } }, ...jobTemplate.spec } }, now),
  })),
]

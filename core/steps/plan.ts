import { describeSettings } from '../association.ts'
import { changeLine } from '../text/change-lines.ts'
import { formatWorkloadRef } from '../workload/workload.ts'
import { plannedChanges } from './ledger.ts'

type Planned = Parameters<typeof plannedChanges>[0]

/**
 * The plan of a run, as a person approves it: each write, and what was there when it was decided. Two plans are the
 * same where these lines are.
 */
export const planLines = (state: Planned): string[] => {
  const { request, associationCheck, workload } = state
  const before = associationCheck?.before
  return [
    ...plannedChanges(state).map(changeLine),
    before ? `where the association is ${describeSettings(before)}` : 'where there is no association',
    ...(request.workload
      ? [
          workload?.uid
            ? `where ${formatWorkloadRef(request.workload)} is the object of uid ${workload.uid}`
            : `where there is no ${formatWorkloadRef(request.workload)}`,
        ]
      : []),
  ]
}

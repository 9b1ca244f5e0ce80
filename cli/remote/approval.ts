import type * as z from 'zod'
import type { Change } from '../../core/changes.ts'
import { PreflightFailed } from '../../core/errors.ts'
import type { HistoryEvent } from '../../core/run-events/history.ts'
import { plannedChanges } from '../../core/steps/ledger.ts'
import { ApprovalInput } from '../../functions/steps/request-approval.ts'
import { planOf } from '../../functions/support/plan.ts'
import { callerArn, ownCredentials } from '../identity.ts'
import { questionText } from '../render/changes.ts'
import { notice, type Screen } from '../render/screen.ts'
import { type RemoteStage, requireRun } from './stage.ts'

/**
 * The question that an execution waits with, as its function was given it; undefined where it does not wait.
 * @throws PreflightFailed where it cannot be read
 */
export const openQuestion = <Question>(
  history: readonly HistoryEvent[],
  schema: z.ZodType<Question>,
): Question | undefined => {
  const entered = history.findLastIndex(
    ({ stateEnteredEventDetails: state }) => state?.name === 'AwaitApproval',
  )
  const since = entered < 0 ? [] : history.slice(entered)
  if (since.some(({ stateExitedEventDetails: state }) => state?.name === 'AwaitApproval')) return undefined
  const scheduled = since.findLast((event) => event.taskScheduledEventDetails)
  const parameters = scheduled?.taskScheduledEventDetails?.parameters
  if (parameters === undefined || !since.some(({ type }) => type === 'TaskSubmitted')) return undefined
  const { Payload } = JSON.parse(parameters) as { Payload: unknown }
  const read = schema.safeParse(Payload)
  if (!read.success)
    throw new PreflightFailed('its question is one of another version of podid, and cannot be read')
  return read.data
}

/** An open question: what would be done, and how it is answered. The task token stays in here. */
export interface RunQuestion {
  changes: Change[]
  /** What it asks about, in lines. */
  text(screen: Screen): string
  /** @throws PreflightFailed where nobody waits for it any more */
  answer(approved: boolean, by: string, at: string): Promise<void>
}

/** The question that a run of a stage waits with. @throws PreflightFailed where there is no such run, or it does not wait */
export const questionOf = async (stage: RemoteStage, run: string): Promise<RunQuestion> => {
  const { executions } = stage
  const found = await requireRun(stage, run)
  const asked = openQuestion(await executions.history(run), ApprovalInput)
  if (found.status !== 'RUNNING' || !asked)
    throw new PreflightFailed(`the run ${run} does not wait for an approval: its status is ${found.status}`)
  const { token, findings: _shown, ...state } = asked
  const changes = plannedChanges(state)
  return {
    changes,
    text: (screen) => questionText(`The run ${run}`, changes, screen),
    answer: async (approved, by, at) => {
      const { digest: plan, lines } = planOf(state)
      const answered = approved
        ? await executions.succeed(token, { approvedBy: by, at, plan, lines })
        : await executions.fail(token, 'Declined', `declined by ${by}`)
      if (!answered) throw new PreflightFailed(`too late: the run ${run} no longer waits for an answer`)
    },
  }
}

/** Approves what a run waits with, as the caller; what stands in the way is said, and the run goes on waiting. */
export const approveAtOnce = async (stage: RemoteStage, run: string): Promise<void> => {
  try {
    const by = await callerArn(ownCredentials(), stage.region)
    const { answer } = await questionOf(stage, run)
    await answer(true, by, new Date().toISOString())
  } catch (error) {
    process.stderr.write(notice(`podid: not approved: ${(error as Error).message}`))
  }
}

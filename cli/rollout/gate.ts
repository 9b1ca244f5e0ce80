import { PreflightFailed } from '../../core/errors.ts'
import { gateText } from '../../core/fleet/waves/gate.ts'
import { GateInput } from '../../functions/steps/request-approval.ts'
import { callerArn, ownCredentials } from '../identity.ts'
import { openQuestion, type RunQuestion } from '../remote/approval.ts'
import type { RemoteStage } from '../remote/stage.ts'
import { notice } from '../render/screen.ts'
import { gateLines } from './show.ts'

/** The question that a rollout of a stage waits with. @throws PreflightFailed where there is none */
export const gateOf = async (stage: RemoteStage, rollout: string): Promise<RunQuestion> => {
  const { rollouts } = stage
  const [found, history] = await Promise.all([rollouts.find(rollout), rollouts.history(rollout)])
  const asked = openQuestion(history, GateInput)
  if (found?.status !== 'RUNNING' || !asked)
    throw new PreflightFailed(
      `the rollout ${rollout} does not wait for an approval: its status is ${found?.status}`,
    )
  const { token, question } = asked
  return {
    changes: [],
    text: ({ width }) => gateLines(rollout, question, width),
    answer: async (approved, by, at) => {
      const { plan } = question
      const answered = approved
        ? await rollouts.succeed(token, { approvedBy: by, at, plan, lines: [gateText(question)] })
        : await rollouts.fail(token, 'Declined', `declined by ${by}`)
      if (!answered)
        throw new PreflightFailed(`too late: the rollout ${rollout} no longer waits for an answer`)
    },
  }
}

/** Approves the next wave of a rollout as the caller; what stands in the way is said, and the rollout goes on waiting. */
export const approveGateAtOnce = async (stage: RemoteStage, rollout: string): Promise<void> => {
  try {
    const by = await callerArn(ownCredentials(), stage.region)
    const { answer } = await gateOf(stage, rollout)
    await answer(true, by, new Date().toISOString())
  } catch (error) {
    process.stderr.write(notice(`podid: not approved: ${(error as Error).message}`))
  }
}

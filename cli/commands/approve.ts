import { PreflightFailed } from '../../core/errors.ts'
import { visible } from '../../core/text/unprintable.ts'
import { ownRuntime, reportingErrors } from '../direct.ts'
import { type ExitCode, exit } from '../exit.ts'
import { callerArn } from '../identity.ts'
import { recordedRun } from '../journal/read.ts'
import { questionOf } from '../remote/approval.ts'
import { hasRollout, type RemoteFlags, type RemoteStage } from '../remote/stage.ts'
import { askAtTerminal } from '../render/question.ts'
import { screenOf } from '../render/screen.ts'
import { recordedRollout } from '../rollout/recorded.ts'
import { UsageError } from '../usage-error.ts'
import { stageFor } from './runs.ts'

/** `podid approve` and `podid decline`: answers the question that a stage's run, or its rollout between two waves, waits with, as the caller. */
export const answerRun = (
  approved: boolean,
  run: string,
  flags: RemoteFlags & { yes?: boolean },
): Promise<ExitCode> =>
  reportingErrors(async () => {
    if (recordedRun(run) || recordedRollout(run))
      throw new PreflightFailed(`${run} is of this machine, and asks at its own terminal`)
    const stage = await stageFor(flags)
    if (!stage) throw new UsageError(`which stage has the run ${run}? Give it: --remote STAGE`)
    const { text: questionText, answer } = await openQuestionOf(stage, run)
    process.stdout.write(questionText(screenOf(process.stdout)))
    if (approved && !flags.yes && !(await agreed())) {
      process.stdout.write('not answered\n')
      return exit.failed
    }
    const { credentials } = ownRuntime().aws
    const by = await callerArn(credentials, stage.region)
    await answer(approved, by, new Date().toISOString())
    process.stdout.write(visible(`${approved ? 'approved' : 'declined'} as ${by}\n`))
    return exit.done
  })

/** The question of a run, or of a rollout between two waves. */
const openQuestionOf = async (stage: RemoteStage, run: string) => {
  if ((await stage.executions.find(run)) || !(await hasRollout(stage, run))) return questionOf(stage, run)
  const { gateOf } = await import('../rollout/gate.ts')
  return gateOf(stage, run)
}

const agreed = async (): Promise<boolean> => {
  if (!process.stdin.isTTY) throw new UsageError('there is no terminal to ask at: add --yes to approve this')
  return (await askAtTerminal('Approve this? [y/N] ')) === 'yes'
}

import { PreflightFailed } from '../../core/errors.ts'
import { beforeOf } from '../../core/run-events/before.ts'
import type { ExitCode } from '../exit.ts'
import type { OutputFlags } from '../show.ts'
import { followRemote, startRemote } from './enable.ts'
import { type RemoteStage, requireRun } from './stage.ts'

/**
 * Has a stage put back what one of its runs changed, however that run ended.
 * @throws PreflightFailed where there is no such run, it is under way, or it looked at nothing
 */
export const undoRemotely = async (
  stage: RemoteStage,
  run: string,
  flags: OutputFlags,
): Promise<ExitCode> => {
  const found = await requireRun(stage, run)
  if (found.status === 'RUNNING')
    throw new PreflightFailed(
      `the run ${run} is still under way in ${stage.label}: stop it first, or wait for its end`,
    )
  const before = beforeOf(await stage.executions.history(run))
  if (!before)
    throw new PreflightFailed(`the run ${run} ended before it looked at anything: there is nothing to undo`)
  const input = { ...(found.input as Record<string, unknown>), mode: 'undo', before }
  const undo = await startRemote(stage, input)
  return followRemote(stage, undo, `undo ${run} of ${stage.label}: ${undo}`, flags, 'undo')
}

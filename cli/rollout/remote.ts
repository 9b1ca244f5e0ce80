import { objects } from '../../adapters/objects.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { viewFleet } from '../../core/fleet/waves/history-view.ts'
import { mostPayloadBytes } from '../../core/fleet/waves/quotas.ts'
import type { PlainItem } from '../../core/fleet/waves/request.ts'
import { bytesOf } from '../../core/text/fit.ts'
import { command } from '../../core/text/shell.ts'
import { visible } from '../../core/text/unprintable.ts'
import type { ExitCode } from '../exit.ts'
import { invokedAs } from '../invoked.ts'
import { ofDeployed, type RemoteStage } from '../remote/stage.ts'
import type { RunFlags } from '../run-flags.ts'
import { followRollout } from './follow.ts'

/**
 * Starts a rollout in a deployed stage, and follows it. A list that is longer than an input may be goes into the stage's
 * bucket first.
 * @throws PreflightFailed where the stage is not there
 */
export const rollOutRemotely = async (
  runtime: Runtime,
  stage: RemoteStage,
  { name, request, items }: { name: string; request: object; items?: PlainItem[] | undefined },
  flags: RunFlags,
): Promise<ExitCode> => {
  const whole = { ...request, ...(items ? { items } : {}) }
  const input =
    items && bytesOf(whole) > mostPayloadBytes - 1000
      ? await uploaded(runtime, stage, name, request, items)
      : whole
  await ofDeployed(stage, stage.rollouts.start(name, input))
  return followRemoteRollout(stage, name, flags)
}

/** How a command finds a stage again: ` --remote production --region eu-central-1`. */
export const againAt = ({ name, region }: RemoteStage): string =>
  ` ${command`--remote ${name} --region ${region}`}`

/** Follows a rollout of a stage to its end; with `yes` its next waves are approved where it waits for that. */
export const followRemoteRollout = (
  stage: RemoteStage,
  rollout: string,
  flags: RunFlags,
): Promise<ExitCode> => {
  const again = againAt(stage)
  const podid = invokedAs()
  return followRollout({
    rollout,
    flags,
    again,
    read: async () => viewFleet(await stage.rollouts.history(rollout)),
    onQuestion: () => {
      if (flags.yes)
        void import('./gate.ts').then(({ approveGateAtOnce }) => approveGateAtOnce(stage, rollout))
      else if (!flags.json)
        process.stderr.write(
          visible(`it waits for an approval:\n  ${podid} ${command`approve ${rollout}`}${again}\n`),
        )
    },
    ways: [
      `to come back:  ${podid} ${command`runs watch ${rollout}`}${again}`,
      `to stop it:    ${command`aws stepfunctions stop-execution --execution-arn ${stage.rollouts.arnOf(rollout)} --region ${stage.region}`}`,
      `to undo it, when it has ended or was stopped:  ${podid} ${command`rollout --undo ${rollout}`}${again}`,
    ],
  })
}

const uploaded = async (
  runtime: Runtime,
  { arn, region }: RemoteStage,
  name: string,
  request: object,
  items: PlainItem[],
): Promise<object> => {
  const [, , , , account = '', , machine = ''] = arn.split(':')
  const bucket = `${machine.replace(/-enable$/, '').toLowerCase()}-rollouts-${account}`
  const key = `inputs/${name}.json`
  await objects(runtime, { bucket, region }).put(key, items)
  return { ...request, itemsAt: key }
}

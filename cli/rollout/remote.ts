import { systemClock } from '../../adapters/clock.ts'
import { objects } from '../../adapters/objects.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { executions } from '../../adapters/step-functions.ts'
import { PreflightFailed } from '../../core/errors.ts'
import { mostPayloadBytes } from '../../core/fleet/waves/quotas.ts'
import type { PlainItem } from '../../core/fleet/waves/request.ts'
import { viewFleet } from '../../core/fleet/waves/view.ts'
import { bytesOf } from '../../core/text/fit.ts'
import { command } from '../../core/text/shell.ts'
import { jsonLine, visible } from '../../core/text/unprintable.ts'
import { type ExitCode, exit } from '../exit.ts'
import { interruption } from '../interruption.ts'
import { ofDeployed, type RemoteStage } from '../remote/stage.ts'
import type { RunFlags } from '../run-flags.ts'
import { showReport } from './show.ts'

/** The state machine of rollouts beside a stage's own. */
const rolloutsOf = (runtime: Runtime, { arn }: RemoteStage) =>
  executions(runtime, arn.replace(/-enable(?=:|$)/, '-rollout'))

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
  const rollouts = rolloutsOf(runtime, stage)
  const whole = { ...request, ...(items ? { items } : {}) }
  const input =
    items && bytesOf(whole) > mostPayloadBytes - 1000
      ? await uploaded(runtime, stage, name, request, items)
      : whole
  await ofDeployed(stage, rollouts.start(name, input))
  const { signal, release } = interruption()
  let said = 0
  let asked = false
  for (let pause = 500; !signal.aborted; pause = Math.min(pause * 1.5, 5000)) {
    const view = viewFleet(await rollouts.history(name))
    for (const judged of view.judged.slice(said)) {
      if (flags.json)
        process.stdout.write(`${jsonLine({ type: 'rollout.judged', rollout: name, ...judged })}\n`)
      else if (!flags.quiet) process.stderr.write(visible(` ─ ${judged.message}\n`))
      pause = 500
    }
    said = view.judged.length
    if (view.awaitsAnswer && !asked && !flags.json)
      process.stderr.write(visible('it waits for an approval, in Slack or through the webhook\n'))
    asked = view.awaitsAnswer
    if (view.end) {
      release()
      const { report, message, status } = view.end
      if (flags.json)
        process.stdout.write(`${jsonLine({ type: 'rollout.ended', rollout: name, status, report })}\n`)
      if (report && !flags.json)
        return showReport(report, ` ${command`--remote ${stage.name} --region ${stage.region}`}`)
      if (!report) throw new PreflightFailed(`the rollout ${name} ended as ${status}: ${message}`)
      return view.end.succeeded ? exit.done : exit.failed
    }
    await systemClock.sleep(pause, signal).catch(() => {})
  }
  release()
  process.stderr.write(
    visible(
      `the rollout ${name} goes on\n  to stop it:  ${command`aws stepfunctions stop-execution --execution-arn ${rollouts.arnOf(name)} --region ${stage.region}`}\n`,
    ),
  )
  return exit.interrupted
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

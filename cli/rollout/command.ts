import type { FleetReport } from '../../core/fleet/waves/report.ts'
import type { PlainItem } from '../../core/fleet/waves/request.ts'
import type { RolloutSettings } from '../../core/fleet/waves/settings.ts'
import { jsonLine, visible } from '../../core/text/unprintable.ts'
import { regionOf } from '../binding.ts'
import { targetsFrom } from '../bindings/choose.ts'
import { type SelectionFlags, usualFile } from '../bindings/chosen.ts'
import { lookedUp } from '../bindings/defaults.ts'
import type { Flags } from '../bindings/fields.ts'
import { configNear } from '../bindings/in-file.ts'
import { type KubeconfigFlags, kubernetesTokenOf } from '../bindings/kubeconfig.ts'
import { withNeeds } from '../bindings/needs.ts'
import { ownRuntime, reportingErrors } from '../direct.ts'
import { type ExitCode, exit } from '../exit.ts'
import { accountOf } from '../identity.ts'
import { interruption } from '../interruption.ts'
import { type RemoteFlags, remoteStage } from '../remote/stage.ts'
import { notice } from '../render/screen.ts'
import type { RunFlags } from '../run-flags.ts'
import { UsageError } from '../usage-error.ts'
import { showEnd } from './follow.ts'
import { type EndedHere, noTerminal, type RolloutHere, rollOutHere } from './here.ts'
import { manualRolloutName } from './name.ts'
import { wavesText } from './show.ts'

export type RolloutFlags = Flags &
  SelectionFlags &
  KubeconfigFlags &
  RemoteFlags &
  RunFlags & { plan?: boolean; undo?: string; wave?: number[]; tolerate?: number; undoOnFailure?: boolean }

/** `podid rollout`: many bindings in waves, from this machine or in a deployed stage; or the undoing of waves. */
export const rollout = (flags: RolloutFlags): Promise<ExitCode> =>
  reportingErrors(async () => {
    const runtime = ownRuntime(kubernetesTokenOf(flags))
    const name = manualRolloutName()
    const own = {
      ...(flags.tolerate === undefined ? {} : { toleratedFailurePercentage: flags.tolerate }),
      ...(flags.undoOnFailure ? { undoOnFailure: true } : {}),
    }
    const found = flags.undo === undefined ? await itemsFrom(runtime, flags) : undefined
    const config = found?.config ?? configNear(flags.stage)
    const region = config?.region ?? found?.region ?? regionOf(flags)
    const stage = await remoteStage(runtime, flags, config, () => region)
    const request = {
      ...own,
      ...(flags.undo === undefined
        ? { mode: flags.plan ? 'plan' : 'enable' }
        : { mode: 'undo', undo: { rollout: flags.undo, ...(flags.wave ? { waves: flags.wave } : {}) } }),
    }
    if (stage) {
      const { rollOutRemotely } = await import('./remote.ts')
      // As the file says, whose bindings these are; what it says nothing of is the stage's.
      const settings = flags.undo === undefined ? config?.rollout : {}
      const whole = { ...settings, ...request }
      return rollOutRemotely(runtime, stage, { name, request: whole, items: found?.items }, flags)
    }
    const account = await accountOf(runtime.aws.credentials, region)
    const stop = interruption()
    const settings: Partial<RolloutSettings> = config?.rollout ?? {}
    const input = { ...request, ...(found ? { items: found.items } : {}) }
    const here: RolloutHere = { runtime, account, region, name, input, settings, flags, stop }
    if (flags.undo === undefined) {
      const planned = await rollOutHere({ ...here, input: { ...input, mode: 'plan' } })
      if (!planned.report) return stop.signal.aborted ? exit.interrupted : refused(planned)
      const { waves, summary } = planned.report
      if (flags.plan) return showEnd({ rollout: name, flags, again: '' }, endOf(planned.report))
      if (!flags.json && !flags.quiet)
        process.stderr.write(visible(`${wavesText(planned.report)}${summary}\n`))
      if (waves.length > 1 && settings.approval === 'required' && !flags.yes && !process.stdin.isTTY)
        throw new UsageError(noTerminal)
    }
    if (flags.json) process.stdout.write(`${jsonLine({ type: 'rollout.started', rollout: name })}\n`)
    const ended = await rollOutHere(here)
    stop.release()
    if (!ended.report) {
      if (!stop.signal.aborted) return refused(ended)
      process.stderr.write('interrupted before anything was changed\n')
      return exit.interrupted
    }
    const code = showEnd({ rollout: name, flags, again: '' }, endOf(ended.report))
    if (!stop.signal.aborted) return code
    return ended.left ? exit.undoIncomplete : exit.interrupted
  })

const endOf = (report: FleetReport) => {
  const succeeded = ['done', 'planned', 'undone'].includes(report.outcome)
  return { succeeded, status: succeeded ? 'SUCCEEDED' : 'FAILED', message: report.summary, report }
}

const refused = ({ error, message }: EndedHere): ExitCode => {
  process.stderr.write(notice(`podid: ${message}`))
  return error === 'InvalidRequest' ? exit.usage : exit.failed
}

/** The bindings of the file, each with what is looked up. */
const itemsFrom = async (runtime: ReturnType<typeof ownRuntime>, flags: RolloutFlags) => {
  const chosen = { ...flags, file: flags.file ?? usualFile, ...(flags.binding ? {} : { all: true }) }
  const { targets, config } = await targetsFrom('rollout', chosen)
  const items: PlainItem[] = []
  for (const { name, input } of targets) {
    const looked = await lookedUp(runtime, { ...input, mode: 'enable' })
    const { mode: _, ...whole } = await withNeeds(runtime, looked, () => {})
    items.push({ name, input: { ...whole, region: regionOf(whole) } })
  }
  return { items, config, region: items[0] ? String(items[0].input.region) : undefined }
}

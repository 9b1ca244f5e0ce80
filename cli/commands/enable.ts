import type { Runtime } from '../../adapters/runtime.ts'
import { PreflightFailed } from '../../core/errors.ts'
import { bytesOf } from '../../core/text/fit.ts'
import { clusterApi } from '../../functions/support/kubernetes.ts'
import { act } from '../act.ts'
import { approval } from '../approval.ts'
import { regionOf, requestOf } from '../binding.ts'
import { targetsFrom } from '../bindings/choose.ts'
import type { ChosenBinding, SelectionFlags } from '../bindings/chosen.ts'
import { isFaulty, lookedUp } from '../bindings/defaults.ts'
import type { Flags } from '../bindings/fields.ts'
import { type KubeconfigFlags, kubernetesTokenOf } from '../bindings/kubeconfig.ts'
import { accountInRole, withNeeds } from '../bindings/needs.ts'
import { ownRuntime, reportingErrors } from '../direct.ts'
import { type ExitCode, exit } from '../exit.ts'
import { faultsByFlags } from '../flag-names.ts'
import { accountOf, ownCredentials } from '../identity.ts'
import { interruption } from '../interruption.ts'
import { type RemoteFlags, type RemoteStage, remoteStage } from '../remote/stage.ts'
import { notice } from '../render/screen.ts'
import type { ManyFlags, RunFlags } from '../run-flags.ts'
import { output } from '../show.ts'
import { UsageError } from '../usage-error.ts'

export type EnableFlags = Flags & SelectionFlags & KubeconfigFlags & RemoteFlags & RunFlags & ManyFlags

/** `podid enable` and `podid plan`: one run, or several side by side, against whatever the SDK's environment points at. */
export const enable = (mode: 'enable' | 'plan', flags: EnableFlags): Promise<ExitCode> =>
  reportingErrors(async () => {
    const { targets, config } = await targetsFrom(mode, flags)
    const kubernetesToken = kubernetesTokenOf(flags)
    const runtime = ownRuntime(kubernetesToken)
    const [first] = targets
    const stage = await remoteStage(runtime, flags, config, () => regionOf(first?.input ?? {}))
    if (stage) return enableRemotely(runtime, stage, mode, targets, flags)
    if (targets.length > 1 || !first) {
      const { enableMany } = await import('../many/enable.ts')
      return enableMany(runtime, mode, targets, flags)
    }
    const given = { ...first.input, mode }
    const input = await lookedUp(runtime, given)
    // What is only presumed of a faulty one is no part of its name.
    const heading = headingOf(isFaulty(given) ? given : input)
    const show = (text: string) => {
      // A plan's are there to be kept; a run that acts has them in passing.
      if (!flags.quiet && (mode === 'plan' || !flags.json)) process.stderr.write(notice(text))
    }
    await noteAbsence(runtime, input)
    return runWithInput(await withNeeds(runtime, input, show), flags, kubernetesToken, heading)
  })

/**
 * An association may be made before its ServiceAccount, so that its absence prevents nothing; where no workload says which
 * one is meant, it may be a typing error all the same.
 */
const noteAbsence = async (runtime: Runtime, input: Record<string, unknown>): Promise<void> => {
  const { workload, cluster, namespace, serviceAccount } = input
  if (workload !== undefined || isFaulty(input)) return
  const { reachable, requireServiceAccount } = await import('../look/cluster.ts')
  try {
    const place = { cluster: String(cluster), region: regionOf(input) }
    const connection = clusterApi(runtime, await reachable(runtime, place))
    await requireServiceAccount(connection, String(namespace), String(serviceAccount))
  } catch (error) {
    // What else is wrong is the run's to find.
    if (error instanceof PreflightFailed && error.message.includes('ServiceAccount'))
      process.stderr.write(notice(error.message))
  }
}

/** Starts the runs in a deployed stage; one is followed, of several their names are told. */
const enableRemotely = async (
  runtime: Runtime,
  stage: RemoteStage,
  mode: 'enable' | 'plan',
  targets: readonly ChosenBinding[],
  flags: EnableFlags,
): Promise<ExitCode> => {
  const { followRemote, startRemote } = await import('../remote/enable.ts')
  const started = []
  for (const { name, input: given } of targets) {
    const found = await lookedUp(runtime, { ...given, mode })
    // A stage takes needs as they are written; only `observed` has to be looked for here.
    const input = found.needs === 'observed' ? await withNeeds(runtime, found, () => {}) : found
    started.push({ name, input, run: await startRemote(stage, { region: regionOf(input), ...input }) })
  }
  const [first] = started
  if (started.length === 1 && first)
    return followRemote(
      stage,
      first.run,
      `${headingOf(first.input)}: ${first.run} of ${stage.label}`,
      flags,
      mode,
    )
  const { followMany } = await import('../many/remote.ts')
  return followMany(stage, started, flags)
}

/** Runs an input as it is; Ctrl-C stops the run and puts back what it changed, a second one stops that too. */
export const runWithInput = async (
  input: Record<string, unknown>,
  flags: RunFlags,
  kubernetesToken?: Runtime['kubernetesToken'],
  heading = headingOf(input),
): Promise<ExitCode> => {
  const region = regionOf(input)
  const credentials = ownCredentials()
  const account = await accountFor(input, credentials, region)
  const shown = output(flags, heading, input.mode === 'undo' ? undefined : faultsByFlags)
  const { signal, interrupt, release } = interruption()
  const ask = approval(flags, { signal, interrupt, makeRoom: shown.makeRoom })
  const acting = { input, account, region, credentials, shown, approve: ask.approve, kubernetesToken }
  const { ended, undone } = await act(acting, signal, () => {
    release()
    process.stderr.write(
      notice('interrupted: putting back what was changed; interrupt again to leave it as it is'),
    )
  })
  release()
  if (!signal.aborted) return shown.end(ended)
  if (ask.interrupted()) {
    process.stderr.write('interrupted before anything was changed\n')
    return exit.interrupted
  }
  if (!undone && input.mode !== 'undo' && ended.wayBack === undefined && !ended.report) {
    shown.makeRoom()
    process.stderr.write('interrupted before anything was changed\n')
    return exit.interrupted
  }
  const code = shown.end(undone ?? ended)
  return undone && code === exit.undoIncomplete ? code : exit.interrupted
}

/**
 * The account the run is in. A faulty request must be rejected before anything is called, so where STS would have to
 * be asked and the request has other faults, the account its role names will do.
 */
const accountFor = async (
  input: Record<string, unknown>,
  credentials: Runtime['aws']['credentials'],
  region: string,
): Promise<string> => {
  const named = accountInRole(input.role)
  try {
    requestOf(input, named, region)
  } catch (error) {
    // No execution would start with it, so that no state of one could say what is wrong.
    if (bytesOf(input) > 262_144) throw new UsageError((error as Error).message)
    return named
  }
  return accountOf(credentials, region)
}

/** What a run is about, by the name that its report has for it. */
const headingOf = ({
  mode,
  namespace = '?',
  serviceAccount,
  workload,
  role = '?',
  cluster = '?',
}: Record<string, unknown>): string => {
  const name = typeof workload === 'string' ? workload.split('/').at(-1) : (serviceAccount ?? '?')
  const account =
    serviceAccount === undefined || name === serviceAccount ? '' : ` (ServiceAccount ${serviceAccount})`
  return `${mode} ${namespace}/${name}${account} → role ${String(role).split('/').at(-1)} on ${cluster}`
}

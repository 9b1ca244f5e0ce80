import { systemClock } from '../adapters/clock.ts'
import type { Runtime } from '../adapters/runtime.ts'
import { putBack, waveOfRun } from '../core/fleet/waves/request.ts'
import type { Report } from '../core/report.ts'
import { ownRuntime } from './direct.ts'
import { invokedAs } from './invoked.ts'
import { createJournal } from './journal/write.ts'
import { notice } from './render/screen.ts'
import { type LocalRunOptions, manualRunName, type RunEnd, runLocally } from './run.ts'
import type { Output, WayBack } from './show.ts'

/** One input, and what its run needs of the command that starts it. */
export interface Acting extends Pick<LocalRunOptions, 'account' | 'region' | 'approve'> {
  /** The run's name; one by the time unless given. */
  name?: string
  kubernetesToken?: Runtime['kubernetesToken']
  input: Record<string, unknown>
  credentials: Runtime['aws']['credentials']
  shown: Pick<Output, 'onEvent' | 'onProgress'>
}

/** How a run ended, and how what it had changed was put back where it was interrupted. */
export interface Acted {
  ended: RunEnd & WayBack
  undone?: RunEnd & WayBack
}

/**
 * Runs an input with a journal. Once the signal is aborted the run stops, and another one puts back what it changed;
 * nothing is put back of a plan, nor where the input says that changes are to be kept.
 * @param puttingBack called before that other one begins
 */
export const act = async (acting: Acting, signal: AbortSignal, puttingBack: () => void): Promise<Acted> => {
  const { input } = acting
  const ended = await run(acting, input, signal)
  if (!signal.aborted || !ended.before || input.mode !== 'enable' || input.onFailure === 'keep')
    return { ended }
  puttingBack()
  // The run's own Undo cannot run in an execution that was stopped, so another execution does it.
  const { name, ...rest } = acting
  const another = name !== undefined && waveOfRun(name) ? { ...rest, name: `${name}${putBack}` } : rest
  const undone = await run(another, { ...input, mode: 'undo', before: ended.before })
  const complete = undone.event.type === 'run.succeeded'
  return { ended, undone: complete || !ended.wayBack ? undone : { ...undone, wayBack: ended.wayBack } }
}

/** What looks for names is loaded where a name was not found. */
const named = async (
  { kubernetesToken }: Acting,
  input: Record<string, unknown>,
  report: Report,
): Promise<Report> => {
  if (!report.findings.some(({ code }) => namesMissing.has(code))) return report
  const { withMeant } = await import('./look/meant.ts')
  return withMeant(ownRuntime(kubernetesToken), input, report)
}

const namesMissing = new Set([
  'cluster-missing',
  'role-missing',
  'service-account-missing',
  'workload-missing',
])

const run = async (
  acting: Acting,
  input: Record<string, unknown>,
  signal?: AbortSignal,
): Promise<RunEnd & WayBack> => {
  const {
    name = manualRunName(Date.now()),
    account,
    region,
    credentials,
    approve,
    kubernetesToken,
    shown,
  } = acting
  const journal = createJournal({
    run: name,
    input,
    warn: (message) => process.stderr.write(notice(`podid: ${message}`)),
  })
  const ended = await runLocally({
    input,
    account,
    region,
    name,
    clock: systemClock,
    aws: { credentials },
    ...(approve ? { approve } : {}),
    ...(kubernetesToken ? { kubernetesToken } : {}),
    takeTurn: journal.takeTurn,
    log: journal.log,
    onBefore: journal.before,
    onProgress: shown.onProgress,
    onEvent: (event) => {
      journal.event(event)
      shown.onEvent(event)
    },
    ...(signal ? { signal } : {}),
  })
  const { report } = ended
  const told = report && !signal?.aborted ? { ...ended, report: await named(acting, input, report) } : ended
  return journal.acted() && input.mode === 'enable'
    ? { ...told, wayBack: `${invokedAs()} undo ${name}` }
    : told
}

import { systemClock } from '../../adapters/clock.ts'
import { clusters } from '../../adapters/eks/clusters.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { parseConfig } from '../../core/config.ts'
import { viewFleet } from '../../core/fleet/waves/history-view.ts'
import type { FleetPlan } from '../../core/fleet/waves/plan.ts'
import type { FleetReport, WaveJudged } from '../../core/fleet/waves/report.ts'
import { jsonLine, visible } from '../../core/text/unprintable.ts'
import { reportRollout } from '../../functions/steps/report-rollout.ts'
import { createCallbacks } from '../../local/engine/index.ts'
import { runRollout } from '../../stage/rollout.ts'
import { approval } from '../approval.ts'
import type { StopRequest } from '../interruption.ts'
import { type Lines, lines, noLines } from '../many/lines.ts'
import { screenOf } from '../render/screen.ts'
import type { RunFlags } from '../run-flags.ts'
import { type Begun, recordedExecutions, runBinding } from './binding.ts'
import { folderObjects, passingObjects } from './folder.ts'
import { recordRollout } from './recorded.ts'
import { gateLines } from './show.ts'

/** A rollout on this machine: its request, and by whose credentials. */
export interface RolloutHere {
  runtime: Runtime
  account: string
  region: string
  name: string
  input: object
  settings: object
  flags: RunFlags
  /** Ctrl-C: the runs under way are stopped, and put back what they changed. */
  stop: StopRequest
}

/** How it ended. */
export interface EndedHere {
  report: FleetReport | undefined
  error: string
  message: string
  /** Whether some run that was stopped could not put back all that it had changed. */
  left: boolean
}

/** Runs the state machine of rollouts in this process, with a journal for each binding's run. */
export const rollOutHere = async (rollout: RolloutHere): Promise<EndedHere> => {
  const { account, region, name, input, settings, flags, stop, runtime } = rollout
  const { signal } = stop
  const shown = flags.json || flags.quiet ? noLines : lines(process.stderr)
  const callbacks = createCallbacks()
  const ask = approval(flags, { signal, interrupt: stop.interrupt, makeRoom: shown.hold })
  const acts = !isPlan(input)
  const objects = acts ? folderObjects() : passingObjects()
  const begun: Begun = new Map()
  const executions = recordedExecutions(begun)
  const note = acts ? recordRollout(name, new Date(systemClock.now()).toISOString()) : () => {}
  if (acts) signal.addEventListener('abort', () => sayStopping(stop, begun, shown), { once: true })
  const {
    history,
    error = '',
    cause = '',
  } = await runRollout({
    input,
    account,
    region,
    name,
    clock: systemClock,
    signal,
    objects,
    callbacks,
    config: parseConfig({ account, region, rollout: settings }, 'here'),
    clusters: (where) => clusters(runtime, where),
    // Each run takes the turn on its own binding: this machine has no record of other rollouts.
    takeTurn: async () => undefined,
    executions,
    onEvent: note,
    onJudged: ({ detail }) => {
      const { message = '', wave } = detail as { message?: string; wave?: number }
      if (flags.json)
        process.stdout.write(`${jsonLine({ type: 'rollout.judged', rollout: name, ...detail })}\n`)
      else shown.ended(`wave ${wave}`, ` ─ ${message}`)
    },
    ask: ({ token, question }) => {
      const answer = async () => {
        const { width } = screenOf(process.stderr)
        const why = await ask.agree(`${gateLines(name, question, width)}Go ahead?`, noTerminal)
        shown.resume()
        if (why === undefined)
          callbacks.succeed(token, { approvedBy: 'the person at the terminal', plan: question.plan })
        else callbacks.fail(token, 'Declined', why)
      }
      void answer()
    },
    runBinding: (run, given, stopped) =>
      runBinding(rollout, { run, input: given, begun, shown, ask }, stopped),
  })
  await Promise.all([...begun.values()].map(({ came }) => came))
  const left = [...begun.values()].some((one) => one.left)
  const view = viewFleet(history)
  const report =
    signal.aborted && acts && view.plan
      ? await interruptedReport({ objects, executions }, { ...view, plan: view.plan })
      : (view.end?.report ?? undefined)
  if (report && acts) await objects.put(`rollouts/${name}/report.json`, report)
  return { report, error, message: spoken(cause) || error, left }
}

/** Why a gate's answer is no where nobody can be asked. */
export const noTerminal =
  'this rollout asks before each next wave, and there is no terminal to ask at: add --yes to approve them all'

const isPlan = (input: object): boolean => 'mode' in input && input.mode === 'plan'

/** What became of a rollout that was interrupted, once its runs have put back what they changed. */
const interruptedReport = (
  services: Parameters<typeof reportRollout>[0],
  { plan, judged }: { plan: FleetPlan; judged: WaveJudged[] },
): Promise<FleetReport> =>
  reportRollout(services)({
    plan,
    judged,
    failure: { Error: 'Interrupted', Cause: 'it was interrupted at the terminal' },
    endedAt: new Date(systemClock.now()).toISOString(),
  })

const sayStopping = ({ release }: StopRequest, begun: Begun, shown: Lines): void => {
  // From here on another Ctrl-C ends the process.
  release()
  const underWay = [...begun.values()].filter(({ over }) => !over).length
  shown.hold()
  const runs =
    underWay === 1 ? 'the run under way stops and puts' : `the ${underWay} runs under way stop and put`
  const said =
    underWay === 0
      ? 'no run is under way'
      : `${runs} back what was changed; interrupt again to leave it as it is`
  process.stderr.write(visible(`interrupted: ${said}\n`))
  shown.resume()
}

const spoken = (cause: string): string => {
  try {
    return (JSON.parse(cause) as { errorMessage?: string }).errorMessage ?? cause
  } catch {
    return cause
  }
}

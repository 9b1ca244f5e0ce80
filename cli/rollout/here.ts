import { systemClock } from '../../adapters/clock.ts'
import { clusters } from '../../adapters/eks/clusters.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { parseConfig } from '../../core/config.ts'
import type { FleetReport } from '../../core/fleet/waves/report.ts'
import type { Report } from '../../core/report.ts'
import type { HistoryEvent } from '../../core/run-events/history.ts'
import { stepLabels } from '../../core/steps/table.ts'
import { jsonLine, visible } from '../../core/text/unprintable.ts'
import { createCallbacks, TaskFailure } from '../../local/engine/index.ts'
import { type FleetRunOptions, runRollout } from '../../stage/rollout.ts'
import { act } from '../act.ts'
import { approval } from '../approval.ts'
import { regionOf } from '../binding.ts'
import { recordedRun } from '../journal/read.ts'
import { lines, noLines } from '../many/lines.ts'
import type { RunFlags } from '../run-flags.ts'
import { folderObjects } from './folder.ts'

/** A rollout on this machine: its request, and by whose credentials. */
export interface RolloutHere {
  runtime: Runtime
  account: string
  region: string
  name: string
  input: object
  settings: object
  flags: RunFlags
  signal: AbortSignal
  interrupt: () => void
}

/** How it ended. */
export interface EndedHere {
  report: FleetReport | undefined
  error: string
  message: string
}

/** Runs the state machine of rollouts in this process, with a journal for each binding's run. */
export const rollOutHere = async (rollout: RolloutHere): Promise<EndedHere> => {
  const { runtime, account, region, name, input, settings, flags, signal, interrupt } = rollout
  const shown = flags.json || flags.quiet ? noLines : lines(process.stderr)
  const callbacks = createCallbacks()
  const ask = approval(flags, { signal, interrupt, makeRoom: shown.hold })
  const objects = folderObjects()
  /** Every run that was begun, until it has ended and, where it was stopped, has put back what it changed. */
  const begun = new Map<string, Promise<{ putBack: boolean }>>()
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
    executions: recordedExecutions(begun),
    onJudged: ({ detail }) => {
      const { message = '', wave } = detail as { message?: string; wave?: number }
      if (flags.json)
        process.stdout.write(`${jsonLine({ type: 'rollout.judged', rollout: name, ...detail })}\n`)
      else shown.ended(`wave ${wave}`, ` ─ ${message}`)
    },
    ask: ({ token, question }) => {
      const answer = async () => {
        const why = await ask.approve([], `The next wave of ${name}`)
        shown.resume()
        if (why === undefined)
          callbacks.succeed(token, { approvedBy: 'the person at the terminal', plan: question.plan })
        else callbacks.fail(token, 'Declined', why)
      }
      void answer()
    },
    runBinding: async (run, given, stopped) => {
      const title = `${given.namespace}/${given.serviceAccount} on ${given.cluster}`
      shown.now(title, '')
      const acting = act(
        {
          name: run,
          input: given,
          account,
          region: regionOf(given),
          credentials: runtime.aws.credentials,
          approve: async (changes) => {
            const why = await ask.approve(changes, title)
            shown.resume()
            return why
          },
          kubernetesToken: runtime.kubernetesToken,
          shown: {
            onEvent: (event) => {
              if (flags.json) process.stdout.write(`${jsonLine({ binding: title, ...event })}\n`)
              if (event.type === 'step.started' && stepLabels[event.step])
                shown.now(title, stepLabels[event.step] ?? '')
            },
            onProgress: ({ step, message }) => shown.now(title, `${stepLabels[step] ?? step}: ${message}`),
          },
        },
        stopped,
        () => shown.now(title, 'stopped: putting back what was changed'),
      )
      begun.set(
        run,
        acting.then(
          ({ undone }) => ({ putBack: undone?.event.type === 'run.succeeded' }),
          () => ({ putBack: false }),
        ),
      )
      const { ended, undone } = await acting
      const { event, report } = undone ?? ended
      const good = event.type === 'run.succeeded' && !undone
      const said = report?.summary ?? (event.type === 'run.failed' ? event.message : '')
      shown.ended(title, ` ${good ? '✔' : '✖'} ${title}  ${report?.outcome ?? 'failed'}  ${said}`)
      if (good) return report
      const Cause = undone ? 'stopped' : said
      throw new TaskFailure(
        'States.TaskFailed',
        JSON.stringify({ Name: run, Status: undone ? 'ABORTED' : 'FAILED', Error: 'failed', Cause }),
      )
    },
  })
  const text = history.findLast(({ stateExitedEventDetails: exited }) => exited?.name === 'Report')
  const output = text?.stateExitedEventDetails?.output
  const report = output === undefined ? undefined : (JSON.parse(output) as FleetReport)
  if (report && report.outcome !== 'planned') await objects.put(`rollouts/${name}/report.json`, report)
  return { report, error, message: spoken(cause) || error }
}

const spoken = (cause: string): string => {
  try {
    return (JSON.parse(cause) as { errorMessage?: string }).errorMessage ?? cause
  } catch {
    return cause
  }
}

/** What the journals say of a binding's run, as Step Functions would. A run of this rollout is first let come to its end. */
const recordedExecutions = (
  begun: ReadonlyMap<string, Promise<{ putBack: boolean }>>,
): FleetRunOptions['executions'] => ({
  find: async (run) => {
    const putBack = (await begun.get(run))?.putBack
    const found = recordedRun(run)
    if (!found) return undefined
    const { head, end, underWay } = found
    const status =
      end?.type === 'run.succeeded'
        ? 'SUCCEEDED'
        : end && !putBack
          ? 'FAILED'
          : underWay && !putBack
            ? 'RUNNING'
            : 'ABORTED'
    const report = end?.report as Report | undefined
    const cause = end?.type === 'run.failed' ? (report?.summary ?? end.message) : null
    return { run, arn: run, startedAt: head.at, status, input: head.input, output: report ?? null, cause }
  },
  history: async (run) => {
    const found = recordedRun(run)
    if (!found?.before || !found.acted || (await begun.get(run))?.putBack) return []
    const assignedVariables = { before: JSON.stringify(found.before) }
    const event: HistoryEvent = {
      id: 1,
      previousEventId: 0,
      timestamp: Date.parse(found.head.at),
      type: 'ParallelStateExited',
      stateExitedEventDetails: { name: 'Preflight', output: '{}', assignedVariables },
    }
    return [event]
  },
  stop: async (run) => {
    const found = recordedRun(run)
    if (found?.underWay)
      process.stderr.write(visible(`podid: the run ${run} still goes on in process ${found.head.pid}\n`))
  },
})

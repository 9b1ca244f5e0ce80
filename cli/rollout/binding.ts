import type { Runtime } from '../../adapters/runtime.ts'
import type { Report } from '../../core/report.ts'
import type { HistoryEvent } from '../../core/run-events/history.ts'
import { stepLabels } from '../../core/steps/table.ts'
import { jsonLine } from '../../core/text/unprintable.ts'
import { TaskFailure } from '../../local/engine/index.ts'
import type { FleetRunOptions } from '../../stage/rollout.ts'
import { act } from '../act.ts'
import type { approval } from '../approval.ts'
import { regionOf } from '../binding.ts'
import { recordedRun } from '../journal/read.ts'
import type { Lines } from '../many/lines.ts'
import { notice } from '../render/screen.ts'
import type { RunFlags } from '../run-flags.ts'

/** A run of a rollout in this process. */
interface BegunRun {
  /** Resolves when it has ended and, where it was stopped, has put back what it changed. */
  came: Promise<{ putBack: boolean }>
  over: boolean
  /** Whether it was stopped and could not put back all that it had changed. */
  left: boolean
}

/** Every run of a rollout that was begun, by its name. */
export type Begun = Map<string, BegunRun>

/** Runs one binding of a rollout, with a journal of its own; throws as Step Functions does where it does not succeed. */
export const runBinding = async (
  { runtime, account, flags }: { runtime: Runtime; account: string; flags: RunFlags },
  {
    run,
    input,
    begun,
    shown,
    ask,
  }: {
    run: string
    input: Record<string, unknown>
    begun: Begun
    shown: Lines
    ask: ReturnType<typeof approval>
  },
  stopped: AbortSignal,
): Promise<unknown> => {
  const title = `${input.namespace}/${input.serviceAccount} on ${input.cluster}`
  shown.now(title, '')
  const acting = act(
    {
      name: run,
      input,
      account,
      region: regionOf(input),
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
  const here: BegunRun = { came: Promise.resolve({ putBack: false }), over: false, left: false }
  here.came = acting.then(
    ({ undone }) => {
      const putBack = undone?.event.type === 'run.succeeded'
      Object.assign(here, { over: true, left: undone !== undefined && !putBack })
      return { putBack }
    },
    () => {
      here.over = true
      return { putBack: false }
    },
  )
  begun.set(run, here)
  const { ended, undone } = await acting
  const { event, report } = undone ?? ended
  const good = event.type === 'run.succeeded' && !undone
  const said = report?.summary ?? (event.type === 'run.failed' ? event.message : '')
  shown.ended(title, ` ${good ? '✔' : '✖'} ${title}  ${report?.outcome ?? 'failed'}`, said, !good)
  if (good) return report
  const Cause = undone ? 'stopped' : said
  throw new TaskFailure(
    'States.TaskFailed',
    JSON.stringify({ Name: run, Status: undone ? 'ABORTED' : 'FAILED', Error: 'failed', Cause }),
  )
}

/** What the journals say of a binding's run, as Step Functions would. A run of this rollout is first let come to its end. */
export const recordedExecutions = (begun: Begun): FleetRunOptions['executions'] => ({
  find: async (run) => {
    const putBack = (await begun.get(run)?.came)?.putBack
    const found = recordedRun(run)
    if (!found) return undefined
    const { head, end, underWay } = found
    const status =
      end?.type === 'run.succeeded'
        ? 'SUCCEEDED'
        : putBack
          ? 'ABORTED'
          : (end?.status ?? (underWay ? 'RUNNING' : 'ABORTED'))
    const report = end?.report as Report | undefined
    const cause = end?.type === 'run.failed' ? (report?.summary ?? end.message) : null
    return { run, arn: run, startedAt: head.at, status, input: head.input, output: report ?? null, cause }
  },
  history: async (run) => {
    const found = recordedRun(run)
    if (!found?.before || !found.acted || (await begun.get(run)?.came)?.putBack) return []
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
      process.stderr.write(notice(`podid: the run ${run} still goes on in process ${found.head.pid}`))
  },
})

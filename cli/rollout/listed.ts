import * as z from 'zod'
import { concurrently, together } from '../../adapters/concurrently.ts'
import { PreflightFailed } from '../../core/errors.ts'
import { viewFleet } from '../../core/fleet/waves/history-view.ts'
import { waveOfRun } from '../../core/fleet/waves/request.ts'
import type { FleetView } from '../../core/fleet/waves/view.ts'
import { command } from '../../core/text/shell.ts'
import { visible } from '../../core/text/unprintable.ts'
import { type ExitCode, exit } from '../exit.ts'
import { invokedAs } from '../invoked.ts'
import { recordedRuns } from '../journal/read.ts'
import { openQuestion } from '../remote/approval.ts'
import type { RemoteStage } from '../remote/stage.ts'
import { screenOf, wrapped } from '../render/screen.ts'
import { tableText } from '../render/table.ts'
import type { OutputFlags } from '../show.ts'
import { followRollout, showEnd, showJudged } from './follow.ts'
import { prefixOf } from './prefix.ts'
import { type RecordedRollout, recordedRollout } from './recorded.ts'
import { againAt } from './remote.ts'
import { viewText } from './show.ts'

/** A run of a rollout, as a rollout that has no report yet shows it. */
interface Child {
  run: string
  wave: number
  undo: boolean
  status: string
  /** What it is about; empty where that was not asked for. */
  about: string
  /** Whether it waits for an approval of its own. */
  asks?: boolean
}

/** What a rollout of this machine is called in a list: by Step Functions' words, or KILLED. */
export const listedStatus = ({ view, underWay }: RecordedRollout): string =>
  view.end?.status ?? (underWay ? 'RUNNING' : 'KILLED')

/** What a rollout is about, in a line. */
export const aboutOf = ({ plan }: FleetView): string =>
  plan ? `${plan.mode === 'undo' ? 'undo of a rollout' : 'rollout'}: ${plan.summary}` : 'rollout'

const isOf =
  (rollout: string) =>
  (run: string): boolean =>
    waveOfRun(run)?.beginsWith === prefixOf(rollout)

const inOrder = (children: readonly Omit<Child, 'wave' | 'undo'>[]): Child[] =>
  children
    .flatMap((child) => {
      const { wave, undo } = waveOfRun(child.run) ?? {}
      return wave === undefined || undo === undefined ? [] : [{ ...child, wave, undo }]
    })
    .sort(
      (one, other) =>
        one.wave - other.wave ||
        Number(one.undo) - Number(other.undo) ||
        one.run.localeCompare(other.run, 'en', { numeric: true }),
    )

/** `podid runs show` of a rollout of this machine. */
export const printRecorded = (recorded: RecordedRollout, flags: OutputFlags): ExitCode => {
  const { rollout } = recorded.head
  const children = recordedRuns()
    .filter(({ head }) => isOf(rollout)(head.run))
    .map(({ head, end, underWay }) => ({
      run: head.run,
      status: end
        ? end.type === 'run.succeeded'
          ? 'SUCCEEDED'
          : end.status
        : underWay
          ? 'RUNNING'
          : 'KILLED',
      about: `${head.input.namespace}/${head.input.serviceAccount} on ${head.input.cluster}`,
    }))
  return printRollout(rollout, recorded.view, inOrder(children), {
    flags,
    again: '',
    state: listedStatus(recorded),
  })
}

/** `podid runs show` of a rollout of a stage. */
export const printRemote = async (
  stage: RemoteStage,
  rollout: string,
  flags: OutputFlags,
): Promise<ExitCode> => {
  const view = viewFleet(await stage.rollouts.history(rollout))
  const listed = view.end?.report ? [] : await stage.executions.list(mostChildren, undefined, isOf(rollout))
  const children = await concurrently(listed, 5, async ({ run, status }) => {
    // What is over is told by the report; of what is under way there are a dozen at most.
    if (status !== 'RUNNING') return { run, status, about: '' }
    const [found, history] = await together([stage.executions.find(run), stage.executions.history(run)])
    const { namespace, serviceAccount, cluster } = (found?.input ?? {}) as Record<string, unknown>
    const asks = openQuestion(history, z.unknown()) !== undefined
    return { run, status, about: cluster ? `${namespace}/${serviceAccount} on ${cluster}` : '', asks }
  })
  return printRollout(rollout, view, inOrder(children), {
    flags,
    again: againAt(stage),
    state: view.end?.status ?? 'RUNNING',
  })
}

const mostChildren = 200

const printRollout = (
  rollout: string,
  view: FleetView,
  children: readonly Child[],
  { flags, again, state }: { flags: OutputFlags; again: string; state: string },
): ExitCode => {
  if (flags.json) showJudged(rollout, view.judged, flags)
  if (view.end && (view.end.report || flags.json)) {
    showEnd({ rollout, flags, again }, { ...view.end, report: view.end.report })
    return exit.done
  }
  if (flags.json) return exit.done
  const { width } = screenOf(process.stdout)
  const asking = children.filter(({ asks }) => asks)
  const rows = children.map(({ run, wave, undo, status, about }) => [
    `${wave}${undo ? ', undone' : ''}`,
    run,
    status,
    about,
  ])
  process.stdout.write(
    visible(
      [
        view.plan ? viewText(view, view.plan, width) : '',
        rows.length > 0 ? `\n${tableText(['WAVE', 'RUN', 'STATUS', 'ABOUT'], rows, width)}` : '',
        view.awaitsAnswer ? '\nit waits for an approval before the next wave\n' : '',
        asking.length > 0
          ? `\n${asking.length > 1 ? 'these runs wait for an approval' : 'this run waits for an approval'}:\n${asking.map(({ run }) => `  ${invokedAs()} ${command`approve ${run}`}${again}\n`).join('')}`
          : '',
        state === 'RUNNING'
          ? `\nit has not ended\nto follow it: ${invokedAs()} ${command`runs watch ${rollout}`}${again}\n`
          : `\n${wrapped(`it ended as ${state}, without a report${view.end ? `: ${view.end.message}` : ''}`, width).join('\n')}\nto put back what it changed: ${invokedAs()} ${command`rollout --undo ${rollout}`}${again}\n`,
      ].join(''),
    ),
  )
  return exit.done
}

/** `podid runs watch` of a rollout of this machine. @throws PreflightFailed where its process is gone */
export const watchRecorded = (recorded: RecordedRollout, flags: OutputFlags): Promise<ExitCode> => {
  const { rollout, pid } = recorded.head
  return followRollout({
    rollout,
    flags,
    again: '',
    read: async () => {
      const found = recordedRollout(rollout)
      if (found && (found.underWay || found.view.end)) return found.view
      throw new PreflightFailed(
        `the process of the rollout ${rollout} is gone, and nothing more will happen in it. What it changed is put back by\n${invokedAs()} ${command`rollout --undo ${rollout}`}`,
      )
    },
    onQuestion: () => {
      if (!flags.json) process.stderr.write('it waits for an answer at its own terminal\n')
    },
    ways: [
      `to come back:  ${invokedAs()} ${command`runs watch ${rollout}`}`,
      `to stop it, which puts back what its runs under way changed:  ${command`kill -INT ${pid}`}`,
      `to undo it, when it has ended:  ${invokedAs()} ${command`rollout --undo ${rollout}`}`,
    ],
  })
}

import { concurrently } from '../../adapters/concurrently.ts'
import type { ListedRun, RawRun, ReadRun, RunAction, RunSource } from '../../console/server/source.ts'
import { PreflightFailed } from '../../core/errors.ts'
import type { Report } from '../../core/report.ts'
import { beforeOf } from '../../core/run-events/before.ts'
import type { HistoryEvent } from '../../core/run-events/history.ts'
import { translateHistory } from '../../core/run-events/translation.ts'
import { changeLine } from '../../core/text/change-lines.ts'
import { callerArn, ownCredentials } from '../identity.ts'
import { questionOf } from '../remote/approval.ts'
import { startRemote } from '../remote/enable.ts'
import { lastEventOf } from '../remote/follow.ts'
import { ofDeployed, type RemoteStage } from '../remote/stage.ts'
import { isUndoable } from '../show.ts'
import { withoutTokens } from './without-tokens.ts'

/** DescribeExecution is asked once for each run, a few at a time: what a run was asked does not change. */
const describedAtOnce = 4

/** How many runs of a stage the list has. */
const mostOfStage = 60

/**
 * The runs of a stage, with the credentials of the shell.
 * @param acting whether approving, declining and undoing are offered at all; what is allowed, IAM decides
 */
export const stageSource = (stage: RemoteStage, acting: boolean): RunSource => {
  const inputs = new Map<string, Promise<Record<string, unknown>>>()
  const ends = new Map<string, string>()
  const inputOf = (run: string): Promise<Record<string, unknown>> => {
    const known = inputs.get(run)
    if (known) return known
    const asked = stage.executions.find(run).then((found) => objectOf(found?.input))
    inputs.set(run, asked)
    asked.catch(() => inputs.delete(run))
    return asked
  }
  const listed = async (run: string, startedAt: string, status: string): Promise<ListedRun> => {
    const { mode, cluster, namespace, serviceAccount } = await inputOf(run)
    const place = [namespace, serviceAccount].filter((part) => typeof part === 'string')
    return {
      run,
      where: stage.label,
      startedAt,
      endedAt: ends.get(run) ?? null,
      status,
      mode: typeof mode === 'string' ? mode : 'enable',
      cluster: typeof cluster === 'string' ? cluster : null,
      binding: place.length === 2 ? place.join('/') : null,
      by: waysIn[run.split('-')[0] ?? ''] ?? null,
    }
  }
  const found = async (run: string) => {
    const state = await ofDeployed(stage, stage.executions.find(run))
    if (!state) throw new PreflightFailed(`there is no run ${run} in ${stage.label}`)
    return state
  }

  return {
    label: stage.label,
    list: async (most) =>
      concurrently(
        await ofDeployed(stage, stage.executions.list(Math.min(most, mostOfStage))),
        describedAtOnce,
        ({ run, startedAt, status }) => listed(run, startedAt, status),
      ),
    read: async (run): Promise<ReadRun | undefined> => {
      const state = await ofDeployed(stage, stage.executions.find(run))
      if (!state) return undefined
      const history = await stage.executions.history(run)
      const events = translateHistory(history, { run })
      const end = lastEventOf(events)
      if (end) ends.set(run, end.at)
      const actions = acting ? actionsOf(state.status, events.at(-1), history, objectOf(state.input)) : []
      return { listed: await listed(run, state.startedAt, state.status), events, actions }
    },
    raw: async (run): Promise<RawRun> => {
      const { input } = await found(run)
      const history = await stage.executions.history(run)
      const output = history.at(-1)?.executionSucceededEventDetails?.output
      return withoutTokens({ input, output: output === undefined ? null : JSON.parse(output), history })
    },
    question: async (run, action) => {
      if (action === 'approve' || action === 'decline')
        return (await questionOf(stage, run)).changes.map(changeLine)
      const end = lastEventOf(translateHistory(await stage.executions.history(run), { run }))
      return action === 'again'
        ? [`a run of ${stage.label} starts, with the input of ${run}`]
        : [
            `what ${run} changed is put back`,
            ...((end?.report as Report | undefined)?.changes ?? []).map(changeLine),
          ]
    },
    act: async (run, action) => {
      if (action === 'approve' || action === 'decline') {
        const by = await callerArn(ownCredentials(), stage.region)
        const { answer } = await questionOf(stage, run)
        await answer(action === 'approve', by, new Date().toISOString())
        return { done: `${action}d as ${by}` }
      }
      const input = objectOf((await found(run)).input)
      if (action === 'again') return { done: 'started once more', run: await startRemote(stage, input) }
      const before = beforeOf(await stage.executions.history(run))
      if (!before)
        throw new PreflightFailed(
          `the run ${run} ended before it looked at anything: there is nothing to undo`,
        )
      return {
        done: `${run} is being undone`,
        run: await startRemote(stage, { ...input, mode: 'undo', before }),
      }
    },
  }
}

/** Names of runs begin with their way in: core/triggers/run-name.ts. */
const waysIn: Readonly<Record<string, string>> = {
  slack: 'Slack',
  webhook: 'the webhook',
  cluster: 'a new cluster',
  agent: 'a new agent',
  sweep: 'the sweep',
  podid: 'the command line',
}

const objectOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

const actionsOf = (
  status: string,
  last: { type: string; report?: unknown; for?: string } | undefined,
  history: readonly HistoryEvent[],
  input: Record<string, unknown>,
): RunAction[] => {
  if (status === 'RUNNING')
    return last?.type === 'step.waiting' && last.for === 'answer' ? ['approve', 'decline'] : []
  const report = last?.report as Report | undefined
  const undoable = input.mode !== 'undo' && beforeOf(history) !== undefined && (!report || isUndoable(report))
  return [...(undoable ? (['undo'] as const) : []), ...(input.mode === 'undo' ? [] : (['again'] as const))]
}

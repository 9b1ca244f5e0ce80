import { concurrently } from '../../adapters/concurrently.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import type {
  ListedRun,
  RawRun,
  ReadRun,
  RunAction,
  RunSource,
  StartInput,
} from '../../console/server/source.ts'
import { PreflightFailed } from '../../core/errors.ts'
import type { Report } from '../../core/report.ts'
import { beforeOf } from '../../core/run-events/before.ts'
import type { HistoryEvent } from '../../core/run-events/history.ts'
import { translateHistory } from '../../core/run-events/translation.ts'
import { changeLine } from '../../core/text/change-lines.ts'
import { lookedUp } from '../bindings/defaults.ts'
import { withNeeds } from '../bindings/needs.ts'
import { callerArn } from '../identity.ts'
import { questionOf } from '../remote/approval.ts'
import { startRemote } from '../remote/enable.ts'
import { lastEventOf } from '../remote/follow.ts'
import { ofDeployed, type RemoteStage, requireRun } from '../remote/stage.ts'
import { isUndoable } from '../show.ts'
import { bindingOf, startLines } from './binding.ts'
import { callersOf } from './callers.ts'
import { functionLog } from './function-log.ts'
import { wayIn } from './way-in.ts'
import { withoutTokens } from './without-tokens.ts'

/** DescribeExecution is asked once for each run, a few at a time: what a run was asked does not change. */
const describedAtOnce = 4

/** How many runs of a stage the list has. */
const mostOfStage = 60

/**
 * The runs of a stage, with the credentials of the shell.
 * @param acting whether starting, approving, declining and undoing are offered at all; what is allowed, IAM decides
 */
export const stageSource = (runtime: Runtime, stage: RemoteStage, acting: boolean): RunSource => {
  const inputs = new Map<string, Promise<Record<string, unknown>>>()
  const callers = callersOf(runtime, stage)
  const inputOf = (run: string): Promise<Record<string, unknown>> => {
    const known = inputs.get(run)
    if (known) return known
    const asked = stage.executions.find(run).then((found) => objectOf(found?.input))
    inputs.set(run, asked)
    asked.catch(() => inputs.delete(run))
    return asked
  }
  const listed = async (
    run: string,
    { startedAt, endedAt, status }: Pick<ListedRun, 'startedAt' | 'endedAt' | 'status'>,
  ): Promise<ListedRun> => {
    const [input, by] = await Promise.all([inputOf(run), callers(run)])
    return {
      run,
      kind: 'run',
      where: stage.label,
      startedAt,
      endedAt,
      status,
      mode: typeof input.mode === 'string' ? input.mode : 'enable',
      ...bindingOf(input),
      way: wayIn(run),
      by,
      prefix: null,
    }
  }

  return {
    label: stage.label,
    list: async (most) =>
      concurrently(
        await ofDeployed(stage, stage.executions.list(Math.min(most, mostOfStage))),
        describedAtOnce,
        ({ run, ...found }) => listed(run, found),
      ),
    read: async (run): Promise<ReadRun | undefined> => {
      const state = await ofDeployed(stage, stage.executions.find(run))
      if (!state) return undefined
      const history = await stage.executions.history(run)
      const events = translateHistory(history, { run })
      const actions = acting ? actionsOf(state.status, events.at(-1), history, objectOf(state.input)) : []
      const endedAt = lastEventOf(events)?.at ?? null
      return { listed: await listed(run, { ...state, endedAt }), events, actions }
    },
    raw: async (run): Promise<RawRun> => {
      const { input } = await requireRun(stage, run)
      return rawOf(input, await stage.executions.history(run))
    },
    log: async (run) =>
      functionLog(runtime, stage, {
        kind: 'run',
        events: translateHistory(await stage.executions.history(run), { run }),
      }),
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
        const by = await callerArn(runtime.aws.credentials, stage.region)
        const { answer } = await questionOf(stage, run)
        await answer(action === 'approve', by, new Date().toISOString())
        return { done: `${action}d as ${by}` }
      }
      const input = objectOf((await requireRun(stage, run)).input)
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
    ...(acting
      ? {
          starts: {
            question: async (input) => startLines(await whole(runtime, input), stage.label),
            act: async (input) => ({
              done: 'started',
              run: await startRemote(stage, { region: stage.region, ...(await whole(runtime, input)) }),
            }),
          },
        }
      : {}),
  }
}

/** An input with what a terminal looks up as well before it starts a run: the role's ARN by its name, the kind of the workload, the needs. */
const whole = async (runtime: Runtime, input: StartInput): Promise<Record<string, unknown>> => {
  const { mode: _, ...found } = await withNeeds(
    runtime,
    await lookedUp(runtime, { ...input, mode: 'enable' }),
    () => {},
  )
  return found
}

/** What went in and came out of an execution, and its history, without what nobody may see. */
export const rawOf = (input: unknown, history: readonly HistoryEvent[]): RawRun => {
  const output = history.at(-1)?.executionSucceededEventDetails?.output
  return withoutTokens({ input, output: output === undefined ? null : JSON.parse(output), history })
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

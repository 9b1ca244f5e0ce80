import { objects } from '../../adapters/objects.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import type { ListedRun, RunSource } from '../../console/server/source.ts'
import { PreflightFailed } from '../../core/errors.ts'
import { gateText } from '../../core/fleet/waves/gate.ts'
import { wavesOf } from '../../core/replay/waves.ts'
import type { RunEvent } from '../../core/run-events/event.ts'
import { translateHistory } from '../../core/run-events/translation.ts'
import { callerArn } from '../identity.ts'
import { lastEventOf } from '../remote/follow.ts'
import type { RemoteStage } from '../remote/stage.ts'
import { gateOf } from '../rollout/gate.ts'
import { manualRolloutName } from '../rollout/name.ts'
import { prefixOf } from '../rollout/prefix.ts'
import { callersOf } from './callers.ts'
import { functionLog } from './function-log.ts'
import { changedWaves, rolloutActions, rolloutLines, undoing } from './rollout-words.ts'
import { rawOf } from './stage-source.ts'
import { waveBindings } from './wave-bindings.ts'
import { wayIn } from './way-in.ts'

const mostRollouts = 20

/**
 * The rollouts of a stage: executions of its second state machine.
 * @param acting whether answering, undoing and starting are offered at all; what is allowed, IAM decides
 */
export const stageRollouts = (runtime: Runtime, stage: RemoteStage, acting: boolean): RunSource => {
  const { region, label } = stage
  const executions = stage.rollouts
  const callers = callersOf(runtime, stage)
  const bindingsFrom = waveBindings((bucket) => objects(runtime, { bucket, region }))
  const eventsOf = async (rollout: string): Promise<RunEvent[]> =>
    translateHistory(await executions.history(rollout), { run: rollout })
  const listed = async (
    run: string,
    { startedAt, endedAt, status }: Pick<ListedRun, 'startedAt' | 'endedAt' | 'status'>,
  ): Promise<ListedRun> => ({
    run,
    kind: 'rollout',
    where: label,
    startedAt,
    endedAt,
    status,
    mode: 'rollout',
    cluster: null,
    binding: null,
    // `rollout-slack-…`; of the command line `rollout-20261126t120000-…`.
    way: wayIn(/^rollout-\d/.test(run) ? 'podid' : run.replace(/^rollout-/, '')),
    by: await callers(run),
    prefix: prefixOf(run),
  })
  const found = async (run: string) => {
    const state = await executions.find(run)
    if (!state) throw new PreflightFailed(`there is no rollout ${run} in ${label}`)
    return state
  }
  return {
    label,
    list: async (most) => {
      const list = await executions.list(Math.min(most, mostRollouts)).catch((error: unknown) => {
        // A stage of an earlier version has no rollouts.
        if ((error as { cause?: Error }).cause?.name === 'StateMachineDoesNotExist') return []
        throw error
      })
      return Promise.all(list.map(({ run, ...state }) => listed(run, state)))
    },
    read: async (run) => {
      const state = await executions.find(run)
      if (!state) return undefined
      const events = await eventsOf(run)
      const endedAt = lastEventOf(events)?.at ?? null
      const [waves, bindings] = [wavesOf(events), await bindingsFrom(events)]
      return {
        listed: await listed(run, { ...state, endedAt }),
        events,
        actions: acting ? rolloutActions(waves, state.status) : [],
        changedWaves: changedWaves(waves),
        ...(bindings ? { bindings } : {}),
      }
    },
    raw: async (run) => rawOf((await found(run)).input, await executions.history(run)),
    log: async (run) => functionLog(runtime, stage, { kind: 'rollout', events: await eventsOf(run) }),
    question: async (run, action, wave) => {
      if (action === 'approve' || action === 'decline') {
        const question = wavesOf(await eventsOf(run))?.question
        if (!question) throw new PreflightFailed(`the rollout ${run} does not wait for an approval`)
        return [gateText(question), question.before]
      }
      return rolloutLines(run, wavesOf(await eventsOf(run)), action, wave)
    },
    act: async (run, action, wave) => {
      if (action === 'approve' || action === 'decline') {
        const by = await callerArn(runtime.aws.credentials, region)
        const { answer } = await gateOf(stage, run)
        await answer(action === 'approve', by, new Date().toISOString())
        return { done: `${action}d as ${by}` }
      }
      const name = manualRolloutName()
      const undo = { rollout: run, ...(wave === undefined ? {} : { waves: [wave] }) }
      const input = action === 'undo' ? { mode: 'undo', undo } : (await found(run)).input
      await executions.start(name, input)
      return { done: action === 'undo' ? undoing(run, wave) : 'started once more', run: name }
    },
  }
}

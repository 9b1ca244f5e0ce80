import { userInfo } from 'node:os'
import type { ListedRun, RunSource } from '../../console/server/source.ts'
import { PreflightFailed } from '../../core/errors.ts'
import { wavesOf } from '../../core/replay/waves.ts'
import type { RunEvent } from '../../core/run-events/event.ts'
import { translateHistory } from '../../core/run-events/translation.ts'
import { folderObjects } from '../rollout/folder.ts'
import { listedStatus } from '../rollout/listed.ts'
import { prefixOf } from '../rollout/prefix.ts'
import {
  type RecordedRollout,
  recordedHistory,
  recordedRollout,
  recordedRollouts,
} from '../rollout/recorded.ts'
import { firstLineOf } from './podid-process.ts'
import { changedWaves, rolloutActions, rolloutLines, undoing } from './rollout-words.ts'
import { rawOf } from './stage-source.ts'
import { waveBindings } from './wave-bindings.ts'

/** The rollouts of this machine. Each asks its questions in the terminal that it was started in. */
export const journalRollouts = (): RunSource => {
  const bindingsFrom = waveBindings(() => folderObjects())
  return {
    label: 'this machine',
    list: async (most) => recordedRollouts().slice(0, most).map(listed),
    read: async (run) => {
      const recorded = recordedRollout(run)
      if (!recorded) return undefined
      const events = eventsOf(run)
      const bindings = await bindingsFrom(events)
      const waves = wavesOf(events)
      const actions = recorded.underWay ? [] : rolloutActions(waves, listedStatus(recorded))
      return {
        listed: listed(recorded),
        events,
        // What a rollout of this machine was asked with stands in files and flags of then.
        actions: actions.filter((action) => action === 'undo'),
        changedWaves: changedWaves(waves),
        ...(bindings ? { bindings } : {}),
      }
    },
    raw: async (run) => {
      if (!recordedRollout(run)) throw new PreflightFailed(`there is no rollout ${run} on this machine`)
      const history = recordedHistory(run)
      return rawOf(JSON.parse(history[0]?.executionStartedEventDetails?.input ?? 'null'), history)
    },
    log: async () => ({
      lines: [],
      note: 'The steps of a rollout of this machine write no log; the runs of its bindings have theirs.',
    }),
    question: async (run, action, wave) => rolloutLines(run, wavesOf(eventsOf(run)), action, wave),
    act: async (run, _action, wave) => {
      const which = wave === undefined ? [] : ['--wave', String(wave)]
      const words = ['rollout', '--undo', run, ...which, '--yes', '--json', '--no-remote']
      const { rollout } = await firstLineOf(words, '')
      return { done: undoing(run, wave), ...(rollout === undefined ? {} : { run: rollout }) }
    },
  }
}

const eventsOf = (run: string): RunEvent[] => translateHistory(recordedHistory(run), { run })

const listed = (recorded: RecordedRollout): ListedRun => {
  const { head } = recorded
  const events = eventsOf(head.rollout)
  const last = events.at(-1)
  return {
    run: head.rollout,
    kind: 'rollout',
    where: 'this machine',
    startedAt: head.at,
    endedAt: last?.type === 'run.succeeded' || last?.type === 'run.failed' ? last.at : null,
    status: listedStatus(recorded),
    mode: wavesOf(events)?.plan.mode === 'undo' ? 'undo of a rollout' : 'rollout',
    cluster: null,
    binding: null,
    way: 'the command line',
    by: userInfo().username,
    prefix: prefixOf(head.rollout),
  }
}

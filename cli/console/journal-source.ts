import { userInfo } from 'node:os'
import type { ListedRun, RawRun, RunAction, RunSource, StartInput } from '../../console/server/source.ts'
import { PreflightFailed } from '../../core/errors.ts'
import { blocking } from '../../core/findings.ts'
import type { Report } from '../../core/report.ts'
import { changeLine } from '../../core/text/change-lines.ts'
import { recordedLog } from '../journal/log.ts'
import { type RecordedRun, recordedEvents, recordedRun, recordedRuns } from '../journal/read.ts'
import { isUndoable } from '../show.ts'
import { bindingOf } from './binding.ts'
import { firstLineOf, lastLineOf } from './podid-process.ts'
import { wayIn } from './way-in.ts'
import { withoutTokens } from './without-tokens.ts'

/** The runs of this machine. What is done about them, processes of podid do, as a person at a terminal would start them. */
export const journalSource = (): RunSource => ({
  label: 'this machine',
  list: async (most) => recordedRuns().slice(0, most).map(listed),
  read: async (run) => {
    const recorded = recordedRun(run)
    return recorded && { listed: listed(recorded), events: recordedEvents(run), actions: actionsOf(recorded) }
  },
  raw: async (run): Promise<RawRun> => {
    const { head, end } = recordedOrRefuse(run)
    return withoutTokens({ input: head.input, output: end?.report ?? null, history: null })
  },
  log: async (run) => recordedLog(recordedOrRefuse(run).head.run),
  question: async (run, action) => questionOf(recordedOrRefuse(run), action),
  act: async (run, action) => {
    const { head } = recordedOrRefuse(run)
    if (action === 'undo')
      return { done: `${run} is being undone`, ...(await begun(['undo', run, '--json'], '')) }
    const { before: _before, mode: _mode, ...binding } = head.input
    return { done: 'started once more', ...(await begun(enable, JSON.stringify(binding))) }
  },
  starts: {
    question: planned,
    act: async (input) => ({ done: 'started', ...(await begun(enable, JSON.stringify(input))) }),
  },
})

/** As a terminal starts it where the question before it was answered there. */
const enable = ['enable', '--file', '-', '--yes', '--json', '--no-remote']

const begun = async (words: readonly string[], input: string): Promise<{ run?: string }> => {
  const { run } = await firstLineOf(words, input)
  return run === undefined ? {} : { run }
}

/** What a run would change, by a plan, as a terminal asks before it. @throws PreflightFailed where something prevents it */
const planned = async (input: StartInput): Promise<string[]> => {
  const words = ['plan', '--file', '-', '--json', '--no-remote']
  const report = (await lastLineOf(words, JSON.stringify(input))).report as Report | undefined
  if (!report) throw new PreflightFailed('its plan has no report: start it in a terminal to see why')
  const obstacles = blocking(report.findings)
  if (obstacles.length > 0)
    throw new PreflightFailed(
      `nothing was started: ${obstacles.map(({ subject, found }) => `${subject}: ${found}`).join('; ')}`,
    )
  return report.changes.length > 0 ? report.changes.map(changeLine) : [report.summary]
}

const user = userInfo().username

/** A journal's run in Step Functions' words; one whose process was killed has none there. */
export const listed = ({ head, end, underWay }: RecordedRun): ListedRun => ({
  run: head.run,
  kind: 'run',
  where: 'this machine',
  startedAt: head.at,
  endedAt: end?.at ?? null,
  status: end ? (end.type === 'run.succeeded' ? 'SUCCEEDED' : end.status) : underWay ? 'RUNNING' : 'KILLED',
  mode: head.mode,
  ...bindingOf(head.input),
  way: wayIn(head.run),
  by: user,
  prefix: null,
})

const recordedOrRefuse = (run: string): RecordedRun => {
  const recorded = recordedRun(run)
  if (!recorded) throw new PreflightFailed(`there is no run ${run} on this machine`)
  return recorded
}

const actionsOf = ({ head, acted, end, underWay }: RecordedRun): RunAction[] => {
  if (underWay) return []
  const report = end?.report as Report | undefined
  const undoable = head.mode === 'enable' && acted && (!report || isUndoable(report))
  return [...(undoable ? (['undo'] as const) : []), ...(head.mode === 'enable' ? (['again'] as const) : [])]
}

const questionOf = ({ head, end }: RecordedRun, action: RunAction): string[] => {
  const { namespace, serviceAccount, cluster } = head.input
  const place = `${namespace}/${serviceAccount} on ${cluster}`
  if (action === 'again') return [`a run of enable for ${place} starts, with the input of ${head.run}`]
  const changes = (end?.report as Report | undefined)?.changes ?? []
  return [`what ${head.run} changed for ${place} is put back`, ...changes.map(changeLine)]
}

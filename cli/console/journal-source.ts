import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { ListedRun, RawRun, RunAction, RunSource } from '../../console/server/source.ts'
import { PreflightFailed } from '../../core/errors.ts'
import type { Report } from '../../core/report.ts'
import { changeLine } from '../../core/text/change-lines.ts'
import { type RecordedRun, recordedEvents, recordedRun, recordedRuns } from '../journal/read.ts'
import { isUndoable } from '../show.ts'
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
  question: async (run, action) => questionOf(recordedOrRefuse(run), action),
  act: async (run, action) => {
    const { head } = recordedOrRefuse(run)
    if (action === 'undo')
      return { done: `${run} is being undone`, run: await started(['undo', run, '--json'], '') }
    const { before: _before, mode: _mode, ...binding } = head.input
    const arguments_ = ['enable', '--file', '-', '--yes', '--json', '--no-remote']
    return { done: 'started once more', run: await started(arguments_, JSON.stringify(binding)) }
  },
})

/** A journal's run in Step Functions' words; one whose process was killed has none there. */
const listed = ({ head, end, underWay }: RecordedRun): ListedRun => {
  const { namespace, serviceAccount, cluster } = head.input
  return {
    run: head.run,
    where: 'this machine',
    startedAt: head.at,
    endedAt: end?.at ?? null,
    status: end ? (end.type === 'run.succeeded' ? 'SUCCEEDED' : end.status) : underWay ? 'RUNNING' : 'KILLED',
    mode: head.mode,
    cluster: String(cluster),
    binding: `${namespace}/${serviceAccount}`,
    by: null,
  }
}

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

/** Starts podid in a process of its own, which outlives this one. @returns the name of its run */
const started = (words: readonly string[], input: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', ...words], {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    })
    let said = ''
    child.stderr.on('data', (part) => {
      said += String(part)
    })
    createInterface({ input: child.stdout }).once('line', (line) => {
      // Nobody reads on: its journal has the rest.
      child.stdout.resume()
      child.unref()
      resolve((JSON.parse(line) as { run: string }).run)
    })
    child.on('error', reject)
    child.on('close', () => reject(new PreflightFailed(said.trim() || 'it ended without a word')))
    child.stdin.end(input)
  })

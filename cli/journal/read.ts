import { mayBeDone } from '../../core/changes.ts'
import type { Report } from '../../core/report.ts'
import type { Before } from '../../core/request.ts'
import type { RunEvent } from '../../core/run-events/event.ts'
import { writingStates } from '../../core/steps/table.ts'
import { contentOf, namesIn } from './files.ts'
import { journalFolder, journalPath } from './folder.ts'
import type { JournalHead, JournalLine } from './lines.ts'
import { isAlive } from './process.ts'

/** A run as its journal has it. */
export interface RecordedRun {
  head: JournalHead
  before: Before | undefined
  /** Whether it may have changed something that was known before: by its report, without one by the steps that had begun. */
  acted: boolean
  end: Extract<RunEvent, { type: 'run.succeeded' | 'run.failed' }> | undefined
  /** Whether its process is still at work. */
  underWay: boolean
}

/** A journal's text as a run; undefined where its first line is no journal's. The last line may be cut short. */
export const parseJournal = (text: string): RecordedRun | undefined => {
  const lines = text.split('\n').flatMap(parseLine)
  const [head] = lines
  if (head?.type !== 'run') return undefined
  const before = lines.findIndex((line) => line.type === 'before')
  const end = lines.find((line) => line.type === 'run.succeeded' || line.type === 'run.failed')
  const report = end?.report as Partial<Report> | undefined
  return {
    head,
    // Once more after an approval.
    before: lines.findLast((line) => line.type === 'before')?.before,
    acted:
      before >= 0 &&
      (report?.changes
        ? report.changes.some(mayBeDone)
        : lines.slice(before).some((line) => line.type === 'step.started' && writingStates.has(line.step))),
    end,
    underWay: end === undefined && isAlive(head),
  }
}

const parseLine = (text: string): JournalLine[] => {
  try {
    const line: unknown = JSON.parse(text)
    return typeof line === 'object' && line !== null && 'type' in line ? [line as JournalLine] : []
  } catch {
    return []
  }
}

/** The run of that name, where this user's journals have it. */
export const recordedRun = (run: string): RecordedRun | undefined => {
  // Names are Step Functions', as podid makes them: nothing that leads out of the folder.
  const text = /^[\w-]{1,80}$/.test(run) ? contentOf(journalPath(run)) : undefined
  return text === undefined ? undefined : parseJournal(text)
}

/** The events of the run of that name, as far as its journal has them. */
export const recordedEvents = (run: string): RunEvent[] => eventsInJournal(contentOf(journalPath(run)) ?? '')

/** The events of a journal's text. */
export const eventsInJournal = (text: string): RunEvent[] =>
  text
    .split('\n')
    .flatMap(parseLine)
    .filter((line): line is RunEvent => line.type !== 'run' && line.type !== 'before')

/** Whether the run of that name has come to its end, by its journal. */
export const hasEnded = (run: string): boolean => recordedRun(run)?.end !== undefined

/** Every run that this user's journals have, the newest first. */
export const recordedRuns = (): RecordedRun[] => {
  const names = namesIn(journalFolder()).flatMap((name) =>
    name.endsWith('.jsonl') ? [name.slice(0, -6)] : [],
  )
  return names
    .flatMap((name) => recordedRun(name) ?? [])
    .sort((one, other) => Date.parse(other.head.at) - Date.parse(one.head.at))
}

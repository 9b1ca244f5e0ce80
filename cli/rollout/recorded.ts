import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { viewFleet } from '../../core/fleet/waves/history-view.ts'
import type { FleetReport } from '../../core/fleet/waves/report.ts'
import type { FleetView } from '../../core/fleet/waves/view.ts'
import type { HistoryEvent } from '../../core/run-events/history.ts'
import { contentOf, namesIn } from '../journal/files.ts'
import { stateFolder } from '../journal/folder.ts'
import { isAlive, type ProcessMark, thisProcess } from '../journal/process.ts'

/** What began a rollout of this machine. */
export interface RolloutHead extends ProcessMark {
  rollout: string
  /** RFC 3339. */
  at: string
}

/** A rollout of this machine, as its folder has it. */
export interface RecordedRollout {
  head: RolloutHead
  view: FleetView
  /** Whether its process is still at work. */
  underWay: boolean
}

const rolloutsFolder = (): string => join(stateFolder(), 'rollouts')

/** Begins what this machine remembers of a rollout: whose process it is. @returns what notes each event of its history */
export const recordRollout = (rollout: string, at: string): ((event: HistoryEvent) => void) => {
  const folder = join(rolloutsFolder(), rollout)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const head: RolloutHead = { rollout, at, ...thisProcess() }
  writeFileSync(join(folder, 'head.json'), JSON.stringify(head), { mode: 0o600 })
  return (event) =>
    appendFileSync(join(folder, 'history.jsonl'), `${JSON.stringify(event)}\n`, { mode: 0o600 })
}

/** The history of a rollout of this machine, as far as its folder has it. */
export const recordedHistory = (rollout: string): HistoryEvent[] =>
  documentsIn<HistoryEvent>(rollout, 'history.jsonl')

/** The rollout of that name, where this user's folder has it. */
export const recordedRollout = (rollout: string): RecordedRollout | undefined => {
  // Nothing that leads out of the folder.
  if (!/^[\w-][\w.-]{0,79}$/.test(rollout)) return undefined
  const [head] = documentsIn<RolloutHead>(rollout, 'head.json')
  if (!head) return undefined
  const view = viewFleet(recordedHistory(rollout))
  const [report] = documentsIn<FleetReport>(rollout, 'report.json')
  const underWay = report === undefined && isAlive(head)
  // One that was interrupted has its report when its runs have put back what they changed.
  return { head, underWay, view: { ...view, end: underWay ? null : ended(view, report) } }
}

const ended = ({ end }: FleetView, report: FleetReport | undefined): FleetView['end'] =>
  report ? { succeeded: false, status: 'ABORTED', ...end, message: report.summary, report } : end

/** Every rollout that this user's folder has, the newest first. */
export const recordedRollouts = (): RecordedRollout[] =>
  namesIn(rolloutsFolder())
    .flatMap((name) => recordedRollout(name) ?? [])
    .sort((one, other) => Date.parse(other.head.at) - Date.parse(one.head.at))

/** The documents of a file, one a line; what cannot be read is left out: the last line may be cut short. */
const documentsIn = <Document>(rollout: string, file: string): Document[] => {
  const text = contentOf(join(rolloutsFolder(), rollout, file)) ?? ''
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as Document]
    } catch {
      return []
    }
  })
}

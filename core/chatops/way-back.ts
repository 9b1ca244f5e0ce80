import { mayBeDone } from '../changes.ts'
import type { Report } from '../report.ts'
import type { Before } from '../request.ts'
import type { RequestInput } from '../request-input.ts'
import { beforeOf } from '../run-events/before.ts'
import type { HistoryEvent } from '../run-events/history.ts'

/**
 * What putting a run's changes back needs; undefined where there is nothing to put back. A run that was stopped,
 * killed or timed out has no report that says what it changed: its history says at least what it found before.
 */
export const wayBack = (
  history: readonly HistoryEvent[],
  { mode, report }: { mode: RequestInput['mode'] | undefined; report: Report | undefined },
): Before | undefined => {
  if (report) return canBeUndone(report) ? (report.before ?? undefined) : undefined
  return mode === 'plan' || mode === 'undo' ? undefined : beforeOf(history)
}

/** Whether undoing the run could change anything: it changed something, and has not put all of it back itself. */
const canBeUndone = ({ outcome, changes, undo }: Report): boolean =>
  (outcome === 'enabled' || outcome === 'associated' || outcome === 'failed') &&
  (undo === null || undo.left.length > 0) &&
  changes.some((change) => mayBeDone(change) && !change.undone)

import type { HistoryEvent } from '../../run-events/history.ts'
import { translateHistory } from '../../run-events/translation.ts'
import { type FleetView, viewRollout } from './view.ts'

/** A rollout as its execution's history shows it. */
export const viewFleet = (history: readonly HistoryEvent[]): FleetView =>
  viewRollout(translateHistory(history, { run: '' }))

import { Before } from '../request.ts'
import type { HistoryEvent } from './history.ts'

/**
 * What a run found before it touched anything, from its history, however the run ended: Preflight assigns it to a
 * variable, again after an approval, and the workflow changes neither an add-on, an association nor a workload before Preflight has ended.
 * Undefined for a run that did not get so far.
 */
export const beforeOf = (history: readonly HistoryEvent[]): Before | undefined => {
  for (const { stateExitedEventDetails: exited } of history.toReversed()) {
    const text = exited?.name === 'Preflight' ? exited.assignedVariables?.before : undefined
    if (text !== undefined) return Before.parse(JSON.parse(text))
  }
  return undefined
}

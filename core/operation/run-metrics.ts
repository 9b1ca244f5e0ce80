import { type ErrorName, errorNames } from '../errors.ts'
import type { RunFinished } from '../events.ts'
import type { HistoryEvent } from '../run-events/history.ts'
import type { Metric } from './metrics.ts'
import { isTurnedAway } from './turned-away.ts'

/** How a run ended: its report, where it wrote one, and else what Step Functions says. */
export interface RunEnding extends Pick<RunFinished, 'status' | 'report'> {
  /** The error that the execution failed with. */
  error: string | undefined
}

/**
 * By which name a run failed: one of ours, or of Step Functions' own (`States.Runtime`), and `Other` for everything else,
 * which may hold anything; null for a run that did not fail.
 */
export const causeOf = ({ status, report, error }: RunEnding): string | null => {
  if (status === 'TIMED_OUT' || status === 'ABORTED') return status === 'TIMED_OUT' ? 'TimedOut' : 'Stopped'
  const name = report?.failure?.error ?? (status === 'FAILED' ? error : undefined)
  if (name === undefined) return status === 'FAILED' ? 'Other' : null
  if (name === 'States.Timeout') return 'TimedOut'
  return (errorNames as readonly string[]).includes(name) || stepFunctions.has(name) ? name : 'Other'
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
const stepFunctions: ReadonlySet<string> = new Set([
  'States.DataLimitExceeded',
  'States.ExceedToleratedFailureThreshold',
  'States.NoChoiceMatched',
  'States.Permissions',
  'States.QueryEvaluationError',
  'States.Runtime',
  'States.TaskFailed',
])

/** Ours say what was found, or what a person decided; a service that was away is none of podid's faults either. */
const isFault = (cause: string): boolean => cause !== 'Stopped' && !errorNames.includes(cause as ErrorName)

/** What a run that has ended adds to the metrics. */
export const runMetrics = (end: RunEnding, history: readonly HistoryEvent[]): Metric[] => {
  const { report } = end
  const cause = causeOf(end)
  const throttled = history.filter(isTurnedAway).length
  const denied =
    report?.findings.filter(({ code, severity }) => severity === 'blocking' && code.startsWith('permission-'))
      .length ?? 0
  const waited = history.some(({ stateEnteredEventDetails: state }) => state?.name === 'AwaitApproval')
  const proven = report?.outcome === 'enabled' && report.credentials !== null && !waited
  return [
    { name: 'Runs', value: 1, by: { outcome: report?.outcome ?? 'failed', cause: cause ?? 'none' } },
    count('UndoIncomplete', cause === 'UndoIncomplete' ? 1 : 0),
    count('RunsBroken', cause !== null && isFault(cause) ? 1 : 0),
    count('RunsTimedOut', cause === 'TimedOut' ? 1 : 0),
    count('StepsThrottled', throttled),
    count('NeedsDenied', denied),
    ...(report?.propagation ? [count('Propagation', report.propagation.ms)] : []),
    ...(report?.rollout?.state === 'complete' ? [count('Rollout', report.rollout.ms)] : []),
    ...(proven ? [count('TimeToProof', report.durationMs)] : []),
  ]
}

const count = (name: Exclude<Metric['name'], 'Runs'>, value: number): Metric => ({ name, value })

/** What a sweep found, in figures. */
export interface SweepFigures {
  checked: number
  drifted: number
  notChecked: number
  /** Clusters that its time was too short for. */
  left: number
  /** Null where it was not looked at. */
  openTooLong: number | null
}

/** What a sweep adds to the metrics. */
export const sweepMetrics = ({ checked, drifted, notChecked, left, openTooLong }: SweepFigures): Metric[] => [
  count('BindingsChecked', checked),
  count('Drift', drifted),
  count('NotChecked', notChecked),
  count('SweepRounds', left === 0 ? 1 : 0),
  ...(openTooLong === null ? [] : [count('RunsOpenTooLong', openTooLong)]),
]

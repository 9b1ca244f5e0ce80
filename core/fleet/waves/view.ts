import type { HistoryEvent } from '../../run-events/history.ts'
import type { FleetPlan } from './plan.ts'
import type { FleetReport, WaveJudged } from './report.ts'

/** A rollout as its history shows it up to now. */
export interface FleetView {
  plan: FleetPlan | null
  /** What each round came to, in their order. */
  judged: WaveJudged[]
  /** Whether a round is under way, and of which wave. */
  underWay: number | null
  /** Whether it waits for a person's answer. */
  awaitsAnswer: boolean
  end: { succeeded: boolean; status: string; message: string; report: FleetReport | null } | null
}

const parse = <Value>(text: string | undefined): Value | null => {
  try {
    return JSON.parse(text ?? 'null') as Value | null
  } catch {
    return null
  }
}

/** Folds the history of a rollout's execution, the first event to the latest. */
export const viewFleet = (history: readonly HistoryEvent[]): FleetView => {
  const view: FleetView = { plan: null, judged: [], underWay: null, awaitsAnswer: false, end: null }
  let report: FleetReport | null = null
  for (const event of history) {
    const { stateEnteredEventDetails: entered, stateExitedEventDetails: exited } = event
    if (event.executionRedrivenEventDetails) view.end = null
    if (entered?.name === 'RunRound') view.underWay = (view.judged.at(-1)?.wave ?? 0) + waveStep(view)
    if (entered?.name === 'AwaitApproval') view.awaitsAnswer = true
    if (exited) {
      const assigned: Record<string, string> = exited.assignedVariables ?? {}
      if (exited.name === 'PlanWaves') view.plan = parse(assigned.plan) ?? view.plan
      if (exited.name === 'RunRound') view.underWay = null
      // The variable has the latest of each wave.
      const latest = exited.name === 'JudgeRound' ? parse<WaveJudged[]>(assigned.judged)?.at(-1) : undefined
      if (latest) view.judged.push(latest)
      if (exited.name === 'AwaitApproval') view.awaitsAnswer = false
      if (exited.name === 'Report') report = parse(exited.output)
    }
    const ended = endings[event.type]
    if (ended === undefined) continue
    const { error, cause } = event.executionFailedEventDetails ?? event.executionAbortedEventDetails ?? {}
    view.awaitsAnswer = false
    view.underWay = null
    view.end = {
      succeeded: ended === 'SUCCEEDED',
      status: ended,
      message: report?.summary ?? (spoken(cause) || error || ended.toLowerCase()),
      report,
    }
  }
  return view
}

/** A wave that has another round or is undone is the same one; else the next one is under way. */
const waveStep = ({ judged }: FleetView): number => {
  const next = judged.at(-1)?.next
  return next === 'go on' || next === 'undo' ? 0 : 1
}

/** What a function said, of a cause as Lambda writes it. */
const spoken = (cause: string | undefined): string | undefined =>
  parse<{ errorMessage?: string }>(cause)?.errorMessage ?? cause

const endings: Readonly<Record<string, string | undefined>> = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionAborted: 'ABORTED',
  ExecutionTimedOut: 'TIMED_OUT',
}

import type { RunEvent, RunFailed, RunSucceeded } from '../../run-events/event.ts'
import type { GateQuestion } from './gate.ts'
import type { FleetPlan } from './plan.ts'
import type { FleetReport, WaveJudged } from './report.ts'

/** A rollout as its events show it up to some point. */
export interface FleetView {
  plan: FleetPlan | null
  /** What each round came to, in their order. */
  judged: WaveJudged[]
  /** The wave of which a round is under way, and whether that undoes it. */
  underWay: { wave: number; undoing: boolean } | null
  /** Whether it waits for a person's answer. */
  awaitsAnswer: boolean
  /** What that person is asked, before the next wave. */
  question: GateQuestion | null
  end: { succeeded: boolean; status: string; message: string; report: FleetReport | null } | null
}

/** Folds the events of a rollout, the first to the latest. */
export const viewRollout = (events: readonly RunEvent[]): FleetView => {
  const view: FleetView = {
    plan: null,
    judged: [],
    underWay: null,
    awaitsAnswer: false,
    question: null,
    end: null,
  }
  let question: GateQuestion | null = null
  for (const event of events) {
    // An execution may go on after its end: it was redriven.
    view.end = null
    switch (event.type) {
      case 'waves.planned':
        view.plan = event.plan
        break
      case 'wave.judged':
        view.judged.push(event.judged)
        view.underWay = null
        question = event.question
        break
      case 'step.started':
        view.awaitsAnswer = false
        if (event.step === 'RunRound') view.underWay = roundAfter(view.judged.at(-1))
        break
      case 'step.waiting':
        view.awaitsAnswer ||= event.for === 'answer'
        break
      case 'run.succeeded':
      case 'run.failed':
        view.underWay = null
        view.awaitsAnswer = false
        view.end = endOf(event)
        break
      default:
    }
  }
  return { ...view, question: view.awaitsAnswer ? question : null }
}

/** The round that follows what was judged last: of the same wave, or the first one of the next. */
const roundAfter = (last: WaveJudged | undefined): { wave: number; undoing: boolean } =>
  last === undefined
    ? { wave: 1, undoing: false }
    : { wave: last.wave + (last.next === 'next' ? 1 : 0), undoing: last.next === 'undo' }

const endOf = (event: RunSucceeded | RunFailed): FleetView['end'] => {
  const report = (event.report as FleetReport | undefined) ?? null
  return event.type === 'run.succeeded'
    ? { succeeded: true, status: 'SUCCEEDED', message: report?.summary ?? 'succeeded', report }
    : { succeeded: false, status: event.status, message: report?.summary ?? event.message, report }
}

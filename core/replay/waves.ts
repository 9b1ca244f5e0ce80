import type { GateQuestion } from '../fleet/waves/gate.ts'
import type { FleetPlan } from '../fleet/waves/plan.ts'
import type { FleetReport, WaveJudged } from '../fleet/waves/report.ts'
import { viewRollout } from '../fleet/waves/view.ts'
import type { RunEvent } from '../run-events/event.ts'

/** A wave of a rollout, as its events show it up to some point. */
export interface SeenWave {
  number: number
  clusters: number
  bindings: number
  /** passed: within its tolerance. beyond: too many failed. undoing, undone: what it changed is or was put back. */
  state: 'not begun' | 'under way' | 'passed' | 'beyond' | 'undoing' | 'undone'
  /** What its latest round came to. */
  judged: WaveJudged | null
}

export interface SeenWaves {
  plan: FleetPlan
  waves: SeenWave[]
  /** What a person is asked now, before the next wave. */
  question: GateQuestion | null
  report: FleetReport | null
}

/** The waves of a rollout; undefined where the events are those of something else, or it has not planned yet. */
export const wavesOf = (events: readonly RunEvent[]): SeenWaves | undefined => {
  const { plan, judged, underWay, question, end } = viewRollout(events)
  if (!plan) return undefined
  const latest = new Map(judged.map((one) => [one.wave, one]))
  return {
    plan,
    waves: plan.waves.map(({ number, clusters, bindings }) => {
      const own = latest.get(number) ?? null
      const now = underWay?.wave === number ? underWay : undefined
      return { number, clusters, bindings, judged: own, state: stateOf(own, now) }
    }),
    question,
    report: end?.report ?? null,
  }
}

const stateOf = (
  judged: WaveJudged | null,
  underWay: { undoing: boolean } | undefined,
): SeenWave['state'] => {
  if (underWay) return underWay.undoing ? 'undoing' : 'under way'
  if (!judged) return 'not begun'
  if (judged.undoing) return 'undone'
  if (judged.beyond) return 'beyond'
  return judged.next === 'go on' ? 'under way' : 'passed'
}

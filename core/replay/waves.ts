import type { GateQuestion } from '../fleet/waves/gate.ts'
import type { FleetPlan } from '../fleet/waves/plan.ts'
import type { FleetReport, WaveJudged } from '../fleet/waves/report.ts'
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
  let plan: FleetPlan | undefined
  let underWay: { wave: number; undoing: boolean } | undefined
  let question: GateQuestion | null = null
  let asked = false
  let report: FleetReport | null = null
  const judged = new Map<number, WaveJudged>()
  let last: WaveJudged | undefined
  for (const event of events) {
    switch (event.type) {
      case 'waves.planned':
        plan = event.plan
        break
      case 'wave.judged':
        last = event.judged
        judged.set(last.wave, last)
        question = event.question
        underWay = undefined
        break
      case 'step.started':
        asked = false
        if (event.step === 'RunRound') underWay = roundAfter(last)
        break
      case 'step.waiting':
        asked ||= event.for === 'answer'
        break
      case 'run.succeeded':
      case 'run.failed':
        underWay = undefined
        asked = false
        report = (event.report as FleetReport | undefined) ?? null
        break
      default:
    }
  }
  if (!plan) return undefined
  return {
    plan,
    waves: plan.waves.map(({ number, clusters, bindings }) => {
      const own = judged.get(number) ?? null
      const now = underWay?.wave === number ? underWay : undefined
      return { number, clusters, bindings, judged: own, state: stateOf(own, now) }
    }),
    question: asked ? question : null,
    report,
  }
}

/** The round that follows what was judged last: of the same wave, or the first one of the next. */
const roundAfter = (last: WaveJudged | undefined): { wave: number; undoing: boolean } =>
  last === undefined
    ? { wave: 1, undoing: false }
    : { wave: last.wave + (last.next === 'next' ? 1 : 0), undoing: last.next === 'undo' }

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

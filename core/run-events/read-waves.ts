import { GateQuestion } from '../fleet/waves/gate.ts'
import { FleetPlan } from '../fleet/waves/plan.ts'
import { WaveJudged } from '../fleet/waves/report.ts'

/** The plan of a rollout of many bindings, where a step's answer is one. */
export const wavesIn = (answer: unknown): FleetPlan | undefined => FleetPlan.safeParse(answer).data

/** What a round of a wave came to, and the question before the next wave, where a step's answer says it. */
export const judgedIn = (
  answer: unknown,
): { judged: WaveJudged; question: GateQuestion | null } | undefined => {
  if (typeof answer !== 'object' || answer === null || !('judged' in answer)) return undefined
  const judged = WaveJudged.safeParse(answer.judged).data
  const question = 'question' in answer ? GateQuestion.safeParse(answer.question).data : undefined
  return judged && { judged, question: question ?? null }
}

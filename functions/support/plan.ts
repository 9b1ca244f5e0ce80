import { digest } from '../../adapters/digest.ts'
import { planLines } from '../../core/steps/plan.ts'

/** A plan in words and by its digest: an answer to a question names the plan that it was asked about. */
export interface Plan {
  lines: string[]
  digest: string
}

/** The plan that a run's checks lead to. */
export const planOf = (state: Parameters<typeof planLines>[0]): Plan => {
  const lines = planLines(state)
  return { lines, digest: digest(JSON.stringify(lines), 32) }
}

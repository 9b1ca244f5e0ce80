import * as z from 'zod'
import type { Runtime } from '../../adapters/runtime.ts'
import { AgentCheck } from '../../core/agent.ts'
import { Refused } from '../../core/errors.ts'
import { Before, Request } from '../../core/request.ts'
import {
  Approved,
  AssociationCheck,
  type ConfirmedStep,
  RoleCheck,
  WorkloadCheck,
} from '../../core/steps/answers.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { lambda } from '../support/lambda.ts'
import { planOf } from '../support/plan.ts'

const Input = z.strictObject({
  request: Request,
  /** Whoever has the token can answer with anything. */
  approved: Approved.partial(),
  associationCheck: AssociationCheck,
  agent: AgentCheck,
  role: RoleCheck.pick({ action: true }),
  before: Before.nullable().exactOptional(),
  workload: WorkloadCheck,
})

/**
 * Compares the plan that was approved with the one that the checks, made again since, lead to.
 * @throws Refused where they differ: nothing has been changed by then
 */
export const confirmPlan = ({ approved, ...state }: z.output<typeof Input>): ConfirmedStep => {
  const { approvedBy = 'somebody', plan, lines: then = [] } = approved
  if (plan === undefined)
    throw new Refused(
      'the answer approves no plan by its digest: approve the run in Slack, by the webhook or at the terminal',
    )
  const { lines: now, digest } = planOf(state)
  if (digest === plan) return { message: `the plan is what ${approvedBy} approved` }
  const only = (these: readonly string[], others: readonly string[]): string =>
    these.filter((line) => !others.includes(line)).join('; ') || 'less'
  throw new Refused(
    `the plan has changed since ${approvedBy} approved it: approved was ${only(then, now)}, and now it would be ${only(now, then)}. Run this again to have the new plan approved`,
  )
}

export const create = (runtime: Runtime) =>
  makeHandler(runtime, { name: 'ConfirmPlan', input: Input }, async (input) => confirmPlan(input))

export const handler = create(lambda)

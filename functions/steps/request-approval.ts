import * as z from 'zod'
import { type EventBus, eventBus } from '../../adapters/events.ts'
import { type Approvals, approvalId, approvals } from '../../adapters/records/approvals.ts'
import { type Runs, runs } from '../../adapters/records/runs.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { AgentCheck } from '../../core/agent.ts'
import { Finding } from '../../core/findings.ts'
import { Before, Request } from '../../core/request.ts'
import { type ApprovalStep, AssociationCheck, RoleCheck, WorkloadCheck } from '../../core/steps/answers.ts'
import { plannedChanges } from '../../core/steps/ledger.ts'
import { formatWorkloadRef } from '../../core/workload/workload.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { lambda } from '../support/lambda.ts'
import { planOf } from '../support/plan.ts'
import { setting } from '../support/settings.ts'

/** What AwaitApproval gives: the question's plan is made of it, and the token answers it. */
export const ApprovalInput = z.strictObject({
  request: Request,
  token: z.string().min(1),
  /** When the state began that waits for the answer, by the clock that ends it (RFC 3339). */
  askedAt: z.string(),
  findings: z.array(Finding),
  associationCheck: AssociationCheck,
  agent: AgentCheck,
  role: RoleCheck.pick({ action: true }),
  before: Before.nullable().exactOptional(),
  workload: WorkloadCheck,
})

interface ApprovalServices {
  approvals: Pick<Approvals, 'open'>
  runs: Pick<Runs, 'change'>
  bus: Pick<EventBus, 'put'>
}

/** Stores the question with its task token, and notifies whoever can ask a person. Answers the approval's id. */
export const requestApproval =
  ({ approvals: kept, runs: known, bus }: ApprovalServices) =>
  async ({ token, askedAt, findings, ...state }: z.output<typeof ApprovalInput>): Promise<ApprovalStep> => {
    const { request } = state
    const plan = planOf(state)
    const question = {
      approval: approvalId(token),
      run: request.run,
      cluster: request.cluster,
      region: request.region,
      namespace: request.namespace,
      workload: request.workload ? formatWorkloadRef(request.workload) : null,
      changes: plannedChanges(state),
      plan: plan.digest,
      findings,
      expiresAt: new Date(Date.parse(askedAt) + request.approvalTimeoutSeconds * 1000).toISOString(),
    }
    // Stored first: an answer may come as soon as anybody sees the question.
    await kept.open({ question, lines: plan.lines, token, answer: null })
    await known.change(request.run, (record) => ({ ...record, approval: question.approval }))
    await bus.put({ type: 'Run Approval Requested', resources: [], detail: question })
    return { approval: question.approval, plan: plan.digest }
  }

export const create = (runtime: Runtime) =>
  makeHandler(runtime, { name: 'RequestApproval', input: ApprovalInput }, (input) => {
    const tableArn = setting(runtime, 'PODID_TABLE_ARN')
    return requestApproval({
      approvals: approvals(runtime, tableArn),
      runs: runs(runtime, tableArn),
      bus: eventBus(runtime, setting(runtime, 'PODID_EVENT_BUS_ARN')),
    })(input)
  })

export const handler = create(lambda)

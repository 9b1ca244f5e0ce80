import * as z from 'zod'
import { type EventBus, eventBus } from '../../adapters/events.ts'
import { type Approvals, approvalId, approvals } from '../../adapters/records/approvals.ts'
import { type Runs, runs } from '../../adapters/records/runs.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { AgentCheck } from '../../core/agent.ts'
import type { ApprovalQuestion } from '../../core/events.ts'
import { Finding } from '../../core/findings.ts'
import { GateQuestion, gateText } from '../../core/fleet/waves/gate.ts'
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

/** What a rollout's AwaitApproval gives, between two waves. */
export const GateInput = z.strictObject({
  token: z.string().min(1),
  askedAt: z.string(),
  rollout: z.string(),
  timeoutSeconds: z.number(),
  question: GateQuestion,
})

interface ApprovalServices {
  approvals: Pick<Approvals, 'open'>
  runs: Pick<Runs, 'change'>
  bus: Pick<EventBus, 'put'>
}

/** What is stored of a question, and under which token. */
interface Asked {
  question: ApprovalQuestion
  /** The plan in words. */
  lines: string[]
  token: string
}

const expiryOf = (askedAt: string, seconds: number): string =>
  new Date(Date.parse(askedAt) + seconds * 1000).toISOString()

/** The question of one binding's run. */
const bindingQuestion = ({ token, askedAt, findings, ...state }: z.output<typeof ApprovalInput>): Asked => {
  const { request } = state
  const plan = planOf(state)
  return {
    token,
    lines: plan.lines,
    question: {
      approval: approvalId(token),
      run: request.run,
      cluster: request.cluster,
      region: request.region,
      namespace: request.namespace,
      workload: request.workload ? formatWorkloadRef(request.workload) : null,
      changes: plannedChanges(state),
      plan: plan.digest,
      findings,
      expiresAt: expiryOf(askedAt, request.approvalTimeoutSeconds),
    },
  }
}

/** The question between two waves of a rollout. */
const waveQuestion = ({
  token,
  askedAt,
  rollout,
  timeoutSeconds,
  question: gate,
}: z.output<typeof GateInput>): Asked => ({
  token,
  lines: [gateText(gate)],
  question: {
    approval: approvalId(token),
    run: rollout,
    cluster: '',
    region: '',
    namespace: '',
    workload: null,
    changes: [],
    plan: gate.plan,
    findings: [],
    expiresAt: expiryOf(askedAt, timeoutSeconds),
    gate,
  },
})

/** Stores the question with its task token, and notifies whoever can ask a person. Answers the approval's id. */
export const requestApproval =
  ({ approvals: kept, runs: known, bus }: ApprovalServices) =>
  async (input: z.output<typeof ApprovalInput> | z.output<typeof GateInput>): Promise<ApprovalStep> => {
    const { question, lines, token } = 'rollout' in input ? waveQuestion(input) : bindingQuestion(input)
    // Stored first: an answer may come as soon as anybody sees the question.
    await kept.open({ question, lines, token, answer: null })
    await known.change(question.run, (record) => ({ ...record, approval: question.approval }))
    await bus.put({ type: 'Run Approval Requested', resources: [], detail: question })
    return { approval: question.approval, plan: question.plan }
  }

export const create = (runtime: Runtime) =>
  makeHandler(runtime, { name: 'RequestApproval', input: z.union([GateInput, ApprovalInput]) }, (input) => {
    const tableArn = setting(runtime, 'PODID_TABLE_ARN')
    return requestApproval({
      approvals: approvals(runtime, tableArn),
      runs: runs(runtime, tableArn),
      bus: eventBus(runtime, setting(runtime, 'PODID_EVENT_BUS_ARN')),
    })(input)
  })

export const handler = create(lambda)

import { expect, it } from 'vitest'
import { approvalId } from '../../../adapters/records/approvals.ts'
import { resolveRequest } from '../../../core/request-input.ts'
import { plannedChanges } from '../../../core/steps/ledger.ts'
import { ApprovalInput, GateInput, requestApproval } from '../../../functions/steps/request-approval.ts'
import { planOf } from '../../../functions/support/plan.ts'

const request = resolveRequest(
  {
    cluster: 'eks-workshop',
    namespace: 'carts',
    serviceAccount: 'carts',
    role: 'arn:aws:iam::123456789012:role/carts',
    workload: 'deployment/carts',
    approval: 'required',
    approvalTimeoutSeconds: 600,
  },
  {
    arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
    startTime: '2026-11-23T06:00:00.000Z',
  },
)
const finding = { code: 'pods-untried', severity: 'info', subject: 'deployment/carts', found: 'x' } as const
const ofBinding = {
  request,
  token: 'token-1',
  askedAt: '2026-11-23T06:01:00.000Z',
  findings: [finding],
  associationCheck: { action: 'create', message: '', before: null, findings: [] },
  agent: {
    action: 'none',
    management: 'addon',
    version: null,
    ready: 1,
    nodes: 1,
    repelled: 0,
    findings: [],
  },
  role: { action: 'create' },
  workload: {
    exists: true,
    summary: '',
    before: null,
    uid: 'u-1',
    revisions: [],
    injected: false,
    carried: false,
    credentials: null,
    diagnosis: [],
    findings: [],
  },
} satisfies Parameters<ReturnType<typeof requestApproval>>[0]
const ofGate = {
  token: 'token-2',
  askedAt: '2026-11-23T06:01:00.000Z',
  rollout: 'rollout-1',
  timeoutSeconds: 60,
  question: {
    wave: 2,
    waves: 3,
    bindings: 12,
    clusters: 4,
    plan: 'digest-of-wave',
    before: 'wave 1: 3 enabled',
    places: [{ cluster: 'shop', namespace: 'carts' }],
  },
} satisfies Parameters<ReturnType<typeof requestApproval>>[0]

/** What is done with an input, in its order. */
const asked = async (input: Parameters<ReturnType<typeof requestApproval>>[0]) => {
  const did: unknown[] = []
  const record = { origin: { trigger: 'webhook' as const, by: 'caller:ci' }, message: null, approval: null }
  const answer = await requestApproval({
    approvals: { open: async (approval) => void did.push(['store', approval]) },
    runs: {
      change: async (run, change) => {
        did.push(['note', run, change(record)])
        return { record, changed: true }
      },
    },
    bus: { put: async (event) => void did.push(['tell', event]) },
  })(input)
  return { answer, did, record }
}

it('stores the question of a binding’s plan before it tells anybody, until when an answer counts by the time of the workflow', async () => {
  const { answer, did, record } = await asked(ofBinding)
  const { lines, digest } = planOf(ofBinding)
  expect(digest).toMatch(/^[0-9a-f]{32}$/)
  const approval = approvalId('token-1')
  const question = {
    approval,
    run: 'run-1',
    cluster: 'eks-workshop',
    region: 'us-west-2',
    namespace: 'carts',
    workload: 'deployment/carts',
    changes: plannedChanges(ofBinding),
    plan: digest,
    findings: [finding],
    expiresAt: '2026-11-23T06:11:00.000Z',
  }
  expect(did).toEqual([
    ['store', { question, lines, token: 'token-1', answer: null }],
    ['note', 'run-1', { ...record, approval }],
    ['tell', { type: 'Run Approval Requested', resources: [], detail: question }],
  ])
  expect(answer).toEqual({ approval, plan: digest })
})

it('asks for a binding without a workload, too', async () => {
  const { workload: _, ...rest } = request
  const { did } = await asked({ ...ofBinding, request: { ...rest, workload: undefined } as typeof request })
  expect(did.at(-1)).toMatchObject(['tell', { detail: { workload: null } }])
})

it('asks whether the next wave of a rollout may begin', async () => {
  const { answer, did, record } = await asked(ofGate)
  const approval = approvalId('token-2')
  const question = {
    approval,
    run: 'rollout-1',
    cluster: '',
    region: '',
    namespace: '',
    workload: null,
    changes: [],
    plan: 'digest-of-wave',
    findings: [],
    expiresAt: '2026-11-23T06:02:00.000Z',
    gate: ofGate.question,
  }
  const lines = ['begin wave 2 of 3: 12 bindings on 4 clusters']
  expect(did).toEqual([
    ['store', { question, lines, token: 'token-2', answer: null }],
    ['note', 'rollout-1', { ...record, approval }],
    ['tell', { type: 'Run Approval Requested', resources: [], detail: question }],
  ])
  expect(answer).toEqual({ approval, plan: 'digest-of-wave' })
})

it('reads of its input all that the question is made of', () => {
  expect(ApprovalInput.parse(ofBinding)).toEqual(ofBinding)
  expect(GateInput.parse(ofGate)).toEqual(ofGate)
  for (const input of [
    { ...ofBinding, token: '' },
    { ...ofGate, token: '' },
  ])
    expect([ApprovalInput, GateInput].some((schema) => schema.safeParse(input).success)).toBe(false)
})

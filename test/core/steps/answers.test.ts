import { describe, expect, it } from 'vitest'
import * as answers from '../../../core/steps/answers.ts'

const at = '2026-11-23T06:00:00Z'
const role = 'arn:aws:iam::123456789012:role/reader'
const finding = { code: 'c', severity: 'info', subject: 's', found: 'f' }
const findings = [finding]
const message = 'm'
const former = {
  id: 'a-1',
  roleArn: role,
  targetRoleArn: null,
  disableSessionTags: false,
  policy: null,
  run: null,
}
const association = {
  id: 'a-1',
  arn: 'arn',
  role,
  sessionTags: true,
  createdAt: at,
  modifiedAt: at,
  tags: {},
}
const counts = { desired: 2, updated: 1, available: 1, old: 1 }
const agent = {
  action: 'none',
  management: 'addon',
  version: 'v1',
  ready: 1,
  nodes: 1,
  repelled: 0,
  findings,
}
const trust = { found: '{}', planned: '{"a":1}', what: ['add'] }
const pod = { pod: 'p', node: 'n', revision: 'new', state: 'Running' }
const evidence = [{ seen: 'out-of-reach', pod: 'p', node: 'n', reason: 'r' }]
const cluster = { name: 'shop', arn: 'arn', status: 'ACTIVE', version: '1.33', autoMode: false }
const stock = {
  message,
  accessEntries: { seen: ['arn'] },
  addon: { seen: true },
  role: { seen: { ours: true, policies: ['p'] } },
  association: { seen: association },
  restartedAt: { seen: at },
  trust: { seen: '{}' },
  annotation: { error: 'Forbidden' },
}

/** An answer of each step, whole, with every value that its words may have. */
const whole = {
  TurnStep: [{ message }],
  ClusterStep: ['ready', 'waiting', 'failed'].map((state) => ({ cluster, state, message, findings })),
  AccessStep: [{ created: ['arn'], message, findings }],
  AgentStep: [{ ...agent, summary: 's' }],
  AgentInstallStep: ['ready', 'waiting', 'failed'].map((state) => ({
    state,
    agent,
    installed: true,
    summary: 's',
    findings,
  })),
  ApprovalStep: [{ approval: 'a', plan: 'p' }],
  Approved: [{ approvedBy: 'a', plan: 'p', lines: ['l'] }],
  ConfirmedStep: [{ message }],
  RoleCheck: ['none', 'create', 'trust'].map((action) => ({
    action,
    trust,
    summary: 's',
    table: ['t'],
    findings,
  })),
  WorkloadCheck: [
    {
      exists: true,
      summary: 's',
      before: { restartedAt: at, healthy: true, ready: 1, desired: 2 },
      uid: 'u',
      revisions: ['r'],
      injected: true,
      carried: true,
      credentials: { carts: { AWS_REGION: 'us-west-2' } },
      diagnosis: findings,
      annotation: { role, goes: true },
      findings,
    },
  ],
  AssociationCheck: ['create', 'keep', 'repoint', 'refuse'].map((action) => ({
    action,
    message,
    before: former,
    findings,
  })),
  RoleStep: ['created', 'kept'].map((action) => ({ action, message })),
  TrustStep: ['changed', 'kept'].map((action) => ({ action, message })),
  FinishStep: [
    { annotation: 'removed', trust: 'changed', message, findings },
    { annotation: 'absent', trust: 'kept', message, findings },
  ],
  AssociationStep: ['created', 'kept', 'repointed'].map((action) => ({ action, message, association })),
  InjectionStep: ['dry-run', 'first-pod', 'settled'].map((way) => ({
    ready: true,
    way,
    probes: 1,
    waitedMs: 1,
    message,
    refused: 'why',
    findings,
  })),
  RestartStep: [
    { restarted: true, reason: 'r', message, generation: 2, missedBefore: 'd', at, writtenAt: at },
  ],
  RolloutStep: ['progressing', 'complete', 'failed', 'gone', 'replaced', 'missed'].map((state) => ({
    state,
    message,
    position: '7',
    counts,
    watchedMs: 1,
    progress: [{ at, message, counts }],
    pods: [pod],
    findings,
    told: ['t'],
    at,
  })),
  ProofStep: [
    {
      proven: true,
      waiting: false,
      missed: 1,
      pods: ['p'],
      evidence,
      credentials: { carts: { AWS_REGION: 'us-west-2' } },
      message,
      findings,
    },
  ],
  UndoStep: [
    {
      message,
      done: [
        { kind: 'restart', what: 'w' },
        { kind: 'association', what: 'w', perhaps: true },
      ],
      left: [{ kind: 'role', what: 'w', error: 'e', command: 'c' }],
      kept: [{ kind: 'trust', what: 'w' }],
      generation: 2,
      missedBefore: 'd',
      leftByRun: { addon: true, accessEntries: ['arn'] },
      rolloutToAwait: true,
    },
  ],
  StockStep: [
    stock,
    { ...stock, role: { seen: null }, association: { seen: null }, restartedAt: { error: 'e' } },
  ],
  UndoRolloutStep: ['as-before', 'differs', 'left', 'waiting'].map((state) => ({
    state,
    message,
    deleted: ['p'],
    left: [{ what: 'w', error: 'e', command: 'c' }],
    position: '7',
  })),
} satisfies Partial<Record<keyof typeof answers, object[]>>

const rows = Object.entries(whole).flatMap(([name, all]) =>
  all.map((answer): [name: string, answer: object] => [name, answer]),
)
const schemas = answers as unknown as Record<
  string,
  { safeParse(value: unknown): { data?: unknown; success: boolean } }
>

describe('an answer of a step', () => {
  it.each(rows)('%s is read whole: %j', (name, answer) => {
    expect(schemas[name]?.safeParse(answer).data).toEqual(answer)
  })

  const mayBeLeftOut: Record<string, string[]> = {
    AgentStep: ['repelled'],
    RoleCheck: ['trust'],
    WorkloadCheck: ['annotation'],
    RolloutStep: ['pods'],
    StockStep: ['trust', 'annotation'],
  }
  it.each(
    Object.entries(whole).flatMap(([name, [answer]]) =>
      Object.keys(answer ?? {}).map((field): [string, string, object] => [name, field, answer ?? {}]),
    ),
  )('%s is none without %s, unless that may be left out', (name, field, answer) => {
    const without = Object.fromEntries(Object.entries(answer).filter(([key]) => key !== field))
    expect(schemas[name]?.safeParse(without).success).toBe(mayBeLeftOut[name]?.includes(field) ?? false)
  })
})

const state = {
  request: {
    cluster: 'shop',
    region: 'us-west-2',
    account: '123456789012',
    namespace: 'carts',
    serviceAccount: 'reader',
    role,
    sessionTags: true,
    workload: { kind: 'Deployment', name: 'api' },
    needs: [],
    run: 'run-1',
    startedAt: at,
    restartedAt: at,
  },
  turn: whole.TurnStep[0],
  cluster,
  accessEntries: ['arn'],
  agent,
  agentInstalled: true,
  role: whole.RoleCheck[0],
  workload: whole.WorkloadCheck[0],
  associationCheck: whole.AssociationCheck[0],
  findings,
  before: { run: 'run-1', restartedAt: at, association: former, workload: null },
  confirmed: { message },
  roleMade: whole.RoleStep[0],
  trustWritten: whole.TrustStep[0],
  association: whole.AssociationStep[0],
  injection: whole.InjectionStep[0],
  restart: whole.RestartStep[0],
  rollout: whole.RolloutStep[0],
  proof: whole.ProofStep[0],
  finished: whole.FinishStep[0],
  undo: whole.UndoStep[0],
  tried: 'ensureAccess',
  stock,
  stockAfterUndo: stock,
  rolloutBack: whole.UndoRolloutStep[0],
  failure: { Error: 'E', Cause: 'why' },
}

it.each<[field: string, value: unknown]>([
  ['tried', 'ensureAccess'],
  ['tried', 'ensureAgent'],
  ['tried', 'ensureRole'],
  ['tried', 'ensureTrust'],
  ['tried', 'ensureAssociation'],
  ['tried', 'restartWorkload'],
  ['tried', 'finishMigration'],
  ['undo', { error: { Error: 'E', Cause: 'why' } }],
  ['rolloutBack', { state: 'unknown', message }],
  ['failure', { Error: 'E' }],
])('what a run knows at its end is read whole, with %s %j', (field, value) => {
  const { request, ...known } = { ...state, [field]: value }
  expect(answers.RunState.parse({ request, ...known })).toMatchObject(known)
})

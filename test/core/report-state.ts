import type { Finding } from '../../core/findings.ts'
import { RunState } from '../../core/steps/answers.ts'

export const reportStartedAt = '2026-11-23T06:00:00.000Z'
export const reportStart = Date.parse(reportStartedAt)
const role = 'arn:aws:iam::123456789012:role/reader'
export const workloadCheck = {
  exists: true,
  summary: '1 of 2 pods ready',
  before: { restartedAt: null, healthy: true },
  uid: 'u',
  revisions: [],
  injected: false,
  carried: false,
  credentials: null,
  diagnosis: [] as Finding[],
  findings: [],
}

/** What a run knows at its end that has only looked; the change is what it knows besides. */
export const reportState = ({ request, ...change }: Record<string, unknown>): RunState =>
  RunState.parse({
    turn: null,
    cluster: null,
    accessEntries: [],
    agent: null,
    agentInstalled: false,
    role: null,
    roleMade: null,
    workload: workloadCheck,
    associationCheck: null,
    findings: [],
    before: { run: 'run-1', restartedAt: '2026-11-23T06:00:00Z', association: null, workload: null },
    confirmed: null,
    association: null,
    injection: null,
    restart: null,
    rollout: null,
    proof: null,
    undo: null,
    tried: null,
    stock: null,
    stockAfterUndo: null,
    rolloutBack: null,
    failure: null,
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
      startedAt: reportStartedAt,
      restartedAt: '2026-11-23T06:00:00Z',
      ...(request as object),
    },
    ...change,
  })

export const restartStep = {
  restarted: true,
  reason: 'pods without credentials',
  message: 'restarted',
  generation: 2,
  missedBefore: null,
  at: reportStartedAt,
  writtenAt: reportStartedAt,
}
export const rolloutStep = {
  state: 'complete',
  message: 'successfully rolled out',
  position: null,
  counts: { desired: 2, updated: 2, available: 2, old: 0 },
  watchedMs: 3000,
  progress: [],
  findings: [],
  told: [],
  at: reportStartedAt,
}
export const failedRollout = { Error: 'RolloutFailed', Cause: '{"errorMessage":"pod api-1 cannot start"}' }

/** An undo that had nothing to do. */
export const undoStep = {
  message: 'undone',
  done: [],
  left: [],
  kept: [],
  generation: null,
  missedBefore: null,
  leftByRun: null,
  rolloutToAwait: true,
}
/** A look afterwards that has seen nothing of what it looked for. */
export const stockStep = {
  message: 'looked',
  accessEntries: null,
  addon: null,
  role: null,
  association: null,
  restartedAt: null,
}

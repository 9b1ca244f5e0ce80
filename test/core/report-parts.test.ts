import { expect, it } from 'vitest'
import type { Finding } from '../../core/findings.ts'
import { buildReport, fitReport } from '../../core/report.ts'
import { RunState } from '../../core/steps/answers.ts'

const startedAt = '2026-11-23T06:00:00.000Z'
const start = Date.parse(startedAt)
const role = 'arn:aws:iam::123456789012:role/reader'
const check = {
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
const stateOf = ({ request, ...change }: Record<string, unknown>): RunState =>
  RunState.parse({
    turn: null,
    cluster: null,
    accessEntries: [],
    agent: null,
    agentInstalled: false,
    role: null,
    roleMade: null,
    workload: check,
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
      startedAt,
      restartedAt: '2026-11-23T06:00:00Z',
      ...(request as object),
    },
    ...change,
  })

const restart = {
  restarted: true,
  reason: 'pods without credentials',
  message: 'restarted',
  generation: 2,
  missedBefore: null,
  at: startedAt,
  writtenAt: startedAt,
}
const rollout = {
  state: 'complete',
  message: 'successfully rolled out',
  position: null,
  counts: { desired: 2, updated: 2, available: 2, old: 0 },
  watchedMs: 3000,
  progress: [],
  findings: [],
  told: [],
  at: startedAt,
}
const failure = { Error: 'RolloutFailed', Cause: '{"errorMessage":"pod api-1 cannot start"}' }
const finding = (change: Pick<Partial<Finding>, 'code' | 'severity' | 'found'> = {}): Finding => ({
  code: 'rollout-crash',
  severity: 'info',
  subject: 'deployment/api',
  found: 'pod api-1 crashed',
  ...change,
})

it.each<[why: string, diagnosis: Finding[], found: Finding, failed: boolean, told: boolean]>([
  ['it ailed so before, and the run has succeeded: it is over', [finding()], finding(), false, false],
  ['it ailed so before, and the run has failed', [finding()], finding(), true, true],
  ['nothing ailed it before', [], finding(), false, true],
  ['something else ailed it before', [finding({ found: 'pod api-9 crashed' })], finding(), false, true],
  ['it was another finding in the same words', [finding({ code: 'rollout-log' })], finding(), false, true],
  ['one of two that ailed it before', [finding({ found: 'else' }), finding()], finding(), false, false],
  [
    'it is more than a note',
    [finding({ severity: 'warning' })],
    finding({ severity: 'warning' }),
    false,
    true,
  ],
])(
  'what ailed the workload before the run is told where it still counts: %s',
  (_why, diagnosis, found, failed, told) => {
    const state = stateOf({
      workload: { ...check, diagnosis },
      findings: [found],
      restart,
      rollout,
      ...(failed ? { failure } : {}),
    })
    expect(buildReport(state, start).findings).toEqual(told ? [found] : [])
  },
)

it('a finding is told where no workload was looked at', () => {
  expect(buildReport(stateOf({ workload: null, findings: [finding()] }), start).findings).toEqual([finding()])
})

it.each([
  ['as long as the step has waited', 5000, 60_000, 5000],
  ['no longer than the run, whose clock is another one', 90_000, 60_000, 60_000],
])('the propagation took %s', (_why, waitedMs, endMs, ms) => {
  const injection = {
    ready: true,
    way: 'dry-run',
    message: 'm',
    probes: 4,
    waitedMs,
    refused: null,
    findings: [],
  }
  expect(buildReport(stateOf({ injection }), start + endMs).propagation).toEqual({
    way: 'dry-run',
    probes: 4,
    ms,
  })
})

it('what did not happen is null', () => {
  expect(buildReport(stateOf({}), start)).toMatchObject({
    propagation: null,
    rollout: null,
    credentials: null,
    undo: null,
  })
  expect(buildReport(stateOf({ rollout }), start).rollout).toBeNull()
  expect(buildReport(stateOf({ restart }), start).rollout).toBeNull()
})

it('a rollout is told with what it was for, and for how long it was watched', () => {
  expect(buildReport(stateOf({ restart, rollout }), start).rollout).toEqual({
    state: 'complete',
    message: 'successfully rolled out',
    ms: 3000,
    restarted: true,
    reason: 'pods without credentials',
  })
})

it.each<[why: string, change: Record<string, unknown>, found: string]>([
  ['that its new pods are there', { restart, rollout }, 'successfully rolled out'],
  [
    'how it was found, where the rollout has not ended',
    { restart, rollout: { ...rollout, state: 'progressing' } },
    '1 of 2 pods ready',
  ],
  [
    'how it was found, where it was not restarted',
    { restart: { ...restart, restarted: false }, rollout },
    '1 of 2 pods ready',
  ],
])('of the workload is said %s', (_why, change, found) => {
  const { checked } = buildReport(stateOf(change), start)
  expect(checked).toContainEqual({ what: 'workload', found })
})

it('credentials before and after are told where the pods were looked at', () => {
  const after = { carts: { AWS_ROLE_ARN: 'after' } }
  const proof = {
    missed: 0,
    pods: ['api-1'],
    message: 'seen',
    findings: [],
    credentials: after,
    proven: true,
    waiting: false,
    evidence: [],
  }
  const before = { carts: { AWS_ROLE_ARN: 'before' } }
  const credentialsOf = (change: object) => buildReport(stateOf({ proof, ...change }), start).credentials
  expect(credentialsOf({ workload: { ...check, credentials: before } })).toEqual({
    before,
    after,
    pods: ['api-1'],
    evidence: [],
  })
  expect(credentialsOf({})).toMatchObject({ before: null, after })
  expect(credentialsOf({ workload: null })).toMatchObject({ before: null, after })
})

it('names the ServiceAccount where there is no workload, and the role without its path', () => {
  const { summary } = buildReport(
    stateOf({
      request: { workload: undefined, role: 'arn:aws:iam::123456789012:role/team/reader', mode: 'plan' },
    }),
    start,
  )
  expect(summary).toMatch(/^carts\/reader on shop: /)
})

it('what follows a message of several lines begins a line, so that its command can be pasted', () => {
  const cause = JSON.stringify({ errorMessage: 'run this:\naws sts get-caller-identity' })
  const { summary } = buildReport(stateOf({ failure: { Error: 'Refused', Cause: cause } }), start)
  expect(summary).toBe('carts/api on shop: run this:\naws sts get-caller-identity\nNothing had been changed')
})

it('a report that is too long keeps fifty lines of what the role may do, each cut, and all that says what happened', () => {
  const line = 'x'.repeat(2000)
  const table = (lines: number) => ({
    action: 'none',
    summary: 's'.repeat(3000),
    table: Array.from({ length: lines }, () => line),
    findings: [],
  })
  const cause = JSON.stringify({ errorMessage: 'm'.repeat(5000) })
  const fitted = (lines: number) =>
    fitReport(
      buildReport(stateOf({ role: table(lines), failure: { Error: 'Refused', Cause: cause } }), start),
    )
  const { permissions, checked, failure: told, summary, credentials } = fitted(100)
  expect(permissions).toHaveLength(51)
  expect(permissions.at(-1)).toBe('and 50 more')
  expect(permissions[0]?.length).toBeLessThanOrEqual(500)
  expect(checked.find(({ what }) => what === 'role')?.found.length).toBeLessThanOrEqual(1000)
  expect(told?.error).toBe('Refused')
  expect(told?.message.length).toBeLessThanOrEqual(4000)
  expect(summary.length).toBeLessThanOrEqual(4000)
  expect(credentials).toBeNull()
  // Fifty are as many as there is room for, and none is left out.
  const long = { ...table(50), table: Array.from({ length: 50 }, () => 'x'.repeat(4000)) }
  const fifty = fitReport(buildReport(stateOf({ role: long }), start))
  expect(fifty.permissions).toHaveLength(50)
  expect(fifty.permissions.every((one) => one.length <= 500)).toBe(true)
  expect(fifty.failure).toBeNull()
})

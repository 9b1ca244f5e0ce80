import { expect, it } from 'vitest'
import type { Finding } from '../../../core/findings.ts'
import { buildReport, fitReport } from '../../../core/report.ts'
import { bytesOf } from '../../../core/text/fit.ts'
import {
  workloadCheck as check,
  failedRollout as failure,
  restartStep as restart,
  rolloutStep as rollout,
  reportStart as start,
  reportState as stateOf,
  undoStep,
} from '../report-state.ts'

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

it('of an undo is told which pods it deleted, and of no workload that there was none of', () => {
  const gone = { state: 'as-before', message: 'm', deleted: ['api-1'], left: [], position: null }
  const undoOf = (change: object) =>
    buildReport(stateOf({ request: { mode: 'undo' }, undo: undoStep, ...change }), start).undo
  expect(undoOf({ rolloutBack: gone })?.done).toEqual([
    'deleted pod api-1 of the failed restart, so that it is made anew',
  ])
  const unknown = { state: 'unknown', message: 'no answer' }
  expect(undoOf({ rolloutBack: unknown })?.left).toHaveLength(1)
  expect(undoOf({ rolloutBack: unknown, request: { mode: 'undo', workload: undefined } })?.left).toEqual([])
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

it('says of every look what it found, in the order of the workflow', () => {
  const cluster = {
    name: 'shop',
    arn: 'arn:aws:eks:us-west-2:123456789012:cluster/shop',
    status: 'ACTIVE',
    autoMode: false,
    version: '1.34',
    endpoint: 'https://shop',
    certificateAuthority: 'Y2E=',
  }
  const state = stateOf({
    cluster,
    confirmed: { message: 'the plan is the one that was approved' },
    finished: { annotation: 'removed', trust: 'kept', message: 'lives without IRSA', findings: [] },
  })
  expect(buildReport(state, start).checked).toEqual([
    { what: 'cluster', found: 'shop 1.34 is ACTIVE' },
    { what: 'workload', found: '1 of 2 pods ready' },
    { what: 'approval', found: 'the plan is the one that was approved' },
    { what: 'migration', found: 'lives without IRSA' },
  ])
  expect(buildReport(stateOf({ workload: null }), start)).toMatchObject({ checked: [], permissions: [] })
})

it.each([
  ['as large as may be, is left as it is', 180_000, true],
  ['a byte more than that is cut', 180_001, false],
])('a report that is %s', (_why, bytes, whole) => {
  const report = buildReport(stateOf({}), start)
  const padded = { ...report, permissions: [''] }
  padded.permissions = ['x'.repeat(bytes - bytesOf(padded))]
  expect(bytesOf(padded)).toBe(bytes)
  expect(fitReport(padded) === padded).toBe(whole)
})

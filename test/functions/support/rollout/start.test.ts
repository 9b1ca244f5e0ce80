import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../../../core/config.ts'
import type { FleetPlan } from '../../../../core/fleet/waves/plan.ts'
import { startRollout, statusOfRollout, undoOfRollout } from '../../../../functions/support/rollout/start.ts'

const account = '123456789012'
const binding = { namespace: 'carts', role: `arn:aws:iam::${account}:role/carts` }
const config = parseConfig(
  {
    account,
    region: 'us-west-2',
    bindings: {
      carts: { ...binding, cluster: 'shop', serviceAccount: 'carts' },
      pay: { ...binding, cluster: 'bank', serviceAccount: 'pay' },
    },
    access: [
      {
        callers: ['some'],
        may: ['rollout', 'undo', 'status'],
        clusters: ['shop', '?*'],
        namespaces: ['carts'],
      },
      { callers: ['all'], may: ['rollout', 'undo', 'status'] },
    ],
  },
  'test',
)
const source = (id: string) => ({
  requester: { kind: 'caller' as const, id },
  origin: { trigger: 'webhook' as const, by: `caller:${id}` },
  cause: [id, 'msg_1'],
})

interface Known {
  status: string
  input: unknown
  history?: object[]
}
const world = (known?: Known) => {
  const did: unknown[] = []
  return {
    did,
    services: {
      config,
      rollouts: {
        find: async (run: string) => known && { run, startedAt: '2026-11-23T06:00:00.000Z', ...known },
        history: async () => known?.history ?? [],
        start: async (...given: unknown[]) => void did.push(['start', ...given]),
      },
      runs: { note: async (...given: unknown[]) => void did.push(['note', ...given]) },
    } as never,
  }
}

it('notes where a rollout comes from before it starts it', async () => {
  const { did, services } = world()
  const { origin } = source('all')
  const started = await startRollout(services)(source('all'), { names: ['carts', 'pay'] })
  const { run } = started as { run: string }
  expect(run).toMatch(/^rollout-webhook-[0-9a-f]{20}$/)
  expect(did).toEqual([
    ['note', run, { origin, message: null, approval: null }],
    ['start', run, { mode: 'enable', bindings: ['carts', 'pay'] }],
  ])
  // The same delivered again is the same, and another request is another one.
  expect(await startRollout(services)(source('all'), { names: ['carts', 'pay'] })).toEqual(started)
  expect(await startRollout(services)(source('all'), { names: ['carts'] })).not.toEqual(started)
  expect(
    await startRollout(services)({ ...source('all'), cause: ['x'] }, { names: ['carts', 'pay'] }),
  ).not.toEqual(started)
})

it('names each binding that the settings do not have', async () => {
  const refused = await startRollout(world().services)(source('all'), { names: ['one', 'carts', 'two'] })
  expect(refused).toEqual({
    refused: 'unknown',
    why: expect.stringMatching(/^[^;]*\bone\b[^;]*; [^;]*\btwo\b[^;]*$/),
  })
  expect(JSON.stringify(refused)).not.toMatch(/bindings: |Stryker/)
})

describe('of a rollout that spells out its bindings, or has such as the settings have no longer', () => {
  const ended = (input: unknown) => world({ status: 'SUCCEEDED', input })
  it.each<[why: string, id: string, input: unknown, may: boolean]>([
    ['it is spelled out, and a grant is for anywhere', 'all', { items: [] }, true],
    ['it is spelled out, and a grant is for some places', 'some', { items: [] }, false],
    ['its input says nothing', 'some', null, false],
    ['its binding is gone, and a grant is for anywhere', 'all', { bindings: ['gone'] }, true],
    ['its binding is gone, and a grant is for some places', 'some', { bindings: ['gone'] }, false],
    ['its binding is where the grant is for', 'some', { bindings: ['carts'] }, true],
  ])('whether it may be undone and looked at: %s', async (_why, id, input, may) => {
    const undone = await undoOfRollout(ended(input).services, source(id), { name: 'rollout-1' })
    expect(undone).toEqual(may ? { outcome: 'started', run: expect.any(String) } : undefined)
    const status = await statusOfRollout(ended(input).services, source(id).requester, 'rollout-1')
    expect(status === undefined).toBe(!may)
  })
})

const step = (id: number, name: string, output: unknown) => [
  {
    id,
    previousEventId: id - 1,
    timestamp: 0,
    type: 'TaskStateEntered',
    stateEnteredEventDetails: { name, input: '{}' },
  },
  {
    id: id + 1,
    previousEventId: id,
    timestamp: 0,
    type: 'TaskScheduled',
    taskScheduledEventDetails: { resource: 'invoke', resourceType: 'lambda', region: 'r', parameters: '{}' },
  },
  {
    id: id + 2,
    previousEventId: id + 1,
    timestamp: 0,
    type: 'TaskStarted',
    taskStartedEventDetails: { resource: 'invoke', resourceType: 'lambda' },
  },
  {
    id: id + 3,
    previousEventId: id + 2,
    timestamp: 0,
    type: 'TaskSucceeded',
    taskSucceededEventDetails: {
      resource: 'invoke',
      resourceType: 'lambda',
      output: JSON.stringify({ Payload: output }),
    },
  },
  {
    id: id + 4,
    previousEventId: id + 3,
    timestamp: 0,
    type: 'TaskStateExited',
    stateExitedEventDetails: { name, output: JSON.stringify(output) },
  },
]
const plan: FleetPlan = {
  rollout: 'rollout-1',
  mode: 'enable',
  startedAt: '2026-11-23T06:00:00.000Z',
  bucket: 'b',
  folder: '',
  waves: [],
  concurrency: 1,
  atOnce: 1,
  paceMs: 0,
  toleratedFailurePercentage: 0,
  undoOnFailure: false,
  approval: 'none',
  approvalTimeoutSeconds: 60,
  pauseSeconds: 0,
  openings: null,
  summary: '2 bindings in one wave',
} as FleetPlan
const judged = (message: string) => ({
  judged: {
    wave: 1,
    round: 1,
    undoing: false,
    next: 'go on',
    beyond: false,
    counts: {},
    failures: 0,
    digest: [],
    toUndo: 0,
    message,
  },
})
const begun = [
  {
    id: 1,
    previousEventId: 0,
    timestamp: 0,
    type: 'ExecutionStarted',
    executionStartedEventDetails: { input: '{}', roleArn: '' },
  },
]
const planned = [...begun, ...step(2, 'PlanWaves', plan)]
const three = [
  ...planned,
  ...step(7, 'JudgeRound', judged('round 1: 1 enabled')),
  ...step(12, 'JudgeRound', judged('round 2: 2 enabled')),
  ...step(17, 'JudgeRound', judged('round 3: 3 enabled')),
]
const stopped = [
  ...three,
  {
    id: 22,
    previousEventId: 21,
    timestamp: 0,
    type: 'ExecutionAborted',
    executionAbortedEventDetails: { error: 'Stopped', cause: 'by hand' },
  },
]
it.each<[why: string, history: object[], what: string]>([
  ['nothing is known yet', begun, 'it has just begun'],
  ['it is planned', planned, '2 bindings in one wave'],
  ['rounds were judged: the last one', three, 'round 3: 3 enabled'],
  ['it has ended', stopped, 'by hand'],
])('says of a rollout how far it is: %s', async (_why, history, what) => {
  const { services } = world({ status: 'RUNNING', input: { bindings: 'all' }, history })
  expect(await statusOfRollout(services, source('all').requester, 'rollout-1')).toEqual({
    run: 'rollout-1',
    status: 'RUNNING',
    startedAt: '2026-11-23T06:00:00.000Z',
    what: expect.stringMatching(new RegExp(`^rollout: (?:.*: )?${what}$`)),
    credentials: null,
  })
})

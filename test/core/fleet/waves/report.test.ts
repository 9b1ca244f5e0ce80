import { describe, expect, it } from 'vitest'
import type { FleetPlan } from '../../../../core/fleet/waves/plan.ts'
import {
  buildFleetReport,
  type FleetReport,
  FleetState,
  fitFleetReport,
  type WaveJudged,
} from '../../../../core/fleet/waves/report.ts'
import { type BindingResult, type ResultRow, resultCounts } from '../../../../core/fleet/waves/results.ts'
import { bytesOf } from '../../../../core/text/fit.ts'

const plan: FleetPlan = {
  rollout: 'night',
  mode: 'enable',
  startedAt: '2026-11-26T09:00:00Z',
  bucket: 'b',
  folder: 'rollouts/night',
  waves: [
    { number: 1, clusters: 1, bindings: 1, rounds: 1 },
    { number: 2, clusters: 2, bindings: 2, rounds: 2 },
    { number: 3, clusters: 1, bindings: 1, rounds: 1 },
  ],
  concurrency: 40,
  atOnce: 4,
  paceMs: 1600,
  toleratedFailurePercentage: 25,
  undoOnFailure: true,
  approval: 'none',
  approvalTimeoutSeconds: 60,
  pauseSeconds: 0,
  openings: null,
  summary: '4 bindings on 4 clusters in 3 waves',
}
const judged = (wave: number, round: number, change: Partial<WaveJudged> = {}): WaveJudged => ({
  wave,
  round,
  undoing: false,
  next: 'next',
  beyond: false,
  counts: {},
  failures: 0,
  digest: [],
  toUndo: 0,
  message: '',
  ...change,
})
const row = (wave: number, result: BindingResult, said = 'it failed'): ResultRow => ({
  binding: 'carts',
  cluster: 'blue',
  region: 'us-west-2',
  namespace: 'shop',
  serviceAccount: 'carts',
  run: 'rollout-night-w1-1',
  item: 'rollout-night-w1-1',
  wave,
  result,
  said,
  before: { run: 'r', restartedAt: '2026-11-26T09:00:00Z', association: null, workload: null },
})
const now = Date.parse('2026-11-26T10:00:00Z')
const all = [row(1, 'enabled'), row(2, 'skipped'), row(2, 'enabled'), row(3, 'enabled')]
const passed = [judged(1, 1), judged(2, 1), judged(2, 2), judged(3, 1)]
const counts = (of: Partial<ReturnType<typeof resultCounts>>) => ({ ...resultCounts([]), ...of })

interface State {
  plan?: Partial<FleetPlan>
  judged?: WaveJudged[]
  failure?: FleetState['failure']
  rows?: ResultRow[]
  undoRows?: ResultRow[]
}
const reportOf = ({ rows = all, undoRows = [], ...state }: State): FleetReport =>
  buildFleetReport(
    { plan: { ...plan, ...state.plan }, judged: state.judged ?? passed, failure: state.failure ?? null },
    { rows, undoRows },
    now,
  )
const timedOut = { Error: 'States.Timeout', Cause: 'nobody answered' }

describe('the report of a rollout', () => {
  it('has what every binding came to, and of none what an undo needs', () => {
    const rows = [row(1, 'enabled', 'it runs'), row(2, 'failed', 'no role'), row(3, 'not begun', 'before it')]
    const { before: _, ...first } = rows[0] as ResultRow
    expect(
      reportOf({
        judged: [judged(1, 1), judged(2, 1, { beyond: true }), judged(2, 1, { undoing: true })],
        rows,
        undoRows: [row(2, 'undone')],
      }),
    ).toEqual({
      outcome: 'stopped',
      summary:
        'stopped at wave 2 of 3: 2 bindings on 2 clusters, beyond its tolerance of 25 %: 1 enabled, 1 failed, 1 not begun; undone: 1 undone; 1 of 3 waves not begun',
      rollout: 'night',
      startedAt: '2026-11-26T09:00:00Z',
      finishedAt: '2026-11-26T10:00:00.000Z',
      waves: [
        {
          number: 1,
          clusters: 1,
          bindings: 1,
          state: 'passed',
          counts: counts({ enabled: 1 }),
          undone: null,
        },
        {
          number: 2,
          clusters: 2,
          bindings: 2,
          state: 'beyond',
          counts: counts({ failed: 1 }),
          undone: counts({ undone: 1 }),
        },
        {
          number: 3,
          clusters: 1,
          bindings: 1,
          state: 'not begun',
          counts: counts({ 'not begun': 1 }),
          undone: null,
        },
      ],
      digest: [
        { result: 'failed', said: 'no role', count: 1, bindings: ['carts on blue'] },
        { result: 'not begun', said: 'before it', count: 1, bindings: ['carts on blue'] },
      ],
      bindings: [
        first,
        { ...first, wave: 2, result: 'failed', said: 'no role' },
        { ...first, wave: 3, result: 'not begun', said: 'before it' },
      ],
      more: 0,
      failure: null,
    })
  })

  const states = (report: FleetReport) => report.waves.map(({ state }) => state).join(', ')
  it.each<[why: string, state: State, outcome: FleetReport['outcome'], states: string, summary: string]>([
    [
      'every wave has passed',
      {},
      'done',
      'passed, passed, passed',
      '4 bindings on 4 clusters in 3 waves: 3 enabled, 1 skipped (in force already)',
    ],
    ['there was nothing to do', { plan: { waves: [], summary: 'no bindings' } }, 'done', '', 'no bindings'],
    [
      'it was only planned, and what was not begun has no reasons',
      { plan: { mode: 'plan' }, judged: [], rows: [row(1, 'not begun')] },
      'planned',
      'not begun, not begun, not begun',
      '4 bindings on 4 clusters in 3 waves',
    ],
    [
      'another rollout was undone',
      { plan: { mode: 'undo' }, rows: all.map((one) => ({ ...one, result: 'undone' })) },
      'undone',
      'passed, passed, passed',
      '4 bindings on 4 clusters in 3 waves undone: 4 undone',
    ],
    [
      'there was nothing to undo',
      { plan: { mode: 'undo', waves: [], summary: 'no bindings' } },
      'undone',
      '',
      'no bindings',
    ],
    [
      'not all of another rollout could be undone',
      {
        plan: { mode: 'undo' },
        judged: [judged(1, 1), judged(2, 2, { beyond: true }), judged(3, 1)],
        rows: [row(1, 'undone'), row(2, 'failed')],
      },
      'stopped',
      'passed, beyond, passed',
      'not all could be put back: 1 undone, 1 failed',
    ],
    [
      'its last wave was beyond: no wave is left, and nothing was undone',
      { judged: [judged(1, 1), judged(2, 2), judged(3, 1, { beyond: true })] },
      'stopped',
      'passed, passed, beyond',
      'stopped at wave 3 of 3: 1 binding on 1 cluster, beyond its tolerance of 25 %: 3 enabled, 1 skipped (in force already)',
    ],
    [
      'it ended after one of two rounds: undoing is no round',
      {
        judged: [judged(1, 1), judged(2, 1), judged(2, 2, { undoing: true })],
        failure: timedOut,
        rows: [row(1, 'enabled'), row(2, 'enabled')],
      },
      'failed',
      'passed, under way, not begun',
      'ended by States.Timeout: nobody answered; 2 enabled; 1 of 3 waves not begun',
    ],
    [
      'it ended in a first round, which nobody judged',
      { judged: [judged(1, 1)], failure: timedOut, rows: [row(1, 'enabled'), row(2, 'stopped')] },
      'failed',
      'passed, under way, not begun',
      'ended by States.Timeout: nobody answered; 1 enabled, 1 stopped; 1 of 3 waves not begun',
    ],
    [
      'it ended in the middle of a round of which one binding was not begun',
      {
        judged: [judged(1, 1)],
        failure: timedOut,
        rows: [row(1, 'enabled'), row(2, 'stopped'), row(2, 'not begun'), row(3, 'not begun')],
      },
      'failed',
      'passed, under way, not begun',
      'ended by States.Timeout: nobody answered; 1 enabled, 1 stopped, 2 not begun; 1 of 3 waves not begun',
    ],
    [
      'a wave was judged of which no row came: it was begun',
      { judged: [judged(1, 1), judged(2, 1)], failure: timedOut, rows: [] },
      'failed',
      'passed, under way, not begun',
      'ended by States.Timeout: nobody answered; nothing to do; 1 of 3 waves not begun',
    ],
  ])('says that %s', (_why, state, outcome, waves, summary) => {
    const report = reportOf(state)
    expect([report.outcome, states(report), report.summary]).toEqual([outcome, waves, summary])
  })

  it('has no reasons where nothing was to be changed, and the twenty commonest ones elsewhere', () => {
    const reasons = Array.from({ length: 21 }, (_, at) => row(1, 'failed', `reason ${at}`))
    expect(reportOf({ plan: { mode: 'plan' }, rows: reasons }).digest).toEqual([])
    expect(reportOf({ rows: reasons }).digest.map(({ said }) => said)).toEqual(
      Array.from({ length: 20 }, (_, at) => `reason ${at}`),
    )
  })

  it.each<[why: string, failure: NonNullable<FleetState['failure']>, message: string, said?: string]>([
    ['in plain words', { Error: 'E', Cause: 'why' }, 'why'],
    ['as Lambda has it', { Error: 'E', Cause: '{"errorMessage":"why"}' }, 'why'],
    ['as JSON without a message', { Error: 'E', Cause: '{"a":1}' }, '{"a":1}'],
    ['nowhere but in its name', { Error: 'E' }, 'E'],
    ['at length', { Error: 'E', Cause: 'x'.repeat(301) }, 'x'.repeat(301), `${'x'.repeat(299)}…`],
  ])('finds what ended it %s', (_why, failure, message, said = message) => {
    const report = reportOf({ judged: [], failure, rows: [] })
    expect(report.failure).toEqual({ error: 'E', message })
    expect(report.summary).toBe(`ended by E: ${said}; nothing to do; 3 of 3 waves not begun`)
  })

  const digest: WaveJudged['digest'] = (['failed', 'stopped', 'not begun'] as const).map((result) => ({
    result,
    said: 'why',
    count: 1,
    bindings: ['carts on blue'],
  }))
  const state = {
    plan,
    judged: (['go on', 'next', 'undo', 'report'] as const).map((next) => judged(1, 1, { next, digest })),
    failure: timedOut,
  }
  it('is made of what the steps answered, whole', () => {
    expect(FleetState.parse(state)).toEqual(state)
  })
  it.each([
    ['next', { next: 'later' }],
    ['digest', { digest: [{}] }],
    ['digest', { digest: [{ ...digest[0], result: 'enabled' }] }],
  ])('is made of no answer whose %s is %o', (_field, change) => {
    expect(FleetState.safeParse({ ...state, judged: [{ ...judged(1, 1), ...change }] }).success).toBe(false)
  })
  it('is made of no failure without a name', () => {
    expect(FleetState.safeParse({ ...state, failure: { Cause: 'why' } }).success).toBe(false)
  })
})

describe('a report that an execution can answer', () => {
  const { before: _, ...one } = row(1, 'enabled', 'x'.repeat(200))
  const of = (bindings: FleetReport['bindings'], summary = ''): FleetReport => ({
    ...reportOf({}),
    bindings,
    summary,
  })
  const least = bytesOf(of([one]))

  it('is as it was up to 180,000 bytes, and shorter beyond', () => {
    const most = of([one], 's'.repeat(180_000 - least))
    expect(bytesOf(most)).toBe(180_000)
    expect(fitFleetReport(most)).toBe(most)
    const more = of([one], 's'.repeat(180_001 - least))
    expect(fitFleetReport(more)).toEqual({ ...more, bindings: [{ ...one, said: `${'x'.repeat(19)}…` }] })
  })

  it('has what went wrong first and at more length, and says how much it leaves out', () => {
    const results = ['enabled', 'stopped', 'not begun', 'failed'] as const
    const rows = results.map((result) => ({ ...one, result }))
    const clipped = (result: BindingResult, most: number) => ({
      ...one,
      result,
      said: `${'x'.repeat(most - 1)}…`,
    })
    const short = [
      clipped('stopped', 150),
      clipped('failed', 150),
      clipped('enabled', 20),
      clipped('not begun', 20),
    ]
    // Each has a comma behind it, and three of the four have room.
    const three = short.slice(0, 3)
    const room = 180_000 - bytesOf(of([])) - three.reduce((sum, part) => sum + bytesOf(part) + 1, 0)
    const full = of(rows, 's'.repeat(room))
    expect(fitFleetReport(full)).toEqual({ ...full, bindings: three, more: 1 })
    const fuller = of(rows, 's'.repeat(room + 1))
    expect(fitFleetReport(fuller)).toEqual({ ...fuller, bindings: short.slice(0, 2), more: 2 })
  })
})

import { describe, expect, it } from 'vitest'
import { GateQuestion, gateQuestion, gateText } from '../../../../core/fleet/waves/gate.ts'
import { FleetPlan, folderOf, objectsOf, planFleet } from '../../../../core/fleet/waves/plan.ts'
import { callQuotas } from '../../../../core/fleet/waves/quotas.ts'
import type { FleetItem } from '../../../../core/fleet/waves/request.ts'
import { resultCounts } from '../../../../core/fleet/waves/results.ts'
import { RolloutSettings } from '../../../../core/fleet/waves/settings.ts'
import { countsText, waveText } from '../../../../core/fleet/waves/words.ts'
import { many } from '../../../../core/text/list.ts'

const item = (cluster: string, serviceAccount: string): FleetItem => ({
  binding: serviceAccount,
  cluster,
  region: 'us-west-2',
  namespace: 'shop',
  serviceAccount,
  input: {},
})
const items = [item('blue', 'carts'), item('blue', 'orders'), item('green', 'carts')]
const about = {
  rollout: 'night',
  startedAt: '2026-11-26T09:00:00Z',
  now: Date.parse('2026-11-26T09:00:00Z'),
  bucket: 'b',
  digest: 'd'.repeat(20),
}
const settings = { windows: [{ from: '22:00', to: '02:00' }], perCluster: 1 }
const planned = (change: object = {}, mode: 'enable' | 'plan' | 'undo' = 'enable', of = items) =>
  planFleet(of, { mode, settings: RolloutSettings.parse(change) }, about)
const runs = ({ waves }: ReturnType<typeof planned>) =>
  waves.map(({ rounds }) => rounds.map((round) => round.map(({ run }) => run)))

describe('the plan of a rollout', () => {
  it('has all that the workflow goes by, and the bindings beside it', () => {
    const all = planned({
      perCluster: 1,
      maxConcurrency: 7,
      toleratedFailurePercentage: 5,
      undoOnFailure: true,
      approval: 'required',
      approvalTimeoutSeconds: 120,
      pauseSeconds: 30,
    })
    expect(all.plan).toEqual({
      rollout: 'night',
      mode: 'enable',
      startedAt: '2026-11-26T09:00:00Z',
      bucket: 'b',
      folder: 'rollouts/night',
      waves: [
        { number: 1, clusters: 1, bindings: 2, rounds: 2 },
        { number: 2, clusters: 1, bindings: 1, rounds: 1 },
      ],
      concurrency: 7,
      atOnce: 4,
      paceMs: 1600,
      toleratedFailurePercentage: 5,
      undoOnFailure: true,
      approval: 'required',
      approvalTimeoutSeconds: 120,
      pauseSeconds: 30,
      openings: null,
      summary: '3 bindings on 2 clusters in 2 waves',
    })
    expect(all.waves).toEqual([
      {
        number: 1,
        clusters: 1,
        rounds: [[{ ...items[0], run: 'rollout-night-w1-1' }], [{ ...items[1], run: 'rollout-night-w1-2' }]],
      },
      { number: 2, clusters: 1, rounds: [[{ ...items[2], run: 'rollout-night-w2-1' }]] },
    ])
  })

  it('names the runs of an undo otherwise than those that it undoes', () => {
    expect(runs(planned({}, 'undo'))).toEqual([
      [['rollout-night-u1-1', 'rollout-night-u1-2']],
      [['rollout-night-u2-1']],
    ])
    expect(runs(planned({}, 'plan'))).toEqual([
      [['rollout-night-w1-1', 'rollout-night-w1-2']],
      [['rollout-night-w2-1']],
    ])
  })

  it.each<[why: string, mode: 'enable' | 'plan' | 'undo', settings: object, openings: number]>([
    ['waits for its windows, for as long as a rollout may take', 'enable', settings, 32],
    ['waits for none where none is said', 'enable', {}, 0],
    ['does not wait to undo: what is to be put back hurts now', 'undo', settings, 0],
    ['does not wait where nothing is changed', 'plan', settings, 0],
  ])('%s', (_why, mode, of, openings) => {
    const { plan } = planned(of, mode)
    expect(plan.openings?.length ?? 0).toBe(openings)
    expect(plan.openings === null).toBe(openings === 0)
  })

  it.each([
    ['what AWS’s quotas leave room for', {}, 40],
    ['never more than that', { maxConcurrency: 41 }, 40],
    ['fewer where so many are asked for', { maxConcurrency: 39 }, 39],
  ])('has at once %s', (_why, of, most) => {
    expect(planned(of).plan.concurrency).toBe(most)
  })

  it.each([
    ['no bindings: nothing to do', []],
    ['1 binding on 1 cluster in 1 wave', items.slice(0, 1)],
    ['3 bindings on 2 clusters in 2 waves', items],
  ])('is said as %s', (said, of) => {
    expect(planned({}, 'enable', of).plan.summary).toBe(said)
  })

  it.each([
    {},
    { mode: 'plan' },
    { mode: 'undo' },
    { approval: 'required' },
    { openings: [{ from: 1, to: 2 }] },
  ])('is read whole where a step answers it, with %o', (change) => {
    const plan = { ...planned().plan, ...change }
    expect(FleetPlan.parse(plan)).toEqual(plan)
  })

  it.each([
    ['mode', 'all'],
    ['approval', 'some'],
    ['waves', [{}]],
    ['openings', [{}]],
    ['openings', undefined],
  ])('is no plan where its %s is %o', (field, value) => {
    expect(FleetPlan.safeParse({ ...planned().plan, [field]: value }).success).toBe(false)
  })
})

it('has a place of its own for each thing of a rollout', () => {
  const { items: list, rows, tally, results, undoItems, undoRows, undoResults, plan } = objectsOf('night')
  expect(folderOf('night')).toBe('rollouts/night')
  expect([
    plan,
    list(2, 3),
    rows(2, 3),
    tally(2, 3),
    results(2, 3),
    undoItems(2),
    undoRows(2),
    undoResults(2),
  ]).toEqual([
    'rollouts/night/plan.json',
    'rollouts/night/wave-2-round-3.json',
    'rollouts/night/wave-2-round-3.rows.json',
    'rollouts/night/wave-2-round-3.tally.json',
    'rollouts/night/results-2-3/',
    'rollouts/night/undo-2-round-1.json',
    'rollouts/night/undo-2-round-1.rows.json',
    'rollouts/night/undone-2-1/',
  ])
})

describe('what a person is asked before the next wave', () => {
  const { waves } = planned({ perCluster: 1 }).plan
  const question = gateQuestion(waves.length === 2 ? { waves } : { waves: [] }, 2, items, {
    before: 'all is well',
    digest: 'abc',
  })

  it('says how much there is of it, and where: each place once', () => {
    expect(question).toEqual({
      wave: 2,
      waves: 2,
      bindings: 3,
      clusters: 1,
      plan: 'abc',
      before: 'all is well',
      places: [
        { cluster: 'blue', namespace: 'shop' },
        { cluster: 'green', namespace: 'shop' },
      ],
    })
    expect(gateText(question)).toBe('begin wave 2 of 2: 3 bindings on 1 cluster')
    expect(GateQuestion.parse(question)).toEqual(question)
    expect(GateQuestion.safeParse({ ...question, places: [{}] }).success).toBe(false)
  })
})

describe('words', () => {
  it.each([
    [0, '0 bindings'],
    [1, '1 binding'],
    [2, '2 bindings'],
  ])('of %i', (count, said) => {
    expect(many(count, 'binding')).toBe(said)
  })

  it('say of a wave how much it has', () => {
    expect(waveText({ number: 2, bindings: 12, clusters: 1 }, 3)).toBe(
      'wave 2 of 3: 12 bindings on 1 cluster',
    )
    expect(waveText({ number: 1, bindings: 1, clusters: 4 }, 3)).toBe('wave 1 of 3: 1 binding on 4 clusters')
  })

  it.each([
    ['nothing to do', {}],
    ['5 enabled, 2 skipped (in force already), 1 failed', { enabled: 5, skipped: 2, failed: 1 }],
    ['1 not begun', { 'not begun': 1 }],
  ])('count: %s', (said, counts) => {
    expect(countsText({ ...resultCounts([]), ...counts })).toBe(said)
  })
})

it('says of every quota where its figure is from', () => {
  const pages = Object.values(callQuotas).map(({ source }) => source)
  const doc = 'https://docs.aws.amazon.com'
  expect([...new Set(pages)]).toEqual([
    `${doc}/eks/latest/userguide/service-quotas.html`,
    `${doc}/IAM/latest/UserGuide/reference_iam-quotas.html`,
    `${doc}/step-functions/latest/dg/service-quotas.html`,
  ])
})

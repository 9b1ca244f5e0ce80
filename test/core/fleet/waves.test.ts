import { describe, expect, it } from 'vitest'
import { toleratedFailures } from '../../../core/fleet/waves/judge.ts'
import { planFleet } from '../../../core/fleet/waves/plan.ts'
import { concurrencyByQuotas, paceMs } from '../../../core/fleet/waves/quotas.ts'
import { type FleetItem, waveRunName } from '../../../core/fleet/waves/request.ts'
import { digestText, failureDigest, type ResultRow, rowOf } from '../../../core/fleet/waves/results.ts'
import { RolloutSettings } from '../../../core/fleet/waves/settings.ts'
import { splitIntoWaves } from '../../../core/fleet/waves/split.ts'
import { openingsOf } from '../../../core/fleet/waves/windows.ts'

const on = (cluster: string, count: number) =>
  Array.from({ length: count }, (_, at) => ({ region: 'us-west-2', cluster, at }))
const shown = (items: readonly { cluster: string; at: number }[]) =>
  items.map(({ cluster, at }) => `${cluster}${at}`).join(' ')

describe('waves', () => {
  it.each([
    ['first one cluster, then 10 %, then the rest', [1, '10%'], 4, ['a', 'b', 'c d']],
    ['one cluster is one wave', [1, '10%'], 1, ['a']],
    ['all at once, where that is wanted', [], 3, ['a b c']],
    ['so many clusters, as far as there are', [2, 5], 4, ['a b', 'c d']],
    ['a part is of all clusters, rounded up', ['50%', '25%'], 4, ['a b', 'c', 'd']],
  ] as const)('%s', (_why, sizes, clusters, expected) => {
    const items = ['a', 'b', 'c', 'd'].slice(0, clusters).flatMap((cluster) => on(cluster, 2))
    const waves = splitIntoWaves(items, { waves: sizes, perCluster: 4 })
    expect(
      waves.map(({ rounds }) => [...new Set(rounds.flat().map(({ cluster }) => cluster))].join(' ')),
    ).toEqual(expected)
    expect(waves.map(({ number }) => number)).toEqual(expected.map((_, at) => at + 1))
  })

  it('have clusters of one name in two regions apart', () => {
    const items = [...on('a', 1), { region: 'eu-west-1', cluster: 'a', at: 9 }]
    expect(splitIntoWaves(items, { waves: [1], perCluster: 4 }).map(({ clusters }) => clusters)).toEqual([
      1, 1,
    ])
  })

  it('go in rounds, in which clusters take turns and none has more than its share', () => {
    const [wave] = splitIntoWaves([...on('a', 5), ...on('b', 1), ...on('c', 3)], {
      waves: ['100%'],
      perCluster: 2,
    })
    expect(wave?.rounds.map(shown)).toEqual(['a0 b0 c0 a1 c1', 'a2 c2 a3', 'a4'])
  })
})

it.each([
  [1500, undefined],
  [1501, 'perCluster: with 1 of a cluster at once there are 1501 rounds, and a rollout'],
])('a rollout of %i rounds has room in a history: %s', (bindings, refused) => {
  const items = on('a', bindings).map((item): FleetItem => {
    const name = `s${item.at}`
    return { ...item, binding: name, namespace: 'shop', serviceAccount: name, input: {} }
  })
  const settings = RolloutSettings.parse({ perCluster: 1 })
  const plan = () => planFleet(items, { mode: 'enable', settings }, about)
  if (refused) expect(plan).toThrow(refused)
  else expect(plan().plan.waves).toMatchObject([{ rounds: bindings }])
})

const about = {
  rollout: 'rollout-1',
  startedAt: '2026-11-26T09:00:00Z',
  now: 0,
  bucket: 'b',
  digest: 'd'.repeat(12),
}

describe('windows', () => {
  const at = (text: string) => Date.parse(text)
  const openings = (from: string, to: string, timeZone: string, now: string, days?: string[]) =>
    openingsOf(
      [{ from, to, days: days ?? ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] }],
      timeZone,
      at(now),
      2,
    )
      .slice(0, 2)
      .map((opening) => [new Date(opening.from).toISOString(), new Date(opening.to).toISOString()])

  it.each([
    [
      'of UTC',
      '09:00',
      '10:00',
      'UTC',
      '2026-11-26T08:00:00Z',
      ['2026-11-26T09:00:00.000Z', '2026-11-26T10:00:00.000Z'],
    ],
    [
      'that is open',
      '09:00',
      '10:00',
      'UTC',
      '2026-11-26T09:30:00Z',
      ['2026-11-26T09:00:00.000Z', '2026-11-26T10:00:00.000Z'],
    ],
    [
      'over midnight, of yesterday',
      '22:00',
      '02:00',
      'UTC',
      '2026-11-26T01:00:00Z',
      ['2026-11-25T22:00:00.000Z', '2026-11-26T02:00:00.000Z'],
    ],
    [
      'of another zone',
      '22:00',
      '23:00',
      'Europe/Berlin',
      '2026-11-26T12:00:00Z',
      ['2026-11-26T21:00:00.000Z', '2026-11-26T22:00:00.000Z'],
    ],
    // Clocks go from 02:00 to 03:00 on 29 March 2026, and from 03:00 back to 02:00 on 25 October 2026.
    [
      'at a time that the change to summer time skips',
      '02:30',
      '04:00',
      'Europe/Berlin',
      '2026-03-29T00:00:00Z',
      ['2026-03-29T01:30:00.000Z', '2026-03-29T02:00:00.000Z'],
    ],
    [
      'at a time that there is twice',
      '02:30',
      '04:00',
      'Europe/Berlin',
      '2026-10-25T00:00:00Z',
      ['2026-10-25T00:30:00.000Z', '2026-10-25T03:00:00.000Z'],
    ],
  ])('%s', (_why, from, to, zone, now, expected) => {
    expect(openings(from, to, zone, now)[0]).toEqual(expected)
  })

  it('are of the days that they name', () => {
    expect(openings('09:00', '10:00', 'UTC', '2026-11-26T12:00:00Z', ['sat'])).toEqual([
      ['2026-11-28T09:00:00.000Z', '2026-11-28T10:00:00.000Z'],
    ])
  })
})

it.each([
  [7, 0, 0],
  [7, 100, 7],
  [3, 33, 0],
  [3, 33.4, 1],
  [100, 29, 29],
])('of %i bindings %d %% are %i', (bindings, percentage, most) => {
  expect(toleratedFailures(bindings, percentage)).toBe(most)
})

it('leaves room in the quotas for what else there is', () => {
  // EKS: 16 calls of a run, and half of 20 a second.
  expect([paceMs, concurrencyByQuotas]).toEqual([1600, 40])
})

it.each([
  ['rollout-1', 'rollout-1-w2-13'],
  ['night', 'rollout-night-w2-13'],
  ['x'.repeat(80), `rollout-${'x'.repeat(27)}-${'d'.repeat(12)}-w2-13`],
])('a run of the rollout %s has a name that Step Functions takes', (rollout, name) => {
  expect(waveRunName(rollout, { wave: 2, index: 13, undo: false }, 'd'.repeat(20))).toBe(name)
})

const item = {
  binding: 'carts',
  cluster: 'blue',
  region: 'us-west-2',
  namespace: 'shop',
  serviceAccount: 'carts',
  run: 'rollout-1-w1-1',
  input: {},
}
const written = { Input: JSON.stringify(item), Status: 'FAILED', Error: 'States.TaskFailed' }
const before = { run: 'r', restartedAt: '2026-11-26T09:00:00Z', association: null, workload: null }

it.each([
  [
    'a success',
    { Status: 'SUCCEEDED', Output: JSON.stringify({ outcome: 'enabled', summary: 'runs', before }) },
    'enabled',
    'runs',
    before,
  ],
  [
    'one that was in force',
    { Status: 'SUCCEEDED', Output: JSON.stringify({ outcome: 'unchanged', summary: 'runs', before }) },
    'skipped',
    'in force already',
    null,
  ],
  [
    'an answer that cannot be read',
    { Status: 'SUCCEEDED', Output: '{' },
    'failed',
    'its answer cannot be read',
    null,
  ],
  [
    'a failure',
    { Cause: JSON.stringify({ Status: 'FAILED', Error: 'Refused', Cause: 'not ours\nmore' }) },
    'failed',
    'not ours',
    null,
  ],
  [
    'a failure whose description is cut off',
    { Cause: '{"Cause":"not ours","Error":"Refused","Inp' },
    'failed',
    'States.TaskFailed: not ours',
    null,
  ],
  [
    'a failure of starting it',
    { Error: 'StepFunctions.ExecutionLimitExceededException', Cause: 'full' },
    'failed',
    'StepFunctions.ExecutionLimitExceededException: full',
    null,
  ],
  [
    'one whose time was over',
    { Cause: JSON.stringify({ Status: 'TIMED_OUT' }) },
    'stopped',
    'its time was over',
    null,
  ],
  [
    'one that somebody stopped',
    { Cause: JSON.stringify({ Status: 'ABORTED' }) },
    'stopped',
    'somebody stopped its run',
    null,
  ],
  [
    'one that the Map stopped',
    { Status: 'ABORTED' },
    'stopped',
    'stopped when the wave was beyond its tolerance',
    null,
  ],
  ['one that never began', { Status: 'PENDING' }, 'not begun', 'the rollout stopped before it', null],
])('reads %s', (_what, change, result, said, wanted) => {
  expect(rowOf(item, 1, { ...written, ...change })).toMatchObject({ result, said, before: wanted, wave: 1 })
})

it('groups what failed, was stopped and was not begun by its reason, in which the binding’s own name is no part', () => {
  const row = (serviceAccount: string, said: string, result: ResultRow['result'] = 'failed'): ResultRow => ({
    ...item,
    serviceAccount,
    binding: serviceAccount,
    item: item.run,
    wave: 1,
    result,
    said,
    before: null,
  })
  const digest = failureDigest([
    row('carts', 'shop/carts on blue: role x trusts no pods'),
    row('orders', 'shop/orders on blue: role x trusts no pods'),
    row('etl', 'another'),
    row('late', 'the rollout stopped before it', 'not begun'),
    row('later', 'the rollout stopped before it', 'not begun'),
    row('assets', 'its time was over', 'stopped'),
    row('good', 'all is well', 'enabled'),
  ])
  expect(digest.map((one) => digestText(one))).toEqual([
    '2 failed (carts on blue, orders on blue): role x trusts no pods',
    '1 failed (etl on blue): another',
    '1 stopped (assets on blue): its time was over',
    '2 not begun (late on blue, later on blue): the rollout stopped before it',
  ])
})

import { describe, expect, it } from 'vitest'
import { toleratedFailures } from '../../../../core/fleet/waves/judge.ts'
import { planFleet } from '../../../../core/fleet/waves/plan.ts'
import { concurrencyByQuotas, paceMs } from '../../../../core/fleet/waves/quotas.ts'
import { type FleetItem, waveRunName } from '../../../../core/fleet/waves/request.ts'
import { RolloutSettings } from '../../../../core/fleet/waves/settings.ts'
import { splitIntoWaves } from '../../../../core/fleet/waves/split.ts'

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

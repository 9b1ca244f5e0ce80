import { describe, expect, it } from 'vitest'
import {
  deploymentBounds,
  newReplicaSetSize,
  type Size,
  shrinkOld,
  spreadScaling,
} from '../../../../local/kubernetes/controllers/deployment/rolling-update.ts'

const size = (name: string, wanted: number, available = wanted, maxReplicas = 0): Size => ({
  name,
  wanted,
  available,
  maxReplicas,
  // Older names come first in these tables: a, b, c.
  createdAt: `2026-01-01T00:00:0${name.charCodeAt(0) - 97}Z`,
})

describe('bounds', () => {
  const cases: [string, number, number | string | undefined, number | string | undefined, number, number][] =
    [
      ['the default quarter of 2: surge rounds up, unavailable down', 2, undefined, undefined, 1, 0],
      ['a quarter of 4 is 1 either way', 4, '25%', '25%', 1, 1],
      ['a quarter of 10', 10, '25%', '25%', 3, 2],
      ['absolute numbers are taken as they are', 3, 2, 1, 2, 1],
      ['nothing at all would never move, so one pod may be away', 3, 0, 0, 0, 1],
      ['percentages that round to nothing, likewise', 3, '0%', '10%', 0, 1],
      ['never more unavailable than there are', 2, 0, 5, 0, 2],
    ]
  it.each(cases)('%s', (_why, replicas, maxSurge, maxUnavailable, surge, unavailable) => {
    const given = {
      ...(maxSurge !== undefined && { maxSurge }),
      ...(maxUnavailable !== undefined && { maxUnavailable }),
    }
    expect(deploymentBounds(given, replicas)).toEqual({ maxSurge: surge, maxUnavailable: unavailable })
  })
})

describe('the new ReplicaSet', () => {
  const cases: [string, number, number, Size[], number, number][] = [
    ['starts with as many as the surge leaves room for', 2, 1, [size('a', 2)], 0, 1],
    ['waits while there is no room', 2, 1, [size('a', 2), size('b', 1)], 1, 1],
    ['grows by what old ones gave up', 4, 1, [size('a', 2), size('b', 1)], 1, 3],
    ['never grows beyond what is wanted', 2, 5, [size('a', 0), size('b', 1)], 1, 2],
    ['shrinks at once when less is wanted', 2, 1, [size('b', 5)], 5, 2],
    ['does not shrink because others are too many', 4, 0, [size('a', 6), size('b', 1)], 1, 1],
  ]
  it.each(cases)('%s', (_why, replicas, maxSurge, all, current, expected) => {
    expect(newReplicaSetSize(replicas, { maxSurge, maxUnavailable: 0 }, current, all)).toBe(expected)
  })
})

describe('old ReplicaSets', () => {
  const steps = (changes: { name: string; from: number; to: number }[]) =>
    changes.map(({ name, from, to }) => `${name} ${from}>${to}`)

  const cases: [string, number, number, Size[], Size, string[]][] = [
    ['wait until a new pod is available', 2, 0, [size('a', 2)], size('b', 1, 0), []],
    ['give up one for each new available pod', 2, 0, [size('a', 2)], size('b', 1, 1), ['a 2>1']],
    ['give up what may be unavailable at once', 4, 1, [size('a', 4)], size('b', 0), ['a 4>3']],
    [
      'give up unavailable pods before the new ones are there',
      2,
      0,
      [size('a', 2), size('b', 1, 0)],
      size('c', 0),
      ['b 1>0'],
    ],
    [
      'give up the unavailable first, then available ones, oldest set first',
      4,
      2,
      [size('b', 2, 2), size('a', 3, 2)],
      size('c', 1, 1),
      ['a 3>2', 'a 2>0', 'b 2>1'],
    ],
    [
      'count a set that just shrank by what it will have',
      4,
      1,
      [size('a', 3, 4)],
      size('b', 3, 2),
      ['a 3>1'],
    ],
    [
      'leave everything while the new pods lack more than may be missing',
      3,
      1,
      [size('a', 2)],
      size('b', 2, 0),
      [],
    ],
    ['go altogether once the new ones suffice', 3, 0, [size('a', 1)], size('b', 3, 3), ['a 1>0']],
  ]
  it.each(cases)('%s', (_why, replicas, maxUnavailable, old, fresh, expected) => {
    expect(steps(shrinkOld(replicas, { maxSurge: 1, maxUnavailable }, old, fresh))).toEqual(expected)
  })
})

describe('scaling in the middle of a rollout', () => {
  const cases: [string, number, number, Size[], Record<string, number>][] = [
    ['grows in proportion to the sizes', 20, 0, [size('a', 5, 5, 10), size('b', 5, 5, 10)], { a: 10, b: 10 }],
    ['the rest goes to the largest', 11, 0, [size('a', 2, 2, 5), size('b', 3, 3, 5)], { a: 4, b: 7 }],
    ['of equals the newer grows first', 5, 0, [size('a', 2, 2, 4), size('b', 2, 2, 4)], { a: 2, b: 3 }],
    ['of equals the older shrinks first', 3, 0, [size('a', 2, 2, 4), size('b', 2, 2, 4)], { a: 1, b: 2 }],
    ['counts the surge in', 10, 3, [size('a', 4, 4, 7), size('b', 3, 3, 7)], { a: 7, b: 6 }],
    ['to zero takes everything', 0, 3, [size('a', 4, 4, 7), size('b', 3, 3, 7)], { a: 0, b: 0 }],
  ]
  it.each(cases)('%s', (_why, replicas, maxSurge, active, expected) => {
    const statusReplicas = active.reduce((sum, { wanted }) => sum + wanted, 0)
    const sizes = spreadScaling(replicas, { maxSurge, maxUnavailable: 0 }, active, statusReplicas)
    expect(Object.fromEntries(sizes.map(({ name, to }) => [name, to]))).toEqual(expected)
  })
})

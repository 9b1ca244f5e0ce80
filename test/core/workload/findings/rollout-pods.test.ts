import { describe, expect, it } from 'vitest'
import { isReady } from '../../../../core/workload/readiness.ts'
import { RolloutCounts } from '../../../../core/workload/rollout.ts'
import { podRegister, RolloutPod } from '../../../../core/workload/rollout-pods.ts'

const pod = (name: string, revision: 'new' | 'old', state = 'Running') => ({
  pod: name,
  node: 'n',
  revision,
  state,
})

describe('the pods of a rollout', () => {
  it('come in the order of new ones, replaced ones and new ones that have gone', () => {
    const register = podRegister()
    register.look([pod('x', 'new'), pod('o', 'old'), pod('a', 'new')], 't1')
    register.look([pod('o', 'old'), pod('a', 'new', 'Ready')], 't2')
    register.look([pod('a', 'new', 'Ready')], 't3')
    register.look([pod('a', 'new', 'Ready')], 't4')
    expect(register.seen()).toEqual([
      pod('a', 'new', 'Ready'),
      { ...pod('o', 'old'), goneAt: 't3' },
      { ...pod('x', 'new'), goneAt: 't2' },
    ])
  })

  it('may come back', () => {
    const register = podRegister()
    register.look([pod('a', 'new')], 't1')
    register.look([], 't2')
    register.look([pod('a', 'new')], 't3')
    expect(register.seen()).toEqual([pod('a', 'new')])
  })

  it('are a hundred at most', () => {
    const register = podRegister()
    register.look(
      Array.from({ length: 101 }, (_, at) => pod(`p${at}`, 'new')),
      't',
    )
    expect(register.seen()).toHaveLength(100)
  })

  it.each([
    [{ ...pod('a', 'new'), goneAt: 't' }, true],
    [pod('a', 'old'), true],
    [{ ...pod('a', 'old'), node: null }, true],
    [{ ...pod('a', 'old'), revision: 'newer' }, false],
    [{ pod: 'a' }, false],
  ])('are read: %j %s', (one, read) => {
    const { data } = RolloutPod.safeParse(one)
    expect(data).toEqual(read ? one : undefined)
  })

  it('are counted in whole', () => {
    const counts = { desired: 1, updated: 2, available: 3, old: 4 }
    expect(RolloutCounts.parse(counts)).toEqual(counts)
  })
})

it.each([
  [
    'Ready is true',
    [
      { type: 'A', status: 'True' },
      { type: 'Ready', status: 'True' },
    ],
    true,
  ],
  [
    'Ready is not',
    [
      { type: 'Ready', status: 'False' },
      { type: 'A', status: 'True' },
    ],
    false,
  ],
  ['nothing says so', [{ type: 'A', status: 'True' }], false],
  ['there are no conditions', undefined, false],
])('is ready where %s', (_why, conditions, ready) => {
  expect(isReady({ ...(conditions ? { status: { conditions } } : { status: {} }) } as never)).toBe(ready)
})

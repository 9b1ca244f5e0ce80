import { expect, it } from 'vitest'
import {
  bindingsOfVisit,
  fromTheStart,
  planSweep,
  SweepPosition,
  type SweepVisit,
} from '../../../core/triggers/sweep-plan.ts'

it.each<[why: string, record: unknown, read: boolean]>([
  ['the first', fromTheStart, true],
  ['one that stopped', { from: 'us/b', open: [{ cluster: 'us/a', after: 'carts' }] }, true],
  ['nothing', {}, false],
  ['one without a cluster', { from: null, open: [{ after: 'carts' }] }, false],
  ['one of another form', { from: null, open: [], to: 'us/c' }, false],
])('a position that was kept: %s', (_why, record, read) => {
  expect(SweepPosition.safeParse(record)).toMatchObject(
    read ? { success: true, data: record } : { success: false },
  )
})

it('begins at the start, with no cluster open', () => {
  expect(fromTheStart).toEqual({ from: null, open: [] })
})

const clusters = ['us/c', 'us/a', 'us/b']
const plans: [why: string, position: SweepPosition, visits: SweepVisit[]][] = [
  [
    'the first sweep, and one after a whole one: by name',
    fromTheStart,
    [{ cluster: 'us/a' }, { cluster: 'us/b' }, { cluster: 'us/c' }],
  ],
  [
    'on from where the time was over, and round',
    { from: 'us/b', open: [] },
    [{ cluster: 'us/b' }, { cluster: 'us/c' }, { cluster: 'us/a' }],
  ],
  [
    'what a cluster has left comes first, and what was looked at of it last',
    { from: 'us/b', open: [{ cluster: 'us/a', after: 'carts' }] },
    [
      { cluster: 'us/a', after: 'carts' },
      { cluster: 'us/b' },
      { cluster: 'us/c' },
      { cluster: 'us/a', upTo: 'carts' },
    ],
  ],
  [
    'every cluster was begun, one is not finished',
    { from: null, open: [{ cluster: 'us/c', after: 'carts' }] },
    [
      { cluster: 'us/c', after: 'carts' },
      { cluster: 'us/a' },
      { cluster: 'us/b' },
      { cluster: 'us/c', upTo: 'carts' },
    ],
  ],
  [
    'the cluster where it stopped is gone: on from the next',
    { from: 'us/bb', open: [{ cluster: 'us/gone', after: 'carts' }] },
    [{ cluster: 'us/c' }, { cluster: 'us/a' }, { cluster: 'us/b' }],
  ],
  [
    'everything after the place is gone: from the start',
    { from: 'us/z', open: [] },
    [{ cluster: 'us/a' }, { cluster: 'us/b' }, { cluster: 'us/c' }],
  ],
]

it.each(plans)('%s', (_why, position, visits) => {
  expect(planSweep(clusters, position)).toEqual(visits)
})

const bindings: [why: string, visit: SweepVisit, names: string[]][] = [
  ['all', { cluster: 'us/a' }, ['a', 'b', 'c']],
  ['the rest', { cluster: 'us/a', after: 'a' }, ['b', 'c']],
  [
    'the rest, where the last one that was looked at was taken out of podid.yaml',
    { cluster: 'us/a', after: 'aa' },
    ['b', 'c'],
  ],
  ['those before', { cluster: 'us/a', upTo: 'b' }, ['a', 'b']],
  ['none is left', { cluster: 'us/a', after: 'c' }, []],
]

it.each(bindings)('of a cluster: %s', (_why, visit, names) => {
  const declared = ['b', 'c', 'a'].map((name) => ({ name }))
  expect(bindingsOfVisit(declared, visit)).toEqual(names.map((name) => ({ name })))
})

it('comes to every binding in as many sweeps as they need, whatever takes long', () => {
  // Sweeps with time for three bindings each; one cluster has five, the others one.
  const named = { 'us/a': ['1', '2', '3', '4', '5'], 'us/b': ['1'], 'us/c': ['1'] } as Record<
    string,
    string[]
  >
  const seen = new Set<string>()
  let position = fromTheStart
  for (let sweep = 0; sweep < 3; sweep++) {
    let time = 3
    const next: SweepPosition = { from: null, open: [] }
    for (const visit of planSweep(clusters, position)) {
      if (time === 0) {
        next.from ??= visit.cluster
        continue
      }
      const declared = (named[visit.cluster] ?? []).map((name) => ({ name }))
      const names = bindingsOfVisit(declared, visit).map(({ name }) => name)
      const looked = names.slice(0, time)
      for (const name of looked) seen.add(`${visit.cluster} ${name}`)
      time -= looked.length
      if (looked.length < names.length) next.open.push({ cluster: visit.cluster, after: looked.at(-1) ?? '' })
    }
    position = next
  }
  expect(seen.size).toBe(7)
})

import { describe, expect, it } from 'vitest'
import type { SweepTurn } from '../../../adapters/records/sweeps.ts'
import { Transient } from '../../../core/errors.ts'
import { type DriftNotes, nothingNoted } from '../../../core/triggers/digest.ts'
import type { SweepRun } from '../../../core/triggers/mending.ts'
import { fromTheStart } from '../../../core/triggers/sweep-plan.ts'
import { absent, fields, missing, region, sweep } from '../../support/sweep.ts'

// What one sweep leaves to the next: where it stopped, what it found, and how its runs stand.

const first = Date.parse('2026-11-26T00:00:00Z')
const named = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => `app-${index}`).map((serviceAccount) => [
      serviceAccount,
      { ...fields, serviceAccount, cluster: 'shop-*' },
    ]),
  )
/** Time that is over once so many looks were made; a look at a cluster and one at a binding are each one. */
const timeFor = (looks: number) => () => (looks-- > 0 ? 180_000 : 179_999)
const driftOf = (binding: string, cluster = 'shop-1', where = region) => ({
  [`${where}/${cluster}/${binding}`]: {
    ...{ binding, cluster, region: where, findings: [], run: null, undoneBy: null, held: null },
    since: first - 1000,
  },
})
const noted = (...entries: DriftNotes['entries'][]): DriftNotes => ({
  ...nothingNoted,
  entries: Object.assign({}, ...entries),
})

it.each([
  [840_000, 840_000],
  [Number.POSITIVE_INFINITY, 900_000],
])('a sweep has its turn for as long as its function may run: %s', async (left, forMs) => {
  const asked: unknown[] = []
  const begin = async (name: string, ms: number): Promise<SweepTurn> => {
    asked.push([name, ms])
    return { position: fromTheStart, notes: nothingNoted, end: async () => true }
  }
  await sweep({}, { timeLeft: () => left, services: { sweeps: { begin } } })
  expect(asked).toEqual([['sweep-0', forMs]])
})

describe('the runs that sweeps have started', () => {
  const mend = (run: string, ended: SweepRun['ended'] = null): SweepRun => ({
    run,
    key: `${region}/shop-1/${run}`,
    at: first,
    ended,
  })
  it('are those under way and those of the day, each with how it ended as far as anybody can say', async () => {
    const asked: string[] = []
    const executions = {
      list: async () => [],
      find: async (run: string) => {
        asked.push(run)
        if (run === 'unsaid') throw new Transient('throttled')
        return { running: { status: 'RUNNING' }, good: { status: 'SUCCEEDED' }, bad: { status: 'FAILED' } }[
          run
        ]
      },
    }
    const mends = ['running', 'good', 'bad', 'gone', 'unsaid'].map((run) => mend(run))
    const { notes } = await sweep(
      {},
      {
        clusters: [],
        notes: { ...nothingNoted, mends: [mend('before', 'succeeded'), ...mends] },
        services: { executions: executions as never },
      },
    )
    expect(notes().mends).toEqual([
      mend('before', 'succeeded'),
      mend('running'),
      mend('good', 'succeeded'),
      mend('bad', 'failed'),
      mend('gone', 'failed'),
      mend('unsaid'),
    ])
    expect(asked).toEqual(['running', 'good', 'bad', 'gone', 'unsaid'])
  })
  it('have those with them that were started now', async () => {
    const { notes } = await sweep({}, { clusters: ['shop-1'] })
    expect(notes().mends).toEqual([mend('one')])
  })
})

describe('a digest', () => {
  it.each<[why: string, looks: number, told: boolean, position: object]>([
    ['is told by a sweep that came to every binding', 100, true, fromTheStart],
    ['waits while a cluster was not begun', 0, false, { from: `${region}/shop-1`, open: [] }],
    [
      'waits while one was not finished',
      1,
      false,
      { from: null, open: [{ cluster: `${region}/shop-1`, after: 'app-3' }] },
    ],
  ])('%s', async (_why, looks, told, position) => {
    const { digests, position: reached } = await sweep(
      {},
      { bindings: named(8), notes: noted(driftOf('app-7')), mode: 'report', timeLeft: timeFor(looks + 1) },
    )
    expect([digests.length > 0, reached()]).toEqual([told, position])
  })
})

describe('a sweep whose time is over', () => {
  it('while it asks what a cluster is, looks at some of its bindings all the same', async () => {
    const looked: string[] = []
    const { swept } = await sweep(
      {
        association: async ({ request }) => {
          looked.push(request.serviceAccount)
          return missing
        },
      },
      { bindings: named(8), timeLeft: timeFor(2) },
    )
    expect(looked).toEqual(['app-0', 'app-1', 'app-2', 'app-3'])
    expect(swept[0]).toMatchObject({ checked: 4, left: 1 })
  })
  it('as it has finished a cluster, leaves none', async () => {
    const { swept, position } = await sweep({}, { bindings: named(4), timeLeft: timeFor(2) })
    expect([swept[0]?.left, position()]).toEqual([0, fromTheStart])
  })
  it('counts each cluster once that it leaves', async () => {
    const { swept, position } = await sweep(
      {},
      { clusters: ['shop-1', 'shop-2'], bindings: named(8), timeLeft: timeFor(3) },
    )
    const open = ['shop-1', 'shop-2'].map((name) => ({ cluster: `${region}/${name}`, after: 'app-3' }))
    expect([swept[0]?.left, position()]).toEqual([2, { from: null, open }])
    const next = await sweep(
      {},
      { clusters: ['shop-1', 'shop-2'], bindings: named(8), position: position(), timeLeft: timeFor(1) },
    )
    expect(next.swept[0]?.left).toBe(2)
  })
})

describe('what was found before', () => {
  it('is found since then, however often it is found', async () => {
    const { notes } = await sweep({}, { mode: 'report', times: 3 })
    expect(Object.values(notes().entries).map(({ since }) => since)).toEqual([first])
  })
  const whole = {
    association: async () => ({ ...missing, action: 'keep' as const }),
    workload: async () => absent,
  }
  it.each<[why: string, entries: DriftNotes['entries'], given: object, left: string[]]>([
    ['it is as declared again', driftOf('one'), {}, []],
    ['its binding is declared no more', driftOf('gone'), {}, []],
    ['nothing is declared for its cluster', driftOf('one', 'bank'), { clusters: ['shop-1', 'bank'] }, []],
    ['nothing is declared for its region', driftOf('one', 'shop-1', 'eu-north-1'), {}, []],
    ['its cluster is gone', driftOf('one', 'shop-9'), {}, []],
    [
      'nothing is declared for what its cluster is',
      driftOf('one'),
      { bindings: { one: { ...fields, serviceAccount: 'one', cluster: 'shop-*', clusterTags: { a: 'b' } } } },
      [],
    ],
    [
      'its cluster holds nothing of what it is for any more',
      driftOf('apps/team-a/api'),
      {
        bindings: {
          apps: {
            ...fields,
            namespace: 'team-*',
            serviceAccount: '*',
            cluster: 'shop-*',
            role: '{namespace}_{serviceAccount}',
          },
        },
      },
      [],
    ],
    [
      'but not where its cluster cannot be looked at',
      driftOf('one'),
      { status: () => Promise.reject(new Transient('500')) },
      [`${region}/shop-1`, `${region}/shop-1/one`],
    ],
  ])('is told of no more where %s', async (_why, entries, given, left) => {
    const { notes } = await sweep(whole, { mode: 'report', notes: noted(entries), ...given })
    expect(Object.keys(notes().entries)).toEqual(left)
  })
})

it('a cluster that stops to answer within a batch is told of, and its other bindings', async () => {
  const { events, notes } = await sweep(
    {
      workload: async ({ request }) => {
        if (request.serviceAccount === 'app-1') throw new Transient('no answer')
        return absent
      },
      reachable: (() => {
        let asked = 0
        return async () => {
          if (asked++ > 0) throw new Transient('no answer')
        }
      })(),
    },
    { bindings: named(2), mode: 'report' },
  )
  expect(events.map(({ type }) => type)).toEqual(['Drift Found', 'Cluster Not Checked'])
  expect(Object.keys(notes().entries)).toEqual([`${region}/shop-1`, `${region}/shop-1/app-0`])
})

import { describe, expect, it } from 'vitest'
import type { Drift, NotChecked } from '../../../core/events.ts'
import { type DriftNotes, digestOf, nothingNoted, takeNotes } from '../../../core/triggers/digest.ts'
import { mendingTurns, mendsToKeep, type SweepRun } from '../../../core/triggers/mending.ts'

const at = (time: string) => Date.parse(`2026-11-${time}:00Z`)
const drift = (binding: string, change: Partial<Drift> = {}): Drift => ({
  binding,
  cluster: 'shop-1',
  region: 'us-west-2',
  findings: [{ code: 'association-missing', severity: 'warning', subject: 's', found: 'f'.repeat(900) }],
  run: null,
  undoneBy: null,
  held: null,
  ...change,
})
const unchecked: NotChecked = { cluster: 'shop-2', region: 'us-west-2', findings: [] }

const noted = (toldAt: string | null, since = '26T10:00', before: DriftNotes = nothingNoted): DriftNotes => {
  const notes = takeNotes(before, at(since))
  notes.drift(drift('carts'))
  notes.notChecked(unchecked)
  return { ...notes.end([]), toldAt: toldAt === null ? null : at(toldAt) }
}

it('begins with nothing: no entries, none more, none told, no runs', () => {
  expect(nothingNoted).toEqual({ entries: {}, more: 0, toldAt: null, mends: [] })
})

describe('a digest', () => {
  it.each<[why: string, notes: DriftNotes, now: string, complete: boolean, due: boolean]>([
    ['nothing was ever told: at once', noted(null), '26T10:05', true, true],
    ['one was told today', noted('26T00:10'), '26T23:59', true, false],
    ['one was told yesterday, however late', noted('25T23:59'), '26T10:05', true, true],
    ['the sweep has not come to every cluster', noted(null), '26T10:05', false, false],
    ['and does not for a day', noted(null, '25T10:00'), '26T10:00', false, true],
    ['there is nothing to tell', { ...nothingNoted, toldAt: at('25T10:00') }, '26T10:05', true, false],
  ])('%s', (_why, notes, now, complete, due) => {
    expect(digestOf(notes, { now: at(now), complete, stopped: null }) !== undefined).toBe(due)
  })

  it('has what is not put right by then, with when it was first seen, and short', () => {
    const first = noted('25T10:00', '25T12:00')
    const notes = takeNotes(first, at('26T12:00'))
    notes.drift(drift('carts'))
    notes.drift(drift('orders', { run: 'sweep-orders' }))
    notes.drift(drift('gone'))
    notes.drift(drift('mended'))
    notes.drift(drift('elsewhere', { cluster: 'deleted' }))
    notes.inForce({ region: 'us-west-2', cluster: 'shop-1', binding: 'mended' })
    notes.looked('us-west-2', 'shop-1', new Set(['carts', 'orders', 'mended']))
    notes.listed('us-west-2', new Set(['shop-1', 'shop-2']))
    const digest = digestOf(
      { ...notes.end([]), toldAt: first.toldAt },
      { now: at('26T12:00'), complete: true, stopped: 's' },
    )
    expect(digest).toMatchObject({
      day: '2026-11-26',
      drifted: [
        { binding: 'carts', since: '2026-11-25T12:00:00.000Z' },
        { binding: 'orders', run: 'sweep-orders', since: '2026-11-26T12:00:00.000Z' },
      ],
      notChecked: [unchecked],
      total: { drifted: 2, notChecked: 1 },
      stopped: 's',
    })
    expect(digest?.drifted[0]?.findings[0]?.found.length).toBeLessThanOrEqual(300)
    // A cluster that answers again is no longer told of.
    notes.looked('us-west-2', 'shop-2', new Set())
    expect(Object.keys(notes.end([]).entries)).toEqual(['us-west-2/shop-1/carts', 'us-west-2/shop-1/orders'])
  })

  it('of a thousand has a bounded record and event, and their number', () => {
    const notes = takeNotes(nothingNoted, at('26T12:00'))
    for (let index = 0; index < 1000; index++) notes.drift(drift(`b-${String(index).padStart(4, '0')}`))
    const end = notes.end([])
    const digest = digestOf(end, { now: at('26T12:00'), complete: true, stopped: null })
    expect([
      Object.keys(end.entries).length,
      end.more,
      digest?.drifted.length,
      digest?.total.drifted,
    ]).toEqual([200, 800, 100, 1000])
    expect(JSON.stringify(end).length).toBeLessThan(300_000)
    expect(JSON.stringify(digest).length).toBeLessThan(200_000)
  })
})

describe('mending', () => {
  const now = at('26T12:00')
  const limits = { maxConcurrency: 3, toleratedFailurePercentage: 25 }
  const mends = (...ended: SweepRun['ended'][]): SweepRun[] =>
    ended.map((one, index) => ({ run: `r-${index}`, key: `k-${index}`, at: at('26T01:00'), ended: one }))
  const ok = 'succeeded' as const
  const bad = 'failed' as const
  const yesterday = (all: SweepRun[]) => all.map((one) => ({ ...one, at: at('25T23:00') }))

  it.each<[why: string, before: SweepRun[], started: number, stopped: boolean]>([
    ['as many at once as are set', [], 3, false],
    ['those under way count', mends(null, null), 1, false],
    ['those of yesterday too, while they are', yesterday(mends(null, null, null)), 0, false],
    ['one that failed stops no other', mends(bad), 3, false],
    ['two of two stop it', mends(bad, bad), 0, true],
    ['two of eight are tolerated', mends(bad, bad, ok, ok, ok, ok, ok, ok), 3, false],
    ['two of seven are more than a quarter', mends(bad, bad, ok, ok, ok, ok, ok), 0, true],
    ['tomorrow is another day', yesterday(mends(bad, bad)), 3, false],
  ])('%s', (_why, before, started, stopped) => {
    const turns = mendingTurns(mendsToKeep(before, now), now, limits)
    const taken = Array.from({ length: 5 }, (_, index) => turns.take(`new-${index}`))
    expect(taken.filter((why) => why === null)).toHaveLength(started)
    expect(turns.stopped !== null).toBe(stopped)
  })

  it('does not start again today what failed today', () => {
    const turns = mendingTurns(mends(bad), now, limits)
    expect(turns.take('k-0')).toBe('the run that was to mend it today has failed')
    expect(turns.take('k-1')).toBeNull()
  })

  it('forgets what ended on another day', () => {
    expect(
      mendsToKeep([...yesterday(mends(ok, null)), ...mends(bad)], now).map(({ ended }) => ended),
    ).toEqual([null, bad])
  })
})

describe('notes of a sweep', () => {
  const now = at('26T12:00')
  const keys = (notes: DriftNotes) => Object.keys(notes.entries)
  const all = (): ReturnType<typeof takeNotes> => {
    const notes = takeNotes(nothingNoted, now)
    notes.notChecked({ ...unchecked, cluster: null })
    notes.notChecked(unchecked)
    notes.drift(drift('b'))
    notes.drift(drift('a'))
    notes.drift(drift('a', { region: 'eu-west-1' }))
    return notes
  }
  const [nowhere, unseen, a, b, west] = [
    'us-west-2/',
    'us-west-2/shop-2',
    'us-west-2/shop-1/a',
    'us-west-2/shop-1/b',
    'eu-west-1/shop-1/a',
  ]
  it.each<[why: string, act: (notes: ReturnType<typeof takeNotes>) => void, left: string[]]>([
    ['have all in the order of their places', () => {}, [west, nowhere, a, b, unseen]],
    ['leave out what is in force', (notes) => notes.inForce(drift('a')), [west, nowhere, b, unseen]],
    [
      'leave out of a cluster that was looked at what is no binding',
      (notes) => notes.looked('us-west-2', 'shop-1', new Set(['b'])),
      [west, nowhere, b, unseen],
    ],
    [
      'know of a cluster that was looked at that it could be',
      (notes) => notes.looked('us-west-2', 'shop-2', new Set()),
      [west, nowhere, a, b],
    ],
    [
      'leave out of a region that was listed what is on no cluster',
      (notes) => notes.listed('us-west-2', new Set(['shop-2'])),
      [west, unseen],
    ],
    [
      'leave out what is where nothing is declared any more',
      (notes) => notes.declared(new Set(['us-west-2'])),
      [nowhere, a, b, unseen],
    ],
    [
      'know of a region that was listed that it could be',
      (notes) => notes.listed('us-west-2', new Set(['shop-1', 'shop-2'])),
      [west, a, b, unseen],
    ],
  ])('%s', (_why, act, left) => {
    const notes = all()
    act(notes)
    expect(keys(notes.end([]))).toEqual(left)
  })

  it('have three findings of each, short, and so many entries; what is more is counted', () => {
    const finding = {
      code: 'c',
      severity: 'warning' as const,
      subject: 's'.repeat(151),
      found: 'f'.repeat(301),
    }
    const notes = takeNotes({ ...nothingNoted, toldAt: 7 }, now)
    for (let index = 0; index < 202; index++)
      notes.drift(
        drift(`b${String(index).padStart(3, '0')}`, { findings: [finding, finding, finding, finding] }),
      )
    notes.drift(drift('b000', { findings: [] }))
    const ended = notes.end([])
    expect([keys(ended).length, ended.more, ended.toldAt]).toEqual([200, 2, 7])
    const short = { ...finding, subject: `${'s'.repeat(149)}…`, found: `${'f'.repeat(299)}…` }
    expect(ended.entries['us-west-2/shop-1/b001']?.findings).toEqual([short, short, short])
    const digest = digestOf(ended, { now, complete: true, stopped: null })
    expect([digest?.drifted.length, digest?.total]).toEqual([100, { drifted: 202, notChecked: 0 }])
  })

  it('tell of a hundred places that were not checked, and wait for what is newer than a day beside what is older', () => {
    const notes = takeNotes(nothingNoted, at('25T12:00'))
    for (let index = 0; index < 101; index++) notes.notChecked({ ...unchecked, cluster: `c${index}` })
    const later = takeNotes(notes.end([]), now)
    later.drift(drift('new'))
    const digest = digestOf(later.end([]), { now, complete: false, stopped: 's' })
    expect([digest?.notChecked.length, digest?.total, digest?.stopped]).toEqual([
      100,
      { drifted: 1, notChecked: 101 },
      's',
    ])
  })
})

describe('mending, by how the runs of the day went', () => {
  const now = at('26T12:00')
  const run = (key: string, ended: SweepRun['ended'], when = '26T01:00'): SweepRun => ({
    run: key,
    key,
    at: at(when),
    ended,
  })
  const limits = { maxConcurrency: 2, toleratedFailurePercentage: 50 }
  const failed = 'the run that was to mend it today has failed'
  const full = '2 runs of sweeps are under way, which is the most at once: a later sweep starts it'
  const stopped =
    '2 of the 3 runs that sweeps started today have failed, and 50 % may: no more are started until tomorrow (UTC), or by somebody'
  it.each<[why: string, mends: SweepRun[], taken: (string | null)[], stopped: string | null]>([
    ['none: two at once', [], [null, null, full], null],
    ['one is under way', [run('x', null)], [null, full, full], null],
    ['one of yesterday is under way', [run('x', null, '25T01:00')], [null, full, full], null],
    [
      'one has failed today, that of a',
      [run('a', 'failed'), run('x', 'succeeded')],
      [failed, null, null],
      null,
    ],
    ['one has failed yesterday', [run('a', 'failed', '25T23:59')], [null, null, full], null],
    ['one has succeeded', [run('a', 'succeeded')], [null, null, full], null],
    [
      'as many have failed as may',
      [run('x', 'failed'), run('y', 'failed'), run('z', 'succeeded'), run('w', 'succeeded')],
      [null, null, full],
      null,
    ],
    [
      'one more has',
      [run('x', 'failed'), run('y', 'failed'), run('z', 'succeeded')],
      [stopped, stopped, stopped],
      stopped,
    ],
    [
      'runs of yesterday do not count',
      [
        run('x', 'failed'),
        run('y', 'failed'),
        run('z', 'succeeded'),
        run('v', 'succeeded', '25T01:00'),
        run('w', 'succeeded', '25T01:00'),
      ],
      [stopped, stopped, stopped],
      stopped,
    ],
  ])('%s', (_why, mends, taken, why) => {
    const turns = mendingTurns(mends, now, limits)
    expect(turns.stopped).toBe(why)
    expect(['a', 'b', 'c'].map(turns.take)).toEqual(taken)
  })
})

import { describe, expect, it } from 'vitest'
import { type ReplayedRun, replay, type Standing, standingAt } from '../../../core/replay/replay.ts'
import { compareRuns, timelineOf } from '../../../core/replay/timeline.ts'
import type { RunEvent } from '../../../core/run-events/event.ts'

type Said = RunEvent extends infer Each ? (Each extends RunEvent ? Omit<Each, 'at' | 'run'> : never) : never

/** Events a second apart. */
const events = (...said: Said[]): RunEvent[] =>
  said.map((one, second) => ({ ...one, run: 'r', at: new Date(second * 1000).toISOString() }) as RunEvent)

const begun = { type: 'run.started' } as const
const started = (step: string, visit = 1, within?: string) =>
  ({ type: 'step.started', step, visit, ...(within ? { within } : {}) }) as const
const succeeded = (step: string, message = 'done') =>
  ({ type: 'step.succeeded', step, visit: 1, duration: 1, message }) as const
const failed = (step: string, error: string, caught: boolean) =>
  ({ type: 'step.failed', step, visit: 1, duration: 1, error, message: 'no', caught }) as const
const retrying = {
  type: 'step.retrying',
  step: 'A',
  visit: 1,
  attempt: 1,
  of: 3,
  seconds: 5,
  error: 'Transient',
  message: 'busy',
} as const
const waiting = (step: string, what: 'answer' | 'time') =>
  ({ type: 'step.waiting', step, visit: 1, for: what }) as const
const ended: Said = { type: 'run.succeeded', duration: 9, findings: [] }
const broken = (status: 'FAILED' | 'TIMED_OUT' | 'ABORTED'): Said => ({
  type: 'run.failed',
  duration: 9,
  status,
  error: 'Refused',
  message: 'why',
  findings: [],
})

const standingsOf = ({ standing, visits }: ReplayedRun): [Standing, ...Standing[]] => [
  standing,
  ...visits.map((visit) => visit.standing),
]

const rows: [why: string, said: Said[], standings: Standing[]][] = [
  ['nothing but its beginning', [begun], ['running']],
  ['a step at work', [begun, started('A')], ['running', 'running']],
  [
    'a step that is done, and one at work',
    [begun, started('A'), succeeded('A'), started('B')],
    ['running', 'succeeded', 'running'],
  ],
  ['a person has to answer', [begun, started('A'), waiting('A', 'answer')], ['waiting', 'waiting']],
  ['an attempt failed, another one comes', [begun, started('A'), retrying], ['retrying', 'retrying']],
  [
    'a failure that is caught ends no run',
    [begun, started('A'), failed('A', 'Refused', true), started('B')],
    ['running', 'caught', 'running'],
  ],
  [
    'a failure that nothing catches',
    [begun, started('A'), failed('A', 'Refused', false), broken('FAILED')],
    ['failed', 'failed'],
  ],
  [
    'a step that something else took down',
    [begun, started('A'), failed('A', 'Stopped', false), broken('FAILED')],
    ['failed', 'stopped'],
  ],
  [
    'somebody stopped the run, and a step has no end of its own',
    [begun, started('A'), broken('ABORTED')],
    ['stopped', 'stopped'],
  ],
  ['a run that took too long has failed', [begun, broken('TIMED_OUT')], ['failed']],
  [
    'a pause is over when anything beside it begins',
    [begun, waiting('Pause', 'time'), started('A')],
    ['running', 'succeeded', 'running'],
  ],
  [
    'a pause goes on beside what is in a group',
    [begun, waiting('Pause', 'time'), started('A', 1, 'Group')],
    ['running', 'running', 'running'],
  ],
  ['all is well', [begun, started('A'), succeeded('A'), ended], ['succeeded', 'succeeded']],
]

it.each(rows)('%s', (_why, said, standings) => {
  expect(standingsOf(replay(events(...said)))).toEqual(standings)
})

it('is at each event what the events before it say: a replay needs nothing else', () => {
  const all = events(
    begun,
    started('A'),
    retrying,
    succeeded('A', 'found'),
    started('B'),
    succeeded('B'),
    ended,
  )
  expect(all.map((_, index) => standingsOf(replay(all.slice(0, index + 1))).join(' '))).toEqual([
    'running',
    'running running',
    'retrying retrying',
    'running succeeded',
    'running succeeded running',
    'running succeeded succeeded',
    'succeeded succeeded succeeded',
  ])
})

const at = (second: number): string => new Date(second * 1000).toISOString()
const visitOf = (step: string, second: number, change: object = {}) => ({
  step,
  visit: 1,
  standing: 'running',
  startedAt: at(second),
  retries: [],
  looks: [],
  ...change,
})
const finding = { code: 'c', severity: 'info', subject: 's', found: 'f' } as never
const wholes: [why: string, said: Said[], run: object][] = [
  [
    'a run that succeeded, with its report',
    [
      begun,
      started('A'),
      { type: 'finding', step: 'A', visit: 1, finding },
      { ...retrying, of: undefined } as never,
      succeeded('A'),
      { ...ended, report: { outcome: 'enabled' } } as Said,
    ],
    {
      standing: 'succeeded',
      endedAt: at(5),
      visits: [
        visitOf('A', 1, {
          standing: 'succeeded',
          endedAt: at(4),
          message: 'done',
          retries: [{ at: at(3), attempt: 1, nextAt: at(8), error: 'Transient', message: 'busy' }],
        }),
      ],
      findings: [{ at: at(2), step: 'A', finding }],
      report: { outcome: 'enabled' },
    },
  ],
  [
    'a run that failed, with a step in a group that has no end of its own, and a step that says nothing',
    [
      begun,
      started('G'),
      started('A', 1, 'G'),
      { type: 'step.succeeded', step: 'A', visit: 1, within: 'G', duration: 1 },
      started('B', 1, 'G'),
      broken('FAILED'),
    ],
    {
      standing: 'failed',
      endedAt: at(5),
      failure: { status: 'FAILED', error: 'Refused', message: 'why' },
      visits: [
        visitOf('G', 1, { standing: 'stopped', endedAt: at(5) }),
        visitOf('A', 2, { within: 'G', standing: 'succeeded', endedAt: at(3) }),
        visitOf('B', 4, { within: 'G', standing: 'stopped', endedAt: at(5) }),
      ],
    },
  ],
  [
    'a step that failed, and a rollout that moves again after a wait',
    [
      begun,
      started('A'),
      failed('A', 'Refused', true),
      started('W'),
      waiting('W', 'answer'),
      { type: 'rollout.progress', step: 'W', visit: 1, state: 's', message: 'm' },
    ],
    {
      standing: 'running',
      visits: [
        visitOf('A', 1, { standing: 'caught', endedAt: at(2), error: 'Refused', message: 'no' }),
        visitOf('W', 3, { looks: [{ at: at(5), state: 's', message: 'm' }] }),
      ],
    },
  ],
  [
    'a pause that comes again: what it was before stays',
    [begun, waiting('P', 'time'), started('A'), waiting('P', 'time')],
    {
      standing: 'running',
      visits: [visitOf('P', 1, { standing: 'succeeded', endedAt: at(2) }), visitOf('A', 2), visitOf('P', 3)],
    },
  ],
  [
    'a run that goes on after its end, as a redrive does: it has none yet',
    [begun, started('A'), { ...broken('ABORTED'), report: { outcome: 'failed' } } as Said, started('A')],
    {
      standing: 'running',
      visits: [visitOf('A', 1, { standing: 'stopped', endedAt: at(2) }), visitOf('A', 3)],
    },
  ],
]
it.each(wholes)('is whole: %s', (_why, said, run) => {
  expect(replay(events(...said))).toStrictEqual({
    run: 'r',
    startedAt: at(0),
    lastAt: at(said.length - 1),
    findings: [],
    ...run,
  })
})

it('is nothing yet before its first event', () => {
  const nothing = { run: '', standing: 'running', startedAt: '', lastAt: '', visits: [], findings: [] }
  expect(replay([])).toStrictEqual(nothing)
})

it('has begun when its first event happened, where the one that says so is not at hand', () => {
  expect(replay(events(begun, started('A')).slice(1)).startedAt).toBe(at(1))
})

it('a step that ended after a retry stands as it ended, whatever the time', () => {
  const [last] = replay(events(begun, started('A'), retrying, succeeded('A'))).visits
  expect(last && standingAt(last, 99_000)).toBe('succeeded')
})

describe('a retry', () => {
  const [visit] = replay(events(begun, started('A'), retrying)).visits
  it('says when the next attempt begins, and which it is of how many', () => {
    expect(visit?.retries).toEqual([
      {
        at: '1970-01-01T00:00:02.000Z',
        attempt: 1,
        of: 3,
        nextAt: '1970-01-01T00:00:07.000Z',
        error: 'Transient',
        message: 'busy',
      },
    ])
  })
  it.each([
    [6_999, 'retrying'],
    [7_000, 'running'],
  ] as const)(
    'after %i ms the step is %s: no event says that the next attempt has begun',
    (now, standing) => {
      expect(visit && standingAt(visit, now)).toBe(standing)
    },
  )
})

it('a loop is visits, each with its looks and its own end', () => {
  const looked = (visit: number, updated: number) =>
    ({
      type: 'rollout.progress',
      step: 'Watch',
      visit,
      state: 'progressing',
      message: 'Waiting',
      counts: { updated },
    }) as const
  const { visits } = replay(
    events(begun, started('Watch'), looked(1, 1), succeeded('Watch'), started('Watch', 2), looked(2, 2)),
  )
  expect(
    visits.map(({ visit, looks, endedAt }) => [visit, looks.map(({ counts }) => counts?.updated), endedAt]),
  ).toEqual([
    [1, [1], '1970-01-01T00:00:03.000Z'],
    [2, [2], undefined],
  ])
})

describe('a timeline', () => {
  const view = replay(events(begun, started('A'), retrying, succeeded('A'), started('B')))
  it('has a bar for each visit up to now, and the pause between two attempts no longer than the visit', () => {
    const { bars, ms } = timelineOf(view, 10_000)
    expect(ms).toBe(10_000)
    expect(bars.map(({ visit, from, to, pauses }) => [visit.step, from, to, pauses])).toEqual([
      ['A', 1000, 3000, [{ from: 2000, to: 3000 }]],
      ['B', 4000, 10_000, []],
    ])
  })
  it('counts from the beginning of the run', () => {
    const later = { ...view, startedAt: at(1), visits: view.visits.slice(0, 1) }
    const { bars, ms } = timelineOf(later, 10_000)
    expect([ms, ...bars.map(({ from, to }) => [from, to])]).toEqual([9000, [0, 2000]])
  })
  it('ends where the run has ended, whatever the time is', () => {
    expect(timelineOf(replay(events(begun, ended)), 99_000).ms).toBe(1000)
  })
  it('is never of negative length, where two clocks differ', () => {
    expect(timelineOf(view, -5000).bars.every(({ from, to }) => from >= 0 && to >= from)).toBe(true)
  })
})

it('compares the time of each step, all its visits together, and says where a run did not come', () => {
  const before = replay(events(begun, started('A'), succeeded('A'), started('Old'), succeeded('Old'), ended))
  const now = replay(
    events(
      begun,
      started('A'),
      succeeded('A'),
      started('A', 2),
      { ...succeeded('A'), visit: 2 },
      started('New'),
      succeeded('New'),
      ended,
    ),
  )
  expect(compareRuns(before, now)).toEqual([
    { step: 'A', before: 1000, now: 2000 },
    { step: 'New', before: null, now: 1000 },
    { step: 'Old', before: 1000, now: null },
  ])
})

import { describe, expect, it } from 'vitest'
import {
  decideRetry,
  matchesError,
  type NamedFailure,
  type Retrier,
  type Retry,
  retriersOf,
} from '../../../core/run-events/retry.ts'

describe('a retrier or a catcher', () => {
  it.each<[why: string, names: string[], failure: NamedFailure, matches: boolean]>([
    ['treats what it names', ['E'], { error: 'E' }, true],
    ['leaves what it does not name', ['F'], { error: 'E' }, false],
    ['treats what it names by another name', ['F'], { error: 'E', aliases: ['G', 'F'] }, true],
    ['leaves what has other names still', ['F'], { error: 'E', aliases: ['G'] }, false],
    ['treats everything as States.ALL', ['States.ALL'], { error: 'E' }, true],
    ['treats data that is too much so too', ['States.ALL'], { error: 'States.DataLimitExceeded' }, true],
    [
      'treats no States.Runtime, which ends the execution',
      ['States.ALL'],
      { error: 'States.Runtime' },
      false,
    ],
    ['not even where it is named', ['States.Runtime'], { error: 'States.Runtime' }, false],
    ['treats what fails as States.TaskFailed', ['States.TaskFailed'], { error: 'E' }, true],
    ['but no time that is over', ['States.TaskFailed'], { error: 'States.Timeout' }, false],
    ['and no data that is too much', ['States.TaskFailed'], { error: 'States.DataLimitExceeded' }, false],
  ])('%s', (_why, names, failure, matches) => {
    expect(matchesError(names, failure)).toBe(matches)
  })
})

describe('a retry', () => {
  const half = () => 0.5
  it.each<[why: string, retriers: Partial<Retrier>[], attempts: number[], retry: Retry | undefined]>([
    ['comes after a second, three times, unless said', [{}], [], { retrier: 0, of: 3, seconds: 1 }],
    ['comes later and later', [{}], [2], { retrier: 0, of: 3, seconds: 4 }],
    ['does not come for the fourth time', [{}], [3], undefined],
    ['comes as often as is said', [{ MaxAttempts: 4 }], [3], { retrier: 0, of: 4, seconds: 8 }],
    ['does not come at all where none is said', [{ MaxAttempts: 0 }], [], undefined],
    [
      'comes after the time that is said, by the factor that is said',
      [{ IntervalSeconds: 7, BackoffRate: 3 }],
      [1],
      { retrier: 0, of: 3, seconds: 21 },
    ],
    [
      'comes no later than is said',
      [{ IntervalSeconds: 7, MaxDelaySeconds: 9 }],
      [1],
      { retrier: 0, of: 3, seconds: 9 },
    ],
    [
      'comes at any time before that with full jitter',
      [{ JitterStrategy: 'FULL' }],
      [1],
      { retrier: 0, of: 3, seconds: 1 },
    ],
    ['comes at that time without', [{ JitterStrategy: 'NONE' }], [1], { retrier: 0, of: 3, seconds: 2 }],
    [
      'is counted by the retrier that names the failure, and by no other',
      [{ ErrorEquals: ['F'], IntervalSeconds: 60 }, {}],
      [3, 1],
      { retrier: 1, of: 3, seconds: 2 },
    ],
    ['is not decided by a later one once the first is used up', [{}, { MaxAttempts: 9 }], [3, 0], undefined],
    ['does not come of what no retrier names', [{ ErrorEquals: ['F'] }], [], undefined],
    ['does not come without any', [], [], undefined],
  ])('%s', (_why, retriers, attempts, retry) => {
    const all = retriers.map((one): Retrier => ({ ErrorEquals: ['E'], ...one }))
    expect(decideRetry(all, attempts, { error: 'E' }, half)).toEqual(retry)
  })
})

it('finds the retriers of every state of a definition, in branches and maps too', () => {
  const Retry = (error: string): Retrier[] => [{ ErrorEquals: [error] }]
  const definition = {
    States: {
      A: { Retry: Retry('a') },
      G: {
        Retry: Retry('g'),
        Branches: [{ States: { B: { Retry: Retry('b') } } }, { States: { C: {} } }],
      },
      M: { ItemProcessor: { States: { D: { Retry: Retry('d') } } } },
    },
  }
  expect([...retriersOf(definition)]).toEqual([
    ['A', Retry('a')],
    ['G', Retry('g')],
    ['B', Retry('b')],
    ['C', []],
    ['M', []],
    ['D', Retry('d')],
  ])
  expect([...retriersOf(undefined)]).toEqual([])
})

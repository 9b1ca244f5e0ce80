import { describe, expect, it } from 'vitest'
import { historyBudget, nextTurn, slackBudget } from '../../../core/operation/pace.ts'
import { givesWay, isTurnedAway } from '../../../core/operation/turned-away.ts'
import type { HistoryEvent } from '../../../core/run-events/history.ts'

it.each<[why: string, freeAt: number | undefined, waitMs: number, then: number]>([
  ['nobody has had a turn', undefined, 0, 1100],
  ['the last turn is long ago, and what was not used is not saved up', 500 - 60_000, 0, 1100],
  ['the last one took the place until now', 1000, 0, 2100 - 1000],
  ['somebody waits already', 1700, 700, 1800],
])('a turn at 1 s, of which there is one a tenth of a second: %s', (_why, freeAt, waitMs, then) => {
  expect(nextTurn(freeAt, 1000, 100)).toEqual({ waitMs, freeAt: then })
})

it('has ten reads of histories a second, and a message each 1.1 s for each channel', () => {
  expect([historyBudget, slackBudget('C0PODID')]).toEqual([
    { id: 'history', everyMs: 100 },
    { id: 'slack/C0PODID', everyMs: 1100 },
  ])
})

const turnedAway = { error: 'Lambda.TooManyRequestsException', resource: 'invoke', resourceType: 'lambda' }
const at = (timestamp: number, details: Partial<HistoryEvent>): HistoryEvent => ({
  id: 1,
  previousEventId: 0,
  type: 'TaskFailed',
  timestamp,
  ...details,
})

describe('a step that Lambda turned away', () => {
  it.each<[why: string, details: Partial<HistoryEvent>, turned: boolean]>([
    ['by an optimized call', { taskFailedEventDetails: turnedAway }, true],
    ['by a question to a person', { taskSubmitFailedEventDetails: turnedAway }, true],
    ['by the ARN of a function', { lambdaFunctionFailedEventDetails: turnedAway }, true],
    [
      'it failed by another error',
      { taskFailedEventDetails: { ...turnedAway, error: 'States.Timeout' } },
      false,
    ],
    ['nothing failed', {}, false],
  ])('%s', (_why, details, turned) => {
    expect(isTurnedAway(at(0, details))).toBe(turned)
  })

  const turned = (timestamp: number) => at(timestamp, { taskFailedEventDetails: turnedAway })
  it.each<[why: string, history: HistoryEvent[], gives: boolean]>([
    ['just now', [turned(100_000)], true],
    ['less than a minute ago', [turned(40_001)], true],
    ['a minute ago', [turned(40_000)], false],
    ['one of several', [at(99_000, {}), turned(1), turned(90_000), at(99_500, {})], true],
    ['none', [at(99_000, {})], false],
  ])('has a follower give way for a minute: %s', (_why, history, gives) => {
    expect(givesWay(history, 100_000)).toBe(gives)
  })
})

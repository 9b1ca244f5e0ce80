import { expect, it } from 'vitest'
import { nextTurn } from '../../../core/operation/pace.ts'

it.each<[why: string, freeAt: number | undefined, waitMs: number, then: number]>([
  ['nobody has had a turn', undefined, 0, 1100],
  ['the last turn is long ago, and what was not used is not saved up', 500 - 60_000, 0, 1100],
  ['the last one took the place until now', 1000, 0, 2100 - 1000],
  ['somebody waits already', 1700, 700, 1800],
])('a turn at 1 s, of which there is one a tenth of a second: %s', (_why, freeAt, waitMs, then) => {
  expect(nextTurn(freeAt, 1000, 100)).toEqual({ waitMs, freeAt: then })
})

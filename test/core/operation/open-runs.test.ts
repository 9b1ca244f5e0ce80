import { expect, it } from 'vitest'
import { isOpenTooLong, neverTooLongMs, openAtMostSeconds } from '../../../core/operation/open-runs.ts'

const minute = 60_000
// 30 minutes for the cluster, four rollouts of 15 minutes, and an hour.
const usual = 150

it.each<[why: string, input: unknown, minutes: number, tooLong: boolean]>([
  ['within its limits', {}, usual, false],
  ['beyond them', {}, usual + 1, true],
  ['it may ask a person for an hour', { approval: 'required' }, usual + 60, false],
  ['and nobody answers', { approval: 'required' }, usual + 61, true],
  ['a time for an answer is none where nobody is asked', { approvalTimeoutSeconds: 86_400 }, usual + 1, true],
  ['its own limits are longer', { rolloutTimeoutSeconds: 1800, clusterTimeoutSeconds: 3600 }, 239, false],
  ['and shorter', { rolloutTimeoutSeconds: 60, clusterTimeoutSeconds: 60 }, 66, true],
  ['an input that is none ends at the first step', 'nothing', 61, true],
])('a run is open too long: %s', (_why, input, minutes, tooLong) => {
  expect(isOpenTooLong({ startedAt: 5000, input }, 5000 + minutes * minute)).toBe(tooLong)
})

it('needs no look at a run that is younger than an hour, and has no limit for what is no run', () => {
  expect(neverTooLongMs).toBe(60 * minute)
  expect([openAtMostSeconds({}), openAtMostSeconds('nothing')]).toEqual([usual * 60, null])
})

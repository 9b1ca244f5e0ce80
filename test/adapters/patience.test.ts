import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { withPatience } from '../../adapters/patience.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Never answers: fails as a socket does, when its signal says so. */
const silent = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
  })

it.each<[why: string, outer: AbortSignal | undefined]>([
  ['alone', undefined],
  ['beside a signal that says nothing', new AbortController().signal],
])('ends when the time is over, and says so: %s', async (_why, outer) => {
  const ended = expect(withPatience(2500, outer, silent)).rejects.toMatchObject({
    name: 'TimeoutError',
    message: 'no answer within 2.5 s',
  })
  await vi.advanceTimersByTimeAsync(2500)
  await ended
})

it('ends with the outer signal, and its reason, before the time is over', async () => {
  const outer = new AbortController()
  const ended = expect(withPatience(2500, outer.signal, silent)).rejects.toThrow('the run was stopped')
  outer.abort(new Error('the run was stopped'))
  await ended
  expect(vi.getTimerCount()).toBe(0)
})

it('leaves no timer behind an answer, nor behind a failure', async () => {
  expect(await withPatience(2500, undefined, async () => 'answer')).toBe('answer')
  expect(vi.getTimerCount()).toBe(0)
  const failing = withPatience(2500, undefined, () => Promise.reject(new Error('refused')))
  await expect(failing).rejects.toThrow('refused')
  expect(vi.getTimerCount()).toBe(0)
})

import { expect, it } from 'vitest'
import * as z from 'zod'
import { answerBytesOf } from '../../../core/steps/table.ts'
import { bytesOf } from '../../../core/text/fit.ts'
import { makeHandler } from '../../../functions/middleware/make-handler.ts'
import { surroundings } from './support.ts'

it('gives the work its parsed input and its surroundings, and answers what it answers', async () => {
  const runtime = surroundings()
  const input = z.object({ many: z.number().default(2) })
  const handler = makeHandler(runtime, { name: 'Double', input }, async ({ many }, { clock, timeLeft }) => ({
    twice: many * 2,
    now: clock.now(),
    left: timeLeft(),
  }))
  expect(await handler({}, { getRemainingTimeInMillis: () => 300_000 })).toEqual({
    twice: 4,
    now: 0,
    left: 300_000,
  })
})

it('stops the work when its surroundings stop', async () => {
  const stopped = new AbortController()
  const handler = makeHandler(
    { ...surroundings(), signal: stopped.signal },
    { name: 'Wait', input: z.unknown() },
    (_input, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
        stopped.abort(new Error('the stage is closed'))
      }),
  )
  await expect(handler({})).rejects.toThrow('the stage is closed')
})

it('keeps the answer of a step within its bytes, and any other as it is', async () => {
  const answer = { generation: 7, message: 'm'.repeat(300_000) }
  const answerOf = (name: string) =>
    makeHandler(surroundings(), { name, input: z.unknown() }, async () => answer)({})
  const fitted = await answerOf('RestartWorkload')
  expect(fitted).toMatchObject({ generation: 7 })
  expect(bytesOf(fitted)).toBeLessThanOrEqual(answerBytesOf('RestartWorkload') ?? 0)
  expect(await answerOf('FollowRun')).toEqual(answer)
})

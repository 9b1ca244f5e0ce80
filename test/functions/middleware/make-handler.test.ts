import { expect, it } from 'vitest'
import * as z from 'zod'
import { answerBytesOf } from '../../../core/steps/table.ts'
import { bytesOf } from '../../../core/text/fit.ts'
import { warmedUp, warmUpEvent } from '../../../core/triggers/warm-up.ts'
import { makeHandler } from '../../../functions/middleware/make-handler.ts'
import { functions } from '../../../functions/registry.ts'
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

it.each(warmedUp)(
  'has %s answer what only starts it, without a call, and without a line in the log',
  async (name) => {
    const unused = async () => Promise.reject(new Error('nothing is called'))
    const runtime = { ...surroundings(), aws: { credentials: unused } }
    const { create } = await functions[name]()
    expect(await create(runtime)(warmUpEvent)).toEqual({ warm: true })
    expect(runtime.lines).toEqual([])
  },
)

it.each([
  ['with more in it', { ...warmUpEvent, request: {} }],
  ['that says no', { warmUp: false }],
  ['that says it in another way', { warmUp: 'true' }],
  ['that is a list', ['warmUp']],
  ['that is empty', {}],
])('takes an event %s for an input', async (_which, event) => {
  const handler = makeHandler(surroundings(), { name: 'Echo', input: z.unknown() }, async (input) => input)
  expect(await handler(event)).toEqual(event)
})

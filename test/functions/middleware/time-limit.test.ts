import { expect, it } from 'vitest'
import * as z from 'zod'
import { makeHandler } from '../../../functions/middleware/make-handler.ts'
import { surroundings } from './support.ts'

it('ends a call whose time is over by a name that the workflow retries, and stops its work', async () => {
  const runtime = surroundings()
  let stopped = false
  const handler = makeHandler(
    runtime,
    { name: 'Hang', input: z.unknown() },
    (_input, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          stopped = true
          reject(signal.reason)
        })
      }),
  )
  const failure = handler({}, { getRemainingTimeInMillis: () => 0 })
  await expect(failure).rejects.toMatchObject({
    name: 'TimedOut',
    message: 'Hang did not come to an end within the time of its function',
  })
  expect(stopped).toBe(true)
  expect(runtime.lines).toMatchObject([{ level: 'warn', data: { error: 'TimedOut' } }])
})

it('lets a call be that ends in time', async () => {
  const handler = makeHandler(surroundings(), { name: 'Quick', input: z.unknown() }, async () => 'done')
  expect(await handler({}, { getRemainingTimeInMillis: () => 300_000 })).toBe('done')
})

import { expect, it } from 'vitest'
import { InvalidRequest, TimedOut, Transient } from '../../../core/errors.ts'
import { answerHttp } from '../../../functions/middleware/answer-http.ts'
import { makeHandler } from '../../../functions/middleware/make-handler.ts'
import { answer, HttpEvent, HttpRefusal } from '../../../functions/support/http.ts'
import { surroundings } from './support.ts'

const serve = async (work: () => ReturnType<typeof answer>, event: HttpEvent = {}) => {
  const runtime = surroundings()
  const handler = makeHandler(runtime, { name: 'Serve', input: HttpEvent, use: [answerHttp()] }, async () =>
    work(),
  )
  return { ...(await handler(event)), lines: runtime.lines }
}
const fail = (error: Error) => () => {
  throw error
}

it('leaves an answer as it is', async () => {
  expect(await serve(() => answer(202, { run: 'r-1' }))).toMatchObject({
    statusCode: 202,
    body: '{"run":"r-1"}',
  })
})

it.each<[why: string, error: Error, status: number, says: string]>([
  [
    'a refusal is answered as it says',
    new HttpRefusal(405, 'only POST goes here'),
    405,
    'only POST goes here',
  ],
  ['a service behind it may be back soon', new Transient('throttled'), 503, 'temporarily unavailable'],
  ['time may suffice later', new TimedOut('Serve'), 503, 'temporarily unavailable'],
  [
    "an InvalidRequest of an AWS call is not the sender's fault",
    new InvalidRequest('role arn:…'),
    500,
    'internal error',
  ],
  ['a bug', new TypeError('secret of x'), 500, 'internal error'],
])('%s', async (_why, error, status, says) => {
  const { statusCode, body, lines } = await serve(fail(error))
  expect([statusCode, body]).toEqual([status, expect.stringContaining(says)])
  expect(body).not.toContain('secret')
  // An answer to the sender is no reason to leave the log without a line.
  expect(lines).toMatchObject([{ message: 'Serve', data: { why: error.message } }])
})

it('keeps what a refusal says in headers', async () => {
  const { headers } = await serve(fail(new HttpRefusal(405, 'only POST', { allow: 'POST' })))
  expect(headers).toMatchObject({ allow: 'POST' })
})

it('says when to come back', async () => {
  expect((await serve(fail(new Transient('throttled')))).headers).toMatchObject({ 'retry-after': '5' })
})

it('refuses what no function URL sends', async () => {
  expect(await serve(() => answer(200, {}), { body: 1 } as never)).toMatchObject({
    statusCode: 400,
    body: '{"error":"not a request of a function URL"}',
  })
})

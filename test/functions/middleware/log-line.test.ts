import { expect, it } from 'vitest'
import * as z from 'zod'
import { Refused } from '../../../core/errors.ts'
import { makeHandler } from '../../../functions/middleware/make-handler.ts'
import { surroundings } from './support.ts'

const line = async (work: () => unknown, event: unknown = {}) => {
  const runtime = surroundings()
  runtime.at(100)
  const options = { name: 'Count', input: z.object({}), describe: (many: unknown) => ({ many }) }
  const handler = makeHandler(runtime, options, async () => {
    runtime.at(350)
    return work()
  })
  await handler(event).catch(() => {})
  expect(runtime.lines).toHaveLength(1)
  return runtime.lines[0]
}
const fail = (error: Error) => () => {
  throw error
}

it('says how long a call took, and what is worth saying of its answer', async () => {
  expect(await line(() => 3)).toEqual({ level: 'info', message: 'Count', data: { many: 3, tookMs: 250 } })
})

it('warns of a failure that has a name of ours', async () => {
  expect(await line(fail(new Refused('a-1 is not ours')))).toEqual({
    level: 'warn',
    message: 'Count',
    data: { tookMs: 250, error: 'Refused', why: 'a-1 is not ours' },
  })
})

it('reports every other failure as an error', async () => {
  expect(await line(fail(new TypeError('x is undefined')))).toMatchObject({
    level: 'error',
    data: { error: 'TypeError', why: 'x is undefined' },
  })
})

it('warns of an input that is faulty', async () => {
  expect(await line(() => 3, 'text')).toMatchObject({ level: 'warn', data: { error: 'InvalidRequest' } })
})

it('has no secrets in it, nor has the failure that is handed on', async () => {
  const error = new Error('sent Authorization: Bearer abcdefghijkl')
  expect(await line(fail(error))).toMatchObject({ data: { why: 'sent Authorization: Bearer (hidden)' } })
  expect(`${error.message}${error.stack}`).not.toContain('abcdefghijkl')
})

import { expect, it } from 'vitest'
import * as z from 'zod'
import { makeHandler } from '../../../functions/middleware/make-handler.ts'
import { surroundings } from './support.ts'

const secret = 'AKIAIOSFODNN7EXAMPLE'

const failing = (failure: unknown) =>
  makeHandler(surroundings(), { name: 'Fail', input: z.unknown() }, () => Promise.reject(failure))({}).catch(
    (error: unknown) => error,
  )

it('takes secrets out of the message and the stack of whatever fails, and leaves its name', async () => {
  const failure = new RangeError(`called with aws_access_key_id=${secret}`)
  // Node writes the message into it at once; Vitest's own stacks are made when they are first read.
  expect(failure.stack).toContain(secret)
  const error = (await failing(failure)) as Error
  expect(error.name).toBe('RangeError')
  expect(error.message).toContain('called with aws_access_key_id=')
  expect(`${error.message}${error.stack}`).not.toContain(secret)
  // A path of forty letters may be taken for a secret key: where it was thrown is told by the lines, not by their paths.
  expect(error.stack).toMatch(/\n {4}at /)
})

it('takes them out of an error without a stack, too', async () => {
  const bare = Object.assign(new Error(`key ${secret}`), { stack: undefined })
  const error = (await failing(bare)) as Error
  expect(error.message).not.toContain(secret)
  expect(error.stack).toBeUndefined()
})

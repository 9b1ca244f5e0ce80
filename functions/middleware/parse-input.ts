import type { MiddlewareObj } from '@middy/core'
import type * as z from 'zod'
import { InvalidRequest } from '../../core/errors.ts'

/** What a function was called with is not what it takes. */
export class FaultyInput extends InvalidRequest {}

/**
 * Replaces the event by what the schema makes of it.
 * @throws FaultyInput naming every fault by its field
 */
export const parseInput = (name: string, schema: z.ZodType): MiddlewareObj => ({
  before: (request) => {
    const parsed = schema.safeParse(request.event)
    if (!parsed.success) {
      const faults = parsed.error.issues.map(
        ({ path, message }) => `${path.join('.') || 'input'}: ${message}`,
      )
      throw new FaultyInput(`${name} was called with a faulty input: ${faults.join('; ')}`)
    }
    request.event = parsed.data
  },
})

import * as z from 'zod'
import type { Runtime } from '../../adapters/runtime.ts'
import { resolveRequest } from '../../core/request.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { lambda } from '../support/lambda.ts'

const Input = z.strictObject({
  input: z.unknown(),
  execution: z.strictObject({ arn: z.string(), startTime: z.string() }),
})

/** One request out of any trigger's input, or every fault by its field. */
export const create = (runtime: Runtime) =>
  makeHandler(runtime, { name: 'ResolveRequest', input: Input }, async ({ input, execution }) =>
    resolveRequest(input, execution),
  )

export const handler = create(lambda)

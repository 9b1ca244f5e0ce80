import * as z from 'zod'
import type { Runtime } from '../../adapters/runtime.ts'
import { invalidRequest, resolveRequest } from '../../core/request-input.ts'
import { checkNeeds } from '../../core/role/actions/check.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { lambda } from '../support/lambda.ts'

const Input = z.strictObject({
  input: z.unknown(),
  execution: z.strictObject({ arn: z.string(), startTime: z.string() }),
})

/** One request out of any trigger's input, or every fault by its field. */
export const create = (runtime: Runtime) =>
  makeHandler(runtime, { name: 'ResolveRequest', input: Input }, async ({ input, execution }) => {
    const request = resolveRequest(input, execution)
    const { needs, faults } = checkNeeds(request.needs)
    if (faults.length > 0) throw invalidRequest(faults.map((fault) => `needs: ${fault}`))
    return { ...request, needs }
  })

export const handler = create(lambda)

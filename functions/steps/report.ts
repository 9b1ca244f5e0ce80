import type { Runtime } from '../../adapters/runtime.ts'
import { buildReport } from '../../core/report.ts'
import { RunState } from '../../core/steps/answers.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { lambda } from '../support/lambda.ts'

/** One document of the whole run. */
export const create = (runtime: Runtime) =>
  makeHandler(runtime, { name: 'Report', input: RunState }, async (state) =>
    buildReport(state, runtime.clock.now()),
  )

export const handler = create(lambda)

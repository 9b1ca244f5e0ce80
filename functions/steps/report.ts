import * as z from 'zod'
import type { Runtime } from '../../adapters/runtime.ts'
import { buildReport, fitReport } from '../../core/report.ts'
import { RunState } from '../../core/steps/answers.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { lambda } from '../support/lambda.ts'

/** The end, like the start, is the workflow's own time: a function's clock may be off. */
const Input = RunState.extend({ endedAt: z.string() })

/** One document of the whole run. */
export const create = (runtime: Runtime) =>
  makeHandler(runtime, { name: 'Report', input: Input }, async ({ endedAt, ...state }) =>
    fitReport(buildReport(state, Date.parse(endedAt))),
  )

export const handler = create(lambda)

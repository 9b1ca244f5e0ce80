import * as z from 'zod'
import type { Runtime } from '../../adapters/runtime.ts'
import { buildReport } from '../../core/report.ts'
import type { RunState } from '../../core/steps.ts'
import { lambda } from '../support/lambda.ts'
import { task } from '../support/task.ts'

// The workflow's own variables, each of which left an earlier step as its typed answer.
const Input = z.custom<RunState>((input) => typeof input === 'object' && input !== null && 'request' in input)

/** State 11: one document of the whole run. */
export const create = (runtime: Runtime) =>
  task('Report', Input, async (state) => buildReport(state, runtime.clock.now()), runtime)

export const handler = create(lambda)

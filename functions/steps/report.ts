import type { Runtime } from '../../adapters/runtime.ts'
import { buildReport } from '../../core/report.ts'
import { RunState } from '../../core/steps/answers.ts'
import { lambda } from '../support/lambda.ts'
import { task } from '../support/task.ts'

/** One document of the whole run. */
export const create = (runtime: Runtime) =>
  task('Report', RunState, async (state) => buildReport(state, runtime.clock.now()), runtime)

export const handler = create(lambda)

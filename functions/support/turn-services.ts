import { runs } from '../../adapters/records/runs.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { executions } from '../../adapters/step-functions.ts'
import { setting } from './settings.ts'

/** What taking a turn needs: the records, and the executions that hold turns. Every run waits for TakeTurn to load it. */
export const turnServicesOf = (runtime: Runtime) => ({
  executions: executions(runtime, setting(runtime, 'PODID_STATE_MACHINE_ARN')),
  runs: runs(runtime, setting(runtime, 'PODID_TABLE_ARN')),
  now: () => runtime.clock.now(),
})

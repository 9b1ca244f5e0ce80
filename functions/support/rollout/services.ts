import { clusters } from '../../../adapters/eks/clusters.ts'
import { eventBus } from '../../../adapters/events.ts'
import { objects } from '../../../adapters/objects.ts'
import { runs } from '../../../adapters/records/runs.ts'
import type { Runtime } from '../../../adapters/runtime.ts'
import { executions } from '../../../adapters/step-functions.ts'
import { configOf } from '../run-services.ts'
import { setting } from '../settings.ts'

/** What the steps of a rollout work with, by the function's environment. */
export const rolloutServicesOf = (runtime: Runtime) => {
  const machine = setting(runtime, 'PODID_ROLLOUT_MACHINE_ARN')
  return {
    config: configOf(runtime),
    /** Of the bindings' own runs. */
    executions: executions(runtime, setting(runtime, 'PODID_STATE_MACHINE_ARN')),
    /** Of rollouts. */
    rollouts: executions(runtime, machine),
    runs: runs(runtime, setting(runtime, 'PODID_TABLE_ARN')),
    objects: objects(runtime, {
      bucket: setting(runtime, 'PODID_ROLLOUT_BUCKET'),
      region: machine.split(':')[3] ?? '',
    }),
    clusters: (region: string) => clusters(runtime, region),
    bus: eventBus(runtime, setting(runtime, 'PODID_EVENT_BUS_ARN')),
    now: () => runtime.clock.now(),
  }
}

export type RolloutServices = ReturnType<typeof rolloutServicesOf>

import { clusters } from '../../adapters/eks/clusters.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { runServicesOf } from './run-services.ts'
import { starter } from './starter.ts'

/** What the functions that start runs work with: besides the runs, the clusters they may be for. */
export const servicesOf = (runtime: Runtime) => {
  const services = runServicesOf(runtime)
  return {
    ...services,
    clusters: (region: string) => clusters(runtime, region),
    start: starter({ ...services, log: runtime.log }),
  }
}

export type Services = ReturnType<typeof servicesOf>

import { assumptionsOf } from '../../../adapters/cloudtrail.ts'
import { eks } from '../../../adapters/eks/eks.ts'
import { insideFor } from '../../../adapters/fleet/inside.ts'
import { mustBeReachable } from '../../../adapters/kubernetes/reachable.ts'
import type { Looks } from '../../../adapters/records/looks.ts'
import type { Log, Runtime } from '../../../adapters/runtime.ts'
import { checkAssociation } from '../../steps/check-association.ts'
import { verifyWorkload } from '../../steps/verify-workload.ts'
import { currentPods, lookAtTrail } from '../evidence/second-witness.ts'
import { clusterApi } from '../kubernetes.ts'
import type { Checks } from './check-binding.ts'

/** The checks of a sweep, by the function's surroundings; what they ask ends by the signal. */
export const checksOf = (
  runtime: Runtime,
  services: {
    looks: Looks
    now: () => number
    timeLeft: () => number
    log: Pick<Log, 'warn'>
    signal: AbortSignal
  },
): Checks => {
  const { signal } = services
  return {
    reachable: (cluster) => mustBeReachable(clusterApi(runtime, cluster), signal),
    inside: (cluster, bindings) => insideFor(clusterApi(runtime, cluster), bindings, signal),
    association: checkAssociation((region) => eks(runtime, region)),
    workload: verifyWorkload(({ cluster }) => clusterApi(runtime, cluster), services),
    trail: lookAtTrail({
      ...services,
      currentPods: ({ request, cluster }) => currentPods(clusterApi(runtime, cluster), request, signal),
      assumptionsOf: (region, role, since) => assumptionsOf(runtime, region, role, since),
    }),
  }
}

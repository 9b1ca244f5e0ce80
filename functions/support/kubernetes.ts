import { type Connection, connect } from '../../adapters/kubernetes/connection.ts'
import { perRuntime } from '../../adapters/per-runtime.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import type { ReachableCluster } from '../../core/cluster.ts'

const connections = perRuntime((runtime, access): Connection => {
  const [name, endpoint, ca, region] = access.split(' ') as [string, string, string, string]
  return connect({
    cluster: { name, endpoint, ca, region },
    credentials: runtime.aws.credentials,
    clock: runtime.clock,
  })
})

/** The connection to a cluster's API, kept between calls; a rotated CA or a moved endpoint makes a new one. */
export const clusterApi = (runtime: Runtime, cluster: ReachableCluster): Connection =>
  connections(
    runtime,
    [cluster.name, cluster.endpoint, cluster.certificateAuthority, cluster.arn.split(':')[3]].join(' '),
  )

import { type ClusterAccess, type Connection, connector } from '../../adapters/kubernetes/connection.ts'
import { perRuntime } from '../../adapters/per-runtime.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import type { ReachableCluster } from '../../core/cluster.ts'

/** A cluster as its API's client wants it described. */
const clusterAccess = (cluster: ReachableCluster): ClusterAccess => ({
  name: cluster.name,
  endpoint: cluster.endpoint,
  ca: cluster.certificateAuthority,
  region: cluster.arn.split(':')[3] ?? '',
})

const connectors = perRuntime((runtime, access) => {
  const open = connector({
    cluster: JSON.parse(access) as ClusterAccess,
    credentials: runtime.aws.credentials,
    token: runtime.kubernetesToken,
    clock: runtime.clock,
  })
  return { shared: open(), open }
})

/** By what it takes to reach it: a rotated CA or a moved endpoint makes a new one. */
const connectorOf = (runtime: Runtime, cluster: ReachableCluster) =>
  connectors(runtime, JSON.stringify(clusterAccess(cluster)))

/** The connection to a cluster's API, shared by all calls. */
export const clusterApi = (runtime: Runtime, cluster: ReachableCluster): Connection =>
  connectorOf(runtime, cluster).shared

/** The two ways to a cluster's API, for steps that ask more than one of its servers. */
export interface ClusterApis<Input> {
  /** The connection that all calls share; nobody closes it. */
  shared: (input: Input) => Connection
  /** A connection of its own, by which a load balancer may choose another API server; the caller closes it. */
  fresh: (input: Input) => Connection
}

export const clusterApis = (runtime: Runtime): ClusterApis<{ cluster: ReachableCluster }> => ({
  shared: ({ cluster }) => clusterApi(runtime, cluster),
  fresh: ({ cluster }) => connectorOf(runtime, cluster).open(),
})

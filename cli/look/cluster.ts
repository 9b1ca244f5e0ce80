import { clusters } from '../../adapters/eks/clusters.ts'
import { eks } from '../../adapters/eks/eks.ts'
import type { Connection } from '../../adapters/kubernetes/connection.ts'
import { workloadPath } from '../../adapters/kubernetes/workloads.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { isReachable, type ReachableCluster } from '../../core/cluster.ts'
import { AccessDenied, PreflightFailed } from '../../core/errors.ts'
import { nearestName } from '../../core/text/distance.ts'
import { firstOf } from '../../core/text/list.ts'
import type { WorkloadRef } from '../../core/workload/workload.ts'
import { invokedAs } from '../invoked.ts'

/** A cluster, by its name in a region. */
export interface ClusterPlace {
  cluster: string
  region: string
}

/** The cluster, where it answers. @throws PreflightFailed naming those that there are, where there is none of that name */
export const reachable = async (
  runtime: Runtime,
  { cluster: name, region }: ClusterPlace,
): Promise<ReachableCluster> => {
  const found = await eks(runtime, region).describeCluster(name)
  if (found && isReachable(found)) return found
  if (found)
    throw new PreflightFailed(`the cluster ${name} in ${region} is ${found.status} and does not answer yet`)
  const names = await clusters(runtime, region)
    .list()
    .catch(() => [])
  const near = nearestName(name, names)
  throw new PreflightFailed(
    `there is no cluster ${name} in ${region}${near ? `; did you mean ${near}?` : names.length > 0 ? `; there are ${firstOf(names, 10)}` : ''}`,
  )
}

/**
 * Whether a namespace is there; where nobody may ask, it is taken to be.
 * @param again the command line that would look into another one
 * @throws PreflightFailed with a command that works, where one can be given
 */
export const requireNamespace = async (
  connection: Connection,
  namespace: string,
  again?: (namespace: string) => string,
): Promise<void> => {
  const request = { version: 'v1', resource: 'namespaces' }
  try {
    if (await connection.find({ verb: 'get', ...request, name: namespace })) return
  } catch (error) {
    if (error instanceof AccessDenied) return
    throw error
  }
  const names = await connection
    .request<{ items: { metadata?: { name?: string } }[] }>({ verb: 'list', ...request })
    .then(({ items }) => items.flatMap(({ metadata }) => metadata?.name ?? []))
    .catch(() => [])
  const near = nearestName(namespace, names)
  throw new PreflightFailed(
    `there is no namespace ${namespace} on ${connection.cluster}${
      near
        ? `; did you mean ${near}?${again ? `\n  ${invokedAs()} ${again(near)}` : ''}`
        : names.length > 0
          ? `; there are ${firstOf(names, 15)}`
          : ''
    }`,
  )
}

/** The names of the workloads of a kind in a namespace; none where nobody may ask. */
export const workloadNames = async (
  connection: Connection,
  ref: WorkloadRef,
  namespace: string,
): Promise<string[]> => {
  const { name: _one, ...all } = workloadPath(ref, namespace)
  return connection
    .request<{ items: { metadata?: { name?: string } }[] }>({ verb: 'list', ...all })
    .then(({ items }) => items.flatMap(({ metadata }) => metadata?.name ?? []))
    .catch(() => [])
}

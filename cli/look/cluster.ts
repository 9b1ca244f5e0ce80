import { clusters } from '../../adapters/eks/clusters.ts'
import { eks } from '../../adapters/eks/eks.ts'
import type { Connection } from '../../adapters/kubernetes/connection.ts'
import { serviceAccount } from '../../adapters/kubernetes/inspect.ts'
import { workloadPath, workloads } from '../../adapters/kubernetes/workloads.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { beingMade, isBeingMade, isReachable, type ReachableCluster } from '../../core/cluster.ts'
import { AccessDenied, PreflightFailed } from '../../core/errors.ts'
import { dnsSubdomain } from '../../core/names.ts'
import { nearestName, orElse } from '../../core/text/distance.ts'
import {
  formatWorkloadRef,
  parseWorkloadRef,
  type WorkloadRef,
  workloadKinds,
} from '../../core/workload/workload.ts'
import { invokedAs } from '../invoked.ts'

/** A cluster, by its name in a region. */
export interface ClusterPlace {
  cluster: string
  region: string
}

/**
 * The cluster, where it answers.
 * @param wait what else could be done about one that is still being made
 * @throws PreflightFailed naming those that there are, where there is none of that name
 */
export const reachable = async (
  runtime: Runtime,
  { cluster: name, region }: ClusterPlace,
  wait = '',
): Promise<ReachableCluster> => {
  const found = await eks(runtime, region).describeCluster(name)
  if (found && isReachable(found)) return found
  if (found && isBeingMade(found))
    throw new PreflightFailed(
      `the cluster ${name} in ${region} is ${beingMade(found)}, and does not answer yet${wait}`,
    )
  if (found)
    throw new PreflightFailed(`the cluster ${name} in ${region} is ${found.status} and does not answer`)
  const names = await clusterNames(runtime, region)
  throw new PreflightFailed(`there is no cluster ${name} in ${region}${orElse(name, names)}`)
}

/** The names of the clusters in a region; none where nobody may ask. */
export const clusterNames = (runtime: Runtime, region: string): Promise<string[]> =>
  clusters(runtime, region)
    .list()
    .catch(() => [])

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
  const names = await namesOf(connection, request)
  const near = again && nearestName(namespace, names)
  throw new PreflightFailed(
    `there is no namespace ${namespace} on ${connection.cluster}${orElse(namespace, names, 15)}${near ? `\n  ${invokedAs()} ${again(near)}` : ''}`,
  )
}

/**
 * Whether a ServiceAccount is there; where nobody may ask, it is taken to be.
 * @throws PreflightFailed with those that there are in its namespace
 */
export const requireServiceAccount = async (
  connection: Connection,
  namespace: string,
  name: string,
): Promise<void> => {
  try {
    if (await serviceAccount(connection, namespace, name)) return
  } catch (error) {
    if (error instanceof AccessDenied) return
    throw error
  }
  const names = await serviceAccountNames(connection, namespace)
  throw new PreflightFailed(
    `there is no ServiceAccount ${name} in namespace ${namespace} on ${connection.cluster}${orElse(name, names)}`,
  )
}

/** The names of the ServiceAccounts in a namespace; none where nobody may ask. */
export const serviceAccountNames = (connection: Connection, namespace: string): Promise<string[]> =>
  namesOf(connection, { version: 'v1', resource: 'serviceaccounts', namespace })

/** A workload's name without its kind, as people type it. */
export const isBareWorkload = (workload: unknown): workload is string =>
  typeof workload === 'string' && workload.length <= 253 && dnsSubdomain.test(workload)

/**
 * The workload that a person has named, with its kind or, where there is only one of that name, without.
 * @param named `deployment/carts`, or `carts`
 * @throws PreflightFailed where there is none, or more than one
 */
export const requireWorkload = async (connection: Connection, namespace: string, named: string) => {
  const refs = isBareWorkload(named)
    ? workloadKinds.map((kind): WorkloadRef => ({ kind, name: named }))
    : [parseWorkloadRef(named)]
  const looked = await Promise.all(
    refs.map(async (ref) => ({ ref, workload: await workloads(connection).get(ref, namespace) })),
  )
  const found = looked.flatMap(({ ref, workload }) => (workload ? [{ ref, workload }] : []))
  const [only, another] = found
  if (only && !another) return only
  const place = `in namespace ${namespace} on ${connection.cluster}`
  if (only)
    throw new PreflightFailed(
      `there are ${found.map(({ ref }) => formatWorkloadRef(ref)).join(' and ')} ${place}: say which of them with --workload`,
    )
  await requireNamespace(connection, namespace)
  const names = await workloadNames(connection, namespace, refs)
  const what = isBareWorkload(named) ? `Deployment, DaemonSet or StatefulSet ${named}` : named
  throw new PreflightFailed(`there is no ${what} ${place}${orElseWorkload(refs, names)}`)
}

/** What ends a sentence about a workload that is not there. @param names those that there are: `deployment/carts` */
export const orElseWorkload = (refs: readonly WorkloadRef[], names: readonly string[]): string => {
  const near = refs.flatMap((ref) => nearestWorkload(ref, names) ?? [])[0]
  return near ? `; did you mean ${near}?` : orElse('', names)
}

const nearestWorkload = ({ kind, name }: WorkloadRef, names: readonly string[]): string | undefined => {
  const ofKind = names.filter((one) => one.startsWith(formatWorkloadRef({ kind, name: '' })))
  const near = nearestName(
    name,
    ofKind.map((one) => one.split('/')[1] ?? ''),
  )
  return near && formatWorkloadRef({ kind, name: near })
}

/** The workloads of these kinds in a namespace, as `deployment/carts`; none where nobody may ask. */
export const workloadNames = async (
  connection: Connection,
  namespace: string,
  kinds: readonly Pick<WorkloadRef, 'kind'>[] = workloadKinds.map((kind) => ({ kind })),
): Promise<string[]> => {
  const found = await Promise.all(
    kinds.map(async ({ kind }) => {
      const { name: _one, ...all } = workloadPath({ kind, name: '' }, namespace)
      return (await namesOf(connection, all)).map((name) => formatWorkloadRef({ kind, name }))
    }),
  )
  return found.flat()
}

const namesOf = (
  connection: Connection,
  place: { version: string; resource: string; namespace?: string },
): Promise<string[]> =>
  connection
    .request<{ items: { metadata?: { name?: string } }[] }>({ verb: 'list', ...place })
    .then(({ items }) => items.flatMap(({ metadata }) => metadata?.name ?? []))
    .catch(() => [])

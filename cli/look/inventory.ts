import { concurrently, together } from '../../adapters/concurrently.ts'
import { associationsOf } from '../../adapters/eks/associations.ts'
import { nodeRolesOf } from '../../adapters/eks/nodegroups.ts'
import type { Connection } from '../../adapters/kubernetes/connection.ts'
import { statusOf } from '../../adapters/kubernetes/errors.ts'
import { type Unseen, unseenBy } from '../../adapters/kubernetes/explain.ts'
import { configMapsOf } from '../../adapters/kubernetes/inspect.ts'
import { eachPage } from '../../adapters/kubernetes/pages.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { PodidError } from '../../core/errors.ts'
import {
  againstInLog,
  annotatedRole,
  type CountedNode,
  type CountedPod,
  countedNode,
  countedPod,
  type InventoryItem,
  inventoryOf,
} from '../../core/fleet/inventory.ts'
import type { ConfigMap, Job, Node, ObjectMeta, Pod, ServiceAccount } from '../../core/kubernetes.ts'
import { configMapsRead } from '../../core/workload/environment.ts'
import type { PodOwner } from '../../core/workload/others.ts'
import { clusterApi } from '../../functions/support/kubernetes.ts'
import { type ClusterPlace, reachable } from './cluster.ts'

/** What was found on one cluster. */
export interface ClusterInventory extends ClusterPlace {
  /** The account that the cluster is in. */
  account: string
  items: InventoryItem[]
  /** What could not be looked at, and what follows for the rows: one line each. */
  unseen: Unseen[]
}

const configMapsAtOnce = 8

/**
 * Reads what uses AWS how on a cluster, with the caller's own permissions; it changes nothing. Lists come in pages, and of
 * each pod only what the rows need is held.
 * @throws PodidError where the cluster does not answer, or its pods may not be listed
 */
export const takeInventory = async (
  runtime: Runtime,
  place: ClusterPlace,
  { logs = false }: { logs?: boolean } = {},
): Promise<ClusterInventory> => {
  const cluster = await reachable(runtime, place)
  const connection = clusterApi(runtime, cluster)
  const unseen: Unseen[] = []
  const asFarAs = async <Answer>(
    what: string,
    look: () => Promise<Answer>,
    none: Answer,
  ): Promise<Answer> => {
    try {
      return await look()
    } catch (error) {
      if (!(error instanceof PodidError)) throw error
      unseen.push(unseenBy(what, error))
      return none
    }
  }
  const sampled = new Map<string, SampledPod>()
  const [pods, associations, accounts, owners, nodes, nodeRoles] = await together([
    podsOf(connection, sampled),
    asFarAs('the associations', () => associationsOf(runtime, place.region, { cluster: place.cluster }), []),
    asFarAs('ServiceAccounts', () => rolesOfAccounts(connection), new Map<string, string>()),
    asFarAs('what made the pods', () => ownersIn(connection), []),
    asFarAs('nodes', () => nodesOf(connection), []),
    asFarAs(
      'the node groups',
      () => nodeRolesOf(runtime, place.region, place.cluster),
      new Map<string, string>(),
    ),
  ])
  const inLogs = logs
    ? await asFarAs('logs', () => logsAgainst(connection, sampled, unseen), new Map<string, string[]>())
    : new Map<string, string[]>()
  return {
    ...place,
    account: cluster.arn.split(':')[4] ?? '',
    items: inventoryOf({
      ...place,
      associations,
      annotatedRoles: accounts,
      pods,
      owners,
      nodes,
      nodeRoles,
      inLogs,
    }),
    unseen,
  }
}

/** One pod of what made it, whose logs stand for all. */
interface SampledPod {
  namespace: string
  name: string
  serviceAccount: string
  containers: string[]
}

/** Logs are long, and of some clusters there are thousands: only the end of one pod's is read for each ReplicaSet or the like. */
const mostLogs = { pods: 500, lines: '500', bytes: '65536' }
const logsAtOnce = 4

/** What logs say against Pod Identity, by `namespace/serviceAccount`. */
const logsAgainst = async (
  connection: Connection,
  sampled: ReadonlyMap<string, SampledPod>,
  unseen: Unseen[],
): Promise<Map<string, string[]>> => {
  const found = new Map<string, string[]>()
  const pods = [...sampled.values()]
  if (pods.length > mostLogs.pods)
    unseen.push({
      what: `the logs of ${pods.length - mostLogs.pods} more workloads`,
      why: `${mostLogs.pods} are read of a cluster`,
    })
  await concurrently(
    pods.slice(0, mostLogs.pods),
    logsAtOnce,
    async ({ namespace, name, serviceAccount, containers }) => {
      for (const container of containers) {
        const what = againstInLog(await logOf(connection, { namespace, name, container }))
        const place = `${namespace}/${serviceAccount}`
        if (what) return void found.set(place, [...(found.get(place) ?? []), what])
      }
    },
  )
  return found
}

const logOf = (
  connection: Connection,
  { namespace, name, container }: { namespace: string; name: string; container: string },
): Promise<string> =>
  connection
    .text({
      verb: 'get',
      version: 'v1',
      resource: 'pods',
      namespace,
      name,
      subresource: 'log',
      query: { container, tailLines: mostLogs.lines, limitBytes: mostLogs.bytes },
    })
    .catch((error: unknown) => {
      // The container has not started, or the pod is gone: there is no log.
      if ([400, 404].includes(statusOf(error) ?? 0)) return ''
      throw error
    })

const podsOf = async (connection: Connection, sampled: Map<string, SampledPod>): Promise<CountedPod[]> => {
  const read = new Map<string, ConfigMap[]>()
  const found = new Map<string, CountedPod>()
  await eachPage<Pod>(connection, { version: 'v1', resource: 'pods' }, async (pods) => {
    // Pods of one workload read the same ConfigMaps.
    const asked = new Map(
      pods.flatMap(({ metadata, spec }) => {
        const key = keyOf(metadata, spec)
        return spec && !read.has(key) ? [[key, { namespace: metadata?.namespace ?? '', spec }]] : []
      }),
    )
    await concurrently([...asked], configMapsAtOnce, async ([key, { namespace, spec }]) => {
      read.set(key, (await configMapsOf(connection, namespace, spec)).map(namesAndValues))
    })
    for (const pod of pods) {
      const counted = countedPod(pod, read.get(keyOf(pod.metadata, pod.spec)) ?? [])
      if (!counted) continue
      found.set(pod.metadata?.uid ?? '', counted)
      const { namespace, serviceAccount, owner } = counted
      const sample = `${namespace}/${serviceAccount}/${'bare' in owner ? owner.bare : owner.uid}`
      if (!sampled.has(sample))
        sampled.set(sample, {
          namespace,
          serviceAccount,
          name: pod.metadata?.name ?? '',
          containers: (pod.spec?.containers ?? []).map(({ name }) => name),
        })
    }
  })
  return [...found.values()]
}

const keyOf = (metadata: ObjectMeta | undefined, spec: Pod['spec']): string =>
  JSON.stringify([metadata?.namespace, spec ? configMapsRead(spec) : []])

/** A ConfigMap may have a megabyte; names of variables that SDKs and proxies go by are short, and so are their values. */
const namesAndValues = ({ metadata, data }: ConfigMap): ConfigMap => ({
  ...(metadata?.name ? { metadata: { name: metadata.name } } : {}),
  data: Object.fromEntries(
    Object.entries(data ?? {}).filter(([key, value]) => key.length <= 253 && value.length <= 4096),
  ),
})

const rolesOfAccounts = async (connection: Connection): Promise<Map<string, string>> => {
  const roles = new Map<string, string>()
  await eachPage<ServiceAccount>(connection, { version: 'v1', resource: 'serviceaccounts' }, (accounts) => {
    for (const account of accounts) {
      const annotated = annotatedRole(account)
      if (annotated) roles.set(...annotated)
    }
  })
  return roles
}

/** What stands between pods and the workload that a person knows. */
const ownersIn = async (connection: Connection): Promise<PodOwner[]> => {
  const owners: PodOwner[] = []
  const note = (kind: string) => (objects: Pick<Job, 'metadata'>[]) => {
    for (const { metadata } of objects)
      owners.push({
        kind,
        metadata: {
          ...(metadata?.uid ? { uid: metadata.uid } : {}),
          ...(metadata?.ownerReferences ? { ownerReferences: metadata.ownerReferences } : {}),
        },
      })
  }
  await together([
    eachPage(connection, { version: 'apps/v1', resource: 'replicasets' }, note('ReplicaSet')),
    eachPage(connection, { version: 'batch/v1', resource: 'jobs' }, note('Job')),
  ])
  return owners
}

const nodesOf = async (connection: Connection): Promise<CountedNode[]> => {
  const nodes = new Map<string, CountedNode>()
  await eachPage<Node>(connection, { version: 'v1', resource: 'nodes' }, (found) => {
    for (const node of found) nodes.set(node.metadata?.name ?? '', countedNode(node))
  })
  return [...nodes.values()]
}

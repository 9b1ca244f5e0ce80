import { concurrently, together } from '../../adapters/concurrently.ts'
import { associationsOf } from '../../adapters/eks/associations.ts'
import { clusters } from '../../adapters/eks/clusters.ts'
import { insideFor } from '../../adapters/fleet/inside.ts'
import type { Connection } from '../../adapters/kubernetes/connection.ts'
import { explaining, type Unseen } from '../../adapters/kubernetes/explain.ts'
import { configMapsOf } from '../../adapters/kubernetes/inspect.ts'
import { podsAndOwners } from '../../adapters/kubernetes/others.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import type { Config } from '../../core/config.ts'
import { PreflightFailed } from '../../core/errors.ts'
import { bindingsOn, byPatternOn, mayHaveBindings } from '../../core/fleet/expand/of-stage.ts'
import {
  type BindingStatus,
  bindingStatus,
  type DeclaredBinding,
  type PlacedAssociation,
} from '../../core/fleet/status.ts'
import type { ConfigMap, Pod, ServiceAccount } from '../../core/kubernetes.ts'
import { configMapsRead } from '../../core/workload/environment.ts'
import { clusterApi } from '../../functions/support/kubernetes.ts'
import { type ClusterPlace, reachable, requireNamespace } from './cluster.ts'

/** What is bound on one cluster, and what could not be looked at, one line each. */
export interface ClusterStatus {
  items: BindingStatus[]
  unseen: Unseen[]
}

export interface StatusQuestion extends ClusterPlace {
  /** All of them unless given. */
  namespace?: string | undefined
  config?: Config | undefined
  /** Whether the settings were named, and so have to be this account's. */
  named?: boolean
  /** The command line that would look into another namespace. */
  again: (namespace: string) => string
}

const configMapsAtOnce = 8

/** Looks at a cluster with the caller's own permissions; it changes nothing. */
export const lookAtCluster = async (runtime: Runtime, question: StatusQuestion): Promise<ClusterStatus> => {
  const { cluster: name, region, namespace } = question
  const connection = clusterApi(runtime, await reachable(runtime, question))
  if (namespace !== undefined) await requireNamespace(connection, namespace, question.again)
  const [associations, running, accounts, declared] = await together([
    associationsOf(runtime, region, { cluster: name, namespace }),
    podsAndOwners(connection, namespace),
    serviceAccountsIn(connection, namespace),
    declaredOn(runtime, connection, question),
  ])
  const seesPods = !running.unseen.some(({ what }) => what === 'pods')
  const configMaps = await readConfigMaps(connection, running.pods, associations)
  return {
    items: bindingStatus({
      cluster: name,
      region,
      associations,
      declared: declared.filter(({ binding }) => namespace === undefined || binding.namespace === namespace),
      serviceAccounts: accounts.answer,
      running: seesPods ? running : undefined,
      configMaps,
    }),
    unseen: [...running.unseen, ...accounts.unseen],
  }
}

const serviceAccountsIn = (connection: Connection, namespace: string | undefined) =>
  explaining(undefined, (ask) =>
    ask('serviceaccounts', async (signal) => {
      const { items } = await connection.request<{ items: ServiceAccount[] }>({
        verb: 'list',
        version: 'v1',
        resource: 'serviceaccounts',
        ...(namespace === undefined ? {} : { namespace }),
        signal,
      })
      return items
    }),
  )

/** The bindings of podid.yaml that are for the cluster; its tags are asked for only where a binding's name fits. */
const declaredOn = async (
  runtime: Runtime,
  connection: Connection,
  { cluster: name, region, config, named }: StatusQuestion,
): Promise<DeclaredBinding[]> => {
  if (!config || !mayHaveBindings(config, { name, region })) return []
  const cluster = await clusters(runtime, region).identify(name)
  if (!cluster) return []
  const { account } = cluster
  if (account === config.account) {
    const byPattern = byPatternOn(config, cluster)
    const inside = byPattern.length > 0 ? await insideFor(connection, byPattern) : undefined
    return bindingsOn(config, { ...cluster, inside }).bindings
  }
  // What lies in this folder by chance may be for another account.
  if (!named) return []
  throw new PreflightFailed(
    `the settings are for account ${config.account}, and the cluster ${name} is in ${account}`,
  )
}

/** Of pods whose ServiceAccount has an association: those of others do not matter here. */
const readConfigMaps = async (
  connection: Connection,
  pods: readonly Pod[],
  associations: readonly PlacedAssociation[],
): Promise<ConfigMap[]> => {
  const concerned = pods.filter(({ metadata, spec }) =>
    associations.some(
      ({ namespace, serviceAccount }) =>
        namespace === metadata?.namespace && serviceAccount === (spec?.serviceAccountName || 'default'),
    ),
  )
  // Pods of one workload read the same ones.
  const distinct = new Map(
    concerned.flatMap(({ metadata, spec }) =>
      spec ? [[JSON.stringify([metadata?.namespace, configMapsRead(spec)]), { metadata, spec }]] : [],
    ),
  )
  const read = await concurrently([...distinct.values()], configMapsAtOnce, ({ metadata, spec }) =>
    configMapsOf(connection, metadata?.namespace ?? 'default', spec),
  )
  return read.flat()
}

import {
  DescribeAddonCommand,
  DescribeClusterCommand,
  ListClustersCommand,
  type Cluster as SdkCluster,
} from '@aws-sdk/client-eks'
import { agentAddon } from '../../core/agent.ts'
import type { Cluster } from '../../core/cluster.ts'
import type { ClusterFacts } from '../../core/fleet/expand/select.ts'
import { isNamed, requiredMember, restateAwsError } from '../aws-errors.ts'
import type { Runtime } from '../runtime.ts'
import { eksClient } from './client.ts'
import { clusterFrom } from './cluster.ts'

/** A cluster as bindings are matched with it, and which of all that had its name it is. */
export interface KnownCluster extends ClusterFacts {
  arn: string
  /** RFC 3339: with the ARN it distinguishes a cluster from an earlier one of that name. */
  createdAt: string
}

export interface DescribedCluster {
  known: KnownCluster
  cluster: Cluster
}

/** The clusters of a region. */
export const clusters = (runtime: Runtime, region: string) => {
  const sdk = eksClient(runtime, region)
  const options = runtime.signal ? { abortSignal: runtime.signal } : {}

  const describe = async <As>(name: string, as: (cluster: SdkCluster) => As): Promise<As | undefined> => {
    try {
      const answer = await sdk.send(new DescribeClusterCommand({ name }), options)
      return as(requiredMember(answer.cluster, 'cluster'))
    } catch (error) {
      if (isNamed(error, 'ResourceNotFoundException')) return undefined
      throw restateAwsError(error, `describing cluster ${name}`)
    }
  }

  const knownFrom = (name: string, cluster: SdkCluster): KnownCluster => {
    const arn = requiredMember(cluster.arn, 'ARN of the cluster')
    return {
      name,
      region,
      account: arn.split(':')[4] ?? '',
      tags: cluster.tags ?? {},
      arn,
      createdAt: cluster.createdAt?.toISOString() ?? '',
    }
  }

  return {
    /** Every cluster's name. */
    list: async (): Promise<string[]> => {
      const names: string[] = []
      let nextToken: string | undefined
      try {
        do {
          const page = await sdk.send(new ListClustersCommand({ nextToken }), options)
          names.push(...requiredMember(page.clusters, 'list of clusters'))
          nextToken = page.nextToken
        } while (nextToken)
      } catch (error) {
        throw restateAwsError(error, `listing the clusters of ${region}`)
      }
      return names
    },
    /** The ARN of the Pod Identity agent's add-on; undefined where the cluster has none, or there is no such cluster. */
    agentArn: async (clusterName: string): Promise<string | undefined> => {
      try {
        const answer = await sdk.send(
          new DescribeAddonCommand({ clusterName, addonName: agentAddon }),
          options,
        )
        return requiredMember(answer.addon?.addonArn, 'ARN of the add-on')
      } catch (error) {
        if (isNamed(error, 'ResourceNotFoundException')) return undefined
        throw restateAwsError(error, `describing the add-on ${agentAddon} of ${clusterName}`)
      }
    },
    /** Which cluster it is, or undefined where there is none of that name. */
    identify: (name: string): Promise<KnownCluster | undefined> =>
      describe(name, (found) => knownFrom(name, found)),
    /** Which cluster it is, and how it stands, by one call; undefined where there is none of that name. */
    describe: (name: string): Promise<DescribedCluster | undefined> =>
      describe(name, (found) => ({ known: knownFrom(name, found), cluster: clusterFrom(name, found) })),
  }
}

export type Clusters = ReturnType<typeof clusters>

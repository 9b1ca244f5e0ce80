import { randomUUID } from 'node:crypto'
import type {
  DescribeUpdateRequest,
  DescribeUpdateResponse,
  Update,
  UpdateClusterConfigRequest,
  UpdateClusterConfigResponse,
  UpdateParam,
} from '@aws-sdk/client-eks'
import { setBounded } from '../../bounded.ts'
import type { Account } from '../account/account.ts'
import type { Cluster } from '../account/clusters.ts'
import { type Operations, operation } from '../operation.ts'
import {
  activeClusterNamed,
  clusterNamed,
  invalidParameter,
  invalidRequestException,
  resourceNotFound,
} from './support.ts'

/** Which modes a cluster may change to: access entries cannot be given up again, nor can the API. */
const nextModes: Readonly<Record<string, readonly string[]>> = {
  CONFIG_MAP: ['API_AND_CONFIG_MAP'],
  API_AND_CONFIG_MAP: ['API'],
  API: [],
}

/**
 * Changes of a cluster's configuration: its authentication mode, which cannot go back.
 * https://docs.aws.amazon.com/eks/latest/userguide/setting-up-access-entries.html
 */
export const updateOperations = (account: Account): Operations => ({
  UpdateClusterConfig: operation<UpdateClusterConfigRequest, UpdateClusterConfigResponse>()({
    // The same request again asks for the mode that the cluster already has.
    reads: ['name', 'clientRequestToken', 'accessConfig.authenticationMode'],
    resource: ({ name }) => account.clusterArn(name),
    subject: ({ name }) => name,
    handle: ({ name, accessConfig }) => {
      const cluster = activeClusterNamed(account, name)
      const wanted = accessConfig?.authenticationMode
      if (!wanted) throw invalidParameter('The type for cluster update was not provided.')
      if (cluster.status === 'UPDATING')
        throw invalidRequestException(`Cluster ${name} is already being updated`, { clusterName: name })
      if (!nextModes[cluster.authenticationMode]?.includes(wanted))
        throw invalidRequestException(
          `Unsupported authentication mode update from ${cluster.authenticationMode} to ${wanted}`,
          { clusterName: name },
        )
      cluster.status = 'UPDATING'
      account.clusterChanges.announce(cluster)
      const update = beginUpdate(account, cluster, 'AccessConfigUpdate', [
        { type: 'AuthenticationMode', value: JSON.stringify(wanted) },
      ])
      account.clock.after(account.behaviour.addonChangeMs, () => {
        Object.assign(cluster, { authenticationMode: wanted, status: 'ACTIVE' })
        update.status = 'Successful'
        account.clusterChanges.announce(cluster)
      })
      return { update: { ...update } }
    },
  }),
  DescribeUpdate: operation<DescribeUpdateRequest, DescribeUpdateResponse>()({
    reads: ['name', 'updateId'],
    resource: ({ name }) => account.clusterArn(name),
    subject: ({ name, updateId }) => `${name}/${updateId}`,
    handle: ({ name, updateId }) => {
      const update = clusterNamed(account, name).updates.get(updateId)
      if (!update) throw resourceNotFound(`No update found for ID: ${updateId}`, { clusterName: name })
      return { update }
    },
  }),
})

/** How many updates of a cluster can be described. */
const MOST_UPDATES = 1000

const beginUpdate = (
  account: Account,
  cluster: Cluster,
  type: 'AccessConfigUpdate',
  params: UpdateParam[],
): Update => {
  const update: Update = {
    id: randomUUID(),
    status: 'InProgress',
    type,
    params,
    createdAt: account.now(),
    errors: [],
  }
  setBounded(cluster.updates, update.id ?? '', update, MOST_UPDATES)
  return update
}

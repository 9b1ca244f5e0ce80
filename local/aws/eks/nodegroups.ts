import type {
  DescribeNodegroupRequest,
  DescribeNodegroupResponse,
  ListNodegroupsRequest,
  ListNodegroupsResponse,
  Nodegroup as NodegroupAnswer,
} from '@aws-sdk/client-eks'
import type { Account } from '../account/account.ts'
import type { Cluster, Nodegroup } from '../account/clusters.ts'
import { type Operations, operation } from '../operation.ts'
import { clusterNamed, eksPage, resourceNotFound } from './support.ts'

/** Managed node groups, which are there to be looked at. */
export const nodegroupOperations = (account: Account): Operations => ({
  ListNodegroups: operation<ListNodegroupsRequest, ListNodegroupsResponse>()({
    reads: ['clusterName', 'maxResults', 'nextToken'],
    resource: ({ clusterName }) => account.clusterArn(clusterName),
    subject: ({ clusterName }) => clusterName,
    handle: (input) => {
      const names = [...clusterNamed(account, input.clusterName).nodegroups.keys()].sort()
      const { items, nextToken } = eksPage(names, input)
      return { nodegroups: items, nextToken }
    },
  }),
  DescribeNodegroup: operation<DescribeNodegroupRequest, DescribeNodegroupResponse>()({
    reads: ['clusterName', 'nodegroupName'],
    resource: ({ clusterName, nodegroupName }) =>
      account.clusters.get(clusterName)?.nodegroups.get(nodegroupName)?.arn ??
      `arn:${account.partition}:eks:${account.region}:${account.accountId}:nodegroup/${clusterName}/${nodegroupName}/*`,
    subject: ({ clusterName, nodegroupName }) => `${clusterName}/${nodegroupName}`,
    handle: ({ clusterName, nodegroupName }) => {
      const cluster = clusterNamed(account, clusterName)
      const nodegroup = cluster.nodegroups.get(nodegroupName)
      if (!nodegroup)
        throw resourceNotFound(`No node group found for name: ${nodegroupName}.`, {
          clusterName,
          nodegroupName,
        })
      return { nodegroup: describe(cluster, nodegroup) }
    },
  }),
})

const describe = (cluster: Cluster, nodegroup: Nodegroup): NodegroupAnswer => ({
  nodegroupName: nodegroup.name,
  nodegroupArn: nodegroup.arn,
  clusterName: cluster.name,
  version: cluster.version,
  createdAt: nodegroup.createdAt,
  modifiedAt: nodegroup.createdAt,
  status: 'ACTIVE',
  capacityType: 'ON_DEMAND',
  scalingConfig: { minSize: nodegroup.size, maxSize: nodegroup.size, desiredSize: nodegroup.size },
  instanceTypes: ['m5.large'],
  subnets: cluster.vpc.subnetIds,
  amiType: 'AL2023_x86_64_STANDARD',
  nodeRole: nodegroup.roleArn,
  diskSize: 20,
  health: { issues: [] },
  tags: nodegroup.tags,
})

import type {
  Cluster as ClusterAnswer,
  CreateClusterRequest,
  CreateClusterResponse,
  DeleteClusterRequest,
  DeleteClusterResponse,
  DescribeClusterRequest,
  DescribeClusterResponse,
  ListClustersRequest,
  ListClustersResponse,
} from '@aws-sdk/client-eks'
import { domainOf } from '../../../core/partitions/partitions.ts'
import type { Account } from '../account/account.ts'
import type { Cluster, ToldConfig } from '../account/clusters.ts'
import { type Operations, operation } from '../operation.ts'
import {
  ClientTokens,
  clusterNamed,
  eksPage,
  invalidParameter,
  passRole,
  requestTagContext,
  requireTagging,
  resourceInUse,
} from './support.ts'

const CLUSTER_NAME = /^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$/

/** Clusters: create, describe, list, delete. */
export const clusterOperations = (account: Account, tokens = new ClientTokens()): Operations => ({
  CreateCluster: operation<CreateClusterRequest, CreateClusterResponse>()({
    reads: [
      'name',
      'roleArn',
      'version',
      'clientRequestToken',
      'tags',
      'resourcesVpcConfig.subnetIds',
      'resourcesVpcConfig.securityGroupIds',
      'resourcesVpcConfig.endpointPublicAccess',
      'resourcesVpcConfig.endpointPrivateAccess',
      'resourcesVpcConfig.publicAccessCidrs',
      'kubernetesNetworkConfig.ipFamily',
      'kubernetesNetworkConfig.serviceIpv4Cidr',
      'kubernetesNetworkConfig.elasticLoadBalancing',
      'accessConfig',
      'computeConfig',
      'storageConfig',
      'logging',
      'upgradePolicy',
      // A cluster begins without add-ons here, whatever this says.
      'bootstrapSelfManagedAddons',
    ],
    resource: ({ name }) => account.clusterArn(name),
    context: requestTagContext,
    subject: ({ name }) => name,
    handle: (input, caller) => {
      const earlier = account.clusters.get(tokens.earlier(input) ?? '')
      if (earlier) return { cluster: describe(earlier) }
      if (!CLUSTER_NAME.test(input.name))
        throw invalidParameter(
          "The cluster name must start with a letter or digit and can have any of the following characters: letters, digits, '-' and '_'",
        )
      const autoMode = isAutoMode(input)
      caller.require(passRole(input.roleArn, 'eks.amazonaws.com'))
      requireTagging(caller, account.clusterArn(input.name), input.tags)
      if (account.clusters.has(input.name))
        throw resourceInUse(`Cluster already exists with name: ${input.name}`, { clusterName: input.name })
      const cluster = account.addCluster({
        name: input.name,
        status: 'CREATING',
        roleArn: input.roleArn,
        tags: input.tags ?? {},
        autoMode,
        authenticationMode: input.accessConfig?.authenticationMode ?? 'CONFIG_MAP',
        ...(input.version === undefined ? {} : { version: input.version }),
        ...(input.kubernetesNetworkConfig?.ipFamily === undefined
          ? {}
          : { ipFamily: input.kubernetesNetworkConfig.ipFamily }),
      })
      const { subnetIds, securityGroupIds } = input.resourcesVpcConfig
      if (subnetIds) cluster.vpc.subnetIds = subnetIds
      if (securityGroupIds) cluster.vpc.securityGroupIds = securityGroupIds
      cluster.told = toldBy(input)
      tokens.remember(input, cluster.name)
      if (input.accessConfig?.bootstrapClusterCreatorAdminPermissions !== false)
        account.addAccessEntry(cluster.name, {
          principalArn: account.identityArn(caller.principal),
          clusterPolicies: ['AmazonEKSClusterAdminPolicy'],
        })
      account.clusterChanges.announce(cluster)
      finishLater(account, cluster)
      return { cluster: describe(cluster) }
    },
  }),
  DescribeCluster: operation<DescribeClusterRequest, DescribeClusterResponse>()({
    reads: ['name'],
    resource: ({ name }) => account.clusterArn(name),
    subject: ({ name }) => name,
    handle: ({ name }) => ({ cluster: describe(clusterNamed(account, name)) }),
  }),
  ListClusters: operation<ListClustersRequest, ListClustersResponse>()({
    reads: ['maxResults', 'nextToken', 'include'],
    resource: () => account.clusterArn('*'),
    handle: (input) => {
      const { items, nextToken } = eksPage([...account.clusters.keys()].sort(), input)
      return { clusters: items, nextToken }
    },
  }),
  DeleteCluster: operation<DeleteClusterRequest, DeleteClusterResponse>()({
    reads: ['name'],
    resource: ({ name }) => account.clusterArn(name),
    subject: ({ name }) => name,
    handle: ({ name }) => {
      const cluster = clusterNamed(account, name)
      cluster.status = 'DELETING'
      account.clusterChanges.announce(cluster)
      account.clock.after(account.behaviour.clusterCreationMs / 2, () => {
        for (const association of account.associations.list(name)) account.associations.delete(association.id)
        account.clusters.delete(name)
      })
      return { cluster: describe(cluster) }
    },
  }),
})

/**
 * Auto Mode takes over nodes, disks and load balancers together.
 * https://docs.aws.amazon.com/eks/latest/userguide/automode-get-started-cli.html
 * The sentence: https://github.com/kubernetes-sigs/cluster-api-provider-aws/issues/5278
 */
const isAutoMode = ({
  computeConfig,
  storageConfig,
  kubernetesNetworkConfig,
}: CreateClusterRequest): boolean => {
  const parts = [
    computeConfig?.enabled,
    storageConfig?.blockStorage?.enabled,
    kubernetesNetworkConfig?.elasticLoadBalancing?.enabled,
  ].map((enabled) => enabled ?? false)
  if (new Set(parts).size > 1)
    throw invalidParameter(
      'For EKS Auto Mode, please ensure that all required configs, including computeConfig, kubernetesNetworkConfig, and blockStorage are all either fully enabled or fully disabled.',
    )
  return parts[0] ?? false
}

const toldBy = (input: CreateClusterRequest): ToldConfig => {
  const { endpointPublicAccess, endpointPrivateAccess, publicAccessCidrs } = input.resourcesVpcConfig ?? {}
  const { serviceIpv4Cidr, elasticLoadBalancing } = input.kubernetesNetworkConfig ?? {}
  const { computeConfig, storageConfig, logging, upgradePolicy } = input
  const given = {
    ...{ endpointPublicAccess, endpointPrivateAccess, publicAccessCidrs, serviceIpv4Cidr },
    ...{ elasticLoadBalancing, computeConfig, storageConfig, logging, upgradePolicy },
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

const finishLater = (account: Account, cluster: Cluster): void => {
  account.clock.after(account.behaviour.clusterCreationMs, () => {
    if (cluster.status !== 'CREATING') return
    cluster.endpoint = `https://${cluster.oidcIssuer.split('/').at(-1)}.gr7.${account.region}.eks.${domainOf(account.region)}`
    cluster.status = 'ACTIVE'
    Object.assign(cluster, account.behaviour.clusterOutcome(cluster.name))
    account.clusterChanges.announce(cluster)
  })
}

/** What DescribeCluster says; endpoint, CA and issuer are not there yet while the cluster is being made. */
const describe = (cluster: Cluster): ClusterAnswer => {
  const ready = cluster.status !== 'CREATING'
  const { told } = cluster
  return {
    name: cluster.name,
    arn: cluster.arn,
    createdAt: cluster.createdAt,
    version: cluster.version,
    endpoint: ready ? cluster.endpoint : undefined,
    roleArn: cluster.roleArn,
    resourcesVpcConfig: {
      subnetIds: cluster.vpc.subnetIds,
      securityGroupIds: cluster.vpc.securityGroupIds,
      vpcId: cluster.vpc.vpcId,
      endpointPublicAccess: told.endpointPublicAccess ?? true,
      endpointPrivateAccess: told.endpointPrivateAccess ?? false,
      publicAccessCidrs: told.publicAccessCidrs ?? ['0.0.0.0/0'],
    },
    kubernetesNetworkConfig: {
      ...(cluster.ipFamily === 'ipv6'
        ? { serviceIpv6Cidr: 'fd30:1c53:5f8a::/108', ipFamily: 'ipv6' }
        : { serviceIpv4Cidr: told.serviceIpv4Cidr ?? '172.20.0.0/16', ipFamily: 'ipv4' }),
      ...(cluster.autoMode ? { elasticLoadBalancing: told.elasticLoadBalancing ?? { enabled: true } } : {}),
    },
    logging: told.logging ?? {
      clusterLogging: [
        { types: ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'], enabled: false },
      ],
    },
    identity: ready ? { oidc: { issuer: cluster.oidcIssuer } } : undefined,
    status: cluster.status,
    certificateAuthority: ready ? { data: cluster.certificateAuthority } : {},
    platformVersion: cluster.platformVersion,
    tags: cluster.tags,
    health: { issues: [] },
    accessConfig: { authenticationMode: cluster.authenticationMode },
    upgradePolicy: told.upgradePolicy ?? { supportType: 'EXTENDED' },
    deletionProtection: false,
    ...(cluster.autoMode
      ? {
          computeConfig: told.computeConfig ?? { enabled: true, nodePools: ['general-purpose', 'system'] },
          storageConfig: told.storageConfig ?? { blockStorage: { enabled: true } },
        }
      : {}),
  }
}

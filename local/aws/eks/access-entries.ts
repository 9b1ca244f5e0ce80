import type {
  AccessEntry as AccessEntryAnswer,
  AssociateAccessPolicyRequest,
  AssociateAccessPolicyResponse,
  AssociatedAccessPolicy,
  CreateAccessEntryRequest,
  CreateAccessEntryResponse,
  DeleteAccessEntryRequest,
  DeleteAccessEntryResponse,
  DescribeAccessEntryRequest,
  DescribeAccessEntryResponse,
  DisassociateAccessPolicyRequest,
  DisassociateAccessPolicyResponse,
  ListAccessEntriesRequest,
  ListAccessEntriesResponse,
  ListAccessPoliciesRequest,
  ListAccessPoliciesResponse,
  ListAssociatedAccessPoliciesRequest,
  ListAssociatedAccessPoliciesResponse,
  UpdateAccessEntryRequest,
  UpdateAccessEntryResponse,
} from '@aws-sdk/client-eks'
import type { Account } from '../account/account.ts'
import { type AccessEntry, accessPolicyArn, type Cluster } from '../account/clusters.ts'
import { type Operations, operation } from '../operation.ts'
import {
  ClientTokens,
  clusterNamed,
  eksPage,
  invalidParameter,
  invalidRequestException,
  requestTagContext,
  requireTagging,
  resourceInUse,
  resourceNotFound,
} from './support.ts'

/** https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html */
const accessPolicies = [
  'AmazonAIOpsAssistantPolicy',
  'AmazonARCRegionSwitchScalingPolicy',
  'AmazonEKSAdminPolicy',
  'AmazonEKSAdminViewPolicy',
  'AmazonEKSAutoNodePolicy',
  'AmazonEKSBlockStorageClusterPolicy',
  'AmazonEKSBlockStoragePolicy',
  'AmazonEKSClusterAdminPolicy',
  'AmazonEKSClusterInsightsPolicy',
  'AmazonEKSComputeClusterPolicy',
  'AmazonEKSComputePolicy',
  'AmazonEKSEditPolicy',
  'AmazonEKSHybridPolicy',
  'AmazonEKSLoadBalancingClusterPolicy',
  'AmazonEKSLoadBalancingPolicy',
  'AmazonEKSNetworkingClusterPolicy',
  'AmazonEKSNetworkingPolicy',
  'AmazonEKSViewPolicy',
]

interface EntryKey {
  clusterName: string
  principalArn: string
}

/** Access entries and the access policies associated with them. */
export const accessEntryOperations = (account: Account): Operations => {
  const arnOf = ({ clusterName, principalArn }: EntryKey): string => {
    const entry = account.clusters.get(clusterName)?.accessEntries.get(principalArn)
    const kind = principalArn.includes(':role/') ? 'role' : 'user'
    const name = principalArn.split('/').at(-1)
    const absent = `${clusterName}/${kind}/${account.accountId}/${name}/*`
    return (
      entry?.arn ??
      `arn:${account.partition}:eks:${account.region}:${account.accountId}:access-entry/${absent}`
    )
  }
  const tokens = new ClientTokens()
  const subject = (key: EntryKey): string => `${key.clusterName}/${key.principalArn}`

  return {
    ListAccessPolicies: operation<ListAccessPoliciesRequest, ListAccessPoliciesResponse>()({
      reads: ['maxResults', 'nextToken'],
      resource: () => '*',
      handle: (input) => {
        const { items, nextToken } = eksPage(accessPolicies, input)
        return {
          accessPolicies: items.map((name) => ({ name, arn: accessPolicyArn(account, name) })),
          nextToken,
        }
      },
    }),
    CreateAccessEntry: operation<CreateAccessEntryRequest, CreateAccessEntryResponse>()({
      reads: [
        'clusterName',
        'principalArn',
        'kubernetesGroups',
        'tags',
        'clientRequestToken',
        'username',
        'type',
      ],
      resource: ({ clusterName }) => account.clusterArn(clusterName),
      context: (input) => ({
        ...requestTagContext(input),
        'eks:principalArn': input.principalArn,
        'eks:kubernetesGroups': input.kubernetesGroups ?? [],
        'eks:accessEntryType': input.type ?? 'STANDARD',
        // Only what a request says; the name that EKS gives by itself is not asked about.
        ...(input.username === undefined ? {} : { 'eks:username': input.username }),
      }),
      subject,
      handle: (input, caller) => {
        const cluster = clusterOpenToEntries(account, input.clusterName)
        const earlier = cluster.accessEntries.get(tokens.earlier(input) ?? '')
        if (earlier) return { accessEntry: describe(cluster, earlier) }
        requireTagging(caller, arnOf(input), input.tags)
        if (!account.principalId(input.principalArn))
          throw invalidParameter('The specified principalArn is invalid: invalid principal.')
        checkGroups(input.kubernetesGroups)
        if (cluster.accessEntries.has(input.principalArn))
          throw resourceInUse('The specified access entry resource is already in use on this cluster.')
        const entry = account.addAccessEntry(cluster.name, {
          principalArn: input.principalArn,
          kubernetesGroups: input.kubernetesGroups ?? [],
          tags: input.tags ?? {},
          ...(input.username === undefined ? {} : { username: input.username }),
          ...(input.type === undefined ? {} : { type: input.type }),
        })
        tokens.remember(input, entry.principalArn)
        return { accessEntry: describe(cluster, entry) }
      },
    }),
    DescribeAccessEntry: operation<DescribeAccessEntryRequest, DescribeAccessEntryResponse>()({
      reads: ['clusterName', 'principalArn'],
      resource: arnOf,
      subject,
      handle: (input) => {
        const cluster = clusterOpenToEntries(account, input.clusterName)
        return { accessEntry: describe(cluster, entryOf(cluster, input)) }
      },
    }),
    ListAccessEntries: operation<ListAccessEntriesRequest, ListAccessEntriesResponse>()({
      reads: ['clusterName', 'associatedPolicyArn', 'maxResults', 'nextToken'],
      resource: ({ clusterName }) => account.clusterArn(clusterName),
      subject: ({ clusterName }) => clusterName,
      handle: (input) => {
        const entries = [...clusterOpenToEntries(account, input.clusterName).accessEntries.values()]
          .filter(({ policies }) => !input.associatedPolicyArn || policies.has(input.associatedPolicyArn))
          .map(({ principalArn }) => principalArn)
        const { items, nextToken } = eksPage(entries, input)
        return { accessEntries: items, nextToken }
      },
    }),
    UpdateAccessEntry: operation<UpdateAccessEntryRequest, UpdateAccessEntryResponse>()({
      reads: ['clusterName', 'principalArn', 'kubernetesGroups', 'clientRequestToken', 'username'],
      resource: arnOf,
      subject,
      handle: (input) => {
        const cluster = clusterOpenToEntries(account, input.clusterName)
        const entry = entryOf(cluster, input)
        checkGroups(input.kubernetesGroups)
        if (input.kubernetesGroups) entry.kubernetesGroups = input.kubernetesGroups
        if (input.username) entry.username = input.username
        entry.modifiedAt = account.now()
        return { accessEntry: describe(cluster, entry) }
      },
    }),
    DeleteAccessEntry: operation<DeleteAccessEntryRequest, DeleteAccessEntryResponse>()({
      reads: ['clusterName', 'principalArn'],
      resource: arnOf,
      subject,
      handle: (input) => {
        const cluster = clusterOpenToEntries(account, input.clusterName)
        cluster.accessEntries.delete(entryOf(cluster, input).principalArn)
        return {}
      },
    }),
    AssociateAccessPolicy: operation<AssociateAccessPolicyRequest, AssociateAccessPolicyResponse>()({
      reads: ['clusterName', 'principalArn', 'policyArn', 'accessScope'],
      resource: arnOf,
      subject,
      handle: (input) => {
        const entry = entryOf(clusterOpenToEntries(account, input.clusterName), input)
        const { type = 'cluster', namespaces = [] } = input.accessScope
        if (!input.policyArn.startsWith(accessPolicyArn(account, '')))
          throw invalidParameter('The policyArn parameter format is not valid')
        if ((type === 'namespace') !== namespaces.length > 0)
          throw invalidParameter(
            'Namespaces must be given for, and only for, the access scope type namespace',
          )
        const associatedAt = entry.policies.get(input.policyArn)?.associatedAt ?? account.now()
        const policy = { scope: { type, namespaces }, associatedAt, modifiedAt: account.now() }
        entry.policies.set(input.policyArn, policy)
        return {
          clusterName: input.clusterName,
          principalArn: entry.principalArn,
          associatedAccessPolicy: describePolicy([input.policyArn, policy]),
        }
      },
    }),
    DisassociateAccessPolicy: operation<DisassociateAccessPolicyRequest, DisassociateAccessPolicyResponse>()({
      reads: ['clusterName', 'principalArn', 'policyArn'],
      resource: arnOf,
      subject,
      handle: (input) => {
        const entry = entryOf(clusterOpenToEntries(account, input.clusterName), input)
        if (!entry.policies.delete(input.policyArn))
          throw resourceNotFound('The specified access policy is not associated with the access entry.')
        return {}
      },
    }),
    ListAssociatedAccessPolicies: operation<
      ListAssociatedAccessPoliciesRequest,
      ListAssociatedAccessPoliciesResponse
    >()({
      reads: ['clusterName', 'principalArn', 'maxResults', 'nextToken'],
      resource: arnOf,
      subject,
      handle: (input) => {
        const entry = entryOf(clusterOpenToEntries(account, input.clusterName), input)
        const { items, nextToken } = eksPage([...entry.policies], input)
        const associatedAccessPolicies = items.map(describePolicy)
        return {
          clusterName: input.clusterName,
          principalArn: entry.principalArn,
          associatedAccessPolicies,
          nextToken,
        }
      },
    }),
  }
}

const clusterOpenToEntries = (account: Account, name: string): Cluster => {
  const cluster = clusterNamed(account, name)
  if (cluster.authenticationMode === 'CONFIG_MAP')
    throw invalidRequestException(
      "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.",
    )
  return cluster
}

const entryOf = (cluster: Cluster, { principalArn }: EntryKey): AccessEntry => {
  const entry = cluster.accessEntries.get(principalArn)
  if (!entry)
    throw resourceNotFound(
      "The specified principalArn could not be found. You can view your available access entries with 'list-access-entries'.",
    )
  return entry
}

const checkGroups = (groups: readonly string[] = []): void => {
  const reserved = groups.find((group) => /^(system|eks|aws|amazon|iam):/.test(group))
  if (reserved)
    throw invalidParameter(
      `The kubernetes group name ${reserved} is invalid, it cannot start with a reserved prefix`,
    )
}

const describe = (cluster: Cluster, entry: AccessEntry): AccessEntryAnswer => ({
  clusterName: cluster.name,
  principalArn: entry.principalArn,
  kubernetesGroups: entry.kubernetesGroups,
  accessEntryArn: entry.arn,
  createdAt: entry.createdAt,
  modifiedAt: entry.modifiedAt,
  tags: entry.tags,
  username: entry.username,
  type: entry.type,
})

const describePolicy = ([policyArn, { scope, associatedAt, modifiedAt }]: readonly [
  string,
  { scope: { type: 'cluster' | 'namespace'; namespaces: string[] }; associatedAt: Date; modifiedAt: Date },
]): AssociatedAccessPolicy => ({ policyArn, accessScope: scope, associatedAt, modifiedAt })

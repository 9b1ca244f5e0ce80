import { agentAddon } from '../../../core/agent.ts'
import { podIdentityService } from '../../../core/names.ts'
import type { Account } from '../../aws/index.ts'

/** The names the workshop uses. */
export const workshop = {
  cluster: 'eks-workshop',
  namespace: 'carts',
  serviceAccount: 'carts',
  role: 'eks-workshop-carts-dynamo',
  table: 'eks-workshop-carts',
  /** The index that the carts service queries. */
  index: 'idx_global_customerId',
  nodeRole: 'eksctl-eks-workshop-nodegroup-defa-NodeInstanceRole-vniVa7QtOHXO',
  /** The nodes' addresses and zones. */
  nodes: [
    { address: '10.42.100.65', zone: 'us-west-2a' },
    { address: '10.42.131.101', zone: 'us-west-2b' },
    { address: '10.42.172.22', zone: 'us-west-2c' },
  ],
} as const

export const tableArn = (account: Pick<Account, 'partition' | 'region' | 'accountId'>): string =>
  `arn:${account.partition}:dynamodb:${account.region}:${account.accountId}:table/${workshop.table}`

export const roleArn = (account: Pick<Account, 'partition' | 'accountId'>): string =>
  `arn:${account.partition}:iam::${account.accountId}:role/${workshop.role}`

/** The trust policy as the page shows it. */
export const podIdentityTrust = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: podIdentityService },
      Action: ['sts:AssumeRole', 'sts:TagSession'],
    },
  ],
}

/** The role's policy as the page shows it, key by key. */
const cartsPolicy = (account: Pick<Account, 'partition' | 'region' | 'accountId'>) => ({
  Statement: [
    {
      Action: 'dynamodb:*',
      Effect: 'Allow',
      Resource: [tableArn(account), `${tableArn(account)}/index/*`],
      Sid: 'AllAPIActionsOnCart',
    },
  ],
  Version: '2012-10-17',
})

const trustOf = (service: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
})

/** What the page's `prepare-environment` has made in the account: roles, the policy, the cluster with the agent. */
export const seedAccount = (account: Account, admin: string): void => {
  const clusterRole = account.addRole({
    name: `${workshop.cluster}-cluster`,
    trust: trustOf('eks.amazonaws.com'),
  })
  account.addRole({
    name: workshop.nodeRole,
    trust: trustOf('ec2.amazonaws.com'),
    inline: {
      'node-basics': {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: [
              'eks-auth:AssumeRoleForPodIdentity',
              'ec2:DescribeInstances',
              'ecr:GetAuthorizationToken',
            ],
            Resource: '*',
          },
        ],
      },
    },
  })
  const policy = account.addPolicy({ name: workshop.role, versions: [cartsPolicy(account)] })
  account.addRole({ name: workshop.role, trust: podIdentityTrust, attached: [policy.arn] })
  account.addCluster({ name: workshop.cluster, version: '1.33', roleArn: clusterRole.arn })
  account.addNodegroup(workshop.cluster, {
    name: 'default',
    roleArn: `arn:${account.partition}:iam::${account.accountId}:role/${workshop.nodeRole}`,
    size: workshop.nodes.length,
  })
  account.addAddon(workshop.cluster, { name: agentAddon })
  account.addAccessEntry(workshop.cluster, {
    principalArn: admin,
    clusterPolicies: ['AmazonEKSClusterAdminPolicy'],
  })
}

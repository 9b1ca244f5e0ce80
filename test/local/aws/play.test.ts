import {
  CreateAccessEntryCommand,
  CreateClusterCommand,
  CreatePodIdentityAssociationCommand,
  DescribeClusterCommand,
  DescribeNodegroupCommand,
  DescribeUpdateCommand,
  ListAccessPoliciesCommand,
  ListNodegroupsCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateClusterConfigCommand,
} from '@aws-sdk/client-eks'
import {
  AttachRolePolicyCommand,
  CreatePolicyVersionCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetUserCommand,
  ListEntitiesForPolicyCommand,
  ListPoliciesCommand,
  type ListPoliciesCommandInput,
  ListRoleTagsCommand,
  UntagRoleCommand,
} from '@aws-sdk/client-iam'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AwsStandIn, startAws } from '../../../local/aws/index.ts'
import { virtualClock } from '../../../local/clock.ts'
import { podIdentityTrust } from '../../../local/scenarios/workshop/account.ts'
import { allow, clientsOf, lambdaTrust } from './support.ts'

let aws: AwsStandIn
let clock: ReturnType<typeof virtualClock>
let eks: ReturnType<typeof clientsOf>['eks']
let iam: ReturnType<typeof clientsOf>['iam']
const clusterName = 'shop'
beforeEach(async () => {
  clock = virtualClock()
  aws = await startAws({ clock })
  ;({ eks, iam } = clientsOf(aws))
})
afterEach(() => aws.close())

const role = (name: string) => `arn:aws:iam::${aws.account}:role/${name}`

describe('EKS', () => {
  const automatic = {
    name: 'auto',
    roleArn: 'arn:aws:iam::123456789012:role/cluster',
    resourcesVpcConfig: { subnetIds: ['subnet-1', 'subnet-2'], endpointPrivateAccess: true },
    bootstrapSelfManagedAddons: false,
    accessConfig: { authenticationMode: 'API' as const },
    computeConfig: {
      enabled: true,
      nodePools: ['general-purpose'],
      nodeRoleArn: 'arn:aws:iam::123456789012:role/nodes',
    },
    kubernetesNetworkConfig: { elasticLoadBalancing: { enabled: true } },
    storageConfig: { blockStorage: { enabled: true } },
  }

  it('makes a cluster in Auto Mode, and tells what was said of it', async () => {
    aws.state.addRole({ name: 'cluster', trust: lambdaTrust })
    await eks.send(new CreateClusterCommand(automatic))
    expect(aws.state.clusters.get('auto')?.autoMode).toBe(true)
    const { computeConfig, storageConfig, kubernetesNetworkConfig } = automatic
    expect((await eks.send(new DescribeClusterCommand({ name: 'auto' }))).cluster).toMatchObject({
      computeConfig,
      storageConfig,
      kubernetesNetworkConfig: { ...kubernetesNetworkConfig, serviceIpv4Cidr: '172.20.0.0/16' },
      resourcesVpcConfig: { endpointPublicAccess: true, endpointPrivateAccess: true },
    })
  })

  it('wants all of Auto Mode, or nothing of it', async () => {
    const { storageConfig: _, ...rest } = automatic
    await expect(eks.send(new CreateClusterCommand(rest))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringContaining('all either fully enabled or fully disabled'),
    })
  })

  it('lists the access policies', async () => {
    const { accessPolicies = [] } = await eks.send(new ListAccessPoliciesCommand({}))
    expect(accessPolicies).toContainEqual({
      name: 'AmazonEKSClusterAdminPolicy',
      arn: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy',
    })
  })

  it('connects a cluster: access entries need another authentication mode, which cannot go back', async () => {
    aws.state.addCluster({ name: clusterName, authenticationMode: 'CONFIG_MAP' })
    aws.state.addRole({ name: 'podid-dev-check-agent', trust: lambdaTrust })
    const entry = new CreateAccessEntryCommand({
      clusterName,
      principalArn: role('podid-dev-check-agent'),
      kubernetesGroups: ['podid:agent'],
    })
    await expect(eks.send(entry)).rejects.toMatchObject({ name: 'InvalidRequestException' })
    const change = (authenticationMode: 'API' | 'CONFIG_MAP' | 'API_AND_CONFIG_MAP') =>
      eks.send(new UpdateClusterConfigCommand({ name: clusterName, accessConfig: { authenticationMode } }))
    const { update } = await change('API_AND_CONFIG_MAP')
    expect(update).toMatchObject({ status: 'InProgress', type: 'AccessConfigUpdate' })
    const describeCluster = () => eks.send(new DescribeClusterCommand({ name: clusterName }))
    expect((await describeCluster()).cluster?.status).toBe('UPDATING')
    await clock.advance(60_000)
    const followed = new DescribeUpdateCommand({ name: clusterName, updateId: update?.id })
    expect((await eks.send(followed)).update?.status).toBe('Successful')
    expect((await describeCluster()).cluster).toMatchObject({
      status: 'ACTIVE',
      accessConfig: { authenticationMode: 'API_AND_CONFIG_MAP' },
    })
    expect((await eks.send(entry)).accessEntry?.kubernetesGroups).toEqual(['podid:agent'])
    for (const mode of ['CONFIG_MAP', 'API_AND_CONFIG_MAP'] as const)
      await expect(change(mode)).rejects.toMatchObject({
        name: 'InvalidRequestException',
        message: `Unsupported authentication mode update from API_AND_CONFIG_MAP to ${mode}`,
      })
  })

  it('makes a cluster as it was asked to', async () => {
    aws.state.addRole({ name: 'cluster', trust: lambdaTrust })
    const { cluster } = await eks.send(
      new CreateClusterCommand({
        name: clusterName,
        roleArn: role('cluster'),
        resourcesVpcConfig: { subnetIds: ['subnet-1', 'subnet-2'], securityGroupIds: ['sg-1'] },
        kubernetesNetworkConfig: { ipFamily: 'ipv6' },
      }),
    )
    expect(cluster).toMatchObject({
      resourcesVpcConfig: { subnetIds: ['subnet-1', 'subnet-2'], securityGroupIds: ['sg-1'] },
      kubernetesNetworkConfig: { ipFamily: 'ipv6' },
    })
  })

  it('shows node groups', async () => {
    aws.state.addCluster({ name: clusterName })
    aws.state.addNodegroup(clusterName, { name: 'default', roleArn: role('node'), size: 3 })
    expect((await eks.send(new ListNodegroupsCommand({ clusterName }))).nodegroups).toEqual(['default'])
    const described = new DescribeNodegroupCommand({ clusterName, nodegroupName: 'default' })
    expect((await eks.send(described)).nodegroup).toMatchObject({
      nodeRole: role('node'),
      scalingConfig: { desiredSize: 3 },
      status: 'ACTIVE',
    })
    await expect(
      eks.send(new DescribeNodegroupCommand({ clusterName, nodegroupName: 'other' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  })

  it('keeps the tags of whatever has an ARN', async () => {
    const cluster = aws.state.addCluster({ name: clusterName, tags: { a: '1' } })
    const addon = aws.state.addAddon(clusterName, { name: 'eks-pod-identity-agent' })
    for (const { arn: resourceArn } of [cluster, addon]) {
      await eks.send(new TagResourceCommand({ resourceArn, tags: { team: 'shop', b: '2' } }))
      await eks.send(new UntagResourceCommand({ resourceArn, tagKeys: ['b'] }))
      const { tags } = await eks.send(new ListTagsForResourceCommand({ resourceArn }))
      expect(tags).toEqual({ ...(resourceArn === cluster.arn ? { a: '1' } : {}), team: 'shop' })
    }
    await expect(
      eks.send(new ListTagsForResourceCommand({ resourceArn: `${cluster.arn}-2` })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  })

  it('takes no association beyond the quota', async () => {
    aws.state.addCluster({ name: clusterName })
    const roleArn = aws.state.addRole({ name: 'carts', trust: podIdentityTrust }).arn
    expect(aws.state.quotas.associationsPerCluster).toBe(5000)
    aws.state.quotas.associationsPerCluster = 1
    const create = (serviceAccount: string) =>
      eks.send(
        new CreatePodIdentityAssociationCommand({ clusterName, namespace: 'n', serviceAccount, roleArn }),
      )
    await create('one')
    await expect(create('two')).rejects.toMatchObject({ name: 'ResourceLimitExceededException' })
  })
})

describe('IAM', () => {
  const readOnly = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess'

  it('carries a few AWS managed policies, and says of others that it does not carry them', async () => {
    aws.state.addRole({ name: 'carts', trust: podIdentityTrust })
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'carts', PolicyArn: readOnly }))
    const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn: readOnly }))
    expect(Policy).toMatchObject({ PolicyName: 'AmazonS3ReadOnlyAccess', AttachmentCount: 1 })
    const version = new GetPolicyVersionCommand({ PolicyArn: readOnly, VersionId: 'v1' })
    expect(decodeURIComponent((await iam.send(version)).PolicyVersion?.Document ?? '')).toContain('s3:Get*')
    expect(aws.can(aws.state.session(role('carts'), 's'), 's3:GetObject', '*')).toEqual({ allowed: true })
    const PolicyArn = 'arn:aws:iam::aws:policy/AmazonVPCFullAccess'
    await expect(iam.send(new GetPolicyCommand({ PolicyArn }))).rejects.toMatchObject({
      name: 'NotImplemented',
      message: expect.stringMatching(/does not carry the AWS managed policy .*; it carries .*ReadOnlyAccess/),
      $metadata: { httpStatusCode: 501 },
    })
    await expect(
      iam.send(new AttachRolePolicyCommand({ RoleName: 'carts', PolicyArn })),
    ).rejects.toMatchObject({ name: 'NotImplemented' })
    const change = { PolicyArn: readOnly, PolicyDocument: JSON.stringify(allow('s3:*')) }
    await expect(iam.send(new CreatePolicyVersionCommand(change))).rejects.toMatchObject({
      name: 'AccessDenied',
    })
  })

  it('lists policies by owner and use', async () => {
    const { arn } = aws.state.addPolicy({ name: 'own', path: '/shop/', versions: [allow('*')] })
    aws.state.addRole({ name: 'carts', trust: podIdentityTrust, boundary: arn })
    const list = async (input: ListPoliciesCommandInput) =>
      (await iam.send(new ListPoliciesCommand(input))).Policies?.map(({ PolicyName }) => PolicyName)
    expect(await list({ Scope: 'Local' })).toEqual(['own'])
    expect(await list({ Scope: 'AWS' })).toContain('AdministratorAccess')
    expect(await list({ PathPrefix: '/shop/' })).toEqual(['own'])
    expect(await list({ PolicyUsageFilter: 'PermissionsBoundary' })).toEqual(['own'])
    expect(await list({ PolicyUsageFilter: 'PermissionsPolicy' })).toEqual([])
  })

  it('says who uses a policy', async () => {
    const { arn: PolicyArn } = aws.state.addPolicy({ name: 'own', versions: [allow('*')] })
    aws.state.addRole({ name: 'attached', trust: podIdentityTrust, attached: [PolicyArn] })
    aws.state.addRole({ name: 'bounded', trust: podIdentityTrust, boundary: PolicyArn })
    const users = async (change: object) =>
      (await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn, ...change }))).PolicyRoles?.map(
        ({ RoleName }) => RoleName,
      )
    expect(await users({})).toEqual(['attached', 'bounded'])
    expect(await users({ PolicyUsageFilter: 'PermissionsBoundary' })).toEqual(['bounded'])
    expect(await users({ EntityFilter: 'User' })).toEqual([])
  })

  it('takes tags from a role', async () => {
    aws.state.addRole({ name: 'carts', trust: podIdentityTrust, tags: { a: '1', b: '2' } })
    await iam.send(new UntagRoleCommand({ RoleName: 'carts', TagKeys: ['a', 'none'] }))
    expect((await iam.send(new ListRoleTagsCommand({ RoleName: 'carts' }))).Tags).toEqual([
      { Key: 'b', Value: '2' },
    ])
    expect((await iam.send(new GetRoleCommand({ RoleName: 'carts' }))).Role?.Tags).toHaveLength(1)
  })

  it('answers users who they are', async () => {
    expect((await iam.send(new GetUserCommand({}))).User).toMatchObject({ UserName: 'admin', Path: '/' })
    expect((await iam.send(new GetUserCommand({ UserName: 'admin' }))).User?.Arn).toBe(
      `arn:aws:iam::${aws.account}:user/admin`,
    )
    await expect(iam.send(new GetUserCommand({ UserName: 'me' }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
    })
    const { arn } = aws.state.addRole({ name: 'carts', trust: podIdentityTrust, inline: { a: allow('*') } })
    const session = clientsOf(aws, aws.sessionFor(arn)).iam
    await expect(session.send(new GetUserCommand({}))).rejects.toMatchObject({ name: 'ValidationError' })
  })
})

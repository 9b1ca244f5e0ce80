import {
  AssociateAccessPolicyCommand,
  CreateAccessEntryCommand,
  CreateAddonCommand,
  CreateClusterCommand,
  DeleteAccessEntryCommand,
  DeleteAddonCommand,
  DeleteClusterCommand,
  DescribeAccessEntryCommand,
  DescribeAddonCommand,
  DescribeAddonVersionsCommand,
  DescribeClusterCommand,
  DisassociateAccessPolicyCommand,
  type EKSClient,
  ListAccessEntriesCommand,
  ListAddonsCommand,
  ListAssociatedAccessPoliciesCommand,
  ListClustersCommand,
  paginateListClusters,
  UpdateAccessEntryCommand,
  UpdateAddonCommand,
} from '@aws-sdk/client-eks'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AwsStandIn, startAws } from '../../../../local/aws/index.ts'
import { type VirtualClock, virtualClock } from '../../../../local/clock.ts'
import { podIdentityTrust } from '../../../../local/scenarios/workshop/account.ts'
import { clientsOf, lambdaTrust } from '../support.ts'

const agent = { clusterName: 'eks-workshop', addonName: 'eks-pod-identity-agent' }

describe('EKS', () => {
  let aws: AwsStandIn
  let eks: EKSClient
  let clock: VirtualClock
  beforeEach(async () => {
    clock = virtualClock()
    aws = await startAws({ clock })
    eks = clientsOf(aws).eks
    aws.state.addCluster({
      name: 'eks-workshop',
      endpoint: 'https://127.0.0.1:6443',
      certificateAuthority: 'Q0E=',
    })
  })
  afterEach(async () => {
    clock.stop()
    await aws.close()
  })

  describe('clusters', () => {
    const create = (name: string) => {
      const { arn } = aws.state.addRole({ name: 'cluster', trust: lambdaTrust })
      return eks.send(
        new CreateClusterCommand({ name, roleArn: arn, resourcesVpcConfig: { subnetIds: ['subnet-1'] } }),
      )
    }
    const read = async (name: string) => (await eks.send(new DescribeClusterCommand({ name }))).cluster

    it('describes one that runs', async () => {
      expect(await read('eks-workshop')).toMatchObject({
        status: 'ACTIVE',
        arn: 'arn:aws:eks:us-west-2:123456789012:cluster/eks-workshop',
        endpoint: 'https://127.0.0.1:6443',
        certificateAuthority: { data: 'Q0E=' },
        createdAt: expect.any(Date),
        accessConfig: { authenticationMode: 'API_AND_CONFIG_MAP' },
      })
    })

    it('takes minutes to make one, and has no endpoint before', async () => {
      const statuses: unknown[] = []
      aws.state.clusterChanges.subscribe(({ status }) => statuses.push(status))
      aws.state.behaviour = { ...aws.state.behaviour, clusterCreationMs: 8 * 60_000 }
      const { cluster } = await create('fresh')
      expect(cluster).toMatchObject({
        status: 'CREATING',
        accessConfig: { authenticationMode: 'CONFIG_MAP' },
      })
      expect(cluster).not.toHaveProperty('endpoint')
      await clock.sleep(8 * 60_000 + 1)
      expect(await read('fresh')).toMatchObject({
        status: 'ACTIVE',
        endpoint: expect.stringMatching(/^https:/),
      })
      expect(statuses).toEqual(['CREATING', 'ACTIVE'])
    })

    it('may fail to make one', async () => {
      aws.state.behaviour = { ...aws.state.behaviour, clusterOutcome: () => ({ status: 'FAILED' }) }
      await create('doomed')
      await clock.sleep(10 * 60_000)
      expect(await read('doomed')).toMatchObject({ status: 'FAILED' })
    })

    it('deletes one with all that it holds', async () => {
      aws.state.addAssociation({
        clusterName: 'eks-workshop',
        namespace: 'a',
        serviceAccount: 'b',
        roleArn: 'c',
      })
      const { cluster } = await eks.send(new DeleteClusterCommand({ name: 'eks-workshop' }))
      expect(cluster).toMatchObject({ status: 'DELETING' })
      await clock.sleep(10 * 60_000)
      await expect(read('eks-workshop')).rejects.toMatchObject({
        name: 'ResourceNotFoundException',
        message: 'No cluster found for name: eks-workshop.',
        clusterName: 'eks-workshop',
        $metadata: { httpStatusCode: 404 },
      })
      expect(aws.associations.list('eks-workshop')).toEqual([])
    })

    it('refuses names that are taken or malformed', async () => {
      await expect(create('eks-workshop')).rejects.toMatchObject({ name: 'ResourceInUseException' })
      await expect(create('-x')).rejects.toMatchObject({ name: 'InvalidParameterException' })
    })

    it('lists them by pages', async () => {
      for (const name of ['a', 'b', 'c']) aws.state.addCluster({ name })
      const pages: unknown[] = []
      for await (const { clusters } of paginateListClusters({ client: eks, pageSize: 3 }, {}))
        pages.push(clusters)
      expect(pages).toEqual([['a', 'b', 'c'], ['eks-workshop']])
    })

    it('knows a token that it did not give', async () => {
      await expect(eks.send(new ListClustersCommand({ nextToken: 'forged' }))).rejects.toMatchObject({
        name: 'InvalidParameterException',
      })
    })

    it('wants page sizes from 1 to 100', async () => {
      const pages = paginateListClusters({ client: eks, pageSize: 101 }, {})
      await expect(pages.next()).rejects.toMatchObject({
        name: 'InvalidParameterException',
        message: expect.stringContaining('Member must have value less than or equal to 100'),
      })
    })
  })

  describe('add-ons', () => {
    const read = async () => (await eks.send(new DescribeAddonCommand(agent))).addon

    it('installs one, which takes a while, and says so on the event bus', async () => {
      const { addon } = await eks.send(new CreateAddonCommand(agent))
      expect(addon).toMatchObject({
        status: 'CREATING',
        addonVersion: 'v1.3.10-eksbuild.2',
        health: { issues: [] },
      })
      await clock.sleep(60_000)
      expect(await read()).toMatchObject({ status: 'ACTIVE' })
      expect(aws.bus.published.at(-1)).toMatchObject({
        source: 'aws.eks',
        'detail-type': 'EKS Addon Creation Succeeded',
        resources: [addon?.addonArn],
      })
      await expect(eks.send(new CreateAddonCommand(agent))).rejects.toMatchObject({
        name: 'ResourceInUseException',
        message: 'Addon already exists.',
      })
    })

    it('answers a retried request with what it made the first time', async () => {
      const once = { ...agent, clientRequestToken: 'once' }
      const { addon } = await eks.send(new CreateAddonCommand(once))
      const again = await eks.send(new CreateAddonCommand(once))
      expect(again.addon?.addonArn).toBe(addon?.addonArn)
    })

    it('owns the associations that it came with, and takes them along', async () => {
      const trust = podIdentityTrust
      const { arn: roleArn } = aws.state.addRole({ name: 'cni', trust })
      const own = { serviceAccount: 'aws-node', roleArn }
      const cni = { clusterName: 'eks-workshop', addonName: 'vpc-cni' }
      const { addon } = await eks.send(new CreateAddonCommand({ ...cni, podIdentityAssociations: [own] }))
      const [association] = aws.associations.list('eks-workshop')
      expect(association).toMatchObject({ ...own, namespace: 'kube-system', ownerArn: addon?.addonArn })
      expect(addon?.podIdentityAssociations).toEqual([association?.arn])
      await eks.send(new DeleteAddonCommand(cni))
      await clock.sleep(60_000)
      expect(aws.associations.list('eks-workshop')).toEqual([])
    })

    it('has the associations that an update names, and no others', async () => {
      const trust = podIdentityTrust
      const { arn: roleArn } = aws.state.addRole({ name: 'cni', trust })
      const { arn: otherRole } = aws.state.addRole({ name: 'other', trust })
      const before = { serviceAccount: 'aws-node', roleArn }
      const after = { serviceAccount: 'aws-node', roleArn: otherRole }
      const gone = { serviceAccount: 'gone', roleArn }
      const made = { serviceAccount: 'made', roleArn }
      const cni = { clusterName: 'eks-workshop', addonName: 'vpc-cni' }
      await eks.send(new CreateAddonCommand({ ...cni, podIdentityAssociations: [before, gone] }))
      const changes: unknown[] = []
      aws.associations.changes.subscribe(({ kind, association }) =>
        changes.push([kind, association.serviceAccount, association.roleArn]),
      )
      await eks.send(new UpdateAddonCommand({ ...cni, podIdentityAssociations: [after, made] }))
      expect(aws.associations.list('eks-workshop')).toMatchObject([after, made])
      expect(changes).toEqual([
        ['deleted', 'gone', roleArn],
        ['updated', 'aws-node', otherRole],
        ['created', 'made', roleArn],
      ])
    })

    it('may end degraded, with its issues', async () => {
      const issue = { code: 'InsufficientNumberOfReplicas' as const, message: 'no nodes' }
      aws.state.behaviour = {
        ...aws.state.behaviour,
        addonOutcome: () => ({ status: 'DEGRADED', issues: [issue] }),
      }
      await eks.send(new CreateAddonCommand(agent))
      await clock.sleep(60_000)
      expect(await read()).toMatchObject({ status: 'DEGRADED', health: { issues: [issue] } })
      expect(aws.bus.published.at(-1)).toMatchObject({ 'detail-type': 'EKS Addon Creation Failed' })
    })

    it('updates and deletes', async () => {
      aws.state.addAddon('eks-workshop', { name: agent.addonName, version: 'v1.3.4-eksbuild.1' })
      const changed: unknown[] = []
      aws.state.addonChanges.subscribe(({ status, version }) => changed.push([status, version]))
      const update = new UpdateAddonCommand({ ...agent, addonVersion: 'v1.3.8-eksbuild.2' })
      expect((await eks.send(update)).update).toMatchObject({ status: 'InProgress', type: 'AddonUpdate' })
      await clock.sleep(60_000)
      expect(changed).toEqual([
        ['UPDATING', 'v1.3.8-eksbuild.2'],
        ['ACTIVE', 'v1.3.8-eksbuild.2'],
      ])
      expect((await eks.send(new DeleteAddonCommand(agent))).addon).toMatchObject({ status: 'DELETING' })
      await clock.sleep(60_000)
      await expect(read()).rejects.toMatchObject({
        name: 'ResourceNotFoundException',
        message: 'No addon: eks-pod-identity-agent found in cluster: eks-workshop',
      })
    })

    it('lists what is installed and what is on offer', async () => {
      aws.state.addAddon('eks-workshop', { name: 'vpc-cni' })
      const { addons } = await eks.send(new ListAddonsCommand({ clusterName: 'eks-workshop' }))
      expect(addons).toEqual(['vpc-cni'])
      const offered = await eks.send(new DescribeAddonVersionsCommand({ addonName: agent.addonName }))
      expect(offered.addons?.[0]?.addonVersions?.[0]).toMatchObject({
        addonVersion: 'v1.3.10-eksbuild.2',
        compatibilities: [{ defaultVersion: true }],
      })
    })

    const refusals: [why: string, change: object, error: object][] = [
      ['unknown', { addonName: 'nonsense' }, { name: 'InvalidParameterException' }],
      [
        'a version that is not on offer',
        { addonVersion: 'v9' },
        { message: 'Addon version specified is not supported' },
      ],
      ['no cluster', { clusterName: 'nowhere' }, { name: 'ResourceNotFoundException' }],
      ['a cluster that is being made', { clusterName: 'fresh' }, { name: 'InvalidRequestException' }],
    ]
    it.each(refusals)('refuses to install: %s', async (_why, change, error) => {
      aws.state.addCluster({ name: 'fresh', status: 'CREATING' })
      await expect(eks.send(new CreateAddonCommand({ ...agent, ...change }))).rejects.toMatchObject(error)
    })
  })

  describe('access entries', () => {
    const clusterName = 'eks-workshop'
    const admin = 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy'

    it('lets a role in, widens what it may, and shuts it out', async () => {
      const { arn: principalArn } = aws.state.addRole({ name: 'deployer', trust: lambdaTrust })
      const key = { clusterName, principalArn }
      const created = await eks.send(new CreateAccessEntryCommand({ ...key, kubernetesGroups: ['podid'] }))
      expect(created.accessEntry).toMatchObject({
        ...key,
        type: 'STANDARD',
        kubernetesGroups: ['podid'],
        username: 'arn:aws:sts::123456789012:assumed-role/deployer/{{SessionName}}',
        accessEntryArn: expect.stringMatching(
          /^arn:aws:eks:us-west-2:123456789012:access-entry\/eks-workshop\/role\/123456789012\/deployer\//,
        ),
      })
      await expect(eks.send(new CreateAccessEntryCommand(key))).rejects.toMatchObject({
        name: 'ResourceInUseException',
      })
      const accessScope = { type: 'namespace' as const, namespaces: ['carts'] }
      await eks.send(new AssociateAccessPolicyCommand({ ...key, policyArn: admin, accessScope }))
      const { associatedAccessPolicies } = await eks.send(new ListAssociatedAccessPoliciesCommand(key))
      expect(associatedAccessPolicies).toMatchObject([{ policyArn: admin, accessScope }])
      const listed = await eks.send(new ListAccessEntriesCommand({ clusterName, associatedPolicyArn: admin }))
      expect(listed.accessEntries).toEqual([principalArn])
      await eks.send(new DisassociateAccessPolicyCommand({ ...key, policyArn: admin }))
      const updated = await eks.send(new UpdateAccessEntryCommand({ ...key, kubernetesGroups: ['other'] }))
      expect(updated.accessEntry?.kubernetesGroups).toEqual(['other'])
      await eks.send(new DeleteAccessEntryCommand(key))
      await expect(eks.send(new DescribeAccessEntryCommand(key))).rejects.toMatchObject({
        name: 'ResourceNotFoundException',
        message: expect.stringContaining('The specified principalArn could not be found'),
      })
    })

    it('wants a principal that exists, and groups that are free', async () => {
      const nobody = { clusterName, principalArn: 'arn:aws:iam::123456789012:role/nobody' }
      await expect(eks.send(new CreateAccessEntryCommand(nobody))).rejects.toMatchObject({
        name: 'InvalidParameterException',
      })
      const { arn: principalArn } = aws.state.addRole({ name: 'deployer', trust: lambdaTrust })
      const masters = { clusterName, principalArn, kubernetesGroups: ['system:masters'] }
      await expect(eks.send(new CreateAccessEntryCommand(masters))).rejects.toMatchObject({
        name: 'InvalidParameterException',
      })
    })

    it('needs an authentication mode with access entries', async () => {
      aws.state.addCluster({ name: 'old', authenticationMode: 'CONFIG_MAP' })
      await expect(eks.send(new ListAccessEntriesCommand({ clusterName: 'old' }))).rejects.toMatchObject({
        name: 'InvalidRequestException',
        message:
          "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.",
      })
    })
  })
})

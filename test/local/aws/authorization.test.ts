import {
  CreatePodIdentityAssociationCommand,
  DescribeClusterCommand,
  DescribePodIdentityAssociationCommand,
  ListPodIdentityAssociationsCommand,
} from '@aws-sdk/client-eks'
import { GetRoleCommand } from '@aws-sdk/client-iam'
import { AssumeRoleCommand } from '@aws-sdk/client-sts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AwsStandIn, startAws } from '../../../local/aws/index.ts'
import { podIdentityTrust } from '../../../local/scenarios/workshop/account.ts'
import { allow, clientsOf, lambdaTrust } from './support.ts'

const cluster = 'arn:aws:eks:us-west-2:123456789012:cluster/eks-workshop'

describe('authorization', () => {
  let aws: AwsStandIn
  beforeEach(async () => {
    aws = await startAws()
    aws.state.addCluster({ name: 'eks-workshop' })
    aws.state.addRole({ name: 'carts', trust: podIdentityTrust })
  })
  afterEach(() => aws.close())

  const signedInWith = (
    inline: Record<string, object>,
    extra: { boundary?: string; policy?: object } = {},
  ) => {
    const { policy, ...seed } = extra
    const { arn } = aws.state.addRole({ name: 'function', trust: lambdaTrust, inline, ...seed })
    return clientsOf(aws, aws.sessionFor(arn, { sessionName: 'run', ...(policy ? { policy } : {}) }))
  }
  const who = 'User: arn:aws:sts::123456789012:assumed-role/function/run is not authorized to perform:'

  it('asks for the action on the resource that the service names', async () => {
    const { eks } = signedInWith({ read: allow('eks:DescribeCluster', cluster) })
    await eks.send(new DescribeClusterCommand({ name: 'eks-workshop' }))
    await expect(
      eks.send(new ListPodIdentityAssociationsCommand({ clusterName: 'eks-workshop' })),
    ).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `${who} eks:ListPodIdentityAssociations on resource: ${cluster}`,
      $metadata: { httpStatusCode: 403 },
    })
    const other = { action: 'eks:DescribePodIdentityAssociation', name: 'AccessDeniedException' }
    await expect(
      eks.send(
        new DescribePodIdentityAssociationCommand({ clusterName: 'eks-workshop', associationId: 'a-1' }),
      ),
    ).rejects.toMatchObject({
      name: other.name,
      message: `${who} ${other.action} on resource: arn:aws:eks:us-west-2:123456789012:podidentityassociation/eks-workshop/a-1`,
    })
  })

  it("words IAM's denials as IAM does", async () => {
    const { iam } = signedInWith({})
    await expect(iam.send(new GetRoleCommand({ RoleName: 'carts' }))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: `${who} iam:GetRole on resource: role carts because no identity-based policy allows the iam:GetRole action`,
      $metadata: { httpStatusCode: 403 },
    })
  })

  const create = {
    clusterName: 'eks-workshop',
    namespace: 'carts',
    serviceAccount: 'carts',
    roleArn: 'arn:aws:iam::123456789012:role/carts',
  }
  const passTo = (service: string) => ({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: create.roleArn,
        Condition: { StringEquals: { 'iam:PassedToService': service } },
      },
    ],
  })
  const passing: [why: string, policies: Record<string, object>, allowed: boolean][] = [
    ['no iam:PassRole', {}, false],
    ['iam:PassRole on the role', { pass: allow('iam:PassRole', create.roleArn) }, true],
    ['iam:PassRole on another role', { pass: allow('iam:PassRole', `${create.roleArn}-2`) }, false],
    ['to the service of pods', { pass: passTo('pods.eks.amazonaws.com') }, true],
    ['to another service', { pass: passTo('lambda.amazonaws.com') }, false],
  ]
  it.each(passing)('an association hands over a role: %s', async (_why, policies, allowed) => {
    const { eks } = signedInWith({ create: allow('eks:CreatePodIdentityAssociation', cluster), ...policies })
    const attempt = eks.send(new CreatePodIdentityAssociationCommand(create))
    if (allowed) return void (await attempt)
    await expect(attempt).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `${who} iam:PassRole on resource: ${create.roleArn} because no identity-based policy allows the iam:PassRole action`,
    })
    expect(aws.associations.list('eks-workshop')).toEqual([])
  })

  it('asks for eks:TagResource where something is created with tags', async () => {
    const policies = {
      create: allow('eks:CreatePodIdentityAssociation', cluster),
      pass: allow('iam:PassRole', create.roleArn),
    }
    const tags = { team: 'shop' }
    const without = signedInWith(policies)
    await expect(
      without.eks.send(new CreatePodIdentityAssociationCommand({ ...create, tags })),
    ).rejects.toMatchObject({ message: expect.stringContaining(`${who} eks:TagResource on resource: `) })
    const onlyTeams = {
      Effect: 'Allow',
      Action: 'eks:TagResource',
      Resource: 'arn:aws:eks:*:*:podidentityassociation/*',
      Condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] } },
    }
    const tag = { Version: '2012-10-17', Statement: [onlyTeams] }
    const { eks } = signedInWith({ ...policies, tag })
    await expect(
      eks.send(new CreatePodIdentityAssociationCommand({ ...create, tags: { ...tags, owner: 'me' } })),
    ).rejects.toMatchObject({ name: 'AccessDeniedException' })
    await eks.send(new CreatePodIdentityAssociationCommand({ ...create, tags }))
  })

  it('stops at the permissions boundary, which may have been deleted', async () => {
    const { arn } = aws.state.addPolicy({ name: 'bounds', versions: [allow('eks:*')] })
    const { iam, eks } = signedInWith({ all: allow('*') }, { boundary: arn })
    await eks.send(new DescribeClusterCommand({ name: 'eks-workshop' }))
    await expect(iam.send(new GetRoleCommand({ RoleName: 'carts' }))).rejects.toMatchObject({
      message: expect.stringContaining('because no permissions boundary allows the iam:GetRole action'),
    })
    aws.state.policies.delete(arn)
    await expect(eks.send(new DescribeClusterCommand({ name: 'eks-workshop' }))).rejects.toThrow(who)
  })

  it('stops at the session policy', async () => {
    const { iam } = signedInWith({ all: allow('*') }, { policy: allow('eks:*') })
    await expect(iam.send(new GetRoleCommand({ RoleName: 'carts' }))).rejects.toMatchObject({
      message: expect.stringContaining('because no session policy allows the iam:GetRole action'),
    })
  })

  it('applies an explicit deny first', async () => {
    const deny = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: 'iam:Get*', Resource: '*' }] }
    const { arn } = aws.state.addPolicy({ name: 'bounds', versions: [allow('eks:*')] })
    const { iam } = signedInWith({ all: allow('*'), deny }, { boundary: arn })
    await expect(iam.send(new GetRoleCommand({ RoleName: 'carts' }))).rejects.toMatchObject({
      message: `${who} iam:GetRole on resource: role carts with an explicit deny in an identity-based policy`,
    })
  })

  it('takes a condition key that no request carries for absent, not for unknown', async () => {
    const throughVpc = {
      Effect: 'Deny',
      Action: '*',
      Resource: '*',
      Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-1' } },
    }
    const { iam } = signedInWith({
      all: allow('*'),
      deny: { Version: '2012-10-17', Statement: [throughVpc] },
    })
    await expect(iam.send(new GetRoleCommand({ RoleName: 'carts' }))).resolves.toBeDefined()
  })

  it('uses the default version of an attached policy', async () => {
    const seed = { name: 'read', versions: [allow('eks:ListClusters'), allow('iam:GetRole')] }
    const policy = aws.state.addPolicy(seed)
    const { arn } = aws.state.addRole({ name: 'reader', trust: lambdaTrust, attached: [policy.arn] })
    const { iam } = clientsOf(aws, aws.sessionFor(arn))
    await expect(iam.send(new GetRoleCommand({ RoleName: 'carts' }))).rejects.toThrow('iam:GetRole')
    policy.defaultVersion = 'v2'
    await expect(iam.send(new GetRoleCommand({ RoleName: 'carts' }))).resolves.toBeDefined()
  })

  it('remembers what everybody needed', async () => {
    const { eks } = signedInWith({ read: allow('eks:DescribeCluster', cluster) })
    await eks.send(new DescribeClusterCommand({ name: 'eks-workshop' }))
    await eks
      .send(new DescribePodIdentityAssociationCommand({ clusterName: 'eks-workshop', associationId: 'a-1' }))
      .catch(() => undefined)
    const principal = 'arn:aws:iam::123456789012:role/function'
    expect(aws.authorizations).toEqual([
      { principal, action: 'eks:DescribeCluster', resource: cluster, decision: 'allowed' },
      expect.objectContaining({
        principal,
        action: 'eks:DescribePodIdentityAssociation',
        decision: 'implicitDeny',
      }),
    ])
  })

  const admin = 'arn:aws:iam::123456789012:user/admin'
  const trusting = (AWS: string, extra: object = {}) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole', ...extra }],
  })
  const denyAll = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] }
  const external = { Condition: { StringEquals: { 'sts:ExternalId': 'secret' } } }
  const assuming: [
    why: string,
    trust: object,
    own: string[],
    externalId: string | undefined,
    allowed: boolean,
  ][] = [
    ['trusts only a service', lambdaTrust, ['sts:AssumeRole'], undefined, false],
    ['names the caller', trusting('arn:aws:iam::123456789012:role/function'), [], undefined, true],
    [
      'names the caller, who is denied it',
      trusting('arn:aws:iam::123456789012:role/function'),
      ['deny'],
      undefined,
      false,
    ],
    ['names somebody else', trusting(admin), ['sts:AssumeRole'], undefined, false],
    ['delegates to the account, caller may', trusting('123456789012'), ['sts:AssumeRole'], undefined, true],
    ['delegates to the account, caller may not', trusting('123456789012'), [], undefined, false],
    ['wants an external id, gets it', trusting('123456789012', external), ['sts:*'], 'secret', true],
    ['wants an external id, gets none', trusting('123456789012', external), ['sts:*'], undefined, false],
  ]
  it.each(assuming)('AssumeRole: the role %s', async (_why, trust, own, externalId, allowed) => {
    const target = aws.state.addRole({ name: 'target', trust, inline: { read: allow('iam:GetRole') } })
    const policies = own.map((action): [string, object] =>
      action === 'deny' ? ['deny', denyAll] : ['assume', allow(action)],
    )
    const { sts } = signedInWith(Object.fromEntries(policies))
    const attempt = sts.send(
      new AssumeRoleCommand({ RoleArn: target.arn, RoleSessionName: 'second', ExternalId: externalId }),
    )
    if (!allowed)
      return expect(attempt).rejects.toMatchObject({
        name: 'AccessDenied',
        message: `${who} sts:AssumeRole on resource: ${target.arn}`,
      })
    const { Credentials, AssumedRoleUser } = await attempt
    expect(AssumedRoleUser?.Arn).toBe('arn:aws:sts::123456789012:assumed-role/target/second')
    const { iam } = clientsOf(aws, {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    })
    await expect(iam.send(new GetRoleCommand({ RoleName: 'target' }))).resolves.toBeDefined()
  })

  it("says of a session what its calls would get, in the application's words", () => {
    const { arn } = aws.state.addRole({
      name: 'eksctl-nodes',
      trust: lambdaTrust,
      inline: { r: allow('ec2:*') },
    })
    const session = aws.state.session(arn, 'i-0123456789abcdef0')
    const table = 'arn:aws:dynamodb:us-west-2:123456789012:table/eks-workshop-carts'
    expect(aws.can(session, 'ec2:DescribeInstances', '*')).toEqual({ allowed: true })
    expect(aws.can(session, 'dynamodb:Query', table)).toMatchObject({
      allowed: false,
      message: `User: arn:aws:sts::123456789012:assumed-role/eksctl-nodes/i-0123456789abcdef0 is not authorized to perform: dynamodb:Query on resource: ${table} because no identity-based policy allows the dynamodb:Query action`,
    })
  })
})

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AwsStandIn, startAws } from '../../../../local/aws/index.ts'
import { podIdentityTrust } from '../../../../local/scenarios/workshop/account.ts'
import { allow } from '../support.ts'

const pod = {
  cluster: 'eks-workshop',
  namespace: 'carts',
  serviceAccount: 'carts',
  pod: { name: 'carts-7d9f-x2x7k', uid: '6b8f5f8e-0000-4000-8000-000000000001' },
}
const clusterArn = 'arn:aws:eks:us-west-2:123456789012:cluster/eks-workshop'
const unauthorized = 'Unauthorized Exception! EKS does not have permissions to assume the associated role.'

/** The workshop's trust policy under a condition. */
const trustIf = (operator: string, key: string, value: string) => ({
  Version: '2012-10-17',
  Statement: podIdentityTrust.Statement.map((statement) => ({
    ...statement,
    Condition: { [operator]: { [key]: value } },
  })),
})

const trustFor = (Action: string | string[], Service = 'pods.eks.amazonaws.com') => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service }, Action }],
})

describe('credentials for a pod', () => {
  let aws: AwsStandIn
  beforeEach(async () => {
    aws = await startAws()
    aws.state.addCluster({ name: 'eks-workshop' })
  })
  afterEach(() => aws.close())

  const associate = (trust: object, extra: object = {}) => {
    const role = aws.state.addRole({ name: 'carts', trust, inline: { use: allow('dynamodb:*') } })
    const { cluster, namespace, serviceAccount } = pod
    return aws.state.addAssociation({
      clusterName: cluster,
      namespace,
      serviceAccount,
      roleArn: role.arn,
      ...extra,
    })
  }
  const off = { disableSessionTags: true }

  const cases: [why: string, trust: object, extra: object, assumed: boolean][] = [
    ['the workshop', podIdentityTrust, {}, true],
    ['no sts:TagSession', trustFor('sts:AssumeRole'), {}, false],
    ['no sts:TagSession, but no tags either', trustFor('sts:AssumeRole'), off, true],
    [
      'the principal misspelt',
      trustFor(['sts:AssumeRole', 'sts:TagSession'], 'pod.eks.amazonaws.com'),
      {},
      false,
    ],
    ['this cluster', trustIf('StringEquals', 'aws:SourceArn', clusterArn), {}, true],
    ['another cluster', trustIf('StringEquals', 'aws:SourceArn', `${clusterArn}-2`), {}, false],
    [
      'an association for a source',
      trustIf('ArnLike', 'aws:SourceArn', 'arn:aws:eks:*:*:podidentityassociation/*'),
      {},
      false,
    ],
    ['this account', trustIf('StringEquals', 'aws:SourceAccount', '123456789012'), {}, true],
    ['another account', trustIf('StringEquals', 'aws:SourceAccount', '210987654321'), {}, false],
    ['this namespace', trustIf('StringEquals', 'aws:RequestTag/kubernetes-namespace', 'carts'), {}, true],
    ['another namespace', trustIf('StringEquals', 'aws:RequestTag/kubernetes-namespace', 'shop'), {}, false],
    [
      'a tag, with tags turned off',
      trustIf('StringEquals', 'aws:RequestTag/kubernetes-namespace', 'carts'),
      off,
      false,
    ],
    ['pods of that name', trustIf('StringLike', 'aws:RequestTag/kubernetes-pod-name', 'carts-*'), {}, true],
    ['an organization', trustIf('StringEquals', 'aws:SourceOrgId', 'o-1'), {}, false],
  ]
  it.each(cases)('trust for %s', (_why, trust, extra, assumed) => {
    const association = associate(trust, extra)
    const got = aws.assumeForPod(pod)
    expect(got.association).toEqual(association)
    if (assumed) expect(got).toMatchObject({ session: { roleName: 'carts' } })
    else expect(got).toMatchObject({ error: unauthorized })
  })

  it('makes a session that may do what the role may', () => {
    associate(podIdentityTrust)
    const got = aws.assumeForPod(pod)
    if (!('session' in got)) throw new Error(got.error)
    expect(got.session.tags).toMatchObject({
      'eks-cluster-arn': clusterArn,
      'kubernetes-pod-name': pod.pod.name,
    })
    expect(aws.can(got.session, 'dynamodb:Query', '*')).toEqual({ allowed: true })
    expect(aws.can(got.session, 's3:GetObject', '*')).toMatchObject({ allowed: false })
  })

  it('narrows the session by the policy of the association', () => {
    associate(podIdentityTrust, { ...off, policy: JSON.stringify(allow('dynamodb:GetItem')) })
    const got = aws.assumeForPod(pod)
    if (!('session' in got)) throw new Error(got.error)
    expect(aws.can(got.session, 'dynamodb:GetItem', '*')).toEqual({ allowed: true })
    expect(aws.can(got.session, 'dynamodb:Query', '*')).toMatchObject({
      message: expect.stringContaining('because no session policy allows the dynamodb:Query action'),
    })
  })

  it('has nothing without an association', () => {
    expect(aws.assumeForPod(pod)).toEqual({
      error: 'No association found for service account carts in namespace carts',
    })
  })

  it('fails once the role is gone', () => {
    associate(podIdentityTrust)
    aws.state.roles.delete('carts')
    expect(aws.assumeForPod(pod)).toMatchObject({ error: unauthorized })
  })

  const externalId = 'us-west-2/123456789012/eks-workshop/carts/carts'
  const target = (id: string, AWS = 'arn:aws:iam::123456789012:role/carts') => ({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS },
        Action: ['sts:AssumeRole', 'sts:TagSession'],
        Condition: { StringEquals: { 'sts:ExternalId': id } },
      },
    ],
  })
  const chains: [why: string, trust: object, assumed: boolean, tags?: boolean][] = [
    ['trusts the role and its external id', target(externalId), true],
    ['wants the external id, while session tags are on', target(externalId), false, true],
    ['wants another external id', target('other'), false],
    ['trusts another role', target(externalId, 'arn:aws:iam::123456789012:role/other'), false],
  ]
  it.each(chains)('a target role that %s', (_why, trust, assumed, tags = false) => {
    const { arn } = aws.state.addRole({ name: 'target', trust, inline: { use: allow('s3:GetObject') } })
    // https://docs.aws.amazon.com/eks/latest/userguide/pod-id-assign-target-role.html: only without tags is it sent.
    associate(podIdentityTrust, { ...(tags ? {} : off), targetRoleArn: arn, externalId })
    const got = aws.assumeForPod(pod)
    if (!assumed) return expect(got).toMatchObject({ error: unauthorized })
    if (!('session' in got)) throw new Error(got.error)
    expect(got.session.roleName).toBe('target')
    expect(aws.can(got.session, 's3:GetObject', '*')).toEqual({ allowed: true })
    expect(aws.can(got.session, 'dynamodb:Query', '*')).toMatchObject({ allowed: false })
  })
})

import { describe, expect, it } from 'vitest'
import { externalId, sentContext, sentToSts } from '../../../../core/role/trust/sent.ts'

// The role check and the stand-in for EKS read one table of what is sent to STS, so that neither can find the
// other wrong. What AWS's pages show of such requests is written here once more, apart from that table.
const cluster = { name: 'prod', arn: 'arn:aws:eks:us-east-1:111122223333:cluster/prod' }
const facts = {
  cluster,
  account: '111122223333',
  namespace: 'default',
  serviceAccount: 'pod-id-tester',
  sessionTags: true,
  pod: { name: 'tester-7d4', uid: '1f0c5a2e-0000-4000-8000-000000000000' },
  sessionName: 'eks-prod-tester-7d4-1f0c',
}

/** The tags and their transitive keys: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html */
const documentedTags = {
  'eks-cluster-arn': cluster.arn,
  'eks-cluster-name': 'prod',
  'kubernetes-namespace': 'default',
  'kubernetes-service-account': 'pod-id-tester',
  'kubernetes-pod-name': facts.pod.name,
  'kubernetes-pod-uid': facts.pod.uid,
}

describe('what EKS sends to STS', () => {
  it('carries the six documented tags, all of them transitive', () => {
    const context = sentContext('service', facts, [])
    for (const [name, value] of Object.entries(documentedTags))
      expect(context[`aws:RequestTag/${name}`]).toBe(value)
    for (const key of ['aws:TagKeys', 'sts:TransitiveTagKeys'])
      expect([...(context[key] ?? [])].toSorted()).toEqual(Object.keys(documentedTags).toSorted())
  })

  it('names the cluster and its account as the source', () => {
    expect(sentContext('service', facts, [])).toMatchObject({
      'aws:SourceArn': cluster.arn,
      'aws:SourceAccount': '111122223333',
    })
  })

  it('carries nothing else that a policy could ask about', () => {
    const asked = [
      'aws:PrincipalOrgID',
      'aws:MultiFactorAuthPresent',
      'sts:ExternalId',
      'aws:PrincipalTag/team',
    ]
    const context = sentContext('service', facts, asked)
    for (const key of asked) expect(context[key]).toBeNull()
  })

  it('leaves open what only the request shows', () => {
    const { pod: _pod, sessionName: _name, ...before } = facts
    const context = sentContext('service', before, ['aws:SourceOrgID', 'aws:SourceIp', 'aws:CurrentTime'])
    const open = [
      'aws:RequestTag/kubernetes-pod-name',
      'aws:RequestTag/kubernetes-pod-uid',
      'sts:RoleSessionName',
      'aws:SourceOrgID',
      'aws:SourceIp',
      'aws:CurrentTime',
    ]
    for (const key of open) expect(context[key]).toBeUndefined()
  })

  it('has no tags where the association switches them off', () => {
    const context = sentContext('service', { ...facts, sessionTags: false }, [])
    for (const key of ['aws:RequestTag/kubernetes-namespace', 'aws:TagKeys', 'sts:TransitiveTagKeys'])
      expect(context[key]).toBeNull()
  })

  /** https://docs.aws.amazon.com/eks/latest/userguide/pod-id-assign-target-role.html */
  it('carries tags to the target role, or the external id in their place', () => {
    const role = { arn: 'arn:aws:iam::111122223333:role/pods', tags: {} }
    const tagged = sentContext('role', { ...facts, role }, ['aws:PrincipalTag/team'])
    expect(tagged).toMatchObject({
      'aws:RequestTag/kubernetes-namespace': 'default',
      'aws:PrincipalTag/kubernetes-namespace': 'default',
      'aws:PrincipalArn': role.arn,
      'sts:ExternalId': null,
      'aws:PrincipalTag/team': null,
    })
    const untagged = sentContext('role', { ...facts, role, sessionTags: false }, [])
    expect(untagged).toMatchObject({
      'aws:RequestTag/kubernetes-namespace': null,
      'sts:ExternalId': 'us-east-1/111122223333/prod/default/pod-id-tester',
    })
  })
})

const account = '111122223333'
const identity = {
  cluster: { name: 'shop', arn: `arn:aws:eks:us-west-2:${account}:cluster/shop` },
  account,
  namespace: 'carts',
  serviceAccount: 'carts',
  sessionTags: true,
}
const role = { name: 'carts', arn: `arn:aws:iam::${account}:role/carts`, tags: { team: 'shop' } }
const shop = { ...identity, pod: { name: 'p-1', uid: 'u-1' }, sessionName: 's-1' }

/** The session tags that EKS sends: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html */
const tagKeys = [
  'eks-cluster-arn',
  'eks-cluster-name',
  'kubernetes-namespace',
  'kubernetes-service-account',
  'kubernetes-pod-name',
  'kubernetes-pod-uid',
]
const requestTags = {
  'aws:RequestTag/eks-cluster-arn': 'arn:aws:eks:us-west-2:111122223333:cluster/shop',
  'aws:RequestTag/eks-cluster-name': 'shop',
  'aws:RequestTag/kubernetes-namespace': 'carts',
  'aws:RequestTag/kubernetes-service-account': 'carts',
  'aws:RequestTag/kubernetes-pod-name': 'p-1',
  'aws:RequestTag/kubernetes-pod-uid': 'u-1',
  'aws:TagKeys': tagKeys,
}

const withoutTags = {
  'aws:RequestTag/eks-cluster-arn': null,
  'aws:RequestTag/eks-cluster-name': null,
  'aws:RequestTag/kubernetes-namespace': null,
  'aws:RequestTag/kubernetes-service-account': null,
  'aws:RequestTag/kubernetes-pod-name': null,
  'aws:RequestTag/kubernetes-pod-uid': null,
  'aws:TagKeys': null,
}

it.each<[why: string, hop: 'service' | 'role', facts: Parameters<typeof sentContext>[1], context: object]>([
  [
    'EKS for a pod',
    'service',
    shop,
    {
      ...requestTags,
      'sts:TransitiveTagKeys': tagKeys,
      'aws:SourceArn': 'arn:aws:eks:us-west-2:111122223333:cluster/shop',
      'aws:SourceAccount': '111122223333',
      'aws:PrincipalIsAWSService': 'true',
      'aws:PrincipalServiceName': 'pods.eks.amazonaws.com',
      'aws:SecureTransport': 'true',
      'sts:RoleSessionName': 's-1',
    },
  ],
  [
    'EKS without tags',
    'service',
    { ...shop, sessionTags: false },
    {
      ...withoutTags,
      'sts:TransitiveTagKeys': null,
      'aws:SourceArn': 'arn:aws:eks:us-west-2:111122223333:cluster/shop',
      'aws:SourceAccount': '111122223333',
      'aws:PrincipalIsAWSService': 'true',
      'aws:PrincipalServiceName': 'pods.eks.amazonaws.com',
      'aws:SecureTransport': 'true',
      'sts:RoleSessionName': 's-1',
    },
  ],
  [
    'a pod’s role for a target role',
    'role',
    { ...shop, role },
    {
      ...requestTags,
      'aws:SecureTransport': 'true',
      'sts:RoleSessionName': 's-1',
      'aws:PrincipalTag/eks-cluster-arn': 'arn:aws:eks:us-west-2:111122223333:cluster/shop',
      'aws:PrincipalTag/eks-cluster-name': 'shop',
      'aws:PrincipalTag/kubernetes-namespace': 'carts',
      'aws:PrincipalTag/kubernetes-service-account': 'carts',
      'aws:PrincipalTag/kubernetes-pod-name': 'p-1',
      'aws:PrincipalTag/kubernetes-pod-uid': 'u-1',
      'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/carts',
      'aws:PrincipalAccount': '111122223333',
      'aws:PrincipalType': 'AssumedRole',
      'aws:PrincipalIsAWSService': 'false',
      'aws:MultiFactorAuthPresent': 'false',
      'sts:ExternalId': null,
    },
  ],
  [
    'it without tags, where the role has such',
    'role',
    { ...shop, sessionTags: false, role: { arn: role.arn, tags: { 'eks-cluster-name': 'own' } } },
    {
      ...withoutTags,
      'aws:SecureTransport': 'true',
      'sts:RoleSessionName': 's-1',
      'aws:PrincipalTag/eks-cluster-arn': null,
      'aws:PrincipalTag/eks-cluster-name': 'own',
      'aws:PrincipalTag/kubernetes-namespace': null,
      'aws:PrincipalTag/kubernetes-service-account': null,
      'aws:PrincipalTag/kubernetes-pod-name': null,
      'aws:PrincipalTag/kubernetes-pod-uid': null,
      'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/carts',
      'aws:PrincipalAccount': '111122223333',
      'aws:PrincipalType': 'AssumedRole',
      'aws:PrincipalIsAWSService': 'false',
      'aws:MultiFactorAuthPresent': 'false',
      'sts:ExternalId': 'us-west-2/111122223333/shop/carts/carts',
    },
  ],
  [
    'somebody’s role, without tags',
    'role',
    { ...shop, sessionTags: false },
    {
      ...withoutTags,
      'aws:SecureTransport': 'true',
      'sts:RoleSessionName': 's-1',
      'aws:PrincipalType': 'AssumedRole',
      'aws:PrincipalIsAWSService': 'false',
      'aws:MultiFactorAuthPresent': 'false',
      'sts:ExternalId': 'us-west-2/111122223333/shop/carts/carts',
    },
  ],
  [
    'a role whose tags were not read, without tags',
    'role',
    { ...shop, sessionTags: false, role: { arn: role.arn } },
    {
      ...withoutTags,
      'aws:SecureTransport': 'true',
      'sts:RoleSessionName': 's-1',
      'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/carts',
      'aws:PrincipalAccount': '111122223333',
      'aws:PrincipalType': 'AssumedRole',
      'aws:PrincipalIsAWSService': 'false',
      'aws:MultiFactorAuthPresent': 'false',
      'sts:ExternalId': 'us-west-2/111122223333/shop/carts/carts',
    },
  ],
])('all that is sent to STS: %s', (_why, hop, given, context) => {
  expect(JSON.parse(JSON.stringify(sentContext(hop, given, [])))).toEqual(context)
})

it.each<
  [
    key: string,
    hop: 'service' | 'role',
    tags: Record<string, string> | undefined,
    value: string | null | undefined,
  ]
>([
  ['aws:PrincipalTag/Team', 'role', { team: 'shop' }, 'shop'],
  ['aws:PrincipalTag/other', 'role', { team: 'shop' }, null],
  ['aws:PrincipalTag/other', 'role', undefined, undefined],
  ['aws:PrincipalTag/other', 'service', undefined, null],
  ['aws:ResourceTag/team', 'role', { team: 'shop' }, null],
  ['aws:PrincipleTag/team', 'role', { team: 'shop' }, null],
  ...[
    'sourceorgid',
    'sourceorgpaths',
    'requestedregion',
    'sourceip',
    'vpcsourceip',
    'sourcevpc',
    'sourceVpce',
    'currenttime',
    'epochtime',
    'useragent',
  ].map((key): [string, 'service', undefined, undefined] => [`aws:${key}`, 'service', undefined, undefined]),
  ...[
    'principalorgid',
    'principalorgpaths',
    'requestedregion',
    'userid',
    'sourceip',
    'vpcsourceip',
    'sourcevpc',
    'sourceVpcArn',
    'currenttime',
    'epochtime',
    'useragent',
    'tokenissuetime',
  ].map((key): [string, 'role', undefined, undefined] => [`aws:${key}`, 'role', undefined, undefined]),
  ['aws:sourceip2', 'service', undefined, null],
  ['xaws:sourceip', 'service', undefined, null],
  ['aws:sourceip2', 'role', undefined, null],
  ['xaws:sourceip', 'role', undefined, null],
  ['aws:principalorgid', 'service', undefined, null],
  ['aws:sourceorgid', 'role', undefined, null],
  ['AWS:SECURETRANSPORT', 'role', undefined, undefined],
])('what of %s is known at the hop of a %s with the tags %j', (key, hop, tags, value) => {
  expect(sentContext(hop, { ...shop, role: { arn: role.arn, tags } }, [key])[key]).toBe(value)
})

it('knows no tag of a role of which it knows nothing', () => {
  expect(sentContext('role', shop, ['aws:PrincipalTag/team'])['aws:PrincipalTag/team']).toBeUndefined()
})

it('has an external id without tags, and a page for each key', () => {
  expect(externalId(identity)).toBe(`us-west-2/${account}/shop/carts/carts`)
  expect([...new Set(sentToSts.map(({ source }) => source))]).toEqual([
    'https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html',
    'https://docs.aws.amazon.com/eks/latest/userguide/cross-service-confused-deputy-prevention.html',
    'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html',
    'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html',
    'https://docs.aws.amazon.com/eks/latest/userguide/pod-id-assign-target-role.html',
  ])
  expect(sentToSts.map(({ key, hop }) => `${hop} ${key}`)).toEqual([
    'both aws:RequestTag/eks-cluster-arn',
    'both aws:RequestTag/eks-cluster-name',
    'both aws:RequestTag/kubernetes-namespace',
    'both aws:RequestTag/kubernetes-service-account',
    'both aws:RequestTag/kubernetes-pod-name',
    'both aws:RequestTag/kubernetes-pod-uid',
    'both aws:TagKeys',
    'service sts:TransitiveTagKeys',
    'service aws:SourceArn',
    'service aws:SourceAccount',
    'service aws:PrincipalIsAWSService',
    'service aws:PrincipalServiceName',
    'both aws:SecureTransport',
    'both sts:RoleSessionName',
    'role aws:PrincipalTag/eks-cluster-arn',
    'role aws:PrincipalTag/eks-cluster-name',
    'role aws:PrincipalTag/kubernetes-namespace',
    'role aws:PrincipalTag/kubernetes-service-account',
    'role aws:PrincipalTag/kubernetes-pod-name',
    'role aws:PrincipalTag/kubernetes-pod-uid',
    'role aws:PrincipalArn',
    'role aws:PrincipalAccount',
    'role aws:PrincipalType',
    'role aws:PrincipalIsAWSService',
    'role aws:MultiFactorAuthPresent',
    'role sts:ExternalId',
  ])
})

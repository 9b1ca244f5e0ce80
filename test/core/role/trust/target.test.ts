import { expect, it } from 'vitest'
import { externalId, sentContext, sentToSts } from '../../../../core/role/trust/sent.ts'
import { checkTargetTrust, namedByTarget } from '../../../../core/role/trust/target.ts'
import { told } from '../../told.ts'

const account = '111122223333'
const cluster = { name: 'shop', arn: `arn:aws:eks:us-west-2:${account}:cluster/shop` }
const identity = { cluster, account, namespace: 'carts', serviceAccount: 'carts', sessionTags: true }
const role = { name: 'carts', arn: `arn:aws:iam::${account}:role/carts`, tags: { team: 'shop' } }
const target = (trust: unknown, of = '999900001111') => ({
  name: 'target',
  arn: `arn:aws:iam::${of}:role/target`,
  trust,
})
const both = ['sts:AssumeRole', 'sts:TagSession']
const trusting = (more: object = {}) => ({
  Sid: 'In',
  Effect: 'Allow',
  Principal: { AWS: role.arn },
  Action: both,
  ...more,
})
const of = (...statements: object[]) => ({ Version: '2012-10-17', Statement: statements })
const when = (key: string, value: string) => ({ Condition: { StringEquals: { [key]: value } } })
const said = (trust: unknown, sessionTags = true) =>
  told(checkTargetTrust({ ...identity, sessionTags, role, target: target(trust) })).map((line) =>
    line.replace(/'?(\{\n[\s\S]*\})'?$/, (_, json: string) => JSON.stringify(JSON.parse(json))),
  )

it.each<[why: string, trust: unknown, lines: string[], sessionTags?: boolean]>([
  ['it lets the role in', of(trusting()), []],
  ['by its account', of(trusting({ Principal: { AWS: `arn:aws:iam::${account}:root` } })), []],
  [
    'nobody is let in',
    of(),
    [
      'blocking target-trust-missing, role target: its trust policy does not allow arn:aws:iam::111122223333:role/carts sts:AssumeRole and sts:TagSession',
      '→ Let the role in for these pods, with credentials of the target role’s account.',
      '$ aws iam update-assume-role-policy --role-name target --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/carts"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'without tags, by the external id',
    of(),
    [
      'blocking target-trust-missing, role target: its trust policy does not allow arn:aws:iam::111122223333:role/carts sts:AssumeRole',
      '→ Let the role in for these pods, with credentials of the target role’s account.',
      '$ aws iam update-assume-role-policy --role-name target --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/carts"},"Action":["sts:AssumeRole"],"Condition":{"StringEquals":{"sts:ExternalId":"us-west-2/111122223333/shop/carts/carts"}}}]}',
    ],
    false,
  ],
  [
    'tagging is missing',
    of(trusting({ Action: 'sts:AssumeRole' })),
    [
      'blocking target-trust-missing, role target: its trust policy does not allow arn:aws:iam::111122223333:role/carts sts:TagSession',
      '→ Let the role in for these pods, with credentials of the target role’s account.',
      '$ aws iam update-assume-role-policy --role-name target --policy-document {"Version":"2012-10-17","Statement":[{"Sid":"In","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/carts"},"Action":"sts:AssumeRole"},{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/carts"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  ['which takes none without tags', of(trusting({ Action: 'sts:AssumeRole' })), [], false],
  [
    'the right external id',
    of(
      trusting({
        Action: 'sts:AssumeRole',
        ...when('sts:ExternalId', `us-west-2/${account}/shop/carts/carts`),
      }),
    ),
    [],
    false,
  ],
  [
    'another external id',
    of(trusting({ Action: 'sts:AssumeRole', ...when('sts:ExternalId', 'x') })),
    [
      'blocking target-trust-missing, role target: its trust policy does not allow arn:aws:iam::111122223333:role/carts sts:AssumeRole: statement In asks for sts:ExternalId StringEquals x, where us-west-2/111122223333/shop/carts/carts is sent',
      '→ Let the role in for these pods, with credentials of the target role’s account.',
      '$ aws iam update-assume-role-policy --role-name target --policy-document {"Version":"2012-10-17","Statement":[{"Sid":"In","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/carts"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"x"}}},{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/carts"},"Action":["sts:AssumeRole"],"Condition":{"StringEquals":{"sts:ExternalId":"us-west-2/111122223333/shop/carts/carts"}}}]}',
    ],
    false,
  ],
  [
    'an external id, where tags are sent',
    of(trusting(when('sts:ExternalId', 'x'))),
    [
      'blocking target-trust-missing, role target: its trust policy does not allow arn:aws:iam::111122223333:role/carts sts:AssumeRole and sts:TagSession: statement In asks for sts:ExternalId StringEquals x, where nothing is sent',
      '→ Let the role in for these pods, with credentials of the target role’s account.',
      '$ aws iam update-assume-role-policy --role-name target --policy-document {"Version":"2012-10-17","Statement":[{"Sid":"In","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/carts"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"sts:ExternalId":"x"}}},{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/carts"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'another namespace',
    of(
      trusting(when('aws:PrincipalTag/kubernetes-namespace', 'orders')),
      trusting({
        Sid: 'Two',
        Condition: { StringLike: { 'aws:RequestTag/eks-cluster-name': ['a*', 'b*'] } },
      }),
    ),
    [
      'blocking target-trust-missing, role target: its trust policy does not allow arn:aws:iam::111122223333:role/carts sts:AssumeRole and sts:TagSession: statement In asks for aws:PrincipalTag/kubernetes-namespace StringEquals orders, where carts is sent; statement Two asks for aws:RequestTag/eks-cluster-name StringLike a* or b*, where shop is sent',
      '→ Let the role in for these pods, with credentials of the target role’s account.',
      '$ aws iam update-assume-role-policy --role-name target --policy-document {"Version":"2012-10-17","Statement":[{"Sid":"In","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/carts"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:PrincipalTag/kubernetes-namespace":"orders"}}},{"Sid":"Two","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/carts"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringLike":{"aws:RequestTag/eks-cluster-name":["a*","b*"]}}},{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/carts"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'conditions of others do not matter',
    of(trusting({ Principal: { AWS: 'arn:aws:iam::999900001111:root' }, ...when('sts:ExternalId', 'x') })),
    [
      'blocking target-trust-missing, role target: its trust policy does not allow arn:aws:iam::111122223333:role/carts sts:AssumeRole and sts:TagSession',
      '→ Let the role in for these pods, with credentials of the target role’s account.',
      '$ aws iam update-assume-role-policy --role-name target --policy-document {"Version":"2012-10-17","Statement":[{"Sid":"In","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999900001111:root"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"sts:ExternalId":"x"}}},{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/carts"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'a Deny',
    of(
      trusting(),
      trusting({ Sid: 'No', Effect: 'Deny' }),
      trusting({ Sid: 'Nor', Effect: 'Deny', Action: 'sts:TagSession' }),
    ),
    [
      'blocking target-trust-missing, role target: its trust policy denies (No, Nor) arn:aws:iam::111122223333:role/carts sts:AssumeRole and sts:TagSession',
      '→ Have a person exempt arn:aws:iam::111122223333:role/carts from statement No, statement Nor of its trust policy.',
    ],
  ],
  ['a tag of the role', of(trusting(when('aws:PrincipalTag/team', 'shop'))), []],
  [
    'another tag of the role',
    of(trusting(when('aws:PrincipalTag/Team', 'bank'))),
    [
      'blocking target-trust-missing, role target: its trust policy does not allow arn:aws:iam::111122223333:role/carts sts:AssumeRole and sts:TagSession: statement In asks for aws:PrincipalTag/Team StringEquals bank, where shop is sent',
      '→ Let the role in for these pods, with credentials of the target role’s account.',
      '$ aws iam update-assume-role-policy --role-name target --policy-document {"Version":"2012-10-17","Statement":[{"Sid":"In","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/carts"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:PrincipalTag/Team":"bank"}}},{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/carts"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'a key that nobody knows',
    of(trusting(when('aws:SourceIp', 'x'))),
    [
      'warning trust-conditional, role target: whether EKS may sts:AssumeRole and sts:TagSession depends on aws:SourceIp (trust policy, In), which cannot be known before a pod asks',
      '→ Make sure that your pods meet these conditions; a pod that does not gets no credentials.',
    ],
  ],
  [
    'no document',
    7,
    [
      'blocking trust-document-invalid, role target: its trust policy cannot be read: the document 7 is not a policy document; it should be an object with Version and Statement',
      '→ Correct the document at the place that is named; this only shows it. If IAM is right about it, podid does not know what stands there.',
      '? aws iam get-role --role-name target --query Role.AssumeRolePolicyDocument',
    ],
  ],
  [
    'no room for it',
    of(trusting({ Principal: { AWS: 'x'.repeat(1800) } })),
    [
      'blocking target-trust-missing, role target: its trust policy does not allow arn:aws:iam::111122223333:role/carts sts:AssumeRole and sts:TagSession',
      '→ Its trust policy would have 2271 characters without white space, where IAM takes 2048 unless the quota "Role trust policy length" was raised: let the role in through a target role of its own.',
    ],
  ],
  [
    'more than the usual length already',
    of(trusting({ Principal: { AWS: 'x'.repeat(2100) } })),
    [
      'blocking target-trust-missing, role target: its trust policy does not allow arn:aws:iam::111122223333:role/carts sts:AssumeRole and sts:TagSession',
      '→ Let the role in for these pods, with credentials of the target role’s account.',
      '$ aws iam update-assume-role-policy --role-name target --policy-document {"Version":"2012-10-17","Statement":[{"Sid":"In","Effect":"Allow","Principal":{"AWS":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/carts"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
])('whether a target role lets the pods’ role in: %s', (_why, trust, lines, sessionTags) => {
  expect(said(trust, sessionTags)).toEqual(lines)
})

it.each<[why: string, trust: unknown, owner: string, sids: string[]]>([
  ['by its name, in its account', of(trusting()), account, ['In', 'In']],
  ['in another account that is no grant', of(trusting()), '999900001111', []],
  [
    'by its account, which leaves it to the role’s policies',
    of(trusting({ Principal: { AWS: `arn:aws:iam::${account}:root` } })),
    account,
    [],
  ],
  ['everybody', of(trusting({ Principal: { AWS: '*' } })), account, []],
  ['for one action alone', of(trusting({ Action: 'sts:AssumeRole' })), account, []],
  [
    'by two statements',
    of(trusting({ Sid: 'A', Action: 'sts:AssumeRole' }), trusting({ Sid: 'T', Action: 'sts:TagSession' })),
    account,
    ['A', 'T'],
  ],
])('a target role that grants by itself: %s', (_why, trust, owner, sids) => {
  expect(namedByTarget({ ...identity, role, target: target(trust, owner) }).map(({ sid }) => sid)).toEqual(
    sids,
  )
})

const facts = { ...identity, pod: { name: 'p-1', uid: 'u-1' }, sessionName: 's-1' }

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

it.each<[why: string, hop: 'service' | 'role', facts: Parameters<typeof sentContext>[1], context: object]>([
  [
    'EKS for a pod',
    'service',
    facts,
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
    { ...facts, sessionTags: false },
    {
      'aws:RequestTag/eks-cluster-arn': null,
      'aws:RequestTag/eks-cluster-name': null,
      'aws:RequestTag/kubernetes-namespace': null,
      'aws:RequestTag/kubernetes-service-account': null,
      'aws:RequestTag/kubernetes-pod-name': null,
      'aws:RequestTag/kubernetes-pod-uid': null,
      'aws:TagKeys': null,
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
    { ...facts, role },
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
      'sts:ExternalId': null,
    },
  ],
  [
    'it without tags, where the role has such',
    'role',
    { ...facts, sessionTags: false, role: { arn: role.arn, tags: { 'eks-cluster-name': 'own' } } },
    {
      'aws:RequestTag/eks-cluster-arn': null,
      'aws:RequestTag/eks-cluster-name': null,
      'aws:RequestTag/kubernetes-namespace': null,
      'aws:RequestTag/kubernetes-service-account': null,
      'aws:RequestTag/kubernetes-pod-name': null,
      'aws:RequestTag/kubernetes-pod-uid': null,
      'aws:TagKeys': null,
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
  ...[
    'sourceorgid',
    'sourceorgpaths',
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
  expect(sentContext(hop, { ...facts, role: { arn: role.arn, tags } }, [key])[key]).toBe(value)
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
    'role sts:ExternalId',
  ])
})

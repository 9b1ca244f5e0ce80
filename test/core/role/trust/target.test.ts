import { expect, it } from 'vitest'
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
  [
    'beside its account, by name for both',
    of(trusting({ Sid: 'All', Principal: { AWS: account }, Action: 'sts:AssumeRole' }), trusting()),
    account,
    ['In', 'In'],
  ],
  [
    'by name for one, and by its account for the other',
    of(trusting({ Action: 'sts:AssumeRole' }), trusting({ Sid: 'All', Principal: { AWS: account } })),
    account,
    [],
  ],
  ['all but it', of({ ...trusting(), Principal: undefined, NotPrincipal: { AWS: role.arn } }), account, []],
  ['under a condition that nobody knows', of(trusting(when('aws:SourceIp', 'x'))), account, []],
  ['under a condition that it does not meet', of(trusting(when('sts:ExternalId', 'x'))), account, []],
])('a target role that grants by itself: %s', (_why, trust, owner, sids) => {
  expect(namedByTarget({ ...identity, role, target: target(trust, owner) })).toEqual(
    sids.map((sid) => ({ layer: 'trust', policy: 'trust policy', sid })),
  )
})

it.each<[why: string, trust: unknown, found: string]>([
  [
    'a Deny, and an Allow that would not hold either',
    of(trusting(when('sts:ExternalId', 'x')), trusting({ Sid: 'No', Effect: 'Deny' })),
    `denies (No) ${role.arn} sts:AssumeRole and sts:TagSession`,
  ],
  [
    'a Deny that does not hold',
    of(trusting({ Effect: 'Deny', ...when('sts:ExternalId', 'x') })),
    `does not allow ${role.arn} sts:AssumeRole and sts:TagSession`,
  ],
  [
    'one of two conditions',
    of(
      trusting({
        Condition: {
          StringEquals: { 'sts:ExternalId': 'x', 'aws:PrincipalTag/team': 'shop' },
          StringLike: { 'aws:SourceIp': '*' },
        },
      }),
    ),
    `does not allow ${role.arn} sts:AssumeRole and sts:TagSession: statement In asks for sts:ExternalId StringEquals x, where nothing is sent`,
  ],
  [
    'a statement for all but it',
    of({ ...trusting(when('sts:ExternalId', 'x')), Principal: undefined, NotPrincipal: { AWS: role.arn } }),
    `does not allow ${role.arn} sts:AssumeRole and sts:TagSession`,
  ],
])('why a target role does not let the pods’ role in: %s', (_why, trust, found) => {
  expect(said(trust)[0]).toBe(`blocking target-trust-missing, role target: its trust policy ${found}`)
})

/** A trust policy of somebody else, of so many characters. */
const ofSize = (size: number): object => {
  const filled = (filler: number) => of(trusting({ Principal: { AWS: 'x'.repeat(filler) } }))
  return filled(size - JSON.stringify(filled(0)).length)
}
const more = 335

it.each<[why: string, size: number, says: string]>([
  ['it just fits', 2048 - more, 'Let the role in for these pods'],
  ['it does not', 2048 - more + 1, 'where IAM takes 2048 unless'],
  ['the whole of the usual length', 2048, 'where IAM takes 2048 unless'],
  ['more than that', 2049, 'Let the role in for these pods'],
  ['the longest that fits', 8192 - more, 'Let the role in for these pods'],
  ['longer than any', 8192 - more + 1, 'where IAM takes 8192 at most: let'],
])('the length of a target role’s trust policy: %s', (_why, size, says) => {
  expect(said(ofSize(size))[1]).toContain(says)
})

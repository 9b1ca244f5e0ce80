import { describe, expect, it } from 'vitest'
import { checkRole, type RoleQuestion } from '../../../core/role/check-role.ts'
import { checkTargetTrust } from '../../../core/role/trust/target.ts'
import { checkTrust } from '../../../core/role/trust/trust.ts'
import { account, deny, document, grantOf, identity, roleWith, table } from './permissions/support.ts'

// Documents of kinds that accounts really have, with what AWS's pages say of each. Verdicts are worked out by those
// pages, not by the evaluator:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html

type Trusted = 'trusted' | 'refused' | 'depends'

const untagged = { ...identity, sessionTags: false }
const both = ['sts:AssumeRole', 'sts:TagSession']
const pods = { Effect: 'Allow', Principal: { Service: 'pods.eks.amazonaws.com' }, Action: both }
const when = (...operators: [operator: string, key: string, values: unknown][]) => ({
  Condition: Object.fromEntries(operators.map(([operator, key, values]) => [operator, { [key]: values }])),
})
const podsWhen = (operator: string, key: string, values: unknown) => ({
  ...pods,
  ...when([operator, key, values]),
})
const nobody = (...operators: [operator: string, key: string, values: unknown][]) => ({
  Effect: 'Deny',
  Principal: '*',
  Action: 'sts:AssumeRole',
  ...when(...operators),
})
const tag = (name: string) => `aws:RequestTag/${name}`
const six = [
  ...['eks-cluster-arn', 'eks-cluster-name', 'kubernetes-namespace', 'kubernetes-service-account'],
  ...['kubernetes-pod-name', 'kubernetes-pod-uid'],
]

const verdictOf = (findings: readonly { code: string; severity: string }[]): Trusted =>
  findings.some(({ severity }) => severity === 'blocking')
    ? 'refused'
    : findings.some(({ code }) => code === 'trust-conditional')
      ? 'depends'
      : 'trusted'

describe('a trust policy', () => {
  type Row = [why: string, statements: object[], verdict: Trusted, of?: typeof identity]
  const rows: Row[] = [
    [
      'any of the tags’ keys is one of the list',
      [podsWhen('ForAnyValue:StringEquals', 'aws:TagKeys', six.slice(2, 3))],
      'trusted',
    ],
    [
      'any of no keys is none',
      [podsWhen('ForAnyValue:StringEquals', 'aws:TagKeys', six)],
      'refused',
      untagged,
    ],
    [
      'all of the tags’ keys are in the list',
      [podsWhen('ForAllValues:StringEquals', 'aws:TagKeys', six)],
      'trusted',
    ],
    [
      'a list that leaves tags out',
      [podsWhen('ForAllValues:StringEquals', 'aws:TagKeys', six.slice(0, 4))],
      'refused',
    ],
    [
      'all of no keys are in any list',
      [podsWhen('ForAllValues:StringEquals', 'aws:TagKeys', six.slice(0, 4))],
      'trusted',
      untagged,
    ],
    [
      'an organization, if there is one',
      [podsWhen('StringEqualsIfExists', 'aws:PrincipalOrgID', 'o-1')],
      'trusted',
    ],
    [
      'an organization, which a service is in none of',
      [podsWhen('StringEquals', 'aws:PrincipalOrgID', 'o-1')],
      'refused',
    ],
    [
      'not that organization: what is absent is not it',
      [podsWhen('StringNotEquals', 'aws:PrincipalOrgID', 'o-1')],
      'trusted',
    ],
    [
      'the organization of the cluster, which nobody knows beforehand',
      [podsWhen('StringEquals', 'aws:SourceOrgID', 'o-1')],
      'depends',
    ],
    [
      'no namespace of production',
      [podsWhen('StringNotLike', tag('kubernetes-namespace'), ['prod-*', 'live'])],
      'trusted',
    ],
    [
      'no namespace of a list that has ours',
      [podsWhen('StringNotLike', tag('kubernetes-namespace'), ['prod-*', 'cart?'])],
      'refused',
    ],
    [
      'nobody but production',
      [pods, nobody(['StringNotLike', tag('kubernetes-namespace'), 'prod-*'])],
      'refused',
    ],
    [
      'nobody of another account, if it is said',
      [pods, nobody(['StringNotEqualsIfExists', 'aws:SourceAccount', account])],
      'trusted',
    ],
    [
      'the data perimeter without its exemption of services',
      [pods, nobody(['StringNotEquals', 'aws:PrincipalOrgID', 'o-1'])],
      'refused',
    ],
    [
      'the data perimeter as AWS writes it',
      [
        pods,
        nobody(
          ['StringNotEqualsIfExists', 'aws:PrincipalOrgID', 'o-1'],
          ['BoolIfExists', 'aws:PrincipalIsAWSService', 'false'],
        ),
      ],
      'trusted',
    ],
    [
      'nobody without MFA, asked of those who say so',
      [pods, nobody(['Bool', 'aws:MultiFactorAuthPresent', 'false'])],
      'trusted',
    ],
    [
      'nobody without MFA, asked of everybody',
      [pods, nobody(['BoolIfExists', 'aws:MultiFactorAuthPresent', 'false'])],
      'refused',
    ],
    ['only sessions with tags', [podsWhen('Null', tag('kubernetes-namespace'), 'false')], 'trusted'],
    ['only sessions without tags', [podsWhen('Null', tag('kubernetes-namespace'), 'true')], 'refused'],
    ['pods of a name', [podsWhen('StringLike', tag('kubernetes-pod-name'), 'carts-*')], 'depends'],
    [
      'any cluster of the account',
      [podsWhen('ArnLike', 'aws:SourceArn', `arn:aws:eks:*:${account}:cluster/*`)],
      'trusted',
    ],
    [
      'a wildcard that StringEquals takes as it stands',
      [podsWhen('StringEquals', 'aws:SourceArn', `arn:aws:eks:*:${account}:cluster/*`)],
      'refused',
    ],
    [
      'a wildcard that ArnEquals takes for one',
      [podsWhen('ArnEquals', 'aws:SourceArn', `arn:aws:eks:us-west-2:${account}:cluster/*`)],
      'trusted',
    ],
    [
      'one of two ServiceAccounts',
      [podsWhen('StringEquals', tag('kubernetes-service-account'), ['orders', 'carts'])],
      'trusted',
    ],
    [
      'a key in other letters',
      [podsWhen('stringequals', 'AWS:requesttag/Kubernetes-Namespace', 'carts')],
      'trusted',
    ],
    ['a value in other letters', [podsWhen('StringEquals', tag('kubernetes-namespace'), 'Carts')], 'refused'],
    [
      'a value in other letters that do not matter',
      [podsWhen('StringEqualsIgnoreCase', tag('kubernetes-namespace'), 'Carts')],
      'trusted',
    ],
    [
      'a value with an end to it',
      [podsWhen('StringEquals', tag('kubernetes-namespace'), 'carts ')],
      'refused',
    ],
    [
      'a statement for each action',
      [
        { ...podsWhen('StringEquals', 'aws:SourceAccount', account), Action: both[0] },
        { ...pods, Action: both[1] },
      ],
      'trusted',
    ],
    [
      'every action but that of OIDC',
      [{ ...pods, Action: undefined, NotAction: 'sts:AssumeRoleWithWebIdentity' }],
      'trusted',
    ],
    [
      'a tag of the caller, of which a service has none',
      [podsWhen('StringEquals', tag('kubernetes-namespace'), '\u0024{aws:PrincipalTag/team}')],
      'refused',
    ],
    [
      'a tag of the caller with a default',
      [podsWhen('StringEquals', tag('kubernetes-namespace'), "\u0024{aws:PrincipalTag/team, 'carts'}")],
      'trusted',
    ],
    ['a network', [podsWhen('IpAddress', 'aws:SourceIp', '10.0.0.0/8')], 'depends'],
    ['no such network', [podsWhen('NotIpAddress', 'aws:SourceIp', '10.0.0.0/8')], 'depends'],
    ['a date', [podsWhen('DateLessThan', 'aws:CurrentTime', '2030-01-01T00:00:00Z')], 'depends'],
    [
      'an external id, which EKS sends to no role of a pod',
      [podsWhen('StringEquals', 'sts:ExternalId', 'x')],
      'refused',
      untagged,
    ],
    [
      'nobody but the pods',
      [pods, { Effect: 'Deny', NotPrincipal: { Service: 'pods.eks.amazonaws.com' }, Action: 'sts:*' }],
      'trusted',
    ],
    [
      'nobody but a person',
      [pods, { Effect: 'Deny', NotPrincipal: { AWS: `arn:aws:iam::${account}:user/ann` }, Action: 'sts:*' }],
      'refused',
    ],
    [
      'nobody under two conditions of which one is not met',
      [
        pods,
        nobody(
          ['StringNotEquals', 'aws:SourceAccount', account],
          ['StringEquals', tag('kubernetes-namespace'), 'carts'],
        ),
      ],
      'trusted',
    ],
  ]
  it.each(rows)('%s', (_why, statements, verdict, of = identity) => {
    const trust = JSON.parse(JSON.stringify(document(...statements))) as unknown
    expect(verdictOf(checkTrust({ ...of, role: { name: 'carts', trust } }))).toBe(verdict)
  })
})

describe('the trust policy of a target role', () => {
  const role = roleWith([])
  const ours = { Effect: 'Allow', Principal: { AWS: role.arn }, Action: both }
  const oursWhen = (operator: string, key: string, values: unknown) => ({
    ...ours,
    ...when([operator, key, values]),
  })
  const id = `us-west-2/${account}/eks-workshop/carts/carts`
  type Row = [why: string, statements: object[], verdict: Trusted, of?: typeof identity]
  const rows: Row[] = [
    ['our role', [ours], 'trusted'],
    ['our whole account, by its number', [{ ...ours, Principal: { AWS: account } }], 'trusted'],
    [
      'our whole account, by its root',
      [{ ...ours, Principal: { AWS: `arn:aws:iam::${account}:root` } }],
      'trusted',
    ],
    ['another account', [{ ...ours, Principal: { AWS: '444455556666' } }], 'refused'],
    [
      'everybody whose ARN is ours',
      [{ ...ours, Principal: '*', ...when(['ArnEquals', 'aws:PrincipalArn', role.arn]) }],
      'trusted',
    ],
    [
      'everybody of a path that ours has not',
      [
        {
          ...ours,
          Principal: '*',
          ...when(['ArnLike', 'aws:PrincipalArn', `arn:aws:iam::${account}:role/team/*`]),
        },
      ],
      'refused',
    ],
    ['no right to tag', [{ ...ours, Action: 'sts:AssumeRole' }], 'refused'],
    ['no right to tag, and no tags', [{ ...ours, Action: 'sts:AssumeRole' }], 'trusted', untagged],
    ['the external id of these pods', [oursWhen('StringEquals', 'sts:ExternalId', id)], 'trusted', untagged],
    [
      'the external id of any pod of the cluster',
      [oursWhen('StringLike', 'sts:ExternalId', `us-west-2/${account}/eks-workshop/*`)],
      'trusted',
      untagged,
    ],
    [
      'the external id of another namespace',
      [oursWhen('StringEquals', 'sts:ExternalId', id.replace('carts', 'orders'))],
      'refused',
      untagged,
    ],
    [
      'an external id where tags are sent instead',
      [oursWhen('StringEquals', 'sts:ExternalId', id)],
      'refused',
    ],
    ['an external id, if there is one', [oursWhen('StringEqualsIfExists', 'sts:ExternalId', id)], 'trusted'],
    [
      'the namespace of the request',
      [oursWhen('StringEquals', tag('kubernetes-namespace'), 'carts')],
      'trusted',
    ],
    ['another namespace', [oursWhen('StringEquals', tag('kubernetes-namespace'), 'orders')], 'refused'],
    [
      'the namespace that the session brings along',
      [oursWhen('StringEquals', 'aws:PrincipalTag/kubernetes-namespace', 'carts')],
      'trusted',
    ],
    [
      'the cluster as the source, which only a service says',
      [oursWhen('ArnEquals', 'aws:SourceArn', identity.cluster.arn)],
      'refused',
    ],
    ['an organization', [oursWhen('StringEquals', 'aws:PrincipalOrgID', 'o-1')], 'depends'],
    ['the pod service, which does not ask for this role', [pods], 'refused'],
    ['MFA', [oursWhen('Bool', 'aws:MultiFactorAuthPresent', 'true')], 'refused'],
    [
      'no service',
      [
        ours,
        {
          Effect: 'Deny',
          Principal: '*',
          Action: 'sts:AssumeRole',
          ...when(['Bool', 'aws:PrincipalIsAWSService', 'true']),
        },
      ],
      'trusted',
    ],
  ]
  it.each(rows)('%s', (_why, statements, verdict, of = identity) => {
    const target = {
      name: 'theirs',
      arn: 'arn:aws:iam::444455556666:role/theirs',
      trust: document(...statements),
    }
    expect(verdictOf(checkTargetTrust({ ...of, role: { ...role, tags: {} }, target }))).toBe(verdict)
  })
})

describe('permissions', () => {
  type Answer = 'allowed' | 'conditional' | 'implicitDeny' | 'explicitDeny' | 'partialDeny'
  const read = { actions: ['dynamodb:GetItem'], resources: [table] }
  const bucket = { actions: ['s3:GetObject'], resources: ['arn:aws:s3:::b/*'] }
  const own = table.replace('eks-workshop-carts', 'carts-items')
  const all = grantOf('*', '*')
  const only = (...operators: [string, string, unknown][]) => grantOf('dynamodb:*', '*', when(...operators))
  const never = (...operators: [string, string, unknown][]) => deny('*', '*', when(...operators))
  const itemsOfNamespace = grantOf(
    'dynamodb:*',
    own.replace('carts-items', '\u0024{aws:PrincipalTag/kubernetes-namespace}-items'),
  )
  type Row = [why: string, statements: object[], answer: Answer, more?: Partial<RoleQuestion>]
  const rows: Row[] = [
    ['all but IAM', [grantOf(undefined, '*', { NotAction: 'iam:*' })], 'allowed'],
    [
      'all but another table',
      [grantOf('dynamodb:*', undefined, { NotResource: `${table}-other` })],
      'allowed',
    ],
    ['all but our table', [grantOf('dynamodb:*', undefined, { NotResource: `${table}*` })], 'implicitDeny'],
    ['nothing but DynamoDB', [all, deny(undefined, '*', { NotAction: 'dynamodb:*' })], 'allowed'],
    [
      'nothing but DynamoDB, and S3 is needed',
      [all, deny(undefined, '*', { NotAction: 'dynamodb:*' })],
      'explicitDeny',
      { needs: [bucket] },
    ],
    [
      'nothing outside of a region',
      [all, never(['StringNotEquals', 'aws:RequestedRegion', 'eu-west-1'])],
      'explicitDeny',
    ],
    [
      'nothing outside of our region',
      [all, never(['StringNotEquals', 'aws:RequestedRegion', 'us-west-2'])],
      'allowed',
    ],
    [
      'nothing outside of a region, where the ARN names none',
      [all, never(['StringNotEquals', 'aws:RequestedRegion', 'eu-west-1'])],
      'conditional',
      { needs: [bucket] },
    ],
    [
      'nothing for another namespace',
      [all, never(['StringNotEqualsIfExists', 'aws:PrincipalTag/kubernetes-namespace', 'carts'])],
      'allowed',
    ],
    ['a table by the namespace', [itemsOfNamespace], 'allowed', { needs: [{ ...read, resources: [own] }] }],
    [
      'a table by the namespace, without tags',
      [itemsOfNamespace],
      'implicitDeny',
      { needs: [{ ...read, resources: [own] }], sessionTags: false },
    ],
    ['some attributes', [only(['ForAllValues:StringEquals', 'dynamodb:Attributes', ['id']])], 'conditional'],
    ['rows of a tenant', [only(['ForAnyValue:StringLike', 'dynamodb:LeadingKeys', 'a-*'])], 'conditional'],
    ['nothing without TLS', [all, never(['Bool', 'aws:SecureTransport', 'false'])], 'allowed'],
    [
      'nothing without MFA',
      [all, never(['BoolIfExists', 'aws:MultiFactorAuthPresent', 'false'])],
      'explicitDeny',
    ],
    [
      'nothing without MFA of those who say so',
      [all, never(['Bool', 'aws:MultiFactorAuthPresent', 'false'])],
      'explicitDeny',
    ],
    ['resources of our account', [only(['StringEquals', 'aws:ResourceAccount', account])], 'allowed'],
    [
      'nothing of other accounts',
      [all, never(['StringNotEquals', 'aws:ResourceAccount', account])],
      'explicitDeny',
      { needs: [{ ...read, resources: [table.replace(account, '444455556666')] }] },
    ],
    ['only through another service', [only(['Bool', 'aws:ViaAWSService', 'true'])], 'implicitDeny'],
    [
      'only through CloudFormation',
      [only(['ForAnyValue:StringEquals', 'aws:CalledVia', 'cloudformation.amazonaws.com'])],
      'implicitDeny',
    ],
    [
      'nothing for other roles',
      [all, never(['ArnNotLike', 'aws:PrincipalArn', `arn:aws:iam::${account}:role/eks-*`])],
      'allowed',
    ],
    [
      'nothing from other networks',
      [all, never(['StringNotEquals', 'aws:SourceVpce', 'vpce-1'])],
      'conditional',
    ],
    [
      'nothing from other networks, unless a service of AWS calls',
      [
        all,
        never(
          ['StringNotEqualsIfExists', 'aws:SourceVpc', 'vpc-1'],
          ['BoolIfExists', 'aws:ViaAWSService', 'false'],
        ),
      ],
      'conditional',
    ],
    [
      'resources of our team, which has none',
      [only(['StringEquals', 'aws:ResourceTag/team', '\u0024{aws:PrincipalTag/team}'])],
      'implicitDeny',
    ],
    ['the session of a service', [only(['Bool', 'aws:PrincipalIsAWSService', 'true'])], 'implicitDeny'],
    [
      'a name with one other letter',
      [grantOf('dynamodb:GetIte?', table.replace('carts', 'c?rts'))],
      'allowed',
    ],
    ['an action in other letters', [grantOf('DYNAMODB:getitem', table)], 'allowed'],
    [
      'a table in other letters',
      [grantOf('dynamodb:GetItem', table.replace('carts', 'Carts'))],
      'implicitDeny',
    ],
    [
      'a part of the objects denied',
      [all, deny('s3:*', 'arn:aws:s3:::b/private/*')],
      'partialDeny',
      { needs: [bucket] },
    ],
    ['a federated user', [only(['StringEquals', 'aws:FederatedProvider', 'x'])], 'implicitDeny'],
  ]
  it.each(rows)('%s', (_why, statements, answer, more = {}) => {
    const plain = JSON.parse(JSON.stringify(document(...statements))) as unknown
    const role = roleWith([{ name: 'p', kind: 'inline', document: plain }], {
      trust: document(pods),
      tags: {},
    })
    const { verdicts } = checkRole({ ...identity, roleArn: role.arn, role, needs: [read], ...more })
    expect(verdicts.map(({ decision }) => decision)).toEqual([answer])
  })
})

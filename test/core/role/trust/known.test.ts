import { describe, expect, it } from 'vitest'
import { checkTrust } from '../../../../core/role/trust/trust.ts'

const account = '111122223333'
const cluster = { name: 'eks-workshop', arn: `arn:aws:eks:us-west-2:${account}:cluster/eks-workshop` }
const oidc = `arn:aws:iam::${account}:oidc-provider/oidc.eks.us-west-2.amazonaws.com/id/ABC`

const identity = { cluster, account, namespace: 'carts', serviceAccount: 'carts', sessionTags: true }

const trusting = (statement: object = {}) => ({
  Effect: 'Allow',
  Principal: { Service: 'pods.eks.amazonaws.com' },
  Action: ['sts:AssumeRole', 'sts:TagSession'],
  ...statement,
})
const document = (...statements: object[]) => ({ Version: '2012-10-17', Statement: statements })
const when = (operator: string, key: string, value: unknown) =>
  document(trusting({ Condition: { [operator]: { [key]: value } } }))

const check = (trust: unknown, changes: Partial<typeof identity> = {}) =>
  checkTrust({ ...identity, ...changes, role: { name: 'eks-workshop-carts-dynamo', trust } })

const codes = (trust: unknown, changes: Partial<typeof identity> = {}) =>
  check(trust, changes).map(({ code }) => code)

describe('the request that EKS makes is known', () => {
  const rows: [string, string, string, unknown][] = [
    ['an organization of the caller', 'StringEquals', 'aws:PrincipalOrgID', 'o-1234567890'],
    ['MFA', 'Bool', 'aws:MultiFactorAuthPresent', 'true'],
    ['other transitive tags', 'ForAnyValue:StringEquals', 'sts:TransitiveTagKeys', 'team'],
    ['an OIDC subject', 'StringEquals', `${oidc}:sub`, 'system:serviceaccount:carts:carts'],
    ['a key that nobody knows', 'StringEquals', 'example:Key', 'x'],
    ['a tag of the caller', 'StringEquals', 'aws:PrincipalTag/team', 'shop'],
  ]
  it.each(rows)('%s is refused now', (_why, operator, key, value) => {
    expect(codes(when(operator, key, value))).toEqual(['trust-condition-unmet'])
  })

  it.each([
    [
      'all tags are transitive',
      'ForAllValues:StringEquals',
      'sts:TransitiveTagKeys',
      [
        'eks-cluster-arn',
        'eks-cluster-name',
        'kubernetes-namespace',
        'kubernetes-pod-name',
        'kubernetes-pod-uid',
        'kubernetes-service-account',
      ],
    ],
    ['the service by its name', 'StringEquals', 'aws:PrincipalServiceName', 'pods.eks.amazonaws.com'],
    ['a service', 'Bool', 'aws:PrincipalIsAWSService', 'true'],
  ])('%s', (_why, operator, key, value) => {
    expect(codes(when(operator, key, value))).toEqual([])
  })
})

describe('a trust that lets everybody in', () => {
  it.each<[string, object, string[]]>([
    ['anybody', trusting({ Principal: '*' }), ['trust-open-to-everybody']],
    [
      'anybody by AWS',
      trusting({ Principal: { AWS: '*', Service: 'pods.eks.amazonaws.com' } }),
      ['trust-open-to-everybody'],
    ],
    [
      'anybody over TLS',
      trusting({ Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'true' } } }),
      ['trust-open-to-everybody'],
    ],
  ])('%s is a warning', (_why, statement, expected) => {
    expect(codes(document(statement))).toEqual(expected)
  })

  it.each<[string, object]>([
    ['of the organization', { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } }],
    ['with an external id', { StringEquals: { 'sts:ExternalId': 'x' } }],
    ['of the account', { StringEquals: { 'aws:PrincipalAccount': account } }],
  ])('not anybody %s', (_why, condition) => {
    expect(codes(document(trusting(), trusting({ Principal: '*', Condition: condition })))).toEqual([])
  })
})

describe('what nobody can know beforehand', () => {
  const rows: [string, object, string][] = [
    [
      'the pod’s name',
      when('StringLike', 'aws:RequestTag/kubernetes-pod-name', 'carts-*'),
      'aws:RequestTag/kubernetes-pod-name',
    ],
    [
      'the pod’s uid',
      when('StringLike', 'aws:RequestTag/kubernetes-pod-uid', '*'),
      'aws:RequestTag/kubernetes-pod-uid',
    ],
    ['the organization', when('StringEquals', 'aws:SourceOrgId', 'o-1234567890'), 'aws:SourceOrgId'],
    [
      'the region that STS is asked in',
      when('StringEquals', 'aws:RequestedRegion', 'us-west-2'),
      'aws:RequestedRegion',
    ],
    [
      'a Deny for some pods',
      document(
        trusting(),
        trusting({
          Effect: 'Deny',
          Condition: { StringLike: { 'aws:RequestTag/kubernetes-pod-name': 'debug-*' } },
        }),
      ),
      'aws:RequestTag/kubernetes-pod-name',
    ],
  ]
  it.each(rows)('%s is a warning', (_why, trust, key) => {
    expect(check(trust)).toMatchObject([
      { code: 'trust-conditional', severity: 'warning', found: expect.stringContaining(key) },
    ])
  })

  it('is known where session tags are off: there is none', () => {
    expect(
      codes(when('StringLike', 'aws:RequestTag/kubernetes-pod-name', '*'), { sessionTags: false }),
    ).toEqual(['trust-request-tag-without-session-tags'])
  })
})

describe('a document that cannot be read', () => {
  const rows: [string, unknown, string][] = [
    ['not JSON', '{"Version"', 'is not JSON'],
    ['no object', 7, '7 is not a policy document'],
    ['an impossible version', { ...document(trusting()), Version: '2012-10-18' }, 'Version "2012-10-18"'],
    ['an unknown element', document(trusting({ Actions: 'sts:*' })), 'Statement[0].Actions'],
    [
      'no principal',
      document(trusting({ Principal: undefined })),
      'Statement[0] has neither Principal nor NotPrincipal',
    ],
    ['an unknown operator', when('StringIs', 'aws:SourceArn', 'x'), 'Statement[0].Condition.StringIs'],
  ]
  it.each(rows)('%s', (_why, trust, found) => {
    const [finding, ...others] = check(trust)
    expect(others).toEqual([])
    expect(finding).toMatchObject({
      code: 'trust-document-invalid',
      severity: 'blocking',
      found: expect.stringContaining(found),
    })
    // IAM holds the document, so nothing is proposed that would replace it.
    expect(finding?.remedy).toMatchObject({
      looks: true,
      command: expect.stringContaining('aws iam get-role'),
    })
  })
})

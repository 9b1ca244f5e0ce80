import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import type { Remedy } from '../../../core/findings.ts'
import { checkTrust } from '../../../core/role/trust/trust.ts'

const account = '111122223333'
const cluster = { name: 'eks-workshop', arn: `arn:aws:eks:us-west-2:${account}:cluster/eks-workshop` }
const otherCluster = `arn:aws:eks:us-west-2:${account}:cluster/staging`
const association = `arn:aws:eks:us-west-2:${account}:podidentityassociation/eks-workshop/a-abcdefghijklmnop1`
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

const irsa = trusting({
  Principal: { Federated: oidc },
  Action: 'sts:AssumeRoleWithWebIdentity',
  Condition: { StringEquals: { [`${oidc}:sub`]: 'system:serviceaccount:carts:carts' } },
})

const check = (trust: unknown, changes: Partial<typeof identity> = {}) =>
  checkTrust({ ...identity, ...changes, role: { name: 'eks-workshop-carts-dynamo', trust } })

const codes = (trust: unknown, changes: Partial<typeof identity> = {}) =>
  check(trust, changes).map(({ code }) => code)

describe('a trust policy that works', () => {
  const rows: [string, object, object?][] = [
    ['the workshop’s', document(trusting())],
    ['a single statement, single strings', { ...document(), Statement: trusting({ Action: 'sts:*' }) }],
    [
      'assuming and tagging in two statements',
      document(trusting({ Action: 'sts:AssumeRole' }), trusting({ Action: 'sts:TagSession' })),
    ],
    [
      'among other principals',
      document(trusting({ Principal: { Service: ['ec2.amazonaws.com', 'pods.eks.amazonaws.com'] } })),
    ],
    ['for IRSA too, as during a migration', document(irsa, trusting())],
    ['for anyone', document(trusting({ Principal: '*' }))],
    ['this cluster by ArnEquals', when('ArnEquals', 'aws:SourceArn', cluster.arn)],
    ['every cluster of the account', when('ArnLike', 'aws:SourceArn', `arn:aws:eks:*:${account}:cluster/*`)],
    ['this cluster among several', when('StringEquals', 'aws:SourceArn', [otherCluster, cluster.arn])],
    ['this account', when('StringEquals', 'aws:sourceaccount', account)],
    [
      'this ServiceAccount by its tag',
      when('StringEquals', 'aws:RequestTag/kubernetes-service-account', 'carts'),
    ],
    [
      'the tags EKS sets and no others',
      when('ForAllValues:StringLike', 'aws:TagKeys', ['eks-*', 'kubernetes-*']),
    ],
    ['not another namespace', when('StringNotEquals', 'aws:RequestTag/kubernetes-namespace', 'kube-system')],
    [
      'another cluster in a statement of its own',
      document(trusting({ Condition: { StringEquals: { 'aws:SourceArn': otherCluster } } }), trusting()),
    ],
    [
      'no sts:TagSession where tags are off',
      document(trusting({ Action: 'sts:AssumeRole' })),
      { sessionTags: false },
    ],
    [
      'a Deny of somebody else',
      document(trusting(), trusting({ Effect: 'Deny', Principal: { AWS: `arn:aws:iam::${account}:root` } })),
    ],
    [
      'a Deny that spares the service',
      document(trusting(), {
        Effect: 'Deny',
        NotPrincipal: { Service: 'pods.eks.amazonaws.com' },
        Action: '*',
      }),
    ],
  ]
  it.each(rows)('%s', (_why, trust, changes) => {
    expect(check(trust, changes)).toEqual([])
  })
})

describe('a mistake in a trust policy', () => {
  const rows: [string, unknown, string[], object?][] = [
    [
      'the workshop’s early one: no sts:TagSession',
      document(trusting({ Action: 'sts:AssumeRole' })),
      ['trust-tag-session-missing'],
    ],
    [
      'sts:TagSession for somebody else only',
      document(
        trusting({ Action: 'sts:AssumeRole' }),
        trusting({ Principal: { Service: 'ec2.amazonaws.com' } }),
      ),
      ['trust-tag-session-missing'],
    ],
    ['only sts:TagSession', document(trusting({ Action: 'sts:TagSession' })), ['trust-assume-role-missing']],
    [
      'IRSA’s action for the service',
      document(trusting({ Action: 'sts:AssumeRoleWithWebIdentity' })),
      ['trust-assume-role-missing'],
    ],
    [
      'NotAction that excludes both',
      document({ ...trusting({ Action: undefined, NotAction: 'sts:*' }) }),
      ['trust-assume-role-missing'],
    ],
    ['made for IRSA', document(irsa), ['trust-irsa-only']],
    [
      'the association for the cluster',
      when('ArnEquals', 'aws:SourceArn', association),
      ['trust-source-arn-is-association'],
    ],
    ['another cluster', when('ArnEquals', 'aws:SourceArn', otherCluster), ['trust-source-arn-other-cluster']],
    [
      'a wildcard that StringEquals does not know',
      when('StringEquals', 'aws:SourceArn', `arn:aws:eks:us-west-2:${account}:cluster/*`),
      ['trust-source-arn-other-cluster'],
    ],
    [
      'this cluster forbidden',
      when('ArnNotEquals', 'aws:SourceArn', cluster.arn),
      ['trust-source-arn-other-cluster'],
    ],
    [
      'a source that must not be named',
      when('Null', 'aws:SourceArn', 'true'),
      ['trust-source-arn-other-cluster'],
    ],
    [
      'another account',
      when('StringEquals', 'aws:SourceAccount', '999988887777'),
      ['trust-source-account-other'],
    ],
    [
      'a tag, where tags are off',
      when('StringEquals', 'aws:RequestTag/kubernetes-namespace', 'carts'),
      ['trust-request-tag-without-session-tags'],
      { sessionTags: false },
    ],
    [
      'tag keys, where tags are off',
      when('ForAnyValue:StringEquals', 'aws:TagKeys', 'kubernetes-namespace'),
      ['trust-request-tag-without-session-tags'],
      { sessionTags: false },
    ],
    [
      'another namespace',
      when('StringEquals', 'aws:RequestTag/kubernetes-namespace', 'orders'),
      ['trust-request-tag-other'],
    ],
    ['a tag EKS never sets', when('StringEquals', 'aws:RequestTag/team', 'carts'), ['trust-condition-unmet']],
    ['an external id', when('StringEquals', 'sts:ExternalId', 'x'), ['trust-condition-unmet']],
    [
      'pod for pods',
      document(trusting({ Principal: { Service: 'pod.eks.amazonaws.com' } })),
      ['trust-principal-misspelt'],
    ],
    [
      'a letter left out',
      document(trusting({ Principal: { Service: 'pds.eks.amazonaws.com' } })),
      ['trust-principal-misspelt'],
    ],
    [
      'a region in the name',
      document(
        trusting({ Principal: { Service: ['pods.eks.us-west-2.amazonaws.com', 'ec2.amazonaws.com'] } }),
      ),
      ['trust-principal-misspelt'],
    ],
    [
      'capitals',
      document(trusting({ Principal: { Service: 'Pods.EKS.amazonaws.com' } })),
      ['trust-principal-misspelt'],
    ],
    [
      'the words turned round',
      document(trusting({ Principal: { Service: 'eks-pods.amazonaws.com' } })),
      ['trust-principal-misspelt'],
    ],
    [
      'the right name as Federated',
      document(trusting({ Principal: { Federated: 'pods.eks.amazonaws.com' } })),
      ['trust-principal-misspelt'],
    ],
    [
      'Fargate’s service is another',
      document(trusting({ Principal: { Service: 'eks-fargate-pods.amazonaws.com' } })),
      ['trust-principal-missing'],
    ],
    [
      'the cluster role’s service is another',
      document(trusting({ Principal: { Service: 'eks.amazonaws.com' } })),
      ['trust-principal-missing'],
    ],
    ['nobody trusted', document(), ['trust-principal-missing']],
    [
      'a Deny',
      document(trusting(), trusting({ Effect: 'Deny', Action: 'sts:TagSession', Principal: '*' })),
      ['trust-explicit-deny'],
    ],
    [
      'several at once',
      document(
        trusting({
          Action: 'sts:AssumeRole',
          Condition: {
            StringEquals: { 'aws:SourceAccount': '999988887777' },
            ArnEquals: { 'aws:SourceArn': association },
          },
        }),
        trusting({ Effect: 'Deny', Action: 'sts:AssumeRole' }),
      ),
      [
        'trust-explicit-deny',
        'trust-tag-session-missing',
        'trust-source-account-other',
        'trust-source-arn-is-association',
      ],
    ],
  ]
  it.each(rows)('%s', (_why, trust, expected, changes) => {
    expect(codes(trust, changes)).toEqual(expected)
    expect(check(trust, changes).every(({ severity }) => severity === 'blocking')).toBe(true)
  })

  it.each(rows)('is mended by the remedy as a shell runs it: %s', (_why, trust, _codes, changes) => {
    for (const { remedy } of check(trust, changes)) expect(check(pasted(remedy), changes)).toEqual([])
  })

  it('leaves the rest of the document alone', () => {
    const trust = document(irsa, trusting({ Sid: "It's", Action: 'sts:AssumeRole' }))
    const [finding] = check(trust)
    expect(pasted(finding?.remedy)).toEqual(
      document(irsa, trusting({ Sid: "It's", Action: ['sts:AssumeRole', 'sts:TagSession'] })),
    )
  })

  it('keeps another cluster’s access', () => {
    const [finding] = check(when('ArnEquals', 'aws:SourceArn', otherCluster))
    expect(pasted(finding?.remedy)).toEqual(when('ArnEquals', 'aws:SourceArn', [otherCluster, cluster.arn]))
  })

  it('puts the cluster in the place of an association, and keeps another cluster beside it', () => {
    const [finding] = check(when('ArnEquals', 'aws:SourceArn', [association, otherCluster]))
    expect(pasted(finding?.remedy)).toEqual(when('ArnEquals', 'aws:SourceArn', [otherCluster, cluster.arn]))
  })

  it('takes out what denies, and not the statement of the same Sid that allows', () => {
    const allowing = trusting({ Sid: 'Pods' })
    const [finding, ...others] = check(document(allowing, { ...allowing, Effect: 'Deny' }))
    expect(others).toEqual([])
    expect(pasted(finding?.remedy)).toEqual(document(allowing))
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
    expect(check(pasted(finding?.remedy))).toEqual([])
  })
})

/** The policy document of a remedy as the AWS CLI would receive it from a shell. */
const pasted = ({ command = '' }: Remedy = { advice: '' }): unknown => {
  const words = execFileSync('sh', ['-c', `aws() { for word; do printf '%s\\0' "$word"; done; }\n${command}`])
    .toString()
    .split('\0')
  expect(words.slice(0, 4)).toEqual([
    'iam',
    'update-assume-role-policy',
    '--role-name',
    'eks-workshop-carts-dynamo',
  ])
  return JSON.parse(words[words.indexOf('--policy-document') + 1] ?? '')
}

import { describe, expect, it } from 'vitest'
import type { Remedy } from '../../../../core/findings.ts'
import { checkTrust } from '../../../../core/role/trust/trust.ts'
import { optionOf, shellCommands } from '../../../support/shell-words.ts'

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

const exact = trusting({
  Condition: {
    StringEquals: {
      'aws:RequestTag/eks-cluster-arn': cluster.arn,
      'aws:RequestTag/kubernetes-namespace': 'carts',
      'aws:RequestTag/kubernetes-service-account': 'carts',
    },
  },
})

const irsa = trusting({
  Principal: { Federated: oidc },
  Action: 'sts:AssumeRoleWithWebIdentity',
  Condition: { StringEquals: { [`${oidc}:sub`]: 'system:serviceaccount:carts:carts' } },
})

const check = (trust: unknown, changes: Partial<typeof identity> = {}) =>
  checkTrust({ ...identity, ...changes, role: { name: 'eks-workshop-carts-dynamo', trust } })

const codes = (trust: unknown, changes: Partial<typeof identity> = {}) =>
  check(trust, changes).map(({ code }) => code)

/** The policy document of a remedy, as the AWS CLI would receive it from a shell. */
const pasted = ({ command = '' }: Remedy = { advice: '' }): unknown => {
  const [words = []] = shellCommands(command)
  expect(words.slice(0, 5)).toEqual([
    'aws',
    'iam',
    'update-assume-role-policy',
    '--role-name',
    'eks-workshop-carts-dynamo',
  ])
  return JSON.parse(optionOf(words, '--policy-document') ?? '')
}

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
    for (const { remedy } of check(trust, changes))
      if (remedy?.command) expect(check(pasted(remedy), changes)).toEqual([])
      else expect(remedy?.advice).toMatch(/^Ask who wrote statement/)
  })

  it('leaves the rest of the document alone', () => {
    const trust = document(irsa, trusting({ Sid: "It's", Action: 'sts:AssumeRole' }))
    const [finding] = check(trust)
    expect(pasted(finding?.remedy)).toEqual(
      document(irsa, trusting({ Sid: "It's", Action: ['sts:AssumeRole', 'sts:TagSession'] })),
    )
  })

  it('adds a statement for these pods beside one for another cluster', () => {
    const trust = when('ArnEquals', 'aws:SourceArn', otherCluster)
    expect(pasted(check(trust)[0]?.remedy)).toEqual(document(...trust.Statement, exact))
  })
})

describe('a mend never widens', () => {
  const root = `arn:aws:iam::${account}:root`
  const vendor = 'arn:aws:iam::999988887777:role/vendor'
  const rows: [string, object][] = [
    [
      'everybody, held by the caller’s ARN',
      trusting({
        Principal: { AWS: '*' },
        Condition: { ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${account}:role/ci-*` } },
      }),
    ],
    [
      'a vendor and the pods, by the vendor’s external id',
      trusting({
        Principal: { AWS: vendor, Service: 'pods.eks.amazonaws.com' },
        Condition: { StringEquals: { 'sts:ExternalId': 'vendor-7' } },
      }),
    ],
    [
      'people and the pods, with MFA',
      trusting({
        Principal: { AWS: root, Service: 'pods.eks.amazonaws.com' },
        Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
      }),
    ],
    [
      'IRSA and the pods in one statement, by the OIDC subject',
      trusting({
        Principal: { Federated: oidc, Service: 'pods.eks.amazonaws.com' },
        Condition: { StringEquals: { [`${oidc}:sub`]: 'system:serviceaccount:carts:carts' } },
      }),
    ],
  ]
  it.each(rows)('%s: a statement of the pods’ own is added', (_why, statement) => {
    const [finding] = check(document(statement))
    expect(finding).toMatchObject({ code: 'trust-condition-unmet', severity: 'blocking' })
    expect(pasted(finding?.remedy)).toEqual(document(statement, exact))
  })

  it('a Deny without MFA stays for everybody but the service', () => {
    const deny = {
      Effect: 'Deny',
      Principal: '*',
      Action: 'sts:AssumeRole',
      Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } },
    }
    const [finding] = check(document(trusting(), deny))
    expect(finding?.code).toBe('trust-explicit-deny')
    const service = { StringNotEquals: { 'aws:PrincipalServiceName': 'pods.eks.amazonaws.com' } }
    expect(pasted(finding?.remedy)).toEqual(
      document(trusting(), { ...deny, Condition: { ...deny.Condition, ...service } }),
    )
  })

  it('mends what stands in the way, and leaves all else: the Id, and a Deny beside the first', () => {
    const deny = (statement: object) => ({
      Effect: 'Deny',
      Principal: '*',
      Action: 'sts:AssumeRole',
      ...statement,
    })
    const Condition = { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } }
    const first = deny({ Condition })
    const second = deny({ Sid: 'Theirs', Principal: { AWS: `arn:aws:iam::${account}:root` } })
    const trust = { ...document(trusting(), first, second), Id: 'carts' }
    const service = { StringNotEquals: { 'aws:PrincipalServiceName': 'pods.eks.amazonaws.com' } }
    expect(pasted(check(trust)[0]?.remedy)).toEqual({
      ...document(trusting(), { ...first, Condition: { ...Condition, ...service } }, second),
      Id: 'carts',
    })
  })

  it('a Deny of the service itself is a person’s to change', () => {
    const [finding] = check(document(trusting(), trusting({ Sid: 'Frozen', Effect: 'Deny' })))
    expect(finding?.remedy).toEqual({ advice: expect.stringContaining('statement Frozen') })
  })

  it('a Deny that asks for the name of the service already is a person’s to change', () => {
    const deny = {
      Sid: 'Services',
      Effect: 'Deny',
      Principal: '*',
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'aws:PrincipalServiceName': 'pods.eks.amazonaws.com' } },
    }
    const [finding] = check(document(trusting(), deny))
    expect(finding).toMatchObject({ code: 'trust-explicit-deny' })
    expect(finding?.remedy).toEqual({ advice: expect.stringContaining('statement Services') })
  })

  it('a misspelt name goes, and who is named beside it stays', () => {
    const shared = (...services: string[]) =>
      trusting({ Principal: { AWS: vendor, Service: services }, Action: 'sts:AssumeRole' })
    const [finding] = check(document(shared('pod.eks.amazonaws.com', 'ec2.amazonaws.com')))
    expect(finding?.code).toBe('trust-principal-misspelt')
    expect(pasted(finding?.remedy)).toEqual(document(shared('ec2.amazonaws.com'), exact))
  })

  /** A trust of so many characters without white space. */
  const long = (size: number) => {
    const of = (filler: string) =>
      document(trusting({ Principal: { AWS: `arn:aws:iam::${account}:role/${filler}` } }))
    return of('r'.repeat(size - JSON.stringify(of('')).length))
  }

  it('says so where the mended document is longer than IAM takes', () => {
    const [finding] = check(long(1900))
    expect(finding?.remedy).toEqual({
      advice: expect.stringMatching(/has 1900 characters .* would have 2\d\d\d, where IAM takes 2048 unless/),
    })
  })

  it('names the cluster where naming the ServiceAccount is too long', () => {
    expect(JSON.stringify(pasted(check(long(1760))[0]?.remedy))).toContain('"aws:SourceArn"')
  })

  it('takes a longer document where IAM has taken one', () => {
    expect(check(long(3000))[0]?.remedy?.command).toContain('kubernetes-namespace')
  })
})

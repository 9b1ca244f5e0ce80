import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planRole } from '../../../core/role/make.ts'
import {
  type Analysis,
  analysisFindings,
  analysisSummary,
  writtenDocuments,
} from '../../../core/role/written.ts'
import { newAccess } from '../../../local/aws/access-analyzer/new-access.ts'

const cluster = { name: 'shop', arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/shop' }
const identity = { cluster, account: '111122223333', namespace: 'carts', serviceAccount: 'carts' }
const roleArn = 'arn:aws:iam::111122223333:role/carts'
const targetRole = 'arn:aws:iam::444455556666:role/theirs'

const names = (of: string) =>
  fc.uniqueArray(fc.constantFrom(...['A', 'B', 'C', 'D', 'D*', 'E?'].map((one) => `${of}${one}`)), {
    minLength: 1,
    // Few of many: needs that take in everything have nothing beside them that could be too much.
    maxLength: 2,
  })
const anyNeeds = fc.array(
  fc.record(
    {
      actions: names('svc:'),
      resources: names('arn:aws:svc:::'),
      grantedBy: fc.constant('resource-policy' as const),
    },
    { requiredKeys: ['actions', 'resources'] },
  ),
  { maxLength: 4 },
)

describe('what podid writes of a role', () => {
  it('allows nothing that the request does not, whatever the needs', () => {
    fc.assert(
      fc.property(anyNeeds, fc.boolean(), fc.boolean(), (needs, sessionTags, hops) => {
        const wants = { needs, sessionTags, ...(hops && { targetRole }) }
        const plan = planRole({ ...identity, roleArn, ...wants })
        for (const { kind, document, atMost } of writtenDocuments(plan, { cluster, ...wants }))
          expect(
            newAccess(
              JSON.stringify(document),
              JSON.stringify(atMost),
              kind === 'trust' ? 'RESOURCE_POLICY' : 'IDENTITY_POLICY',
            ),
          ).toEqual([])
      }),
      { numRuns: 200, seed: 12 },
    )
  })

  it.each([
    ['whom EKS assumes it for', { Condition: undefined }, 'trust'],
    [
      'which cluster',
      { Condition: { StringEquals: { 'aws:RequestTag/eks-cluster-arn': 'arn:other' } } },
      'trust',
    ],
    ['which service', { Principal: { Service: 'ec2.amazonaws.com' } }, 'trust'],
    ['an action', { Action: ['svc:A', 'svc:B'] }, 'permissions'],
    ['a resource', { Resource: '*' }, 'permissions'],
  ])('would be found to allow more in %s', (_what, change, kind) => {
    const wants = { needs: [{ actions: ['svc:A'], resources: ['arn:aws:svc:::A'] }], sessionTags: true }
    const written = writtenDocuments(planRole({ ...identity, roleArn, ...wants }), { cluster, ...wants })
    const { document, atMost } = written.find((one) => one.kind === kind) ?? {}
    const { Statement } = document as { Statement: object[] }
    expect(
      newAccess(
        JSON.stringify({ Version: '2012-10-17', Statement: Statement.map((one) => ({ ...one, ...change })) }),
        JSON.stringify(atMost),
        kind === 'trust' ? 'RESOURCE_POLICY' : 'IDENTITY_POLICY',
      ),
    ).toHaveLength(1)
  })
})

describe('what IAM Access Analyzer says of it', () => {
  const link = 'https://docs.aws.amazon.com/x'
  const issue = (level: 'error' | 'security-warning' | 'warning' | 'suggestion') => ({
    level,
    code: 'SOME_CODE',
    details: 'Words of AWS.',
    link,
    at: 'Statement[0].Action',
  })
  const clean: Analysis = { name: 'the policy podid-needs', newAccess: [], issues: [] }
  const rows: [why: string, change: Partial<Analysis>, findings: [code: string, severity: string][]][] = [
    ['nothing', {}, []],
    [
      'new access',
      { newAccess: ['in the statement with index: 0'] },
      [['access-analyzer-new-access', 'blocking']],
    ],
    ['an error', { issues: [issue('error')] }, [['access-analyzer-error', 'blocking']]],
    ['a security warning', { issues: [issue('security-warning')] }, [['access-analyzer-warning', 'warning']]],
    ['a warning', { issues: [issue('warning')] }, [['access-analyzer-warning', 'info']]],
    ['a suggestion', { issues: [issue('suggestion')] }, [['access-analyzer-warning', 'info']]],
    [
      'no answer to either question',
      { newAccess: { skipped: 'denied' }, issues: { skipped: 'denied' } },
      [
        ['access-analyzer-skipped', 'warning'],
        ['access-analyzer-skipped', 'warning'],
      ],
    ],
  ]
  it.each(rows)('%s', (why, change, expected) => {
    const analyses = [
      { ...clean, name: 'the trust policy' },
      { ...clean, ...change },
    ]
    const findings = analysisFindings({ name: 'carts' }, analyses)
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual(expected)
    for (const { found, subject } of findings) {
      expect(subject).toBe('role carts')
      expect(found).toMatch(/the policy podid-needs/)
    }
    expect(analysisSummary(analyses)).toBe(
      why === 'nothing'
        ? 'IAM Access Analyzer finds no new access and no fault in the trust policy and the policy podid-needs'
        : undefined,
    )
  })

  it('is said with the place, AWS’s words and code, and the page about it', () => {
    expect(analysisFindings({ name: 'carts' }, [{ ...clean, issues: [issue('error')] }])).toMatchObject([
      {
        found:
          "the policy podid-needs that podid would write, Statement[0].Action: Words of AWS. (error SOME_CODE of IAM Access Analyzer's ValidatePolicy)",
        remedy: { advice: expect.stringContaining(link) },
      },
    ])
  })
})

import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../../core/role/permissions/permissions.ts'
import { compareOpinions, type Opinion } from '../../../core/role/second-opinion.ts'

const role = { name: 'carts', arn: 'arn:aws:iam::111122223333:role/carts' }
const table = 'arn:aws:dynamodb:us-west-2:111122223333:table/Items'

const granted: Verdict = {
  role: 'carts',
  action: 'dynamodb:Query',
  resource: table,
  granted: true,
  decision: 'allowed',
  layers: [],
  by: [],
  missingKeys: [],
}
const missing: Verdict = { ...granted, granted: false, decision: 'implicitDeny', layers: ['role'] }
const byTarget: Verdict = { ...granted, by: [{ layer: 'trust', policy: 'trust policy', sid: 'Pods' }] }
const open: Verdict = { ...missing, decision: 'conditional', missingKeys: ['aws:SourceVpc'] }
const narrowed: Verdict = { ...missing, layers: ['session'] }

const allows: Opinion = {
  action: 'dynamodb:Query',
  resource: table,
  decision: 'allowed',
  missingKeys: [],
  blockedByOrganization: false,
}
const denies: Opinion = { ...allows, decision: 'implicitDeny' }
const scp: Opinion = { ...denies, blockedByOrganization: true }

const codes = (verdict: Verdict, opinion: Opinion) =>
  compareOpinions(role, [verdict], { opinions: [opinion] }).map(({ code }) => code)

describe('the second opinion', () => {
  const indexes = `${table}/index/*`
  const rows: [string, Verdict, Opinion, string[]][] = [
    ['agrees that it is granted', granted, allows, []],
    ['agrees that it is missing', missing, denies, []],
    ['denies what we grant', granted, denies, ['second-opinion-disagrees']],
    [
      'denies outright what we grant',
      granted,
      { ...denies, decision: 'explicitDeny' },
      ['second-opinion-disagrees'],
    ],
    ['allows what we miss', missing, allows, ['second-opinion-disagrees']],
    ['names an SCP for what we grant', granted, scp, ['scp-blocks']],
    ['names an SCP for what is open to us', open, scp, ['scp-blocks']],
    ['has no say in what is open to us', open, allows, []],
    ['has no say where it lacks keys', granted, { ...denies, missingKeys: ['aws:SourceVpc'] }, []],
    ['does not know the session policy', narrowed, allows, []],
    ['does not know the trust of the target role, which grants', byTarget, denies, []],
    [
      'denies outright what the target role grants',
      byTarget,
      { ...denies, decision: 'explicitDeny' },
      ['second-opinion-disagrees'],
    ],
    ['names an SCP for what the target role grants', byTarget, scp, ['scp-blocks']],
    [
      'is content with a part of a wildcard, and we are not',
      { ...missing, resource: indexes },
      { ...allows, resource: indexes },
      [],
    ],
    [
      'denies a wildcard we grant',
      { ...granted, resource: indexes },
      { ...denies, resource: indexes },
      ['second-opinion-disagrees'],
    ],
    [
      'does not know the policy of the resource, which grants',
      { ...granted, by: [{ layer: 'resource', policy: 'policy of the resource', sid: 'x' }] },
      denies,
      [],
    ],
    [
      'denies what the role grants by a statement',
      { ...granted, by: [{ layer: 'role', policy: 'p', sid: 'x' }] },
      denies,
      ['second-opinion-disagrees'],
    ],
    [
      'allows what the role misses, and the session policy too',
      { ...missing, layers: ['role', 'session'] },
      allows,
      ['second-opinion-disagrees'],
    ],
    [
      'names an SCP for a wildcard that the role misses',
      { ...missing, resource: indexes },
      { ...scp, resource: indexes },
      ['scp-blocks'],
    ],
    ['speaks of something else', granted, { ...denies, resource: indexes }, []],
    [
      'writes the action in another case',
      granted,
      { ...denies, action: 'DynamoDB:query' },
      ['second-opinion-disagrees'],
    ],
  ]
  it.each(rows)('%s', (_why, verdict, opinion, expected) => {
    expect(codes(verdict, opinion)).toEqual(expected)
  })

  it('is reported with who said what', () => {
    expect(compareOpinions(role, [granted], { opinions: [denies] })).toMatchObject([
      {
        severity: 'warning',
        subject: 'role carts',
        found: `dynamodb:Query on ${table}: granted by our evaluation, denied by iam:SimulatePrincipalPolicy (ours: allowed; IAM's: implicitDeny)`,
        remedy: {
          looks: true,
          command: expect.stringContaining(
            `--policy-source-arn ${role.arn} --action-names dynamodb:Query --resource-arns ${table}`,
          ),
        },
      },
    ])
  })

  it('blocks where an SCP does', () => {
    expect(compareOpinions(role, [granted], { opinions: [scp] })).toMatchObject([
      { severity: 'blocking', found: expect.stringContaining('service control policy') },
    ])
  })

  it.each<[why: string, verdicts: Verdict[], opinions: Opinion[], found: string[]]>([
    [
      'two actions that an SCP forbids',
      [granted, { ...granted, action: 'dynamodb:Scan' }],
      [scp, { ...scp, action: 'dynamodb:Scan' }],
      ["Ask the organization's administrators to allow dynamodb:Query, dynamodb:Scan in this account."],
    ],
    [
      'two answers of its own',
      [granted, { ...granted, action: 'dynamodb:Scan' }],
      [denies, { ...denies, action: 'dynamodb:Scan', decision: 'explicitDeny' }],
      [
        `dynamodb:Query, dynamodb:Scan on ${table}: granted by our evaluation, denied by iam:SimulatePrincipalPolicy (ours: allowed; IAM's: implicitDeny, explicitDeny)`,
      ],
    ],
    [
      'two answers of ours',
      [missing, { ...missing, action: 'dynamodb:Scan', decision: 'explicitDeny' }],
      [allows, { ...allows, action: 'dynamodb:Scan' }],
      [
        `dynamodb:Query, dynamodb:Scan on ${table}: not granted by our evaluation, allowed by iam:SimulatePrincipalPolicy (ours: implicitDeny, explicitDeny; IAM's: allowed)`,
      ],
    ],
    [
      'answers for two resources, each with its own',
      [granted, { ...granted, action: 'dynamodb:Scan', resource: `${table}2` }],
      [denies, { ...denies, action: 'dynamodb:Scan', resource: `${table}2`, decision: 'explicitDeny' }],
      [
        `dynamodb:Query on ${table}: granted by our evaluation, denied by iam:SimulatePrincipalPolicy (ours: allowed; IAM's: implicitDeny)`,
        `dynamodb:Scan on ${table}2: granted by our evaluation, denied by iam:SimulatePrincipalPolicy (ours: allowed; IAM's: explicitDeny)`,
      ],
    ],
  ])('gives %s', (_why, verdicts, opinions, found) => {
    expect(
      compareOpinions(role, verdicts, { opinions }).map(({ code, found: said, remedy }) =>
        code === 'scp-blocks' ? remedy?.advice : said,
      ),
    ).toEqual(found)
  })

  it('is one finding for all actions of a resource', () => {
    const also = { action: 'dynamodb:Scan' }
    const findings = compareOpinions(role, [granted, { ...granted, ...also }], {
      opinions: [denies, { ...denies, ...also }],
    })
    expect(findings).toHaveLength(1)
    expect(findings[0]?.found).toContain('dynamodb:Query, dynamodb:Scan on')
  })
})

import { describe, expect, it } from 'vitest'
import {
  checkRole,
  mayHideInOtherVersions,
  type RoleQuestion,
  renderRoleReport,
} from '../../../core/role/check-role.ts'
import type { RoleFacts } from '../../../core/role/role.ts'

const account = '111122223333'
const table = `arn:aws:dynamodb:us-west-2:${account}:table/carts`

const role: RoleFacts = {
  name: 'carts-dynamo',
  arn: `arn:aws:iam::${account}:role/shop/carts-dynamo`,
  path: '/shop/',
  trust: {
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { Service: 'pods.eks.amazonaws.com' },
      Action: ['sts:AssumeRole', 'sts:TagSession'],
    },
  },
  policies: [
    {
      name: 'carts',
      kind: 'inline',
      document: {
        Version: '2012-10-17',
        Statement: [
          { Sid: 'Table', Effect: 'Allow', Action: 'dynamodb:*', Resource: table },
          {
            Sid: 'Mine',
            Effect: 'Allow',
            Action: 's3:GetObject',
            Resource: '*',
            Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-1' } },
          },
          { Sid: 'NoScans', Effect: 'Deny', Action: 'dynamodb:Scan', Resource: '*' },
        ],
      },
    },
  ],
}

const report = (more: Partial<RoleQuestion> = {}) =>
  checkRole({
    cluster: { name: 'shop', arn: `arn:aws:eks:us-west-2:${account}:cluster/shop` },
    account,
    namespace: 'carts',
    serviceAccount: 'carts',
    sessionTags: true,
    roleArn: role.arn,
    role,
    needs: [{ actions: ['dynamodb:GetItem', 'dynamodb:Query'], resources: [table] }],
    ...more,
  })

describe('the report on a role', () => {
  it('sums up what is right in a line', () => {
    expect(report()).toMatchObject({
      role: 'carts-dynamo',
      trusted: true,
      findings: [],
      summary: 'trusts pods.eks.amazonaws.com; 1 need granted',
    })
  })

  it('counts what is missing', () => {
    const { summary, trusted } = report({ role: { ...role, policies: [], trust: {} } })
    expect(trusted).toBe(false)
    expect(summary).toBe('does not trust pods.eks.amazonaws.com; 0 of 1 need granted')
  })

  it('spells out ready-made needs', () => {
    expect(report({ needs: [{ use: 'dynamodb-read-write', table }] }).verdicts).toHaveLength(12)
  })

  it('shows every answer with what decided it, the actions last', () => {
    const needs = [
      { actions: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:Scan'], resources: [table] },
      { actions: ['dynamodb:Query'], resources: [`${table}/index/*`] },
      { actions: ['s3:GetObject'], resources: ['arn:aws:s3:::a/b'] },
    ]
    expect(renderRoleReport(report({ needs })).split('\n')).toEqual([
      'role carts-dynamo: trusts pods.eks.amazonaws.com; 0 of 3 needs granted',
      'ROLE          RESOURCE                                                     ANSWER   BY                          ACTIONS',
      `carts-dynamo  ${table}          granted  carts/Table                 dynamodb:GetItem,Query`,
      `carts-dynamo  ${table}          denied   carts/NoScans               dynamodb:Scan`,
      `carts-dynamo  ${table}/index/*  missing  no policy                   dynamodb:Query`,
      'carts-dynamo  arn:aws:s3:::a/b                                             depends  carts/Mine (aws:SourceVpc)  s3:GetObject',
    ])
  })

  it('is a line where nothing was asked', () => {
    expect(renderRoleReport(report({ needs: [] }))).toBe(
      'role carts-dynamo: trusts pods.eks.amazonaws.com; no needs to check',
    )
  })

  const absent: [string, Partial<RoleQuestion>, string][] = [
    ['there is no such role', { role: undefined }, 'role-missing'],
    [
      'the role has another path',
      { roleArn: `arn:aws:iam::${account}:role/carts-dynamo` },
      'role-arn-differs',
    ],
  ]
  it.each(absent)('says that %s, and nothing else', (_why, more, code) => {
    expect(report(more)).toMatchObject({
      trusted: false,
      verdicts: [],
      findings: [{ code, severity: 'blocking' }],
    })
  })

  it('sends for other versions only where they may help', () => {
    const denied = [{ actions: ['dynamodb:Scan'], resources: [table] }]
    expect(mayHideInOtherVersions(report())).toBe(false)
    expect(mayHideInOtherVersions(report({ needs: denied }))).toBe(false)
    expect(mayHideInOtherVersions(report({ role: { ...role, policies: [] } }))).toBe(true)
  })

  it('takes the second opinion in', () => {
    expect(report({ second: { skipped: 'AccessDenied' } }).findings).toMatchObject([
      { code: 'second-opinion-skipped' },
    ])
  })
})

it('says by which layers a need is missing', () => {
  const limits = { name: 'limits', arn: `arn:aws:iam::${account}:policy/limits`, document: { Statement: [] } }
  expect(
    renderRoleReport(report({ role: { ...role, boundary: limits }, session: { Statement: [] } })).split('\n'),
  ).toEqual([
    'role carts-dynamo: trusts pods.eks.amazonaws.com; 0 of 1 need granted',
    'ROLE          RESOURCE                                             ANSWER   BY                                              ACTIONS',
    `carts-dynamo  ${table}  missing  not in the boundary, not in the session policy  dynamodb:GetItem,Query`,
  ])
})

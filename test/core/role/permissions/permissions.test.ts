import { describe, expect, it } from 'vitest'
import { checkPermissions, type PermissionQuestion } from '../../../../core/role/permissions/permissions.ts'
import type { RolePolicy } from '../../../../core/role/role.ts'
import {
  account,
  cartsDocument,
  check,
  codes,
  deny,
  document,
  grantOf,
  identity,
  index,
  managed,
  policyArn,
  roleWith,
  table,
} from './support.ts'

describe('the workshop’s role', () => {
  it('grants its needs, each by the statement that does', () => {
    const { verdicts, findings } = check(roleWith([managed(cartsDocument)]))
    expect(findings).toEqual([])
    expect(verdicts).toHaveLength(3)
    expect(verdicts[2]).toEqual({
      role: 'eks-workshop-carts-dynamo',
      action: 'dynamodb:Query',
      resource: index,
      granted: true,
      decision: 'allowed',
      layers: [],
      by: [{ layer: 'role', policy: 'eks-workshop-carts-dynamo', sid: 'AllAPIActionsOnCart' }],
      missingKeys: [],
    })
  })
})

describe('a grant that goes too far', () => {
  const broad = (statement: object, more: Partial<RolePolicy> = {}) => [
    managed(cartsDocument),
    managed(document(statement), { name: 'broad', ...more }),
  ]
  const rows: [string, RolePolicy[], string][] = [
    ['everything', broad(grantOf('*', '*')), 'every action'],
    ['everything, spelt otherwise', broad(grantOf('*:*', '*')), 'every action'],
    [
      'all but something',
      broad({ Effect: 'Allow', NotAction: 'organizations:*', Resource: '*' }),
      'all of IAM',
    ],
    ['any role to any service', broad(grantOf('iam:PassRole', '*')), 'iam:PassRole on every role'],
    ['any role that trusts the account', broad(grantOf('sts:*', '*')), 'sts:AssumeRole'],
    [
      'a policy for administrators',
      broad(grantOf('s3:*', '*'), { arn: 'arn:aws:iam::aws:policy/job-function/SystemAdministrator' }),
      'for administrators',
    ],
  ]
  it.each(rows)('%s', (_why, policies, reason) => {
    expect(check(roleWith(policies)).findings).toMatchObject([
      { code: 'grant-over-broad', severity: 'warning', found: expect.stringContaining(reason) },
    ])
  })

  it('is not a role passed by its name', () => {
    expect(codes(roleWith(broad(grantOf('iam:PassRole', `arn:aws:iam::${account}:role/tasks`))))).toEqual([])
  })
})

describe('a policy that cannot be read', () => {
  it('is quoted, grants nothing and is no crash', () => {
    const { verdicts, findings } = check(
      roleWith([managed('{"Statement": oops'), managed(cartsDocument, { name: 'good' })]),
    )
    expect(findings).toMatchObject([
      {
        code: 'policy-document-invalid',
        severity: 'blocking',
        found: expect.stringContaining('is not JSON'),
      },
    ])
    expect(verdicts.some(({ granted }) => granted)).toBe(false)
  })

  it('is said to be so for the boundary and the session policy as well', () => {
    const bad = { name: 'limits', arn: policyArn, document: { Version: '2012' } }
    expect(
      codes(roleWith([managed(cartsDocument)], { boundary: bad }), { session: 'x' }).filter(
        (code) => code === 'policy-document-invalid',
      ),
    ).toHaveLength(3)
  })
})

describe('what decides beside the role', () => {
  const everything = roleWith([managed(document(grantOf('*', '*')))])
  const found = (asked: PermissionQuestion['needs'], checked = everything) =>
    checkPermissions({ ...identity, role: checked, needs: asked }).findings.filter(
      ({ code }) => code !== 'grant-over-broad',
    )

  it('is reported for resources in another account', () => {
    const resource = 'arn:aws:sns:us-west-2:999988887777:orders'
    expect(found([{ actions: ['sns:Publish'], resources: [resource] }])).toMatchObject([
      { code: 'resource-in-another-account', severity: 'warning', found: expect.stringContaining(resource) },
      { code: 'resource-policies-not-looked-at', severity: 'info' },
    ])
  })

  it.each([
    ['kms:Decrypt', `arn:aws:kms:us-west-2:${account}:key/1234`, 'the policy of the key'],
    ['s3:GetObject', 'arn:aws:s3:::b/*', 'the policy of the bucket'],
    ['sqs:SendMessage', `arn:aws:sqs:us-west-2:${account}:orders`, 'the policy of the queue'],
  ])('is reported for %s', (action, resource, what) => {
    expect(found([{ actions: [action], resources: [resource] }])).toMatchObject([
      { code: 'resource-policies-not-looked-at', found: expect.stringContaining(what) },
    ])
  })

  const own = {
    actions: ['s3:GetObject'],
    resources: ['arn:aws:s3:::b/*'],
    grantedBy: 'resource-policy' as const,
  }

  it('may be said to grant a need, and then a role without policies is no fault', () => {
    const checked = checkPermissions({ ...identity, role: roleWith([]), needs: [own] })
    expect(checked.verdicts).toMatchObject([
      {
        granted: true,
        by: [{ layer: 'resource', policy: 'policy of the resource', sid: 'as the need says' }],
      },
    ])
    expect(checked.findings.filter(({ severity }) => severity !== 'info')).toEqual([])
  })

  it('outweighs no Deny of the role', () => {
    const denying = roleWith([managed(document(deny('s3:*', '*')))])
    expect(found([own], denying).map(({ code }) => code)).toEqual(['permission-denied-explicitly'])
  })

  it('is not needed for what the workload can do without', () => {
    const optional = { actions: ['dynamodb:Scan'], resources: [table], optional: true as const }
    expect(found([optional], roleWith([]))).toMatchObject([
      {
        code: 'permission-optional-missing',
        severity: 'info',
        found: expect.stringContaining('dynamodb:Scan'),
      },
    ])
  })
})

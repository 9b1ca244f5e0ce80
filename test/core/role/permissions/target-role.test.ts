import { describe, expect, it } from 'vitest'
import type { PermissionQuestion } from '../../../../core/role/permissions/permissions.ts'
import type { RoleFacts } from '../../../../core/role/role.ts'
import {
  account,
  cartsDocument,
  check,
  codes,
  deny,
  document,
  grantOf,
  managed,
  pasted,
  policyArn,
  roleWith,
  table,
} from './support.ts'

describe('a target role in another account', () => {
  const target = roleWith([managed(cartsDocument)], {
    name: 'carts-data',
    arn: 'arn:aws:iam::999988887777:role/carts-data',
    trust: document({
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: ['sts:AssumeRole', 'sts:TagSession'],
    }),
  })
  const mayAssume = roleWith([managed(document(grantOf(['sts:AssumeRole', 'sts:TagSession'], target.arn)))])
  const chain = { targetRole: target.arn, target }
  const trustedIf = (condition: object) => ({
    ...target,
    trust: document({
      Effect: 'Allow',
      Principal: { AWS: mayAssume.arn },
      Action: 'sts:*',
      Condition: condition,
    }),
  })

  it('grants the needs through the chain', () => {
    const { verdicts, findings } = check(mayAssume, chain)
    expect(findings).toEqual([])
    expect(verdicts.map((verdict) => `${verdict.role} ${verdict.action}`)).toEqual([
      'eks-workshop-carts-dynamo sts:AssumeRole',
      'eks-workshop-carts-dynamo sts:TagSession',
      'carts-data dynamodb:GetItem',
      'carts-data dynamodb:Query',
      'carts-data dynamodb:Query',
    ])
  })

  const rows: [string, RoleFacts, Partial<PermissionQuestion>, string[]][] = [
    ['our role may not assume it', roleWith([managed(cartsDocument)]), chain, ['permission-missing']],
    [
      'it does not trust our role',
      mayAssume,
      { ...chain, target: { ...target, trust: document() } },
      ['target-trust-missing'],
    ],
    [
      'its own policies lack the needs',
      mayAssume,
      { ...chain, target: { ...target, policies: [] } },
      ['permission-missing'],
    ],
    [
      'the session policy narrows the target',
      mayAssume,
      { ...chain, session: document(grantOf('dynamodb:*', table)) },
      ['permission-session-policy-blocks'],
    ],
    ['it could not be read', mayAssume, { targetRole: target.arn }, ['target-role-unread']],
    [
      'the external id of this ServiceAccount',
      mayAssume,
      {
        ...chain,
        sessionTags: false,
        target: trustedIf({
          StringEquals: { 'sts:ExternalId': `us-west-2/${account}/eks-workshop/carts/carts` },
        }),
      },
      [],
    ],
    [
      'the external id of another',
      mayAssume,
      {
        ...chain,
        sessionTags: false,
        target: trustedIf({
          StringEquals: { 'sts:ExternalId': `us-west-2/${account}/eks-workshop/carts/other` },
        }),
      },
      ['target-trust-missing'],
    ],
    [
      'the organization, which nobody knows',
      mayAssume,
      { ...chain, target: trustedIf({ StringEquals: { 'aws:PrincipalOrgID': 'o-1' } }) },
      ['trust-conditional'],
    ],
    [
      'its trust cannot be read',
      mayAssume,
      { ...chain, target: { ...target, trust: 'x' } },
      ['trust-document-invalid'],
    ],
  ]
  it.each(rows)('%s', (_why, checked, more, expected) => {
    expect([...new Set(codes(checked, more))]).toEqual(expected)
  })

  describe('of the same account', () => {
    const sibling = { ...target, arn: `arn:aws:iam::${account}:role/carts-data` }
    const named = {
      ...sibling,
      trust: document({ Effect: 'Allow', Principal: { AWS: mayAssume.arn }, Action: 'sts:*' }),
    }
    const own = roleWith([])
    const forbidden = roleWith([managed(document(deny('sts:AssumeRole', '*')))])
    const bounded = roleWith([], {
      boundary: { name: 'limits', arn: policyArn, document: document(grantOf('s3:*', '*')) },
    })
    const rows: [string, RoleFacts, RoleFacts, string[]][] = [
      ['trusts our role by its name, which suffices', own, named, []],
      ['trusts the account, which leaves it to our role', own, sibling, ['permission-missing']],
      ['trusts our role, which is forbidden to go there', forbidden, named, ['permission-denied-explicitly']],
      ['trusts our role, which is bounded', bounded, named, ['permission-boundary-blocks']],
      [
        'trusts the account, and our role is bounded',
        bounded,
        sibling,
        ['permission-missing', 'permission-boundary-blocks'],
      ],
    ]
    it.each(rows)('%s', (_why, checked, other, expected) => {
      expect([...new Set(codes(checked, { targetRole: other.arn, target: other }))]).toEqual(expected)
    })
  })

  it('is mended by the remedy', () => {
    const distrustful = { ...target, trust: document() }
    const { document: mended } = pasted(
      check(mayAssume, { ...chain, target: distrustful }).findings[0]?.remedy,
    )
    expect(codes(mayAssume, { ...chain, target: { ...target, trust: mended } })).toEqual([])
  })
})

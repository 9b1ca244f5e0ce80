import { expect, it } from 'vitest'
import { openTrust } from '../../../../core/role/trust/open.ts'
import { told } from '../../told.ts'

const allow = (more: object = {}) => ({ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole', ...more })
const when = (operator: string, key: string, value: string, more: object = {}) =>
  allow({ Condition: { [operator]: { [key]: value } }, ...more })
const statements = (...Statement: object[]) => ({ Version: '2012-10-17', Statement })
const said = (trust: unknown) => told(openTrust({ name: 'role 1', trust }))

/** What the keys hold: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
it.each<[why: string, statements: object[], open: boolean]>([
  ['anybody', [allow()], true],
  ['any AWS principal', [allow({ Principal: { AWS: '*' } })], true],
  ['everybody but one', [{ ...allow(), Principal: undefined, NotPrincipal: { AWS: '1'.repeat(12) } }], true],
  ['whoever has a role', [when('ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::*:role/*')], true],
  ['whoever has a session of a role', [when('StringEquals', 'aws:PrincipalType', 'AssumedRole')], true],
  ['every account', [when('StringLike', 'AWS:PrincipalAccount', '*')], true],
  ['every account that there is', [when('StringLike', 'aws:PrincipalAccount', '?'.repeat(12))], true],
  ['every account but one', [when('StringNotEquals', 'aws:PrincipalAccount', '111122223333')], true],
  ['whoever is no service', [when('Bool', 'aws:PrincipalIsAWSService', 'false')], true],
  ['whoever has a secure connection', [when('Bool', 'aws:SecureTransport', 'true')], true],
  ['whoever does not ask with this external id', [when('StringNotEquals', 'sts:ExternalId', 'x')], true],
  ['whoever is outside a network', [when('NotIpAddress', 'aws:SourceIp', '10.0.0.0/8')], true],
  [
    'anybody but those from one address',
    [allow(), when('IpAddress', 'aws:SourceIp', '203.0.113.9', { Effect: 'Deny' })],
    true,
  ],
  ['an account', [allow({ Principal: { AWS: '111122223333' } })], false],
  ['a service', [allow({ Principal: { Service: 'pods.eks.amazonaws.com' } })], false],
  ['whoever may tag', [allow({ Action: 'sts:TagSession' })], false],
  ['a network', [when('IpAddress', 'aws:SourceIp', '10.0.0.0/8')], false],
  ['a VPC', [when('StringEquals', 'aws:SourceVpc', 'vpc-1')], false],
  ['an external id', [when('StringEquals', 'sts:ExternalId', 'x')], false],
  ['an organization', [when('StringEquals', 'aws:PrincipalOrgID', 'o-1')], false],
  [
    'the roles of an account',
    [when('ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::111122223333:role/*')],
    false,
  ],
  [
    'a network, by a Deny of all others',
    [allow(), when('NotIpAddress', 'aws:SourceIp', '10.0.0.0/8', { Effect: 'Deny' })],
    false,
  ],
  [
    'an external id, by a Deny of whoever has another or none',
    [allow(), when('StringNotEquals', 'sts:ExternalId', 'x', { Effect: 'Deny' })],
    false,
  ],
  ...['aws:CurrentTime', 'AWS:EpochTime'].map((key): [string, object[], boolean] => [
    `nobody since a day, by ${key}, which may have passed`,
    [allow(), when('DateGreaterThan', key, '2020-01-01T00:00:00Z', { Effect: 'Deny' })],
    false,
  ]),
  ['anybody, and a name that only ends as the clock’s', [when('Null', 'x:aws:CurrentTime', 'true')], true],
])('a trust policy that lets in %s', (_why, all, open) => {
  expect(said(statements(...all)).length > 0).toBe(open)
})

it('is told with the statements that do it', () => {
  expect(said(statements(allow({ Sid: 'Old' }), allow({ Principal: { AWS: '*' } })))).toEqual([
    'warning trust-open-to-everybody, role role 1: its trust policy (statement Old, statement #2) lets everybody in AWS assume the role, of whatever account',
    '→ Name those who are to assume it instead of "*", or ask for something only they have (aws:PrincipalOrgID, aws:PrincipalArn); whoever relies on it now loses it, so a person should do that.',
  ])
})

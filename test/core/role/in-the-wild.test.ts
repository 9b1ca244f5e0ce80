import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Finding } from '../../../core/findings.ts'
import { checkRole, type RoleQuestion } from '../../../core/role/check-role.ts'
import { asMade, findingsBeforeMaking } from '../../../core/role/creation.ts'
import { planRole } from '../../../core/role/make.ts'
import type { RoleFacts } from '../../../core/role/role.ts'
import {
  account,
  cartsDocument,
  cartsNeeds,
  deny,
  document,
  grantOf,
  identity,
  index,
  managed,
  roleWith,
  table,
} from './permissions/support.ts'

// The rows of docs/role-check.md, "Trusts and permissions in the wild": each says what it says because the check does.

const page = readFileSync(join(import.meta.dirname, '../../../docs/role-check.md'), 'utf8')
const [, section = ''] = page.split('\n## Trusts and permissions in the wild\n')
const rows = section
  .split('\n## ')[0]
  ?.split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(1)
  .map((line) => line.slice(2, -2).split(' | ')) as [there: string, verdict: string, remedy: string][]

const service = { Service: 'pods.eks.amazonaws.com' }
const usual = {
  Effect: 'Allow',
  Principal: service,
  Action: ['sts:AssumeRole', 'sts:TagSession'],
}
const under = (operator: string, key: string, value: string) => ({
  ...usual,
  Condition: { [operator]: { [key]: value } },
})
const oidc = `arn:aws:iam::${account}:oidc-provider/oidc.eks.us-west-2.amazonaws.com/id/ABC`
const irsa = {
  Effect: 'Allow',
  Principal: { Federated: oidc },
  Action: 'sts:AssumeRoleWithWebIdentity',
  Condition: { StringEquals: { 'oidc:sub': 'system:serviceaccount:carts:carts' } },
}

const role = (more: Partial<RoleFacts>): RoleFacts => roleWith([managed(cartsDocument)], more)
const asked = (more: Partial<RoleQuestion>): Finding[] => {
  const own = role({ trust: document(usual) })
  return checkRole({ ...identity, roleArn: own.arn, role: own, needs: cartsNeeds, ...more }).findings
}
const trusting = (...statements: object[]) => asked({ role: role({ trust: document(...statements) }) })
const having = (policies: RoleFacts['policies'], more: Partial<RoleFacts> = {}) =>
  asked({ role: roleWith(policies, { trust: document(usual), ...more }) })

/** A policy that grants what the carts need, and nothing else. */
const exactly = document(
  grantOf(['dynamodb:GetItem', 'dynamodb:Query'], table),
  grantOf('dynamodb:Query', index),
)

const long = (size: number) => ({
  ...under('StringEquals', 'aws:SourceAccount', '999988887777'),
  Sid: 'a'.repeat(size),
})
const newRole = (needs: typeof cartsNeeds, boundary?: string) => {
  const plan = planRole({ ...identity, roleArn: role({}).arn, needs, boundary })
  const made = asMade(plan, role({}).arn, undefined)
  return findingsBeforeMaking(plan, asked({ role: made, needs }), undefined)
}

/** What stands in each row, by the row's first words; every way that a row names. */
const found: Record<string, (() => Finding[])[]> = {
  'the pod service with `sts:AssumeRole` alone': [() => trusting({ ...usual, Action: 'sts:AssumeRole' })],
  'IRSA only, or nobody of ours': [
    () => trusting(irsa),
    () => trusting({ ...usual, Principal: { Service: 'ec2.amazonaws.com' } }),
  ],
  "another cluster, an association's ARN, another namespace in a condition": [
    () => trusting(under('ArnLike', 'aws:SourceArn', identity.cluster.arn.replace('workshop', 'other'))),
    () =>
      trusting(
        under('ArnLike', 'aws:SourceArn', `arn:aws:eks:us-west-2:${account}:podidentityassociation/*`),
      ),
    () => trusting(under('StringEquals', 'aws:RequestTag/kubernetes-namespace', 'orders')),
  ],
  'the pods and a vendor, people or an OIDC provider in one statement, under an external id, MFA or a subject':
    [
      () =>
        trusting({
          ...under('StringEquals', 'sts:ExternalId', 'vendor-7'),
          Principal: { ...service, AWS: '999988887777' },
        }),
      () =>
        trusting({
          ...under('Bool', 'aws:MultiFactorAuthPresent', 'true'),
          Principal: { ...service, AWS: account },
        }),
      () =>
        trusting({ ...under('StringEquals', 'oidc:sub', 'x'), Principal: { ...service, Federated: oidc } }),
    ],
  '`aws:PrincipalOrgID`, MFA asked of EKS': [
    () => trusting(under('StringEquals', 'aws:PrincipalOrgID', 'o-1234567890')),
    () => trusting(under('Bool', 'aws:MultiFactorAuthPresent', 'true')),
  ],
  "the pod's name, network, region or organization in a condition": [
    () => trusting(under('StringEquals', 'aws:RequestedRegion', 'us-west-2')),
    () => trusting(under('StringLike', 'aws:RequestTag/kubernetes-pod-name', 'carts-*')),
    () => trusting(under('StringEquals', 'aws:SourceVpc', 'vpc-1')),
    () => trusting(under('StringEquals', 'aws:SourceOrgID', 'o-1234567890')),
  ],
  'a Deny of everybody without MFA': [
    () =>
      trusting(usual, {
        Effect: 'Deny',
        Principal: '*',
        Action: 'sts:AssumeRole',
        Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } },
      }),
  ],
  'a Deny that names the pod service': [
    () => trusting(usual, { Effect: 'Deny', Principal: service, Action: 'sts:*' }),
  ],
  '`Principal: "*"` without a condition that a stranger fails': [
    () => trusting({ ...usual, Principal: '*' }),
  ],
  'a document podid cannot read': [() => trusting({ ...usual, Novelty: 'x' })],
  'more than IAM takes after the mend (2,048 characters, or 8,192 where more than that is there already)': [
    () => trusting(long(1800)),
    () => trusting(long(7900)),
  ],
  'no policy grants the need': [() => having([managed(document())])],
  'a version not in force grants exactly the need, and nobody else has the policy': [
    () =>
      having([
        managed(document(), {
          otherVersions: [
            {
              id: 'v2',
              document: exactly,
            },
          ],
          attachedTo: [],
        }),
      ]),
  ],
  'such a version grants more, loses a Deny, or others have the policy': [
    () =>
      having([
        managed(document(), {
          otherVersions: [{ id: 'v2', document: document(grantOf('*', '*')) }],
          attachedTo: [],
        }),
      ]),
    () =>
      having([
        managed(document(deny('secretsmanager:*', '*')), {
          otherVersions: [
            {
              id: 'v2',
              document: exactly,
            },
          ],
          attachedTo: [],
        }),
      ]),
    () =>
      having([
        managed(document(), {
          otherVersions: [{ id: 'v2', document: exactly }],
          attachedTo: ['role other'],
        }),
      ]),
  ],
  'a boundary leaves it out': [
    () =>
      having([managed(cartsDocument)], {
        boundary: {
          name: 'limits',
          arn: `arn:aws:iam::${account}:policy/limits`,
          document: document(grantOf('s3:*', '*')),
        },
      }),
  ],
  'a session policy leaves it out': [() => asked({ session: document(grantOf('s3:*', '*')) })],
  'a target role does not let ours in': [true, false].map((sessionTags) => () => {
    const arn = `arn:aws:iam::${account}:role/target`
    const assuming = [managed(document(grantOf(['sts:AssumeRole', 'sts:TagSession'], arn)))]
    return asked({
      sessionTags,
      role: roleWith(assuming, { trust: document(usual) }),
      targetRole: arn,
      target: {
        ...role({ trust: document({ ...usual, Principal: { AWS: '999988887777' } }) }),
        name: 'target',
        arn,
      },
    })
  }),
  'no such role': [() => asked({ role: undefined })],
  'no such role, and `createRole` with a boundary that is not there, or needs that fit into no inline policy':
    [
      () => newRole(cartsNeeds, `arn:aws:iam::${account}:policy/nowhere`),
      () =>
        newRole([
          {
            actions: ['s3:GetObject'],
            resources: Array.from(
              { length: 300 },
              (_, at) => `arn:aws:s3:::images-of-the-year-before-${at}/*`,
            ),
          },
        ]),
    ],
}

/** What the words of a remedy mean for its command. */
const commands: [words: string, does: string][] = [
  ['`sts:TagSession` in that statement', 'aws iam update-assume-role-policy'],
  ['a statement', 'aws iam update-assume-role-policy'],
  ['the same Deny', '"aws:PrincipalServiceName": "pods.eks.amazonaws.com"'],
  ['an inline policy', 'aws iam put-role-policy'],
  ['that version', 'aws iam set-default-policy-version'],
  ['a copy of the boundary', 'aws iam put-role-permissions-boundary'],
  ['the session policy', 'aws eks update-pod-identity-association'],
  ['a role with', 'aws iam create-role'],
]

it('has a case for each row of the page, and no other', () => {
  expect(Object.keys(found)).toEqual(rows.map(([there]) => there))
})

it.each(rows)('%s: %s', (there, verdict, remedy) => {
  const all = (found[there] ?? []).map((situation) => situation())
  const named = [...verdict.matchAll(/`([a-z-]+)…?`/g)].map(([, code = '']) => code)
  const isNamed = ({ code }: Finding) =>
    named.some((name) => code === name || (name.endsWith('-') && code.startsWith(name)))
  const fit = named.length > 0 ? isNamed : ({ severity }: Finding) => severity === 'blocking'
  const each = all.map((findings) => findings.find(fit))
  for (const [at, finding] of each.entries()) {
    expect(finding, `case ${at}: ${JSON.stringify(all[at]?.map(({ code }) => code))}`).toMatchObject({
      severity: verdict.includes('a warning') ? 'warning' : 'blocking',
    })
    const { command, looks } = finding?.remedy ?? {}
    for (const [words, does] of commands)
      if (remedy.startsWith(words) && command !== undefined) expect(command, `case ${at}`).toContain(does)
    expect({ command: command !== undefined, looks: looks === true }, `case ${at}`).toEqual({
      command: !remedy.startsWith('advice'),
      looks: remedy.startsWith('a look'),
    })
  }
  // Whatever the row names has been found in one of its cases.
  for (const name of named)
    expect(
      each.some((one) => one?.code.startsWith(name)),
      name,
    ).toBe(true)
})

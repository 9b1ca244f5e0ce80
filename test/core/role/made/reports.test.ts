import { expect, it } from 'vitest'
import { needsFromPolicies } from '../../../../core/role/attached-needs.ts'
import {
  checkRole,
  mayHideInOtherVersions,
  ownVerdicts,
  type RoleQuestion,
  renderRoleReport,
} from '../../../../core/role/check-role.ts'
import type { RoleFacts } from '../../../../core/role/role.ts'
import { compareOpinions, type Opinion, type SecondOpinion } from '../../../../core/role/second-opinion.ts'
import { told } from '../../told.ts'

const cluster = { name: 'shop', arn: 'arn:aws:eks:us-west-2:123456789012:cluster/shop' }
const identity = {
  cluster,
  account: '123456789012',
  namespace: 'carts',
  serviceAccount: 'reader',
  sessionTags: true,
}
const account = 'arn:aws:iam::123456789012'
const get = { actions: ['s3:GetObject', 's3:PutObject'], resources: ['arn:aws:s3:::a/*', 'arn:aws:s3:::b/*'] }

const role: RoleFacts = {
  name: 'carts',
  arn: `${account}:role/shop/carts`,
  path: '/shop/',
  trust: {
    Statement: {
      Effect: 'Allow',
      Principal: { Service: 'pods.eks.amazonaws.com' },
      Action: ['sts:AssumeRole', 'sts:TagSession'],
    },
  },
  policies: [
    {
      name: 'p',
      kind: 'inline',
      document: {
        Statement: [
          { Sid: 'A', Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::a/*' },
          {
            Sid: 'B',
            Effect: 'Allow',
            Action: 's3:Get*',
            Resource: '*',
            Condition: { StringEquals: { 'aws:SourceIp': 'x', 'aws:UserAgent': 'y' } },
          },
          { Sid: 'C', Effect: 'Deny', Action: 's3:PutObject', Resource: 'arn:aws:s3:::a/x/*' },
          { Sid: 'D', Effect: 'Deny', Action: 's3:DeleteObject', Resource: '*' },
        ],
      },
    },
  ],
}
const question = (more: Partial<RoleQuestion> = {}): RoleQuestion => ({
  ...identity,
  roleArn: role.arn,
  role,
  needs: [get],
  ...more,
})

it.each<[why: string, question: Partial<RoleQuestion>, table: string[]]>([
  [
    'every answer',
    { needs: [get, { actions: ['s3:DeleteObject', 's3:ListBucket'], resources: ['arn:aws:s3:::a/*'] }] },
    [
      'role carts: trusts pods.eks.amazonaws.com; 0 of 2 needs granted',
      'ROLE   RESOURCE          ANSWER         BY                                 ACTIONS',
      'carts  arn:aws:s3:::a/*  granted        p/A                                s3:GetObject,ListBucket',
      'carts  arn:aws:s3:::a/*  partly denied  p/C                                s3:PutObject',
      'carts  arn:aws:s3:::b/*  depends        p/B (aws:SourceIp, aws:UserAgent)  s3:GetObject',
      'carts  arn:aws:s3:::b/*  missing        no policy                          s3:PutObject',
      'carts  arn:aws:s3:::a/*  denied         p/D                                s3:DeleteObject',
    ],
  ],
  [
    'what other layers lack',
    {
      role: {
        ...role,
        policies: [
          {
            name: 'all',
            kind: 'inline',
            document: { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } },
          },
        ],
        boundary: { name: 'l', arn: 'arn:l', document: { Statement: [] } },
      },
      session: { Statement: [] },
    },
    [
      'role carts: trusts pods.eks.amazonaws.com; 0 of 1 need granted',
      'ROLE   RESOURCE          ANSWER   BY                                              ACTIONS',
      'carts  arn:aws:s3:::a/*  missing  not in the boundary, not in the session policy  s3:GetObject,PutObject',
      'carts  arn:aws:s3:::b/*  missing  not in the boundary, not in the session policy  s3:GetObject,PutObject',
    ],
  ],
  ['nothing was asked', { needs: [] }, ['role carts: trusts pods.eks.amazonaws.com; no needs to check']],
  [
    'one of two needs',
    {
      needs: [
        { actions: ['s3:GetObject'], resources: ['arn:aws:s3:::a/*'] },
        { actions: ['sqs:SendMessage'], resources: ['*'] },
      ],
    },
    [
      'role carts: trusts pods.eks.amazonaws.com; 1 of 2 needs granted',
      'ROLE   RESOURCE          ANSWER   BY         ACTIONS',
      'carts  arn:aws:s3:::a/*  granted  p/A        s3:GetObject',
      'carts  *                 missing  no policy  sqs:SendMessage',
    ],
  ],
  [
    'one that may be missing',
    { needs: [{ actions: ['sqs:SendMessage'], resources: ['*'], optional: true }] },
    [
      'role carts: trusts pods.eks.amazonaws.com; 1 need granted',
      'ROLE   RESOURCE  ANSWER   BY         ACTIONS',
      'carts  *         missing  no policy  sqs:SendMessage',
    ],
  ],
  [
    'resources of which one is not granted',
    { needs: [{ actions: ['s3:GetObject'], resources: get.resources }] },
    [
      'role carts: trusts pods.eks.amazonaws.com; 0 of 1 need granted',
      'ROLE   RESOURCE          ANSWER   BY                                 ACTIONS',
      'carts  arn:aws:s3:::a/*  granted  p/A                                s3:GetObject',
      'carts  arn:aws:s3:::b/*  depends  p/B (aws:SourceIp, aws:UserAgent)  s3:GetObject',
    ],
  ],
  [
    'a part of a ready-made need',
    { needs: [{ use: 's3-read', bucket: 'arn:aws:s3:::a' }] },
    [
      'role carts: trusts pods.eks.amazonaws.com; 0 of 1 need granted',
      'ROLE   RESOURCE          ANSWER   BY         ACTIONS',
      'carts  arn:aws:s3:::a/*  granted  p/A        s3:GetObject',
      'carts  arn:aws:s3:::a    missing  no policy  s3:ListBucket',
    ],
  ],
  [
    'actions of two services',
    { needs: [{ actions: ['sqs:SendMessage', 'sns:Publish', 'sqs:GetQueueUrl'], resources: ['*'] }] },
    [
      'role carts: trusts pods.eks.amazonaws.com; 0 of 1 need granted',
      'ROLE   RESOURCE  ANSWER   BY         ACTIONS',
      'carts  *         missing  no policy  sqs:SendMessage,GetQueueUrl sns:Publish',
    ],
  ],
  [
    'two statements that grant it',
    {
      role: {
        ...role,
        policies: [...role.policies, { ...role.policies[0], name: 'q' } as (typeof role.policies)[0]],
      },
      needs: [{ actions: ['s3:ListBucket'], resources: ['arn:aws:s3:::a/*'] }],
    },
    [
      'role carts: trusts pods.eks.amazonaws.com; 1 need granted',
      'ROLE   RESOURCE          ANSWER   BY        ACTIONS',
      'carts  arn:aws:s3:::a/*  granted  p/A, q/A  s3:ListBucket',
    ],
  ],
  [
    'a target role that could not be read: nothing is known of its needs',
    {
      targetRole: `${account}:role/target`,
      needs: [{ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::a/*'] }],
    },
    [
      'role carts: trusts pods.eks.amazonaws.com; 0 of 1 need granted',
      'ROLE   RESOURCE                               ANSWER   BY         ACTIONS',
      'carts  arn:aws:iam::123456789012:role/target  missing  no policy  sts:AssumeRole,TagSession',
    ],
  ],
  [
    'no role',
    { role: undefined, roleArn: `${account}:role/a/none`, targetRole: 'arn:t' },
    [
      'role none: there is no role arn:aws:iam::123456789012:role/a/none',
      'blocking role-missing, role none: there is no role arn:aws:iam::123456789012:role/a/none',
      '→ Make the role: for these pods alone, with what they need and nothing else. Or let podid do it (podid role --create, or createRole in the request), or correct its name.',
      "$ aws iam create-role --role-name none --path /a/ --tags Key=podid:for,Value=shop/carts/reader --assume-role-policy-document '{",
    ],
  ],
  [
    'another path',
    { roleArn: `${account}:role/carts` },
    [
      "role carts: the role's ARN is arn:aws:iam::123456789012:role/shop/carts, and the request says arn:aws:iam::123456789012:role/carts",
      "blocking role-arn-differs, role carts: the role's ARN is arn:aws:iam::123456789012:role/shop/carts, and the request says arn:aws:iam::123456789012:role/carts",
      '→ Write arn:aws:iam::123456789012:role/shop/carts in the request.',
    ],
  ],
])('the report on a role: %s', (_why, more, table) => {
  const report = checkRole(question(more))
  expect([
    ...renderRoleReport(report).split('\n'),
    ...(report.verdicts.length === 0 ? told(report.findings).map((line) => line.split('\n')[0]) : []),
  ]).toEqual(table)
})

it('tells the role’s own verdicts from a target role’s, and what other versions may hide', () => {
  const { verdicts } = checkRole(question())
  const [first] = verdicts
  const all = first ? [first, { ...first, role: 'target' }] : []
  expect(ownVerdicts({ role: 'carts', verdicts: all })).toEqual([first])
  const hidden = (...layers: ('role' | 'boundary')[]) => ({
    ...checkRole(question()),
    verdicts: all.map((one, at) => ({
      ...one,
      decision: at === 0 ? ('allowed' as const) : ('implicitDeny' as const),
      layers,
    })),
  })
  expect([mayHideInOtherVersions(hidden('role')), mayHideInOtherVersions(hidden('boundary'))]).toEqual([
    true,
    false,
  ])
})

it('drafts needs from policies, and says what it leaves', () => {
  const document = {
    Statement: [
      { Sid: 'One', Effect: 'Allow', Action: ['a:B', 7], Resource: 'r' },
      7,
      { Effect: 'Deny', Action: 'a:B', Resource: 'r' },
      { Effect: 'Allow', NotAction: 'a:B', Resource: 'r' },
      { Effect: 'Allow', Action: 'a:B', NotResource: 'r' },
      { Sid: 5, Effect: 'Allow', Action: ['a:B', '*'], Resource: 'r' },
    ],
  }
  expect(
    needsFromPolicies({
      policies: [
        { name: 'p', kind: 'inline', document },
        { name: 'text', kind: 'inline', document: '{"Statement":[]}' },
        { name: 'none', kind: 'inline', document: 7 },
      ],
    }),
  ).toEqual({
    needs: [{ actions: ['a:B'], resources: ['r'], source: 'policy p, statement One' }],
    left: [
      'policy p, statement #3: it denies',
      'policy p, statement #4: it names what it excludes',
      'policy p, statement #5: it names what it excludes',
      'policy p, statement #6: it grants every action',
    ],
  })
})

const verdicts = checkRole(
  question({ needs: [get, { actions: ['s3:DeleteObject'], resources: ['arn:aws:s3:::a/x'] }] }),
).verdicts
const opinion = (more: Partial<Opinion> = {}): Opinion => ({
  action: 's3:DELETEobject',
  resource: 'arn:aws:s3:::a/x',
  decision: 'allowed',
  missingKeys: [],
  blockedByOrganization: false,
  ...more,
})
const granted: Opinion = opinion({
  action: 's3:GetObject',
  resource: 'arn:aws:s3:::a/*',
  decision: 'explicitDeny',
})
it.each<[why: string, second: SecondOpinion, said: string[]]>([
  [
    'it was not asked',
    { skipped: 'AccessDenied' },
    [
      'info second-opinion-skipped, role carts: IAM was not asked for a second opinion (AccessDenied); service control policies were therefore not looked at',
      '→ Grant the caller iam:SimulatePrincipalPolicy on the role to have it asked.',
    ],
  ],
  ['it agrees', { opinions: [opinion({ decision: 'explicitDeny' })] }, []],
  [
    'it allows what we do not',
    { opinions: [opinion()] },
    [
      "warning second-opinion-disagrees, role carts: s3:DeleteObject on arn:aws:s3:::a/x: not granted by our evaluation, allowed by iam:SimulatePrincipalPolicy (ours: explicitDeny; IAM's: allowed)",
      "→ See the simulation's reasons.",
      '? aws iam simulate-principal-policy --policy-source-arn arn:aws:iam::123456789012:role/shop/carts --action-names s3:DeleteObject --resource-arns arn:aws:s3:::a/x',
    ],
  ],
  [
    'it denies what we grant',
    { opinions: [granted, opinion({ decision: 'implicitDeny' })] },
    [
      "warning second-opinion-disagrees, role carts: s3:GetObject on arn:aws:s3:::a/*: granted by our evaluation, denied by iam:SimulatePrincipalPolicy (ours: allowed; IAM's: explicitDeny)",
      "→ See the simulation's reasons.",
      "? aws iam simulate-principal-policy --policy-source-arn arn:aws:iam::123456789012:role/shop/carts --action-names s3:GetObject --resource-arns 'arn:aws:s3:::a/*'",
    ],
  ],
  [
    'the organization forbids it',
    { opinions: [{ ...granted, blockedByOrganization: true }] },
    [
      "blocking scp-blocks, role carts: a service control policy of the organization forbids s3:GetObject on arn:aws:s3:::a/*, whatever the role's policies grant",
      "→ Ask the organization's administrators to allow s3:GetObject in this account.",
    ],
  ],
  ['keys were missing', { opinions: [{ ...granted, missingKeys: ['k'] }] }, []],
  [
    'some was not answered',
    { opinions: [], unanswered: 'too many' },
    [
      'info second-opinion-skipped, role carts: iam:SimulatePrincipalPolicy was not compared with all of our evaluation (too many); whether a service control policy forbids that was not seen',
      '→ Name the actions that matter one by one in the binding’s needs to have them simulated.',
    ],
  ],
])('a second opinion: %s', (_why, second, said) => {
  expect(told(compareOpinions(role, verdicts, second))).toEqual(said)
})

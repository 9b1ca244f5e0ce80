import { expect, it } from 'vitest'
import type { Request } from '../../../../core/request.ts'
import {
  asMade,
  decideRole,
  decideRoleUndo,
  deleteRoleCommands,
  findingsBeforeMaking,
  plannedGrants,
  plannedRole,
  podIdentityOf,
} from '../../../../core/role/creation.ts'
import { makeRoleCommands } from '../../../../core/role/make.ts'
import type { RoleFacts } from '../../../../core/role/role.ts'
import { told } from '../../told.ts'
import {
  accountArn as account,
  shopCluster as cluster,
  readWrite as get,
  readerIdentity as identity,
  ownPolicy,
  ownTrust,
} from './shop.ts'

const request = {
  role: `${account}:role/team/carts`,
  account: '123456789012',
  namespace: 'carts',
  serviceAccount: 'reader',
  sessionTags: true,
  needs: [get],
  permissionsBoundary: 'arn:limits',
  run: 'run-1',
} as unknown as Request
const plan = plannedRole(request, cluster)
const made = asMade(plan, request.role, { name: 'limits', arn: 'arn:limits', document: {} })

it('is planned of a request, and would be found so', () => {
  expect(podIdentityOf(request, cluster)).toEqual(identity)
  expect(plan.tags).toEqual({ 'podid:for': 'shop/carts/reader', 'podid:run': 'run-1' })
  expect(made).toEqual({
    name: 'carts',
    arn: 'arn:aws:iam::123456789012:role/team/carts',
    path: '/team/',
    trust: ownTrust,
    policies: [
      {
        kind: 'inline',
        name: 'podid-needs',
        document: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Action: ['s3:GetObject', 's3:PutObject'],
              Resource: ['arn:aws:s3:::a/*', 'arn:aws:s3:::b/*'],
            },
          ],
        },
      },
    ],
    tags: { 'podid:for': 'shop/carts/reader', 'podid:run': 'run-1' },
    boundary: { name: 'limits', arn: 'arn:limits', document: {} },
  })
  expect(asMade(plan, request.role, undefined).boundary).toBeUndefined()
  expect(plannedGrants(request)).toBe('s3:GetObject, s3:PutObject on arn:aws:s3:::a/*, arn:aws:s3:::b/*')
  expect(
    plannedGrants({ ...request, needs: [get, { actions: ['sqs:SendMessage'], resources: ['q'] }] }),
  ).toBe('s3:GetObject, s3:PutObject on arn:aws:s3:::a/*, arn:aws:s3:::b/*; sqs:SendMessage on q')
  expect(deleteRoleCommands('my role', ['a', 'b'])).toBe(
    "aws iam delete-role-policy --role-name 'my role' --policy-name a\naws iam delete-role-policy --role-name 'my role' --policy-name b\naws iam delete-role --role-name 'my role'",
  )
})

const found = (more: Partial<RoleFacts>) => ({ ...made, ...more })
it.each<[why: string, found: RoleFacts | undefined, said: object[]]>([
  ['nothing', undefined, [{ action: 'create' }, { action: 'none' }]],
  [
    'as planned',
    made,
    [
      { action: 'none', ours: true },
      { action: 'delete', policies: ['podid-needs'] },
    ],
  ],
  [
    'of another run',
    found({ tags: { ...made.tags, 'podid:run': 'run-0' } }),
    [{ action: 'none', ours: false }, { action: 'none' }],
  ],
  [
    'without its tags',
    found({ tags: undefined as never }),
    [
      {
        action: 'refuse',
        why: 'a role carts has come to be since this run looked, which podid did not make for these pods. It is left as it is; run this again to decide by what is there now',
      },
      { action: 'none' },
    ],
  ],
  [
    'for other pods',
    found({ tags: { ...made.tags, 'podid:for': 'x' } }),
    [
      {
        action: 'refuse',
        why: 'a role carts has come to be since this run looked, which podid did not make for these pods. It is left as it is; run this again to decide by what is there now',
      },
      { action: 'none' },
    ],
  ],
  [
    'changed in every way',
    found({
      path: '/',
      trust: {},
      boundary: undefined as never,
      policies: [
        { name: 'podid-needs', kind: 'inline', document: {} },
        { name: 'more', kind: 'inline', document: {} },
        { name: 'aws', kind: 'managed', document: {} },
      ],
    }),
    [
      {
        action: 'refuse',
        why: 'a role carts has come to be since this run looked, and is another than planned: its path is /; its trust policy differs; its permissions boundary is not set; its inline policy podid-needs differs; it has the inline policy more; it has the policy aws. It is left as it is; run this again to decide by what is there now',
      },
      {
        action: 'keep',
        why: 'role carts stays, as it is not as the run left it: its path is /; its trust policy differs; its permissions boundary is not set; its inline policy podid-needs differs; it has the inline policy more; it has the policy aws',
      },
    ],
  ],
  [
    'another boundary',
    found({ boundary: { name: 'x', arn: 'arn:x', document: {} } }),
    [
      {
        action: 'refuse',
        why: 'a role carts has come to be since this run looked, and is another than planned: its permissions boundary is arn:x. It is left as it is; run this again to decide by what is there now',
      },
      {
        action: 'keep',
        why: 'role carts stays, as it is not as the run left it: its permissions boundary is arn:x',
      },
    ],
  ],
  [
    'in another order of members',
    found({
      trust: JSON.parse(JSON.stringify(plan.trust), (_, value) =>
        Array.isArray(value) || typeof value !== 'object'
          ? value
          : Object.fromEntries(Object.entries(value).toReversed()),
      ),
    }),
    [
      { action: 'none', ours: true },
      { action: 'delete', policies: ['podid-needs'] },
    ],
  ],
  [
    'in another order of a list',
    found({
      trust: JSON.parse(JSON.stringify(plan.trust), (_, value) =>
        Array.isArray(value) ? value.toReversed() : value,
      ),
    }),
    [
      {
        action: 'refuse',
        why: 'a role carts has come to be since this run looked, and is another than planned: its trust policy differs. It is left as it is; run this again to decide by what is there now',
      },
      { action: 'keep', why: 'role carts stays, as it is not as the run left it: its trust policy differs' },
    ],
  ],
  [
    'without its policy',
    found({ policies: [] }),
    [
      {
        action: 'complete',
        policies: [ownPolicy],
      },
      { action: 'delete', policies: [] },
    ],
  ],
  [
    'without it, of another run',
    found({ policies: [], tags: { ...made.tags, 'podid:run': 'run-0' } }),
    [
      {
        action: 'refuse',
        why: 'a role carts has come to be since this run looked, without its policy podid-needs. It is left as it is; run this again to decide by what is there now',
      },
      { action: 'none' },
    ],
  ],
])('what a run does and undoes of a role that it finds: %s', (_why, role, said) => {
  expect([decideRole(plan, 'run-1', role), decideRoleUndo(plan, 'run-1', role)]).toEqual(said)
})

it('says before it makes a role what would stand in its way', () => {
  const blocks = {
    code: 'permission-boundary-blocks',
    severity: 'blocking',
    subject: 's',
    found: 'f',
    remedy: { advice: 'a', command: 'c' },
  } as const
  const other = { code: 'x', severity: 'info', subject: 's', found: 'g' } as const
  expect(told(findingsBeforeMaking(plan, [blocks, other], undefined))).toEqual([
    'blocking permission-boundary-blocks, s: f',
    '→ Name another permissions boundary in the request (permissionsBoundary), or ask whoever sets boundaries here to include it.',
    'info x, s: g',
    'blocking role-not-makeable, role carts: it is not there, and cannot be made as the request has it: there is no policy arn:limits to be its permissions boundary',
    '→ Correct the request, or make the role by hand.',
  ])
  expect(told(findingsBeforeMaking(plan, [], { name: 'limits', arn: 'arn:limits', document: {} }))).toEqual(
    [],
  )
  expect(
    told(findingsBeforeMaking({ ...plan, boundary: undefined, tags: { a: 'x'.repeat(257) } }, [], undefined)),
  ).toEqual([
    'blocking role-not-makeable, role carts: it is not there, and cannot be made as the request has it: its tag a would have 257 characters (xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx), and IAM takes 256: make the role by hand',
    '→ Correct the request, or make the role by hand.',
  ])
  expect(makeRoleCommands(plan)).toHaveLength(2)
})

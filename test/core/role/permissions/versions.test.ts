import { expect, it } from 'vitest'
import type { Explained } from '../../../../core/role/permissions/explained.ts'
import type { Verdict } from '../../../../core/role/permissions/verdicts.ts'
import { findInOtherVersions, type OtherVersion } from '../../../../core/role/permissions/versions.ts'
import type { RolePolicy } from '../../../../core/role/role.ts'
import { deny, document, grantOf, identity, managed, roleWith } from './support.ts'

const verdict = (action: string, resource: string, granted = false): Verdict => ({
  role: 'r',
  action,
  resource,
  granted,
  decision: granted ? 'allowed' : 'implicitDeny',
  layers: granted ? [] : ['role'],
  by: [],
  missingKeys: [],
})
const get = verdict('s3:GetObject', 'arn:aws:s3:::a/*')
const put = verdict('s3:PutObject', 'arn:aws:s3:::a/*')
const send = verdict('sqs:SendMessage', 'arn:aws:sqs:us-west-2:111122223333:q', true)

const getting = grantOf('s3:GetObject', 'arn:aws:s3:::a/*')
const putting = grantOf('s3:PutObject', 'arn:aws:s3:::a/*')
const sending = grantOf('sqs:SendMessage', 'arn:aws:sqs:us-west-2:111122223333:q')

/** A policy of this role alone, in force and in another version. */
const policy = (name: string, before: unknown, after: unknown, more: Partial<RolePolicy> = {}) =>
  managed(before, { name, attachedTo: [], otherVersions: [{ id: 'v2', document: after }], ...more })
const shared = { attachedTo: ['role other'] }

const named = (versions: readonly OtherVersion[]) =>
  versions.map(({ policy: { name }, id, solved }) => `${name} ${id} ${solved.map(({ action }) => action)}`)

/** What is put in force, what is only told, and what no version grants. */
const found = (policies: RolePolicy[], missing = [get], all = [...missing, send]) => {
  const explained: Explained = {
    role: roleWith(policies),
    layers: { policies },
    identity,
    sessionInRequest: false,
    context: () => ({}),
  }
  const { switches, others, rest } = findInOtherVersions(explained, all, missing)
  return [named(switches), named(others), rest.map(({ action }) => action)]
}
const putInForce = [['p v2 s3:GetObject'], [], []]
const onlyTold = [[], ['p v2 s3:GetObject'], ['s3:GetObject']]
const nothing = [[], [], ['s3:GetObject']]

it.each<[why: string, before: unknown, after: unknown, becomes: string[][]]>([
  ['what is needed comes', document(), document(getting), putInForce],
  ['it comes beside what was there', document(sending), document(sending, getting), putInForce],
  [
    'it comes in a wider statement, which was there',
    document(grantOf('s3:Put*', '*')),
    document(grantOf(['s3:Put*'], ['*']), getting),
    putInForce,
  ],
  [
    'a part of it comes besides',
    document(),
    document(getting, grantOf('S3:GETOBJECT', 'arn:aws:s3:::a/b')),
    putInForce,
  ],
  [
    'a Deny that both have stays',
    document(deny('iam:*', '*')),
    document(getting, deny('iam:*', '*')),
    putInForce,
  ],
  [
    'a NotAction that both have stays',
    document(grantOf(undefined, '*', { NotAction: 's3:*' })),
    document(grantOf(undefined, '*', { NotAction: 's3:*' }), getting),
    putInForce,
  ],
  [
    'both stand as texts',
    JSON.stringify(document(sending)),
    JSON.stringify(document(sending, getting)),
    putInForce,
  ],
  [
    'a single statement stands in no list',
    { Statement: sending },
    { Statement: [sending, getting] },
    putInForce,
  ],
  [
    'another action comes',
    document(),
    document(getting, grantOf('s3:DeleteObject', 'arn:aws:s3:::a/*')),
    onlyTold,
  ],
  [
    'it comes on another resource',
    document(),
    document(getting, grantOf('s3:GetObject', 'arn:aws:s3:::b/*')),
    onlyTold,
  ],
  [
    'more comes in its statement',
    document(),
    document(grantOf(['s3:GetObject', 's3:List*'], 'arn:aws:s3:::a/*')),
    onlyTold,
  ],
  ['a Deny comes', document(), document(getting, deny('iam:*', '*')), onlyTold],
  ['a Deny goes', document(sending, deny('iam:*', '*')), document(sending, getting), onlyTold],
  ['a Deny of nothing else goes', document(deny('iam:*', '*')), document(getting), onlyTold],
  [
    'a Deny of what is granted comes',
    document(grantOf('sns:*', '*')),
    document(grantOf('sns:*', '*'), getting, deny('sns:Publish', '*')),
    onlyTold,
  ],
  [
    'a Deny of what is granted goes',
    document(grantOf('sns:*', '*'), deny('sns:Publish', '*')),
    document(grantOf('sns:*', '*'), getting),
    onlyTold,
  ],
  ['a grant goes', document(grantOf('sns:*', '*')), document(getting), onlyTold],
  [
    'a part of a grant goes',
    document(grantOf(['sns:Publish', 'sns:Subscribe'], '*')),
    document(getting, grantOf('sns:Publish', '*')),
    onlyTold,
  ],
  [
    'a part goes, as texts',
    JSON.stringify(document(grantOf('sns:*', '*'))),
    JSON.stringify(document(getting)),
    onlyTold,
  ],
  [
    'all but something comes',
    document(),
    document(getting, grantOf(undefined, '*', { NotAction: 'iam:*' })),
    onlyTold,
  ],
  [
    'it comes on all but something',
    document(),
    document(grantOf('s3:GetObject', undefined, { NotResource: 'arn:aws:s3:::b/*' })),
    onlyTold,
  ],
  [
    'all but something goes',
    document(grantOf(undefined, '*', { NotAction: ['s3:*', 'sqs:*'] })),
    document(getting),
    onlyTold,
  ],
  ['what is in force cannot be read', '{', document(getting), onlyTold],
  ['what is in force has a fault', { ...document(), More: 1 }, document(getting), onlyTold],
  ['it does not come', document(), document(putting), nothing],
  ['the version cannot be read', document(), '{', nothing],
])('a version of a policy in which %s', (_why, before, after, becomes) => {
  expect(
    found([
      policy('p', JSON.parse(JSON.stringify(before)), JSON.parse(JSON.stringify(after))),
      managed(document(sending), { name: 'q' }),
    ]),
  ).toEqual(becomes)
})

it.each<[why: string, policies: RolePolicy[], missing: Verdict[], becomes: string[][]]>([
  ['no policy has another version', [managed(document())], [get], nothing],
  ['others have the policy', [policy('p', document(), document(getting), shared)], [get], onlyTold],
  [
    'nobody knows who has it',
    [managed(document(), { name: 'p', otherVersions: [{ id: 'v2', document: document(getting) }] })],
    [get],
    onlyTold,
  ],
  ['what is granted would no longer be', [policy('p', document(sending), document(getting))], [get], nothing],
  [
    'two versions of two policies put in force',
    [policy('p', document(sending), document(sending, getting)), policy('q', document(), document(putting))],
    [get, put],
    [['p v2 s3:GetObject', 'q v2 s3:PutObject'], [], []],
  ],
  [
    'one of two needs',
    [policy('p', document(sending), document(sending, getting))],
    [get, put],
    [['p v2 s3:GetObject'], [], ['s3:PutObject']],
  ],
  [
    'the second has only what the first has',
    [
      policy('p', document(sending), document(sending, getting)),
      policy('q', document(), document(getting), shared),
    ],
    [get],
    [['p v2 s3:GetObject'], [], []],
  ],
  [
    'the first is only told, and the second put in force',
    [
      policy('p', document(sending), document(sending, getting), shared),
      policy('q', document(), document(getting)),
    ],
    [get],
    [['q v2 s3:GetObject'], [], []],
  ],
  [
    'two are only told, and of the second what the first has not',
    [
      policy('p', document(sending), document(sending, getting), shared),
      policy('q', document(), document(getting, putting), shared),
    ],
    [get, put],
    [[], ['p v2 s3:GetObject', 'q v2 s3:PutObject'], ['s3:GetObject', 's3:PutObject']],
  ],
  [
    'two are only told, and the second says nothing more',
    [
      policy('p', document(sending), document(sending, getting), shared),
      policy('q', document(), document(getting), shared),
    ],
    [get],
    [[], ['p v2 s3:GetObject'], ['s3:GetObject']],
  ],
  [
    'the newest of several',
    [
      policy('p', document(sending), '', {
        otherVersions: ['v2', 'v10', 'v9'].map((id) => ({ id, document: document(sending, getting) })),
      }),
    ],
    [get],
    [['p v10 s3:GetObject'], [], []],
  ],
])('versions of policies: %s', (_why, policies, missing, becomes) => {
  expect(
    found(policies, missing, [
      ...missing,
      ...(policies.some(({ document: one }) => JSON.stringify(one).includes('sqs:')) ? [send] : []),
    ]),
  ).toEqual(becomes)
})

/** 1,960 pairs of actions and resources, and so many more for what is needed. */
const wide = (Sid: string) =>
  grantOf(
    Array.from({ length: 40 }, (_, at) => `s3:A${at}`),
    Array.from({ length: 49 }, (_, at) => `arn:aws:s3:::${at}`),
    { Sid },
  )
const parts = (count: number) =>
  grantOf(
    's3:GetObject',
    Array.from({ length: count }, (_, at) => `arn:aws:s3:::a/${at || '*'}`),
  )

it.each<[why: string, more: number, becomes: string[][]]>([
  ['2,000 pairs', 40, putInForce],
  ['one more', 41, onlyTold],
])('a version differs in %s of actions and resources', (_why, more, becomes) => {
  const [before, after] = [document(wide('Old')), document(wide('New'), parts(more))]
  expect(found([policy('p', before, after)], [get], [get])).toEqual(becomes)
})

import { expect, it } from 'vitest'
import { checkPermissions } from '../../../../core/role/permissions/permissions.ts'
import { putRolePolicy } from '../../../../core/role/permissions/remedies.ts'
import type { RoleFacts, RolePolicy } from '../../../../core/role/role.ts'
import { optionOf, shellCommands } from '../../../support/shell-words.ts'
import { document, grantOf, identity, managed, roleWith } from './support.ts'

const long = (count: number) =>
  document(
    grantOf(
      's3:GetObject',
      Array.from({ length: count }, (_, at) => `arn:aws:s3:::bucket-${at}/*`),
    ),
  )

/** What the commands of a remedy would have IAM make: each document, and how long it is. */
const made = (role: RoleFacts, resources: string[]) => {
  const [finding] = checkPermissions({
    ...identity,
    role,
    needs: [{ actions: ['s3:GetObject'], resources }],
  }).findings
  const commands = shellCommands(finding?.remedy?.command ?? '')
  const documents = commands.flatMap((words) => {
    const text = optionOf(words, '--policy-document')
    return text === undefined ? [] : [JSON.parse(text) as { Statement: { Resource: string[] }[] }]
  })
  return {
    advice: finding?.remedy?.advice,
    does: commands.map((words) => words[2]),
    sizes: documents.map((one) => JSON.stringify(one).length),
    resources: documents.flatMap(({ Statement }) => Statement.flatMap(({ Resource }) => Resource)),
  }
}
const full = (count: number, more: RolePolicy[] = []) =>
  roleWith([{ name: 'full', kind: 'inline', document: long(count) }, ...more])
const buckets = (count: number, length = 20) =>
  Array.from({ length: count }, (_, at) => `arn:aws:s3:::${String(at).padEnd(length, 'x')}`)

it.each<[why: string, role: RoleFacts, resources: string[], advice: string, does: string[]]>([
  [
    'in one managed policy',
    full(400),
    buckets(100),
    "The role's inline policies have 11198 of 10240 characters, and 3696 more do not fit: grant what is missing in a managed policy.",
    ['create-policy', 'attach-role-policy'],
  ],
  [
    'in two',
    full(400),
    buckets(200),
    "The role's inline policies have 11198 of 10240 characters, and 7296 more do not fit: grant what is missing in 2 managed policies.",
    ['create-policy', 'attach-role-policy', 'create-policy', 'attach-role-policy'],
  ],
  [
    'in as many as it takes',
    full(400),
    buckets(700),
    "The role's inline policies have 11198 of 10240 characters, and 25296 more do not fit: grant what is missing in 8 managed policies.",
    [
      'create-policy',
      'attach-role-policy',
      'create-policy',
      'attach-role-policy',
      'create-policy',
      'attach-role-policy',
      'create-policy',
      'attach-role-policy',
      'create-policy',
      'attach-role-policy',
      'create-policy',
      'attach-role-policy',
      'create-policy',
      'attach-role-policy',
      'create-policy',
      'attach-role-policy',
    ],
  ],
  [
    'beside nine that are attached',
    full(
      400,
      Array.from({ length: 9 }, (_, at) => managed(document(), { name: `m-${at}` })),
    ),
    buckets(100),
    "The role's inline policies have 11198 of 10240 characters, and 3696 more do not fit: grant what is missing in a managed policy.",
    ['create-policy', 'attach-role-policy'],
  ],
  [
    'not beside nine in two',
    full(
      400,
      Array.from({ length: 9 }, (_, at) => managed(document(), { name: `m-${at}` })),
    ),
    buckets(200),
    "The role's inline policies have 11198 of 10240 characters, and 7296 more do not fit, nor do managed policies of 6144 beside the 9 that are attached (10 unless the quota was raised). Take out what the role no longer needs, or give the workload a role of its own (podid role).",
    [],
  ],
  [
    'not where one alone is too long',
    full(400),
    buckets(1, 7000),
    "The role's inline policies have 11198 of 10240 characters, and 7112 more do not fit, nor do managed policies of 6144 beside the 0 that are attached (10 unless the quota was raised). Take out what the role no longer needs, or give the workload a role of its own (podid role).",
    [],
  ],
  [
    'not where one of several is too long',
    full(400),
    [...buckets(1, 7000), 'arn:aws:s3:::a'],
    "The role's inline policies have 11198 of 10240 characters, and 7129 more do not fit, nor do managed policies of 6144 beside the 0 that are attached (10 unless the quota was raised). Take out what the role no longer needs, or give the workload a role of its own (podid role).",
    [],
  ],
])('grants many resources %s', (_why, role, resources, advice, does) => {
  const remedy = made(role, resources)
  expect(remedy.advice).toBe(advice)
  expect(remedy.does).toEqual(does)
  expect(remedy.sizes.every((size) => size <= 6144)).toBe(true)
  expect(remedy.resources.toSorted()).toEqual(does.length > 0 ? resources.toSorted() : [])
})

it('has two policies where two resources are too long for one', () => {
  const resources = ['a', 'b'].map((name) => `arn:aws:s3:::${name.padEnd(3500, 'x')}`)
  const { does, resources: granted } = made(full(400), resources)
  expect([does.length, granted]).toEqual([4, resources])
})

it('fills one policy to the last character with what two groups need, and then has two', () => {
  const documents = (length: number) =>
    shellCommands(
      checkPermissions({
        ...identity,
        role: full(400),
        needs: [
          { actions: ['s3:GetObject'], resources: [`arn:aws:s3:::${'x'.repeat(length)}`] },
          { actions: ['s3:PutObject'], resources: ['arn:aws:s3:::a'] },
        ],
      }).findings[0]?.remedy?.command ?? '',
    ).flatMap((words) => optionOf(words, '--policy-document') ?? [])
  const size = (text = '') => JSON.stringify(JSON.parse(text)).length
  const most = 6144 - size(documents(0)[0])
  expect(documents(most).map(size)).toEqual([6144])
  expect(documents(most + 1)).toHaveLength(2)
})

it('halves resources only where they do not fit, at the last character', () => {
  const pair = (length: number) => ['a', 'b'.repeat(length)].map((name) => `arn:aws:s3:::${name}`)
  const most = 6144 - (made(full(400), pair(1)).sizes[0] ?? 0) + 1
  expect(made(full(400), pair(most)).sizes).toEqual([6144])
  expect(made(full(400), pair(most + 1)).sizes).toHaveLength(2)
})

it.each([
  [2000, 'in lines'],
  [2001, 'on one line'],
])('a document of %d characters stands %s', (size, how) => {
  const filled = (filler: number) => ({ Sid: 'x'.repeat(filler) })
  const command = putRolePolicy('r', 'n', filled(size - JSON.stringify(filled(0)).length))
  expect(command.includes('\n')).toBe(how === 'in lines')
})

/** A boundary or session policy of so many characters, once what is missing is in it. */
const narrow = (size: number) => {
  const filled = (filler: number) => document(grantOf('s3:ListBucket', `arn:aws:s3:::${'x'.repeat(filler)}`))
  const missing = JSON.stringify({ Effect: 'Allow', Action: ['s3:GetObject'], Resource: ['arn:aws:s3:::a'] })
  return filled(size - JSON.stringify(filled(0)).length - missing.length - 1)
}
const need = { actions: ['s3:GetObject'], resources: ['arn:aws:s3:::a'] }
const able = managed(document(grantOf('s3:*', '*')))

it.each([
  ['all that fits', 6144, 'Give the role a boundary of its own'],
  ['more', 6145, 'would have 6145 characters without white space, and IAM takes 6144'],
])('a boundary has %s', (_why, size, says) => {
  const boundary = { name: 'limits', arn: 'arn:aws:iam::111122223333:policy/limits', document: narrow(size) }
  const { findings } = checkPermissions({ ...identity, role: roleWith([able], { boundary }), needs: [need] })
  expect(findings[0]?.remedy?.advice).toContain(says)
})

it.each([
  ['all that fits', 2048, 'Include it in the session policy'],
  ['more', 2049, 'would have 2049 characters, and EKS takes 2048'],
])('a session policy has %s', (_why, size, says) => {
  const { findings } = checkPermissions({
    ...identity,
    role: roleWith([able]),
    session: narrow(size),
    needs: [need],
  })
  expect(findings[0]?.remedy?.advice).toContain(says)
})

it('fills what IAM takes to the last character, and goes no further', () => {
  const sizeWith = (length: number) =>
    made(roleWith([]), [`arn:aws:s3:::${'x'.repeat(length)}`]).sizes[0] ?? 0
  const most = 10_240 - sizeWith(0)
  expect(made(roleWith([]), [`arn:aws:s3:::${'x'.repeat(most)}`]).does).toEqual(['put-role-policy'])
  expect(made(roleWith([]), [`arn:aws:s3:::${'x'.repeat(most + 1)}`]).does).toEqual([])
  const managedMost = 6144 - sizeWith(0)
  expect(made(full(400), [`arn:aws:s3:::${'x'.repeat(managedMost)}`]).does).toEqual([
    'create-policy',
    'attach-role-policy',
  ])
  expect(made(full(400), [`arn:aws:s3:::${'x'.repeat(managedMost + 1)}`]).does).toEqual([])
})

import { expect, it } from 'vitest'
import { checkPermissions } from '../../../../core/role/permissions/permissions.ts'
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

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { AccountId, Binding, Pattern, regionsOf } from '../../../../core/fleet/expand/binding.ts'

interface Described {
  description?: string
  default?: unknown
  properties?: Record<string, Described>
  items?: Described
}
const said = ({ description, default: usual }: Described = {}) => [description, usual]
const published: Described = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../../podid.schema.json'), 'utf8'),
).properties.bindings.additionalProperties
const own = z.toJSONSchema(Binding, { io: 'input', unrepresentable: 'any' }) as Described

describe('a field of a binding is described as the published schema has it', () => {
  it.each(Object.keys(published.properties ?? {}))('%s', (name) => {
    expect(said(own.properties?.[name])).toEqual(said(published.properties?.[name]))
  })
  it.each(Object.keys(published.properties?.overrides?.items?.properties ?? {}))(
    '%s of an override',
    (name) => {
      const of = (schema: Described) => said(schema.properties?.overrides?.items?.properties?.[name])
      expect(of(own)).toEqual(of(published))
    },
  )
})

const binding = { cluster: 'shop', namespace: 'carts', serviceAccount: 'carts', role: 'carts' }
const faults = (change: object): string[] =>
  (Binding.safeParse({ ...binding, ...change }).error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  )
const override = (change: object) => ({ overrides: [change] })
const where = { cluster: 'shop' }

describe('a binding', () => {
  it('has these where it says nothing', () => {
    expect(Binding.parse({ ...binding, overrides: [{ where, skip: true }] })).toEqual({
      ...binding,
      clusterTags: {},
      namespaceLabels: {},
      serviceAccountLabels: {},
      formerRoles: [],
      sessionTags: true,
      needs: [],
      replace: false,
      installAgent: false,
      createRole: false,
      manageTrust: false,
      removeOidcTrust: false,
      accessAnalyzer: false,
      proof: 'default',
      onFailure: 'undo',
      approval: 'none',
      clusterTimeoutSeconds: 1800,
      rolloutTimeoutSeconds: 900,
      overrides: [
        { where: { ...where, clusterTags: {}, namespaceLabels: {}, serviceAccountLabels: {} }, skip: true },
      ],
    })
  })

  const kubernetes = (name: string, more: string, most: number) =>
    `"${name}" is not a name Kubernetes accepts, or a pattern of such: lower-case letters, digits, -${more}, * and ?, ${most} characters at most`
  const notRole = (role: string) =>
    `"${role}" is not an IAM role ARN, such as arn:aws:iam::123456789012:role/carts-dynamo, and not a role's name`
  it.each<[why: string, change: object, faults: string[]]>([
    ['for clusters by pattern', { cluster: 'shop-*_?9' }, []],
    [
      'for a cluster of a name that none has',
      { cluster: 'shop.1' },
      ['cluster: is not a name or a pattern of letters, digits, -, _, * and ?'],
    ],
    [
      'for one of a longer name than any has',
      { cluster: 'x'.repeat(101) },
      ['cluster: is not a name or a pattern of letters, digits, -, _, * and ?'],
    ],
    ['for a namespace of the longest name', { namespace: 'x'.repeat(63) }, []],
    [
      'for one of a longer name',
      { namespace: 'x'.repeat(64) },
      [`namespace: ${kubernetes('x'.repeat(64), '', 63)}`],
    ],
    ['for a namespace with a dot', { namespace: 'a.b' }, [`namespace: ${kubernetes('a.b', '', 63)}`]],
    ['for a ServiceAccount with a dot', { serviceAccount: 'a.b' }, []],
    [
      'for a ServiceAccount that begins with what none may have',
      { serviceAccount: 'A.b' },
      [`serviceAccount: ${kubernetes('A.b', ', .', 253)}`],
    ],
    [
      'for a ServiceAccount that ends so',
      { serviceAccount: 'b_' },
      [`serviceAccount: ${kubernetes('b_', ', .', 253)}`],
    ],
    ['for a region', { region: 'eu-west-1' }, []],
    [
      'for a region that is none',
      { overrides: [{ where: { region: 'here' }, skip: true }] },
      ['overrides.0.where.region: "here" is not an AWS region, such as us-west-2'],
    ],
    ['for no region', { region: [] }, ['region: Too small: expected array to have >=1 items']],
    ['for no account', { accounts: [] }, ['accounts: Too small: expected array to have >=1 items']],
    [
      'for an account that is none',
      { accounts: ['12345678901x'] },
      ['accounts.0: is not an AWS account id (twelve digits, in quotes)'],
    ],
    ['with a role by its name', { role: `${'x'.repeat(58)}+=,.@-` }, []],
    ['with a role of a longer name', { role: 'x'.repeat(65) }, [`role: ${notRole('x'.repeat(65))}`]],
    ['with a role of a name with a sign that none has', { role: 'a/b' }, [`role: ${notRole('a/b')}`]],
    [
      'with an override that names nothing, not even a tag',
      override({ where: { clusterTags: {} }, skip: true }),
      ['overrides.0.where: names nothing, and so is for all: write it into the binding itself'],
    ],
    [
      'with an override for an account that is none, which names one all the same',
      override({ where: { account: '' }, skip: true }),
      ['overrides.0.where.account: is not an AWS account id (twelve digits, in quotes)'],
    ],
    ['with an override by a tag', override({ where: { clusterTags: { a: 'b' } }, skip: true }), []],
    ['with an override by a name', override({ where, skip: true }), []],
    [
      'with an override that changes nothing',
      override({ where }),
      ['overrides.0: changes nothing: give it a field of the binding, or skip'],
    ],
    [
      'with an override whose only field says nothing',
      override({ where, proof: undefined }),
      ['overrides.0: changes nothing: give it a field of the binding, or skip'],
    ],
    [
      'with an override that does not skip',
      override({ where, skip: false }),
      ['overrides.0.skip: Invalid input: expected true'],
    ],
  ])('is read, or refused, %s', (_why, change, expected) => {
    expect(faults(change)).toEqual(expected)
  })

  it('has the regions that it says, each once, or the stage’s own', () => {
    expect(regionsOf({ region: ['a', 'b', 'a'] }, 'c')).toEqual(['a', 'b'])
    expect(regionsOf({ region: 'a' }, 'c')).toEqual(['a'])
    expect(regionsOf({}, 'c')).toEqual(['c'])
  })
})

it.each([
  ['a b', false],
  ['b a*', false],
  ['x'.repeat(100), true],
  ['', false],
])('takes the pattern %j: %s', (pattern, taken) => {
  expect(Pattern.safeParse(pattern).success).toBe(taken)
})

it.each([
  ['123456789012', true],
  ['1234567890123', false],
  ['x123456789012', false],
])('takes the account %j: %s', (account, taken) => {
  expect(AccountId.safeParse(account).success).toBe(taken)
})

import { expect, it } from 'vitest'
import { parseConfig } from '../../../core/config.ts'
import {
  asksAccessAnalyzer,
  clusterPatterns,
  grantedClusters,
  makeableRoles,
  rolesOf,
  ungrantable,
} from '../../../core/fleet/scope.ts'
import { faultLine } from '../../../core/text/value-fault.ts'

const account = '111122223333'
const carts = { cluster: 'shop-*', namespace: 'carts', serviceAccount: '*-api', role: 'carts' }
const config = (change: object, settings: object = {}) =>
  parseConfig(
    { account, region: 'us-west-2', bindings: { carts: { ...carts, ...change } }, ...settings },
    'dev',
  )
const arn = (name: string) => `arn:aws:iam::${account}:role/${name}`

it.each<[why: string, change: object, roles: string[]]>([
  ['by its name', {}, ['carts']],
  ['by a template: what a placeholder may stand for', { role: 'carts-{cluster}' }, ['carts-shop-*']],
  ['a name for a name', { role: '{namespace}_{serviceAccount}' }, ['carts_*-api']],
  [
    'one for each region',
    { role: 'carts-{region}', region: ['us-west-2', 'us-east-1'] },
    ['carts-us-west-2', 'carts-us-east-1'],
  ],
  [
    'of overrides, by what they are for',
    {
      overrides: [
        { where: { cluster: 'shop-1' }, role: 'x-{cluster}' },
        { where: { cluster: '*' }, role: 'y-{cluster}' },
      ],
    },
    ['carts', 'x-shop-1', 'y-shop-*'],
  ],
  [
    'of an override for this account',
    { overrides: [{ where: { account: '111122223333' }, role: 'x' }] },
    ['carts', 'x'],
  ],
  [
    'not of an override for another account',
    { overrides: [{ where: { account: '444455556666' }, role: 'x' }] },
    ['carts'],
  ],
  ['not of a binding for another account', { accounts: ['444455556666'] }, []],
])('a stage may pass roles %s', (_why, change, roles) => {
  expect(rolesOf(config(change)).roles).toEqual(roles.map(arn))
})

it('makes roles of a template for the ServiceAccounts of the pattern alone', () => {
  const made = { role: 'x-{cluster}', overrides: [{ where: { namespace: 'carts' }, createRole: true }] }
  expect(makeableRoles(config(made))).toEqual([
    { role: arn('x-shop-*'), boundary: undefined, madeFor: 'shop-*/carts/*-api' },
  ])
})

it('does not take a template that may be any role, but where rolePatterns narrow it', () => {
  const any = { cluster: '*', role: 'arn:aws:iam::{account}:role/{cluster}', targetRole: arn('{cluster}-x') }
  expect(ungrantable(config(any)).map(faultLine)).toEqual([
    expect.stringMatching(
      /^bindings\.carts\.role: may be any role of the pattern arn:aws:iam::111122223333:role\/\*, /,
    ),
    expect.stringMatching(/^bindings\.carts\.targetRole: may be any role of the pattern \S+role\/\*-x, /),
  ])
  // A path may hold nearly anything: what stands further on is not how it begins.
  expect(ungrantable(config({ cluster: '*', role: `${any.role}/${arn('x')}` }))).toHaveLength(1)
  expect(ungrantable(config({ ...any, cluster: 'shop-*' }))).toEqual([])
  expect(ungrantable(config({ ...any, targetRole: undefined, role: 'podid-{cluster}' }))).toEqual([])
})

const foreign = ['444455556666']
const west = 'us-west-2'
const many = (bindings: Record<string, object>, others: string[] = []) =>
  parseConfig(
    {
      account,
      region: west,
      bindings: Object.fromEntries(
        Object.entries(bindings).map(([name, change]) => [name, { ...carts, ...change }]),
      ),
      clusters: { others },
    },
    'dev',
  )

it.each<[why: string, bindings: Record<string, object>, others: string[], all: string[], granted: string[]]>([
  ['none', {}, [], [], []],
  [
    'each pattern once, in each region of its own, and not that of another account',
    {
      one: { region: [west, 'eu-west-1'] },
      two: {},
      three: { cluster: 'bank', accounts: foreign },
      four: { cluster: 'bank-?' },
    },
    ['shop-*', 'lab'],
    ['shop-* us-west-2', 'shop-* eu-west-1', 'bank-? us-west-2', 'lab us-west-2'],
    ['shop-* us-west-2', 'shop-* eu-west-1', 'bank-? us-west-2', 'lab us-west-2'],
  ],
  [
    'without what another pattern of the region covers',
    {
      one: {},
      two: { cluster: 'shop-1' },
      three: { cluster: 'shop-1', region: 'eu-west-1' },
      four: { cluster: 'shop-?*' },
    },
    [],
    ['shop-* us-west-2', 'shop-1 us-west-2', 'shop-1 eu-west-1', 'shop-?* us-west-2'],
    ['shop-* us-west-2', 'shop-1 eu-west-1'],
  ],
  [
    'a star may stand for nothing, and for more than one letter: one letter covers neither',
    { one: { cluster: 'a?' }, two: { cluster: 'a*' }, three: { cluster: 'a' } },
    [],
    ['a? us-west-2', 'a* us-west-2', 'a us-west-2'],
    ['a* us-west-2'],
  ],
  [
    'one letter covers one letter, and no star',
    { one: { cluster: 'b?' }, two: { cluster: 'b*x' }, three: { cluster: 'b1' } },
    [],
    ['b? us-west-2', 'b*x us-west-2', 'b1 us-west-2'],
    ['b? us-west-2', 'b*x us-west-2'],
  ],
  [
    'of two that are the same by other letters the first',
    { one: { cluster: 'd**' }, two: { cluster: 'd*' }, three: { cluster: 'd***' } },
    [],
    ['d** us-west-2', 'd* us-west-2', 'd*** us-west-2'],
    ['d** us-west-2'],
  ],
  [
    'one letter is no longer name',
    { one: { cluster: 'c-??' }, two: { cluster: 'c-?' } },
    [],
    ['c-?? us-west-2', 'c-? us-west-2'],
    ['c-?? us-west-2', 'c-? us-west-2'],
  ],
])('a stage may touch clusters: %s', (_why, bindings, others, all, granted) => {
  const said = (patterns: { pattern: string; region: string }[]) =>
    patterns.map(({ pattern, region }) => `${pattern} ${region}`)
  const settings = many(bindings, others)
  expect(said(clusterPatterns(settings))).toEqual(all)
  expect(said(grantedClusters(settings))).toEqual(granted)
})

const boundary = (name: string) => `arn:aws:iam::${account}:policy/${name}`

it('tells apart what a stage does with roles', () => {
  const settings = many({
    one: {
      targetRole: arn('target-{cluster}'),
      formerRoles: [arn('former-1'), arn('former-{namespace}')],
      overrides: [
        { where: { cluster: 'shop-1' }, role: 'mine', manageTrust: true },
        { where: { account: '444455556666' }, manageTrust: true, role: 'theirs' },
      ],
    },
    two: { role: 'other' },
    three: { role: 'trusted', manageTrust: true, accounts: foreign },
  })
  expect(rolesOf(settings)).toEqual({
    roles: ['carts', 'mine', 'other'].map(arn),
    formerRoles: ['former-1', 'former-carts'].map(arn),
    targetRoles: [arn('target-shop-*')],
    trustRoles: ['carts', 'mine'].map(arn),
  })
})

it('names roles by the patterns of the settings that they fit', () => {
  const rolePatterns = [arn('x/*'), arn('shop-*')]
  const change = { role: 'shop-{cluster}', createRole: true, manageTrust: true }
  const settings = config(change, { rolePatterns })
  expect(rolesOf(settings)).toEqual({
    roles: [arn('shop-*')],
    formerRoles: [],
    targetRoles: [],
    trustRoles: [arn('shop-*')],
  })
  expect(makeableRoles(settings)).toEqual([{ role: arn('shop-*'), boundary: undefined, madeFor: 'shop-*/*' }])
})

it.each<[why: string, where: object, role: string]>([
  ['says more than the binding', { cluster: 'shop-1*' }, 'x-shop-1*'],
  ['says less', { cluster: 's*' }, 'x-shop-*'],
  ['says less with more wildcards', { cluster: '*?-*' }, 'x-shop-*'],
  ['says as much by another pattern', { cluster: '*-shop' }, 'x-shop-*'],
  ['names one', { cluster: 'abc' }, 'x-abc'],
  ['says nothing of it', { namespace: 'carts' }, 'x-shop-*'],
])('takes of an override the cluster where it %s', (_why, where, role) => {
  const overrides = [{ where, role: 'x-{cluster}' }]
  expect(rolesOf(config({ overrides })).roles).toEqual([arn('carts'), arn(role)])
})

it.each<[why: string, change: object, made: object[]]>([
  ['none where none is to be made', {}, []],
  [
    'the role, and neither of the others',
    { createRole: true, targetRole: arn('target'), formerRoles: [arn('former')] },
    [{ role: arn('carts'), boundary: undefined, madeFor: 'shop-*/carts/*-api' }],
  ],
  [
    'with each boundary that it may get',
    {
      createRole: true,
      permissionsBoundary: boundary('a'),
      overrides: [
        { where: { cluster: 'shop-1' }, permissionsBoundary: boundary('b') },
        { where: { cluster: 'shop-2' }, permissionsBoundary: boundary('a') },
        { where: { cluster: 'shop-3' }, proof: 'required' },
        { where: { account: '444455556666' }, permissionsBoundary: boundary('c') },
      ],
    },
    ['a', 'b'].map((name) => ({
      role: arn('carts'),
      boundary: boundary(name),
      madeFor: 'shop-*/carts/*-api',
    })),
  ],
  [
    'none of an override for another account',
    { overrides: [{ where: { account: '444455556666' }, createRole: true }] },
    [],
  ],
  ['none of a binding for another account', { accounts: foreign, createRole: true }, []],
])('makes roles: %s', (_why, change, made) => {
  expect(makeableRoles(config(change))).toEqual(made)
})

it.each<[why: string, bindings: Record<string, object>, asks: boolean]>([
  ['no binding', {}, false],
  ['a role that it does not make', { one: { accessAnalyzer: true } }, false],
  ['a role that it makes without asking', { one: { createRole: true } }, false],
  ['a role that it makes', { one: {}, two: { createRole: true, accessAnalyzer: true } }, true],
  [
    'a role that one override makes and about which another one asks',
    {
      one: {
        overrides: [
          { where: { cluster: 'shop-1' }, createRole: true },
          { where: { cluster: 'shop-1' }, accessAnalyzer: true },
        ],
      },
    },
    true,
  ],
  [
    'a role in another account',
    { one: { createRole: true, accessAnalyzer: true, accounts: foreign } },
    false,
  ],
])('asks IAM Access Analyzer about %s: %s', (_why, bindings, asks) => {
  expect(asksAccessAnalyzer(many(bindings))).toBe(asks)
})

it('says where a template is that cannot be granted, and once for all regions', () => {
  const any = 'arn:aws:iam::{account}:role/{cluster}'
  const said = (pattern: string) =>
    `may be any role of the pattern ${pattern}, which a deployed stage is not to pass: begin its name with letters or a path of its own, such as podid/{cluster}`
  const settings = config({
    cluster: '*',
    region: [west, 'eu-west-1'],
    formerRoles: [arn('former'), any],
    overrides: [{ where: { namespace: 'carts' }, targetRole: any }],
  })
  expect(ungrantable(settings)).toEqual([
    { path: ['bindings', 'carts', 'formerRoles', 1], said: said(arn('*')) },
    { path: ['bindings', 'carts', 'overrides', 0, 'targetRole'], said: said(arn('*')) },
  ])
  const china = parseConfig(
    {
      account,
      region: 'cn-north-1',
      bindings: { carts: { ...carts, role: 'x-{cluster}' } },
    },
    'dev',
  )
  expect(ungrantable(china)).toEqual([])
  expect(rolesOf(china).roles).toEqual([`arn:aws-cn:iam::${account}:role/x-shop-*`])
})

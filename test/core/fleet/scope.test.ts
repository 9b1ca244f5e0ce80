import { expect, it } from 'vitest'
import { parseConfig } from '../../../core/config.ts'
import { makeableRoles, rolesOf, ungrantable } from '../../../core/fleet/scope.ts'
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
  expect(ungrantable(config({ ...any, cluster: 'shop-*' }))).toEqual([])
  expect(ungrantable(config({ ...any, targetRole: undefined, role: 'podid-{cluster}' }))).toEqual([])
})

import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../../../core/config.ts'
import {
  bindingRequest,
  bindingsOn,
  byPatternOn,
  mayHaveBindings,
  tagsMatter,
} from '../../../../core/fleet/expand/of-stage.ts'

const account = '111122223333'
const carts = { cluster: 'shop-*', namespace: 'carts', serviceAccount: 'carts', role: 'carts' }
const config = (...changes: object[]) =>
  parseConfig(
    {
      account,
      region: 'us-west-2',
      bindings: Object.fromEntries(changes.map((change, at) => [`b${at}`, { ...carts, ...change }])),
    },
    'dev',
  )
const cluster = { name: 'shop-1', region: 'us-west-2', account, tags: {} }
const nowhere = { name: 'bank', region: 'us-west-2', account, tags: {} }

describe('by the name of a cluster', () => {
  it.each<[why: string, changes: object[], on: typeof cluster, may: boolean]>([
    ['one of its bindings may be for it', [{ cluster: 'x' }, {}], cluster, true],
    ['none is for another name', [{}], nowhere, false],
    ['none is for another region', [{}], { ...cluster, region: 'eu-west-1' }, false],
    ['none is for another account', [{ accounts: ['444455556666'] }], cluster, false],
    ['one may be whatever its tags', [{ clusterTags: { a: 'b' } }], cluster, true],
    ['there are none at all', [], cluster, false],
  ])('%s', (_why, changes, on, may) => {
    expect(mayHaveBindings(config(...changes), on)).toBe(may)
  })

  const skip = { skip: true }
  it.each<[why: string, changes: object[], on: typeof cluster, matter: boolean]>([
    ['where no binding names any', [{}], cluster, false],
    ['where one of them does', [{}, { clusterTags: { a: 'b' } }], cluster, true],
    [
      'where an override does',
      [{ overrides: [{ where: { clusterTags: { a: 'b' } }, ...skip }] }],
      cluster,
      true,
    ],
    [
      'where an override names something else',
      [{ overrides: [{ where: { cluster: 'shop-1' }, ...skip }] }],
      cluster,
      false,
    ],
    ['where a binding for other clusters does', [{ clusterTags: { a: 'b' } }], nowhere, false],
  ])('tags matter %s', (_why, changes, on, matter) => {
    expect(tagsMatter(config(...changes), on)).toBe(matter)
  })

  it.each<[why: string, change: object, look: boolean]>([
    ['names both', {}, false],
    ['has a pattern of namespaces', { namespace: 'c*' }, true],
    ['has a pattern of ServiceAccounts', { serviceAccount: 'c*' }, true],
    ['has labels of namespaces', { namespaceLabels: { a: 'b' } }, true],
    ['has labels of ServiceAccounts', { serviceAccountLabels: { a: 'b' } }, true],
    [
      'has an override by labels of namespaces',
      { overrides: [{ where: { namespaceLabels: { a: 'b' } }, ...skip }] },
      true,
    ],
    [
      'has an override by labels of ServiceAccounts',
      { overrides: [{ where: { serviceAccountLabels: { a: 'b' } }, ...skip }] },
      true,
    ],
    ['has an override by names alone', { overrides: [{ where: { cluster: 'shop-1' }, ...skip }] }, false],
    ['is for other tags', { namespace: 'c*', clusterTags: { a: 'c' } }, false],
    ['is for these tags', { namespace: 'c*', clusterTags: { a: 'b' } }, true],
    ['is for another cluster', { namespace: 'c*', cluster: 'x' }, false],
  ])('only a look shows the ServiceAccounts of a binding that %s: %s', (_why, change, look) => {
    const settings = config(change)
    expect(byPatternOn(settings, { ...cluster, tags: { a: 'b' } })).toEqual(
      look ? [settings.bindings.b0] : [],
    )
  })
})

it('has for one cluster the bindings for it, and nothing of those that are for none of it', () => {
  const settings = config(
    {},
    { cluster: 'x' },
    { accounts: ['444455556666'] },
    { serviceAccount: 'other', clusterTags: { a: 'b' } },
    { serviceAccount: 'carts' },
  )
  const found = bindingsOn(settings, cluster)
  expect(found.bindings.map(({ name }) => name)).toEqual([])
  expect(found.findings.map(({ code, binding }) => [code, binding])).toEqual([['binding-twice', 'b0']])
  expect(found.skipped).toEqual([])
  const [one] = bindingsOn(config({}, { cluster: 'x' }), cluster).bindings
  expect(one?.name).toBe('b0')
})

describe('the input of a run', () => {
  const of = (change: object) => {
    const [found] = bindingsOn(config(change), cluster).bindings
    return found && bindingRequest(found.binding)
  }
  const plain = {
    cluster: 'shop-1',
    region: 'us-west-2',
    namespace: 'carts',
    serviceAccount: 'carts',
    role: `arn:aws:iam::${account}:role/carts`,
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
  }
  it.each<[why: string, change: object]>([
    ['of a plain binding', {}],
    ['with a role in between', { targetRole: `arn:aws:iam::${account}:role/target` }],
    ['with roles of earlier times', { formerRoles: [`arn:aws:iam::${account}:role/former`] }],
    ['with a workload', { workload: 'deployment/carts' }],
    [
      'with a boundary of a role that it makes',
      { createRole: true, permissionsBoundary: `arn:aws:iam::${account}:policy/b` },
    ],
    ['of a migration', { workload: 'deployment/carts', manageTrust: true, migrate: 'irsa' }],
  ])('%s', (_why, change) => {
    expect(of(change)).toStrictEqual({ ...plain, ...change })
  })
})

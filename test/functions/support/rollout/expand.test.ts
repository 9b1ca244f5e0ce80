import { expect, it } from 'vitest'
import { parseConfig } from '../../../../core/config.ts'
import type { ClusterFacts } from '../../../../core/fleet/expand/select.ts'
import { expandSettings } from '../../../../functions/support/rollout/expand.ts'

const account = '123456789012'
const role = `arn:aws:iam::${account}:role/carts`
const binding = { cluster: 'shop-1', namespace: 'carts', serviceAccount: 'carts', role }
const of = (bindings: Record<string, object>) =>
  parseConfig({ account, region: 'us-west-2', bindings, access: [] }, 'test')

/** What the bindings come to, and what EKS was asked for it. */
const expanded = async (
  bindings: Record<string, object>,
  {
    wanted = 'all',
    clusters,
    there = {},
  }: {
    wanted?: 'all' | string[]
    clusters?: string[]
    /** The tags of the clusters in each region. */
    there?: Record<string, Record<string, Record<string, string>>>
  } = {},
) => {
  const asked: string[] = []
  const items = await expandSettings(
    {
      config: of(bindings),
      clusters: ((region: string) => ({
        list: async () => {
          asked.push(`list ${region}`)
          return Object.keys(there[region] ?? {})
        },
        identify: async (name: string): Promise<ClusterFacts | undefined> => {
          asked.push(`identify ${region} ${name}`)
          const tags = there[region]?.[name]
          return tags && { name, region, account, tags }
        },
      })) as never,
    },
    { bindings: wanted, clusters },
  )
  return {
    items: items.map(
      ({ name, input }) => `${name}: ${input.serviceAccount} on ${input.cluster} in ${input.region}`,
    ),
    asked,
  }
}

const pay = { ...binding, serviceAccount: 'pay' }
const west = { 'us-west-2': { 'shop-1': {}, 'shop-2': { env: 'prod' }, bank: {} } }
it.each<
  [
    why: string,
    bindings: Record<string, object>,
    given: Parameters<typeof expanded>[1],
    items: string[],
    asked: string[],
  ]
>([
  [
    'named clusters: EKS is not asked',
    { carts: binding, pay: { ...pay, region: 'eu-north-1' } },
    {},
    ['pay: pay on shop-1 in eu-north-1', 'carts: carts on shop-1 in us-west-2'],
    [],
  ],
  [
    'those of them that are wanted',
    { carts: binding, pay },
    { wanted: ['pay'] },
    ['pay: pay on shop-1 in us-west-2'],
    [],
  ],
  [
    'a pattern of clusters, in the one region that it is for, beside a named one',
    {
      all: { ...binding, cluster: 'shop-*' },
      pay: { ...pay, cluster: 'till' },
      far: { ...binding, region: 'eu-north-1' },
    },
    { there: west },
    [
      'far: carts on shop-1 in eu-north-1',
      'all: carts on shop-1 in us-west-2',
      'all: carts on shop-2 in us-west-2',
      'pay: pay on till in us-west-2',
    ],
    ['list us-west-2'],
  ],
  [
    'those of the clusters that are wanted',
    { all: { ...binding, cluster: 'shop-*' }, pay },
    { there: west, clusters: ['shop-2', 'bank'] },
    ['all: carts on shop-2 in us-west-2'],
    ['list us-west-2'],
  ],
  [
    'tags: the clusters that may be meant are looked at',
    { prod: { ...binding, cluster: 'shop-*', clusterTags: { env: 'prod' } } },
    { there: west },
    ['prod: carts on shop-2 in us-west-2'],
    ['list us-west-2', 'identify us-west-2 shop-1', 'identify us-west-2 shop-2'],
  ],
  [
    'tags of a cluster that is not there any more',
    { prod: { ...binding, cluster: 'gone', clusterTags: { env: 'prod' } }, pay },
    { there: west },
    ['pay: pay on shop-1 in us-west-2'],
    ['identify us-west-2 gone'],
  ],
])('expands %s', async (_why, bindings, given, items, asked) => {
  const found = await expanded(bindings, given)
  expect(found.items).toEqual(items)
  expect(found.asked.toSorted()).toEqual(asked.toSorted())
})

const inside = { ...binding, namespace: 'team-*' }
it.each<[why: string, bindings: Record<string, object>, wanted: 'all' | string[], message: RegExp]>([
  ['a binding that the settings do not have', { carts: binding }, ['carts', 'nope'], /^- bindings: .*nope/m],
  [
    'bindings that only a look into the cluster expands',
    { team: inside, carts: binding, more: { ...inside, serviceAccount: 'x-*' } },
    'all',
    /^- bindings: team, more: only a look into the clusters shows the ServiceAccounts of a pattern or a label, which this function has no access to; podid rollout --file podid\.yaml expands them$/m,
  ],
  [
    'two bindings for one ServiceAccount',
    { carts: binding, again: { ...binding, role: `${role}-2` } },
    'all',
    /^- podid\.yaml, bindings\.carts and podid\.yaml, bindings\.again: bindings carts and again: both are for carts\/carts on shop-1: ./m,
  ],
])('refuses %s', async (_why, bindings, wanted, message) => {
  await expect(expanded(bindings, { wanted })).rejects.toMatchObject({
    name: 'InvalidRequest',
    // After a first line that says how many faults there are.
    message: expect.stringMatching(message),
  })
})

it('is not kept from expanding by what is only to be known', async () => {
  // Nothing fits the second one, which is a finding and stops nobody.
  const bindings = { carts: binding, none: { ...pay, cluster: 'till-*' } }
  expect((await expanded(bindings, { there: west })).items).toEqual(['carts: carts on shop-1 in us-west-2'])
})

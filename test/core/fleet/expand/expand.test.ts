import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseConfig, readConfig } from '../../../../core/config.ts'
import type { Expansion } from '../../../../core/fleet/expand/expand.ts'
import type { ClusterFacts } from '../../../../core/fleet/expand/select.ts'
import { ungrantable } from '../../../../core/fleet/scope.ts'
import { faultLine } from '../../../../core/text/value-fault.ts'
import { expanding } from './support.ts'

const { account, carts, cluster, expanded, region } = expanding

/** `carts: shop-1 carts/carts carts-shop-1` */
const lines = ({ bindings }: Expansion): string[] =>
  bindings.map(
    ({ name, binding: { cluster: on, namespace, serviceAccount, role } }) =>
      `${name}: ${on} ${namespace}/${serviceAccount} ${role.split('/').at(-1)}`,
  )

const shop = cluster('shop-1', {
  orders: { api: { tier: 'front' }, worker: {}, default: {} },
  'team-a': { '': { team: 'a' }, api: {}, 'api.v2': {} },
  'team-b': { '': { team: 'b' }, api: { tier: 'front' } },
  'kube-system': { api: {} },
})

it('takes the settings that docs/fleet.md shows', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/fleet.md'), 'utf8')
  const [, yaml = ''] = /```yaml\n(account:.*?)```/s.exec(page) ?? []
  const config = parseConfig(parse(yaml), 'dev')
  expect(Object.keys(config.bindings)).toEqual(['carts', 'teams'])
  expect(ungrantable(config)).toEqual([])
})

describe('expanding bindings', () => {
  it.each<[why: string, bindings: Record<string, object>, clusters: ClusterFacts[], expected: string[]]>([
    [
      'names need no look into a cluster, and what is there does not matter',
      { carts: { ...carts, cluster: 'shop-1' } },
      [{ name: 'shop-1', region, account, tags: {} }],
      ['carts: shop-1 carts/carts carts'],
    ],
    [
      'clusters by pattern, a role for each by template, in the order of their names',
      { carts: { ...carts, role: 'carts-{cluster}' } },
      [cluster('shop-2'), cluster('shop-10'), cluster('bank-1'), cluster('shop-')],
      [
        'carts: shop- carts/carts carts-shop-',
        'carts: shop-10 carts/carts carts-shop-10',
        'carts: shop-2 carts/carts carts-shop-2',
      ],
    ],
    [
      'clusters by tags, a value being a pattern as well',
      { carts: { ...carts, cluster: '*', clusterTags: { stage: 'prod-*', team: '*' } } },
      [
        cluster('a', {}, { tags: { stage: 'prod-eu', team: 'x' } }),
        cluster('b', {}, { tags: { stage: 'prod-eu' } }),
        cluster('c', {}, { tags: { stage: 'test', team: 'x' } }),
      ],
      ['carts: a carts/carts carts'],
    ],
    [
      'clusters of several regions',
      { carts: { ...carts, region: ['us-west-2', 'eu-central-1'], role: 'carts-{region}' } },
      [
        cluster('shop-1', {}, { region: 'eu-central-1' }),
        cluster('shop-1'),
        cluster('shop-1', {}, { region: 'eu-west-1' }),
      ],
      ['carts: shop-1 carts/carts carts-eu-central-1', 'carts: shop-1 carts/carts carts-us-west-2'],
    ],
    [
      'ServiceAccounts by pattern: neither kube-* nor default, which nobody means',
      { all: { ...carts, namespace: '*', serviceAccount: '*', role: '{namespace}_{serviceAccount}' } },
      [shop],
      [
        'all/orders/api: shop-1 orders/api orders_api',
        'all/orders/worker: shop-1 orders/worker orders_worker',
        'all/team-a/api: shop-1 team-a/api team-a_api',
        'all/team-a/api.v2: shop-1 team-a/api.v2 team-a_api.v2',
        'all/team-b/api: shop-1 team-b/api team-b_api',
      ],
    ],
    [
      'what fits to its end, and not what begins so',
      { one: { ...carts, namespace: 'team-*', serviceAccount: 'a*2' } },
      [shop],
      ['one/team-a/api.v2: shop-1 team-a/api.v2 carts'],
    ],
    [
      'what is named is meant',
      {
        one: { ...carts, namespace: 'kube-system', serviceAccount: 'a*' },
        two: { ...carts, namespace: 'ord*', serviceAccount: 'default' },
      },
      [shop],
      [
        'one/kube-system/api: shop-1 kube-system/api carts',
        'two/orders/default: shop-1 orders/default carts',
      ],
    ],
    [
      'by the labels of both',
      {
        team: { ...carts, namespace: '*', serviceAccount: 'api*', namespaceLabels: { team: '?' } },
        front: {
          ...carts,
          namespace: 'orders',
          serviceAccount: '*',
          serviceAccountLabels: { tier: 'front' },
        },
      },
      [shop],
      [
        'front/orders/api: shop-1 orders/api carts',
        'team/team-a/api: shop-1 team-a/api carts',
        'team/team-a/api.v2: shop-1 team-a/api.v2 carts',
        'team/team-b/api: shop-1 team-b/api carts',
      ],
    ],
    [
      'overrides from top to bottom, the last one that fits wins field by field; skip takes out',
      {
        api: {
          ...carts,
          namespace: '*',
          serviceAccount: 'api',
          role: 'general',
          overrides: [
            { where: { namespace: 'team-*' }, role: 'team-{cluster}', proof: 'required' },
            { where: { namespaceLabels: { team: 'a' } }, role: 'team-a' },
            { where: { serviceAccountLabels: { tier: 'front' }, namespace: 'team-b' }, skip: true },
          ],
        },
      },
      [shop],
      ['api/orders/api: shop-1 orders/api general', 'api/team-a/api: shop-1 team-a/api team-a'],
    ],
    [
      'a dot, a plus and brackets are what they are, and a pattern has no other signs',
      { dotted: { ...carts, namespace: 'team-a', serviceAccount: 'api.v?' } },
      [cluster('shop-1', { 'team-a': { 'api.v2': {}, 'api-v2': {}, apixv2: {} } })],
      ['dotted/team-a/api.v2: shop-1 team-a/api.v2 carts'],
    ],
    [
      'a cluster of the same name in another account is another one',
      {
        carts: {
          ...carts,
          cluster: 'shop-1',
          accounts: [account, '444455556666'],
          role: 'arn:aws:iam::{account}:role/carts',
        },
      },
      [cluster('shop-1', {}, { account: '444455556666' }), cluster('shop-1')],
      ['carts: shop-1 carts/carts carts', 'carts: shop-1 carts/carts carts'],
    ],
  ])('%s', (_why, bindings, clusters, expected) => {
    const found = expanded(bindings, clusters)
    expect(lines(found)).toEqual(expected)
    expect(found.findings).toEqual([])
    expect(expanded(bindings, clusters.toReversed())).toEqual(found)
  })

  it('says of each where it comes from, and fills in placeholders wherever they may stand', () => {
    const needs = [
      { use: 'dynamodb-read-write', table: 'arn:aws:dynamodb:{region}:{account}:table/{namespace}' },
    ]
    const api = {
      ...carts,
      namespace: 'team-*',
      serviceAccount: 'api',
      namespaceLabels: { team: 'b' },
      workload: 'Deployment/{serviceAccount}',
      needs,
      overrides: [{ where: { cluster: 'shop-1' }, targetRole: 'arn:aws:iam::444455556666:role/{cluster}' }],
    }
    expect(expanded({ api }, [shop]).bindings).toMatchObject([
      {
        name: 'api/team-b/api',
        cluster: { name: 'shop-1', region, account },
        binding: {
          role: `arn:aws:iam::${account}:role/carts`,
          targetRole: 'arn:aws:iam::444455556666:role/shop-1',
          workload: 'deployment/api',
          needs: [
            { use: 'dynamodb-read-write', table: `arn:aws:dynamodb:${region}:${account}:table/team-b` },
          ],
        },
        from: {
          binding: 'api',
          at: 'podid.yaml, bindings.api',
          patterns: ['cluster shop-*', 'namespace team-*', 'namespaceLabels team=b'],
          overrides: ['podid.yaml, bindings.api.overrides[0]'],
        },
      },
    ])
  })
})

it('is for nothing where its namespace is not there', () => {
  const { bindings, findings } = expanded(
    { none: { ...carts, namespace: 'nowhere', serviceAccount: 'a*' } },
    [shop],
  )
  expect([bindings, findings.map(({ code }) => code)]).toEqual([[], ['pattern-fits-nothing']])
})

it('has a target role and a workload only where there are any', () => {
  const [only] = expanded({ carts }, [shop]).bindings
  expect(Object.keys(only?.binding ?? {})).not.toContain('targetRole')
  expect(Object.keys(only?.binding ?? {})).not.toContain('workload')
})

describe('a binding by pattern', () => {
  const at = (change: object): string[] =>
    (readConfig({ account, region, bindings: { carts: { ...carts, ...change } } }, 'dev').faults ?? []).map(
      faultLine,
    )

  it.each<[why: string, change: object, faults: string[]]>([
    [
      'with a placeholder that there is none of',
      { role: 'carts-{clustr}' },
      ['role: "carts-{clustr}" has {clustr}, which is no placeholder; did you mean {cluster}?'],
    ],
    [
      'with a brace alone',
      { role: 'carts-{cluster' },
      ['role: "carts-{cluster" has a brace that belongs to no placeholder'],
    ],
    [
      'with a role that no filling in makes one',
      { role: 'carts {cluster}' },
      ['role: "carts x" is not an IAM role ARN'],
    ],
    ['without a role', { role: undefined }, ['role: is missing (a string)']],
    [
      'with several faults at once',
      { namespace: 'Team-*', serviceAccount: '(a|b)', cluster: '[a-z]', region: ['here'], targetRole: 'x' },
      [
        'cluster: is not a name or a pattern',
        'region[0]: "here" is not an AWS region',
        'namespace: "Team-*" is not a name Kubernetes accepts, or a pattern',
        'serviceAccount: "(a|b)"',
        'targetRole: "x" is not an IAM role ARN',
      ],
    ],
    [
      'with letters that no name has',
      { namespace: 'täm-*' },
      ['namespace: "täm-*" is not a name Kubernetes accepts'],
    ],
    [
      'with a need that no filling in makes one',
      { needs: [{ use: 'dynamodb-read-write', table: 'arn:{region}' }] },
      ['needs[0].table: "arn:us-east-1" is not a table ARN'],
    ],
    ['with a workload that is none', { workload: 'job/{serviceAccount}' }, ['workload: "job/x" is ']],
    [
      'with an override for everything',
      { overrides: [{ where: {}, proof: 'required' }] },
      ['overrides[0].where: names nothing'],
    ],
    [
      'with an override that changes nothing',
      { overrides: [{ where: { cluster: 'a' } }] },
      ['overrides[0]: changes nothing'],
    ],
    [
      'with an override of what it is for',
      { overrides: [{ where: { cluster: 'a' }, namespace: 'b', skip: true }] },
      ['overrides[0].namespace: is not a field of podid.yaml'],
    ],
    [
      'with an override whose role is of another account',
      { overrides: [{ where: { cluster: 'a' }, role: 'arn:aws:iam::444455556666:role/carts' }] },
      ['overrides[0].role: arn:aws:iam::444455556666:role/carts belongs to account 444455556666'],
    ],
    [
      'for another account, whose role it names',
      { accounts: ['444455556666'], role: 'arn:aws:iam::444455556666:role/carts' },
      [],
    ],
    [
      'with a region of another partition in its list',
      { region: ['us-west-2', 'cn-north-1'] },
      ['region: cn-north-1 is in the partition aws-cn'],
    ],
    [
      'with a variable of a policy, which is no placeholder',
      { needs: [{ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::b/${aws:PrincipalTag/x}'] }] },
      [],
    ],
  ])('%s', (_why, change, faults) => {
    const found = at(change)
    expect(found).toHaveLength(faults.length)
    for (const [index, fault] of faults.entries()) expect(found[index]).toContain(`bindings.carts.${fault}`)
  })
})

import { describe, expect, it } from 'vitest'
import type { SkippedPlaces } from '../../../../core/fleet/expand/expand.ts'
import {
  type ExpansionFinding,
  expansionLine,
  isObstacle,
  isOfAll,
} from '../../../../core/fleet/expand/findings.ts'
import type { ClusterFacts } from '../../../../core/fleet/expand/select.ts'
import { expanding } from './support.ts'

const { account, carts, cluster, expanded } = expanding

const at = (path: string) => `podid.yaml, bindings.${path}`
const other = '444455556666'
const third = '777788889999'
const four = ['shop-1', 'shop-2', 'shop-3', 'shop-4'].map((name) =>
  cluster(name, { carts: { carts: {}, other: {} } }),
)
const on = (account: string, name: string) => cluster(name, {}, { account })

const twice = (one: string, two: string, found: string): ExpansionFinding => ({
  at: [at(one), at(two)],
  binding: one,
  code: 'binding-twice',
  severity: 'blocking',
  subject: `bindings ${one} and ${two}`,
  found,
  remedy: {
    advice:
      'Narrow one of them (clusterTags, namespaceLabels, serviceAccountLabels), or give it an override with "skip: true" where the other one is meant. What is different for some belongs into an override of one binding.',
  },
})
const one = (
  binding: string,
  where: string,
  code: ExpansionFinding['code'],
  severity: ExpansionFinding['severity'],
  found: string,
  advice: string,
): ExpansionFinding =>
  ({
    at: [at(where)],
    binding,
    code,
    severity,
    subject: `binding ${binding}`,
    found,
    remedy: { advice },
  }) as ExpansionFinding
const unfit = (binding: string, where: string, found: string, field = 'role') =>
  one(
    binding,
    where,
    field === 'workload' ? 'workload-not-named' : 'role-not-named',
    'blocking',
    found,
    `Shorten the template, or give these an override with a ${field} of their own.`,
  )
const nothing = (binding: string, found: string, where = binding, code = 'pattern-fits-nothing') =>
  one(
    binding,
    where,
    code as ExpansionFinding['code'],
    'warning',
    found,
    'Correct it, or take it away where it is no longer needed.',
  )
const shared = (binding: string, found: string) =>
  one(
    binding,
    `${binding}.role`,
    'role-shared-by-template',
    'warning',
    found,
    'Put a character between the placeholders that names of Kubernetes do not have, such as _ or +, or a placeholder more.',
  )
const made = (binding: string, found: string) =>
  one(
    binding,
    `${binding}.role`,
    'role-made-for-several',
    'warning',
    found,
    'Put {cluster}, {namespace} and {serviceAccount} into its name, as far as they differ.',
  )
const unread = (binding: string, of: string, found: string): ExpansionFinding => ({
  ...one(
    binding,
    binding,
    'cluster-not-read',
    'warning',
    found,
    'Let podid list namespaces and serviceaccounts there, or name them in the binding.',
  ),
  subject: `cluster ${of}`,
})

const long = `${'r'.repeat(58)}-{cluster}`
const skip = { skip: true }
const only = 'a ServiceAccount has one association, and so one binding'
const ofOther = "EKS takes only a role of the cluster's own account (name the other one as targetRole)"

describe('of bindings are found', () => {
  it.each<
    [
      why: string,
      bindings: Record<string, object>,
      clusters: ClusterFacts[],
      left: number,
      findings: ExpansionFinding[],
    ]
  >([
    [
      'two for one ServiceAccount: neither is among them, and all of theirs are said once',
      {
        carts,
        all: { ...carts, namespace: 'c*', serviceAccount: '*' },
        elsewhere: { ...carts, namespace: 'elsewhere' },
      },
      four,
      8,
      [
        twice(
          'carts',
          'all',
          `both are for carts/carts on shop-1, carts/carts on shop-2, carts/carts on shop-3 and 1 more: ${only} (4 of them have two)`,
        ),
      ],
    ],
    [
      'three for one ServiceAccount: each beside the first',
      { a: carts, b: carts, c: carts },
      four.slice(0, 1),
      0,
      [
        twice('a', 'b', `both are for carts/carts on shop-1: ${only}`),
        twice('a', 'c', `both are for carts/carts on shop-1: ${only}`),
      ],
    ],
    [
      'a role whose name is too long for some, at the field that says it',
      {
        carts: { ...carts, role: long },
        override: {
          ...carts,
          namespace: 'other',
          overrides: [
            { where: { region: 'us-west-2' }, role: long },
            { where: { region: 'us-west-2' }, proof: 'required' },
          ],
        },
      },
      [cluster('shop-'), cluster('shop-1'), cluster('shop-2'), cluster('shop-other')],
      2,
      [
        unfit(
          'carts',
          'carts.role',
          `its role comes to "${'r'.repeat(58)}-shop-1", which has 65 characters, and IAM takes 64, for carts/carts on shop-1, carts/carts on shop-2, carts/carts on shop-other`,
        ),
        unfit(
          'override',
          'override.overrides[0].role',
          `its role comes to "${'r'.repeat(58)}-shop-1", which has 65 characters, and IAM takes 64, for other/carts on shop-1, other/carts on shop-2, other/carts on shop-other`,
        ),
      ],
    ],
    [
      'roles whose names are too long, once for all of a template, however many characters each has',
      { carts: { ...carts, role: long } },
      [cluster('shop-1'), cluster(`shop-${'x'.repeat(60)}`)],
      0,
      [
        unfit(
          'carts',
          'carts.role',
          `its role comes to "${'r'.repeat(58)}-shop-1", which has 65 characters, and IAM takes 64, for carts/carts on shop-1, carts/carts on shop-${'x'.repeat(60)}`,
        ),
      ],
    ],
    [
      'a role of another account, once for all accounts, and one that is too long beside it',
      {
        carts: { ...carts, accounts: [account, other, third], role: `arn:aws:iam::${account}:role/${long}` },
      },
      [on(account, 'shop-1'), on(other, 'shop-'), on(third, 'shop-')],
      0,
      [
        unfit(
          'carts',
          'carts.role',
          `its role comes to "${'r'.repeat(58)}-shop-1", which has 65 characters, and IAM takes 64, for carts/carts on shop-1`,
        ),
        unfit(
          'carts',
          'carts.role',
          `its role comes to arn:aws:iam::${account}:role/${'r'.repeat(58)}-shop-, and the cluster is in ${other}: ${ofOther}, for carts/carts on shop-, carts/carts on shop-`,
        ),
      ],
    ],
    [
      'roles of another account, once for all of a template',
      { carts: { ...carts, accounts: [other, third], role: `arn:aws:iam::${account}:role/{cluster}` } },
      [on(other, 'shop-a'), on(third, 'shop-bcd')],
      0,
      [
        unfit(
          'carts',
          'carts.role',
          `its role comes to arn:aws:iam::${account}:role/shop-a, and the cluster is in ${other}: ${ofOther}, for carts/carts on shop-a, carts/carts on shop-bcd`,
        ),
      ],
    ],
    [
      'a role in between whose name is too long',
      { carts: { ...carts, targetRole: `arn:aws:iam::${other}:role/path/${long}` } },
      [on(account, 'shop-1')],
      0,
      [
        unfit(
          'carts',
          'carts.targetRole',
          `its targetRole comes to "${'r'.repeat(58)}-shop-1", which has 65 characters, and IAM takes 64, for carts/carts on shop-1`,
          'targetRole',
        ),
      ],
    ],
    [
      'a workload whose name is none',
      { carts: { ...carts, serviceAccount: 'a*', workload: 'deployment/{serviceAccount}' } },
      [cluster('shop-1', { carts: { 'a.': {} } })],
      0,
      [
        unfit(
          'carts',
          'carts.workload',
          `its workload "a." in "deployment/a." is not a name Kubernetes accepts: lower-case letters, digits, '-' and '.', 253 characters at most, for carts/a. on shop-1`,
          'workload',
        ),
      ],
    ],
    [
      'one role by a template that keeps namespace and ServiceAccount not apart, of several such roles the first',
      {
        all: {
          ...carts,
          namespace: '*',
          serviceAccount: '*',
          role: 'arn:aws:iam::{account}:role/a/b/{namespace}-{serviceAccount}',
        },
      },
      [cluster('shop-1', { a: { 'b-c': {} }, 'a-b': { c: {} }, d: { 'e-f': {} }, 'd-e': { f: {} } })],
      4,
      [
        shared(
          'all',
          'its role comes to a-b-c for several ServiceAccounts: a/b-c on shop-1, a-b/c on shop-1',
        ),
      ],
    ],
    [
      'no role by such a template that each has alone, nor one that a ServiceAccount has on two clusters',
      { all: { ...carts, namespace: '*', serviceAccount: '*', role: '{namespace}-{serviceAccount}' } },
      [cluster('shop-1', { a: { b: {}, c: {} } }), cluster('shop-2', { a: { b: {} } })],
      3,
      [],
    ],
    [
      'no role that is for several by its name, or by a template of the namespace alone',
      {
        name: { ...carts, namespace: 'a', serviceAccount: '*' },
        template: { ...carts, namespace: 'd', serviceAccount: '*', role: '{namespace}' },
      },
      [cluster('shop-1', { a: { b: {}, c: {} }, d: { b: {}, c: {} } })],
      4,
      [],
    ],
    [
      'a role to be made that is for several',
      { carts: { ...carts, role: 'arn:aws:iam::{account}:role/a/b/carts', createRole: true } },
      four,
      4,
      [
        made(
          'carts',
          'it may make the role carts, and is for several ServiceAccounts: carts/carts on shop-1, carts/carts on shop-2, carts/carts on shop-3 and 1 more. A role that podid makes trusts the pods of one',
        ),
      ],
    ],
    [
      'roles of two bindings that are for several, each by itself',
      {
        one: { ...carts, createRole: true },
        two: { ...carts, namespace: 'other', role: 'other', createRole: true },
      },
      four.slice(0, 2),
      4,
      [
        made(
          'one',
          'it may make the role carts, and is for several ServiceAccounts: carts/carts on shop-1, carts/carts on shop-2. A role that podid makes trusts the pods of one',
        ),
        made(
          'two',
          'it may make the role other, and is for several ServiceAccounts: other/carts on shop-1, other/carts on shop-2. A role that podid makes trusts the pods of one',
        ),
      ],
    ],
    [
      'a role that an override makes for several',
      { carts: { ...carts, overrides: [{ where: { cluster: 'shop-?' }, createRole: true }] } },
      four.slice(0, 2),
      2,
      [
        made(
          'carts',
          'it may make the role carts, and is for several ServiceAccounts: carts/carts on shop-1, carts/carts on shop-2. A role that podid makes trusts the pods of one',
        ),
      ],
    ],
    [
      'no role to be made that is for one',
      { carts: { ...carts, createRole: true } },
      four.slice(0, 1),
      1,
      [],
    ],
    [
      'nothing that fits, for bindings and for an override, in the order of the file',
      {
        carts: { ...carts, cluster: 'bank-*', region: ['us-west-2', 'eu-west-1'] },
        long: { ...carts, serviceAccount: 'x', role: long },
        labels: { ...carts, serviceAccount: 'y', clusterTags: { a: 'b', c: 'd' }, namespace: 'z*' },
        all: {
          ...carts,
          namespace: 'c*',
          serviceAccount: 'other',
          overrides: [
            { where: { cluster: 'bank-1', clusterTags: { a: 'b' } }, ...skip },
            { where: { region: 'eu-west-1' }, ...skip },
          ],
        },
      },
      four.slice(0, 1),
      1,
      [
        nothing('carts', 'nothing fits cluster bank-*, in us-west-2, eu-west-1'),
        unfit(
          'long',
          'long.role',
          `its role comes to "${'r'.repeat(58)}-shop-1", which has 65 characters, and IAM takes 64, for carts/x on shop-1`,
        ),
        nothing('labels', 'nothing fits cluster shop-*, namespace z*, clusterTags a=b,c=d, in us-west-2'),
        nothing(
          'all',
          'nothing fits the override for cluster bank-1, clusterTags a=b',
          'all.overrides[0]',
          'override-fits-nothing',
        ),
        nothing(
          'all',
          'nothing fits the override for region eu-west-1',
          'all.overrides[1]',
          'override-fits-nothing',
        ),
      ],
    ],
    ['no cluster at all', { carts }, [], 0, [nothing('carts', 'nothing fits cluster shop-*, in us-west-2')]],
    [
      'clusters that could not be looked into, for the bindings that need it alone, and not for their overrides',
      {
        carts,
        all: { ...carts, namespace: 'c*', overrides: [{ where: { namespace: 'x' }, ...skip }] },
        more: { ...carts, namespace: 'd*' },
      },
      [
        cluster('shop-1', {}, { inside: undefined, unread: 'serviceaccounts is forbidden' }),
        cluster('shop-2', {}, { inside: undefined }),
      ],
      2,
      [
        ...['all', 'more'].flatMap((name) => [
          unread(
            name,
            'shop-1',
            `for which of its ServiceAccounts the binding ${name} is could not be seen: serviceaccounts is forbidden`,
          ),
          unread(
            name,
            'shop-2',
            `for which of its ServiceAccounts the binding ${name} is could not be seen: nobody looked`,
          ),
        ]),
      ],
    ],
    [
      'a cluster of an account that the binding is not for: nothing to say',
      { carts: { ...carts, accounts: [other] } },
      four,
      0,
      [],
    ],
  ])('%s', (_why, bindings, clusters, left, findings) => {
    const found = expanded(bindings, clusters)
    expect(found.findings).toEqual(findings)
    expect(found.bindings).toHaveLength(left)
  })
})

it('gives each cluster the overrides that are for it', () => {
  const overrides = ['shop-1', 'shop-2'].map((name) => ({ where: { cluster: name }, role: `role-${name}` }))
  const { bindings } = expanded({ carts: { ...carts, overrides } }, four.slice(0, 3))
  expect(bindings.map(({ binding: { role }, from }) => [role.split('/')[1], from.overrides])).toEqual([
    ['role-shop-1', [at('carts.overrides[0]')]],
    ['role-shop-2', [at('carts.overrides[1]')]],
    ['carts', []],
  ])
})

it.each<[why: string, where: object, on: string[]]>([
  ['the account', { account: other }, ['b']],
  ['the region', { region: 'eu-west-1' }, ['c']],
  ['the name of the cluster', { cluster: 'a' }, ['a']],
  ['its tags', { clusterTags: { a: '*' } }, ['d']],
  ['the namespace', { namespace: 'other' }, []],
  ['the ServiceAccount', { serviceAccount: 'other' }, []],
  ['all of them together', { cluster: 'b', region: 'us-west-2', account: other }, ['b']],
  ['all of them, of which one does not fit', { cluster: 'b', account }, []],
])('an override is for what %s says', (_why, where, on) => {
  const binding = {
    ...carts,
    cluster: '*',
    accounts: [account, other],
    region: ['us-west-2', 'eu-west-1'],
    overrides: [{ where, proof: 'required' }],
  }
  const found = expanded({ carts: binding }, [
    cluster('a'),
    cluster('b', {}, { account: other }),
    cluster('c', {}, { region: 'eu-west-1' }),
    cluster('d', {}, { tags: { a: 'b' } }),
  ])
  const proven = found.bindings.filter((each) => each.binding.proof === 'required')
  expect(proven.map((each) => each.cluster.name)).toEqual(on)
})

it('says what was left out, why, and the first of them', () => {
  const shop = cluster('shop-1', {
    orders: { default: {}, api: {} },
    'team-a': { a: {}, b: {} },
    'team-b': { a: {}, b: {} },
    'kube-system': { api: {}, default: {} },
    'not-kube': { api: {} },
  })
  const all = {
    ...carts,
    namespace: '*',
    serviceAccount: '*',
    overrides: [{ where: { namespace: 'team-?' }, skip: true }],
  }
  const found = expanded({ all, other: { ...carts, accounts: [other, third] } }, [shop])
  const kube = `a pattern does not reach namespaces whose names begin with kube-: name kube-system in a binding of its own`
  const usual =
    'a pattern does not reach the ServiceAccount default, which pods have that name none: name it in a binding of its own'
  expect(found.skipped).toEqual<SkippedPlaces[]>([
    { binding: 'all', at: at('all'), why: usual, count: 1, examples: ['orders/default on shop-1'] },
    {
      binding: 'all',
      at: at('all'),
      why: kube,
      count: 2,
      examples: ['kube-system/api on shop-1', 'kube-system/default on shop-1'],
    },
    {
      binding: 'all',
      at: at('all.overrides[0]'),
      why: 'an override skips it',
      count: 4,
      examples: ['team-a/a on shop-1', 'team-a/b on shop-1', 'team-b/a on shop-1'],
    },
    {
      binding: 'other',
      at: at('other'),
      why: `it is for the accounts ${other}, ${third}, and the cluster is in ${account}`,
      count: 1,
      examples: ['shop-1'],
    },
  ])
  expect(found.bindings.map(({ name }) => name)).toEqual(['all/not-kube/api', 'all/orders/api'])
})

it.each<[code: string, severity: string, obstacle: boolean, ofAll: boolean]>([
  ['binding-twice', 'blocking', true, false],
  ['role-not-named', 'blocking', true, false],
  ['cluster-not-read', 'warning', true, false],
  ['pattern-fits-nothing', 'warning', true, true],
  ['override-fits-nothing', 'warning', false, true],
  ['role-shared-by-template', 'warning', false, false],
])(
  '%s keeps a ServiceAccount from its binding: %s %s; says that nothing fits: %s',
  (code, severity, obstacle, ofAll) => {
    const finding = { code, severity, at: ['a', 'b'], subject: 's', found: 'f' } as ExpansionFinding
    expect([isObstacle(finding), isOfAll(finding)]).toEqual([obstacle, ofAll])
    expect(expansionLine(finding)).toBe('a and b: s: f')
  },
)

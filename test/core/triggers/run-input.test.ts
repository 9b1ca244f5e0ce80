import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../../core/config.ts'
import {
  type BindingChoice,
  bindingAt,
  type ChosenPlace,
  chooseBinding,
  runInput,
} from '../../../core/triggers/run-input.ts'

const account = '111122223333'
const other = '444455556666'
const carts = { cluster: 'shop-1', namespace: 'shop', serviceAccount: 'carts', role: 'carts' }
const config = (change: object = {}, settings: object = {}) =>
  parseConfig(
    {
      account,
      region: 'us-west-2',
      bindings: { carts: { ...carts, ...change }, orders: carts },
      clusters: { others: ['lab', 'test-*'] },
      ...settings,
    },
    'dev',
  )
const chosen = (change: object = {}) => ({
  cluster: { name: 'shop-1', region: 'us-west-2' },
  namespace: 'shop',
  serviceAccount: 'carts',
  tagsMatter: false,
  declared: true,
  ...change,
})
const why = (text: string) => ({ why: text })
const pattern = { namespace: 'sh*', serviceAccount: 'carts' }
const sayWhich = 'carts is for carts in sh*; say which ServiceAccount: carts/NAMESPACE/SERVICEACCOUNT'
const tagged = { where: { clusterTags: { a: 'b' } }, skip: true }

describe('the binding that somebody names', () => {
  it.each<[why: string, change: object, name: string, on: string | undefined, choice: object]>([
    ['is on the only cluster that it is for', {}, 'carts', undefined, chosen()],
    ['is on that cluster, where it is named', {}, 'carts', 'shop-1', chosen()],
    [
      'is in its own region',
      { region: 'eu-west-1' },
      'carts',
      undefined,
      chosen({ cluster: { name: 'shop-1', region: 'eu-west-1' } }),
    ],
    ['is named with its namespace and ServiceAccount too', {}, 'carts/shop/carts', undefined, chosen()],
    [
      'is named with another ServiceAccount than its own',
      {},
      'carts/shop/orders',
      undefined,
      why('carts is for carts in shop, and not for shop/orders'),
    ],
    [
      'is one by pattern, with both',
      pattern,
      'carts/shop-a/carts',
      undefined,
      chosen({ namespace: 'shop-a' }),
    ],
    [
      'is one by pattern of ServiceAccounts, with both',
      { serviceAccount: 'c*' },
      'carts/shop/cx',
      undefined,
      chosen({ serviceAccount: 'cx' }),
    ],
    ['goes by tags', { clusterTags: { a: 'b' } }, 'carts', undefined, chosen({ tagsMatter: true })],
    [
      'has an override that goes by tags',
      { overrides: [tagged] },
      'carts',
      undefined,
      chosen({ tagsMatter: true }),
    ],
    [
      'is allowed on another cluster, where its own tags do not matter',
      { clusterTags: { a: 'b' } },
      'carts',
      'test-9',
      chosen({ cluster: { name: 'test-9', region: 'us-west-2' }, declared: false }),
    ],
    [
      'is allowed on another cluster, where tags of its overrides do',
      { overrides: [tagged] },
      'carts',
      'lab',
      chosen({ cluster: { name: 'lab', region: 'us-west-2' }, declared: false, tagsMatter: true }),
    ],
    ['is for this account', { accounts: [other, account] }, 'carts', undefined, chosen()],
    ['is not there', {}, 'payments', undefined, why('there is no binding payments in podid.yaml')],
    [
      'is not there, but nearly',
      {},
      'cart',
      undefined,
      why('there is no binding cart in podid.yaml; did you mean carts?'),
    ],
    [
      'is not there by a name of JavaScript',
      {},
      'constructor',
      undefined,
      why('there is no binding constructor in podid.yaml'),
    ],
    [
      'is for other accounts',
      { accounts: [other, '777788889999'] },
      'carts',
      undefined,
      why(`carts is for the accounts ${other}, 777788889999, and this stage is for ${account}`),
    ],
    [
      'goes by labels',
      { namespaceLabels: { a: 'b' } },
      'carts',
      undefined,
      why(
        'carts goes by labels, which only a look into the cluster shows: start it with podid enable --remote',
      ),
    ],
    [
      'is for several regions',
      { region: ['us-west-2', 'eu-west-1'] },
      'carts',
      undefined,
      why('carts is for clusters of us-west-2, eu-west-1: start it with podid enable --remote and --region'),
    ],
    ['is one by pattern, without either', pattern, 'carts', undefined, why(sayWhich)],
    ['is one by pattern, with a namespace alone', pattern, 'carts/shop', undefined, why(sayWhich)],
    ['is one by pattern, with too much', pattern, 'carts/shop/carts/x', undefined, why(sayWhich)],
    [
      'is one by pattern, for another namespace',
      pattern,
      'carts/bank/carts',
      undefined,
      why('carts is for carts in sh*, and not for bank/carts'),
    ],
    [
      'is one by pattern, for another ServiceAccount',
      pattern,
      'carts/shop/api',
      undefined,
      why('carts is for carts in sh*, and not for shop/api'),
    ],
    [
      'is for clusters by pattern, and none is named',
      { cluster: 'shop-*' },
      'carts',
      undefined,
      why('carts is for the clusters shop-*; say which one: carts on CLUSTER'),
    ],
    [
      'is for clusters by pattern and with both, and none is named',
      { cluster: 'shop-*' },
      'carts/shop/carts',
      undefined,
      why('carts is for the clusters shop-*; say which one: carts/shop/carts on CLUSTER'),
    ],
    [
      'is not allowed there',
      {},
      'carts',
      'bank',
      why('carts is for shop-1, and podid.yaml does not allow it on bank'),
    ],
  ])('%s', (_why, change, name, on, choice) => {
    const settings = config(change)
    const found: BindingChoice = chooseBinding(settings, name, on)
    expect(found).toEqual('why' in choice ? choice : { binding: settings.bindings.carts, ...choice })
  })
})

const long = `${'r'.repeat(60)}-{cluster}`
it.each<[why: string, change: object, of: Partial<ChosenPlace>, tags: Record<string, string>, role: string]>([
  ['as it is declared', {}, {}, {}, 'carts'],
  ['with the cluster in its role', { role: 'x-{cluster}' }, {}, {}, 'x-shop-1'],
  ['with the tags of the cluster', { clusterTags: { a: 'b' } }, {}, { a: 'b', c: 'd' }, 'carts'],
  [
    'not without these tags',
    { clusterTags: { a: 'b', c: 'd*' } },
    {},
    {},
    'is for clusters with the tags a=b, c=d*, and shop-1 does not have them',
  ],
  ['without them where it is only allowed', { clusterTags: { a: 'b' } }, { declared: false }, {}, 'carts'],
  [
    'with an override for it',
    {
      overrides: [
        { where: { namespace: 'shop', serviceAccount: 'carts', region: 'us-west-2', account }, role: 'mine' },
      ],
    },
    {},
    {},
    'mine',
  ],
  [
    'without an override for others',
    {
      overrides: [
        { where: { namespace: 'bank' }, role: 'mine' },
        { where: { cluster: 'x' }, skip: true },
      ],
    },
    {},
    {},
    'carts',
  ],
  [
    'with an override by tags',
    { overrides: [{ where: { clusterTags: { a: 'b' } }, role: 'mine' }] },
    {},
    { a: 'b' },
    'mine',
  ],
  [
    'not where an override skips it',
    {
      overrides: [
        { where: { cluster: 'shop-1' }, skip: true },
        { where: { cluster: 'shop-1' }, role: 'x' },
      ],
    },
    {},
    {},
    'is not for shop/carts on shop-1: an override skips it',
  ],
  [
    'not with a role of a name that is too long',
    { role: long },
    {},
    {},
    `has no role for it: its role comes to "${'r'.repeat(60)}-shop-1", which has 67 characters, and IAM takes 64`,
  ],
])('has a binding at the chosen place %s', (_why, change, of, tags, role) => {
  const place = chooseBinding(config(change), 'carts', undefined) as ChosenPlace
  const found = bindingAt({ ...place, ...of }, account, tags)
  expect('why' in found ? found.why : found.single.role).toBe(
    role.includes(' ') ? role : `arn:aws:iam::${account}:role/${role}`,
  )
})

it('asks for a run with what the stage says of approvals and access', () => {
  const input = (settings: object) => {
    const of = config({}, settings)
    const found = bindingAt(chooseBinding(of, 'carts', undefined) as ChosenPlace, account, {})
    return 'single' in found && runInput(of, found.single, { mode: 'plan', ifWorkloadMissing: 'associate' })
  }
  const plain = {
    cluster: 'shop-1',
    region: 'us-west-2',
    approvalTimeoutSeconds: 3600,
    mode: 'plan',
    ifWorkloadMissing: 'associate',
  }
  expect(input({})).toMatchObject(plain)
  expect(input({})).not.toHaveProperty('access')
  expect(input({ approvals: { timeoutMinutes: 2 }, clusters: { createAccessEntries: true } })).toMatchObject({
    ...plain,
    approvalTimeoutSeconds: 120,
    access: 'create',
  })
})

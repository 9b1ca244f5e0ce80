import { describe, expect, it } from 'vitest'
import type { CredentialUse } from '../../../core/fleet/credential-source.ts'
import { draftOf } from '../../../core/fleet/draft.ts'
import {
  againstInLog,
  annotatedRole,
  countedNode,
  countedPod,
  type InventoryFacts,
  type InventoryItem,
  inventoryOf,
} from '../../../core/fleet/inventory.ts'
import type { Container, Pod } from '../../../core/kubernetes.ts'
import { injectedSpec } from '../../support/pods.ts'
import { containerWith as env, irsaVariables as irsa, keyVariables as keys } from './containers.ts'

const role = irsa.AWS_ROLE_ARN
const plain: Container = { name: 'carts' }

describe('what stands against Pod Identity in a pod', () => {
  const skipped = { annotations: { 'eks.amazonaws.com/skip-containers': 'carts' } }
  const mounted = {
    containers: [{ name: 'carts', volumeMounts: [{ name: 'aws', mountPath: '/root/.aws' }] }],
    volumes: [{ name: 'aws', secret: { secretName: 'aws' } }],
  }
  const from = (source: object): Pod['spec'] => ({ containers: [{ name: 'carts', envFrom: [source] }] })
  it.each<[why: string, spec: Pod['spec'], metadata: Pod['metadata'], against: string[]]>([
    ['nothing', { containers: [plain] }, {}, []],
    [
      'Fargate',
      { containers: [plain] },
      { labels: { 'eks.amazonaws.com/fargate-profile': 'batch' } },
      ['runs on Fargate'],
    ],
    ['Windows, by its own word', { containers: [plain], os: { name: 'windows' } }, {}, ['runs on Windows']],
    ['no other system', { containers: [plain], os: { name: 'linux' } }, {}, []],
    [
      'its node’s network',
      { containers: [plain], hostNetwork: true },
      {},
      ['in its node’s network: what the agent handed out cannot always be told apart'],
    ],
    [
      'the label that keeps the webhook away',
      { containers: [plain] },
      { labels: { 'eks.amazonaws.com/skip-pod-identity-webhook': 'true' } },
      ['label eks.amazonaws.com/skip-pod-identity-webhook'],
    ],
    [
      'an annotation that leaves none of its containers',
      { containers: [plain] },
      skipped,
      ['all its containers are excluded by annotation'],
    ],
    ['no annotation that leaves one', { containers: [plain, { name: 'more' }] }, skipped, []],
    ['files', mounted, {}, ['files in which SDKs look for credentials first']],
    [
      'a Secret',
      from({ secretRef: { name: 'aws' } }),
      {},
      ['environment from a Secret, which was not looked into'],
    ],
    [
      'a ConfigMap that is not at hand',
      from({ configMapRef: { name: 'aws' } }),
      {},
      ['environment from a ConfigMap, which could not be looked into'],
    ],
    [
      'a proxy',
      { containers: [env({ HTTP_PROXY: 'http://proxy:3128' })] },
      {},
      ['a proxy without an exception for the agent'],
    ],
  ])('is %s', (_why, spec, metadata, against) => {
    expect(countedPod(podOf({ ...(spec && { spec }), ...(metadata && { metadata }) }), [])?.against).toEqual(
      against,
    )
  })
})

it('counts a pod with what is needed of it', () => {
  const spec = { serviceAccountName: 'carts', nodeName: 'n1', containers: [plain] }
  const metadata = { name: 'p', namespace: 'shop', creationTimestamp: '2026-01-02T00:00:00Z' }
  const owned = [
    { ...maker('x', 'Thing', 'x')[0], controller: false },
    ...maker('set', 'ReplicaSet', 'carts'),
  ]
  const counted = {
    namespace: 'shop',
    serviceAccount: 'carts',
    node: 'n1',
    createdAt: '2026-01-02T00:00:00Z',
    uses: [{ source: 'node-role' }],
    against: [],
  }
  expect(countedPod({ metadata: { ...metadata, ownerReferences: owned as never }, spec }, [])).toEqual({
    ...counted,
    owner: { uid: 'set', kind: 'ReplicaSet', name: 'carts' },
  })
  expect(countedPod({ metadata, spec }, [])).toEqual({ ...counted, owner: { bare: 'p' } })
  const { nodeName: _nodeName, ...unplaced } = spec
  expect(countedPod({ metadata, spec: unplaced }, [])?.node).toBe('')
  const agent = {
    name: 'a',
    image: '602401143452.dkr.ecr.us-west-2.amazonaws.com/eks/eks-pod-identity-agent:v0.1.36',
  }
  expect(countedPod({ metadata, spec: { ...spec, containers: [plain, agent] } }, [])).toBeUndefined()
})

it('reads the role of an annotation, with its place', () => {
  const metadata = { namespace: 'shop', name: 'carts' }
  const annotations = { 'eks.amazonaws.com/role-arn': role }
  expect(annotatedRole({ metadata: { ...metadata, annotations } } as never)).toEqual(['shop/carts', role])
  expect(annotatedRole({ metadata: { ...metadata, annotations: {} } } as never)).toBeUndefined()
  expect(annotatedRole({ metadata } as never)).toBeUndefined()
})

const maker = (uid: string, kind: string, name: string) => [
  { apiVersion: 'x/v1', controller: true, uid, kind, name },
]
const owners: InventoryFacts['owners'] = [
  {
    kind: 'ReplicaSet',
    metadata: { uid: 'set', ownerReferences: maker('deployment', 'Deployment', 'carts') },
  },
  { kind: 'Job', metadata: { uid: 'job', ownerReferences: maker('cron', 'CronJob', 'nightly') } },
]
let made = 0
const podOf = (change: {
  spec?: Pod['spec']
  metadata?: Pod['metadata']
  status?: Pod['status']
  createdAt?: string
}): Pod => ({
  metadata: {
    name: `carts-${++made}`,
    namespace: 'shop',
    creationTimestamp: change.createdAt ?? '2026-01-02T00:00:00Z',
    ownerReferences: maker('set', 'ReplicaSet', 'carts-6d9f'),
    ...change.metadata,
  },
  spec: { serviceAccountName: 'carts', nodeName: 'n1', containers: [plain], ...change.spec },
  ...(change.status && { status: change.status }),
})

const take = (pods: Pod[], facts: Partial<InventoryFacts> = {}): InventoryItem[] =>
  inventoryOf({
    cluster: 'shop',
    region: 'us-west-2',
    associations: [],
    annotatedRoles: new Map(),
    pods: pods.flatMap((one) => countedPod(one, []) ?? []),
    owners,
    nodes: [
      countedNode({ metadata: { name: 'n1', labels: { 'eks.amazonaws.com/nodegroup': 'general' } } }),
      countedNode({ metadata: { name: 'w1', labels: { 'kubernetes.io/os': 'windows' } } }),
    ],
    nodeRoles: new Map([['general', 'arn:aws:iam::123456789012:role/node']]),
    ...facts,
  })
const association = {
  id: 'a-1',
  arn: 'arn:aws:eks:us-west-2:123456789012:podidentityassociation/shop/a-1',
  role,
  sessionTags: true,
  createdAt: '2026-01-01T00:00:00.400Z',
  modifiedAt: '2026-01-03T00:00:00.400Z',
  tags: {},
}
const associations = [{ namespace: 'shop', serviceAccount: 'carts', association }]

describe('an inventory', () => {
  it.each<{ why: string; pods: Pod[]; facts?: Partial<InventoryFacts>; item: Partial<InventoryItem> }>([
    {
      why: 'of the node’s role, with the node group’s',
      pods: [podOf({}), podOf({ createdAt: '2025-12-31T00:00:00Z' })],
      item: {
        pods: 2,
        workloads: [{ workload: 'deployment/carts', pods: 2 }],
        uses: [{ source: 'node-role', role: 'arn:aws:iam::123456789012:role/node', pods: 2 }],
        since: '2025-12-31T00:00:00Z',
        next: 'choose-role',
      },
    },
    {
      why: 'with what the log of one of its pods says of its SDK',
      pods: [podOf({}), podOf({})],
      facts: { inLogs: new Map([['shop/carts', ['its log says so']]]) },
      item: { against: [{ what: 'its log says so', pods: 1 }] },
    },
    {
      why: 'of a node that no managed group has made: its role is not known',
      pods: [podOf({ spec: { nodeName: 'other', containers: [plain] } })],
      item: { uses: [{ source: 'node-role', role: null, pods: 1 }] },
    },
    {
      why: 'of Pod Identity',
      pods: [podOf({ spec: { serviceAccountName: 'carts', ...injectedSpec({ containers: [plain] }) } })],
      facts: { associations },
      item: {
        uses: [{ source: 'pod-identity', role, pods: 1 }],
        association: { id: 'a-1', role, targetRole: null },
        since: '2026-01-03T00:00:00.400Z',
        next: 'nothing',
      },
    },
    {
      why: 'of pods older than the association: one of two has not been made anew',
      pods: [
        podOf({ spec: { serviceAccountName: 'carts', ...injectedSpec({ containers: [plain] }) } }),
        podOf({}),
      ],
      facts: { associations },
      item: { since: '2026-01-02T00:00:00Z', next: 'restart' },
    },
    {
      why: 'of pods whose association is gone: nothing says with which role',
      pods: [podOf({ spec: { serviceAccountName: 'carts', ...injectedSpec({ containers: [plain] }) } })],
      item: { uses: [{ source: 'pod-identity', role: null, pods: 1 }], next: 'choose-role' },
    },
    {
      why: 'of IRSA',
      pods: [podOf({ spec: { serviceAccountName: 'carts', containers: [env(irsa)] } })],
      facts: { annotatedRoles: new Map([['shop/carts', role]]) },
      item: { uses: [{ source: 'irsa', role, pods: 1 }], irsaRole: role, next: 'associate' },
    },
    {
      why: 'of an annotation that no pod has yet',
      pods: [podOf({})],
      facts: { annotatedRoles: new Map([['shop/carts', role]]) },
      item: { irsaRole: role, next: 'associate' },
    },
    {
      why: 'of Fargate',
      pods: [podOf({ metadata: { labels: { 'eks.amazonaws.com/fargate-profile': 'batch' } } })],
      item: { against: [{ what: 'runs on Fargate', pods: 1 }], next: 'not-possible' },
    },
    {
      why: 'of some pods on Windows: the others can have it',
      pods: [
        podOf({}),
        podOf({ spec: { serviceAccountName: 'carts', nodeName: 'w1', containers: [plain] } }),
      ],
      item: { against: [{ what: 'runs on Windows', pods: 1 }], next: 'choose-role' },
    },
    {
      why: 'counts no pod that has ended or is ending, nor the agent itself',
      pods: [
        podOf({}),
        podOf({ status: { phase: 'Succeeded' } }),
        podOf({ metadata: { deletionTimestamp: '2026-01-02T00:00:00Z' } }),
        podOf({
          spec: {
            containers: [
              {
                name: 'agent',
                image: '602401143452.dkr.ecr.us-west-2.amazonaws.com/eks/eks-pod-identity-agent:v0.1.36',
              },
            ],
          },
        }),
      ],
      item: { pods: 1 },
    },
    {
      why: 'names what a CronJob makes by the CronJob, and a bare pod by itself',
      pods: [
        podOf({ metadata: { ownerReferences: maker('job', 'Job', 'nightly-1') } }),
        podOf({ metadata: { name: 'debug', ownerReferences: [] } }),
        podOf({ metadata: { ownerReferences: maker('unknown', 'Rollout', 'canary') } }),
      ],
      item: {
        workloads: [
          { workload: 'cronjob/nightly', pods: 1 },
          { workload: 'pod/debug', pods: 1 },
          { workload: 'rollout/canary', pods: 1 },
        ],
      },
    },
  ])('$why', ({ pods, facts, item }) => {
    const [found, ...others] = take(pods, facts)
    expect(others).toEqual([])
    expect(found).toMatchObject(item)
  })

  it('has of each ServiceAccount what it is, uses and has to do next', () => {
    const other = {
      ...associations[0],
      association: { ...association, id: 'a-2' },
    } as (typeof associations)[0]
    const [item] = take(
      [
        podOf({ metadata: { ownerReferences: maker('z', 'StatefulSet', 'z') } }),
        podOf({
          spec: { serviceAccountName: 'carts', containers: [env(keys)] },
          metadata: { ownerReferences: maker('a', 'DaemonSet', 'a') },
        }),
        podOf({
          spec: { serviceAccountName: 'carts', containers: [env(irsa)] },
          metadata: { ownerReferences: maker('a', 'DaemonSet', 'a') },
        }),
      ],
      {
        associations: [
          { ...other, serviceAccount: 'orders' },
          { ...other, namespace: 'data' },
        ],
      },
    )
    expect(item).toEqual({
      cluster: 'shop',
      region: 'us-west-2',
      namespace: 'shop',
      serviceAccount: 'carts',
      pods: 3,
      workloads: [
        { workload: 'daemonset/a', pods: 2 },
        { workload: 'statefulset/z', pods: 1 },
      ],
      uses: [
        { source: 'irsa', role, pods: 1 },
        { source: 'static-keys', role: null, pods: 1 },
        { source: 'node-role', role: 'arn:aws:iam::123456789012:role/node', pods: 1 },
      ],
      association: null,
      irsaRole: null,
      since: '2026-01-02T00:00:00Z',
      against: [],
      next: 'associate',
      migrate:
        'podid migrate --cluster shop --region us-west-2 -n shop --service-account carts --manage-trust',
    })
  })

  it.each<[why: string, workloads: string[], command: string | null]>([
    ['the only workload', ['Deployment'], ' --workload deployment/carts'],
    ['the only workload, if a run can restart it', ['Rollout'], ''],
    ['a workload whose kind only ends so', ['MyDeployment'], ''],
    ['none of two', ['DaemonSet', 'StatefulSet'], ''],
  ])('gives the command of a migration %s', (_why, kinds, workload) => {
    const pods = kinds.map((kind) =>
      podOf({
        spec: { serviceAccountName: 'carts', containers: [env(irsa)] },
        metadata: { ownerReferences: maker(kind, kind, 'carts') },
      }),
    )
    expect(take(pods)[0]?.migrate).toBe(
      `podid migrate --cluster shop --region us-west-2 -n shop --service-account carts${workload} --manage-trust`,
    )
  })

  it.each<[why: string, pods: Pod[], facts: Partial<InventoryFacts>]>([
    ['where there is nothing of IRSA', [podOf({})], {}],
    [
      'where the pods have what IRSA gives and no role',
      [podOf({ spec: { containers: [env({ ...irsa, AWS_ROLE_ARN: '' })] } })],
      {},
    ],
  ])('gives no such command %s', (_why, pods, facts) => {
    const [item] = take(pods, facts)
    expect([item?.next, item?.migrate]).toEqual(['choose-role', null])
  })

  it('takes the time at which an association was made where it was never changed', () => {
    const made = { ...association, modifiedAt: '' }
    const [item] = take(
      [podOf({ spec: { serviceAccountName: 'carts', ...injectedSpec({ containers: [plain] }) } })],
      {
        associations: [
          { namespace: 'shop', serviceAccount: 'carts', association: { ...made, targetRole: `${role}-2` } },
        ],
      },
    )
    expect([item?.since, item?.association]).toEqual([
      '2026-01-01T00:00:00.400Z',
      { id: 'a-1', role, targetRole: `${role}-2` },
    ])
  })

  it('is in the order of names, a ServiceAccount a row', () => {
    const other = podOf({ metadata: { namespace: 'data' } })
    const places = take([podOf({}), other, podOf({ spec: { serviceAccountName: '', containers: [plain] } })])
    expect(places.map(({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`)).toEqual([
      'data/carts',
      'shop/carts',
      'shop/default',
    ])
  })
})

const item = (change: Partial<InventoryItem>): InventoryItem => ({
  ...(take([podOf({})])[0] as InventoryItem),
  ...change,
})

describe('a draft', () => {
  const other = 'arn:aws:iam::210987654321:role/carts'
  it.each<{ why: string; item: Partial<InventoryItem>; role?: string; proposed?: boolean; left?: RegExp }>([
    {
      why: 'the association’s role comes first',
      item: { association: { id: 'a-1', role, targetRole: null }, irsaRole: `${role}-2`, next: 'restart' },
      role,
      proposed: false,
    },
    { why: 'IRSA’s role stays', item: { irsaRole: role, next: 'associate' }, role, proposed: false },
    {
      why: 'a role of its own is only proposed',
      item: {},
      role: 'arn:aws:iam::123456789012:role/shop-carts',
      proposed: true,
    },
    {
      why: 'in the region’s partition',
      item: { region: 'cn-north-1' },
      role: 'arn:aws-cn:iam::123456789012:role/shop-carts',
      proposed: true,
    },
    {
      why: 'a person decides between two roles',
      item: { irsaRole: role, uses: [{ source: 'irsa', role: `${role}-2`, pods: 1 }], next: 'associate' },
      left: /several roles/,
    },
    { why: 'EKS takes no role of another account', item: { irsaRole: other }, left: /targetRole/ },
    {
      why: 'an annotation may hold anything',
      item: { irsaRole: 'nonsense\n- injected' },
      left: /is no ARN of a role/,
    },
    {
      why: 'nothing for Fargate',
      item: { next: 'not-possible', against: [{ what: 'runs on Fargate', pods: 1 }] },
      left: /Fargate/,
    },
  ])('$why', ({ item: change, role: wanted, proposed, left }) => {
    const draft = draftOf([item(change)], '123456789012')
    expect(draft.bindings.map((binding) => [binding.role, binding.proposed])).toEqual(
      wanted ? [[wanted, proposed]] : [],
    )
    if (left) expect(draft.left.join()).toMatch(left)
    else expect(draft.left).toEqual([])
  })

  it('has of a binding what podid.yaml takes, and why', () => {
    const [binding] = draftOf([item({})], '123456789012').bindings
    expect(binding).toEqual({
      name: 'shop-carts',
      cluster: 'shop',
      region: 'us-west-2',
      namespace: 'shop',
      serviceAccount: 'carts',
      workload: 'deployment/carts',
      role: 'arn:aws:iam::123456789012:role/shop-carts',
      migrates: false,
      proposed: true,
      why: 'the node’s role at most (node); 1 pod of deployment/carts',
    })
    const [migrated] = draftOf([item({ irsaRole: role, next: 'associate' })], '123456789012').bindings
    expect(migrated?.migrates).toBe(true)
  })

  it.each<[source: CredentialUse['source'], said: string]>([
    ['pod-identity', 'Pod Identity'],
    ['irsa', 'IRSA'],
    ['static-keys', 'static keys'],
    ['profile', 'a profile'],
    ['other-endpoint', 'another container endpoint'],
    ['node-role', 'the node’s role at most'],
    ['nothing', 'nothing'],
  ])('says of %s %s', (source, said) => {
    const uses = [{ source, role: null, pods: 2 }]
    const workloads = ['a', 'b', 'c', 'd'].map((name) => ({ workload: `deployment/${name}`, pods: 1 }))
    expect(draftOf([item({ uses, pods: 2, workloads })], '123456789012').bindings[0]?.why).toBe(
      `${said}; 2 pods of deployment/a, deployment/b, deployment/c and 1 more`,
    )
  })

  it('says of what no binding was made of where it is and why', () => {
    const against = [
      { what: 'runs on Fargate', pods: 1 },
      { what: 'runs on Windows', pods: 1 },
    ]
    const uses: InventoryItem['uses'] = [
      { source: 'irsa', role, pods: 1 },
      { source: 'irsa', role: `${role}-2`, pods: 1 },
    ]
    const { bindings, left } = draftOf(
      [
        item({ next: 'not-possible', against }),
        item({ uses, pods: 2 }),
        item({ irsaRole: 'x' }),
        item({ irsaRole: other }),
      ],
      '123456789012',
    )
    expect(bindings).toEqual([])
    expect(left).toEqual([
      'shop/carts on shop in us-west-2: runs on Fargate, runs on Windows',
      'shop/carts on shop in us-west-2: its pods have several roles today (IRSA (carts), IRSA (carts-2); 2 pods of deployment/carts)',
      'shop/carts on shop in us-west-2: x is no ARN of a role',
      `shop/carts on shop in us-west-2: ${other} is of another account: name it as targetRole, with a role of 123456789012 as role`,
    ])
  })

  it('gives each binding a name that podid.yaml takes, and that no other has', () => {
    const long = 'a-service-account-with-a-very-long-name-indeed'
    const { bindings } = draftOf(
      [
        item({}),
        item({ cluster: 'data' }),
        item({ namespace: 'carts', serviceAccount: 'carts' }),
        item({ serviceAccount: `${long}-1` }),
        item({ serviceAccount: `${long}-2` }),
        item({ serviceAccount: 'a.b' }),
        item({ namespace: '..x', serviceAccount: 'y' }),
        item({ namespace: 'x', serviceAccount: 'y' }),
        item({ namespace: 'x', serviceAccount: 'y' }),
        item({ namespace: 'x', serviceAccount: 'y' }),
        item({ namespace: `${'n'.repeat(37)}`, serviceAccount: '--z' }),
      ],
      '123456789012',
    )
    expect(bindings.map(({ name }) => name)).toEqual([
      'shop-carts-shop',
      'shop-carts-data',
      'carts',
      'shop-a-service-account-with-a-very-long',
      'shop-a-service-account-with-a-very-lon-2',
      'shop-a-b',
      'x-y',
      'x-y-shop',
      'x-y-shop-2',
      'x-y-shop-3',
      'n'.repeat(37),
    ])
  })

  it('names the role that pods have today without its path', () => {
    const uses = [
      { source: 'node-role' as const, role: 'arn:aws:iam::123456789012:role/eks/nodes/a', pods: 1 },
    ]
    expect(draftOf([item({ uses })], '123456789012').bindings[0]?.why).toBe(
      'the node’s role at most (a); 1 pod of deployment/carts',
    )
  })

  it('restarts a workload only where it is the only one, and a run can', () => {
    const both = [
      { workload: 'deployment/a', pods: 1 },
      { workload: 'deployment/b', pods: 1 },
    ]
    const draft = draftOf(
      [item({}), item({ workloads: both }), item({ workloads: [{ workload: 'cronjob/nightly', pods: 1 }] })],
      '123456789012',
    )
    expect(draft.bindings.map(({ workload }) => workload)).toEqual(['deployment/carts', undefined, undefined])
  })
})

it.each([
  [
    "botocore: Unsupported host '169.254.170.23'. Can only retrieve metadata, secret-token",
    'its log says that its AWS SDK is too old: Python, which knows Pod Identity from boto3 1.34.41 on',
  ],
  ['AccessDeniedException: not authorized to perform dynamodb:Query', undefined],
  // An SDK that knows Pod Identity says so as well.
  ['Unable to locate credentials', undefined],
  ['', undefined],
])('of the log %j says what stands against Pod Identity, and repeats nothing of it', (text, said) => {
  expect(againstInLog(`starting\n${text}\nready`)).toBe(said)
})

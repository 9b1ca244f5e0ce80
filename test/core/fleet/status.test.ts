import { describe, expect, it } from 'vitest'
import type { Association } from '../../../core/association.ts'
import { allPods, bindingStatus, type StatusFacts } from '../../../core/fleet/status.ts'
import { injectedSpec, pod } from '../../support/pods.ts'

const role = 'arn:aws:iam::123456789012:role/carts'
const association = (change: Partial<Association> = {}): Association => ({
  id: 'a-1',
  arn: 'arn:aws:eks:us-west-2:123456789012:podidentityassociation/eks/a-1',
  role,
  sessionTags: true,
  createdAt: '2026-01-01T00:00:00.400Z',
  modifiedAt: '2026-01-01T00:00:00.400Z',
  tags: {},
  ...change,
})
const container = { name: 'carts' }
const podAt = (creationTimestamp: string, spec: object = { containers: [container] }, injected = true) =>
  pod({
    metadata: {
      name: 'carts-1',
      namespace: 'carts',
      creationTimestamp,
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'carts-6d9f', uid: 'set', controller: true },
      ],
    },
    spec: {
      ...(injected ? injectedSpec(spec as never) : (spec as never)),
      serviceAccountName: 'carts',
    },
  })
const owners = [
  { kind: 'Deployment', metadata: { name: 'carts', namespace: 'carts', uid: 'deployment' } },
  {
    kind: 'ReplicaSet',
    metadata: {
      name: 'carts-6d9f',
      uid: 'set',
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'Deployment', name: 'carts', uid: 'deployment', controller: true },
      ],
    },
  },
]
const placed = (change: Partial<Association> = {}) => ({
  namespace: 'carts',
  serviceAccount: 'carts',
  association: association(change),
})
const declared = {
  name: 'carts',
  binding: { namespace: 'carts', serviceAccount: 'carts', role, sessionTags: true },
}
const facts = (change: Partial<StatusFacts> = {}): StatusFacts => ({
  cluster: 'eks-workshop',
  region: 'us-west-2',
  associations: [placed()],
  declared: [],
  serviceAccounts: [],
  running: { pods: [podAt('2026-01-01T00:01:00Z')], owners },
  configMaps: [],
  ...change,
})

const later = '2026-01-01T00:05:00Z'
const keys = { containers: [{ ...container, env: [{ name: 'AWS_ACCESS_KEY_ID', value: 'AKIAEXAMPLE' }] }] }
const running = (...pods: ReturnType<typeof podAt>[]) => ({ pods, owners })

describe('what is bound', () => {
  it.each<[why: string, change: Partial<StatusFacts>, seen: object]>([
    [
      'an association that nobody declares, and the workload that has its credentials',
      {},
      {
        binding: null,
        association: { id: 'a-1', role, owner: null, targetRole: null },
        workloads: [{ workload: 'deployment/carts', all: 1, with: 1, without: 0, old: 0 }],
        drift: [],
        beside: [],
      },
    ],
    [
      'the same where ServiceAccounts could not be looked at',
      { serviceAccounts: undefined },
      { workloads: [{ workload: 'deployment/carts', all: 1, with: 1, without: 0, old: 0 }], beside: [] },
    ],
    [
      'a pod of the very second of the association: it may have been made after it',
      { running: running(podAt('2026-01-01T00:00:00Z')) },
      {
        workloads: [{ with: 1, old: 0 }],
      },
    ],
    [
      'a pod from before the association was changed',
      { associations: [placed({ modifiedAt: later })], declared: [declared] },
      {
        workloads: [{ with: 0, old: 1 }],
        drift: ['1 of 1 pods are older than the association'],
      },
    ],
    [
      'a pod whose association was deleted',
      { associations: [] },
      {
        association: null,
        workloads: [{ with: 0, old: 1, without: 0 }],
      },
    ],
    [
      'a pod that the webhook passed over, declared',
      { running: running(podAt(later, undefined, false)), declared: [declared] },
      {
        binding: 'carts',
        workloads: [{ with: 0, without: 1 }],
        drift: ['1 of 1 pods without credentials'],
      },
    ],
    [
      'another role than the declared one',
      { associations: [placed({ role: `${role}-old` })], declared: [declared] },
      {
        drift: [`it grants ${role}-old, and not ${role}`],
      },
    ],
    [
      'what is declared and not there',
      { associations: [], running: running(), declared: [declared] },
      {
        association: null,
        workloads: [],
        drift: ['it has no association'],
      },
    ],
    [
      'an add-on’s association',
      { associations: [placed({ owner: 'arn:aws:eks:us-west-2:1:addon/eks/vpc-cni/1' })] },
      {
        association: { owner: 'arn:aws:eks:us-west-2:1:addon/eks/vpc-cni/1' },
      },
    ],
    [
      'IRSA and static keys beside it',
      {
        running: running(podAt(later, keys)),
        serviceAccounts: [
          {
            metadata: {
              name: 'carts',
              namespace: 'carts',
              annotations: { 'eks.amazonaws.com/role-arn': `${role}-irsa` },
            },
          },
        ],
      },
      { beside: ['IRSA role carts-irsa', 'static keys in deployment/carts, container carts'] },
    ],
    [
      'IRSA in the place of an association that nobody has made',
      {
        associations: [],
        running: running(podAt(later, undefined, false)),
        serviceAccounts: [
          {
            metadata: {
              name: 'carts',
              namespace: 'carts',
              annotations: { 'eks.amazonaws.com/role-arn': `${role}-irsa` },
            },
          },
        ],
      },
      { association: null, workloads: [{ without: 1 }], beside: ['IRSA role carts-irsa'] },
    ],
    [
      'static keys in the place of one',
      { associations: [], running: running(podAt(later, keys, false)) },
      { association: null, beside: ['static keys in deployment/carts, container carts'] },
    ],
    [
      'pods that could not be looked at',
      { running: undefined, declared: [declared] },
      { workloads: null, drift: [] },
    ],
  ])('%s', (_why, change, seen) => {
    const [item, ...others] = bindingStatus(facts(change))
    expect(others).toEqual([])
    expect(item).toMatchObject({
      cluster: 'eks-workshop',
      namespace: 'carts',
      serviceAccount: 'carts',
      ...seen,
    })
  })

  const irsaAccount = (change: object = {}) => ({
    metadata: {
      name: 'carts',
      namespace: 'carts',
      annotations: { 'eks.amazonaws.com/role-arn': `arn:aws:iam::123456789012:role/path/carts-irsa` },
      ...change,
    },
  })
  const whole = {
    cluster: 'eks-workshop',
    region: 'us-west-2',
    namespace: 'carts',
    serviceAccount: 'carts',
    association: {
      id: 'a-1',
      role,
      targetRole: null,
      owner: null,
      changedAt: '2026-01-01T00:00:00.400Z',
    },
    binding: null,
    workloads: [{ workload: 'deployment/carts', all: 1, with: 1, without: 0, old: 0 }],
    beside: [],
    drift: [],
  }
  const otherPlace = { ...placed({ id: 'a-2' }), serviceAccount: 'orders' }
  const otherNamespace = { ...placed({ id: 'a-3' }), namespace: 'shop' }
  it.each<[why: string, change: Partial<StatusFacts>, change: object]>([
    ['nothing but an association', {}, {}],
    [
      'an association that was never changed, with a role in between',
      { associations: [placed({ modifiedAt: '', targetRole: `${role}-2` })] },
      { association: { ...whole.association, targetRole: `${role}-2` } },
    ],
    [
      'an association that was changed later',
      { associations: [placed({ modifiedAt: later })] },
      {
        association: { ...whole.association, changedAt: later },
        workloads: [{ ...whole.workloads[0], with: 0, old: 1 }],
      },
    ],
    [
      'a pod made a second before it was: the times of pods are whole seconds',
      { associations: [placed({ modifiedAt: '2026-01-01T00:01:01Z' })] },
      {
        association: { ...whole.association, changedAt: '2026-01-01T00:01:01Z' },
        workloads: [{ ...whole.workloads[0], with: 0, old: 1 }],
      },
    ],
    [
      'associations and bindings of other places beside it',
      {
        associations: [otherPlace, otherNamespace, placed()],
        declared: [
          { ...declared, name: 'orders', binding: { ...declared.binding, serviceAccount: 'orders' } },
          { ...declared, name: 'shop', binding: { ...declared.binding, namespace: 'shop' } },
          declared,
        ],
        serviceAccounts: [
          irsaAccount({ name: 'orders' }),
          irsaAccount({ namespace: 'shop' }),
          irsaAccount({ annotations: undefined }),
        ],
      },
      { binding: 'carts' },
    ],
    [
      'a ServiceAccount without any annotation, and one that could not be seen',
      { serviceAccounts: [{ metadata: { name: 'carts', namespace: 'carts' } }] },
      {},
    ],
    [
      'pods that are bare, ending, of another namespace and of another ServiceAccount',
      {
        running: running(
          pod({
            metadata: { name: 'z', namespace: 'carts', creationTimestamp: later },
            spec: { serviceAccountName: 'carts', containers: [container] },
          }),
          podAt(later),
          pod({
            metadata: { namespace: 'carts', deletionTimestamp: later },
            spec: { serviceAccountName: 'carts', containers: [container] },
          }),
          pod({
            metadata: { namespace: 'shop' },
            spec: { serviceAccountName: 'carts', containers: [container] },
          }),
          pod({
            metadata: { namespace: 'carts' },
            spec: { serviceAccountName: 'other', containers: [container] },
          }),
        ),
      },
      {
        workloads: [
          { workload: 'deployment/carts', all: 1, with: 1, without: 0, old: 0 },
          { workload: 'pod/z', all: 1, with: 0, without: 1, old: 0 },
        ],
      },
    ],
    [
      'pods of two workloads, in the order of their names, of which each has drifted otherwise',
      {
        declared: [declared],
        running: {
          pods: [
            podAt(later, { containers: [container] }, false),
            {
              ...podAt('2025-12-31T00:00:00Z'),
              metadata: { ...podAt('2025-12-31T00:00:00Z').metadata, ownerReferences: [] },
            },
            podAt(later),
          ],
          owners,
        },
      },
      {
        binding: 'carts',
        workloads: [
          { workload: 'deployment/carts', all: 2, with: 1, without: 1, old: 0 },
          { workload: 'pod/carts-1', all: 1, with: 0, without: 0, old: 1 },
        ],
        drift: ['1 of 3 pods without credentials', '1 of 3 pods are older than the association'],
      },
    ],
    [
      'IRSA, by the name of its role, and keys of a ConfigMap of its own namespace alone',
      {
        serviceAccounts: [irsaAccount()],
        running: running(
          podAt(later, { containers: [{ ...container, envFrom: [{ configMapRef: { name: 'aws' } }] }] }),
        ),
        configMaps: [
          { metadata: { name: 'aws', namespace: 'shop' }, data: { AWS_PROFILE: 'x' } },
          { metadata: { name: 'aws', namespace: 'carts' }, data: { AWS_ACCESS_KEY_ID: 'x' } },
        ],
      },
      {
        beside: ['IRSA role carts-irsa', 'static keys in deployment/carts, container carts'],
      },
    ],
    ['pods that could not be looked at', { running: undefined }, { workloads: null }],
  ])('is told whole of %s', (_why, change, item) => {
    const found = bindingStatus(facts(change)).find(
      ({ namespace, serviceAccount }) => namespace === 'carts' && serviceAccount === 'carts',
    )
    expect(found).toEqual({ ...whole, ...item })
  })

  it('counts a pod that names no ServiceAccount to the default one', () => {
    const bare = podAt(later, keys, false)
    const [item] = bindingStatus(
      facts({
        associations: [],
        running: running({ ...bare, spec: { ...bare.spec, serviceAccountName: '' } as never }),
      }),
    )
    expect([item?.serviceAccount, item?.workloads]).toEqual([
      'default',
      [{ workload: 'deployment/carts', all: 1, with: 0, without: 1, old: 0 }],
    ])
  })

  it('adds up the pods of all workloads, where they could be looked at', () => {
    const counts = { all: 10, with: 4, without: 5, old: 1 }
    expect(allPods([counts, { all: 3, with: 1, without: 0, old: 2 }])).toEqual({
      all: 13,
      with: 5,
      without: 5,
      old: 3,
    })
    expect(allPods([])).toEqual({ all: 0, with: 0, without: 0, old: 0 })
    expect(allPods(null)).toBeNull()
  })

  it('leaves out what has none of them, and is in the order of names', () => {
    const plain = podAt(later, undefined, false)
    expect(bindingStatus(facts({ associations: [], running: running(plain) }))).toEqual([])
    const two = [
      { ...placed(), serviceAccount: 'orders' },
      placed(),
      { ...placed(), namespace: 'admin', serviceAccount: 'z' },
    ]
    expect(
      bindingStatus(facts({ associations: two })).map(
        ({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`,
      ),
    ).toEqual(['admin/z', 'carts/carts', 'carts/orders'])
  })
})

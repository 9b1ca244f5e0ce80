import { describe, expect, it } from 'vitest'
import type { Association } from '../../../core/association.ts'
import { bindingStatus, type StatusFacts } from '../../../core/fleet/status.ts'
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
        drift: [`it grants ${role}-old`],
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

import { describe, expect, it } from 'vitest'
import { clusterGroups } from '../../core/fleet/access.ts'
import type { Deployment, ServiceAccount } from '../../core/kubernetes.ts'
import { resources, type Stored } from '../../local/kubernetes/store/resources.ts'
import { cluster, deployment } from '../local/kubernetes/support/cluster.ts'
import { manifestsOf } from './deployed.ts'

const manifests = manifestsOf('manifests')
/** What a namespace's overlay may add. */
const optional = manifestsOf('manifests/pod-deletion')
const rules = manifests.flatMap(({ rules = [] }) => rules)
const bindings = manifests.filter(({ roleRef }) => roleRef)

describe('what a cluster lets podid do', () => {
  it('never is to read secrets, to run in pods, or to widen its own rights', () => {
    const resources = new Set(rules.flatMap((rule) => rule.resources))
    for (const forbidden of ['secrets', 'pods/exec', 'pods/attach', 'serviceaccounts/token', '*'])
      expect(resources).not.toContain(forbidden)
    expect(rules.flatMap(({ apiGroups }) => apiGroups)).not.toContain('rbac.authorization.k8s.io')
  })

  it('has no wildcard, and deletes nothing', () => {
    const words = rules.flatMap(({ apiGroups, resources, verbs }) => [...apiGroups, ...resources, ...verbs])
    for (const word of ['*', 'delete', 'deletecollection', 'update', 'escalate', 'bind', 'impersonate'])
      expect(words).not.toContain(word)
  })

  it('is to delete pods only where a namespace adds that, and nothing else with it', () => {
    expect(optional.flatMap(({ rules = [] }) => rules)).toEqual([
      { apiGroups: [''], resources: ['pods'], verbs: ['delete'] },
    ])
    expect(optional.map(({ kind }) => kind)).toEqual(['Role', 'RoleBinding'])
  })

  it('is bound in namespaces, but for lists of nodes and of names, and the one registration of a webhook', () => {
    const clusterWide = bindings.filter(({ kind }) => kind === 'ClusterRoleBinding')
    expect(clusterWide.map(({ metadata }) => metadata.name)).toEqual([
      'podid-nodes',
      'podid-names',
      'podid-webhook',
    ])
    expect(bindings.every(({ kind, metadata }) => kind === 'ClusterRoleBinding' || metadata.namespace)).toBe(
      true,
    )
  })

  it('is bound to the groups of the access entries, all of them and no other', () => {
    const bound = new Set(
      [...bindings, ...optional].flatMap(({ subjects = [] }) => subjects.map(({ name }) => name)),
    )
    expect(bound).toEqual(new Set(Object.values(clusterGroups).flat()))
  })

  it('refers to roles that are there', () => {
    const roles = manifests.filter((one) => one.rules).map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    for (const { roleRef } of bindings) expect(roles).toContain(`${roleRef?.kind} ${roleRef?.name}`)
  })
})

describe('the policies of manifests/admission', () => {
  /** carts, in a cluster that has them. */
  const guarded = () => {
    const { store } = cluster()
    for (const manifest of manifestsOf('manifests/admission'))
      store.create(
        (manifest.kind.endsWith('Binding')
          ? resources.validatingadmissionpolicybindings
          : resources.validatingadmissionpolicies) as typeof resources.roles,
        manifest as never,
      )
    store.create(resources.deployments, deployment())
    return store
  }
  const pod = {
    metadata: { name: 'probe', namespace: 'carts' },
    spec: { containers: [{ name: 'c', image: 'c:1' }] },
  }

  it.each<[why: string, groups: string[], dryRun: boolean, refused: boolean]>([
    ['a dry run of podid', ['podid:probe'], true, false],
    ['a pod that podid creates', ['podid:probe', 'podid:workload'], false, true],
    ['a pod of somebody else', ['developers'], false, false],
  ])('%s', (_why, groups, dryRun, refused) => {
    const create = () => guarded().create(resources.pods, pod, { groups, dryRun, user: 'somebody' })
    if (refused) expect(create).toThrow('podid creates pods as dry runs only')
    else expect(create).not.toThrow()
  })

  type Draft = Stored<Deployment>
  it.each<[why: string, groups: string[], change: (draft: Draft) => void, refused?: string]>([
    ['a restart', ['podid:restart'], (draft) => annotate(draft, 'kubectl.kubernetes.io/restartedAt')],
    [
      'another annotation of the pods',
      ['podid:restart'],
      (draft) => annotate(draft, 'other'),
      'no annotation of the pods',
    ],
    [
      'an annotation taken away',
      ['podid:restart'],
      ({ spec }) => delete spec?.template.metadata?.annotations?.had,
      'no annotation of the pods',
    ],
    [
      'a label of the pods',
      ['podid:restart'],
      ({ spec }) => Object.assign(spec?.template.metadata?.labels ?? {}, { more: '1' }),
      'nothing of the pods',
    ],
    [
      'a mounted Secret',
      ['podid:restart'],
      ({ spec }) =>
        Object.assign(spec?.template.spec ?? {}, { volumes: [{ name: 's', secret: { secretName: 's' } }] }),
      'nothing of the pods',
    ],
    [
      'another ServiceAccount',
      ['podid:restart'],
      ({ spec }) => Object.assign(spec?.template.spec ?? {}, { serviceAccountName: 'admin' }),
      'nothing of the pods',
    ],
    [
      'fewer replicas',
      ['podid:restart'],
      ({ spec }) => Object.assign(spec ?? {}, { replicas: 0 }),
      'nothing of the workload but',
    ],
    [
      'a pause',
      ['podid:restart'],
      ({ spec }) => Object.assign(spec ?? {}, { paused: true }),
      'nothing of the workload but',
    ],
    [
      'a label of the workload',
      ['podid:restart'],
      ({ metadata }) => Object.assign(metadata, { labels: { more: '1' } }),
      "nothing of the workload's metadata",
    ],
    [
      'an annotation of the workload',
      ['podid:restart'],
      ({ metadata }) => Object.assign(metadata, { annotations: { more: '1' } }),
      'no annotation of the workload',
    ],
    [
      'all of that by somebody else',
      ['developers'],
      ({ spec }) => Object.assign(spec ?? {}, { replicas: 0 }),
    ],
  ])('%s', (_why, groups, change, refused) => {
    const store = guarded()
    store.mutate(resources.deployments, 'carts', 'carts', (draft) => {
      annotate(draft, 'had')
      return draft
    })
    const write = () =>
      store.mutate(
        resources.deployments,
        'carts',
        'carts',
        (draft) => {
          change(draft)
          return draft
        },
        { groups, user: 'somebody' },
      )
    if (refused === undefined) expect(write).not.toThrow()
    else expect(write).toThrow(refused)
  })

  const irsa = 'eks.amazonaws.com/role-arn'
  type Account = Stored<ServiceAccount>
  it.each<[why: string, had: Record<string, string>, change: (draft: Account) => void, refused?: string]>([
    ['the annotation for IRSA taken away', { [irsa]: 'one' }, ({ metadata }) => delete metadata.annotations],
    [
      'the annotation for IRSA put back',
      {},
      ({ metadata }) => Object.assign(metadata, { annotations: { [irsa]: 'one' } }),
    ],
    [
      'another role in the place of the one that is there',
      { [irsa]: 'one' },
      ({ metadata }) => Object.assign(metadata, { annotations: { [irsa]: 'admin' } }),
      'takes away the annotation for IRSA',
    ],
    [
      'another annotation',
      {},
      ({ metadata }) => Object.assign(metadata, { annotations: { other: '1' } }),
      'takes away the annotation for IRSA',
    ],
    [
      'an image pull secret',
      {},
      (draft) => Object.assign(draft, { imagePullSecrets: [{ name: 'more' }] }),
      'nothing of a ServiceAccount but',
    ],
  ])('of a ServiceAccount: %s', (_why, annotations, change, refused) => {
    const store = guarded()
    store.create(resources.serviceaccounts, { metadata: { name: 'carts', namespace: 'carts', annotations } })
    const write = () =>
      store.mutate(
        resources.serviceaccounts,
        'carts',
        'carts',
        (draft) => {
          change(draft)
          return draft
        },
        { groups: ['podid:service-account'], user: 'somebody' },
      )
    if (refused === undefined) expect(write).not.toThrow()
    else expect(write).toThrow(refused)
  })
})

const annotate = ({ spec }: Stored<Deployment>, key: string): void => {
  const metadata = spec?.template.metadata
  if (metadata) metadata.annotations = { ...metadata.annotations, [key]: '2026-11-26T09:00:00Z' }
}

import { expect, it } from 'vitest'
import type { ReachableCluster } from '../../../../core/cluster.ts'
import type { Deployment, Pod, ReplicaSet } from '../../../../core/kubernetes.ts'
import { resolveRequest } from '../../../../core/request-input.ts'
import { verifyWorkload } from '../../../../functions/steps/verify-workload.ts'
import { pod } from '../../../support/pods.ts'
import { type Said, scriptedConnection, skippingClock } from '../../../support/scripted-connection.ts'

const request = resolveRequest(
  {
    cluster: 'eks-workshop',
    namespace: 'carts',
    serviceAccount: 'carts',
    role: 'arn:aws:iam::123456789012:role/carts',
    workload: 'deployment/carts',
  },
  {
    arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
    startTime: '2026-11-23T06:00:00.000Z',
  },
)
const template = { spec: { containers: [{ name: 'carts' }], serviceAccountName: 'carts' } }
const workload: Deployment = {
  kind: 'Deployment',
  apiVersion: 'apps/v1',
  metadata: { name: 'carts', namespace: 'carts', uid: 'u-1', generation: 1 },
  spec: { replicas: 2, selector: { matchLabels: { app: 'carts' } }, template },
  status: { observedGeneration: 1, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 },
}
const set: ReplicaSet = {
  metadata: {
    name: 'carts-1',
    uid: 'u-2',
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'Deployment', name: 'carts', uid: 'u-1', controller: true },
    ],
  },
}
const owned = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'carts-1', uid: 'u-2', controller: true }
const carts = (name: string, spec?: Pod['spec'], more: Pod['metadata'] = {}): Pod =>
  pod({ metadata: { name, ownerReferences: [owned], ...more }, ...(spec && { spec }) })
const bare = template.spec

/** The workload as Preflight sees it, with these pods, and this said of one more. */
const verified = (pods: Pod[], dryRun: Said = pod()) => {
  const { connection } = scriptedConnection(skippingClock(), ({ verb, resource, name }) => {
    if (verb === 'create') return dryRun
    if (name !== undefined)
      return resource === 'deployments' ? workload : { metadata: { name, namespace: 'carts' } }
    const items: Record<string, object[]> = { pods, replicasets: [set] }
    return { metadata: {}, items: items[resource] ?? [] }
  })
  return verifyWorkload(
    () => connection,
    {},
  )({
    request,
    cluster: { name: 'eks-workshop', ipFamily: 'ipv4' } as ReachableCluster,
  })
}

it.each<[why: string, pods: Pod[], injected: boolean, carried: boolean]>([
  ['both pods have them', [carts('carts-1'), carts('carts-2')], true, true],
  ['one of two has them: it is not in force', [carts('carts-1'), carts('carts-2', bare)], false, true],
  ['none has them', [carts('carts-1', bare), carts('carts-2', bare)], false, false],
  ['there is no pod to have them', [], false, false],
  [
    'the one without them is on its way out',
    [carts('carts-1'), carts('carts-2', bare, { deletionTimestamp: '2026-01-01T00:02:00Z' })],
    true,
    true,
  ],
  [
    'a pod of somebody else’s has them',
    [pod({ metadata: { name: 'other', ownerReferences: [{ ...owned, uid: 'u-9' }] } })],
    false,
    false,
  ],
])(
  'whether the credentials are in force, which the sweep goes by, too: %s',
  async (_why, pods, injected, carried) => {
    expect(await verified(pods)).toMatchObject({ exists: true, injected, carried })
  },
)

const quota = 'exceeded quota: pods=10'
const forbidden = 'User "podid" cannot create resource "pods" in API group ""'
it.each<[why: string, pods: Pod[], message: string, found: object]>([
  [
    'blocking where pods have to be replaced',
    [carts('carts-1'), carts('carts-2', bare)],
    quota,
    { severity: 'blocking', code: 'pods-refused' },
  ],
  [
    'a warning where every pod has the credentials',
    [carts('carts-1')],
    quota,
    { severity: 'warning', code: 'pods-refused' },
  ],
  [
    'no more than it was where it could not be tried',
    [carts('carts-1')],
    forbidden,
    { severity: 'info', code: 'pods-untried' },
  ],
])('says that new pods would be refused: %s', async (_why, pods, message, found) => {
  const { findings } = await verified(pods, { failure: 403, message })
  expect(findings).toMatchObject([found])
})

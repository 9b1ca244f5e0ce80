import { expect, it } from 'vitest'
import { isReady } from '../../../core/workload/readiness.ts'
import { restartAnnotation } from '../../../core/workload/restart.ts'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import { workshop } from '../../../local/scenarios/workshop/index.ts'
import { cartsPods, startWorkshop, type Workshop } from '../../support/run.ts'

const restarts = ({ calls }: Workshop) =>
  calls.calls.filter(({ operation, status }) => operation === 'patch deployments' && status === 200).length

it('restarts once more when somebody takes the annotation away, and again when the webhook misses a pod without a word', async () => {
  await using world = await startWorkshop()
  const { store } = world.cluster
  let patched = 0
  world.calls.onCall(({ operation }) => {
    if (operation === 'patch deployments' && ++patched === 2) world.cluster.webhook.missNext(1)
  })
  const stop = store.subscribe(({ resource, object }) => {
    const { spec } = object as {
      spec?: { template?: { metadata?: { annotations?: Record<string, string> } } }
    }
    if (resource !== resources.deployments || object.metadata.name !== 'carts') return
    if (!spec?.template?.metadata?.annotations?.[restartAnnotation]) return
    stop()
    // As a tool does that keeps the Deployment as a repository has it.
    queueMicrotask(() =>
      store.mutate(resources.deployments, workshop.namespace, 'carts', (draft) => {
        delete draft.spec.template.metadata?.annotations?.[restartAnnotation]
        return draft
      }),
    )
  })
  const { report } = await world.enable()
  expect(report).toMatchObject({ outcome: 'enabled' })
  expect(restarts(world)).toBe(3)
  expect(cartsPods(world).map(isReady)).toEqual([true])
})

it('looks at the first new pod where the caller may not create pods, not even dry ones', async () => {
  await using world = await startWorkshop()
  const credentials = await restricted(world)
  const { report } = await world.enable({}, { aws: { endpoint: world.aws.url, credentials } })
  expect(report?.failure).toBeNull()
  expect(report).toMatchObject({ outcome: 'enabled', propagation: { way: 'first-pod' } })
  expect(cartsPods(world).map(isReady)).toEqual([true])
})

/** A caller whom AWS lets do everything, and the cluster all that a run needs but the creation of pods. */
const restricted = async ({ aws, cluster: { store } }: Workshop) => {
  const everything = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } }
  const { user, credentials } = aws.state.principals.addUser('restricted', { everything })
  aws.state.addAccessEntry(workshop.cluster, { principalArn: user.arn, kubernetesGroups: ['podid'] })
  const all = ['get', 'list', 'watch', 'patch']
  store.create(resources.clusterroles, {
    metadata: { name: 'podid' },
    rules: [
      { apiGroups: ['apps'], resources: ['deployments', 'replicasets', 'daemonsets'], verbs: all },
      {
        apiGroups: [''],
        resources: ['pods', 'nodes', 'serviceaccounts', 'configmaps', 'events'],
        verbs: ['get', 'list'],
      },
    ],
  })
  store.create(resources.clusterrolebindings, {
    metadata: { name: 'podid' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'podid' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'podid' }],
  })
  return async () => credentials
}

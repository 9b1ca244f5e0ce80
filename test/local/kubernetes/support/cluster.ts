import type { Deployment, PodSpec } from '../../../../core/kubernetes.ts'
import { startControllers } from '../../../../local/kubernetes/controllers/index.ts'
import type { StoredPod } from '../../../../local/kubernetes/controllers/pods.ts'
import type { PodBehaviour } from '../../../../local/kubernetes/kubelet/kubelet.ts'
import { ec2Node } from '../../../../local/kubernetes/kubelet/nodes.ts'
import { resources } from '../../../../local/kubernetes/store/resources.ts'
import { Store } from '../../../../local/kubernetes/store/store.ts'
import { steppedClock } from '../../../support/clocks/stepped-clock.ts'

/** A small generator of numbers from 0 up to 1 (xorshift), so that every run of a test is the same. */
const seeded = (seed: number): (() => number) => {
  let state = seed | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** Pods that start within half a second and are ready a second later, as in the recordings. */
export const healthy: PodBehaviour = () => ({ startMs: 500, readyAfterMs: 1000, stopMs: 800 })

/** A cluster of three nodes with the namespace `carts`, on a clock that only the test moves. */
export const cluster = (
  behaviour: PodBehaviour = healthy,
  { start, seed = 7 }: { start?: number; seed?: number } = {},
) => {
  const clock = steppedClock(start)
  const random = seeded(seed)
  const store = new Store({ clock, random })
  const controllers = startControllers({ store, clock, random, kubelet: behaviour })
  for (const name of ['default', 'kube-system', 'carts'])
    store.create(resources.namespaces, { metadata: { name } })
  for (const [address, zone] of [
    ['10.42.10.10', 'us-west-2a'],
    ['10.42.20.10', 'us-west-2b'],
    ['10.42.30.10', 'us-west-2c'],
  ] as const)
    store.create(resources.nodes, ec2Node({ address, zone, now: store.timestamp() }))

  const pods = () => store.list(resources.pods, { namespace: 'carts' }) as StoredPod[]
  const carts = () => store.read(resources.deployments, 'carts', 'carts')
  const events = () =>
    store.list(resources.events).map(({ type, reason, message, count, involvedObject }) => ({
      type,
      reason,
      message,
      count: count ?? 1,
      about: `${involvedObject.kind}/${involvedObject.name}`,
    }))
  return { ...controllers, clock, store, pods, carts, events }
}

export type TestCluster = ReturnType<typeof cluster>

/** The workshop's Deployment with whatever a test wants different. */
export const deployment = (
  spec: Partial<NonNullable<Deployment['spec']>> = {},
  pod: Partial<PodSpec> = {},
): Deployment => ({
  metadata: { name: 'carts', namespace: 'carts' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { 'app.kubernetes.io/name': 'carts' } },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
    progressDeadlineSeconds: 600,
    revisionHistoryLimit: 10,
    template: {
      metadata: { labels: { 'app.kubernetes.io/name': 'carts' } },
      spec: { containers: [{ name: 'carts', image: 'carts:1.2.1' }], ...pod },
    },
    ...spec,
  },
})

/** `kubectl rollout restart`. */
export const restart = ({ store }: Pick<TestCluster, 'store'>, restartedAt: string) =>
  store.mutate(resources.deployments, 'carts', 'carts', (draft) => {
    draft.spec.template.metadata = {
      ...draft.spec.template.metadata,
      annotations: { 'kubectl.kubernetes.io/restartedAt': restartedAt },
    }
    return draft
  })

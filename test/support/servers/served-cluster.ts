import { type Connection, connect } from '../../../adapters/kubernetes/connection.ts'
import type { DaemonSet, Deployment, PolicyRule, StatefulSet } from '../../../core/kubernetes.ts'
import type { WorkloadRef } from '../../../core/workload/workload.ts'
import { CallLog } from '../../../local/calls.ts'
import { type VirtualClock, virtualClock } from '../../../local/clock.ts'
import { type ApiServer, startApiServer } from '../../../local/kubernetes/api/server.ts'
import { type Controllers, startControllers } from '../../../local/kubernetes/controllers/index.ts'
import type { PodBehaviour } from '../../../local/kubernetes/kubelet/kubelet.ts'
import { ec2Node } from '../../../local/kubernetes/kubelet/nodes.ts'
import { type ResourceKind, resources } from '../../../local/kubernetes/store/resources.ts'
import { Store } from '../../../local/kubernetes/store/store.ts'
import { registerPodIdentityWebhook } from '../../../local/kubernetes/webhook/admission-webhooks.ts'
import { type PodIdentityWebhook, podIdentityWebhook } from '../../../local/kubernetes/webhook/webhook.ts'

export const cartsRef: WorkloadRef = { kind: 'Deployment', name: 'carts' }

/** What the project needs in a workload's namespace, limited to the one workload wherever RBAC can do that. */
export const leastRules: PolicyRule[] = [
  {
    apiGroups: ['apps'],
    resources: ['deployments', 'daemonsets', 'statefulsets'],
    resourceNames: ['carts'],
    verbs: ['get', 'list', 'watch', 'patch'],
  },
  { apiGroups: ['apps'], resources: ['replicasets', 'controllerrevisions'], verbs: ['list'] },
  { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch', 'create'] },
  { apiGroups: [''], resources: ['pods/log', 'serviceaccounts', 'configmaps'], verbs: ['get'] },
  { apiGroups: [''], resources: ['events'], verbs: ['list'] },
]

export interface ServedCluster {
  store: Store
  clock: VirtualClock
  api: ApiServer
  calls: CallLog
  controllers: Controllers
  webhook: PodIdentityWebhook
  connection: Connection
  /** Gives the ServiceAccount `carts` an association, now; the webhook hears of it at once. */
  associate(): void
  /** Makes the workload `carts`, lets its rollout end in no time, and sets time going. */
  deploy(workload?: Deployment | DaemonSet | StatefulSet): Promise<void>
  /** Resolves when a write has made the condition true. */
  when(condition: () => boolean): Promise<void>
  close(): Promise<void>
}

const kinds: Record<string, ResourceKind | undefined> = {
  DaemonSet: resources.daemonsets,
  StatefulSet: resources.statefulsets,
}

/** The Deployment of these tests: two pods, one more and none less during a rollout. */
export const cartsDeployment = (spec: Partial<NonNullable<Deployment['spec']>> = {}): Deployment => ({
  metadata: { name: 'carts', namespace: 'carts' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'carts' } },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: {
      metadata: { labels: { app: 'carts' } },
      spec: { serviceAccountName: 'carts', containers: [{ name: 'carts', image: 'carts:1' }] },
    },
    ...spec,
  },
})

/**
 * Serves a cluster of three nodes on virtual time, and connects to it as a caller with the least rights. `held`
 * leaves it to the test to set time going.
 */
export const serveCluster = async ({
  behaviour = () => ({ startMs: 500, readyAfterMs: 1000, stopMs: 800 }),
  rules = leastRules,
  held = false,
}: {
  behaviour?: PodBehaviour
  rules?: PolicyRule[]
  held?: boolean
} = {}): Promise<ServedCluster> => {
  const clock = virtualClock({ held: true })
  const calls = new CallLog()
  const store = new Store({ clock })
  const controllers = startControllers({ store, clock, kubelet: behaviour })
  let associated = false
  const listeners = new Set<(namespace: string, serviceAccount: string) => void>()
  const webhook = podIdentityWebhook({
    store,
    clock,
    region: 'us-west-2',
    replicas: [0],
    associations: {
      associationFor: (namespace, name) =>
        associated && namespace === 'carts' && name === 'carts' ? { createdAt: clock.now() } : undefined,
      onChange: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
  })
  registerPodIdentityWebhook(store, controllers.webhooks, webhook.hook)
  const api = await startApiServer({
    store,
    clock,
    calls,
    authenticate: async (token) =>
      token.startsWith('k8s-aws-v1.')
        ? { username: 'podid', groups: ['podid', 'system:authenticated'] }
        : undefined,
    logs: (pod, container, options) => controllers.kubelet.logs(pod, container, options),
  })
  furnish(store, rules)
  const connection = connect({
    cluster: {
      name: 'eks-workshop',
      endpoint: api.url,
      ca: Buffer.from(api.caData).toString('base64'),
      region: 'us-west-2',
    },
    credentials: async () => ({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'example' }),
    clock,
  })
  const when = (condition: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const check = () => {
        if (!condition()) return
        unsubscribe()
        resolve()
      }
      const unsubscribe = store.subscribe(check)
      check()
    })
  return {
    store,
    clock,
    api,
    calls,
    controllers,
    webhook,
    connection,
    associate: () => {
      associated = true
      for (const listen of listeners) listen('carts', 'carts')
    },
    deploy: async (workload = cartsDeployment()) => {
      store.create(kinds[workload.kind ?? 'Deployment'] ?? resources.deployments, workload)
      await clock.advance(10_000)
      if (!held) clock.release('jump')
    },
    when,
    close: async () => {
      controllers.stop()
      webhook.stop()
      clock.stop()
      await connection.close()
      await api.close()
    },
  }
}

const furnish = (store: Store, rules: PolicyRule[]): void => {
  store.create(resources.namespaces, { metadata: { name: 'carts' } })
  store.create(resources.serviceaccounts, { metadata: { name: 'carts', namespace: 'carts' } })
  for (const [address, zone] of [
    ['10.42.10.10', 'us-west-2a'],
    ['10.42.20.10', 'us-west-2b'],
    ['10.42.30.10', 'us-west-2c'],
  ] as const) {
    store.create(resources.nodes, ec2Node({ address, zone, now: store.timestamp() }))
  }
  const metadata = { name: 'podid', namespace: 'carts' }
  store.create(resources.roles, { metadata, rules })
  store.create(resources.rolebindings, {
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'podid' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'podid' }],
  })
}

import type { PodSpec } from '../../../core/kubernetes.ts'
import { resources } from '../../kubernetes/store/resources.ts'
import type { World } from '../../world.ts'
import { workshop } from './account.ts'
import { agentName, clusterOf, found, storeOf, type Variant, withoutAgent } from './change.ts'

const { namespace, serviceAccount } = workshop

const nodeAt = (world: World, index: number): string =>
  found(storeOf(world).list(resources.nodes).at(index), 'node').metadata.name

/** Sets the Pod Identity webhook's failurePolicy, and lets it fall silent. */
const webhookDown =
  (failurePolicy: 'Ignore' | 'Fail'): Variant['change'] =>
  (world) => {
    const { store, controllers } = clusterOf(world)
    const registration = found(
      store
        .list(resources.mutatingwebhookconfigurations)
        .find(({ metadata }) => metadata.name === 'pod-identity-webhook'),
      'webhook',
    )
    store.mutate(resources.mutatingwebhookconfigurations, undefined, registration.metadata.name, (draft) => {
      for (const webhook of draft.webhooks ?? []) webhook.failurePolicy = failurePolicy
      return draft
    })
    for (const { name } of registration.webhooks ?? []) controllers.webhooks.setCondition(name, 'down')
  }

/** Pods that run once, under the ServiceAccount of carts. */
const once: PodSpec = {
  serviceAccountName: serviceAccount,
  restartPolicy: 'Never',
  containers: [{ name: 'export', image: 'export:1' }],
}

/** What is around the workload in other clusters: nodes, webhooks, and whatever else runs there. */
export const aroundCarts = {
  'fargate-profile': {
    description: 'a Fargate profile selects the pods of carts, which shows only when a pod is made',
    change: (world) =>
      clusterOf(world).controllers.fargate.addProfile({
        name: 'carts',
        selectors: [{ namespace, labels: { 'app.kubernetes.io/component': 'service' } }],
      }),
  },
  'node-tainted': {
    description: 'a node has a taint that the agent does not tolerate',
    change: (world) => {
      const store = storeOf(world)
      store.mutate(resources.daemonsets, 'kube-system', agentName, (draft) => {
        if (draft.spec?.template.spec) draft.spec.template.spec.tolerations = []
        return draft
      })
      store.mutate(resources.nodes, undefined, nodeAt(world, 0), (draft) => {
        draft.spec = { ...draft.spec, taints: [{ key: 'dedicated', value: 'batch', effect: 'NoSchedule' }] }
        return draft
      })
    },
  },
  'node-not-ready': {
    description: 'a node does not report any more',
    change: (world) => clusterOf(world).controllers.kubelet.setNodeReady(nodeAt(world, -1), false),
  },
  'agent-port-taken': {
    description: 'the agent is not installed, and a pod holds its port on a node',
    change: (world) => {
      withoutAgent(world)
      storeOf(world).create(resources.pods, {
        metadata: { name: 'ingress', namespace },
        spec: {
          containers: [{ name: 'web', image: 'web:1', ports: [{ containerPort: 8080, hostPort: 80 }] }],
        },
      })
    },
  },
  'jobs-beside': {
    description: 'a CronJob and a suspended Job have the same ServiceAccount',
    change: (world) => {
      const template = { metadata: { labels: { app: 'export' } }, spec: once }
      storeOf(world).create(resources.jobs, {
        metadata: { name: 'export', namespace },
        spec: { suspend: true, template },
      })
      storeOf(world).create(resources.cronjobs, {
        metadata: { name: 'nightly', namespace },
        spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template } } },
      })
    },
  },
  'webhook-down': {
    description: 'the Pod Identity webhook does not answer, and the API server passes it over (Ignore)',
    change: webhookDown('Ignore'),
  },
  'webhook-refuses': {
    description: 'the Pod Identity webhook does not answer, and no pod is made without it (Fail)',
    change: webhookDown('Fail'),
  },
} as const satisfies Record<string, Variant>

import { randomBytes } from 'node:crypto'
import type { AwsStandIn, KubernetesIdentity } from './aws/index.ts'
import type { CallLog } from './calls.ts'
import type { VirtualClock } from './clock.ts'
import type { UserInfo } from './kubernetes/api/access/rbac.ts'
import { type ApiServer, startApiServer } from './kubernetes/api/server.ts'
import { type Controllers, startControllers } from './kubernetes/controllers/index.ts'
import type { PodBehaviour } from './kubernetes/kubelet/kubelet.ts'
import { resources } from './kubernetes/store/resources.ts'
import { Store } from './kubernetes/store/store.ts'
import { registerPodIdentityWebhook } from './kubernetes/webhook/admission-webhooks.ts'
import { type PodIdentityWebhook, podIdentityWebhook } from './kubernetes/webhook/webhook.ts'
import type { Trouble } from './trouble.ts'

export interface ClusterOptions {
  name: string
  aws: AwsStandIn
  clock: VirtualClock
  calls: CallLog
  /** Called with what fails inside of it; without it, whoever moves the clock fails. */
  trouble?: Trouble
  /** What the containers do. */
  behaviour: (store: Store) => PodBehaviour
  /** How long associations take to reach each API server's webhook, in milliseconds. */
  propagationMs: readonly number[]
}

/** A Kubernetes cluster that belongs to an EKS cluster of the AWS stand-in. */
export interface ClusterStandIn {
  name: string
  store: Store
  api: ApiServer
  webhook: PodIdentityWebhook
  controllers: Controllers
  /** A kubeconfig for an administrator, as JSON (which is YAML too). */
  kubeconfig: string
  close(): Promise<void>
}

/**
 * Starts a cluster and joins it to its EKS cluster: tokens are judged by the account's access entries, and the
 * account's associations reach the webhook after their delay. DescribeCluster returns its endpoint from then on.
 */
export const startCluster = async (options: ClusterOptions): Promise<ClusterStandIn> => {
  const { name, aws, clock, calls } = options
  const reporting = options.trouble ? { trouble: options.trouble } : {}
  const store = new Store({ clock, ...reporting })
  const controllers = startControllers({ store, clock, kubelet: options.behaviour(store), ...reporting })
  const webhook = podIdentityWebhook({
    store,
    clock,
    region: aws.region,
    replicas: options.propagationMs,
    associations: associationsOf(aws, name),
    ipFamily: aws.state.clusters.get(name)?.ipFamily ?? 'ipv4',
  })
  registerPodIdentityWebhook(store, controllers.webhooks, webhook.hook)

  const administrator = randomBytes(24).toString('base64url')
  const api = await startApiServer({
    store,
    clock,
    calls,
    ...reporting,
    authenticate: async (token) => {
      if (token === administrator)
        return { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] }
      const identity = aws.authenticateToken(token, name)
      return identity && userOf(identity)
    },
    logs: controllers.kubelet.logs,
    admissionDelay: controllers.webhooks.delayOf,
    beforeRead: (kind) => kind === resources.leases && controllers.kubelet.renewLeases(),
  })
  const cluster = aws.state.clusters.get(name)
  if (cluster) {
    cluster.endpoint = api.url
    cluster.certificateAuthority = Buffer.from(api.caData).toString('base64')
  }
  return {
    name,
    store,
    api,
    webhook,
    controllers,
    kubeconfig: kubeconfig({ name, arn: aws.state.clusters.get(name)?.arn ?? name }, api, administrator),
    close: async () => {
      controllers.stop()
      webhook.stop()
      await api.close()
    },
  }
}

const associationsOf = (
  aws: AwsStandIn,
  cluster: string,
): Parameters<typeof podIdentityWebhook>[0]['associations'] => ({
  associationFor: (namespace, serviceAccount) => {
    const association = aws.associations.find(cluster, namespace, serviceAccount)
    return association && { createdAt: association.createdAt.getTime() }
  },
  onChange: (listener) =>
    aws.associations.changes.subscribe(({ association }) => {
      if (association.clusterName === cluster) listener(association.namespace, association.serviceAccount)
    }),
})

/** Of EKS's own access policies only the administrators' is known here; the others grant nothing. */
const userOf = ({ username, groups, accessPolicies, arn }: KubernetesIdentity): UserInfo => ({
  username,
  groups: [
    ...groups,
    'system:authenticated',
    ...(accessPolicies.some(
      ({ name, scope }) => name === 'AmazonEKSClusterAdminPolicy' && scope.type === 'cluster',
    )
      ? ['system:masters']
      : []),
  ],
  extra: { arn: [arn] },
})

/** As `aws eks update-kubeconfig --alias NAME` writes it, but for the user's credentials. */
const kubeconfig = ({ name, arn }: { name: string; arn: string }, api: ApiServer, token: string): string =>
  JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': name,
      clusters: [
        {
          name: arn,
          cluster: {
            server: api.url,
            'certificate-authority-data': Buffer.from(api.caData).toString('base64'),
          },
        },
      ],
      users: [{ name: 'administrator', user: { token } }],
      contexts: [{ name, context: { cluster: arn, user: 'administrator' } }],
    },
    null,
    2,
  )

import { agentAddon } from '../../../core/agent.ts'
import type { Container } from '../../../core/kubernetes.ts'
import type { AwsStandIn, RoleSession } from '../../aws/index.ts'
import type { ContainerPlan, PodBehaviour } from '../../kubernetes/kubelet/kubelet.ts'
import { resources } from '../../kubernetes/store/resources.ts'
import type { Store } from '../../kubernetes/store/store.ts'
import { tableArn, workshop } from './account.ts'

/** How long the carts service takes, in milliseconds. */
export interface CartsPace {
  /** From being scheduled until it runs. */
  startMs: number
  /** From running until it answers its readiness probe. */
  readyAfterMs: number
}

type Pod = Parameters<PodBehaviour>[0]

/**
 * What the containers of the workshop do. `carts` connects to the table in its configuration with the credentials
 * that the SDK's default chain would find in the pod: static keys, then IRSA, then Pod Identity, then the node's
 * role. It becomes ready only if those may do what it does; otherwise it says what AWS said, and ends.
 */
export const application =
  (aws: AwsStandIn, store: Store, pace: CartsPace): PodBehaviour =>
  (pod, container) => {
    if (container.name === agentAddon) return { startMs: pace.startMs / 2, log: agentLog }
    if (container.name !== 'carts') return { startMs: pace.startMs }
    const environment = environmentOf(store, pod, container)
    if (environment.RETAIL_CART_PERSISTENCE_DYNAMODB_ENDPOINT)
      return serving(pace, 'a database in the cluster')
    const session = credentialsOf(aws, store, pod, environment)
    if ('error' in session) return crashing(pace, session.error)
    for (const [action, resource] of needs(aws)) {
      const permission = aws.can(session, action, resource)
      if (!permission.allowed) return crashing(pace, permission.message)
    }
    return serving(pace, `table ${workshop.table} as ${session.arn}`)
  }

const agentLog = 'agent listening on 169.254.170.23:80'

/** What the service does when it starts: it looks up carts by customer, and keeps them. */
const needs = (aws: AwsStandIn): [action: string, resource: string][] => [
  ['dynamodb:Query', `${tableArn(aws.state)}/index/${workshop.index}`],
  ['dynamodb:GetItem', tableArn(aws.state)],
  ['dynamodb:PutItem', tableArn(aws.state)],
  ['dynamodb:DeleteItem', tableArn(aws.state)],
]

const serving = (pace: CartsPace, store: string): ContainerPlan => ({
  ...pace,
  log: `carts: connected to ${store}\ncarts: ready on port 8080\n`,
})

const crashing = (pace: CartsPace, message: string): ContainerPlan => ({
  startMs: pace.startMs,
  readyAfterMs: Number.POSITIVE_INFINITY,
  exit: {
    afterMs: pace.readyAfterMs / 2,
    code: 1,
    reason: 'Error',
    log: `carts: failed to start: DynamoDbException: ${message} (Service: DynamoDb, Status Code: 400)\n`,
  },
  log: 'carts: starting\n',
})

type Environment = Record<string, string>

/** The container's variables as the kubelet would set them now: ConfigMaps first, `env` on top. */
const environmentOf = (store: Store, pod: Pod, container: Container): Environment => ({
  ...Object.assign(
    {},
    ...(container.envFrom ?? []).map(({ configMapRef }) =>
      configMapRef?.name
        ? (store.get(resources.configmaps, pod.metadata.namespace, configMapRef.name)?.data ?? {})
        : {},
    ),
  ),
  ...Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value ?? ''])),
})

/** The SDK's default chain, as far as a pod on EKS can satisfy it. */
const credentialsOf = (
  aws: AwsStandIn,
  store: Store,
  pod: Pod,
  environment: Environment,
): RoleSession | { error: string } => {
  if (environment.AWS_ACCESS_KEY_ID)
    return { error: 'The security token included in the request is invalid.' }
  if (environment.AWS_ROLE_ARN && environment.AWS_WEB_IDENTITY_TOKEN_FILE) {
    const role = environment.AWS_ROLE_ARN.split('/').at(-1) ?? ''
    if (!aws.state.roles.has(role))
      return { error: 'Not authorized to perform sts:AssumeRoleWithWebIdentity' }
    return aws.state.session(environment.AWS_ROLE_ARN, 'aws-sdk-java')
  }
  if (!environment.AWS_CONTAINER_CREDENTIALS_FULL_URI) {
    const node = store.get(resources.nodes, undefined, pod.spec.nodeName ?? '')
    const instance = node?.spec?.providerID?.split('/').at(-1) ?? 'i-00000000000000000'
    const nodeRole = `arn:aws:iam::${aws.account}:role/${workshop.nodeRole}`
    return aws.state.session(nodeRole, instance)
  }
  if (!hasAgent(store, pod.spec.nodeName)) {
    return { error: 'Failed to load credentials from 169.254.170.23: connection refused' }
  }
  const answer = aws.assumeForPod({
    cluster: workshop.cluster,
    namespace: pod.metadata.namespace ?? '',
    serviceAccount: pod.spec.serviceAccountName ?? 'default',
    pod: { name: pod.metadata.name, uid: pod.metadata.uid },
  })
  return 'session' in answer ? answer.session : { error: answer.error }
}

/** Whether a ready agent runs on the node: DaemonSet pod, or built into an Auto Mode node. */
const hasAgent = (store: Store, nodeName: string | undefined): boolean => {
  const node = store.get(resources.nodes, undefined, nodeName ?? '')
  if (node?.metadata.labels?.['eks.amazonaws.com/compute-type'] === 'auto') return true
  return store
    .list(resources.pods, {
      namespace: 'kube-system',
      labels: { matchLabels: { 'app.kubernetes.io/instance': agentAddon } },
    })
    .some(
      ({ spec, status }) =>
        spec?.nodeName === nodeName &&
        status?.conditions?.some(({ type, status: ready }) => type === 'Ready' && ready === 'True'),
    )
}

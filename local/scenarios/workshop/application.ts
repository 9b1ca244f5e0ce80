import { isAgentImage } from '../../../core/agent.ts'
import type { Container } from '../../../core/kubernetes.ts'
import type { AwsStandIn, RoleSession } from '../../aws/index.ts'
import type { ContainerPlan, PodBehaviour } from '../../kubernetes/kubelet/kubelet.ts'
import { resources } from '../../kubernetes/store/resources.ts'
import type { Store } from '../../kubernetes/store/store.ts'
import { instanceOf, type NodeAgents, nodeAgents } from '../../node-agents.ts'
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
export const application = (aws: AwsStandIn, store: Store, pace: CartsPace): PodBehaviour => {
  const agents = nodeAgents({ aws, store, cluster: workshop.cluster, nodeRole: nodeRole(aws) })
  return (pod, container) => {
    if (isAgentImage(container.image ?? '')) return agents.plan(pod, pace.startMs / 2)
    if (container.name !== 'carts') return { startMs: pace.startMs }
    const environment = environmentOf(store, pod, container)
    if (environment.RETAIL_CART_PERSISTENCE_DYNAMODB_ENDPOINT)
      return serving(pace, 'a database in the cluster')
    const { session, onRun } = credentialsOf({ aws, store, agents }, pod, environment)
    const plan = 'error' in session ? crashing(pace, session.error) : using(aws, session, pace)
    return onRun ? { ...plan, onRun } : plan
  }
}

const using = (aws: AwsStandIn, session: RoleSession, pace: CartsPace): ContainerPlan => {
  for (const [action, resource] of needs(aws)) {
    const permission = aws.can(session, action, resource)
    if (!permission.allowed) return crashing(pace, permission.message)
  }
  return serving(pace, `table ${workshop.table} as ${session.arn}`)
}

const nodeRole = (aws: AwsStandIn): string => `arn:aws:iam::${aws.account}:role/${workshop.nodeRole}`

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

/** What a container finds when it starts, and what happens elsewhere when it asks. */
interface Found {
  session: RoleSession | { error: string }
  onRun?: () => void
}

/** The SDK's default chain, as far as a pod on EKS can satisfy it. */
const credentialsOf = (
  { aws, store, agents }: { aws: AwsStandIn; store: Store; agents: NodeAgents },
  pod: Pod,
  environment: Environment,
): Found => {
  if (environment.AWS_ACCESS_KEY_ID)
    return { session: { error: 'The security token included in the request is invalid.' } }
  if (environment.AWS_ROLE_ARN && environment.AWS_WEB_IDENTITY_TOKEN_FILE) {
    const role = environment.AWS_ROLE_ARN.split('/').at(-1) ?? ''
    if (!aws.state.roles.has(role))
      return { session: { error: 'Not authorized to perform sts:AssumeRoleWithWebIdentity' } }
    return { session: aws.state.session(environment.AWS_ROLE_ARN, 'aws-sdk-java') }
  }
  if (!environment.AWS_CONTAINER_CREDENTIALS_FULL_URI)
    return { session: aws.state.session(nodeRole(aws), instanceOf(store, pod)) }
  const asked = agents.ask(pod)
  if (!asked)
    return { session: { error: 'Failed to load credentials from 169.254.170.23: connection refused' } }
  const { answer, write } = asked
  return { session: 'session' in answer ? answer.session : { error: answer.error }, onRun: write }
}

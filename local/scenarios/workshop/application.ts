import { isAgentImage } from '../../../core/agent.ts'
import type { AwsStandIn, RoleSession } from '../../aws/index.ts'
import type { LocalClock } from '../../clock.ts'
import type { ContainerPlan, PodBehaviour } from '../../kubernetes/kubelet/kubelet.ts'
import type { Store } from '../../kubernetes/store/store.ts'
import { nodeAgents } from '../../node-agents.ts'
import { tableArn, workshop } from './account.ts'
import { credentialsOf, nodeRole, variablesIn } from './credentials.ts'
import { callsEvery, keepCalling } from './steady-calls.ts'

/** How long the carts service takes, in milliseconds. */
export interface CartsPace {
  /** From being scheduled until it runs. */
  startMs: number
  /** From running until it answers its readiness probe. */
  readyAfterMs: number
  /** From being told to stop until it has stopped. */
  stopMs?: number
}

/**
 * What the containers of the workshop do. `carts` connects to the table in its configuration with the credentials
 * that the SDK's default chain would find in the pod: static keys, then IRSA, then a credentials file, then Pod Identity,
 * then the node's role. It becomes ready only if those may do what it does; otherwise it says what AWS said, and ends.
 * With `clock` it goes on calling where its environment says so.
 */
export const application = (
  aws: AwsStandIn,
  store: Store,
  pace: CartsPace,
  cluster: string = workshop.cluster,
  clock?: LocalClock,
): PodBehaviour => {
  const agents = nodeAgents({ aws, store, cluster, nodeRole: nodeRole(aws) })
  return (pod, container) => {
    if (isAgentImage(container.image ?? '')) return agents.plan(pod, pace.startMs / 2)
    if (container.name !== 'carts') return { startMs: pace.startMs }
    const environment = variablesIn(store, pod, container)
    if (environment.RETAIL_CART_PERSISTENCE_DYNAMODB_ENDPOINT)
      return serving(pace, 'a database in the cluster')
    const { session, onRun } = credentialsOf({ aws, store, agents, cluster }, pod, container)
    const plan = 'error' in session ? crashing(pace, session.error) : using(aws, session, pace)
    const everyMs = Number(environment[callsEvery] ?? 0) * 1000
    if (!clock || !(everyMs > 0)) return onRun ? { ...plan, onRun } : plan
    const call = () => {
      const now = credentialsOf({ aws, store, agents, cluster }, pod, container).session
      return 'error' in now ? now : (denied(aws, now) ?? now)
    }
    return {
      ...plan,
      onRun: (write) => {
        onRun?.()
        keepCalling({ aws, store, clock, pod, container: container.name, everyMs, call }, write)
      },
    }
  }
}

const using = (aws: AwsStandIn, session: RoleSession, pace: CartsPace): ContainerPlan => {
  const refused = denied(aws, session)
  return refused ? crashing(pace, refused.error) : serving(pace, `table ${workshop.table} as ${session.arn}`)
}

/** What AWS says to the first of the service's calls that it denies. */
const denied = (aws: AwsStandIn, session: RoleSession): { error: string } | undefined => {
  for (const [action, resource] of needs(aws)) {
    const permission = aws.can(session, action, resource)
    if (!permission.allowed) return { error: permission.message }
  }
  return undefined
}

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

import type { AddressInfo } from 'node:net'
import { CallLog } from '../calls.ts'
import { realClock, type WorkClock } from '../clock.ts'
import { accessAnalyzerOperations } from './access-analyzer/index.ts'
import { Account } from './account/account.ts'
import type { Associations } from './account/associations.ts'
import type { Credentials, RoleSession } from './account/principals.ts'
import { type Authorization, denialText, PolicyAuthorizer, type PolicyDecision } from './authorization.ts'
import { cloudTrailOperations } from './cloudtrail/index.ts'
import { Trails, trailOperations } from './cloudtrail/trails.ts'
import { dynamodbOperations, Tables } from './dynamodb/index.ts'
import { eksOperations } from './eks/index.ts'
import { authenticateToken, type KubernetesIdentity } from './eks/kubernetes-identity.ts'
import { assumeForPod, type PodCredentials, type PodSession } from './eks/pod-credentials.ts'
import { assumeWithWebIdentity, type WebIdentity } from './eks/web-identity.ts'
import { EventBusStandIn } from './events/bus.ts'
import { putEventsOperations } from './events/put-events.ts'
import { onDefaultBus, ruleOperations } from './events/rules.ts'
import { Targets } from './events/targets.ts'
import { iamOperations } from './iam/index.ts'
import { type FunctionOptions, Functions, type LocalFunction } from './lambda/functions.ts'
import { lambdaOperations } from './lambda/operations.ts'
import { LogGroups, logsOperations } from './logs.ts'
import type { Operations } from './operation.ts'
import type { ServiceName } from './protocol/model.ts'
import { Buckets } from './s3/buckets.ts'
import { s3Operations } from './s3/operations.ts'
import { withBuckets } from './s3/tasks.ts'
import { createServer, type PageSize } from './server.ts'
import { snsOperations, Topics } from './sns.ts'
import { sqsOperations } from './sqs/operations.ts'
import { Queues } from './sqs/queues.ts'
import { Parameters, ssmOperations } from './ssm.ts'
import { withExecutions } from './states/nested.ts'
import { statesOperations } from './states/operations.ts'
import { StateMachines } from './states/state-machines.ts'
import { stsOperations } from './sts.ts'

export type { Account, AssociationSeed, Behaviour } from './account/account.ts'
export type { Association, AssociationChange } from './account/associations.ts'
export type { AccessEntry, AccessScope, Addon, Cluster, ClusterSeed } from './account/clusters.ts'
export type { Credentials, RoleSession } from './account/principals.ts'
export type { PolicySeed, RoleSeed } from './account/roles.ts'
export type { Authorization } from './authorization.ts'
export type { KubernetesIdentity } from './eks/kubernetes-identity.ts'
export type { PodCredentials, PodSession } from './eks/pod-credentials.ts'
export type { DeadLetter } from './events/bus.ts'
export type { BusEvent } from './events/rule.ts'
export type { Execution, StateMachine } from './states/execution.ts'
export type { StateMachineSeed } from './states/state-machines.ts'

export interface AwsOptions {
  /** The time in which clusters are made and events happen; real time by default. */
  clock?: WorkClock
  /** The time that clients sign with, in milliseconds since the epoch: the machine's, even with a virtual clock. */
  signingTime?: () => number
  calls?: CallLog
  region?: string
  account?: string
  /** The most that a page of any list holds; by default as many as each service gives. */
  pageSize?: PageSize
}

/** Whether a session may do something, with AWS's words where it may not. */
export type Permission = { allowed: true } | { allowed: false; verdict: PolicyDecision; message: string }

/** A running AWS stand-in: one account in one region, behind one endpoint for all its services. */
export interface AwsStandIn {
  /** `http://127.0.0.1:PORT`, for AWS_ENDPOINT_URL. */
  url: string
  region: string
  /** As the ARNs of the region begin: `aws`. */
  partition: string
  /** The twelve digits. */
  account: string
  /** What the account holds, with helpers to put things there past all checks. */
  state: Account
  associations: Associations
  /** Step Functions: state machines are added here, executions may also be started and awaited here. */
  stateMachines: StateMachines
  /** EventBridge: what was published, and what could not be delivered. */
  bus: EventBusStandIn
  /** DynamoDB: tables are added here. */
  tables: Tables
  /** SNS: topics are added here, and what was published is stored. */
  topics: Topics
  /** Systems Manager: parameters are put here. */
  parameters: Parameters
  /** S3: buckets and objects are added here. */
  buckets: Buckets
  /** CloudTrail: trails are added here. */
  trails: Trails
  /** CloudWatch Logs: what functions write. */
  logGroups: LogGroups
  /** SQS: queues are added here, and what was sent can be read. */
  queues: Queues
  /** Lambda: functions, and the account's limit of concurrent executions. */
  functions: Functions
  /** Makes a function of this process a target for rules and callers, and answers its ARN. */
  addFunction(name: string, run: LocalFunction, options?: FunctionOptions): string
  calls: CallLog
  /** Every operation that is served, by its service. */
  operations: Readonly<Record<ServiceName, Operations>>
  /** The permissions that callers needed, in order, as far as they are remembered. */
  authorizations: readonly Authorization[]
  /** Those of the user `admin`, who may do everything. */
  credentials: Credentials
  /** Credentials of a session of the role, without asking its trust policy. */
  sessionFor(roleArn: string, options?: { sessionName?: string; policy?: object }): Required<Credentials>
  /** Who an EKS bearer token is to that cluster; undefined where the API server would answer 401. */
  authenticateToken(token: string, clusterName: string): KubernetesIdentity | undefined
  /** What the Pod Identity agent gets for a pod. */
  assumeForPod(pod: PodSession): PodCredentials
  /** What STS answers a pod with an IRSA token. */
  assumeWithWebIdentity(pod: WebIdentity): { session: RoleSession } | { error: string }
  /** Whether a session's policies allow the action. */
  can(session: RoleSession, action: string, resource: string): Permission
  close(): Promise<void>
}

/** Starts the stand-in on a free port of the loopback. */
export const startAws = async ({
  clock = realClock(),
  signingTime = Date.now,
  calls = new CallLog(),
  region = 'us-west-2',
  account: accountId = '123456789012',
  pageSize,
}: AwsOptions = {}): Promise<AwsStandIn> => {
  const account = new Account({ accountId, region, clock })
  const authorizer = new PolicyAuthorizer(account)
  const { credentials } = account.principals.addUser('admin', { administrator: everything })
  const buckets = new Buckets(account)
  const inBuckets = withBuckets(account, authorizer, buckets)
  const nested = withExecutions({ account, authorizer, calls, machines: () => stateMachines })
  const stateMachines: StateMachines = new StateMachines(account, (task, roleArn) =>
    nested(inBuckets(task, roleArn), roleArn),
  )
  const queues = new Queues(account)
  const trails = new Trails(account)
  const functions = new Functions(account, queues)
  const targets = new Targets(account, authorizer, stateMachines, functions)
  const bus = new EventBusStandIn(account, targets.invoke, queues)
  const tables = new Tables(account)
  const topics = new Topics(account)
  const parameters = new Parameters(account)
  const logGroups = new LogGroups()
  const busArn = `arn:${account.partition}:events:${region}:${accountId}:event-bus/default`
  const operations = {
    eks: eksOperations(account),
    iam: iamOperations(account, authorizer),
    sts: stsOperations(account, authorizer, signingTime),
    cloudtrail: { ...cloudTrailOperations(account), ...trailOperations(trails, buckets) },
    'access-analyzer': accessAnalyzerOperations(),
    states: statesOperations(account, stateMachines),
    events: {
      ...putEventsOperations(bus, busArn),
      ...onDefaultBus(busArn, ruleOperations(bus)),
    },
    dynamodb: dynamodbOperations(tables, () => clock.now()),
    sns: snsOperations(topics),
    ssm: ssmOperations(parameters),
    logs: logsOperations(logGroups, account),
    s3: s3Operations(buckets, account),
    sqs: sqsOperations(queues, account, () => `http://${ownHost}`),
    lambda: lambdaOperations(functions, account),
  }
  const server = createServer({ account, authorizer, operations, calls, clock, signingTime, pageSize })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const ownHost = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: `http://${ownHost}`,
    region,
    partition: account.partition,
    account: accountId,
    state: account,
    associations: account.associations,
    stateMachines,
    bus,
    tables,
    topics,
    parameters,
    buckets,
    logGroups,
    queues,
    trails,
    functions,
    addFunction: (name, run, options) => functions.add(name, run, options).arn,
    calls,
    operations,
    authorizations: authorizer.log,
    credentials,
    sessionFor: (roleArn, { sessionName = 'stand-in', policy } = {}) => {
      const extra = policy ? { policy: JSON.stringify(policy) } : {}
      return account.principals.issue(
        account.session(roleArn, sessionName, extra),
        signingTime() + SESSION_MS,
      )
    },
    authenticateToken: (token, clusterName) =>
      authenticateToken(account, { token, clusterName, ownHost, now: signingTime() }),
    assumeForPod: (pod) => assumeForPod(account, authorizer, pod),
    assumeWithWebIdentity: (pod) => assumeWithWebIdentity(account, pod),
    can: (session, action, resource) => {
      const need = { action, resource }
      const verdict = authorizer.decide(session, need)
      return verdict.decision === 'allowed'
        ? { allowed: true }
        : { allowed: false, verdict, message: denialText(session.arn, need, verdict) }
    },
    close: async () => {
      bus.close()
      functions.close()
      await stateMachines.stopAll()
      await new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      })
    },
  }
}

const SESSION_MS = 3600_000

const everything = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
}

import { agentAddon } from '../core/agent.ts'
import type { Config } from '../core/config.ts'
import {
  asksAccessAnalyzer,
  grantedClusters,
  type MakeableRole,
  makeableRoles,
  rolesOf,
} from '../core/fleet/scope.ts'
import { liveAlias } from '../core/names.ts'
import { partitionOf } from '../core/partitions/partitions.ts'

/** What the settings let podid touch, as the ARNs that its functions' policies name. */
export interface Scope {
  /** `arn:aws:eks:us-west-2:111122223333:cluster/eks-workshop`, one for each pattern of the settings. */
  clusters: string[]
  /** Those into which podid may let its functions. */
  openClusters: string[]
  /** The access entries of those. */
  openEntries: string[]
  /** The functions' roles, as a pattern, and what EKS calls their sessions in a cluster. */
  ownRoles: string
  ownSessions: string
  /** The associations of those clusters, whatever their ids. */
  associations: string[]
  /** The Pod Identity agent's add-on on those clusters. */
  agentAddons: string[]
  /** Roles that pods get. */
  roles: string[]
  /** Those of them that podid may make. */
  makeableRoles: MakeableRole[]
  /** Whether IAM Access Analyzer is asked about any of those before it is made. */
  asksAccessAnalyzer: boolean
  /** Those of them whose trust policy podid may write. */
  trustRoles: string[]
  /** Roles that an undo may have to give back to them. */
  formerRoles: string[]
  /** Roles that `roles` assume on the pods' behalf. */
  targetRoles: string[]
  /** The account's managed policies, and AWS's: which of them a role has shows only when it is read. */
  ownPolicies: string[]
  awsPolicies: string[]
  /** What the stage itself consists of, as far as its functions use it. */
  table: string
  eventBus: string
  stateMachine: string
  /** What runs are started by: it leads to one version of the state machine. */
  liveStateMachine: string
  executions: string
  /** The state machine of rollouts, its executions, those of its Maps, and the bucket with what it works on. */
  rolloutMachine: string
  liveRolloutMachine: string
  rolloutExecutions: string
  rolloutChildren: string
  rolloutBucket: string
  rolloutBucketArn: string
  rolloutObjects: string
  deadLetters: string
  /** The topic for Amazon Q Developer, where the stage has one. */
  topics: string[]
  /** The parameters that hold the stage's secrets, which a deployment does not make; none where it needs no such secret. */
  secrets: Record<SecretName, string[]>
  /** The key that they are encrypted with, where it is one of the account's own. */
  secretsKeys: string[]
}

/** A secret of a stage; its parameter is `/podid/STAGE/slack-bot-token`. */
export type SecretName = 'slackBotToken' | 'slackSigningSecret' | 'webhookSecrets'

/**
 * The settings' clusters and roles as ARNs; patterns keep their `*` and `?`, which mean the same to IAM.
 * @param named makes a physical name: `podid-dev-records`
 */
export const scopeOf = (config: Config, named: (name: string) => string): Scope => {
  const partition = partitionOf(config.region)
  const own = (service: string, resource: string) =>
    `arn:${partition}:${service}:${config.region}:${config.account}:${resource}`
  const granted = grantedClusters(config)
  const eks = (type: string, rest: (pattern: string) => string): string[] =>
    granted.map(
      ({ pattern, region }) => `arn:${partition}:eks:${region}:${config.account}:${type}/${rest(pattern)}`,
    )
  const clusters = eks('cluster', (pattern) => pattern)
  // Names of buckets are everybody's, in small letters.
  const rolloutBucket = `${named('Rollouts').toLowerCase()}-${config.account}`
  // podid-dev-… as a path: podid/dev/….
  const parameterOf = (name: string) => `parameter/${named('').replace(/-$/, '').replace('-', '/')}/${name}`
  return {
    clusters,
    openClusters: config.clusters.createAccessEntries ? clusters : [],
    openEntries: config.clusters.createAccessEntries ? eks('access-entry', (pattern) => `${pattern}/*`) : [],
    ownRoles: `arn:${partition}:iam::${config.account}:role/${named('*')}`,
    ownSessions: `arn:${partition}:sts::${config.account}:assumed-role/${named('*')}/{{SessionName}}`,
    associations: eks('podidentityassociation', (pattern) => `${pattern}/*`),
    agentAddons: eks('addon', (pattern) => `${pattern}/${agentAddon}/*`),
    ...rolesOf(config),
    makeableRoles: makeableRoles(config),
    asksAccessAnalyzer: asksAccessAnalyzer(config),
    ownPolicies: [`arn:${partition}:iam::${config.account}:policy/*`],
    awsPolicies: [`arn:${partition}:iam::aws:policy/*`],
    table: own('dynamodb', `table/${named('Records')}`),
    eventBus: own('events', `event-bus/${named('Events')}`),
    stateMachine: own('states', `stateMachine:${named('Enable')}`),
    liveStateMachine: own('states', `stateMachine:${named('Enable')}:${liveAlias}`),
    executions: own('states', `execution:${named('Enable')}:*`),
    rolloutMachine: own('states', `stateMachine:${named('Rollout')}`),
    liveRolloutMachine: own('states', `stateMachine:${named('Rollout')}:${liveAlias}`),
    rolloutExecutions: own('states', `execution:${named('Rollout')}:*`),
    rolloutChildren: own('states', `execution:${named('Rollout')}/*:*`),
    rolloutBucket,
    rolloutBucketArn: `arn:${partition}:s3:::${rolloutBucket}`,
    rolloutObjects: `arn:${partition}:s3:::${rolloutBucket}/*`,
    deadLetters: own('sqs', named('DeadLetters')),
    topics: config.channels.amazonQ ? [own('sns', named('Notifications'))] : [],
    secrets: {
      slackBotToken: config.channels.slack ? [own('ssm', parameterOf('slack-bot-token'))] : [],
      slackSigningSecret: config.channels.slack ? [own('ssm', parameterOf('slack-signing-secret'))] : [],
      webhookSecrets: config.triggers.webhook ? [own('ssm', parameterOf('webhook-secrets'))] : [],
    },
    secretsKeys: config.secretsKey === undefined ? [] : [config.secretsKey],
  }
}

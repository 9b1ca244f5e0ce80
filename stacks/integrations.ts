import type { Config } from '../core/config.ts'
import { clusterRules, rolloutRules, runRules } from '../core/triggers/rules.ts'
import { type FunctionSpec, physicalName, podidFunction } from './function.ts'
import { acceptDeadLetters, keepFailures, listen } from './listening.ts'
import { type IntegrationName, permissions, readSecrets } from './permissions.ts'
import type { Scope, SecretName } from './scope.ts'
import { withSettings } from './step-function.ts'
import type { Storage } from './storage.ts'

interface Listed extends Partial<FunctionSpec> {
  description: string
  /** Whether a stage with these settings has it. */
  wanted: (config: Config) => boolean
  secrets?: SecretName[]
}

const inventory: Readonly<Record<IntegrationName, Listed>> = {
  start: {
    description: "Starts a new cluster's bindings",
    wanted: ({ triggers }) => triggers.clusterCreated,
  },
  sweep: {
    description: 'Finds bindings that are not in force',
    wanted: () => true,
    timeoutSeconds: 840,
  },
  http: {
    description: 'Takes commands and clicks from Slack, and signed messages from other callers',
    wanted: ({ channels, triggers }) => channels.slack !== undefined || triggers.webhook,
    secrets: ['slackBotToken', 'slackSigningSecret', 'webhookSecrets'],
    // IAM does not know Slack: the function checks the caller's signature itself.
    url: { authorization: 'none', cors: false },
    // Slack waits three seconds for an answer, a cold start included.
    timeoutSeconds: 15,
    memoryMb: 1024,
  },
  followRun: {
    description: 'Shows a run in Slack while it goes on',
    wanted: ({ channels }) => channels.slack !== undefined,
    secrets: ['slackBotToken'],
    // It sleeps most of the time.
    timeoutSeconds: 900,
    memoryMb: 256,
  },
  notify: {
    description: 'Reports how runs ended, and requests approvals',
    wanted: () => true,
    secrets: ['slackBotToken', 'webhookSecrets'],
  },
}

export interface DeployedIntegrations {
  functions: { name: string; fn: sst.aws.Function }[]
  /** Where Slack and other callers send to, where the stage takes either. */
  url: $util.Output<string> | undefined
  /** The topic that Amazon Q Developer subscribes to, where the stage has it. */
  topic: aws.sns.Topic | undefined
}

/** The ways in besides a manual execution, and the ways out: events, the sweep, Slack, the webhook, notifications. */
export const integrations = (config: Config, scope: Scope, stored: Storage): DeployedIntegrations => {
  const topic = config.channels.amazonQ ? notificationTopic() : undefined
  const { environment, copyFiles } = withSettings(scope, stored)
  const functions = new Map<string, sst.aws.Function>()
  for (const [name, { wanted, secrets: needed = [], ...spec }] of Object.entries(inventory) as [
    IntegrationName,
    Listed,
  ][]) {
    if (!wanted(config)) continue
    const fn = podidFunction(
      name,
      {
        folder: 'integrations',
        memoryMb: 512,
        timeoutSeconds: 60,
        ...spec,
        // A flood of requests must not use up the account's concurrency, which runs need.
        ...(name === 'http' && config.urlConcurrency !== undefined
          ? { reservedConcurrency: config.urlConcurrency }
          : {}),
        grants: [...permissions[name](scope), ...readSecrets(scope, needed)],
        environment: {
          ...environment,
          ...(topic ? { PODID_TOPIC_ARN: topic.arn } : {}),
          ...Object.fromEntries(
            needed.flatMap((secret) => scope.secrets[secret].map((arn) => [secretVariables[secret], arn])),
          ),
        },
        copyFiles,
      },
      { ...config, vpc: config.clusters.vpc },
    )
    functions.set(name, fn)
  }
  receive(config, functions, scope, stored)
  return {
    functions: [...functions].map(([name, fn]) => ({ name, fn })),
    url: functions.get('http')?.url,
    topic,
  }
}

/** Sends events and the clock's ticks to the functions that are there. */
const receive = (
  config: Config,
  functions: ReadonlyMap<string, sst.aws.Function>,
  { stateMachine, rolloutMachine }: Scope,
  stored: Storage,
): void => {
  const rules = [...clusterRules, ...runRules(stateMachine), ...rolloutRules(rolloutMachine)].flatMap(
    ({ bus, target, ...rule }) => {
      const fn = functions.get(target === 'follow-run' ? 'followRun' : target)
      return fn ? [listen({ ...rule, fn, ...(bus === 'own' ? { bus: stored.bus } : {}) }, stored)] : []
    },
  )
  const sweep = functions.get('sweep')
  if (sweep) {
    const schedule = `rate(${config.triggers.sweep.everyMinutes} minutes)`
    rules.push(
      listen({ name: 'SweepDue', description: 'Time to look at every binding', schedule, fn: sweep }, stored),
    )
  }
  acceptDeadLetters(config.account, rules, stored)
  // Whoever calls over HTTP waits for an answer; all others hand over and go.
  for (const [name, fn] of functions) if (name !== 'http') keepFailures(name, fn, stored)
}

/** Where a function finds the ARN of a secret's parameter. The secret itself is in no configuration. */
const secretVariables: Readonly<Record<SecretName, string>> = {
  slackBotToken: 'SLACK_BOT_TOKEN_ARN',
  slackSigningSecret: 'SLACK_SIGNING_SECRET_ARN',
  webhookSecrets: 'PODID_WEBHOOK_SECRETS_ARN',
}

const notificationTopic = (): aws.sns.Topic =>
  new aws.sns.Topic('Notifications', {
    name: physicalName('Notifications'),
    // The key that AWS manages for SNS lets whoever may publish publish.
    kmsMasterKeyId: 'alias/aws/sns',
  })

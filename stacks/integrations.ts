import type { Config } from '../core/config.ts'
import { clusterRules, runRules } from '../core/triggers/rules.ts'
import { type FunctionSpec, physicalName, podidFunction } from './function.ts'
import { acceptDeadLetters, keepFailures, listen } from './listening.ts'
import { type IntegrationName, permissions } from './permissions.ts'
import { scopeOf } from './scope.ts'
import { settingsAsJson } from './settings.ts'
import type { Storage } from './storage.ts'

/** The secrets, by the environment variable in which a function finds one; `sst secret set` knows the other name. */
const secretNames = {
  SLACK_BOT_TOKEN: 'SlackBotToken',
  SLACK_SIGNING_SECRET: 'SlackSigningSecret',
  PODID_WEBHOOK_SECRETS: 'WebhookSecrets',
} as const

type SecretVariable = keyof typeof secretNames

interface Listed extends Partial<FunctionSpec> {
  description: string
  /** Whether a stage with these settings has it. */
  wanted: (config: Config) => boolean
  secrets?: SecretVariable[]
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
    secrets: ['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET', 'PODID_WEBHOOK_SECRETS'],
    // IAM does not know Slack: the function checks the caller's signature itself.
    url: { authorization: 'none', cors: false },
    // Slack waits three seconds for an answer, a cold start included.
    timeoutSeconds: 15,
    memoryMb: 1024,
    // A flood of requests must not use up the account's concurrency, which runs need.
    reservedConcurrency: 10,
  },
  followRun: {
    description: 'Shows a run in Slack while it goes on',
    wanted: ({ channels }) => channels.slack !== undefined,
    secrets: ['SLACK_BOT_TOKEN'],
    // It sleeps most of the time.
    timeoutSeconds: 900,
    memoryMb: 256,
  },
  notify: {
    description: 'Reports how runs ended, and requests approvals',
    wanted: () => true,
    secrets: ['SLACK_BOT_TOKEN', 'PODID_WEBHOOK_SECRETS'],
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
export const integrations = (config: Config, stored: Storage): DeployedIntegrations => {
  const scope = scopeOf(config, physicalName)
  const topic = config.channels.amazonQ ? notificationTopic() : undefined
  const environment = {
    PODID_STAGE: $app.stage,
    PODID_CONFIG: '/var/task/podid.json',
    PODID_TABLE_ARN: stored.table.arn,
    PODID_EVENT_BUS_ARN: stored.bus.arn,
    PODID_STATE_MACHINE_ARN: scope.stateMachine,
    ...(topic ? { PODID_TOPIC_ARN: topic.arn } : {}),
  }
  const secrets = secretsOf(config)
  const settings = settingsAsJson($cli.paths.root, $app.stage)
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
        grants: permissions[name](scope),
        environment: {
          ...environment,
          ...Object.fromEntries(
            needed.flatMap((variable) => (secrets[variable] ? [[variable, secrets[variable]]] : [])),
          ),
        },
        copyFiles: [{ from: settings, to: 'podid.json' }],
      },
      { ...config, vpc: config.clusters.vpc },
    )
    functions.set(name, fn)
  }
  receive(config, functions, scope.stateMachine, stored)
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
  stateMachine: string,
  stored: Storage,
): void => {
  const rules = [...clusterRules, ...runRules(stateMachine)].flatMap(({ bus, target, ...rule }) => {
    const fn = functions.get(target === 'follow-run' ? 'followRun' : target)
    return fn ? [listen({ ...rule, fn, ...(bus === 'own' ? { bus: stored.bus } : {}) }, stored)] : []
  })
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

const secretsOf = (config: Config): Partial<Record<SecretVariable, $util.Output<string>>> => {
  const variables: SecretVariable[] = [
    ...(config.channels.slack ? (['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET'] as const) : []),
    ...(config.triggers.webhook ? (['PODID_WEBHOOK_SECRETS'] as const) : []),
  ]
  return Object.fromEntries(
    variables.map((variable) => [variable, new sst.Secret(secretNames[variable]).value]),
  )
}

const notificationTopic = (): aws.sns.Topic =>
  new aws.sns.Topic('Notifications', {
    name: physicalName('Notifications'),
    // The key that AWS manages for SNS lets whoever may publish publish.
    kmsMasterKeyId: 'alias/aws/sns',
  })

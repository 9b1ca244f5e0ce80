import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import type { Log, Runtime } from '../adapters/runtime.ts'
import {
  clusterRules,
  type EventRule,
  type RuleTarget,
  rolloutRules,
  runRules,
} from '../core/triggers/rules.ts'
import { create as followRun } from '../functions/integrations/follow-run.ts'
import { create as notify } from '../functions/integrations/notify.ts'
import { create as start } from '../functions/integrations/start.ts'
import { create as sweep } from '../functions/integrations/sweep.ts'
import type { SettingName } from '../functions/support/settings.ts'
import type { SlackStandIn } from '../local/slack/index.ts'
import type { World } from '../local/world.ts'
import { stateMachineArn } from './execution.ts'
import { type FunctionUrl, serveFunctionUrl } from './function-url.ts'

/** What a local stage's integrations work on. */
export interface IntegrationOptions {
  world: Pick<World, 'aws' | 'clock'>
  slack: SlackStandIn
  /** podid.yaml as data. */
  config: object
  /** Whoever may use the webhook, `ci=whsec_…`. */
  webhookSecrets?: string
  log: Log
  /** Of the function URL; 0 for a free one. */
  port?: number
}

/** A local stage's integrations: everything around the workflow. */
export interface StageIntegrations {
  /** Serves Slack's commands and clicks, and other callers. */
  functionUrl: FunctionUrl
  /** The surroundings of the functions around the workflow; RequestApproval needs them too. */
  runtime: Runtime
  topicArn: string
  /** Lets the scheduled sweep come due now. */
  sweep(): void
  close(): Promise<void>
}

/** Wires a local stage as stacks/ wires a deployed one: the same functions and rules, on the stand-ins. */
export const startIntegrations = async (options: IntegrationOptions): Promise<StageIntegrations> => {
  const { aws, clock } = options.world
  const stopped = new AbortController()
  const topicArn = aws.topics.add('podid-notifications')
  const runtime: Runtime = {
    aws: { endpoint: aws.url, credentials: async () => aws.credentials },
    clock,
    log: options.log,
    progress: () => {},
    env: environment(options, topicArn),
    signal: stopped.signal,
  }
  await putRules(options.world, runtime)
  const functionUrl = await serveFunctionUrl({
    runtime,
    clock,
    ...(options.port === undefined ? {} : { port: options.port }),
  })
  options.slack.people.connect(functionUrl.url)
  return {
    functionUrl,
    runtime,
    topicArn,
    sweep: () => aws.bus.fire(sweepRule),
    close: async () => {
      stopped.abort()
      await functionUrl.close()
    },
  }
}

const environment = (
  { world: { aws }, slack, config, webhookSecrets = '' }: IntegrationOptions,
  topicArn: string,
): Record<SettingName, string> => ({
  PODID_STAGE: 'local',
  PODID_CONFIG: JSON.stringify(config),
  PODID_TABLE_ARN: aws.tables.add('podid-records', 'id').arn,
  PODID_EVENT_BUS_ARN: `arn:${aws.partition}:events:${aws.region}:${aws.account}:event-bus/default`,
  PODID_STATE_MACHINE_ARN: stateMachineArn(aws.account, aws.region),
  PODID_ROLLOUT_MACHINE_ARN: stateMachineArn(aws.account, aws.region, 'rollout'),
  PODID_ROLLOUT_BUCKET: rolloutBucket(aws),
  // Everything runs as the account's administrator here.
  PODID_ACCESS_ENTRIES: '[]',
  PODID_TOPIC_ARN: topicArn,
  PODID_WEBHOOK_SECRETS_ARN: webhookSecrets
    ? aws.parameters.put('/podid/local/webhook-secrets', webhookSecrets)
    : '',
  SLACK_SIGNING_SECRET_ARN: aws.parameters.put(
    '/podid/local/slack-signing-secret',
    slack.people.signingSecret,
  ),
  SLACK_BOT_TOKEN_ARN: aws.parameters.put('/podid/local/slack-bot-token', slack.botToken),
  SLACK_API_URL: slack.apiUrl,
})

const rolloutBucket = ({ buckets, account }: World['aws']): string => {
  const name = `podid-local-rollouts-${account}`
  buckets.add(name)
  return name
}

const sweepRule = 'podid-Sweep'

/** As stacks/ names what belongs to the stage `local`. */
const named = (name: string): string => `podid-local-${name}`

/** Lets rules put into the dead-letter queue what they could not deliver, as stacks/listening.ts does. */
const acceptFromRules = (account: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: '*',
        Condition: { StringEquals: { 'aws:SourceAccount': account } },
      },
    ],
  })

const functionMs = 600_000
const sweepMs = 840_000

/** The rules of a deployed stage, put there by EventBridge's own API. */
const putRules = async ({ aws, clock }: IntegrationOptions['world'], runtime: Runtime): Promise<void> => {
  const deadLetters = aws.queues.add(named('dead-letters'), { Policy: acceptFromRules(aws.account) })
  const client = new EventBridgeClient({
    endpoint: aws.url,
    region: aws.region,
    credentials: aws.credentials,
  })
  const put = async (
    name: string,
    rule: { EventPattern: string } | { ScheduleExpression: string },
    target: string,
  ) => {
    await client.send(new PutRuleCommand({ Name: name, ...rule }))
    const DeadLetterConfig = { Arn: deadLetters.arn }
    await client.send(
      new PutTargetsCommand({ Rule: name, Targets: [{ Id: 'function', Arn: target, DeadLetterConfig }] }),
    )
  }
  /** While a function works, virtual time stops. */
  const addFunction = (name: string, handle: (event: unknown) => Promise<unknown>): string =>
    aws.addFunction(named(name), (event) => clock.work(() => handle(event)), { onFailure: deadLetters.arn })
  const targets: Record<RuleTarget, string> = {
    start: addFunction('start', start(runtime)),
    'follow-run': addFunction('follow-run', (event) => {
      const endsAt = clock.now() + functionMs
      return followRun(runtime)(event, { getRemainingTimeInMillis: () => endsAt - clock.now() })
    }),
    notify: addFunction('notify', notify(runtime)),
  }
  const rules: EventRule[] = [
    ...clusterRules,
    ...runRules(stateMachineArn(aws.account, aws.region)),
    ...rolloutRules(stateMachineArn(aws.account, aws.region, 'rollout')),
  ]
  for (const { name, pattern, target } of rules) {
    await put(`podid-${name}`, { EventPattern: JSON.stringify(pattern) }, targets[target])
  }
  const sweepTarget = addFunction('sweep', (event) => {
    const endsAt = clock.now() + sweepMs
    return sweep(runtime)(event, { getRemainingTimeInMillis: () => endsAt - clock.now() })
  })
  await put(sweepRule, { ScheduleExpression: 'rate(1 hour)' }, sweepTarget)
  client.destroy()
}

import type { Runtime } from '../../../adapters/runtime.ts'
import { create } from '../../../functions/integrations/http.ts'
import { allow } from '../../local/aws/support.ts'
import { scriptedServer } from '../../support/servers/scripted-server.ts'
import { startTestAws } from '../../support/servers/small-pages.ts'
import { callerSecrets, signedAt, slackSecret } from './routes/signed.ts'

export const botToken = 'xoxb-not-for-logs'

const config = {
  account: '123456789012',
  region: 'us-west-2',
  bindings: {
    carts: {
      cluster: 'eks-workshop',
      namespace: 'carts',
      serviceAccount: 'carts',
      role: 'arn:aws:iam::123456789012:role/carts',
    },
  },
  access: [
    { users: ['U0REQUESTER'], may: ['enable'] },
    { callers: ['ci'], may: ['enable'] },
    { groups: ['S0OPS'], may: ['plan'] },
  ],
}

/** The function URL of a stage whose function may read its secrets alone: nothing can start without more than that. */
export const startHttpStage = async () => {
  const aws = await startTestAws()
  const slack = await scriptedServer([{ body: JSON.stringify({ ok: true, users: ['U0MEMBER'] }) }])
  const reader = aws.state.principals.addUser('reader', { secrets: allow('ssm:GetParameter') }).credentials
  aws.parameters.put('/podid/test/webhook-secrets', callerSecrets)
  aws.parameters.put('/podid/test/slack-signing-secret', slackSecret)
  aws.parameters.put('/podid/test/slack-bot-token', botToken)
  const logged: string[] = []
  const log = (message: string, data?: object) => void logged.push(JSON.stringify({ message, ...data }))
  const parameter = (name: string) => `arn:aws:ssm:us-west-2:123456789012:parameter/podid/test/${name}`
  const runtime: Runtime = {
    aws: { endpoint: aws.url, credentials: async () => reader },
    clock: { now: () => signedAt, sleep: async () => {} },
    log: { info: log, warn: log, error: log },
    progress: () => {},
    env: {
      PODID_STAGE: 'test',
      PODID_CONFIG: JSON.stringify(config),
      PODID_TABLE_ARN: 'arn:aws:dynamodb:us-west-2:123456789012:table/records',
      PODID_EVENT_BUS_ARN: 'arn:aws:events:us-west-2:123456789012:event-bus/own',
      PODID_STATE_MACHINE_ARN: 'arn:aws:states:us-west-2:123456789012:stateMachine:enable',
      PODID_ROLLOUT_MACHINE_ARN: 'arn:aws:states:us-west-2:123456789012:stateMachine:rollout',
      PODID_WEBHOOK_SECRETS_ARN: parameter('webhook-secrets'),
      SLACK_SIGNING_SECRET_ARN: parameter('slack-signing-secret'),
      SLACK_BOT_TOKEN_ARN: parameter('slack-bot-token'),
      SLACK_API_URL: slack.url,
    },
  }
  let before = 0
  const others = () => aws.calls.calls.filter(({ service }) => service !== 'ssm').length
  return {
    runtime,
    /** With some settings otherwise. */
    handlerWith: (env: Runtime['env'] = {}) => create({ ...runtime, env: { ...runtime.env, ...env } }),
    handler: create(runtime),
    logged,
    /** How often anything but its secrets was asked for at AWS. */
    touched: () => others() - before,
    forget: () => {
      before = others()
      logged.length = 0
    },
    close: async () => {
      await slack.close()
      await aws.close()
    },
  }
}

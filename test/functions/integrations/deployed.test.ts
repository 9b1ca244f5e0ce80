import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { runs } from '../../../adapters/records/runs.ts'
import type { Runtime } from '../../../adapters/runtime.ts'
import { callerOf, parseWebhookSecrets } from '../../../adapters/signatures.ts'
import type { RunFinished } from '../../../core/events.ts'
import { create as followRun } from '../../../functions/integrations/follow-run.ts'
import { create as notify } from '../../../functions/integrations/notify.ts'
import { create as start } from '../../../functions/integrations/start.ts'
import type { AwsStandIn } from '../../../local/aws/index.ts'
import { type SlackStandIn, startSlack } from '../../../local/slack/index.ts'
import { type ReceivedRequest, scriptedServer } from '../../support/servers/scripted-server.ts'
import { startTestAws } from '../../support/servers/small-pages.ts'

// What Lambda calls, over AWS's and Slack's stand-ins: that each is given what it works with. What they do with it is held
// by the tables beside this.

const secrets = `ci=whsec_${Buffer.from('an old secret, of long ago').toString('base64')} ci=whsec_${Buffer.from('a new secret, of this day').toString('base64')}`
const machine = {
  name: 'enable',
  definition: JSON.stringify({
    QueryLanguage: 'JSONata',
    StartAt: 'AwaitCluster',
    States: { AwaitCluster: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', End: true } },
  }),
  task: () => new Promise<never>(() => {}),
}

let aws: AwsStandIn
let slack: SlackStandIn
let receiver: Awaited<ReturnType<typeof scriptedServer>>
let runtime: Runtime
let logged: object[] = []
let slept: number[] = []
let now = Date.UTC(2026, 10, 23, 7)
const log = (message: string, data?: object) => void logged.push({ message, ...data })
beforeAll(async () => {
  ;[aws, slack, receiver] = await Promise.all([
    startTestAws(),
    startSlack(),
    scriptedServer([{ status: 204 }]),
  ])
  aws.tables.add('records', 'id')
  aws.stateMachines.add(machine)
  runtime = {
    aws: { endpoint: aws.url, credentials: async () => aws.credentials },
    clock: { now: () => now, sleep: async (ms) => void slept.push(ms) },
    log: { info: log, warn: log, error: log },
    progress: () => {},
    env: {
      PODID_STAGE: 'test',
      PODID_CONFIG: JSON.stringify({
        account: aws.account,
        region: aws.region,
        bindings: {
          carts: {
            cluster: 'shop',
            namespace: 'carts',
            serviceAccount: 'carts',
            role: `arn:aws:iam::${aws.account}:role/carts`,
          },
        },
        channels: { slack: { channel: 'C0PODID' }, callbacks: { ci: `${receiver.url}/done` } },
      }),
      PODID_TABLE_ARN: aws.tables.arnOf('records'),
      PODID_EVENT_BUS_ARN: `arn:aws:events:${aws.region}:${aws.account}:event-bus/default`,
      PODID_STATE_MACHINE_ARN: `arn:aws:states:${aws.region}:${aws.account}:stateMachine:enable`,
      PODID_ROLLOUT_MACHINE_ARN: `arn:aws:states:${aws.region}:${aws.account}:stateMachine:rollout`,
      PODID_TOPIC_ARN: aws.topics.add('notifications'),
      PODID_WEBHOOK_SECRETS_ARN: aws.parameters.put('/podid/test/webhook-secrets', secrets),
      SLACK_BOT_TOKEN_ARN: aws.parameters.put('/podid/test/slack-bot-token', slack.botToken),
      SLACK_API_URL: slack.apiUrl,
    },
  }
})
beforeEach(() => {
  // So that no turn of one test is in another one's way.
  now += 3_600_000
  logged = []
  slept = []
  slack.workspace.messages.length = 0
})
afterAll(() => Promise.all([aws.close(), slack.close(), receiver.close()]))

const without = (...names: string[]): Runtime => ({
  ...runtime,
  env: { ...runtime.env, ...Object.fromEntries(names.map((name) => [name, ''])) },
})

/** An execution of a caller's run, which stands in its first state, or was stopped there. */
const executionOf = async (run: string, { stopped = true } = {}) => {
  await runs(runtime, aws.tables.arnOf('records')).note(run, {
    origin: { trigger: 'webhook', by: 'caller:ci' },
    message: null,
    approval: null,
  })
  const { arn = '' } = aws.stateMachines.list()[0] ?? {}
  const execution = aws.stateMachines.start(arn, '{"cluster":"shop","namespace":"carts"}', run)
  if (stopped) await aws.stateMachines.stop(execution.arn, 'Stopped', 'by hand')
  return execution
}
const published = (type: string) =>
  aws.bus.published
    .filter((event) => event['detail-type'] === type)
    .map(({ detail }) => detail as { run: string })

describe('Notify', () => {
  it('makes one event of our own of the end of an execution, and a line of the log', async () => {
    const { arn } = await executionOf('run-1')
    const ended = {
      id: 'a',
      source: 'aws.states',
      'detail-type': 'Step Functions Execution Status Change',
      detail: { name: 'run-1', executionArn: arn, status: 'ABORTED' },
    }
    const counted: string[] = []
    const handler = notify(runtime, (figures) => void counted.push(...figures.map(({ name }) => name)))
    await handler(ended)
    await handler({ ...ended, id: 'b' })
    expect(counted.filter((name) => name === 'Runs')).toEqual(['Runs'])
    expect(published('Run Finished')).toMatchObject([{ run: 'run-1', status: 'ABORTED', report: null }])
    const line = { message: 'Notify', run: 'run-1', tookMs: expect.any(Number) }
    expect(logged).toEqual([{ ...line, outcome: 'failed', cause: 'Stopped' }, line])
  })

  it('tells it once to each: in Slack, to the topic, and signed with the newest secret to the caller', async () => {
    const { arn } = await executionOf('run-2')
    const detail: RunFinished = { run: 'run-2', arn, status: 'ABORTED', summary: 'stopped', report: null }
    const event = { id: 'c', source: 'podid', 'detail-type': 'Run Finished', resources: [], detail }
    const handler = notify(runtime)
    await handler(event)
    await handler(event)
    expect(slack.workspace.messages.map(({ channel }) => channel)).toEqual(['C0PODID'])
    expect(slept).toEqual([0])
    expect(aws.topics.published).toHaveLength(1)
    expect(receiver.received).toHaveLength(1)
    const { path, headers, body } = receiver.received[0] as ReceivedRequest
    expect(path).toBe('/done')
    expect(JSON.parse(body)).toMatchObject({ type: 'run.finished', data: detail })
    const message = { id: 'run-2.finished', timestamp: String(headers['webhook-timestamp']), body }
    const signature = String(headers['webhook-signature'])
    const [old, current] = parseWebhookSecrets(secrets)
    expect(headers['webhook-id']).toBe(message.id)
    expect(callerOf(current ? [current] : [], message, signature, now)).toBe('ci')
    expect(callerOf(old ? [old] : [], message, signature, now)).toBeUndefined()
    // A stage without a channel has the event all the same.
    await notify(without('PODID_TOPIC_ARN', 'SLACK_BOT_TOKEN_ARN'))({
      ...event,
      id: 'd',
      detail: { ...detail, run: 'run-3' },
    })
    expect([slack.workspace.messages.length, aws.topics.published.length]).toEqual([1, 1])
  })
})

describe('FollowRun', () => {
  const context = { getRemainingTimeInMillis: () => 60_000 }
  it.each<[why: string, run: string, detail: object]>([
    ['an execution starts', 'run-4', { name: 'run-4', executionArn: 'arn:4' }],
    ['an approval was answered', 'run-5', { run: 'run-5' }],
  ])('shows a run when %s', async (_why, run, detail) => {
    await executionOf(run)
    expect(await followRun(runtime)({ detail }, context)).toBe('ended')
    expect(slack.workspace.messages).toHaveLength(1)
    expect(JSON.stringify(slack.workspace.messages)).toContain(run)
    expect(slept).toEqual([0, 0])
    expect(logged).toEqual([{ message: 'FollowRun', run, tookMs: expect.any(Number), followed: 'ended' }])
  })
  it('hands over when its time is over', async () => {
    await executionOf('run-6', { stopped: false })
    // Less than a last look may take, and more than this test does: the time limit is a real timer.
    const short = { getRemainingTimeInMillis: () => 14_000 }
    expect(await followRun(runtime)({ detail: { name: 'run-6' } }, short)).toBe('out-of-time')
    expect(published('Run Still Under Way')).toEqual([{ run: 'run-6' }])
  })
  it('posts once where many begin at the same time', async () => {
    await executionOf('run-8')
    const handler = followRun(runtime)
    await Promise.all(Array.from({ length: 4 }, () => handler({ detail: { name: 'run-8' } }, context)))
    expect(slack.workspace.messages).toHaveLength(1)
  })
})

describe('Start', () => {
  it('says of an event that is none of its own why it starts nothing', async () => {
    const ignored = 'the event is not about a new cluster or a new agent'
    expect(await start(runtime)({ source: 'aws.s3' })).toEqual({ runs: [], ignored })
    expect(logged).toEqual([{ message: 'Start', tookMs: expect.any(Number), runs: [], ignored }])
  })
  it('asks EKS for the cluster of an event', async () => {
    const event = {
      source: 'aws.eks',
      'detail-type': 'AWS API Call via CloudTrail',
      account: aws.account,
      region: aws.region,
      detail: { eventName: 'CreateCluster', requestParameters: { name: 'shop' } },
    }
    expect(await start(runtime)(event)).toEqual({
      runs: [],
      ignored: `there is no cluster shop in ${aws.region}`,
    })
  })
})

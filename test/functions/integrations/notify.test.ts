import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runs } from '../../../adapters/records/runs.ts'
import type { Runtime } from '../../../adapters/runtime.ts'
import { callerOf, parseWebhookSecrets } from '../../../adapters/signatures.ts'
import type { RunFinished } from '../../../core/events.ts'
import { create as followRun } from '../../../functions/integrations/follow-run.ts'
import { create as notify } from '../../../functions/integrations/notify.ts'
import type { Emit } from '../../../functions/support/metrics.ts'
import type { AwsStandIn } from '../../../local/aws/index.ts'
import { type SlackStandIn, startSlack } from '../../../local/slack/index.ts'
import { type Scripted, scriptedServer } from '../../support/servers/scripted-server.ts'
import { startTestAws } from '../../support/servers/small-pages.ts'

const secrets = `ci=whsec_${Buffer.from('an old secret, of long ago').toString('base64')} ci=whsec_${Buffer.from('a new secret, of this day').toString('base64')}`
const run = 'webhook-shop-1-carts-0'
const machine = {
  name: 'enable',
  definition: JSON.stringify({
    QueryLanguage: 'JSONata',
    StartAt: 'AwaitApproval',
    States: {
      AwaitApproval: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        Arguments: { FunctionName: 'f', Payload: { token: '{% $states.context.Task.Token %}' } },
        TimeoutSeconds: 60,
        End: true,
      },
    },
  }),
  task: async () => ({ Payload: null }),
}

let aws: AwsStandIn
let slack: SlackStandIn
let receiver: Awaited<ReturnType<typeof scriptedServer>>
const script: Scripted[] = []

beforeEach(async () => {
  script.splice(0, script.length, { status: 204 })
  ;[aws, slack, receiver] = await Promise.all([startTestAws(), startSlack(), scriptedServer(script)])
  aws.tables.add('records', 'id')
  aws.stateMachines.add(machine)
})
afterEach(() => Promise.all([aws.close(), slack.close(), receiver.close()]))

const runtimeWith = (env: Runtime['env'] = {}): Runtime => ({
  aws: { endpoint: aws.url, credentials: async () => aws.credentials },
  clock: { now: () => Date.now(), sleep: async () => {} },
  log: { info: () => {}, warn: () => {}, error: () => {} },
  progress: () => {},
  env: {
    PODID_STAGE: 'test',
    PODID_CONFIG: JSON.stringify({
      account: aws.account,
      region: aws.region,
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
    ...env,
  },
})

const finished: RunFinished = {
  run,
  arn: 'arn:aws:states:us-west-2:123456789012:execution:enable:webhook-shop-1-carts-0',
  status: 'SUCCEEDED',
  summary: 'carts/carts on shop-1 runs with the credentials of carts',
  report: null,
}
const eventOf = (type: string, detail: object, id = 'event-1') => ({
  id,
  source: 'podid',
  'detail-type': type,
  resources: [],
  detail,
})

/** Starts the execution whose end is told. */
const started = async () => {
  const { arn } = aws.stateMachines.list()[0] ?? { arn: '' }
  const execution = aws.stateMachines.start(arn, '{"cluster":"shop-1","namespace":"carts"}', run)
  await runs(runtimeWith(), aws.tables.arnOf('records')).note(run, {
    origin: { trigger: 'webhook', by: 'caller:ci' },
    message: null,
    approval: null,
  })
  return execution
}

describe('the end of a run', () => {
  it('becomes one event of our own, however often Step Functions reports it', async () => {
    const { arn } = await started()
    await aws.stateMachines.stop(arn, 'Stopped', 'by hand')
    const ended = {
      id: 'a',
      source: 'aws.states',
      'detail-type': 'Step Functions Execution Status Change',
      detail: { name: run, executionArn: arn, status: 'ABORTED' },
    }
    const counted: string[] = []
    const emit: Emit = (figures) => void counted.push(...figures.map(({ name }) => name))
    await notify(runtimeWith(), emit)(ended)
    await notify(runtimeWith(), emit)({ ...ended, id: 'b' })
    expect(counted.filter((name) => name === 'Runs')).toEqual(['Runs'])
    const events = aws.bus.published.filter(({ source }) => source === 'podid')
    expect(events).toMatchObject([
      { 'detail-type': 'Run Finished', detail: { run, status: 'ABORTED', report: null } },
    ])
  })

  it('is reported once to each: in Slack, to the topic, and signed to the caller who asked', async () => {
    await started()
    const runtime = runtimeWith()
    await notify(runtime)(eventOf('Run Finished', finished))
    await notify(runtime)(eventOf('Run Finished', finished))
    expect(slack.workspace.messages.map(({ channel }) => channel)).toEqual(['C0PODID'])
    expect(aws.topics.published).toHaveLength(1)
    expect(receiver.received).toHaveLength(1)
    const [{ path, headers, body } = { path: '', headers: {}, body: '' }] = receiver.received
    expect(path).toBe('/done')
    expect(JSON.parse(body)).toMatchObject({ type: 'run.finished', data: finished })
    const message = { id: `${run}.finished`, timestamp: String(headers['webhook-timestamp']), body }
    const signature = String(headers['webhook-signature'])
    const [old, current] = parseWebhookSecrets(secrets)
    expect(headers['webhook-id']).toBe(message.id)
    expect(callerOf(current ? [current] : [], message, signature, Date.now())).toBe('ci')
    expect(callerOf(old ? [old] : [], message, signature, Date.now())).toBeUndefined()
  })

  it('is reported again only to whoever could not be reached', async () => {
    await started()
    script.unshift({ status: 503 })
    const runtime = runtimeWith()
    await expect(notify(runtime)(eventOf('Run Finished', finished))).rejects.toMatchObject({
      name: 'Transient',
    })
    await notify(runtime)(eventOf('Run Finished', finished))
    expect(receiver.received).toHaveLength(2)
    expect(slack.workspace.messages).toHaveLength(1)
    expect(aws.topics.published).toHaveLength(1)
  })

  it('is an event even where no channel is set up', async () => {
    const bare = runtimeWith({ PODID_TOPIC_ARN: '', SLACK_BOT_TOKEN_ARN: '' })
    await notify(bare)(eventOf('Run Finished', finished))
    expect(receiver.received).toEqual([])
  })
})

describe('following a run', () => {
  const follow = (left: number) =>
    followRun(runtimeWith())({ detail: { name: run } }, { getRemainingTimeInMillis: () => left })

  it('stops where a person is waited for', async () => {
    const { arn } = await started()
    await expect.poll(() => aws.stateMachines.execution(arn).history.at(-1)?.type).toBe('TaskSubmitted')
    expect(await follow(60_000)).toBe('awaits-answer')
    expect(slack.workspace.messages).toHaveLength(1)
  })

  it('hands over when its time is over', async () => {
    aws.stateMachines.add({ ...machine, task: () => new Promise(() => {}) })
    await started()
    // Less than a last look may take, and more than this test does: the time limit is a real timer.
    expect(await follow(14_000)).toBe('out-of-time')
    expect(aws.bus.published.at(-1)).toMatchObject({ 'detail-type': 'Run Still Under Way', detail: { run } })
  })

  it('is nobody’s business without Slack', async () => {
    const bare = runtimeWith({ SLACK_BOT_TOKEN_ARN: '' })
    const context = { getRemainingTimeInMillis: () => 60_000 }
    expect(await followRun(bare)({ detail: { name: run } }, context)).toBe('no-slack')
  })

  it('posts once where many begin at the same time', async () => {
    const { arn } = await started()
    await aws.stateMachines.stop(arn, 'Stopped', 'by hand')
    await Promise.all(Array.from({ length: 10 }, () => follow(60_000)))
    expect(slack.workspace.messages).toHaveLength(1)
  })

  it('lets a message be deleted, and fails where Slack is set up wrongly', async () => {
    const { arn } = await started()
    await aws.stateMachines.stop(arn, 'Stopped', 'by hand')
    await follow(60_000)
    slack.workspace.messages.length = 0
    expect(await follow(60_000)).toBe('ended')
    expect(await follow(60_000)).toBe('ended')
    expect(slack.workspace.messages).toEqual([])
    const wrong = followRun(
      runtimeWith({ SLACK_BOT_TOKEN_ARN: aws.parameters.put('/podid/test/wrong-token', 'xoxb-wrong') }),
    )
    const other = aws.stateMachines.start(aws.stateMachines.list()[0]?.arn ?? '', '{}', 'by-hand')
    await aws.stateMachines.stop(other.arn, 'Stopped', 'by hand')
    const context = { getRemainingTimeInMillis: () => 60_000 }
    await expect(wrong({ detail: { name: 'by-hand' } }, context)).rejects.toMatchObject({
      reason: 'invalid_auth',
    })
  })

  it('falls back to the stage’s channel where it is not let in', async () => {
    slack.workspace.closedChannels.add('C0PRIVATE')
    const { arn } = aws.stateMachines.list()[0] ?? { arn: '' }
    await runs(runtimeWith(), aws.tables.arnOf('records')).note(run, {
      origin: { trigger: 'slack', by: 'slack:U0ADA', channel: 'C0PRIVATE' },
      message: null,
      approval: null,
    })
    const execution = aws.stateMachines.start(arn, '{}', run)
    await aws.stateMachines.stop(execution.arn, 'Stopped', 'by hand')
    expect(await follow(60_000)).toBe('ended')
    expect(slack.workspace.messages.map(({ channel }) => channel)).toEqual(['C0PODID'])
  })
})

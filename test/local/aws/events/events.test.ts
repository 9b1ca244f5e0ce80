import { CreateClusterCommand } from '@aws-sdk/client-eks'
import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  TestEventPatternCommand,
} from '@aws-sdk/client-eventbridge'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AwsStandIn, type BusEvent, startAws } from '../../../../local/aws/index.ts'
import { virtualClock } from '../../../../local/clock.ts'
import { allow, clientsOf, lambdaTrust, sendingBody } from '../support.ts'

const eventsTrust = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sts:AssumeRole' }],
}

const nothing = JSON.stringify({
  QueryLanguage: 'JSONata',
  StartAt: 'Done',
  States: { Done: { Type: 'Succeed' } },
})

describe('a timetable', () => {
  const fired = async (setUp: (aws: AwsStandIn) => Promise<void> | void, hours: number, steps = 1) => {
    const clock = virtualClock({ start: Date.UTC(2026, 0, 1, 0, 30), held: true })
    const aws = await startAws({ clock })
    const { events } = clientsOf(aws)
    const times: string[] = []
    const arn = aws.addFunction('sweep', (event) => void times.push((event as BusEvent).time.slice(0, 16)))
    await events.send(new PutRuleCommand({ Name: 'sweep', ScheduleExpression: 'rate(2 hours)' }))
    await events.send(new PutTargetsCommand({ Rule: 'sweep', Targets: [{ Id: '1', Arn: arn }] }))
    await setUp(aws)
    for (let step = 0; step < steps; step++) await clock.advance((hours / steps) * 3_600_000)
    await aws.close()
    clock.stop()
    return times
  }

  it('is not kept by itself, so that a clock that jumps comes to rest', async () => {
    expect(await fired(() => {}, 48)).toEqual([])
  })

  it('lets a rate come due again and again, counted from the rule', async () => {
    expect(await fired((aws) => aws.bus.keepTime(), 5)).toEqual(['2026-01-01T02:30', '2026-01-01T04:30'])
  })

  it('follows the rule that was changed, and forgets one that is disabled', async () => {
    const cron = async (aws: AwsStandIn) => {
      aws.bus.keepTime()
      await clientsOf(aws).events.send(
        new PutRuleCommand({ Name: 'sweep', ScheduleExpression: 'cron(15 6,18 ? * FRI *)' }),
      )
    }
    expect(await fired(cron, 24 * 8)).toEqual(['2026-01-02T06:15', '2026-01-02T18:15'])
    const disabled = async (aws: AwsStandIn) => {
      await cron(aws)
      await clientsOf(aws).events.send(new DisableRuleCommand({ Name: 'sweep' }))
    }
    expect(await fired(disabled, 24 * 8)).toEqual([])
  })
})

describe('EventBridge', () => {
  const clock = virtualClock()
  let aws: AwsStandIn
  let events: ReturnType<typeof clientsOf>['events']
  beforeEach(async () => {
    aws = await startAws({ clock })
    events = clientsOf(aws).events
  })
  afterEach(() => aws.close())

  const rule = (Name: string, pattern: object) =>
    events.send(new PutRuleCommand({ Name, EventPattern: JSON.stringify(pattern) }))
  const entry = { Source: 'podid', DetailType: 'Enablement Finished', Detail: '{"outcome":"succeeded"}' }
  const put = (...entries: object[]) =>
    events.send(new PutEventsCommand({ Entries: entries.map((change) => ({ ...entry, ...change })) }))

  /** A function that keeps what it was sent, failing as often as it is told to. */
  const recorder = (name: string, failures = 0) => {
    const received: unknown[] = []
    const arrival = Promise.withResolvers<void>()
    let left = failures
    const arn = aws.addFunction(name, (payload) => {
      if (left-- > 0) throw new Error(`${name} is not in the mood`)
      received.push(payload)
      arrival.resolve()
    })
    return { arn, received, arrived: arrival.promise }
  }

  it('sends what matches to the targets, as an event in full', async () => {
    const { arn, received, arrived } = recorder('notify')
    await rule('finished', { source: ['podid'], detail: { outcome: ['succeeded'] } })
    await events.send(new PutTargetsCommand({ Rule: 'finished', Targets: [{ Id: '1', Arn: arn }] }))
    const answer = await put({ Detail: '{"outcome":"failed"}' }, { Resources: ['arn:x'] })
    await arrived
    expect(answer).toMatchObject({ FailedEntryCount: 0, Entries: [{}, { EventId: expect.any(String) }] })
    expect(received).toEqual([
      {
        version: '0',
        id: answer.Entries?.[1]?.EventId,
        'detail-type': 'Enablement Finished',
        source: 'podid',
        account: '123456789012',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        region: 'us-west-2',
        resources: ['arn:x'],
        detail: { outcome: 'succeeded' },
      },
    ])
  })

  it('judges each entry by itself', async () => {
    const { FailedEntryCount, Entries } = await put(
      {},
      { Source: 'aws.eks' },
      { Detail: 'succeeded' },
      { Detail: '[]' },
      { DetailType: undefined },
    )
    expect(FailedEntryCount).toBe(4)
    expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      'NotAuthorizedForSourceException',
      'MalformedDetail',
      'MalformedDetail',
      'InvalidArgument',
    ])
    expect(aws.bus.published).toHaveLength(1)
  })

  it('takes no more than ten entries, and none in excess of 256 KiB', async () => {
    await expect(put(...Array.from({ length: 11 }, () => ({})))).rejects.toMatchObject({
      name: 'ValidationException',
    })
    await expect(put({ Detail: JSON.stringify({ x: 'x'.repeat(262_144) }) })).rejects.toMatchObject({
      message: 'Total size of the entries in the request is over the limit.',
    })
    const rest = { Source: 'podid', DetailType: 'D', Resources: [], Time: undefined }
    const detailOf = (bytes: number) => JSON.stringify({ x: 'x'.repeat(bytes - 'podidD{"x":""}'.length) })
    expect(await put({ ...rest, Detail: detailOf(262_144) })).toMatchObject({ FailedEntryCount: 0 })
    await expect(put({ ...rest, Detail: detailOf(262_145) })).rejects.toMatchObject({
      name: 'ValidationException',
    })
  })

  it('tries again until the target takes it', async () => {
    const { arn, received, arrived } = recorder('moody', 3)
    await rule('all', { source: ['podid'] })
    await events.send(new PutTargetsCommand({ Rule: 'all', Targets: [{ Id: '1', Arn: arn }] }))
    await put({})
    await arrived
    expect(received).toHaveLength(1)
    expect(aws.bus.deadLetters).toEqual([])
  })

  it('gives up as the retry policy says, and keeps the dead letter', async () => {
    const { arn } = recorder('broken', Number.POSITIVE_INFINITY)
    await rule('all', { source: ['podid'] })
    const DeadLetterConfig = { Arn: 'arn:aws:sqs:us-west-2:123456789012:lost' }
    const RetryPolicy = { MaximumRetryAttempts: 2 }
    const Targets = [{ Id: '1', Arn: arn, RetryPolicy, DeadLetterConfig }]
    await events.send(new PutTargetsCommand({ Rule: 'all', Targets }))
    await put({})
    await clock.sleep(60_000)
    expect(aws.bus.deadLetters).toMatchObject([
      {
        rule: 'all',
        attempts: 3,
        error: { message: 'broken is not in the mood' },
        target: { deadLetterArn: DeadLetterConfig.Arn },
        event: { source: 'podid' },
      },
    ])
  })

  const starting: [
    why: string,
    role: { trust: object; inline: Record<string, object> } | undefined,
    starts: boolean,
  ][] = [
    ['a role that may', { trust: eventsTrust, inline: { start: allow('states:StartExecution') } }, true],
    ['a role that may not', { trust: eventsTrust, inline: {} }, false],
    ['a role for something else', { trust: lambdaTrust, inline: { start: allow('states:*') } }, false],
    ['no role', undefined, false],
  ]
  it.each(starting)('starts a state machine with %s', async (_why, seed, starts) => {
    const machine = aws.stateMachines.add({ name: 'enable', definition: nothing, task: () => ({}) })
    const role = seed && aws.state.addRole({ name: 'trigger', ...seed })
    await rule('all', { source: ['podid'] })
    const target = { Id: '1', Arn: machine.arn, RetryPolicy: { MaximumRetryAttempts: 0 } }
    await events.send(
      new PutTargetsCommand({ Rule: 'all', Targets: [role ? { ...target, RoleArn: role.arn } : target] }),
    )
    await put({})
    const started = aws.stateMachines.executionsOf(machine.arn)
    expect(started).toHaveLength(starts ? 1 : 0)
    expect(aws.bus.deadLetters).toHaveLength(starts ? 0 : 1)
    if (starts) expect(JSON.parse(started[0]?.input ?? '')).toMatchObject({ source: 'podid' })
  })

  it('keeps rules and targets', async () => {
    await rule('one', { source: ['podid'] })
    await events.send(
      new PutRuleCommand({
        Name: 'two',
        ScheduleExpression: 'rate(1 hour)',
        State: 'DISABLED',
        Description: 'sweep',
      }),
    )
    const input = {
      Id: 'sweep',
      Arn: 'arn:aws:lambda:us-west-2:123456789012:function:sweep',
      Input: '{"all":true}',
    }
    await events.send(new PutTargetsCommand({ Rule: 'two', Targets: [input] }))
    expect((await events.send(new ListRulesCommand({ NamePrefix: 't' }))).Rules).toMatchObject([
      { Name: 'two', State: 'DISABLED', ScheduleExpression: 'rate(1 hour)' },
    ])
    expect(await events.send(new DescribeRuleCommand({ Name: 'one' }))).toMatchObject({
      Arn: 'arn:aws:events:us-west-2:123456789012:rule/one',
      EventPattern: '{"source":["podid"]}',
      State: 'ENABLED',
    })
    expect((await events.send(new ListTargetsByRuleCommand({ Rule: 'two' }))).Targets).toMatchObject([input])
    await expect(events.send(new DeleteRuleCommand({ Name: 'two' }))).rejects.toMatchObject({
      message: "Rule can't be deleted since it has targets.",
    })
    await events.send(new RemoveTargetsCommand({ Rule: 'two', Ids: ['sweep'] }))
    await events.send(new DeleteRuleCommand({ Name: 'two' }))
    await expect(events.send(new DescribeRuleCommand({ Name: 'two' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    })
  })

  it('lets a rule on a schedule come due when it is asked to', async () => {
    const { arn, received, arrived } = recorder('sweep')
    await events.send(new PutRuleCommand({ Name: 'sweep', ScheduleExpression: 'rate(1 hour)' }))
    await events.send(
      new PutTargetsCommand({ Rule: 'sweep', Targets: [{ Id: '1', Arn: arn, Input: '{"all":true}' }] }),
    )
    aws.bus.fire('sweep')
    await arrived
    expect(received).toEqual([{ all: true }])
  })

  it('tests patterns', async () => {
    const event = {
      id: '1',
      account: '123456789012',
      source: 'podid',
      time: '2026-01-01T00:00:00Z',
      region: 'us-west-2',
      'detail-type': 'x',
    }
    const test = (pattern: string) =>
      events.send(new TestEventPatternCommand({ EventPattern: pattern, Event: JSON.stringify(event) }))
    expect(await test('{"source":[{"prefix":"pod"}]}')).toMatchObject({ Result: true })
    expect(await test('{"source":["aws.eks"]}')).toMatchObject({ Result: false })
    await expect(test('{"source":"podid"}')).rejects.toMatchObject({
      name: 'InvalidEventPatternException',
      message: 'Event pattern is not valid. Reason: "source" must be an object or an array',
    })
    for (const Event of ['plain text', '["an array"]', '{"id":"1"}']) {
      await expect(
        events.send(new TestEventPatternCommand({ EventPattern: '{"source":["podid"]}', Event })),
      ).rejects.toMatchObject({ name: 'ValidationException', message: 'Parameter Event is not valid.' })
    }
  })

  const schedules: [expression: string, valid: boolean][] = [
    ['rate(1 minute)', true],
    ['rate(10 minutes)', true],
    ['rate(1 hour)', true],
    ['rate(1 minutes)', false],
    ['rate(10 minute)', false],
    ['rate(10 seconds)', false],
    ['rate(0 minutes)', false],
    ['rate(-10 minutes)', false],
    ['rate(10 MINUTES)', false],
    ['rate( 10 minutes )', false],
    [' rate(10 minutes)', false],
    ['rate(10)', false],
    ['cron(0 18 ? * MON-FRI *)', true],
    ['cron(15 10 ? * 6L 2002-2005)', true],
    ['cron(0 1 * * * *)', false],
    ['cron(71 8 1 * ? *)', false],
    ['cron(7 20 * * NOT *)', false],
    ['every hour', false],
  ]
  it.each(schedules)('takes the schedule %s: %s', async (ScheduleExpression, valid) => {
    const answer = events.send(new PutRuleCommand({ Name: 'sweep', ScheduleExpression }))
    if (valid) expect(await answer).toHaveProperty('RuleArn')
    else
      await expect(answer).rejects.toMatchObject({
        name: 'ValidationException',
        message: 'Parameter ScheduleExpression is not valid.',
      })
  })

  it('answers entries that are null, deep details and inputs that are no JSON, and goes on', async () => {
    await expect(
      sendingBody(clientsOf(aws).events, '{"Entries":[null]}').send(new PutEventsCommand({ Entries: [] })),
    ).rejects.toMatchObject({
      name: 'ValidationException',
      message:
        "1 validation error detected: Value null at 'entries.1.member' failed to satisfy constraint: Member must not be null",
    })
    expect(
      await put({ Detail: `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}` }, { Resources: ['arn:x'] }),
    ).toMatchObject({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'MalformedDetail' }, {}] })
    await rule('any', { source: ['podid'] })
    const target = { Id: '1', Arn: aws.addFunction('f', () => {}), Input: '{' }
    await expect(
      events.send(new PutTargetsCommand({ Rule: 'any', Targets: [target] })),
    ).rejects.toMatchObject({ name: 'ValidationException' })
  })

  it('keeps an event that is too large for the machine behind a rule as a dead letter, untried again', async () => {
    const { arn } = aws.stateMachines.add({ name: 'run', definition: nothing, task: () => ({}) })
    const role = aws.state.addRole({
      name: 'events',
      trust: eventsTrust,
      inline: { start: allow('states:StartExecution', arn) },
    })
    await rule('any', { source: ['podid'] })
    await events.send(
      new PutTargetsCommand({ Rule: 'any', Targets: [{ Id: '1', Arn: arn, RoleArn: role.arn }] }),
    )
    await put({ Detail: JSON.stringify({ text: 'ü'.repeat(131_000) }) })
    await put({})
    expect(aws.bus.deadLetters).toMatchObject([
      { rule: 'any', attempts: 1, error: { code: 'InvalidExecutionInput' } },
    ])
    expect(aws.stateMachines.executionsOf(arn)).toHaveLength(1)
  })

  it('survives a target that throws what is no error', async () => {
    const arn = aws.addFunction('odd', () => {
      throw undefined
    })
    await rule('any', { source: ['podid'] })
    await events.send(
      new PutTargetsCommand({
        Rule: 'any',
        Targets: [{ Id: '1', Arn: arn, RetryPolicy: { MaximumRetryAttempts: 0 } }],
      }),
    )
    await put({})
    expect(aws.bus.deadLetters).toMatchObject([{ rule: 'any', error: { message: 'undefined' } }])
  })

  it('gets from EKS the event of a cluster that was created, and of an attempt that failed', async () => {
    const received: BusEvent[] = []
    aws.bus.events.subscribe((event) => received.push(event))
    const { arn } = aws.state.addRole({ name: 'cluster', trust: lambdaTrust })
    const command = () =>
      clientsOf(aws).eks.send(
        new CreateClusterCommand({
          name: 'fresh',
          roleArn: arn,
          resourcesVpcConfig: { subnetIds: ['subnet-1'] },
        }),
      )
    await command()
    await expect(command()).rejects.toMatchObject({ name: 'ResourceInUseException' })
    expect(received).toMatchObject([
      {
        source: 'aws.eks',
        'detail-type': 'AWS API Call via CloudTrail',
        detail: {
          eventSource: 'eks.amazonaws.com',
          eventName: 'CreateCluster',
          requestParameters: { name: 'fresh' },
          responseElements: {
            cluster: { arn: 'arn:aws:eks:us-west-2:123456789012:cluster/fresh', status: 'CREATING' },
          },
        },
      },
      { detail: { eventName: 'CreateCluster', errorCode: 'ResourceInUseException', responseElements: null } },
    ])
    expect(received[0]?.detail).not.toHaveProperty('errorCode')
  })
})

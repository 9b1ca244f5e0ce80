import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  ListStateMachinesCommand,
  paginateGetExecutionHistory,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AwsStandIn, startAws } from '../../../../local/aws/index.ts'
import { realClock } from '../../../../local/clock.ts'
import { allow, clientsOf, lambdaTrust } from '../support.ts'

const approval = JSON.stringify({
  QueryLanguage: 'JSONata',
  StartAt: 'Ask',
  States: {
    Ask: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Arguments: { FunctionName: 'ask', Payload: { token: '{% $states.context.Task.Token %}' } },
      End: true,
    },
  },
})

const double = JSON.stringify({
  QueryLanguage: 'JSONata',
  StartAt: 'Double',
  States: {
    Double: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: 'double', Payload: '{% $states.input %}' },
      Output: '{% $states.result.Payload %}',
      Next: 'Done',
    },
    Done: { Type: 'Succeed' },
  },
})

describe('Step Functions', () => {
  let aws: AwsStandIn
  let states: ReturnType<typeof clientsOf>['states']
  let tokens: string[]
  let asked: () => void
  let whenAsked: Promise<void>
  beforeEach(async () => {
    aws = await startAws()
    states = clientsOf(aws).states
    tokens = []
    const waiting = Promise.withResolvers<void>()
    whenAsked = waiting.promise
    asked = waiting.resolve
    aws.stateMachines.add({
      name: 'approval',
      definition: approval,
      task: (_resource, args) => {
        tokens.push((args as { Payload: { token: string } }).Payload.token)
        asked()
        return { Payload: null }
      },
    })
    aws.stateMachines.add({
      name: 'double',
      definition: double,
      task: (_resource, args) => {
        const { Payload } = args as { Payload: { number?: number } }
        if (Payload.number === undefined) throw new TypeError('number is missing')
        return { Payload: { number: Payload.number * 2 } }
      },
    })
  })
  afterEach(() => aws.close())

  const machine = (name: string) => `arn:aws:states:us-west-2:123456789012:stateMachine:${name}`

  const refused: [why: string, input: string][] = [
    ['140,000 characters of two bytes', JSON.stringify('ü'.repeat(140_000))],
    ['20,000 brackets in each other', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
    ['no JSON', '{'],
  ]
  it.each(refused)('refuses an input of %s, and goes on', async (_why, input) => {
    await expect(
      states.send(new StartExecutionCommand({ stateMachineArn: machine('double'), input })),
    ).rejects.toMatchObject({ name: 'InvalidExecutionInput' })
    const { executionArn = '' } = await states.send(
      new StartExecutionCommand({ stateMachineArn: machine('double'), input: '{"number":2}' }),
    )
    expect((await aws.stateMachines.closed(executionArn)).status).toBe('SUCCEEDED')
  })

  it.each(refused)(
    'refuses an output of %s for a task that waits, which goes on waiting',
    async (_why, output) => {
      const { executionArn } = await states.send(
        new StartExecutionCommand({ stateMachineArn: machine('approval') }),
      )
      await whenAsked
      await expect(
        states.send(new SendTaskSuccessCommand({ taskToken: tokens[0], output })),
      ).rejects.toMatchObject({ name: 'InvalidOutput' })
      expect(await states.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
        status: 'RUNNING',
      })
    },
  )

  it('ends an execution alone when the stand-in itself fails in it', async () => {
    aws.stateMachines.events.subscribe(({ event }) => {
      if (event.type === 'TaskScheduled') throw new Error('a listener failed')
    })
    const { executionArn = '' } = await states.send(
      new StartExecutionCommand({ stateMachineArn: machine('double'), input: '{"number":2}' }),
    )
    expect(await aws.stateMachines.closed(executionArn)).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: 'The stand-in failed: Error: a listener failed',
    })
  })
  const start = (stateMachineArn: string, input: unknown, name?: string) =>
    states.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input), name }))

  it('runs an execution and returns its history', async () => {
    const { executionArn } = await start(machine('double'), { number: 21 }, 'first')
    expect(executionArn).toBe('arn:aws:states:us-west-2:123456789012:execution:double:first')
    await aws.stateMachines.closed(executionArn ?? '')
    expect(await states.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
      name: 'first',
      status: 'SUCCEEDED',
      input: '{"number":21}',
      output: '{"number":42}',
      startDate: expect.any(Date),
      stopDate: expect.any(Date),
    })
    const { events } = await states.send(new GetExecutionHistoryCommand({ executionArn }))
    expect(events?.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'SucceedStateEntered',
      'SucceedStateExited',
      'ExecutionSucceeded',
    ])
    expect(events?.[0]).toMatchObject({
      id: 1,
      timestamp: expect.any(Date),
      executionStartedEventDetails: { input: '{"number":21}', inputDetails: { truncated: false } },
    })
  })

  it('ends with its last event, to the millisecond, and so does a child of a Map Run', async () => {
    await aws.close()
    let now = Date.now()
    // Each look at this clock sees another time.
    aws = await startAws({ clock: { ...realClock(), now: () => ++now } })
    const done = { StartAt: 'Done', States: { Done: { Type: 'Succeed' } } }
    aws.stateMachines.add({
      name: 'each',
      definition: JSON.stringify({
        QueryLanguage: 'JSONata',
        StartAt: 'Each',
        States: {
          Each: {
            Type: 'Map',
            Items: [1],
            ItemProcessor: {
              ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
              ...done,
            },
            End: true,
          },
        },
      }),
      task: async () => null,
    })
    states = clientsOf(aws).states
    const { executionArn } = await start(machine('each'), {})
    await aws.stateMachines.closed(executionArn ?? '')
    const { mapRuns } = await states.send(new ListMapRunsCommand({ executionArn }))
    const { executions } = await states.send(
      new ListExecutionsCommand({ mapRunArn: mapRuns?.[0]?.mapRunArn }),
    )
    const both = [executionArn, executions?.[0]?.executionArn]
    for (const arn of both) {
      const { stopDate } = await states.send(new DescribeExecutionCommand({ executionArn: arn }))
      const { events } = await states.send(new GetExecutionHistoryCommand({ executionArn: arn }))
      expect(stopDate).toEqual(events?.at(-1)?.timestamp)
    }
  })

  it('pages a history, either way round, with or without data', async () => {
    const { executionArn } = await start(machine('double'), { number: 1 })
    await aws.stateMachines.closed(executionArn ?? '')
    const ids: unknown[] = []
    for await (const { events = [] } of paginateGetExecutionHistory(
      { client: states, pageSize: 4 },
      { executionArn },
    ))
      ids.push(events.map(({ id }) => id))
    expect(ids).toEqual([[1, 2, 3, 4], [5, 6, 7, 8], [9]])
    const backwards = await states.send(
      new GetExecutionHistoryCommand({
        executionArn,
        reverseOrder: true,
        maxResults: 1,
        includeExecutionData: false,
      }),
    )
    expect(backwards.events).toMatchObject([{ id: 9, type: 'ExecutionSucceeded' }])
    expect(backwards.events?.[0]?.executionSucceededEventDetails).toEqual({})
  })

  it("reports a failure with the function's error", async () => {
    const { executionArn } = await start(machine('double'), {})
    await aws.stateMachines.closed(executionArn ?? '')
    const described = await states.send(new DescribeExecutionCommand({ executionArn }))
    expect(described).toMatchObject({ status: 'FAILED', error: 'TypeError' })
    expect(JSON.parse(described.cause ?? '')).toMatchObject({ errorMessage: 'number is missing' })
  })

  it('takes the same name with the same input, while it runs, for the same execution', async () => {
    const first = await start(machine('approval'), { a: 1 }, 'once')
    const again = await start(machine('approval'), { a: 1 }, 'once')
    expect(again).toMatchObject({ executionArn: first.executionArn, startDate: first.startDate })
    await whenAsked
    expect(tokens).toHaveLength(1)
    const exists = {
      name: 'ExecutionAlreadyExists',
      message: `Execution Already Exists: '${first.executionArn}'`,
    }
    await expect(start(machine('approval'), { a: 2 }, 'once')).rejects.toMatchObject(exists)
    await states.send(new StopExecutionCommand({ executionArn: first.executionArn }))
    await expect(start(machine('approval'), { a: 1 }, 'once')).rejects.toMatchObject(exists)
  })

  it('starts one execution for fifty equal requests at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => start(machine('approval'), { a: 1 }, 'burst')),
    )
    expect(new Set(answers.map(({ executionArn }) => executionArn)).size).toBe(1)
    expect(aws.stateMachines.executionsOf(machine('approval'))).toHaveLength(1)
  })

  const refusals: [
    why: string,
    input: { stateMachineArn?: string; name?: string; input?: string },
    name: string,
  ][] = [
    ['no such state machine', { stateMachineArn: machine('nothing') }, 'StateMachineDoesNotExist'],
    ['not the ARN of one', { stateMachineArn: 'approval' }, 'InvalidArn'],
    ['a name with spaces', { name: 'a b' }, 'InvalidName'],
    ['a name with a slash', { name: 'a/b' }, 'InvalidName'],
    ['a name of 81 characters', { name: 'a'.repeat(81) }, 'ValidationException'],
    ['input that is no JSON', { input: '{' }, 'InvalidExecutionInput'],
    ['too much input', { input: JSON.stringify('x'.repeat(262_144)) }, 'ValidationException'],
  ]
  it.each(refusals)('refuses to start: %s', async (_why, input, name) => {
    const attempt = states.send(new StartExecutionCommand({ stateMachineArn: machine('approval'), ...input }))
    await expect(attempt).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 400 } })
    expect(aws.stateMachines.executionsOf(machine('approval'))).toEqual([])
  })

  it('takes no definition that the engine could not run', () => {
    const task = () => ({})
    expect(() =>
      aws.stateMachines.add({ name: 'broken', definition: '{"QueryLanguage":"JSONata","States":{}}', task }),
    ).toThrow('The definition cannot be run')
  })

  it('stops an execution, with the reason given', async () => {
    const { executionArn } = await start(machine('approval'), {})
    await whenAsked
    await states.send(new StopExecutionCommand({ executionArn, error: 'Enough', cause: 'by hand' }))
    expect(await states.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
      status: 'ABORTED',
      error: 'Enough',
      cause: 'by hand',
    })
  })

  it('goes on when the task that waits for its token is answered', async () => {
    const { executionArn } = await start(machine('approval'), {})
    await whenAsked
    const [taskToken] = tokens
    await states.send(new SendTaskHeartbeatCommand({ taskToken }))
    await states.send(new SendTaskSuccessCommand({ taskToken, output: '{"approved":true}' }))
    await expect(aws.stateMachines.closed(executionArn ?? '')).resolves.toMatchObject({
      status: 'SUCCEEDED',
      output: '{"approved":true}',
    })
    await expect(states.send(new SendTaskSuccessCommand({ taskToken, output: '{}' }))).rejects.toMatchObject({
      name: 'TaskTimedOut',
    })
  })

  it('fails when the task that waits for its token is declined', async () => {
    const { executionArn } = await start(machine('approval'), {})
    await whenAsked
    const [taskToken] = tokens
    await states.send(new SendTaskFailureCommand({ taskToken, error: 'Declined', cause: 'not today' }))
    await expect(aws.stateMachines.closed(executionArn ?? '')).resolves.toMatchObject({
      status: 'FAILED',
      error: 'Declined',
      cause: 'not today',
    })
  })

  it('knows a forged token', async () => {
    await expect(
      states.send(new SendTaskSuccessCommand({ taskToken: 'forged!', output: '{}' })),
    ).rejects.toMatchObject({ name: 'InvalidToken' })
  })

  it('asks for permissions where AWS does', async () => {
    const execution = 'arn:aws:states:us-west-2:123456789012:execution:approval:once'
    const { arn } = aws.state.addRole({
      name: 'starter',
      trust: lambdaTrust,
      inline: {
        start: allow('states:StartExecution', machine('approval')),
        answer: allow('states:SendTaskSuccess', machine('approval')),
        read: allow('states:DescribeExecution', execution),
      },
    })
    const { states: starter } = clientsOf(aws, aws.sessionFor(arn))
    await starter.send(new StartExecutionCommand({ stateMachineArn: machine('approval'), name: 'once' }))
    await whenAsked
    await starter.send(new DescribeExecutionCommand({ executionArn: execution }))
    await starter.send(new SendTaskSuccessCommand({ taskToken: tokens[0], output: '{}' }))
    await expect(
      starter.send(new StartExecutionCommand({ stateMachineArn: machine('double') })),
    ).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(
        `is not authorized to perform: states:StartExecution on resource: ${machine('double')}`,
      ),
      $metadata: { httpStatusCode: 400 },
    })
  })

  it('lists machines and executions, and describes a machine', async () => {
    for (const name of ['a', 'b', 'c']) await start(machine('double'), { number: 1 }, name)
    await Promise.all(
      aws.stateMachines.executionsOf(machine('double')).map(({ arn }) => aws.stateMachines.closed(arn)),
    )
    await start(machine('approval'), {})
    const listed = await states.send(new ListStateMachinesCommand({}))
    expect(listed.stateMachines?.map(({ name }) => name)).toEqual(['approval', 'double'])
    const stateMachineArn = machine('double')
    const page = await states.send(
      new ListExecutionsCommand({ stateMachineArn, statusFilter: 'SUCCEEDED', maxResults: 2 }),
    )
    expect(page.executions?.map(({ name }) => name)).toEqual(['c', 'b'])
    const { nextToken } = page
    const rest = await states.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 2, nextToken }))
    expect(rest.executions?.map(({ name }) => name)).toEqual(['a'])
    expect(await states.send(new DescribeStateMachineCommand({ stateMachineArn }))).toMatchObject({
      status: 'ACTIVE',
      type: 'STANDARD',
      definition: double,
    })
  })

  it('puts changes of status on the event bus', async () => {
    const { executionArn } = await start(machine('double'), { number: 1 })
    await aws.stateMachines.closed(executionArn ?? '')
    expect(aws.bus.published).toMatchObject([
      { 'detail-type': 'Step Functions Execution Status Change', detail: { status: 'RUNNING' } },
      { source: 'aws.states', resources: [executionArn], detail: { status: 'SUCCEEDED', executionArn } },
    ])
  })
})

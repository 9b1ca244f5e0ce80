import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  RedriveExecutionCommand,
  StartExecutionCommand,
  StopExecutionCommand,
  UpdateMapRunCommand,
} from '@aws-sdk/client-sfn'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AwsStandIn, startAws } from '../../../../local/aws/index.ts'
import { virtualClock } from '../../../../local/clock.ts'
import { clientsOf } from '../support.ts'

const definition = JSON.stringify({
  QueryLanguage: 'JSONata',
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      Label: 'each',
      MaxConcurrency: 1,
      ToleratedFailureCount: 1,
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        Arguments: { Bucket: 'fleet', Key: 'bindings.json' },
        ReaderConfig: { InputType: 'JSON' },
      },
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'Enable',
        States: {
          Enable: {
            Type: 'Choice',
            Choices: [{ Condition: '{% $states.input = "bad" %}', Next: 'Refused' }],
            Default: 'Settles',
          },
          Refused: { Type: 'Fail', Error: 'Refused' },
          Settles: { Type: 'Wait', Seconds: 60, End: true },
        },
      },
      End: true,
    },
  },
})

describe('Map Runs', () => {
  const clock = virtualClock({ held: true })
  let aws: AwsStandIn
  let states: ReturnType<typeof clientsOf>['states']
  let executionArn: string
  beforeEach(async () => {
    aws = await startAws({ clock })
    states = clientsOf(aws).states
    aws.buckets.add('fleet')
    aws.buckets.put('fleet', { key: 'bindings.json', body: Buffer.from('["one","bad","two","three"]') })
    const { arn } = aws.stateMachines.add({
      name: 'fleet',
      definition,
      task: () => ({}),
    })
    executionArn =
      (await states.send(new StartExecutionCommand({ stateMachineArn: arn, name: 'night' }))).executionArn ??
      ''
    await clock.advance(0)
  })
  afterEach(() => aws.close())

  const only = async () =>
    (await states.send(new ListMapRunsCommand({ executionArn }))).mapRuns?.[0]?.mapRunArn ?? ''
  const described = async () => states.send(new DescribeMapRunCommand({ mapRunArn: await only() }))

  it('are listed and described while they go on, and once they are over', async () => {
    expect(await states.send(new ListMapRunsCommand({ executionArn }))).toMatchObject({
      mapRuns: [
        {
          executionArn,
          mapRunArn: expect.stringMatching(/:mapRun:fleet\/each:[\w-]{36}$/),
          stateMachineArn: 'arn:aws:states:us-west-2:123456789012:stateMachine:fleet/each',
          startDate: expect.any(Date),
        },
      ],
    })
    expect(await described()).toMatchObject({
      status: 'RUNNING',
      maxConcurrency: 1,
      toleratedFailureCount: 1,
      toleratedFailurePercentage: 0,
      itemCounts: { total: 4, running: 1, pending: 3, succeeded: 0, resultsWritten: 0 },
    })
    await clock.advance(180_000)
    expect(await described()).toMatchObject({
      status: 'SUCCEEDED',
      stopDate: expect.any(Date),
      executionCounts: {
        total: 4,
        succeeded: 3,
        failed: 1,
        running: 0,
        pending: 0,
        aborted: 0,
        resultsWritten: 3,
      },
    })
    expect(await states.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
      status: 'SUCCEEDED',
      output: '["one","two","three"]',
    })
  })

  it('have children, which are executions of their own', async () => {
    await clock.advance(180_000)
    const mapRunArn = await only()
    const { executions = [] } = await states.send(
      new ListExecutionsCommand({ mapRunArn, statusFilter: 'FAILED' }),
    )
    expect(executions).toMatchObject([{ mapRunArn, status: 'FAILED', itemCount: 1 }])
    const child = { executionArn: executions[0]?.executionArn }
    expect(await states.send(new DescribeExecutionCommand(child))).toMatchObject({
      stateMachineArn: 'arn:aws:states:us-west-2:123456789012:stateMachine:fleet/each',
      mapRunArn,
      status: 'FAILED',
      input: '"bad"',
      error: 'Refused',
    })
    const { events = [] } = await states.send(new GetExecutionHistoryCommand(child))
    expect(events.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'ChoiceStateEntered',
      'ChoiceStateExited',
      'FailStateEntered',
      'ExecutionFailed',
    ])
    expect((await states.send(new ListExecutionsCommand({ mapRunArn }))).executions).toHaveLength(4)
    const machineOnly = { stateMachineArn: 'arn:aws:states:us-west-2:123456789012:stateMachine:fleet' }
    expect((await states.send(new ListExecutionsCommand(machineOnly))).executions).toHaveLength(1)
  })

  it('are quicker once their limits are changed', async () => {
    await states.send(new UpdateMapRunCommand({ mapRunArn: await only(), maxConcurrency: 4 }))
    await clock.advance(60_000)
    expect(await described()).toMatchObject({ status: 'SUCCEEDED', maxConcurrency: 4 })
  })

  it('end with their execution', async () => {
    await states.send(new StopExecutionCommand({ executionArn }))
    expect(await described()).toMatchObject({
      status: 'ABORTED',
      itemCounts: { total: 4, aborted: 4, pending: 0 },
    })
  })

  it('are redriven with their execution, which runs the children that did not succeed', async () => {
    await states.send(new StopExecutionCommand({ executionArn }))
    const mapRunArn = await only()
    const child = aws.stateMachines.mapRuns.children(mapRunArn)[0]?.arn
    expect(await states.send(new DescribeExecutionCommand({ executionArn: child }))).toMatchObject({
      status: 'ABORTED',
      redriveStatus: 'REDRIVABLE_BY_MAP_RUN',
    })
    await expect(states.send(new RedriveExecutionCommand({ executionArn: child }))).rejects.toMatchObject({
      name: 'ExecutionNotRedrivable',
    })
    await states.send(new RedriveExecutionCommand({ executionArn }))
    await clock.advance(180_000)
    expect(await described()).toMatchObject({
      mapRunArn,
      status: 'SUCCEEDED',
      redriveCount: 1,
      itemCounts: { total: 4, succeeded: 3, failed: 1, aborted: 0, pendingRedrive: 0 },
    })
    const redriven = await states.send(new ListExecutionsCommand({ mapRunArn, redriveFilter: 'REDRIVEN' }))
    expect(redriven.executions).toMatchObject([{ executionArn: child, redriveCount: 1, status: 'SUCCEEDED' }])
  })

  it('that do not exist are not found', async () => {
    const mapRunArn = `${await only()}x`
    await expect(states.send(new DescribeMapRunCommand({ mapRunArn }))).rejects.toMatchObject({
      name: 'ResourceNotFound',
    })
    await expect(
      states.send(new DescribeMapRunCommand({ mapRunArn: 'arn:aws:states:us-west-2:123456789012:mapRun:x' })),
    ).rejects.toMatchObject({ name: 'InvalidArn' })
  })
})

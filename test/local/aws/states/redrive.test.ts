import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  RedriveExecutionCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AwsStandIn, startAws } from '../../../../local/aws/index.ts'
import { virtualClock } from '../../../../local/clock.ts'
import { clientsOf } from '../support.ts'

const definition = JSON.stringify({
  QueryLanguage: 'JSONata',
  StartAt: 'Settle',
  States: {
    Settle: { Type: 'Wait', Seconds: 60, Next: 'Work' },
    Work: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', End: true },
  },
})

const day = 86_400_000

// https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html
describe('RedriveExecution', () => {
  let clock: ReturnType<typeof virtualClock>
  let aws: AwsStandIn
  let states: ReturnType<typeof clientsOf>['states']
  let executionArn: string
  let down: boolean
  beforeEach(async () => {
    clock = virtualClock({ held: true })
    aws = await startAws({ clock })
    states = clientsOf(aws).states
    down = true
    const { arn } = aws.stateMachines.add({
      name: 'work',
      definition,
      task: () => {
        if (down) throw new Error('down')
        return { Payload: 'done' }
      },
    })
    const started = await states.send(new StartExecutionCommand({ stateMachineArn: arn, name: 'one' }))
    executionArn = started.executionArn ?? ''
  })
  afterEach(() => aws.close())

  const fail = async () => {
    await clock.advance(60_000)
    expect((await aws.stateMachines.closed(executionArn)).status).toBe('FAILED')
  }
  const described = () => states.send(new DescribeExecutionCommand({ executionArn }))
  const redrive = (clientToken?: string) =>
    states.send(new RedriveExecutionCommand({ executionArn, clientToken }))

  it('goes on from the step that failed, in the same execution', async () => {
    await fail()
    const failed = await described()
    expect(failed).toMatchObject({ status: 'FAILED', redriveCount: 0, redriveStatus: 'REDRIVABLE' })
    expect(failed.redriveDate).toBeUndefined()
    down = false
    const { redriveDate } = await redrive()
    await aws.stateMachines.closed(executionArn)
    expect(await described()).toMatchObject({
      status: 'SUCCEEDED',
      startDate: failed.startDate,
      output: '{"Payload":"done"}',
      redriveCount: 1,
      redriveDate,
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
    })
    const { events = [] } = await states.send(new GetExecutionHistoryCommand({ executionArn }))
    expect(events.map(({ type }) => type).slice(-7)).toEqual([
      'ExecutionFailed',
      'ExecutionRedriven',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ])
    const { detail } = aws.bus.published.at(-1) ?? {}
    expect(detail).toMatchObject({ status: 'SUCCEEDED', redriveCount: 1, redriveStatus: 'NOT_REDRIVABLE' })
    expect(aws.bus.published.map((event) => (event.detail as { status: string }).status)).toEqual([
      'RUNNING',
      'FAILED',
      'RUNNING',
      'SUCCEEDED',
    ])
  })

  it('redrives once for a token that is sent twice', async () => {
    await fail()
    await redrive('once')
    await aws.stateMachines.closed(executionArn)
    const again = await redrive('once')
    expect(await described()).toMatchObject({
      status: 'FAILED',
      redriveCount: 1,
      redriveDate: again.redriveDate,
    })
    await redrive('twice')
    await aws.stateMachines.closed(executionArn)
    expect((await described()).redriveCount).toBe(2)
  })

  it('can be stopped, and redriven after that', async () => {
    await fail()
    down = false
    await states.send(new StopExecutionCommand({ executionArn }))
    await redrive()
    expect((await aws.stateMachines.closed(executionArn)).status).toBe('SUCCEEDED')
  })

  const refusals: [why: string, arrange: () => Promise<unknown>, reason: string][] = [
    ['one that runs', async () => {}, 'Execution is RUNNING and cannot be redriven'],
    [
      'one that succeeded',
      () => {
        down = false
        return clock.advance(60_000)
      },
      'Execution is SUCCEEDED and cannot be redriven',
    ],
    [
      'one that ended more than 14 days ago',
      async () => {
        await fail()
        await clock.advance(14 * day + 1)
      },
      'Execution redrivable period exceeded',
    ],
  ]
  it.each(refusals)('refuses %s', async (_why, arrange, reason) => {
    await arrange()
    await expect(redrive()).rejects.toMatchObject({ name: 'ExecutionNotRedrivable', message: reason })
    expect(await described()).toMatchObject({
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: reason,
      redriveCount: 0,
    })
  })

  it('takes a filter for the children of a Map Run alone', async () => {
    const stateMachineArn = executionArn.replace(':execution:', ':stateMachine:').replace(/:one$/, '')
    await expect(
      states.send(new ListExecutionsCommand({ stateMachineArn, redriveFilter: 'REDRIVEN' })),
    ).rejects.toMatchObject({ name: 'ValidationException' })
  })
})

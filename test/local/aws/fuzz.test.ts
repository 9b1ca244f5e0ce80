import { PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { ListStateMachinesCommand } from '@aws-sdk/client-sfn'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AwsStandIn, startAws } from '../../../local/aws/index.ts'
import { disorder } from '../../support/disorder.ts'
import { randomSource } from '../../support/random.ts'
import { clientsOf, sendingRequest } from './support.ts'

const machine = 'arn:aws:states:us-west-2:123456789012:stateMachine:run'
const definition = JSON.stringify({
  QueryLanguage: 'JSONata',
  StartAt: 'A',
  States: { A: { Type: 'Pass', Output: '{% $states.input %}', End: true } },
})
const event = {
  id: '1',
  account: '123456789012',
  source: 'podid',
  time: '2026-01-01T00:00:00Z',
  region: 'us-west-2',
  'detail-type': 'x',
  detail: { a: [1, { b: null }] },
}

/** A request of each operation that would pass, as the fuzz starts from it. */
const requests: [service: 'states' | 'events', operation: string, body: object][] = [
  ['states', 'StartExecution', { stateMachineArn: machine, input: '{"a":1}', name: 'one' }],
  [
    'states',
    'StopExecution',
    { executionArn: `${machine.replace('stateMachine', 'execution')}:one`, error: 'e' },
  ],
  ['states', 'DescribeExecution', { executionArn: `${machine.replace('stateMachine', 'execution')}:one` }],
  ['states', 'ListExecutions', { stateMachineArn: machine, statusFilter: 'RUNNING', maxResults: 5 }],
  [
    'states',
    'GetExecutionHistory',
    {
      executionArn: `${machine.replace('stateMachine', 'execution')}:one`,
      reverseOrder: true,
      maxResults: 2,
    },
  ],
  ['states', 'ListStateMachines', { maxResults: 1 }],
  ['states', 'DescribeStateMachine', { stateMachineArn: machine }],
  [
    'states',
    'DescribeStateMachineForExecution',
    { executionArn: `${machine.replace('stateMachine', 'execution')}:one` },
  ],
  ['states', 'SendTaskSuccess', { taskToken: 'AAAAAAAAAAAAAAAAAAAAAAAA', output: '{}' }],
  ['states', 'SendTaskFailure', { taskToken: 'AAAAAAAAAAAAAAAAAAAAAAAA', error: 'e', cause: 'c' }],
  ['states', 'SendTaskHeartbeat', { taskToken: 'AAAAAAAAAAAAAAAAAAAAAAAA' }],
  ['states', 'ValidateStateMachineDefinition', { definition, type: 'STANDARD', maxResults: 3 }],
  [
    'states',
    'TestState',
    { definition, stateName: 'A', input: '{}', variables: '{}', context: '{}', inspectionLevel: 'TRACE' },
  ],
  [
    'states',
    'ListMapRuns',
    { executionArn: `${machine.replace('stateMachine', 'execution')}:one`, maxResults: 1 },
  ],
  ['states', 'DescribeMapRun', { mapRunArn: `${machine.replace('stateMachine', 'mapRun')}/each:one` }],
  [
    'states',
    'UpdateMapRun',
    { mapRunArn: `${machine.replace('stateMachine', 'mapRun')}/each:one`, maxConcurrency: 2 },
  ],
  [
    'events',
    'PutEvents',
    { Entries: [{ Source: 'podid', DetailType: 'x', Detail: '{"a":1}', Resources: ['arn:x'], Time: 1 }] },
  ],
  ['events', 'PutRule', { Name: 'fuzz', EventPattern: '{"source":["podid"]}', State: 'ENABLED' }],
  ['events', 'PutRule', { Name: 'fuzz', ScheduleExpression: 'cron(0 12 * * ? *)' }],
  ['events', 'DescribeRule', { Name: 'any' }],
  ['events', 'ListRules', { NamePrefix: 'a', Limit: 1 }],
  ['events', 'EnableRule', { Name: 'any' }],
  ['events', 'PutTargets', { Rule: 'any', Targets: [{ Id: '2', Arn: machine, Input: '{}' }] }],
  ['events', 'ListTargetsByRule', { Rule: 'any', Limit: 1 }],
  ['events', 'RemoveTargets', { Rule: 'any', Ids: ['2'] }],
  [
    'events',
    'TestEventPattern',
    { EventPattern: '{"detail":{"a":[{"numeric":[">",0]}]}}', Event: JSON.stringify(event) },
  ],
  ['events', 'DisableRule', { Name: 'fuzz' }],
  ['events', 'DeleteRule', { Name: 'fuzz' }],
]

const seed = Number(process.env.PODID_SEED ?? 20_261_125)
const rounds = process.env.PODID_EXHAUSTIVE ? 40 : 2

describe(`requests that are out of order, seed ${seed}`, () => {
  let aws: AwsStandIn
  /** Sends what an SDK sends. */
  let sound: ReturnType<typeof clientsOf>
  beforeAll(async () => {
    aws = await startAws()
    sound = clientsOf(aws)
    aws.stateMachines.add({ name: 'run', definition, task: () => ({}) })
    const { events } = clientsOf(aws)
    await sendingRequest(
      events,
      'AWSEvents.PutRule',
      '{"Name":"any","EventPattern":"{\\"source\\":[\\"podid\\"]}"}',
    ).send(new PutEventsCommand({ Entries: [] }))
    await sendingRequest(
      events,
      'AWSEvents.PutTargets',
      JSON.stringify({ Rule: 'any', Targets: [{ Id: '1', Arn: aws.addFunction('f', () => {}) }] }),
    ).send(new PutEventsCommand({ Entries: [] }))
  })
  afterAll(() => aws.close())

  it.each(requests)('%s %s is answered, and the stand-in goes on', async (service, operation, body) => {
    const { random } = randomSource(
      seed + requests.findIndex(([, name, of]) => name === operation && of === body),
    )
    const { states, events } = clientsOf(aws)
    for (let round = 0; round < rounds; round++) {
      const text = JSON.stringify(disorder(body, random, strange))
      const answer =
        service === 'states'
          ? sendingRequest(states, `AWSStepFunctions.${operation}`, text).send(
              new ListStateMachinesCommand({}),
            )
          : sendingRequest(events, `AWSEvents.${operation}`, text).send(new PutEventsCommand({ Entries: [] }))
      const status = await answer.then(
        () => 200,
        (error: { $metadata?: { httpStatusCode?: number } }) => error.$metadata?.httpStatusCode,
      )
      expect([200, 400, 404, 501], `${operation} ${text.slice(0, 300)}`).toContain(status)
    }
    expect(await sound.states.send(new ListStateMachinesCommand({}))).toHaveProperty('stateMachines')
  })
})

const nested = (open: string, close: string) => `${open.repeat(20_000)}${close.repeat(20_000)}`

/** What a member may hold instead of what it should. */
const strange: unknown[] = [
  null,
  '',
  ' ',
  0,
  -1,
  1.5,
  1e308,
  true,
  [],
  {},
  [null],
  [[[]]],
  { a: null },
  '\u0000',
  '\ud800',
  '__proto__',
  'constructor',
  'null',
  '[]',
  '"x"',
  '{"$or":[{"a":[1]},{"b":[{"exists":false}]}]}',
  '{"__proto__":[{"prefix":"x"}]}',
  '{"StartAt":"constructor","States":{"__proto__":null}}',
  nested('[', ']'),
  nested('{"a":', '}').replace('}', '1}'),
  'ü'.repeat(140_000),
  'arn:aws:states:us-west-2:123456789012:stateMachine:__proto__',
]

import http from 'node:http'
import {
  SFNClient,
  TestStateCommand,
  type TestStateInput,
  ValidateStateMachineDefinitionCommand,
} from '@aws-sdk/client-sfn'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AwsStandIn, startAws } from '../../../../local/aws/index.ts'
import { config } from '../support.ts'

const json = (value: unknown) => JSON.stringify(value)

describe('definitions', () => {
  let aws: AwsStandIn
  let states: SFNClient
  beforeEach(async () => {
    aws = await startAws()
    // The SDK sends TestState to the endpoint's host with `sync-` before it, whatever that resolves to.
    const agent = new http.Agent({
      lookup: (_host, options, found) =>
        options.all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4),
    })
    states = new SFNClient({ ...config(aws), requestHandler: new NodeHttpHandler({ httpAgent: agent }) })
  })
  afterEach(() => aws.close())

  const validate = (definition: string) =>
    states.send(new ValidateStateMachineDefinitionCommand({ definition }))
  const pass = { QueryLanguage: 'JSONata', StartAt: 'A', States: { A: { Type: 'Pass', End: true } } }

  it('are found valid, or with every fault and its place', async () => {
    expect(await validate(json(pass))).toMatchObject({ result: 'OK', diagnostics: [], truncated: false })
    expect(await validate(json({ ...pass, StartAt: 'B', States: { A: { Type: 'Nap' } } }))).toMatchObject({
      result: 'FAIL',
      diagnostics: expect.arrayContaining([
        expect.objectContaining({
          severity: 'ERROR',
          code: 'SCHEMA_VALIDATION_FAILED',
          location: '/StartAt',
        }),
        expect.objectContaining({ location: '/States/A/Type' }),
      ]),
    })
    expect(await validate('{')).toMatchObject({ diagnostics: [{ code: 'INVALID_JSON_DESCRIPTION' }] })
  })

  it('of 20,000 machines in each other are answered', async () => {
    const inner = '{"StartAt":"A","States":{"A":{"Type":"Parallel","End":true,"Branches":['
    const deep = `${inner.repeat(3000)}${']}}}'.repeat(3000)}`
    expect(await validate(deep)).toMatchObject({ result: 'FAIL' })
  })

  const task = {
    QueryLanguage: 'JSONata',
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: 'f', Payload: '{% $states.input.n + $bonus %}' },
    Assign: { seen: '{% $states.result.Payload %}' },
    Output: '{% $states.result.Payload & "!" %}',
    Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 2, MaxAttempts: 2 }],
    Catch: [{ ErrorEquals: ['Gone'], Output: '{% $states.errorOutput %}', Next: 'Fallback' }],
    Next: 'After',
  }
  const base = { definition: json(task), input: '{"n":1}', variables: '{"bonus":2}' }
  const busy = { mock: { errorOutput: { error: 'Busy', cause: 'at once' } } }

  const rows: [why: string, input: TestStateInput, answer: object][] = [
    [
      'a task whose result is mocked',
      { ...base, mock: { result: '{"Payload":"done"}' } },
      { status: 'SUCCEEDED', output: '"done!"', nextState: 'After' },
    ],
    [
      'a task in detail',
      { ...base, mock: { result: '{"Payload":"done"}' }, inspectionLevel: 'DEBUG' },
      {
        inspectionData: {
          input: '{"n":1}',
          afterArguments: '{"FunctionName":"f","Payload":3}',
          result: '{"Payload":"done"}',
          variables: '{"bonus":2,"seen":"done"}',
        },
      },
    ],
    [
      'a failure that is caught',
      { ...base, mock: { errorOutput: { error: 'Gone', cause: 'away' } }, inspectionLevel: 'DEBUG' },
      {
        status: 'CAUGHT_ERROR',
        nextState: 'Fallback',
        error: 'Gone',
        cause: 'away',
        output: '{"Error":"Gone","Cause":"away"}',
        inspectionData: { errorDetails: { catchIndex: 0 } },
      },
    ],
    [
      'a failure that may be retried',
      { ...base, ...busy, stateConfiguration: { retrierRetryCount: 1 }, inspectionLevel: 'DEBUG' },
      {
        status: 'RETRIABLE',
        error: 'Busy',
        inspectionData: { errorDetails: { retryIndex: 0, retryBackoffIntervalSeconds: 4 } },
      },
    ],
    [
      'a failure beyond its retries',
      { ...base, ...busy, stateConfiguration: { retrierRetryCount: 2 } },
      { status: 'FAILED', error: 'Busy', cause: 'at once' },
    ],
    [
      'an expression that fails',
      { ...base, variables: '{}', mock: { result: '{}' } },
      { status: 'FAILED', error: 'States.QueryEvaluationError' },
    ],
    [
      'a choice',
      {
        definition: json({
          QueryLanguage: 'JSONata',
          Type: 'Choice',
          Choices: [{ Condition: '{% $states.input.cost < 10 %}', Next: 'Cheap' }],
          Default: 'Dear',
        }),
        input: '{"cost":9}',
      },
      { status: 'SUCCEEDED', nextState: 'Cheap', output: '{"cost":9}' },
    ],
    [
      'a state of a machine, which may be anywhere in it',
      { definition: json(pass), stateName: 'A', input: '[1]' },
      { status: 'SUCCEEDED', output: '[1]' },
    ],
    [
      'a wait, without waiting',
      { definition: json({ QueryLanguage: 'JSONata', Type: 'Wait', Seconds: 86_400, End: true }) },
      { status: 'SUCCEEDED' },
    ],
    [
      'the context that it is given',
      {
        definition: json({
          QueryLanguage: 'JSONata',
          Type: 'Pass',
          Output: '{% $states.context.Execution.Name & $states.context.State.Name %}',
          End: true,
        }),
        context: '{"Execution":{"Id":"e","Name":"mine"}}',
      },
      { output: '"mineStateName"' },
    ],
  ]
  it.each(rows)('try a state: %s', async (_why, input, answer) => {
    expect(await states.send(new TestStateCommand(input))).toMatchObject(answer)
  })

  const refusals: [why: string, input: TestStateInput, error: object][] = [
    [
      'a mock of what does nothing',
      { definition: json({ QueryLanguage: 'JSONata', Type: 'Pass', End: true }), mock: { result: '{}' } },
      { name: 'ValidationException', message: "State type 'Pass' is not supported when a mock is specified" },
    ],
    [
      'a mock that is no JSON',
      { ...base, mock: { result: 'x' } },
      { name: 'ValidationException', message: 'Mocked result must be valid JSON' },
    ],
    [
      'a mock of both endings',
      { ...base, mock: { result: '{}', errorOutput: {} } },
      { message: 'A test mock should have only one of the following fields: [result, errorOutput].' },
    ],
    [
      'a task without role or mock',
      base,
      { name: 'ValidationException', message: 'RoleArn must be specified when testing a Task state' },
    ],
    [
      'a state that is not in the machine',
      { definition: json(pass), stateName: 'B' },
      { name: 'ValidationException', message: 'State not found in definition' },
    ],
    [
      'a state of no type',
      { definition: json({ QueryLanguage: 'JSONata', Type: 'Nap' }) },
      { name: 'InvalidDefinition' },
    ],
    ['a definition that is no JSON', { definition: '{' }, { name: 'InvalidDefinition' }],
    ['a definition that is null', { definition: 'null' }, { name: 'InvalidDefinition' }],
    ['an input that is no JSON', { ...base, input: '{', mock: {} }, { name: 'InvalidExecutionInput' }],
  ]
  it.each(refusals)('refuse to try %s', async (_why, input, error) => {
    await expect(states.send(new TestStateCommand(input))).rejects.toMatchObject(error)
  })

  it('try a task as the state machine of the same role would', async () => {
    const { roleArn } = aws.stateMachines.add({
      name: 'machine',
      definition: json(pass),
      task: (_resource, args) => ({ Payload: args }),
    })
    const echo = { ...task, Output: '{% $states.result.Payload.Payload %}' }
    expect(
      await states.send(new TestStateCommand({ ...base, definition: json(echo), roleArn })),
    ).toMatchObject({
      output: '3',
    })
  })
})

import { describe, expect, it } from 'vitest'
import { errorNamed, machine, run, taskState, types } from './support.ts'

const pass = (fields: Record<string, unknown> = {}) => ({
  Type: 'Pass',
  ...fields,
  ...('Next' in fields ? {} : { End: true }),
})

describe('states', () => {
  it.each<[string, Record<string, unknown>, unknown, unknown]>([
    ['a Pass hands its input on', { A: pass() }, { a: 1 }, { a: 1 }],
    ['no input is an empty object', { A: pass() }, undefined, {}],
    ['a null input stays null', { A: pass() }, null, null],
    ['a Pass with Output replaces it', { A: pass({ Output: '{% $states.input.a + 1 %}' }) }, { a: 1 }, 2],
    [
      'expressions stand anywhere in a template',
      { A: pass({ Output: { x: ['{% 1+1 %}', 'a'] } }) },
      {},
      { x: [2, 'a'] },
    ],
    ['a Succeed ends with its Output', { A: { Type: 'Succeed', Output: '{% $states.input %}' } }, 7, 7],
    [
      'Assign and Output see the variables as they were before the state',
      {
        A: pass({ Assign: { x: 1 }, Next: 'B' }),
        B: pass({ Assign: { x: 2, y: '{% $x %}' }, Output: '{% $x %}', Next: 'C' }),
        C: pass({ Output: '{% [$states.input, $x, $y] %}' }),
      },
      {},
      [1, 2, 1],
    ],
    [
      'a Choice takes the first condition that holds, with its own Assign and Output',
      {
        A: {
          Type: 'Choice',
          Choices: [
            { Condition: '{% $states.input.n > 5 %}', Next: 'B' },
            { Condition: '{% $states.input.n > 1 %}', Next: 'C', Assign: { x: 'chosen' }, Output: 'out' },
          ],
          Default: 'B',
        },
        B: pass(),
        C: pass({ Output: '{% $x & " " & $states.input %}' }),
      },
      { n: 3 },
      'chosen out',
    ],
    [
      'a Choice that falls to its Default uses its own Assign and Output',
      {
        A: {
          Type: 'Choice',
          Choices: [{ Condition: false, Next: 'A' }],
          Default: 'B',
          Assign: { x: 1 },
          Output: 'default',
        },
        B: pass({ Output: '{% [$x, $states.input] %}' }),
      },
      {},
      [1, 'default'],
    ],
    [
      'the context names the execution',
      { A: pass({ Output: '{% $states.context.Execution.Name %}' }) },
      {},
      'local',
    ],
    [
      'the context names the state',
      { A: pass({ Output: '{% $states.context.State %}' }) },
      {},
      { EnteredTime: '2026-01-01T00:00:00.000Z', Name: 'A', RetryCount: 0 },
    ],
  ])('%s', async (_why, states, input, output) => {
    expect(await run(machine(states), { input })).toMatchObject({ status: 'SUCCEEDED', output })
  })

  it.each<[string, unknown, number]>([
    ['for seconds', { Seconds: 90 }, 90_000],
    ['for no time', { Seconds: 0 }, 0],
    ['for computed seconds', { Seconds: '{% $states.input.pause * 2 %}' }, 20_000],
    ['until a moment', { Timestamp: '2026-01-01T01:00:00Z' }, 3_600_000],
    ['until a computed moment', { Timestamp: '{% $states.input.until %}' }, 1500],
    ['not at all for a moment that is past', { Timestamp: '2025-12-31T00:00:00Z' }, 0],
    ['for longer than a timer can hold', { Seconds: 99_999_999 }, 99_999_999_000],
  ])('a Wait waits %s', async (_why, fields, took) => {
    const states = { A: { Type: 'Wait', ...(fields as object), End: true } }
    const input = { pause: 10, until: '2026-01-01T00:00:01.500Z' }
    expect(await run(machine(states), { input })).toMatchObject({ status: 'SUCCEEDED', output: input, took })
  })

  it('runs a definition given as JSON text', async () => {
    expect(await run(JSON.stringify(machine({ A: pass({ Output: 1 }) })))).toMatchObject({ output: 1 })
  })
})

describe('failures', () => {
  it.each<[string, Record<string, unknown>, string, RegExp]>([
    ['a Fail with texts', { Type: 'Fail', Error: 'Mine', Cause: 'because' }, 'Mine', /^because$/],
    ['a Fail with expressions', { Type: 'Fail', Error: '{% "A" & "B" %}', Cause: '{% "c" %}' }, 'AB', /^c$/],
    [
      'an expression that answers nothing',
      pass({ Output: '{% $states.input.missing %}' }),
      'States.QueryEvaluationError',
      /^An error occurred while executing the state 'A' \(entered at the event id #2\)\. The JSONata expression '\$states\.input\.missing' specified for the field 'Output' returned nothing \(undefined\)\.$/,
    ],
    ['an expression that throws', pass({ Output: '{% 1 + "a" %}' }), 'States.QueryEvaluationError', /T2002/],
    [
      'an answer that is a function',
      pass({ Output: '{% function($x){$x} %}' }),
      'States.QueryEvaluationError',
      /function/,
    ],
    [
      'a variable that was never assigned',
      pass({ Output: '{% $nope %}' }),
      'States.QueryEvaluationError',
      /nothing/,
    ],
    [
      'a condition that is no boolean',
      { Type: 'Choice', Choices: [{ Condition: '{% 1 %}', Next: 'A' }] },
      'States.QueryEvaluationError',
      /Choices\[0\]\/Condition/,
    ],
    [
      'a Choice without match',
      { Type: 'Choice', Choices: [{ Condition: false, Next: 'A' }] },
      'States.NoChoiceMatched',
      /'A'/,
    ],
    [
      'half a second',
      { Type: 'Wait', Seconds: '{% 0.5 %}', End: true },
      'States.QueryEvaluationError',
      /Seconds/,
    ],
    [
      'no moment',
      { Type: 'Wait', Timestamp: '{% "soon" %}', End: true },
      'States.QueryEvaluationError',
      /soon/,
    ],
    ...[
      '2016-13-05T21:29:29Z',
      '2016-12-05T25:29:29Z',
      '2026-02-30T00:00:00Z',
      '2026-01-01T00:00:00+19:00',
    ].map((moment): [string, Record<string, unknown>, string, RegExp] => [
      `a moment that does not exist, ${moment}`,
      { Type: 'Wait', Timestamp: `{% "${moment}" %}`, End: true },
      'States.QueryEvaluationError',
      /the state 'A' \(entered at the event id #2\)\. The Timestamp field cannot be parsed as an ISO-8601/,
    ]),
    [
      'a Wait for more seconds than 31 bits hold',
      { Type: 'Wait', Timestamp: '2094-01-19T03:14:08Z', End: true },
      'States.Runtime',
      /^An error occurred while executing the state 'A' \(entered at the event id #2\)\. Wait state delay is too long\.$/,
    ],
    [
      'an output beyond the limit',
      pass({ Output: '{% $join($map($range(1, 30000, 1), function($i) { "0123456789" })) %}' }),
      'States.DataLimitExceeded',
      /^The state\/task 'A' returned a result with a size exceeding the maximum number of bytes/,
    ],
  ])('%s', async (_why, state, error, cause) => {
    const result = await run(machine({ A: state }))
    expect(result).toMatchObject({ status: 'FAILED', error, cause: expect.stringMatching(cause) })
    expect(result.output).toBeUndefined()
    expect(result.history.at(-1)).toMatchObject({
      type: 'ExecutionFailed',
      executionFailedEventDetails: { error, cause: result.cause },
    })
  })
})

describe('tasks', () => {
  it('get their arguments, and their answer is the output', async () => {
    const calls: unknown[] = []
    const definition = machine({ A: taskState({ Arguments: { n: '{% $states.input.n %}' } }) })
    const result = await run(definition, {
      input: { n: 1 },
      task: (resource, args, { state, context }) => {
        calls.push([resource, args, state, context])
        return { Payload: 2 }
      },
    })
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: { Payload: 2 } })
    expect(calls).toEqual([
      [
        'arn:aws:states:::lambda:invoke',
        { n: 1 },
        'A',
        expect.objectContaining({ State: expect.objectContaining({ Name: 'A' }) }),
      ],
    ])
  })

  it('cannot reach the engine through what they are given or answer', async () => {
    const kept = { list: [1] }
    const definition = machine({
      A: taskState({ Next: 'B', Assign: { x: '{% $states.result %}' }, Output: '{% $states.input %}' }),
      B: taskState({ Output: '{% [$states.input, $x] %}' }),
    })
    const result = await run(definition, {
      input: { a: 1 },
      task: (_resource, args, { state }) => {
        if (state === 'A') {
          ;(args as { a: number }).a = 99
          return kept
        }
        kept.list.push(2)
        return { dropped: undefined, date: new Date(0) }
      },
    })
    expect(result.output).toEqual([{ a: 1 }, { list: [1] }])
  })

  it('leave events as the service writes them', async () => {
    const definition = machine({ A: taskState({ Arguments: { n: 1 }, TimeoutSeconds: 9, Assign: { x: 1 } }) })
    const result = await run(definition, {
      task: () => ({ Payload: 2 }),
      executionArn: 'arn:aws:states:eu-west-1:1:execution:m:n',
    })
    const lambda = { resourceType: 'lambda', resource: 'invoke' }
    const timestamp = Date.UTC(2026, 0, 1)
    const state = { name: 'A' }
    expect(result.history).toEqual([
      {
        id: 1,
        previousEventId: 0,
        timestamp,
        type: 'ExecutionStarted',
        executionStartedEventDetails: { input: '{}', roleArn: 'arn:aws:iam::123456789012:role/local' },
      },
      {
        id: 2,
        previousEventId: 0,
        timestamp,
        type: 'TaskStateEntered',
        stateEnteredEventDetails: { ...state, input: '{}' },
      },
      {
        id: 3,
        previousEventId: 2,
        timestamp,
        type: 'TaskScheduled',
        taskScheduledEventDetails: {
          ...lambda,
          region: 'eu-west-1',
          parameters: '{"n":1}',
          timeoutInSeconds: 9,
        },
      },
      { id: 4, previousEventId: 3, timestamp, type: 'TaskStarted', taskStartedEventDetails: lambda },
      {
        id: 5,
        previousEventId: 4,
        timestamp,
        type: 'TaskSucceeded',
        taskSucceededEventDetails: { ...lambda, output: '{"Payload":2}' },
      },
      {
        id: 6,
        previousEventId: 5,
        timestamp,
        type: 'TaskStateExited',
        stateExitedEventDetails: { ...state, output: '{"Payload":2}', assignedVariables: { x: '1' } },
      },
      {
        id: 7,
        previousEventId: 6,
        timestamp,
        type: 'ExecutionSucceeded',
        executionSucceededEventDetails: { output: '{"Payload":2}' },
      },
    ])
  })

  it('by a function ARN leave the events of functions', async () => {
    const resource = 'arn:aws:lambda:us-east-1:123456789012:function:f'
    const failing = await run(machine({ A: taskState({ Resource: resource }) }), {
      task: () => Promise.reject(errorNamed('Boom')),
    })
    expect(types(failing)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionFailed',
      'ExecutionFailed',
    ])
  })

  it.each<[string, string, unknown, string, unknown]>([
    [
      'a function',
      'arn:aws:states:::lambda:invoke',
      errorNamed('Boom', 'broke'),
      'Boom',
      { errorType: 'Boom', errorMessage: 'broke', trace: expect.any(Array) },
    ],
    [
      'a function that throws text',
      'arn:aws:states:::lambda:invoke',
      'oops',
      'string',
      { errorType: 'string', errorMessage: 'oops', trace: [] },
    ],
  ])('%s fails with a cause as Lambda writes it', async (_why, Resource, thrown, error, cause) => {
    const result = await run(machine({ A: taskState({ Resource }) }), {
      task: () => {
        throw thrown
      },
    })
    expect(result).toMatchObject({ status: 'FAILED', error })
    expect(JSON.parse(result.cause ?? '')).toEqual(cause)
  })
})

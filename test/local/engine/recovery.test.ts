import { describe, expect, it } from 'vitest'
import { TaskFailure, type TaskFunction } from '../../../local/engine/index.ts'
import { errorNamed, machine, run, taskState, types } from './support.ts'

/** A task that fails with these names in turn, and then answers how often it was called. */
const failing = (...names: string[]): TaskFunction => {
  let calls = 0
  return () => {
    const name = names[calls++]
    if (name) throw errorNamed(name)
    return { calls }
  }
}

const always = (name: string): TaskFunction => failing(...Array.from({ length: 50 }, () => name))

describe('Retry', () => {
  const transient = (fields: Record<string, unknown> = {}) => [{ ErrorEquals: ['Transient'], ...fields }]

  it.each<[string, unknown[], TaskFunction, Record<string, unknown>]>([
    [
      'three times by default, after 1, 2 and 4 s',
      transient(),
      always('Transient'),
      { status: 'FAILED', took: 7000 },
    ],
    ['until it works', transient(), failing('Transient', 'Transient'), { output: { calls: 3 }, took: 3000 }],
    [
      'never with MaxAttempts 0',
      transient({ MaxAttempts: 0 }),
      always('Transient'),
      { error: 'Transient', took: 0 },
    ],
    [
      'at the interval, times the rate',
      transient({ IntervalSeconds: 3, BackoffRate: 1.5, MaxAttempts: 3 }),
      always('Transient'),
      { took: 3000 + 4500 + 6750 },
    ],
    [
      'at most MaxDelaySeconds apart',
      transient({ IntervalSeconds: 5, MaxDelaySeconds: 8, MaxAttempts: 4 }),
      always('Transient'),
      { took: 5000 + 8000 * 3 },
    ],
    [
      'after a random part of the delay with full jitter',
      transient({ IntervalSeconds: 4, MaxDelaySeconds: 6, MaxAttempts: 2, JitterStrategy: 'FULL' }),
      always('Transient'),
      { took: (4000 + 6000) / 2 },
    ],
    [
      'not for another name',
      transient(),
      failing('Refused'),
      { status: 'FAILED', error: 'Refused', took: 0 },
    ],
    [
      'with a count for each retrier',
      [
        { ErrorEquals: ['A'], MaxAttempts: 1 },
        { ErrorEquals: ['B'], MaxAttempts: 2, IntervalSeconds: 10 },
      ],
      failing('A', 'B', 'B'),
      { output: { calls: 4 }, took: 1000 + 10_000 + 20_000 },
    ],
    [
      'by the first retrier that names the error, and by no later one once that is used up',
      [{ ErrorEquals: ['A'], MaxAttempts: 1 }, { ErrorEquals: ['States.ALL'] }],
      failing('A', 'A'),
      { status: 'FAILED', error: 'A', took: 1000 },
    ],
    [
      'States.ALL covers every name',
      [{ ErrorEquals: ['States.ALL'] }],
      failing('Any'),
      { output: { calls: 2 } },
    ],
    [
      'States.TaskFailed covers every name but States.Timeout',
      [{ ErrorEquals: ['States.TaskFailed'] }],
      failing('Any', 'States.Timeout'),
      { status: 'FAILED', error: 'States.Timeout', took: 1000 },
    ],
    [
      'States.ALL covers States.DataLimitExceeded, as executions on AWS show',
      [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }],
      () => 'x'.repeat(262_143),
      {
        status: 'FAILED',
        error: 'States.DataLimitExceeded',
        cause: `The state/task 'lambda' returned a result with a size exceeding the maximum number of bytes service limit.`,
        took: 1000,
      },
    ],
    [
      'States.TaskFailed does not cover States.DataLimitExceeded',
      [{ ErrorEquals: ['States.TaskFailed'] }],
      () => 'x'.repeat(262_143),
      { status: 'FAILED', error: 'States.DataLimitExceeded', took: 0 },
    ],
    [
      'States.DataLimitExceeded may be named',
      [{ ErrorEquals: ['States.DataLimitExceeded'], MaxAttempts: 1 }],
      () => 'x'.repeat(262_143),
      { status: 'FAILED', error: 'States.DataLimitExceeded', took: 1000 },
    ],
    [
      'nothing treats States.Runtime',
      [{ ErrorEquals: ['States.Runtime'] }, { ErrorEquals: ['States.ALL'] }],
      failing('States.Runtime'),
      { status: 'FAILED', error: 'States.Runtime', took: 0 },
    ],
  ])('%s', async (_why, Retry, task, outcome) => {
    expect(await run(machine({ A: taskState({ Retry }) }), { task })).toMatchObject(outcome)
  })

  it('shows its count in the context object, and evaluates the arguments anew', async () => {
    const seen: unknown[] = []
    await run(
      machine({ A: taskState({ Arguments: '{% $states.context.State.RetryCount %}', Retry: transient() }) }),
      {
        task: (_resource, args) => {
          seen.push(args)
          throw errorNamed('Transient')
        },
      },
    )
    expect(seen).toEqual([0, 1, 2, 3])
  })

  it('covers what happens to the answer in the state', async () => {
    const definition = machine({
      A: taskState({
        Output: '{% 1 + $states.result %}',
        Retry: [{ ErrorEquals: ['States.QueryEvaluationError'] }],
      }),
    })
    let calls = 0
    expect(await run(definition, { task: () => (calls++ === 0 ? 'text' : 1) })).toMatchObject({ output: 2 })
  })

  it('writes a failure and a new schedule for each attempt, in one visit of the state', async () => {
    const result = await run(machine({ A: taskState({ Retry: transient() }) }), {
      task: failing('Transient'),
    })
    const attempt = ['TaskScheduled', 'TaskStarted']
    expect(types(result).slice(1, -1)).toEqual([
      'TaskStateEntered',
      ...attempt,
      'TaskFailed',
      ...attempt,
      'TaskSucceeded',
      'TaskStateExited',
    ])
  })

  it.each<[string, Record<string, unknown>]>([
    ['a Parallel', { Type: 'Parallel', Branches: [machineOf({ B: taskState() })] }],
    ['a Map', { Type: 'Map', Items: [1], ItemProcessor: machineOf({ B: taskState() }) }],
  ])('repeats the whole of %s', async (_why, group) => {
    const result = await run(machine({ A: { ...group, Retry: transient(), End: true } }), {
      task: failing('Transient', 'Transient'),
    })
    expect(result).toMatchObject({ output: [{ calls: 3 }], took: 3000 })
  })
})

function machineOf(states: Record<string, unknown>) {
  return { StartAt: Object.keys(states)[0], States: states }
}

describe('Catch', () => {
  const caught = (ErrorEquals: string[], fields: Record<string, unknown> = {}) =>
    machine({
      A: taskState({ Catch: [{ ErrorEquals, Next: 'B', ...fields }], Assign: { x: 'not assigned' } }),
      B: { Type: 'Pass', End: true },
    })
  const cause = JSON.stringify({ errorType: 'Boom', errorMessage: 'why', trace: [] })
  const boom: TaskFunction = () => {
    throw new TaskFailure('Boom', cause)
  }

  it.each<[string, ReturnType<typeof caught>, TaskFunction, Record<string, unknown>]>([
    ['hands the error output on', caught(['Boom']), boom, { output: { Error: 'Boom', Cause: cause } }],
    [
      'makes an output of the error output and the input',
      caught(['States.ALL'], {
        Output: '{% [$states.input.a, $parse($states.errorOutput.Cause).errorMessage] %}',
      }),
      boom,
      { output: [1, 'why'] },
    ],
    ['leaves other names alone', caught(['Other']), boom, { status: 'FAILED', error: 'Boom', cause }],
    ['takes States.TaskFailed for a task', caught(['States.TaskFailed']), boom, { status: 'SUCCEEDED' }],
    [
      'does not treat a failure of its own evaluation',
      caught(['States.ALL'], { Output: '{% $states.input.missing %}' }),
      boom,
      { status: 'FAILED', error: 'States.QueryEvaluationError' },
    ],
  ])('%s', async (_why, definition, task, outcome) => {
    expect(await run(definition, { input: { a: 1 }, task })).toMatchObject(outcome)
  })

  it('assigns variables, and leaves out those of the state', async () => {
    const definition = machine({
      A: taskState({
        Assign: { x: 1 },
        Catch: [{ ErrorEquals: ['Boom'], Assign: { failure: '{% $states.errorOutput %}' }, Next: 'B' }],
      }),
      B: { Type: 'Pass', Output: '{% [$failure.Error, $exists($x)] %}', End: true },
    })
    expect(await run(definition, { task: boom })).toMatchObject({ output: ['Boom', false] })
  })

  it('comes after the retries', async () => {
    const definition = machine({
      A: taskState({
        Retry: [{ ErrorEquals: ['Boom'], MaxAttempts: 2 }],
        Catch: [{ ErrorEquals: ['Boom'], Next: 'B' }],
      }),
      B: { Type: 'Pass', Output: 'caught', End: true },
    })
    expect(await run(definition, { task: boom })).toMatchObject({ output: 'caught', took: 3000 })
  })

  it('writes an evaluation failure with its place', async () => {
    const definition = machine({
      A: taskState({
        Arguments: { n: '{% $states.input.n %}' },
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }],
      }),
      B: { Type: 'Succeed' },
    })
    const result = await run(definition)
    expect(types(result).slice(1, 4)).toEqual(['TaskStateEntered', 'EvaluationFailed', 'TaskStateExited'])
    expect(result.history[2]?.evaluationFailedEventDetails).toMatchObject({
      error: 'States.QueryEvaluationError',
      cause: expect.stringMatching(
        /^An error occurred while executing the state 'A' \(entered at the event id #2\)\. The/,
      ),
      location: 'Arguments/n',
      state: 'A',
    })
  })
})

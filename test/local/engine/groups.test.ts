import { describe, expect, it } from 'vitest'
import { virtualClock } from '../../../local/clock.ts'
import type { TaskFunction } from '../../../local/engine/index.ts'
import { errorNamed, machine, run, taskState, types } from './support.ts'

const branch = (states: Record<string, unknown>) => ({ StartAt: Object.keys(states)[0], States: states })
const wait = (Seconds: number | string) => ({ Type: 'Wait', Seconds, End: true })
const pass = (fields: Record<string, unknown> = {}) => ({ Type: 'Pass', End: true, ...fields })
const parallel = (Branches: unknown[], fields: Record<string, unknown> = {}) => ({
  Type: 'Parallel',
  Branches,
  ...fields,
  ...('Next' in fields ? {} : { End: true }),
})
const map = (states: Record<string, unknown>, fields: Record<string, unknown> = {}) => ({
  Type: 'Map',
  ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...branch(states) },
  ...fields,
  ...('Next' in fields ? {} : { End: true }),
})

describe('Parallel', () => {
  it.each<[string, Record<string, unknown>, unknown]>([
    [
      'gives each branch the input, and answers in their order',
      { A: parallel([branch({ B: pass({ Output: '{% $states.input.n + 1 %}' }) }), branch({ C: pass() })]) },
      [2, { n: 1 }],
    ],
    [
      'gives each branch the Arguments',
      { A: parallel([branch({ B: pass() })], { Arguments: { m: '{% $states.input.n %}' } }) },
      [{ m: 1 }],
    ],
    [
      'makes an output of the results',
      {
        A: parallel([branch({ B: pass() }), branch({ C: pass() })], {
          Output: '{% $sum($states.result.n) %}',
        }),
      },
      2,
    ],
    [
      'lets branches read the variables around them, and keeps what they assign to themselves',
      {
        A: pass({ End: undefined, Assign: { x: 'outer' }, Next: 'B' }),
        B: parallel(
          [
            branch({
              C: pass({ End: undefined, Assign: { x: 'inner', y: 1 }, Next: 'D' }),
              D: pass({ Output: '{% $x %}' }),
            }),
            branch({ E: pass({ Output: '{% $x %}' }) }),
          ],
          { Next: 'F' },
        ),
        F: pass({ Output: '{% [$states.input, $x, $exists($y)] %}' }),
      },
      ['inner', 'outer', 'outer', false],
    ],
  ])('%s', async (_why, states, output) => {
    const definition = JSON.parse(JSON.stringify(machine(states)))
    expect(await run(definition, { input: { n: 1 } })).toMatchObject({ status: 'SUCCEEDED', output })
  })

  it('runs its branches at the same time', async () => {
    const definition = machine({ A: parallel([branch({ B: wait(5) }), branch({ C: wait(8) })]) })
    expect(await run(definition)).toMatchObject({ took: 8000 })
  })

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['fails as its branch', {}, { status: 'FAILED', error: 'Boom' }],
    [
      'may be caught by the name',
      { Catch: [{ ErrorEquals: ['Boom'], Next: 'Z' }], Next: 'Z' },
      { output: { Error: 'Boom' } },
    ],
    [
      'may be caught as States.BranchFailed',
      { Catch: [{ ErrorEquals: ['States.BranchFailed'], Next: 'Z' }], Next: 'Z' },
      { output: { Error: 'Boom' } },
    ],
  ])('with a failing branch %s', async (_why, fields, outcome) => {
    const fail = { Type: 'Fail', Error: 'Boom', Cause: 'why' }
    const definition = machine({
      A: parallel([branch({ B: fail }), branch({ C: pass() })], fields),
      ...('Next' in fields ? { Z: pass() } : {}),
    })
    expect(await run(definition)).toMatchObject(outcome)
  })

  it('takes the siblings of a failing branch down, and leaves nothing running', async () => {
    const clock = virtualClock()
    const signals = new Map<string, AbortSignal>()
    const task: TaskFunction = async (_resource, _args, { state, signal }) => {
      signals.set(state, signal)
      await clock.sleep(state === 'Fails' ? 3000 : 60_000)
      throw errorNamed(state)
    }
    const definition = machine({
      A: parallel(
        [
          branch({ Fails: taskState() }),
          branch({ Works: taskState({ Retry: [{ ErrorEquals: ['States.ALL'] }] }) }),
          branch({ Waits: wait(60) }),
          branch({ Inner: parallel([branch({ Deep: taskState() })]) }),
        ],
        { Catch: [{ ErrorEquals: ['Fails'], Next: 'Z' }], Next: 'Z' },
      ),
      Z: pass(),
    })
    const result = await run(definition, { task, clock })
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: { Error: 'Fails' }, took: 3000 })
    expect([...signals].filter(([, { aborted }]) => aborted).map(([state]) => state)).toEqual([
      'Works',
      'Deep',
    ])
    const ending = types(result).slice(types(result).indexOf('TaskFailed'))
    expect(ending.slice(1, 5).sort()).toEqual([
      'ParallelStateAborted',
      'TaskStateAborted',
      'TaskStateAborted',
      'WaitStateAborted',
    ])
    expect(ending.slice(5)).toEqual([
      'ParallelStateFailed',
      'ParallelStateExited',
      'PassStateEntered',
      'PassStateExited',
      'ExecutionSucceeded',
    ])
  })

  it('lets every branch follow from its start in the history', async () => {
    const { history } = await run(machine({ A: parallel([branch({ B: pass() }), branch({ C: pass() })]) }))
    const follows = history.map(({ id, previousEventId, type }) => [id, previousEventId, type])
    const started = history.find(({ type }) => type === 'ParallelStateStarted')?.id
    expect(
      follows.filter(([, , type]) => type === 'PassStateEntered').map(([, previous]) => previous),
    ).toEqual([started, started])
    for (const [id, previous] of follows) expect(previous).toBeLessThan(Number(id))
  })
})

describe('Map', () => {
  it.each<[string, Record<string, unknown>, unknown, unknown]>([
    ['runs on the input by default', map({ B: pass({ Output: '{% $states.input * 2 %}' }) }), [1, 2], [2, 4]],
    ['runs on its Items', map({ B: pass() }, { Items: '{% $states.input.list %}' }), { list: ['a'] }, ['a']],
    ['runs on literal Items', map({ B: pass() }, { Items: [1, '{% $states.input.n %}'] }), { n: 2 }, [1, 2]],
    ['answers an empty array for no items', map({ B: pass() }), [], []],
    [
      'selects the input of an iteration',
      map(
        { B: pass() },
        {
          ItemSelector: {
            at: '{% $states.context.Map.Item.Index %}',
            of: '{% $states.context.Map.Item.Value %}',
          },
        },
      ),
      ['x', 'y'],
      [
        { at: 0, of: 'x' },
        { at: 1, of: 'y' },
      ],
    ],
    [
      'shows the item to the states inside',
      map({ B: pass({ Output: '{% $states.context.Map.Item.Value %}' }) }, { ItemSelector: {} }),
      ['x'],
      ['x'],
    ],
  ])('%s', async (_why, state, input, output) => {
    expect(await run(machine({ A: state }), { input })).toMatchObject({ status: 'SUCCEEDED', output })
  })

  it.each<[string, unknown, number]>([
    ['one at a time', 1, 6000],
    ['two at a time', '{% 2 %}', 4000],
    ['all at once', 0, 3000],
  ])('runs iterations %s', async (_why, MaxConcurrency, took) => {
    const definition = machine({ A: map({ B: wait('{% $states.input %}') }, { MaxConcurrency }) })
    expect(await run(definition, { input: [1, 2, 3] })).toMatchObject({ output: [1, 2, 3], took })
  })

  it('runs at most 40 iterations at once', async () => {
    const definition = machine({ A: map({ B: wait(1) }) })
    expect(await run(definition, { input: Array.from({ length: 41 }, () => 0) })).toMatchObject({
      took: 2000,
    })
  })

  it('fails for items that are no array', async () => {
    expect(await run(machine({ A: map({ B: pass() }) }), { input: { a: 1 } })).toMatchObject({
      status: 'FAILED',
      error: 'States.QueryEvaluationError',
      cause: `An error occurred while executing the state 'A' (entered at the event id #2). Map state input must be an array but was: {"a":1}`,
    })
    expect(await run(machine({ A: map({ B: pass() }, { Items: '{% 1 %}' }) }))).toMatchObject({
      cause: expect.stringContaining(
        "'Items' returned an unexpected result type. Expected 'array', but was 'number' for value: 1",
      ),
    })
  })

  it('ends with the first failing iteration, and starts no other', async () => {
    const seen: unknown[] = []
    const task: TaskFunction = (_resource, args) => {
      seen.push(args)
      if (args === 2) throw errorNamed('Boom')
      return args
    }
    const definition = machine({ A: map({ B: taskState() }, { MaxConcurrency: 1 }) })
    const result = await run(definition, { input: [1, 2, 3], task })
    expect(result).toMatchObject({ status: 'FAILED', error: 'Boom' })
    expect(seen).toEqual([1, 2])
    const iterations = result.history.filter(({ type }) => type.startsWith('MapIteration'))
    expect(iterations.map(({ type }) => type)).toEqual([
      'MapIterationStarted',
      'MapIterationSucceeded',
      'MapIterationStarted',
      'MapIterationFailed',
    ])
    expect(iterations.at(-1)?.mapIterationFailedEventDetails).toEqual({ name: 'A', index: 1 })
    expect(types(result).slice(-2)).toEqual(['MapStateFailed', 'ExecutionFailed'])
  })

  it('does not report an iteration of another Map inside it', async () => {
    const inner = map({ C: pass({ Output: '{% $states.context.Map.Item.Value & "!" %}' }) })
    const result = await run(machine({ A: map({ B: inner }) }), { input: [['a', 'b'], ['c']] })
    expect(result.output).toEqual([['a!', 'b!'], ['c!']])
  })
})

/** A history as pairs of what an event follows from and its type. */
const follows = ({ history }: Awaited<ReturnType<typeof run>>): [number, string][] =>
  history.map(({ previousEventId, type }) => [previousEventId, type])

describe('the history, as the service writes it', () => {
  it('of a Parallel that is retried says only at last that it failed', async () => {
    const fail = { Type: 'Fail', Error: 'Boom' }
    const Retry = [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }]
    expect(follows(await run(machine({ A: parallel([branch({ B: fail })], { Retry }) })))).toEqual([
      [0, 'ExecutionStarted'],
      [0, 'ParallelStateEntered'],
      [2, 'ParallelStateStarted'],
      [3, 'FailStateEntered'],
      [4, 'ParallelStateStarted'],
      [5, 'FailStateEntered'],
      [6, 'ParallelStateFailed'],
      [7, 'ExecutionFailed'],
    ])
  })

  it('of a Map lets the next iteration follow from the last state of one, and the end from the last one', async () => {
    const definition = machine({ A: map({ B: pass() }, { MaxConcurrency: 1 }) })
    expect(follows(await run(definition, { input: [1, 2] })).slice(3)).toEqual([
      [3, 'MapIterationStarted'],
      [4, 'PassStateEntered'],
      [5, 'PassStateExited'],
      [6, 'MapIterationSucceeded'],
      [6, 'MapIterationStarted'],
      [8, 'PassStateEntered'],
      [9, 'PassStateExited'],
      [10, 'MapIterationSucceeded'],
      [11, 'MapStateSucceeded'],
      [11, 'MapStateExited'],
      [13, 'ExecutionSucceeded'],
    ])
    expect(follows(await run(definition, { input: [] })).slice(2)).toEqual([
      [2, 'MapStateStarted'],
      [3, 'MapStateSucceeded'],
      [3, 'MapStateExited'],
      [5, 'ExecutionSucceeded'],
    ])
  })

  it('of a Parallel lets its exit follow from the last of its states', async () => {
    const definition = machine({ A: parallel([branch({ B: pass() })]) })
    expect(follows(await run(definition)).slice(4)).toEqual([
      [4, 'PassStateExited'],
      [5, 'ParallelStateSucceeded'],
      [5, 'ParallelStateExited'],
      [7, 'ExecutionSucceeded'],
    ])
  })

  it('of an expression that fails follows from what the state followed from, but in a Wait', async () => {
    const failing = { Output: '{% $nothing %}' }
    const afterPass = machine({ A: { Type: 'Pass', Next: 'B' }, B: pass(failing) })
    expect(follows(await run(afterPass)).slice(3)).toEqual([
      [3, 'PassStateEntered'],
      [3, 'EvaluationFailed'],
      [5, 'ExecutionFailed'],
    ])
    const inWait = machine({ A: { Type: 'Wait', Timestamp: '{% "soon" %}', End: true } })
    expect(follows(await run(inWait)).slice(2)).toEqual([
      [2, 'EvaluationFailed'],
      [3, 'ExecutionFailed'],
    ])
    const afterTask = machine({ A: taskState(failing) })
    expect(follows(await run(afterTask, { task: () => ({}) })).slice(4)).toEqual([
      [4, 'TaskSucceeded'],
      [5, 'EvaluationFailed'],
      [6, 'ExecutionFailed'],
    ])
  })

  it('of iterations at the same time keeps each to itself', async () => {
    const result = await run(machine({ A: map({ B: pass() }) }), { input: [1, 2] })
    const started = result.history.flatMap(({ id, type }) => (type === 'MapIterationStarted' ? [id] : []))
    expect(follows(result).filter(([, type]) => type === 'PassStateEntered')).toEqual(
      started.map((id) => [id, 'PassStateEntered']),
    )
  })

  it('of a failing group lets the ends of the siblings follow from the failure', async () => {
    const definition = machine({ A: parallel([branch({ B: taskState() }), branch({ C: wait(9) })]) })
    const result = await run(definition, { task: () => Promise.reject(errorNamed('Boom')) })
    const failure = result.history.find(({ type }) => type === 'TaskFailed')?.id
    expect(follows(result).slice(-3)).toEqual([
      [failure, 'WaitStateAborted'],
      [failure, 'ParallelStateFailed'],
      [result.history.length - 1, 'ExecutionFailed'],
    ])
  })

  it('of a Map whose items cannot be had says both', async () => {
    expect(types(await run(machine({ A: map({ B: pass() }, { Items: '{% 1 %}' }) }))).slice(1)).toEqual([
      'MapStateEntered',
      'EvaluationFailed',
      'MapStateFailed',
      'ExecutionFailed',
    ])
  })
})

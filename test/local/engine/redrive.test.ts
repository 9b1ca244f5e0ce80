import { describe, expect, it } from 'vitest'
import { type RunOptions, type RunResult, TaskFailure } from '../../../local/engine/index.ts'
import { machine, run, taskState, types } from './support.ts'

const call = (name: string, fields: Record<string, unknown> = {}) =>
  taskState({ Arguments: { FunctionName: name }, ...fields })

/** A machine inside of a state. */
const inner = (states: Record<string, unknown>) => ({ StartAt: Object.keys(states)[0], States: states })

/** A task function whose functions of the given names fail until they are mended. */
const functions = (...broken: string[]) => {
  const down = new Set(broken)
  const calls: string[] = []
  const task: RunOptions['task'] = (_, args) => {
    const { FunctionName: name } = args as { FunctionName: string }
    calls.push(name)
    if (down.has(name)) throw new TaskFailure('Down', name)
    return { Payload: name }
  }
  return { task, calls, mend: () => down.clear() }
}

/** Runs until the execution fails, mends the functions, and redrives it. */
const redriven = async (
  definition: unknown,
  { task, calls, mend }: ReturnType<typeof functions>,
  rest = {},
) => {
  const first = await run(definition, { task, ...rest })
  mend()
  const before = calls.length
  const second = await run(definition, { task, redrive: redriveOf(first), ...rest })
  return { first, second, again: calls.slice(before) }
}

const redriveOf = ({ stopped, history }: RunResult, count = 1) => {
  if (!stopped) throw new Error('nothing to redrive')
  return { stopped, history, count, startedAt: 0 }
}

const appended = ({ first, second }: { first: RunResult; second: RunResult }) => {
  expect(second.history.slice(0, first.history.length)).toEqual(first.history)
  return types(second).slice(first.history.length)
}

const lambdaRun = ['TaskScheduled', 'TaskStarted', 'TaskSucceeded']

// https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
describe('a redrive', () => {
  it('goes on from the step that failed, with its input and the variables of before', async () => {
    const definition = machine({
      One: call('one', { Assign: { seen: '{% $states.result.Payload %}' }, Output: { n: 1 }, Next: 'Two' }),
      Two: call('two', { Output: '{% {"n": $states.input.n, "seen": $seen} %}' }),
    })
    const found = await redriven(definition, functions('two'))
    expect(found.first.status).toBe('FAILED')
    expect(found.second).toMatchObject({ status: 'SUCCEEDED', output: { n: 1, seen: 'one' } })
    expect(found.second.stopped).toBeUndefined()
    expect(found.again).toEqual(['two'])
    expect(appended(found)).toEqual([
      'ExecutionRedriven',
      ...lambdaRun,
      'TaskStateExited',
      'ExecutionSucceeded',
    ])
    const at = found.first.history.length
    expect(found.second.history[at]).toMatchObject({
      id: at + 1,
      previousEventId: at,
      executionRedrivenEventDetails: { redriveCount: 1 },
    })
    expect(found.second.history[at + 1]?.previousEventId).toBe(at + 1)
  })

  it('shows the redrive in the context object', async () => {
    const definition = machine({
      One: call('one', {
        Output:
          '{% $states.context.Execution.(RedriveCount & " " & StartTime & " " & $exists(RedriveTime)) %}',
      }),
    })
    const { second } = await redriven(definition, functions('one'))
    expect(second.output).toBe('1 1970-01-01T00:00:00.000Z true')
  })

  it('allows all the retries anew, and all the time that the execution may take', async () => {
    const broken = functions('one')
    const definition = machine(
      { One: call('one', { Retry: [{ ErrorEquals: ['Down'], MaxAttempts: 2, IntervalSeconds: 40 }] }) },
      { TimeoutSeconds: 130 },
    )
    const first = await run(definition, broken)
    const second = await run(definition, { ...broken, redrive: redriveOf(first) })
    expect([first.status, second.status]).toEqual(['FAILED', 'FAILED'])
    expect(broken.calls).toHaveLength(6)
    broken.mend()
    const third = await run(definition, { ...broken, redrive: redriveOf(second, 2) })
    expect(third.status).toBe('SUCCEEDED')
    expect(third.history.filter(({ type }) => type === 'ExecutionRedriven')).toHaveLength(2)
  })

  it('runs only the branches of a Parallel that did not succeed', async () => {
    const branch = (first: string, second: string) =>
      inner({
        [first]: call(first, { Next: second, Assign: { mine: first } }),
        [second]: call(second, { Output: '{% $mine %}' }),
      })
    const definition = machine({
      Both: { Type: 'Parallel', Branches: [branch('a', 'b'), branch('c', 'd')], End: true },
    })
    const found = await redriven(definition, functions('d'))
    expect(found.again.toSorted()).toEqual(['d'])
    expect(found.second.output).toEqual(['a', 'c'])
    expect(appended(found)).toEqual([
      'ExecutionRedriven',
      ...lambdaRun,
      'TaskStateExited',
      'ParallelStateSucceeded',
      'ParallelStateExited',
      'ExecutionSucceeded',
    ])
  })

  it('runs only the iterations of a Map that did not succeed, and those that never began', async () => {
    const definition = machine({
      Each: {
        Type: 'Map',
        Items: ['a', 'b', 'c'],
        MaxConcurrency: 1,
        ItemProcessor: inner({
          Do: taskState({
            Arguments: { FunctionName: '{% $states.input %}' },
            Output: '{% $states.input %}',
          }),
        }),
        End: true,
      },
    })
    const found = await redriven(definition, functions('b'))
    expect(found.again).toEqual(['b', 'c'])
    expect(found.second.output).toEqual(['a', 'b', 'c'])
    expect(appended(found).filter((type) => type.startsWith('MapIteration'))).toEqual([
      'MapIterationSucceeded',
      'MapIterationStarted',
      'MapIterationSucceeded',
    ])
  })

  it('runs a whole group again whose result was too large', async () => {
    const big = 'x'.repeat(200_000)
    const definition = machine({
      Both: { Type: 'Parallel', Branches: [inner({ A: call('a') }), inner({ B: call('b') })], End: true },
    })
    const calls: string[] = []
    let size = big
    const task: RunOptions['task'] = (_, args) => {
      calls.push((args as { FunctionName: string }).FunctionName)
      return size
    }
    const first = await run(definition, { task })
    expect(first).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' })
    size = 'small'
    const second = await run(definition, { task, redrive: redriveOf(first) })
    expect(second.output).toEqual(['small', 'small'])
    expect(calls.toSorted()).toEqual(['a', 'a', 'b', 'b'])
  })

  it('takes up an execution that was stopped in a Wait, and leaves it at once where its time has passed', async () => {
    const definition = machine({ Pause: { Type: 'Wait', Timestamp: '{% $states.input.until %}', End: true } })
    const stop = new AbortController()
    const input = { until: '2000-01-01T00:00:00Z' }
    stop.abort()
    const first = await run(definition, { input, signal: stop.signal })
    expect(first.status).toBe('ABORTED')
    const second = await run(definition, { input, redrive: redriveOf(first) })
    expect(second).toMatchObject({ status: 'SUCCEEDED', took: 0 })
  })

  it('fails again in a Fail state', async () => {
    const definition = machine({ No: { Type: 'Fail', Error: 'No' } })
    const found = await redriven(definition, functions())
    expect(found.second).toMatchObject({ status: 'FAILED', error: 'No' })
    expect(appended(found)).toEqual(['ExecutionRedriven', 'ExecutionFailed'])
  })

  it('runs the children of a Map Run that did not succeed, each in its own execution', async () => {
    const definition = machine({
      Each: {
        Type: 'Map',
        Items: ['a', 'b', 'c', 'd'],
        Label: 'each',
        MaxConcurrency: 1,
        ItemProcessor: {
          ...inner({
            Do: taskState({
              Arguments: { FunctionName: '{% $states.input %}' },
              Output: '{% $states.input %}',
            }),
          }),
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        },
        End: true,
      },
    })
    const runs: {
      status: string
      redriveCount: number
      children: { status: string; redriveCount: number }[]
    }[] = []
    const found = await redriven(definition, functions('b'), {
      onMapRun: (mapRun: (typeof runs)[number]) => runs.push(mapRun),
    })
    expect(found.again).toEqual(['b', 'c', 'd'])
    expect(found.second.output).toEqual(['a', 'b', 'c', 'd'])
    expect(appended(found)).toEqual([
      'ExecutionRedriven',
      'MapRunRedriven',
      'MapRunSucceeded',
      'MapStateSucceeded',
      'MapStateExited',
      'ExecutionSucceeded',
    ])
    expect(runs).toHaveLength(1)
    expect(runs[0]).toMatchObject({
      status: 'SUCCEEDED',
      redriveCount: 1,
      children: [0, 1, 0, 0].map((redriveCount) => ({ status: 'SUCCEEDED', redriveCount })),
    })
  })
})

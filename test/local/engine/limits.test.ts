import { describe, expect, it } from 'vitest'
import { virtualClock } from '../../../local/clock.ts'
import {
  type RunOptions,
  type TaskCall,
  TaskFailure,
  type TaskFunction,
} from '../../../local/engine/index.ts'
import { errorNamed, machine, run, taskState, types } from './support.ts'

/** A task that never answers, and remembers the signals it was given. */
const hanging = () => {
  const signals: AbortSignal[] = []
  const task: TaskFunction = (_resource, _args, { signal }) => {
    signals.push(signal)
    return new Promise(() => {})
  }
  return { task, signals }
}

const wait = (Seconds: number, fields: Record<string, unknown> = { End: true }) => ({
  Type: 'Wait',
  Seconds,
  ...fields,
})

describe('a task beyond TimeoutSeconds', () => {
  it('fails with States.Timeout, and its signal is aborted', async () => {
    const { task, signals } = hanging()
    const result = await run(machine({ A: taskState({ TimeoutSeconds: 30 }) }), { task })
    expect(result).toMatchObject({ status: 'FAILED', error: 'States.Timeout', took: 30_000 })
    expect(result.cause).toBeUndefined()
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    expect(types(result).slice(-2)).toEqual(['TaskTimedOut', 'ExecutionFailed'])
  })

  it('may be retried and caught', async () => {
    const { task, signals } = hanging()
    const definition = machine({
      A: taskState({
        TimeoutSeconds: '{% 10 %}',
        Retry: [{ ErrorEquals: ['States.Timeout'], MaxAttempts: 1 }],
        Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'B' }],
      }),
      B: { Type: 'Succeed' },
    })
    expect(await run(definition, { task })).toMatchObject({
      output: { Error: 'States.Timeout', Cause: '' },
      took: 21_000,
    })
    expect(signals).toHaveLength(2)
  })

  it('is ignored when it answers late', async () => {
    const clock = virtualClock()
    const definition = machine({
      A: taskState({ TimeoutSeconds: 1, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }] }),
      B: wait(10),
    })
    const task = async () => {
      await clock.sleep(5000)
      throw errorNamed('TooLate')
    }
    expect(await run(definition, { task, clock })).toMatchObject({ status: 'SUCCEEDED', took: 11_000 })
  })

  it('is not aborted when it answers in time', async () => {
    const clock = virtualClock()
    let call: TaskCall | undefined
    const task: TaskFunction = async (_resource, _args, given) => {
      call = given
      await clock.sleep(29_000)
    }
    const result = await run(machine({ A: taskState({ TimeoutSeconds: 30 }) }), { task, clock })
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: null, took: 29_000 })
    expect(call?.signal.aborted).toBe(false)
  })

  it('is measured right by a clock that jumps as soon as it is asked to sleep', async () => {
    let now = 0
    const clock = {
      now: () => now,
      sleep: async (ms: number) => {
        now += ms
      },
    }
    const definition = machine(
      { A: taskState({ TimeoutSeconds: 5, Next: 'B' }), B: wait(60) },
      { TimeoutSeconds: 100 },
    )
    expect(await run(definition, { clock, task: async () => 1 })).toMatchObject({ status: 'SUCCEEDED' })
    expect(now).toBe(60_000)
  })
})

describe('a task without a heartbeat', () => {
  it.each(['States.HeartbeatTimeout', 'States.Timeout'])('is caught as %s', async (name) => {
    const definition = machine({
      A: taskState({ HeartbeatSeconds: 5, TimeoutSeconds: 60, Catch: [{ ErrorEquals: [name], Next: 'B' }] }),
      B: { Type: 'Succeed' },
    })
    expect(await run(definition, { task: hanging().task })).toMatchObject({ status: 'SUCCEEDED', took: 5000 })
  })
})

describe('an execution beyond its TimeoutSeconds', () => {
  it.each<[string, Record<string, unknown>]>([
    ['in a task', { A: taskState({ TimeoutSeconds: 99 }) }],
    ['in a task without a limit of its own', { A: taskState() }],
    ['in a wait', { A: wait(99) }],
    [
      'before a retry',
      { A: taskState({ Resource: 'fails', Retry: [{ ErrorEquals: ['Boom'], IntervalSeconds: 50 }] }) },
    ],
    ['in a loop', { A: wait(3, { Next: 'B' }), B: { Type: 'Pass', Next: 'A' } }],
    [
      'in a branch',
      { A: { Type: 'Parallel', End: true, Branches: [{ StartAt: 'B', States: { B: wait(99) } }] } },
    ],
  ])('%s ends as TIMED_OUT, and nothing catches it', async (_why, states) => {
    const { task, signals } = hanging()
    const result = await run(machine(states, { TimeoutSeconds: 20 }), {
      task: (resource, args, call) => {
        if (resource === 'fails') throw errorNamed('Boom')
        return task(resource, args, call)
      },
    })
    expect(result).toMatchObject({
      status: 'TIMED_OUT',
      error: 'States.Timeout',
      took: expect.closeTo(20_000, -4),
    })
    expect(result.history.at(-1)).toMatchObject({ type: 'ExecutionTimedOut', previousEventId: 0 })
    expect(signals.every(({ aborted }) => aborted)).toBe(true)
  })
})

describe('an execution that is aborted', () => {
  /** Aborts when the virtual clock has come to the second. */
  const abortedAt = async (
    seconds: number,
    definition: unknown,
    options: Partial<RunOptions> = {},
    reason?: unknown,
  ) => {
    const clock = virtualClock()
    const controller = new AbortController()
    clock.after(seconds * 1000, () => controller.abort(reason))
    return run(definition, { clock, signal: controller.signal, ...options })
  }

  it.each<[string, Record<string, unknown>]>([
    [
      'in a task',
      { A: taskState({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }] }), B: { Type: 'Succeed' } },
    ],
    ['in a wait', { A: wait(99) }],
    [
      'before a retry',
      { A: taskState({ Resource: 'fails', Retry: [{ ErrorEquals: ['Boom'], IntervalSeconds: 50 }] }) },
    ],
    [
      'in a Map',
      {
        A: {
          Type: 'Map',
          End: true,
          Items: [1, 2],
          ItemProcessor: { StartAt: 'B', States: { B: taskState() } },
        },
      },
    ],
  ])('%s ends at once', async (_why, states) => {
    const { task, signals } = hanging()
    let calls = 0
    const result = await abortedAt(5, machine(states), {
      task: (resource, args, call) => {
        calls++
        if (resource === 'fails') throw errorNamed('Boom')
        return task(resource, args, call)
      },
    })
    expect(result).toMatchObject({ status: 'ABORTED', took: 5000 })
    expect(result.error).toBeUndefined()
    expect(result.history.at(-1)).toMatchObject({ type: 'ExecutionAborted', previousEventId: 0 })
    expect(signals.every(({ aborted }) => aborted)).toBe(true)
    expect(calls).toBeLessThanOrEqual(2)
    expect(types(result).filter((type) => type.endsWith('StateAborted'))).toEqual([])
  })

  it('reports the error and cause it was aborted with', async () => {
    const result = await abortedAt(1, machine({ A: wait(9) }), {}, new TaskFailure('Stopped', 'by hand'))
    expect(result).toMatchObject({ status: 'ABORTED', error: 'Stopped', cause: 'by hand' })
  })

  it('before its start runs nothing', async () => {
    const result = await run(machine({ A: taskState() }), { signal: AbortSignal.abort() })
    expect(types(result)).toEqual(['ExecutionStarted', 'ExecutionAborted'])
  })

  it('in a loop without pauses is stopped too', async () => {
    const controller = new AbortController()
    setImmediate(() => controller.abort())
    const states = { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'A' } }
    expect(await run(machine(states), { signal: controller.signal })).toMatchObject({ status: 'ABORTED' })
  })
})

it('an execution of 25,000 events is ended by the service', async () => {
  const states = { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'A' } }
  const result = await run(machine(states))
  expect(result).toMatchObject({ status: 'FAILED', error: 'States.Runtime' })
  expect(result.history).toHaveLength(25_000)
})

describe('an input that StartExecution would not take', () => {
  const deep = () => {
    let value: unknown = 0
    for (let depth = 0; depth < 100_000; depth++) value = [value]
    return value
  }
  it.each<[string, () => unknown]>([
    ['beyond 262,144 bytes', () => 'ü'.repeat(140_000)],
    ['deeper than can be written', deep],
    ['no JSON', () => 1n],
  ])('is refused before anything runs: %s', async (_why, input) => {
    await expect(run(machine({ A: { Type: 'Succeed' } }), { input: input() })).rejects.toMatchObject({
      name: 'InvalidInput',
    })
  })
})

describe('what a state gives has 262,144 bytes at most, as JSON text in UTF-8', () => {
  // Two of them are the quotes.
  it.each([
    ['as many as may be', 'a', 262_142, 'SUCCEEDED'],
    ['one more', 'a', 262_143, 'FAILED'],
    ['as many as may be, three to a letter', '€', 87_380, 'SUCCEEDED'],
    ['one letter more, three to each', '€', 87_381, 'FAILED'],
  ])('%s', async (_why, letter, times, status) => {
    const result = await run(machine({ A: taskState() }), { task: async () => letter.repeat(times) })
    expect(result).toMatchObject(
      status === 'FAILED' ? { status, error: 'States.DataLimitExceeded' } : { status },
    )
  })
})

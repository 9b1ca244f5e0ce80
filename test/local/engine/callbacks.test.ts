import { describe, expect, it } from 'vitest'
import { virtualClock } from '../../../local/clock.ts'
import { type Callbacks, createCallbacks, type TaskFunction } from '../../../local/engine/index.ts'
import { errorNamed, machine, run, taskState, types } from './support.ts'

const approval = (fields: Record<string, unknown> = {}) =>
  machine({
    A: taskState({
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Arguments: { Payload: { token: '{% $states.context.Task.Token %}' } },
      ...fields,
    }),
  })

/** Runs the definition; `answer` is given the token a virtual second after the task was called. */
const asked = async (definition: unknown, answer: (callbacks: Callbacks, token: string) => void) => {
  const clock = virtualClock()
  const callbacks = createCallbacks()
  const tokens: string[] = []
  const task: TaskFunction = (_resource, args) => {
    const { token } = (args as { Payload: { token: string } }).Payload
    tokens.push(token)
    clock.after(1000, () => answer(callbacks, token))
    return 'submitted'
  }
  return { ...(await run(definition, { clock, callbacks, task })), callbacks, tokens }
}

describe('a task that waits for its token', () => {
  it('answers what SendTaskSuccess says, not what the call answered', async () => {
    const result = await asked(approval({ TimeoutSeconds: 60 }), ({ succeed }, token) =>
      succeed(token, { ok: true }),
    )
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: { ok: true }, took: 1000 })
    expect(types(result).slice(2, -2)).toEqual([
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskSucceeded',
    ])
    expect(result.history[2]?.taskScheduledEventDetails).toMatchObject({
      resource: 'invoke.waitForTaskToken',
    })
  })

  it('fails as SendTaskFailure says', async () => {
    const result = await asked(approval(), ({ fail }, token) => fail(token, 'Declined', 'not today'))
    expect(result).toMatchObject({ status: 'FAILED', error: 'Declined', cause: 'not today' })
  })

  it('may be failed without an error or a cause, which a catcher sees as null', async () => {
    const catching = approval({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }] })
    const definition = { ...catching, States: { ...catching.States, B: { Type: 'Succeed' } } }
    const caught = await asked(definition, ({ fail }, token) => fail(token))
    expect(caught).toMatchObject({ status: 'SUCCEEDED', output: { Error: null, Cause: null } })
    const failed = await asked(approval(), ({ fail }, token) => fail(token))
    expect(failed.history.at(-1)).toMatchObject({ type: 'ExecutionFailed', executionFailedEventDetails: {} })
    expect([failed.error, failed.cause]).toEqual([undefined, undefined])
  })

  it('fails when the call fails', async () => {
    const result = await run(approval(), { task: () => Promise.reject(errorNamed('Boom')) })
    expect(result).toMatchObject({ status: 'FAILED', error: 'Boom' })
  })

  it('fails when the call answers more than can be passed on', async () => {
    const result = await run(approval(), { task: () => 'x'.repeat(262_145) })
    expect(result).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' })
  })

  it('lives on heartbeats, and ends without', async () => {
    const beating = ({ heartbeat }: Callbacks, token: string) => heartbeat(token)
    const result = await asked(approval({ HeartbeatSeconds: 5, TimeoutSeconds: 60 }), beating)
    expect(result).toMatchObject({ status: 'FAILED', error: 'States.Timeout', took: 6000 })
  })

  it('has another token for each attempt', async () => {
    const result = await asked(
      approval({ Retry: [{ ErrorEquals: ['Declined'], MaxAttempts: 1 }] }),
      ({ fail }, token) => fail(token, 'Declined'),
    )
    expect(result.error).toBe('Declined')
    expect(new Set(result.tokens).size).toBe(2)
  })

  it.each<[string, string, (token: string) => string]>([
    ['TaskTimedOut', 'is answered', (token) => token],
    ['TaskDoesNotExist', 'was never issued', (token) => `${token}A`],
    ['InvalidToken', 'is none', () => 'no token'],
  ])('is refused with %s when the token %s', async (name, _why, change) => {
    const { callbacks, tokens } = await asked(approval(), ({ succeed }, token) => succeed(token, 1))
    const token = change(tokens[0] ?? '')
    for (const call of [
      () => callbacks.succeed(token, 1),
      () => callbacks.fail(token),
      () => callbacks.heartbeat(token),
    ]) {
      expect(call).toThrow(expect.objectContaining({ name }))
    }
  })

  it('does not notice a submission that ends after the answer', async () => {
    const clock = virtualClock()
    const callbacks = createCallbacks()
    const definition = machine({
      A: taskState({
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        Arguments: '{% $states.context.Task.Token %}',
        Next: 'B',
      }),
      B: { Type: 'Wait', Seconds: 60, End: true },
    })
    const task: TaskFunction = async (_resource, token) => {
      callbacks.succeed(String(token), 'early')
      await clock.sleep(30_000)
    }
    const result = await run(definition, { clock, callbacks, task })
    expect(result).toMatchObject({ output: 'early', took: 60_000 })
    expect(types(result)).not.toContain('TaskSubmitted')
  })

  it('takes the first of two answers', async () => {
    const result = await asked(approval(), ({ succeed, fail }, token) => {
      succeed(token, 'first')
      expect(() => fail(token, 'second')).toThrow(expect.objectContaining({ name: 'TaskTimedOut' }))
    })
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: 'first' })
  })

  it('is closed when it timed out', async () => {
    const { callbacks, tokens } = await asked(approval({ TimeoutSeconds: 1 }), () => {})
    expect(() => callbacks.succeed(tokens[0] ?? '', 1)).toThrow(
      expect.objectContaining({ name: 'TaskTimedOut' }),
    )
  })
})

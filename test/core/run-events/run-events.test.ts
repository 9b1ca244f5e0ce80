import { describe, expect, it } from 'vitest'
import type { Finding } from '../../../core/findings.ts'
import type { RunEvent } from '../../../core/run-events/event.ts'
import { createTranslator, translateHistory } from '../../../core/run-events/translation.ts'
import { virtualClock } from '../../../local/clock.ts'
import {
  createCallbacks,
  type RunOptions,
  TaskFailure,
  type TaskFunction,
} from '../../../local/engine/index.ts'
import { errorNamed, machine, run, taskState } from '../../local/engine/support.ts'

/** The run events of an execution, told with or without the definition at hand. */
const eventsOf = async (
  definition: Record<string, unknown>,
  task: TaskFunction,
  { known = true, ...options }: Partial<RunOptions> & { known?: boolean } = {},
): Promise<RunEvent[]> => {
  const { history } = await run(definition, { task, ...options })
  return translateHistory(history, { run: 'run-1', ...(known ? { definition } : {}) })
}

/** An event in short: its type, its step with the visit where it is not the first, and what else matters. */
const short = (event: RunEvent): string => {
  const step = 'step' in event ? ` ${event.step}${event.visit > 1 ? `#${event.visit}` : ''}` : ''
  switch (event.type) {
    case 'step.retrying':
      return `retrying${step}: ${event.error}, ${event.attempt}/${event.of ?? '?'} in ${event.seconds} s`
    case 'step.failed':
      return `failed${step}: ${event.error}${event.caught ? ', caught' : ''}`
    case 'step.succeeded':
      return `succeeded${step} in ${event.duration} s`
    case 'step.waiting':
      return `waiting${step} for ${event.for}`
    case 'rollout.progress':
      return `${event.state}${step}: ${event.message}`
    case 'finding':
      return `finding${step}: ${event.finding.code}`
    case 'run.failed':
      return `run failed: ${event.error}`
    default:
      return `${event.type.replace('.', ' ').replace('step ', '')}${step}`
  }
}

const finding = (code: string): Finding => ({ code, severity: 'blocking', subject: 'role r', found: 'x' })
const lambda = (answer: unknown) => ({ StatusCode: 200, Payload: answer })
const retry = (fields: Record<string, unknown> = {}) => [{ ErrorEquals: ['Transient'], ...fields }]
const failingOnce = (): TaskFunction => {
  let calls = 0
  return () => {
    if (calls++ === 0) throw errorNamed('Transient', 'throttled')
    return lambda({ summary: 'fine now' })
  }
}
const group = (names: string[], fields: Record<string, unknown> = {}) => ({
  Type: 'Parallel',
  Branches: names.map((name) => ({ StartAt: name, States: { [name]: taskState(fields) } })),
  End: true,
})

describe('a run is reported', () => {
  it.each<[string, Record<string, unknown>, TaskFunction, string[]]>([
    [
      'by its steps; a Choice or Pass is none',
      {
        A: taskState({ Next: 'B' }),
        B: { Type: 'Choice', Choices: [{ Condition: true, Next: 'C' }] },
        C: { Type: 'Pass', Next: 'D' },
        D: taskState(),
      },
      () => 1,
      ['started A', 'succeeded A in 0 s', 'started D', 'succeeded D in 0 s', 'run succeeded'],
    ],
    [
      'with its retries, as attempts at one visit',
      { A: taskState({ Retry: retry() }) },
      failingOnce(),
      ['started A', 'retrying A: Transient, 1/3 in 1 s', 'succeeded A in 1 s', 'run succeeded'],
    ],
    [
      'with the visits of a loop',
      {
        A: taskState({ Assign: { n: '{% $states.result %}' }, Next: 'B' }),
        B: {
          Type: 'Choice',
          Choices: [{ Condition: '{% $n < 2 %}', Next: 'W' }],
          Default: 'Z',
        },
        W: { Type: 'Wait', Seconds: 15, Next: 'A' },
        Z: { Type: 'Succeed' },
      },
      (() => {
        let n = 0
        return () => ++n
      })(),
      [
        'started A',
        'succeeded A in 0 s',
        'waiting W for time',
        'started A#2',
        'succeeded A#2 in 0 s',
        'run succeeded',
      ],
    ],
    [
      'with what was caught',
      { A: taskState({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }] }), B: { Type: 'Succeed' } },
      () => {
        throw errorNamed('Refused')
      },
      ['started A', 'failed A: Refused, caught', 'run succeeded'],
    ],
    [
      'with what was not caught',
      { A: taskState() },
      () => {
        throw errorNamed('Refused')
      },
      ['started A', 'failed A: Refused', 'run failed: Refused'],
    ],
    [
      'with a group around its steps, and the siblings that a failure takes down',
      { G: group(['A', 'B']) },
      (_resource, _args, { state }) => {
        if (state === 'A') throw errorNamed('Refused')
        return new Promise(() => {})
      },
      [
        'started G',
        'started A',
        'started B',
        'failed B: Stopped',
        'failed A: Refused',
        'failed G: Refused',
        'run failed: Refused',
      ],
    ],
    [
      'with the retry of a group',
      { G: { ...group(['A']), Retry: retry({ MaxAttempts: 1 }) } },
      failingOnce(),
      [
        'started G',
        'started A',
        'failed A: Transient',
        'retrying G: Transient, 1/1 in 1 s',
        'started A#2',
        'succeeded A#2 in 0 s',
        'succeeded G in 1 s',
        'run succeeded',
      ],
    ],
    [
      'with a group that ends in another group',
      {
        G: {
          Type: 'Parallel',
          Branches: [{ StartAt: 'H', States: { H: group(['A']) } }],
          End: true,
        },
      },
      () => 1,
      [
        'started G',
        'started H',
        'started A',
        'succeeded A in 0 s',
        'succeeded H in 0 s',
        'succeeded G in 0 s',
        'run succeeded',
      ],
    ],
    [
      'with each finding once',
      { A: taskState({ Next: 'B' }), B: taskState() },
      (_resource, _args, { state }) =>
        lambda({
          findings: [finding('known'), ...(state === 'B' ? [finding('new'), { code: 'no finding' }] : [])],
        }),
      [
        'started A',
        'finding A: known',
        'succeeded A in 0 s',
        'started B',
        'finding B: new',
        'succeeded B in 0 s',
        'run succeeded',
      ],
    ],
    [
      'with the progress of a rollout, from a list and where it stands',
      { A: taskState() },
      () =>
        lambda({
          state: 'complete',
          message: 'rolled out',
          progress: [{ at: '2026-01-01T00:00:00.000Z', message: '1 of 2', counts: { updated: 1 } }],
        }),
      ['started A', 'progressing A: 1 of 2', 'complete A: rolled out', 'succeeded A in 0 s', 'run succeeded'],
    ],
    [
      'with the progress of a rollout whose list says where it stands',
      { A: taskState() },
      () => lambda({ state: 'progressing', message: '1 of 2', progress: [{ message: '1 of 2' }] }),
      ['started A', 'progressing A: 1 of 2', 'succeeded A in 0 s', 'run succeeded'],
    ],
    [
      'with nothing new of a rollout that a report only sums up',
      { A: taskState() },
      () => ({ rollout: { state: 'failed', message: 'deadline exceeded' } }),
      ['started A', 'succeeded A in 0 s', 'run succeeded'],
    ],
    [
      'without repeating what an earlier visit has reported of the rollout',
      { A: taskState({ Next: 'B' }), B: taskState() },
      () => lambda({ state: 'progressing', message: '1 of 2', progress: [] }),
      [
        'started A',
        'progressing A: 1 of 2',
        'succeeded A in 0 s',
        'started B',
        'succeeded B in 0 s',
        'run succeeded',
      ],
    ],
  ])('%s', async (_why, states, task, events) => {
    expect((await eventsOf(machine(states), task)).map(short)).toEqual(['run started', ...events])
  })

  it('with a sibling that was about to be retried', async () => {
    const clock = virtualClock()
    const definition = machine({ G: group(['A', 'B'], { Retry: retry({ IntervalSeconds: 60 }) }) })
    const task: TaskFunction = async (_resource, _args, { state }) => {
      if (state === 'B') throw errorNamed('Transient')
      await clock.sleep(5000)
      throw errorNamed('Refused')
    }
    expect((await eventsOf(definition, task, { clock })).map(short).slice(4)).toEqual([
      'retrying B: Transient, 1/3 in 60 s',
      'failed B: Stopped',
      'failed A: Refused',
      'failed G: Refused',
      'run failed: Refused',
    ])
  })

  it('with retries as they begin where the definition is unknown', async () => {
    const events = await eventsOf(
      machine({ A: taskState({ Retry: retry({ IntervalSeconds: 7 }) }) }),
      failingOnce(),
      {
        known: false,
      },
    )
    expect(events.map(short)).toContain('retrying A: Transient, 1/? in 7 s')
    expect(events.find(({ type }) => type === 'step.retrying')).toMatchObject({ message: 'throttled' })
  })

  it('with the wait for an answer', async () => {
    const callbacks = createCallbacks()
    const clock = virtualClock()
    const definition = machine({
      A: taskState({
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        Arguments: '{% $states.context.Task.Token %}',
      }),
    })
    const task: TaskFunction = (_resource, token) =>
      void clock.after(9000, () => callbacks.succeed(String(token), {}))
    const events = await eventsOf(definition, task, { callbacks, clock })
    expect(events.map(short)).toEqual([
      'run started',
      'started A',
      'waiting A for answer',
      'succeeded A in 9 s',
      'run succeeded',
    ])
  })

  it('without a report where no state of that name was left', async () => {
    const events = await eventsOf(machine({ A: taskState() }), () => lambda({ outcome: 'enabled' }))
    expect(events.at(-1)).toEqual({
      type: 'run.succeeded',
      at: '2026-01-01T00:00:00.000Z',
      run: 'run-1',
      duration: 0,
      findings: [],
    })
  })

  it('with the report, the findings and the message at its end', async () => {
    const definition = machine({
      A: taskState({
        Catch: [{ ErrorEquals: ['States.ALL'], Assign: { f: '{% $states.errorOutput %}' }, Next: 'Report' }],
        Next: 'Report',
      }),
      Report: taskState({ Output: '{% $states.result.Payload %}', Next: 'Failed' }),
      Failed: { Type: 'Fail', Error: 'PreflightFailed', Cause: 'mend the role' },
    })
    const report = { outcome: 'failed', findings: [finding('known')] }
    const events = await eventsOf(definition, (_resource, _args, { state }) => {
      if (state === 'A') throw errorNamed('Boom', 'it broke')
      return lambda(report)
    })
    expect(events.at(-1)).toEqual({
      type: 'run.failed',
      at: '2026-01-01T00:00:00.000Z',
      run: 'run-1',
      duration: 0,
      status: 'FAILED',
      error: 'PreflightFailed',
      message: 'mend the role',
      findings: [finding('known')],
      report,
    })
    expect(events.find(({ type }) => type === 'step.failed')).toMatchObject({
      message: 'it broke',
      caught: true,
    })
  })

  it.each<[string, Record<string, unknown>, unknown, Record<string, unknown>]>([
    [
      'that took too long',
      { TimeoutSeconds: 9 },
      undefined,
      { status: 'TIMED_OUT', error: 'States.Timeout', message: 'the run took longer than it may' },
    ],
    [
      'that was stopped',
      {},
      undefined,
      { status: 'ABORTED', error: 'ABORTED', message: 'the run was stopped' },
    ],
    [
      'that was stopped with reasons',
      {},
      new TaskFailure('Stopped', 'by hand'),
      { status: 'ABORTED', error: 'Stopped', message: 'by hand' },
    ],
  ])('as one %s', async (_why, fields, reason, outcome) => {
    const clock = virtualClock()
    const controller = new AbortController()
    clock.after(60_000, () => controller.abort(reason))
    const events = await eventsOf(machine({ A: taskState() }, fields), () => new Promise(() => {}), {
      clock,
      signal: controller.signal,
    })
    expect(events.slice(-2)).toMatchObject([
      { type: 'step.failed', step: 'A', error: 'Stopped', caught: false },
      { type: 'run.failed', ...outcome },
    ])
  })
})

it('event by event is reported as the whole history is, in plain JSON', async () => {
  const definition = machine({ G: { ...group(['A', 'B']), Retry: retry() } })
  const options = { run: 'run-1', definition }
  const live: RunEvent[] = []
  const translate = createTranslator(options)
  const { history } = await run(definition, {
    task: failingOnce(),
    onEvent: (event) => live.push(...translate(event)),
  })
  expect(live).toEqual(translateHistory(history, options))
  expect(JSON.parse(JSON.stringify(live))).toEqual(live)
  expect(live.filter(({ type }) => type === 'step.started')).toMatchObject([
    { step: 'G' },
    { step: 'A', within: 'G' },
    { step: 'B', within: 'G' },
    { step: 'A', visit: 2 },
    { step: 'B', visit: 2 },
  ])
})

it('a failed evaluation is attributed by its state, since the service lets it follow from before the state', () => {
  const entered = { name: 'A', input: '{}' }
  const error = 'States.QueryEvaluationError'
  const history = [
    { type: 'ExecutionStarted' },
    { type: 'TaskStateEntered', stateEnteredEventDetails: entered },
    { type: 'EvaluationFailed', evaluationFailedEventDetails: { error, cause: 'nothing', state: 'A' } },
    { type: 'ExecutionFailed', executionFailedEventDetails: { error, cause: 'nothing' } },
  ].map((event, index) => ({
    id: index + 1,
    previousEventId: [0, 0, 0, 3][index] ?? 0,
    timestamp: index,
    ...event,
  }))
  expect(translateHistory(history, { run: 'r' }).map(short)).toEqual([
    'run started',
    'started A',
    `failed A: ${error}`,
    `run failed: ${error}`,
  ])
})

import { describe, expect, it } from 'vitest'
import { planFleet } from '../../../core/fleet/waves/plan.ts'
import { RolloutSettings } from '../../../core/fleet/waves/settings.ts'
import type { RunEvent } from '../../../core/run-events/event.ts'
import type { HistoryEvent } from '../../../core/run-events/history.ts'
import { translateHistory } from '../../../core/run-events/translation.ts'

type Said = Omit<HistoryEvent, 'id' | 'previousEventId' | 'timestamp'> & { after?: number; second?: number }

/** Events of which each follows from the one before it, unless said, and in the same second. */
const historyOf = (said: readonly Said[]): HistoryEvent[] => {
  let second = 0
  return said.map(({ after, second: own, ...event }, index) => {
    second = own ?? second
    return { id: index + 1, previousEventId: after ?? index, timestamp: second * 1000, ...event }
  })
}

const began: Said = { type: 'ExecutionStarted' }
const ended: Said = { type: 'ExecutionSucceeded' }
const enter = (name: string, type = 'Task'): Said => ({
  type: `${type}StateEntered`,
  stateEnteredEventDetails: { name, input: '{}' },
})
const leave = (name: string, output: unknown = {}, type = 'Task'): Said => ({
  type: `${type}StateExited`,
  stateExitedEventDetails: { name, output: JSON.stringify(output) },
})
const scheduled: Said = { type: 'TaskScheduled' }
const lambda = { resourceType: 'lambda', resource: 'invoke' }
const answered = (answer: unknown): Said => ({
  type: 'TaskSucceeded',
  taskSucceededEventDetails: { ...lambda, output: JSON.stringify({ StatusCode: 200, Payload: answer }) },
})
const failedTask = (error?: string, cause?: string): Said => ({
  type: 'TaskFailed',
  taskFailedEventDetails: { ...lambda, ...(error ? { error } : {}), ...(cause ? { cause } : {}) },
})

const at = (second: number) => ({ at: new Date(second * 1000).toISOString(), run: 'r' })
const step = (name: string, second = 0, visit = 1) => ({ ...at(second), step: name, visit })
const started = (name: string, second = 0, visit = 1): RunEvent => ({
  type: 'step.started',
  ...step(name, second, visit),
})
const within = (event: RunEvent, group: string): RunEvent => ({ ...event, within: group }) as RunEvent
const succeeded = (name: string, second = 0, duration = 0): RunEvent => ({
  type: 'step.succeeded',
  ...step(name, second),
  duration,
})
const failed = (name: string, change: object = {}, second = 0): RunEvent =>
  ({
    type: 'step.failed',
    ...step(name, second),
    duration: 0,
    error: 'E',
    message: '',
    caught: false,
    ...change,
  }) as RunEvent
const stopped = { error: 'Stopped', message: 'taken down because the run, or another step beside it, ended' }
const endedWell = (change: object = {}, second = 0): RunEvent =>
  ({ type: 'run.succeeded', ...at(second), duration: second, findings: [], ...change }) as RunEvent

const pod = { pod: 'p', node: 'n', revision: 'new', state: 'Running' }
const finding = { code: 'c', severity: 'info', subject: 's', found: 'f' }
const evidence = [{ seen: 'out-of-reach', pod: 'p', node: 'n', reason: 'r' }]
const { plan } = planFleet(
  [],
  { mode: 'enable', settings: RolloutSettings.parse({}) },
  { rollout: 'night', startedAt: 't', now: 0, bucket: 'b', digest: 'd' },
)
const judged = {
  wave: 1,
  round: 1,
  undoing: false,
  next: 'next',
  beyond: false,
  counts: {},
  failures: 0,
  digest: [],
  toUndo: 0,
  message: 'wave 1 is done',
}

/** A task that answers, entered and left, and its events. */
const task = (answer: unknown): Said[] => [began, enter('A'), scheduled, answered(answer), leave('A'), ended]

describe('a history is told', () => {
  it.each<[why: string, said: Said[], events: RunEvent[], definition?: object]>([
    [
      'with seconds as they passed, and what a step says of itself',
      [
        began,
        { ...enter('A'), second: 2 },
        scheduled,
        answered({ summary: 'done' }),
        { ...leave('A'), second: 5 },
        { ...ended, second: 9 },
      ],
      [started('A', 2), { ...succeeded('A', 5, 3), message: 'done' } as RunEvent, endedWell({}, 9)],
    ],
    [
      'with a state that waits, and no state that only decides',
      [
        began,
        enter('W', 'Wait'),
        leave('W', {}, 'Wait'),
        enter('C', 'Choice'),
        leave('C', {}, 'Choice'),
        ended,
      ],
      [{ type: 'step.waiting', ...step('W'), for: 'time' }, endedWell()],
    ],
    [
      'with a task that waits to be answered',
      [began, enter('A'), scheduled, { type: 'TaskSubmitted' }, answered({}), leave('A'), ended],
      [started('A'), { type: 'step.waiting', ...step('A'), for: 'answer' }, succeeded('A'), endedWell()],
    ],
    [
      'with findings, which the end of the run has too',
      task({ findings: [finding] }),
      [
        started('A'),
        { type: 'finding', ...step('A'), finding } as RunEvent,
        succeeded('A'),
        endedWell({ findings: [finding] }),
      ],
    ],
    [
      'with evidence',
      task({ evidence }),
      [started('A'), { type: 'proof.seen', ...step('A'), evidence } as RunEvent, succeeded('A'), endedWell()],
    ],
    [
      'with the waves of a rollout',
      task(plan),
      [
        started('A'),
        { type: 'waves.planned', ...step('A'), plan } as RunEvent,
        { ...succeeded('A'), message: 'no bindings: nothing to do' } as RunEvent,
        endedWell(),
      ],
    ],
    [
      'with what a wave came to',
      task({ judged }),
      [
        started('A'),
        { type: 'wave.judged', ...step('A'), judged, question: null } as RunEvent,
        { ...succeeded('A'), message: 'wave 1 is done' } as RunEvent,
        endedWell(),
      ],
    ],
    [
      'with a function that is called without the integration',
      [
        began,
        enter('A'),
        { type: 'LambdaFunctionScheduled' },
        { type: 'LambdaFunctionFailed', lambdaFunctionFailedEventDetails: { error: 'E', cause: 'x' } },
        { type: 'LambdaFunctionScheduled', second: 3 },
        { type: 'LambdaFunctionTimedOut', lambdaFunctionTimedOutEventDetails: { error: 'T' } },
        { type: 'LambdaFunctionScheduled', second: 7 },
        {
          type: 'LambdaFunctionSucceeded',
          lambdaFunctionSucceededEventDetails: { output: '{"message":"m"}' },
        },
        leave('A'),
        ended,
      ],
      [
        started('A'),
        { type: 'step.retrying', ...step('A', 3), attempt: 1, seconds: 3, error: 'E', message: 'x' },
        { type: 'step.retrying', ...step('A', 7), attempt: 2, seconds: 4, error: 'T', message: '' },
        { ...succeeded('A', 7, 7), message: 'm' } as RunEvent,
        endedWell({}, 7),
      ],
    ],
    [
      'with a question that could not be handed over at first',
      [
        began,
        enter('A'),
        scheduled,
        { type: 'TaskSubmitFailed', taskSubmitFailedEventDetails: { ...lambda, error: 'E', cause: 'x' } },
        { ...scheduled, second: 3 },
        { type: 'TaskSubmitted' },
        answered({}),
        leave('A'),
        ended,
      ],
      [
        started('A'),
        { type: 'step.retrying', ...step('A', 3), attempt: 1, seconds: 3, error: 'E', message: 'x' },
        { type: 'step.waiting', ...step('A', 3), for: 'answer' },
        succeeded('A', 3, 3),
        endedWell({}, 3),
      ],
    ],
    [
      'with no retry of a function that was called anew for a reason that is not told',
      [
        began,
        enter('A'),
        { type: 'LambdaFunctionScheduled' },
        { type: 'LambdaFunctionStartFailed' },
        { type: 'LambdaFunctionScheduled' },
        { type: 'LambdaFunctionSucceeded', lambdaFunctionSucceededEventDetails: { output: '{}' } },
        leave('A'),
        ended,
      ],
      [started('A'), succeeded('A'), endedWell()],
    ],
    [
      'with a task whose time was over, and one that nothing caught',
      [
        began,
        enter('A'),
        scheduled,
        { type: 'TaskTimedOut', taskTimedOutEventDetails: { ...lambda, error: 'States.Timeout' } },
        { type: 'ExecutionFailed' },
      ],
      [
        started('A'),
        failed('A', { error: 'States.Timeout' }),
        {
          type: 'run.failed',
          ...at(0),
          duration: 0,
          status: 'FAILED',
          error: 'FAILED',
          message: 'the run failed without saying why',
          findings: [],
        },
      ],
    ],
    [
      'with a failure that does not even have a name',
      [
        began,
        enter('A'),
        scheduled,
        { type: 'TaskFailed' },
        { ...scheduled, second: 1 },
        answered({}),
        leave('A'),
        ended,
      ],
      [
        started('A'),
        { type: 'step.retrying', ...step('A', 1), attempt: 1, seconds: 1, error: '', message: '' },
        succeeded('A', 1, 1),
        endedWell({}, 1),
      ],
    ],
    [
      'with each retry as the definition has it, until they are used up',
      [
        began,
        enter('A'),
        scheduled,
        failedTask('E'),
        { ...scheduled, second: 4 },
        failedTask('E', 'no'),
        leave('A'),
        ended,
      ],
      [
        started('A'),
        { type: 'step.retrying', ...step('A'), attempt: 1, of: 1, seconds: 4, error: 'E', message: '' },
        failed('A', { duration: 4, message: 'no', caught: true }, 4),
        endedWell({}, 4),
      ],
      {
        States: {
          A: { Retry: [{ ErrorEquals: ['E'], MaxAttempts: 1, IntervalSeconds: 4, JitterStrategy: 'FULL' }] },
        },
      },
    ],
    [
      'with an input that was too large for any attempt',
      [
        began,
        enter('A'),
        { ...leave('A', { Error: 'States.DataLimitExceeded', Cause: 'too much' }), second: 2 },
        ended,
      ],
      [
        started('A'),
        failed('A', { duration: 2, error: 'States.DataLimitExceeded', message: 'too much', caught: true }, 2),
        endedWell({}, 2),
      ],
    ],
    [
      'with an answer that has such a field, and no failure',
      [began, enter('A'), scheduled, answered({}), leave('A', { Error: 'E' }), ended],
      [started('A'), succeeded('A'), endedWell()],
    ],
    [
      'with the failure of an attempt, whatever the output says',
      [began, enter('A'), scheduled, failedTask('E', 'why'), leave('A', { Error: 'F', Cause: 'x' }), ended],
      [started('A'), failed('A', { message: 'why', caught: true }), endedWell()],
    ],
    [
      'with the report of the state of that name',
      [began, enter('Report'), scheduled, answered({}), leave('Report', { outcome: 'enabled' }), ended],
      [started('Report'), succeeded('Report'), endedWell({ report: { outcome: 'enabled' } })],
    ],
    [
      'without a report where that state failed',
      [began, enter('Report'), scheduled, failedTask('E'), leave('Report', { outcome: 'x' }), ended],
      [started('Report'), failed('Report', { caught: true }), endedWell()],
    ],
    [
      'with what a run that was stopped leaves open, inner steps first, and nothing else',
      [
        began,
        enter('B'),
        scheduled,
        answered({}),
        leave('B'),
        enter('G', 'Parallel'),
        { type: 'ParallelStateStarted' },
        enter('A'),
        scheduled,
        { type: 'ExecutionAborted', second: 3, after: 0 },
      ],
      [
        started('B'),
        succeeded('B'),
        started('G'),
        within(started('A'), 'G'),
        within(failed('A', { ...stopped, duration: 3 }, 3), 'G'),
        failed('G', { ...stopped, duration: 3 }, 3),
        {
          type: 'run.failed',
          ...at(3),
          duration: 3,
          status: 'ABORTED',
          error: 'ABORTED',
          message: 'the run was stopped',
          findings: [],
        },
      ],
    ],
    [
      'with a group that is begun again, of which no event says that it failed',
      [
        began,
        enter('G', 'Parallel'),
        { type: 'ParallelStateStarted' },
        enter('A'),
        scheduled,
        failedTask('E', 'why'),
        { type: 'ParallelStateStarted', after: 3, second: 2 },
        enter('A'),
        scheduled,
        answered({}),
        leave('A'),
        { type: 'ParallelStateSucceeded' },
        leave('G', {}, 'Parallel'),
        ended,
      ],
      [
        started('G'),
        within(started('A'), 'G'),
        within(failed('A', { duration: 2, message: 'why' }, 2), 'G'),
        { type: 'step.retrying', ...step('G', 2), attempt: 1, seconds: 2, error: 'E', message: 'why' },
        within(started('A', 2, 2), 'G'),
        within({ ...succeeded('A', 2), visit: 2 } as RunEvent, 'G'),
        succeeded('G', 2, 2),
        endedWell({}, 2),
      ],
    ],
    [
      'with a Map that is begun again and again, of which no event says that it failed',
      [
        began,
        enter('M', 'Map'),
        { type: 'MapStateStarted' },
        { type: 'MapStateStarted', second: 1 },
        { type: 'MapStateStarted', second: 4 },
        leave('M', {}, 'Map'),
        ended,
      ],
      [
        started('M'),
        {
          type: 'step.retrying',
          ...step('M', 1),
          attempt: 1,
          seconds: 0,
          error: 'States.BranchFailed',
          message: '',
        },
        {
          type: 'step.retrying',
          ...step('M', 4),
          attempt: 2,
          seconds: 0,
          error: 'States.BranchFailed',
          message: '',
        },
        succeeded('M', 4, 4),
        endedWell({}, 4),
      ],
    ],
    [
      'with a group that failed by a state that is no step',
      [
        began,
        enter('B'),
        scheduled,
        answered({}),
        leave('B'),
        enter('G', 'Parallel'),
        { type: 'ParallelStateStarted' },
        enter('F', 'Fail'),
        { type: 'ParallelStateFailed' },
        leave('G', {}, 'Parallel'),
        ended,
      ],
      [
        started('B'),
        succeeded('B'),
        started('G'),
        failed('G', { error: 'States.BranchFailed', caught: true }),
        endedWell(),
      ],
    ],
    [
      'with a Map and the steps of its iterations',
      [
        began,
        enter('M', 'Map'),
        { type: 'MapStateStarted' },
        { type: 'MapIterationStarted' },
        enter('A'),
        scheduled,
        failedTask('E', 'why'),
        { type: 'MapIterationFailed' },
        { type: 'MapStateFailed' },
        leave('M', {}, 'Map'),
        enter('B'),
        scheduled,
        answered({}),
        leave('B'),
        ended,
      ],
      [
        started('M'),
        within(started('A'), 'M'),
        within(failed('A', { message: 'why' }), 'M'),
        failed('M', { message: 'why', caught: true }),
        started('B'),
        succeeded('B'),
        endedWell(),
      ],
    ],
    [
      'with a branch that fails beside a step of another group, which goes on',
      [
        began,
        enter('G', 'Parallel'),
        { type: 'ParallelStateStarted' },
        enter('H', 'Parallel'),
        { type: 'ParallelStateStarted' },
        enter('A'),
        scheduled,
        { ...enter('B'), after: 3 },
        scheduled,
        { ...failedTask('E'), after: 7 },
        { type: 'ParallelStateFailed' },
        { ...leave('H', {}, 'Parallel'), after: 11 },
        { ...answered({}), after: 9 },
        leave('B'),
        { type: 'ParallelStateSucceeded' },
        leave('G', {}, 'Parallel'),
        ended,
      ],
      [
        started('G'),
        within(started('H'), 'G'),
        within(started('A'), 'H'),
        within(started('B'), 'G'),
        within(failed('A'), 'H'),
        within(failed('H', { caught: true }), 'G'),
        within(succeeded('B'), 'G'),
        succeeded('G'),
        endedWell(),
      ],
    ],
    [
      'with what a redrive begins anew, outside of the group in which it ended',
      [
        began,
        enter('G', 'Parallel'),
        { type: 'ParallelStateStarted' },
        enter('A'),
        { type: 'ExecutionTimedOut' },
        { type: 'ExecutionRedriven' },
        enter('B'),
        scheduled,
        answered({}),
        leave('B'),
        ended,
      ],
      [
        started('G'),
        within(started('A'), 'G'),
        within(failed('A', stopped), 'G'),
        failed('G', stopped),
        {
          type: 'run.failed',
          ...at(0),
          duration: 0,
          status: 'TIMED_OUT',
          error: 'TIMED_OUT',
          message: 'the run took longer than it may',
          findings: [],
        },
        started('B'),
        succeeded('B'),
        endedWell(),
      ],
    ],
  ])('%s', (_why, said, events, definition) => {
    expect(translateHistory(historyOf(said), { run: 'r', definition })).toStrictEqual([
      { type: 'run.started', ...at(0) },
      ...events,
    ])
  })

  const look = (message: string, change: object = {}) => ({
    state: 'progressing',
    message,
    progress: [],
    ...change,
  })
  const progress = (message: string, visit: number, change: object = {}): RunEvent => ({
    type: 'rollout.progress',
    ...step('A', 0, visit),
    state: 'progressing',
    message,
    ...change,
  })
  it.each<[why: string, answers: object[], seen: RunEvent[]]>([
    ['once, however often it is the same', [look('1 of 2'), look('1 of 2')], [progress('1 of 2', 1)]],
    [
      'again where it changes',
      [look('1 of 2'), look('2 of 2')],
      [progress('1 of 2', 1), progress('2 of 2', 2)],
    ],
    [
      'again where only its pods do',
      [look('1 of 2'), look('1 of 2', { pods: [pod] })],
      [progress('1 of 2', 1), progress('1 of 2', 2, { pods: [pod] })],
    ],
    [
      'once where a later look has no pods to show, or the same',
      [look('1 of 2', { pods: [pod] }), look('1 of 2'), look('1 of 2', { pods: [pod] })],
      [progress('1 of 2', 1, { pods: [pod] })],
    ],
  ])('with the progress of a rollout %s', (_why, answers, seen) => {
    const said = [
      began,
      ...answers.flatMap((answer) => [enter('A'), scheduled, answered(answer), leave('A')]),
      ended,
    ]
    const events = translateHistory(historyOf(said), { run: 'r' })
    expect(events.filter(({ type }) => type === 'rollout.progress')).toEqual(seen)
  })
})

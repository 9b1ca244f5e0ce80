import { expect, it } from 'vitest'
import { viewRun } from '../../../core/chatops/run-view.ts'
import type { Finding } from '../../../core/findings.ts'
import type { RunEvent } from '../../../core/run-events/event.ts'

const at = '2026-11-23T07:00:00Z'
const step = (name: string) => ({ at, run: 'run-1', step: name, visit: 1 })
const started = (name: string): RunEvent => ({ type: 'step.started', ...step(name) })
const succeeded = (name: string, message?: string): RunEvent => ({
  type: 'step.succeeded',
  ...step(name),
  duration: 2.5,
  ...(message === undefined ? {} : { message }),
})
const found = (name: string, severity: Finding['severity']): Extract<RunEvent, { type: 'finding' }> => ({
  type: 'finding',
  ...step(name),
  finding: { code: 'c-1', severity, subject: 'role carts', found: severity },
})
const failed = (message: string): RunEvent => ({
  type: 'step.failed',
  ...step('VerifyRole'),
  duration: 1,
  error: 'RoleMissing',
  message,
  caught: false,
})
const retrying = (of?: number): RunEvent => ({
  type: 'step.retrying',
  ...step('EnsureAssociation'),
  attempt: 1,
  ...(of === undefined ? {} : { of }),
  seconds: 1,
  error: 'Transient',
  message: 'throttled',
})
const role = { step: 'VerifyRole', label: 'Role' }
const rollout = { step: 'WatchRollout', label: 'Rollout' }
const progress: RunEvent = {
  type: 'rollout.progress',
  ...step('WatchRollout'),
  state: 'progressing',
  message: '1 of 2 updated',
}

it.each<[why: string, events: RunEvent[], steps: ReturnType<typeof viewRun>['steps']]>([
  ['nothing has happened', [], []],
  ['a step that has begun', [started('VerifyRole')], [{ ...role, state: 'running' }]],
  [
    'a step that ended, with what it says of itself',
    [started('VerifyRole'), succeeded('VerifyRole', 'trusts and grants')],
    [{ ...role, state: 'done', seconds: 2.5, note: 'trusts and grants' }],
  ],
  ['one that says nothing', [succeeded('VerifyRole')], [{ ...role, state: 'done', seconds: 2.5 }]],
  [
    'one that came to its end and found what prevents the run',
    [found('VerifyRole', 'blocking'), succeeded('VerifyRole')],
    [{ ...role, state: 'refused', seconds: 2.5 }],
  ],
  [
    'a warning prevents nothing',
    [found('VerifyRole', 'warning'), succeeded('VerifyRole')],
    [{ ...role, state: 'done', seconds: 2.5 }],
  ],
  [
    'a second look, after what prevented the run is mended',
    [
      found('VerifyRole', 'blocking'),
      succeeded('VerifyRole'),
      started('VerifyRole'),
      succeeded('VerifyRole'),
    ],
    [{ ...role, state: 'done', seconds: 2.5 }],
  ],
  [
    'a failure, by its message',
    [failed('there is no such role')],
    [{ ...role, state: 'failed', seconds: 1, note: 'there is no such role' }],
  ],
  [
    'a failure without one, by its error',
    [failed('')],
    [{ ...role, state: 'failed', seconds: 1, note: 'RoleMissing' }],
  ],
  [
    'a retry, of how many',
    [retrying(6)],
    [{ step: 'EnsureAssociation', label: 'Associate', state: 'retrying', note: 'Transient, retry 1/6' }],
  ],
  [
    'a retry where nobody knows of how many',
    [retrying()],
    [{ step: 'EnsureAssociation', label: 'Associate', state: 'retrying', note: 'Transient, retry 1' }],
  ],
  [
    'a wait for an answer',
    [{ type: 'step.waiting', ...step('AwaitApproval'), for: 'answer' }],
    [{ step: 'AwaitApproval', label: 'Approval', state: 'waiting' }],
  ],
  ['a wait for time to pass is no step', [{ type: 'step.waiting', ...step('AwaitUndo'), for: 'time' }], []],
  ['the progress of a rollout', [progress], [{ ...rollout, state: 'running', note: '1 of 2 updated' }]],
  [
    'the next look goes on where the last one was',
    [progress, started('WatchRollout')],
    [{ ...rollout, state: 'running', note: '1 of 2 updated' }],
  ],
  [
    'a state of the workflow’s own business is no step; the others stay in their order',
    [started('WatchRollout'), started('RolloutState'), started('VerifyRole'), succeeded('WatchRollout')],
    [
      { ...rollout, state: 'done', seconds: 2.5 },
      { ...role, state: 'running' },
    ],
  ],
])('steps: %s', (_why, events, steps) => {
  expect(viewRun(events)).toEqual({
    steps,
    findings: events.flatMap((event) => (event.type === 'finding' ? [event.finding] : [])),
    awaitsAnswer: steps.some(({ state }) => state === 'waiting'),
    end: null,
  })
})

const end = { at, run: 'run-1', duration: 1, findings: [] }
const ended: RunEvent = { type: 'run.succeeded', ...end }
const broken: RunEvent = {
  type: 'run.failed',
  ...end,
  status: 'FAILED',
  error: 'States.Timeout',
  message: 'its time was over',
}
const report = { outcome: 'enabled', summary: 'carts runs with it', binding: {} }

it.each<[why: string, event: RunEvent, end: object]>([
  ['a success without a report', ended, { succeeded: true, message: 'done' }],
  ['a failure without one', broken, { succeeded: false, message: 'States.Timeout: its time was over' }],
  ['a report says it best', { ...ended, report }, { succeeded: true, message: 'carts runs with it', report }],
  ['also of a failure', { ...broken, report }, { succeeded: false, message: 'carts runs with it', report }],
  ['an answer of null', { ...ended, report: null }, { succeeded: true, message: 'done' }],
  ['an answer of another kind', { ...ended, report: 'done so' }, { succeeded: true, message: 'done' }],
  [
    'what has no outcome is no report',
    { ...ended, report: { summary: 'x', binding: {} } },
    { succeeded: true, message: 'done' },
  ],
  [
    'what has no summary is none',
    { ...ended, report: { outcome: 'x', binding: {} } },
    { succeeded: true, message: 'done' },
  ],
  [
    'what has no binding is none, such as a rollout’s',
    { ...ended, report: { outcome: 'done', summary: 'x' } },
    { succeeded: true, message: 'done' },
  ],
])('the end: %s', (_why, event, expected) => {
  const view = viewRun([{ type: 'step.waiting', ...step('AwaitApproval'), for: 'answer' }, event])
  // Whatever was waited for, nobody can answer any more.
  expect(view).toMatchObject({ awaitsAnswer: false })
  expect(view.end).toEqual({ report: undefined, ...expected })
})

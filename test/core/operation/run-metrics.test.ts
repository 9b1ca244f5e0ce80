import { describe, expect, it } from 'vitest'
import { metricNamespace } from '../../../core/operation/metrics.ts'
import { causeOf, type RunEnding, runMetrics, sweepMetrics } from '../../../core/operation/run-metrics.ts'
import type { Report } from '../../../core/report.ts'
import type { HistoryEvent } from '../../../core/run-events/history.ts'

it('counts in one namespace of CloudWatch', () => {
  expect(metricNamespace).toBe('podid')
})

const enabled = {
  outcome: 'enabled',
  durationMs: 9000,
  findings: [],
  propagation: { way: 'probes', probes: 4, ms: 1200 },
  rollout: { state: 'complete', message: '', ms: 3000, restarted: true, reason: '' },
  credentials: { before: null, after: {}, pods: ['a'], evidence: [] },
  failure: null,
} as unknown as Report

const failed = (error: string): RunEnding => ({
  status: 'FAILED',
  error,
  report: {
    ...enabled,
    outcome: 'failed',
    failure: { error, message: '' },
    credentials: null,
    rollout: null,
  },
})

it.each<[why: string, end: RunEnding, cause: string | null]>([
  ['a run that succeeded has none', { status: 'SUCCEEDED', report: enabled, error: undefined }, null],
  ['what it found', failed('PreflightFailed'), 'PreflightFailed'],
  [
    'an error of the workflow itself, without a report',
    { status: 'FAILED', report: null, error: 'States.Runtime' },
    'States.Runtime',
  ],
  ['the time of the whole execution', { status: 'TIMED_OUT', report: null, error: undefined }, 'TimedOut'],
  ['the time of a state', failed('States.Timeout'), 'TimedOut'],
  ['somebody stopped it', { status: 'ABORTED', report: null, error: 'whatever' }, 'Stopped'],
  ...[
    'States.DataLimitExceeded',
    'States.ExceedToleratedFailureThreshold',
    'States.NoChoiceMatched',
    'States.Permissions',
    'States.QueryEvaluationError',
    'States.Runtime',
    'States.TaskFailed',
  ].map((error): [string, RunEnding, string] => [
    `Step Functions' own ${error}`,
    { status: 'FAILED', report: null, error },
    error,
  ]),
  ['a run that succeeded, whatever else it says', { status: 'SUCCEEDED', report: null, error: 'x' }, null],
  ['an error that nobody foresaw may have any name', failed('TypeError'), 'Other'],
  ['and so may one that somebody else chose', failed('States.xoxb-1234'), 'Other'],
  ['a failure without a word', { status: 'FAILED', report: null, error: undefined }, 'Other'],
])('the cause of an end: %s', (_why, end, cause) => {
  expect(causeOf(end)).toBe(cause)
})

const figures = (end: RunEnding, history: Partial<HistoryEvent>[] = []) =>
  Object.fromEntries(
    runMetrics(end, history as HistoryEvent[])
      .filter(({ value }) => value !== 0)
      .map(({ name, value, by }) => [name, by ?? value]),
  )

const succeeded: RunEnding = { status: 'SUCCEEDED', report: enabled, error: undefined }
const run = (outcome: string, cause: string) => ({ Runs: { outcome, cause } })
const times = { Propagation: 1200, Rollout: 3000, TimeToProof: 9000 }
const throttled = {
  taskFailedEventDetails: {
    resourceType: 'lambda',
    resource: 'invoke',
    error: 'Lambda.TooManyRequestsException',
  },
}
const missing = (severity: string, code = 'permission-missing') => ({
  code,
  severity,
  subject: '',
  found: '',
})

it.each<[why: string, end: RunEnding, history: Partial<HistoryEvent>[], figures: object]>([
  ['a run that enabled', succeeded, [], { ...run('enabled', 'none'), ...times }],
  [
    'one that waited for a person: how long that took says nothing of podid',
    succeeded,
    [{ stateEnteredEventDetails: { name: 'AwaitApproval', input: '{}' } }],
    { ...run('enabled', 'none'), Propagation: 1200, Rollout: 3000 },
  ],
  [
    'calls that Lambda turned away',
    succeeded,
    [throttled, throttled],
    { ...run('enabled', 'none'), ...times, StepsThrottled: 2 },
  ],
  [
    'findings are no fault, and denied needs are counted',
    {
      ...failed('PreflightFailed'),
      report: {
        ...failed('PreflightFailed').report,
        propagation: null,
        findings: [
          missing('blocking'),
          missing('blocking', 'permission-boundary-blocks'),
          missing('warning'),
          missing('blocking', 'role-missing'),
        ],
      } as Report,
    },
    [],
    { ...run('failed', 'PreflightFailed'), NeedsDenied: 2 },
  ],
  [
    'a run that enabled without a proof has no time to it',
    { ...succeeded, report: { ...enabled, credentials: null } },
    [],
    { ...run('enabled', 'none'), Propagation: 1200, Rollout: 3000 },
  ],
  [
    'a rollout that was given up has no time either',
    { ...succeeded, report: { ...enabled, rollout: { ...enabled.rollout, state: 'failed' } } as Report },
    [],
    { ...run('enabled', 'none'), Propagation: 1200, TimeToProof: 9000 },
  ],
  ['a person declined', { ...failed('Declined'), report: null }, [], run('failed', 'Declined')],
  ['an invalid request', { ...failed('InvalidRequest'), report: null }, [], run('failed', 'InvalidRequest')],
  [
    'somebody stopped it',
    { status: 'ABORTED', report: null, error: undefined },
    [],
    run('failed', 'Stopped'),
  ],
  [
    'undo left something',
    { ...failed('UndoIncomplete'), report: null },
    [],
    { ...run('failed', 'UndoIncomplete'), UndoIncomplete: 1 },
  ],
  [
    'the workflow broke',
    { status: 'FAILED', report: null, error: 'States.Runtime' },
    [],
    { ...run('failed', 'States.Runtime'), RunsBroken: 1 },
  ],
  [
    'a function broke',
    { ...failed('TypeError'), report: null },
    [],
    { ...run('failed', 'Other'), RunsBroken: 1 },
  ],
  [
    'time was over',
    { status: 'TIMED_OUT', report: null, error: undefined },
    [],
    { ...run('failed', 'TimedOut'), RunsTimedOut: 1 },
  ],
])('what counts: %s', (_why, end, history, expected) => {
  expect(figures(end, history)).toEqual(expected)
})

it('has each figure once, those that are nought too, and a time only where there was one', () => {
  expect(runMetrics({ status: 'ABORTED', report: null, error: undefined }, [])).toEqual([
    { name: 'Runs', value: 1, by: { outcome: 'failed', cause: 'Stopped' } },
    { name: 'UndoIncomplete', value: 0 },
    { name: 'RunsBroken', value: 0 },
    { name: 'RunsTimedOut', value: 0 },
    { name: 'StepsThrottled', value: 0 },
    { name: 'NeedsDenied', value: 0 },
  ])
  expect(sweepMetrics({ checked: 1, drifted: 0, notChecked: 0, left: 1, openTooLong: null })).toEqual([
    { name: 'BindingsChecked', value: 1 },
    { name: 'Drift', value: 0 },
    { name: 'NotChecked', value: 0 },
    { name: 'SweepRounds', value: 0 },
  ])
})

describe('a sweep', () => {
  const swept = { checked: 9, drifted: 2, notChecked: 1, left: 0, openTooLong: 0 }
  const of = (change: object) =>
    Object.fromEntries(sweepMetrics({ ...swept, ...change }).map(({ name, value }) => [name, value]))
  it('has come round where nothing is left', () => {
    expect(of({})).toEqual({
      BindingsChecked: 9,
      Drift: 2,
      NotChecked: 1,
      SweepRounds: 1,
      RunsOpenTooLong: 0,
    })
    expect(of({ left: 3 }).SweepRounds).toBe(0)
  })
  it('says nothing of open runs that it could not look at', () => {
    expect(of({ openTooLong: null })).not.toHaveProperty('RunsOpenTooLong')
  })
})

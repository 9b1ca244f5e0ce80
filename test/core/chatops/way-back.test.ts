import { expect, it } from 'vitest'
import type { Change } from '../../../core/changes.ts'
import { wayBack } from '../../../core/chatops/way-back.ts'
import type { Report } from '../../../core/report.ts'
import type { Before } from '../../../core/request.ts'
import type { RequestInput } from '../../../core/request-input.ts'
import type { HistoryEvent } from '../../../core/run-events/history.ts'

const before = (run: string): Before => ({
  run,
  restartedAt: '2026-11-23T06:00:00Z',
  association: null,
  workload: null,
})
const change: Change = {
  kind: 'association',
  subject: 'carts/carts',
  action: 'created the association a-1',
  state: 'done',
  undone: false,
}
const report = (differs: Partial<Report>): Report =>
  ({ outcome: 'enabled', changes: [change], undo: null, before: before('reported'), ...differs }) as Report
const undo = (...left: string[]): Report['undo'] => ({
  done: [],
  kept: [],
  left: left.map((what) => ({ what, error: '', command: '' })),
  workload: null,
})
const exited = (name: string, run: string): HistoryEvent => ({
  id: 1,
  previousEventId: 0,
  timestamp: 0,
  type: 'ParallelStateExited',
  stateExitedEventDetails: {
    name,
    output: '{}',
    assignedVariables: { before: JSON.stringify(before(run)) },
  },
})

it.each<[why: string, differs: Partial<Report>, run: string | undefined]>([
  ['a run that enabled', {}, 'reported'],
  ['one that only associated', { outcome: 'associated' }, 'reported'],
  ['one that failed, and was told to keep what it did', { outcome: 'failed' }, 'reported'],
  ['one that failed and put back all', { outcome: 'failed', undo: undo() }, undefined],
  ['one that failed and could not put back all', { outcome: 'failed', undo: undo('a-1') }, 'reported'],
  ['a plan', { outcome: 'planned' }, undefined],
  ['one that changed nothing', { outcome: 'unchanged' }, undefined],
  ['one that has undone another', { outcome: 'undone' }, undefined],
  ['without a change', { changes: [] }, undefined],
  ['what was seen not to happen', { changes: [{ ...change, state: 'not-done' }] }, undefined],
  ['what may have happened', { changes: [{ ...change, state: 'unknown' }] }, 'reported'],
  ['what is put back already', { changes: [{ ...change, undone: true }] }, undefined],
  ['one of two is put back', { changes: [{ ...change, undone: true }, change] }, 'reported'],
  ['nobody knows what was there before', { before: null }, undefined],
])('what a report says can be undone: %s', (_why, differs, run) => {
  const history = [exited('Preflight', 'in the history')]
  expect(wayBack(history, { mode: 'enable', report: report(differs) })).toEqual(run && before(run))
})

it.each<[why: string, mode: RequestInput['mode'], history: HistoryEvent[], run: string | undefined]>([
  ['what it found before its first write', 'enable', [exited('Preflight', 'run-1')], 'run-1'],
  ['a request that names no mode', undefined, [exited('Preflight', 'run-1')], 'run-1'],
  [
    'the last look, after an approval',
    'enable',
    [exited('Preflight', 'run-1'), exited('Preflight', 'run-2')],
    'run-2',
  ],
  ['it did not get so far', 'enable', [exited('AwaitCluster', 'run-1')], undefined],
  ['a plan changes nothing', 'plan', [exited('Preflight', 'run-1')], undefined],
  ['an undo is not undone', 'undo', [exited('Preflight', 'run-1')], undefined],
])('without a report: %s', (_why, mode, history, run) => {
  expect(wayBack(history, { mode, report: undefined })).toEqual(run && before(run))
})

import { expect, it } from 'vitest'
import type { WaveItem } from '../../../../core/fleet/waves/request.ts'
import type { ResultRow } from '../../../../core/fleet/waves/results.ts'
import { readRound, rowsOfWave, undoItemsOf } from '../../../../functions/support/rollout/rows.ts'

const before = { run: 'r-1', restartedAt: '2026-11-23T06:00:00Z', association: null, workload: null }
const item = (run: string): WaveItem => ({
  binding: run,
  cluster: 'shop',
  region: 'us-west-2',
  namespace: 'n',
  serviceAccount: run,
  run,
  input: { cluster: 'shop', mode: 'enable' },
})
const preflight = {
  id: 2,
  previousEventId: 1,
  timestamp: 0,
  type: 'ParallelStateExited',
  stateExitedEventDetails: {
    name: 'Preflight',
    output: '{}',
    assignedVariables: { before: JSON.stringify(before) },
  },
}
const history = [
  { id: 1, previousEventId: 0, timestamp: 0, type: 'ExecutionStarted' },
  preflight,
  { id: 3, previousEventId: 2, timestamp: 0, type: 'ExecutionAborted' },
]
interface Run {
  status: string
  output?: unknown
  cause?: string
  changed?: boolean
}

const services = (objects: Record<string, unknown>, runs: Record<string, Run> = {}) => {
  const did: string[] = []
  return {
    did,
    objects: {
      get: async (key: string) => objects[key],
      list: async (prefix: string) => Object.keys(objects).filter((key) => key.startsWith(prefix)),
    },
    executions: {
      find: async (run: string) => {
        did.push(`find ${run}`)
        return runs[run] as never
      },
      history: async (run: string) => (runs[run]?.changed ? (history as never) : []),
      stop: async (run: string, why: string) => void did.push(`stop ${run}: ${why}`),
    },
  }
}
const written = (run: string, Status: string, more: object = {}) => ({
  Status,
  Input: JSON.stringify(item(run)),
  ...more,
})
const succeeded = (run: string, outcome = 'enabled') =>
  written(run, 'SUCCEEDED', { Output: JSON.stringify({ run, outcome, summary: 'well', before }) })

const rowsOf = async (objects: Record<string, unknown>, runs: Record<string, Run> = {}) => {
  const given = services(objects, runs)
  const rows = await readRound(given, [item('r-1')], { wave: 2, prefix: 'p/' })
  return { row: rows[0] as ResultRow, rows, did: given.did }
}

it.each<
  [why: string, objects: Record<string, unknown>, runs: Record<string, Run>, row: object, did: string[]]
>([
  [
    'what the Map Run wrote of a success',
    { 'p/x/SUCCEEDED_0.json': [succeeded('r-1')] },
    {},
    { result: 'enabled', run: 'r-1', item: 'r-1', wave: 2, said: 'well', before },
    [],
  ],
  [
    'of a failure',
    { 'p/x/FAILED_0.json': [written('r-1', 'FAILED', { Cause: '{"Status":"FAILED","Cause":"no role"}' })] },
    {},
    { result: 'failed', said: 'no role' },
    [],
  ],
  [
    'of a redrive: what succeeded counts',
    {
      'p/x/SUCCEEDED_0.json': [succeeded('r-1')],
      'p/x/FAILED_0.json': [written('r-1', 'FAILED')],
    },
    {},
    { result: 'enabled' },
    [],
  ],
  [
    'and in the other order of names',
    {
      'p/a/FAILED_0.json': [written('r-1', 'FAILED')],
      'p/b/SUCCEEDED_12.json': [succeeded('r-1')],
      'p/c/FAILED_0.json': [written('r-1', 'FAILED')],
    },
    {},
    { result: 'enabled' },
    [],
  ],
  [
    'of what was not begun',
    { 'p/x/PENDING_0.json': [written('r-1', 'PENDING')] },
    {},
    { result: 'not begun' },
    [],
  ],
  [
    'what is no result is passed',
    {
      'p/x/manifest.json': [succeeded('r-1')],
      'p/x/SUCCEEDED_0.json.tmp': [succeeded('r-1')],
      'p/x/SUCCEEDED_a.json': [succeeded('r-1')],
      'p/x/SUCCEEDED_1.json': [{ Status: 'SUCCEEDED', Input: 'cut' }],
    },
    {},
    { result: 'not begun', said: 'the rollout stopped before it' },
    ['find r-1'],
  ],
  ['nothing was written, and nothing began', {}, {}, { result: 'not begun' }, ['find r-1']],
  [
    'nothing was written, and its run succeeded',
    {},
    {
      'r-1': { status: 'SUCCEEDED', output: { run: 'r-1', outcome: 'associated', summary: 'half', before } },
    },
    { result: 'associated', said: 'half', before },
    ['find r-1'],
  ],
  [
    'and its run failed',
    {},
    { 'r-1': { status: 'FAILED', cause: 'no role' } },
    { result: 'failed', said: 'no role', run: 'r-1', item: 'r-1', binding: 'r-1', wave: 2 },
    ['find r-1'],
  ],
  [
    'without saying why',
    {},
    { 'r-1': { status: 'FAILED' } },
    { result: 'failed', said: 'it failed' },
    ['find r-1'],
  ],
  [
    'and its run still goes on: it is stopped, as nobody watches it',
    {},
    { 'r-1': { status: 'RUNNING' } },
    {
      result: 'stopped',
      said: 'its run was stopped; nothing of it is left to put back',
      before: null,
      run: 'r-1',
      item: 'r-1',
      binding: 'r-1',
      wave: 2,
    },
    ['find r-1', 'stop r-1: the rollout that it belongs to has stopped'],
  ],
  [
    'and its run was stopped after it had looked',
    {},
    { 'r-1': { status: 'ABORTED', changed: true } },
    { result: 'stopped', said: 'its run was stopped; what it changed may not all be put back', before },
    ['find r-1'],
  ],
  [
    'and its time was over',
    {},
    { 'r-1': { status: 'TIMED_OUT', changed: true } },
    { result: 'stopped', said: 'its time was over; what it changed may not all be put back', before },
    ['find r-1'],
  ],
  [
    'of a redrive that somebody stopped, whose run has another name than the item’s',
    {
      'p/x/FAILED_0.json': [written('r-1', 'FAILED', { Cause: '{"Status":"ABORTED","Name":"r-1-again"}' })],
    },
    { 'r-1': { status: 'ABORTED' } },
    {
      result: 'stopped',
      said: 'somebody stopped its run; nothing of it is left to put back',
      run: 'r-1-again',
      item: 'r-1',
    },
    ['find r-1'],
  ],
  [
    'what the Map Run stopped is looked for, and keeps what was said of it',
    { 'p/x/FAILED_0.json': [written('r-1', 'ABORTED')] },
    { 'r-1': { status: 'ABORTED', changed: true } },
    {
      result: 'stopped',
      said: 'stopped when the wave was beyond its tolerance; what it changed may not all be put back',
      before,
    },
    ['find r-1'],
  ],
])('a row says %s', async (_why, objects, runs, row, did) => {
  const found = await rowsOf(objects, runs)
  expect(found.row).toMatchObject(row)
  expect(found.rows).toHaveLength(1)
  expect(found.did).toEqual(did)
})

const row = (run: string, result: ResultRow['result'], more: Partial<ResultRow> = {}): ResultRow => {
  const { input: _, ...own } = item(run)
  return { ...own, item: run, wave: 1, result, said: '', before: null, ...more }
}

it('the rows of a wave are what was kept of its rounds, and of the one that was not judged what is written', async () => {
  const given = services({
    'rollouts/o/wave-1-round-1.rows.json': [row('r-1', 'enabled')],
    'rollouts/o/wave-1-round-1.json': [item('r-9')],
    'rollouts/o/wave-1-round-2.json': [item('r-2')],
    'rollouts/o/results-1-2/x/SUCCEEDED_0.json': [succeeded('r-2')],
    'rollouts/o/wave-1-round-4.json': [item('r-4')],
  })
  const rows = await rowsOfWave(given, 'o', { number: 1, rounds: 3 })
  expect(rows.map(({ item, result, wave }) => [item, result, wave])).toEqual([
    ['r-1', 'enabled', 1],
    ['r-2', 'enabled', 1],
  ])
})

it('of an undo that was stopped nothing is left to put back, whatever it found before', async () => {
  const given = services({}, { 'r-1': { status: 'ABORTED', changed: true } })
  const undo = { ...item('r-1'), input: { cluster: 'shop', mode: 'undo' } }
  expect(await readRound(given, [undo], { wave: 1, prefix: 'p/' })).toMatchObject([
    { said: 'its run was stopped; nothing of it is left to put back', before: null },
  ])
})

it('what undoes rows is the input of each with what was before, which of a failure its history says', async () => {
  const rows = [
    row('r-1', 'enabled', { before }),
    row('r-2', 'failed', { run: 'r-2-again' }),
    row('r-3', 'failed'),
    row('r-4', 'skipped'),
    row('r-5', 'stopped'),
    row('r-6', 'enabled', { before }),
  ]
  const items = new Map(['r-1', 'r-2', 'r-3', 'r-4', 'r-5'].map((run) => [run, item(run)]))
  const changed = { status: 'FAILED', changed: true }
  const given = services({}, { 'r-2-again': changed, 'r-4': changed, 'r-5': changed })
  const undo = await undoItemsOf(given, rows, items)
  expect(undo).toEqual(
    ['r-1', 'r-2'].map((run) => {
      const { run: _, ...rest } = item(run)
      return { ...rest, input: { cluster: 'shop', mode: 'undo', before } }
    }),
  )
})

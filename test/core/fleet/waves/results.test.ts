import { expect, it } from 'vitest'
import {
  addCounts,
  addDigests,
  digestText,
  failureDigest,
  itemOf,
  type ResultRow,
  resultCounts,
  rowOf,
  type WrittenResult,
} from '../../../../core/fleet/waves/results.ts'

const item = {
  binding: 'carts',
  cluster: 'blue',
  region: 'us-west-2',
  namespace: 'shop',
  serviceAccount: 'carts',
  run: 'rollout-1-w1-1',
  input: {},
}
const written = { Input: JSON.stringify(item), Status: 'FAILED', Error: 'States.TaskFailed' }
const before = { run: 'r', restartedAt: '2026-11-26T09:00:00Z', association: null, workload: null }

it.each([
  [
    'a success',
    { Status: 'SUCCEEDED', Output: JSON.stringify({ outcome: 'enabled', summary: 'runs', before }) },
    'enabled',
    'runs',
    before,
  ],
  [
    'one that was in force',
    { Status: 'SUCCEEDED', Output: JSON.stringify({ outcome: 'unchanged', summary: 'runs', before }) },
    'skipped',
    'in force already',
    null,
  ],
  [
    'an answer that cannot be read',
    { Status: 'SUCCEEDED', Output: '{' },
    'failed',
    'its answer cannot be read',
    null,
  ],
  [
    'a failure',
    { Cause: JSON.stringify({ Status: 'FAILED', Error: 'Refused', Cause: 'not ours\nmore' }) },
    'failed',
    'not ours',
    null,
  ],
  [
    'a failure whose description is cut off',
    { Cause: '{"Cause":"not ours","Error":"Refused","Inp' },
    'failed',
    'States.TaskFailed: not ours',
    null,
  ],
  [
    'a failure of starting it',
    { Error: 'StepFunctions.ExecutionLimitExceededException', Cause: 'full' },
    'failed',
    'StepFunctions.ExecutionLimitExceededException: full',
    null,
  ],
  [
    'one whose time was over',
    { Cause: JSON.stringify({ Status: 'TIMED_OUT' }) },
    'stopped',
    'its time was over',
    null,
  ],
  [
    'one that somebody stopped',
    { Cause: JSON.stringify({ Status: 'ABORTED' }) },
    'stopped',
    'somebody stopped its run',
    null,
  ],
  [
    'one that the Map stopped',
    { Status: 'ABORTED' },
    'stopped',
    'stopped when the wave was beyond its tolerance',
    null,
  ],
  ['one that never began', { Status: 'PENDING' }, 'not begun', 'the rollout stopped before it', null],
  [
    'a workload that is not there yet',
    { Status: 'SUCCEEDED', Output: JSON.stringify({ outcome: 'associated', summary: 'waits', before }) },
    'associated',
    'waits',
    before,
  ],
  [
    'an undo, of which there is nothing to undo',
    { Status: 'SUCCEEDED', Output: JSON.stringify({ outcome: 'undone', summary: 'put back', before }) },
    'undone',
    'put back',
    null,
  ],
  [
    'a plan',
    { Status: 'SUCCEEDED', Output: JSON.stringify({ outcome: 'planned', summary: 'would', before }) },
    'skipped',
    'in force already',
    null,
  ],
  [
    'a report of a failure',
    { Status: 'SUCCEEDED', Output: JSON.stringify({ outcome: 'failed', summary: 'not ours', before }) },
    'failed',
    'not ours',
    null,
  ],
  [
    'an outcome that nobody knows',
    { Status: 'SUCCEEDED', Output: JSON.stringify({ outcome: 'later', summary: 'who knows', before }) },
    'failed',
    'who knows',
    null,
  ],
  [
    'a success without a state to go back to',
    { Status: 'SUCCEEDED', Output: JSON.stringify({ outcome: 'enabled', summary: 'runs', before: {} }) },
    'enabled',
    'runs',
    null,
  ],
  [
    'a success with a long text',
    { Status: 'SUCCEEDED', Output: JSON.stringify({ outcome: 'enabled', summary: 'x'.repeat(301) }) },
    'enabled',
    `${'x'.repeat(299)}…`,
    null,
  ],
  [
    'a time that was over before it had begun',
    { Error: 'States.Timeout' },
    'stopped',
    'its time was over',
    null,
  ],
  [
    'a failure that was no time, of a run that has a name for it',
    { Error: 'States.Timeout', Cause: JSON.stringify({ Status: 'FAILED', Error: 'Refused' }) },
    'failed',
    'Refused',
    null,
  ],
  ['a failure without any words', { Error: undefined }, 'failed', 'it failed: ', null],
])('reads %s', (_what, change, result, said, wanted) => {
  const { input: _, ...own } = item
  expect(rowOf(item, 1, { ...written, ...change } as WrittenResult)).toEqual({
    ...own,
    item: item.run,
    wave: 1,
    result,
    said,
    before: wanted,
  })
})

it.each([
  [
    'its answer',
    { Status: 'SUCCEEDED', Output: JSON.stringify({ run: 'again', outcome: 'enabled', summary: '' }) },
  ],
  ['a failure', { Cause: JSON.stringify({ Name: 'again', Status: 'FAILED', Error: 'x' }) }],
  ['a stop', { Cause: JSON.stringify({ Name: 'again', Status: 'ABORTED' }) }],
  ['a time that was over', { Cause: JSON.stringify({ Name: 'again', Status: 'TIMED_OUT' }) }],
])('knows from %s by which run it was done, after a redrive another one', (_what, change) => {
  const row = rowOf(item, 1, { ...written, ...change })
  expect([row.run, row.item]).toEqual(['again', 'rollout-1-w1-1'])
})

it.each([
  [written, item],
  [{ Input: '{' }, undefined],
])('reads the item of %o', (entry, read) => {
  expect(itemOf(entry)).toEqual(read)
})

it('adds counts', () => {
  const one = resultCounts([{ result: 'enabled' }, { result: 'failed' }])
  const other = resultCounts([{ result: 'failed' }, { result: 'not begun' }])
  expect(addCounts(one, other)).toEqual({
    enabled: 1,
    skipped: 0,
    associated: 0,
    undone: 0,
    failed: 2,
    stopped: 0,
    'not begun': 1,
  })
})

const rowSaying = (
  said: string,
  result: ResultRow['result'] = 'failed',
  serviceAccount = 'carts',
): ResultRow => ({
  ...item,
  serviceAccount,
  binding: serviceAccount,
  item: item.run,
  wave: 1,
  result,
  said,
  before: null,
})

it.each([
  ['a plain reason', 'no role', 'no role'],
  ['one about the ServiceAccount', 'shop/carts on blue: no role', 'no role'],
  ['one about the binding', 'carts-v2 on shop-blue: no role', 'no role'],
  ['one in whose middle it is', 'the role of shop/carts on blue is gone', 'the role of  is gone'],
  ['one at whose end it is', 'nobody trusts shop/carts', 'nobody trusts'],
  [
    'one that says something else before a colon',
    'access: carts on blue: no role',
    'access: carts on blue: no role',
  ],
  ['one about a cluster whose name no binding has', 'carts on a.b: no role', 'carts on a.b: no role'],
  ['one that is nothing but the name', 'shop/carts on blue', 'shop/carts on blue'],
])('of %s leaves out the names of the binding', (_why, said, reason) => {
  expect(failureDigest([rowSaying(said)])).toEqual([
    { result: 'failed', said: reason, count: 1, bindings: ['carts on blue'] },
  ])
})

const six = Array.from({ length: 6 }, (_, at) => `s${at}`)
it('has the commonest reason first, and names five of its bindings', () => {
  const rows = [rowSaying('rare'), ...six.map((name) => rowSaying('common', 'failed', name))]
  const found = failureDigest(rows)
  const five = six.slice(0, 5).map((name) => `${name} on blue`)
  expect(found).toEqual([
    { result: 'failed', said: 'common', count: 6, bindings: five },
    { result: 'failed', said: 'rare', count: 1, bindings: ['carts on blue'] },
  ])
  expect(found.map((one) => digestText(one))).toEqual([
    `6 failed (${five.join(', ')}, …): common`,
    '1 failed (carts on blue): rare',
  ])
  expect(digestText(found[0] as never, { most: 4, literal: (text) => `<${text}>` })).toBe(
    `6 failed (<${five.join(', ')}>, …): <com…>`,
  )
})

it('adds reasons: those of two rounds that are one are counted together', () => {
  const first = failureDigest([
    ...six.map((name) => rowSaying('both', 'failed', name)),
    rowSaying('late', 'not begun'),
  ])
  const second = failureDigest([
    rowSaying('both'),
    ...six.slice(0, 4).map((name) => rowSaying('both', 'stopped', name)),
    ...six.map((name) => rowSaying('only second', 'failed', name)),
    rowSaying('only second', 'failed', 'x'),
    rowSaying('only second', 'failed', 'y'),
  ])
  const five = six.slice(0, 5).map((name) => `${name} on blue`)
  expect(addDigests(first, second)).toEqual([
    { result: 'failed', said: 'only second', count: 8, bindings: five },
    { result: 'failed', said: 'both', count: 7, bindings: five },
    { result: 'stopped', said: 'both', count: 4, bindings: five.slice(0, 4) },
    { result: 'not begun', said: 'late', count: 1, bindings: ['carts on blue'] },
  ])
})

it('groups what failed, was stopped and was not begun by its reason, in which the binding’s own name is no part', () => {
  const row = (serviceAccount: string, said: string, result: ResultRow['result'] = 'failed'): ResultRow => ({
    ...item,
    serviceAccount,
    binding: serviceAccount,
    item: item.run,
    wave: 1,
    result,
    said,
    before: null,
  })
  const digest = failureDigest([
    row('carts', 'shop/carts on blue: role x trusts no pods'),
    row('orders', 'shop/orders on blue: role x trusts no pods'),
    row('etl', 'another'),
    row('late', 'the rollout stopped before it', 'not begun'),
    row('later', 'the rollout stopped before it', 'not begun'),
    row('assets', 'its time was over', 'stopped'),
    row('good', 'all is well', 'enabled'),
  ])
  expect(digest.map((one) => digestText(one))).toEqual([
    '2 failed (carts on blue, orders on blue): role x trusts no pods',
    '1 failed (etl on blue): another',
    '1 stopped (assets on blue): its time was over',
    '2 not begun (late on blue, later on blue): the rollout stopped before it',
  ])
})

import { expect, it } from 'vitest'
import { resolveRequest } from '../../../core/request-input.ts'
import { beforeOf } from '../../../core/run-events/before.ts'

it('restart marks of two runs that begin in one second differ', () => {
  const marks = ['one', 'two'].map((name) => {
    const arn = `arn:aws:states:us-west-2:123456789012:execution:podid:${name}`
    const startTime = '2026-11-23T06:00:00.123Z'
    const input = {
      cluster: 'shop',
      namespace: 'carts',
      serviceAccount: 'carts',
      role: 'arn:aws:iam::123456789012:role/carts',
    }
    return resolveRequest(input, { arn, startTime }).restartedAt
  })
  expect(new Set(marks).size).toBe(2)
  for (const mark of marks) expect(mark).toMatch(/^2026-11-23T06:00:00\.123\d{3}Z$/)
})

it('what was there before is in the history when Preflight has ended', () => {
  const before = { run: 'r', restartedAt: '2026-11-23T06:00:00Z', association: null, workload: null }
  const exited = (name: string, assignedVariables?: Record<string, string>) => ({
    id: 1,
    previousEventId: 0,
    timestamp: 0,
    type: 'ParallelStateExited',
    stateExitedEventDetails: { name, output: '{}', ...(assignedVariables ? { assignedVariables } : {}) },
  })
  expect(beforeOf([exited('ResolveRequest', { before: 'null' })])).toBeUndefined()
  expect(beforeOf([exited('Preflight', { before: JSON.stringify(before) })])).toEqual(before)
})

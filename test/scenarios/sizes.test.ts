import { expect, it } from 'vitest'
import type { Need } from '../../core/role/need.ts'
import { bytesOf } from '../../core/text/fit.ts'
import { startWorkshop } from '../support/run.ts'

const actions = [
  'BatchGetItem',
  'BatchWriteItem',
  'ConditionCheckItem',
  'DeleteItem',
  'DescribeTable',
  'GetItem',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
  'UpdateTable',
  'CreateTable',
  'DeleteTable',
  'DescribeTimeToLive',
  'ListTagsOfResource',
]

/** Needs of which the workshop's role has none, each of actions of its own, so that no two go together. */
const needs = (count: number): Need[] =>
  Array.from({ length: count }, (_, at) => ({
    actions: [actions[at % 15], actions[(at + 1 + Math.floor(at / 15)) % 15]].map(
      (name) => `dynamodb:${name}`,
    ),
    resources: [`arn:aws:dynamodb:us-west-2:123456789012:table/eks-workshop-orders-${at}`],
  }))

it.each([33, 200])('%i missing needs are reported, with one remedy for all', async (count) => {
  await using world = await startWorkshop()
  const { event, report, events } = await world.enable({ mode: 'plan', needs: needs(count) })
  expect(event).toMatchObject({ type: 'run.failed', error: 'PreflightFailed' })
  const missing = (report?.findings ?? []).filter(({ code }) => code === 'permission-missing')
  expect(missing.length).toBeGreaterThanOrEqual(33)
  expect(missing.filter(({ remedy }) => remedy?.command !== undefined).length).toBeLessThanOrEqual(1)
  // A report that left needs out says how many.
  if (missing.length < count) {
    expect(report?.findings).toContainEqual(
      expect.objectContaining({
        code: 'findings-left-out',
        found: expect.stringMatching(/^\d+ more findings/),
      }),
    )
  }
  expect(bytesOf(report)).toBeLessThan(180_000)
  expect(events.filter((one) => 'error' in one && one.error === 'States.DataLimitExceeded')).toEqual([])
})

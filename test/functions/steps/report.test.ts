import { expect, it } from 'vitest'
import { buildReport } from '../../../core/report.ts'
import { create } from '../../../functions/steps/report.ts'
import { reportState } from '../../core/report-state.ts'
import { surroundings } from '../middleware/support.ts'

const state = reportState({ request: {} })

it('makes one document of the whole run, until the end by the workflow’s time', async () => {
  const endedAt = '2026-11-23T06:10:00.000Z'
  const made = await create(surroundings())({ ...state, endedAt })
  expect(made).toEqual(buildReport(state, Date.parse(endedAt)))
})

it('takes no input that does not say when it ended', async () => {
  await expect(create(surroundings())(state)).rejects.toMatchObject({
    name: 'InvalidRequest',
    message: expect.stringContaining('endedAt'),
  })
})

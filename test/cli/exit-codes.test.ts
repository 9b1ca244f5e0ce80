import { expect, it } from 'vitest'
import { exit } from '../../cli/exit.ts'
import { output } from '../../cli/show.ts'
import { startWorkshop } from '../support/run.ts'

it('does not say that nothing was called where the API server refused a call of the run as invalid', async () => {
  await using world = await startWorkshop()
  world.calls.inject({
    operation: 'patch deployments',
    times: Number.POSITIVE_INFINITY,
    action: { kind: 'error', status: 413, code: 'RequestEntityTooLarge' },
  })
  const end = await world.enable()
  expect(end.event).toMatchObject({ type: 'run.failed', error: 'InvalidRequest' })
  expect(output({ json: true }, '').end(end)).toBe(exit.failed)
})

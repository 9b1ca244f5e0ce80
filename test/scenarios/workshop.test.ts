import { expect, it } from 'vitest'
import { isReady } from '../../core/workload/readiness.ts'
import { cartsPods, startWorkshop } from '../support/run.ts'

it('takes carts from crash-looping to running with the credentials of its role', async () => {
  await using world = await startWorkshop()
  const { event, report } = await world.enable()
  expect(report).toMatchObject({ outcome: 'enabled', failure: null })
  expect(event.type).toBe('run.succeeded')
  const pods = cartsPods(world)
  expect(pods.map(isReady)).toEqual([true])
})

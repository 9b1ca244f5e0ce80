import { expect, it } from 'vitest'
import { startWorkshop } from '../../support/run.ts'
import { deployShop, readyPods, spoilTheRole } from '../../support/workloads.ts'

it('deletes the pod of a StatefulSet that Kubernetes would never replace, and has all of them ready again', async () => {
  await using world = await startWorkshop()
  const workload = await deployShop(world, 'statefulsets', { replicas: 3 })
  spoilTheRole(world)
  const { event, report } = await world.enable({ workload, rolloutTimeoutSeconds: 3 })
  expect(event).toMatchObject({ type: 'run.failed', error: 'RolloutFailed' })
  expect(readyPods(world)).toBe(3)
  expect(report?.undo?.done).toContain('deleted pod shop-2 of the failed restart, so that it is made anew')
  expect(report?.summary).toMatch(/Everything is as it was before$/)
})

import { expect, it } from 'vitest'
import { isReady } from '../../../core/workload/readiness.ts'
import { type NewObject, resources } from '../../../local/kubernetes/store/resources.ts'
import { workshop } from '../../../local/scenarios/workshop/index.ts'
import { cartsPods, startWorkshop, type Workshop } from '../../support/run.ts'

const { namespace } = workshop

/** Does something to the Deployment a moment after its rollout has begun to be watched. */
const duringTheRollout = (world: Workshop, act: () => void) => {
  let done = false
  world.calls.onCall(({ operation }) => {
    if (operation !== 'watch deployments' || done) return
    done = true
    world.clock.after(500, act)
  })
}

it('follows a workload that somebody deletes and makes anew during its rollout', async () => {
  await using world = await startWorkshop()
  const { store } = world.cluster
  duringTheRollout(world, () => {
    const { spec } = store.read(resources.deployments, namespace, 'carts')
    store.delete(resources.deployments, namespace, 'carts', { propagation: 'Background' })
    store.create(resources.deployments, { metadata: { name: 'carts', namespace }, spec } as NewObject)
  })
  const { report } = await world.enable()
  expect(report?.failure).toBeNull()
  expect(report).toMatchObject({ outcome: 'enabled' })
  expect(cartsPods(world).map(isReady)).toEqual([true])
})

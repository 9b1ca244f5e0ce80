import { expect, it } from 'vitest'
import { resources } from '../../local/kubernetes/store/resources.ts'
import { workshop } from '../../local/scenarios/workshop/index.ts'
import { cartsPods, startWorkshop, type Workshop } from '../support/run.ts'

const scaleToZero = async (world: Workshop) => {
  world.cluster.store.mutate(resources.deployments, workshop.namespace, 'carts', (draft) => {
    if (draft.spec) draft.spec.replicas = 0
    return draft
  })
  await world.clock.sleep(60_000)
  expect(cartsPods(world)).toEqual([])
}

it('makes the association of a workload that is scaled to zero, where that is all right', async () => {
  await using world = await startWorkshop()
  await scaleToZero(world)
  const { event, report } = await world.enable({ allowZero: true })
  expect(event.type).toBe('run.succeeded')
  expect(report?.changes.map(({ action }) => action)).toEqual([
    expect.stringMatching(/^created the association/),
  ])
  expect(report?.checked).toContainEqual({
    what: 'credentials',
    found: expect.stringContaining('it wants no pods now'),
  })
})

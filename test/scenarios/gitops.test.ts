import { expect, it } from 'vitest'
import { restartAnnotation } from '../../core/workload/restart.ts'
import { resources } from '../../local/kubernetes/store/resources.ts'
import { workshop } from '../../local/scenarios/workshop/index.ts'
import { startWorkshop, type Workshop } from '../support/run.ts'

/** A tool that keeps the Deployment as a repository has it: it takes out the annotation, `times` times. */
const strip = ({ cluster: { store } }: Workshop, times: number) => {
  let left = times
  store.subscribe(({ resource, object }) => {
    const { spec } = object as {
      spec?: { template?: { metadata?: { annotations?: Record<string, string> } } }
    }
    if (resource !== resources.deployments || object.metadata.name !== 'carts') return
    if (!spec?.template?.metadata?.annotations?.[restartAnnotation] || left-- <= 0) return
    queueMicrotask(() =>
      store.mutate(resources.deployments, workshop.namespace, 'carts', (draft) => {
        delete draft.spec.template.metadata?.annotations?.[restartAnnotation]
        return draft
      }),
    )
  })
}

it('waits for the second rollout when the annotation is taken away once, and restarts once more', async () => {
  await using world = await startWorkshop()
  strip(world, 1)
  const { report } = await world.enable()
  expect(report).toMatchObject({ outcome: 'enabled' })
})

it('says what keeps the pods old when the annotation is always taken away', async () => {
  await using world = await startWorkshop()
  strip(world, 100)
  const { event, report } = await world.enable()
  expect(event).toMatchObject({ type: 'run.failed', error: 'RolloutFailed' })
  expect(report?.findings.map(({ code }) => code)).toContain('restart-undone')
  expect(world.aws.associations.list(workshop.cluster)).toEqual([])
})

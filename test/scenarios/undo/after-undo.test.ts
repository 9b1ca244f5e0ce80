import { expect, it } from 'vitest'
import type { Report } from '../../../core/report.ts'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import { workshop } from '../../../local/scenarios/workshop/index.ts'
import { startWorkshop, type Workshop } from '../../support/run.ts'
import { deployShop, readyPods, refusers, shopPods, spoilTheRole } from '../../support/workloads.ts'

const { namespace } = workshop

/** Does something as soon as the run has restarted a workload. */
const onRestart = ({ calls }: Workshop, act: () => void) => {
  const stop = calls.onCall(({ operation }) => {
    if (!operation.startsWith('patch')) return
    stop()
    // The write itself comes first.
    setImmediate(act)
  })
}

const left = (report: Report | undefined) => report?.undo?.left ?? []

it('deletes the pod of a StatefulSet that Kubernetes would never replace, and has all of them ready again', async () => {
  await using world = await startWorkshop()
  const workload = await deployShop(world, 'statefulsets', { replicas: 3 })
  spoilTheRole(world)
  const { event, report } = await world.enable({ workload, rolloutTimeoutSeconds: 10 })
  expect(event).toMatchObject({ type: 'run.failed', error: 'RolloutFailed' })
  expect(readyPods(world)).toBe(3)
  expect(report?.undo?.done).toContain('deleted pod shop-2 of the failed restart, so that it is made anew')
  expect(report?.summary).toMatch(/Everything is as it was before$/)
})

it('does not wait where the cluster refuses the former pods too', async () => {
  await using world = await startWorkshop()
  const workload = await deployShop(world, 'statefulsets', { replicas: 2 })
  onRestart(world, () => refusers.restricted(world))
  const { event, report } = await world.enable({ workload, rolloutTimeoutSeconds: 10 })
  expect(event).toMatchObject({ type: 'run.failed', error: 'UndoIncomplete' })
  expect(left(report)).toMatchObject([
    {
      what: 'statefulset/shop has 1 of 2 pods ready, and had 2 of 2 before',
      error: expect.stringContaining('the cluster refuses new pods of it: '),
      command: 'kubectl get namespace carts --show-labels',
    },
  ])
  expect(report?.summary).not.toContain('as it was before')
  // Some seconds for the rollout, and not the five minutes that a rollout back may take.
  expect(report?.durationMs).toBeLessThan(110_000)
})

it('says what is stuck where somebody has changed the template during the run', async () => {
  await using world = await startWorkshop()
  const workload = await deployShop(world, 'statefulsets', { replicas: 2 })
  onRestart(world, () =>
    world.cluster.store.mutate(resources.statefulsets, namespace, 'shop', (draft) => {
      const [container] = draft.spec?.template.spec?.containers ?? []
      if (container)
        container.env = [
          { name: 'AWS_ACCESS_KEY_ID', value: 'wrong' },
          { name: 'AWS_SECRET_ACCESS_KEY', value: 'wrong' },
        ]
      return draft
    }),
  )
  const { event, report } = await world.enable({ workload, rolloutTimeoutSeconds: 10 })
  expect(event).toMatchObject({ type: 'run.failed', error: 'UndoIncomplete' })
  expect(left(report)).toMatchObject([
    {
      what: 'statefulset/shop has 1 of 2 pods ready, and had 2 of 2 before',
      command: 'kubectl describe statefulset/shop -n carts',
    },
  ])
})

it('does not say that all is as before where nobody could look', async () => {
  await using world = await startWorkshop()
  const workload = await deployShop(world, 'deployments', { replicas: 1 })
  spoilTheRole(world)
  let patched = 0
  world.calls.onCall(({ operation }) => {
    if (!operation.startsWith('patch') || ++patched !== 2) return
    setImmediate(() =>
      world.calls.inject({
        operation: 'get deployments',
        times: Number.POSITIVE_INFINITY,
        action: { kind: 'error', status: 503, code: 'ServiceUnavailable' },
      }),
    )
  })
  const { event, report } = await world.enable({ workload, rolloutTimeoutSeconds: 10 })
  expect(event).toMatchObject({ type: 'run.failed', error: 'UndoIncomplete' })
  expect(left(report)).toMatchObject([
    {
      what: 'whether deployment/shop runs as it did before is not known',
      command: 'kubectl rollout status deployment/shop -n carts',
    },
  ])
  expect(shopPods(world)).toHaveLength(1)
})

import { expect, it } from 'vitest'
import type { Report } from '../../../core/report.ts'
import { startWorkshop, type Workshop } from '../../support/run.ts'
import { deployShop, readyPods, refusers, spoilTheRole } from '../../support/workloads.ts'

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

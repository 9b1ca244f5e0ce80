import { expect, it } from 'vitest'
import type { Report } from '../../../core/report.ts'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import { workshop } from '../../../local/scenarios/workshop/index.ts'
import { startWorkshop, type Workshop } from '../../support/run.ts'
import {
  deployShop,
  type Kind,
  readyPods,
  refusers,
  shopPods,
  spoilTheRole,
} from '../../support/workloads.ts'

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
  const { event, report } = await world.enable({ workload, rolloutTimeoutSeconds: 60 })
  expect(event).toMatchObject({ type: 'run.failed', error: 'RolloutFailed' })
  expect(readyPods(world)).toBe(3)
  expect(report?.undo?.done).toContain('deleted pod shop-2 of the failed restart, so that it is made anew')
  expect(report?.summary).toMatch(/Everything is as it was before$/)
})

it('says which pod of a StatefulSet to delete where it may not', async () => {
  await using world = await startWorkshop()
  const workload = await deployShop(world, 'statefulsets', { replicas: 3 })
  spoilTheRole(world)
  world.calls.inject({
    operation: 'delete pods',
    times: Number.POSITIVE_INFINITY,
    action: { kind: 'error', status: 403, code: 'Forbidden', message: 'cannot delete resource "pods"' },
  })
  const { event, report } = await world.enable({ workload, rolloutTimeoutSeconds: 60 })
  expect(event).toMatchObject({ type: 'run.failed', error: 'UndoIncomplete' })
  expect(left(report)).toEqual([
    {
      what: 'statefulset/shop has 2 of 3 pods ready, and had 3 of 3 before',
      error: expect.stringMatching(
        /^shop-2 of the failed restart keeps .*manifests\/pod-deletion.*: cannot delete resource "pods"$/,
      ),
      command: 'kubectl delete pod shop-2 -n carts',
    },
  ])
  expect(report?.summary).not.toContain('as it was before')
})

const refused: [
  why: string,
  kind: Kind,
  spec: object,
  refuse: (world: Workshop) => void,
  counts: string,
  command: string,
][] = [
  [
    'Recreate under a LimitRange',
    'deployments',
    { replicas: 3, strategy: { type: 'Recreate' } },
    refusers.limits,
    'deployment/shop has 0 of 3 pods ready, and had 3 of 3 before',
    'kubectl describe limitrange -n carts',
  ],
  [
    'a StatefulSet under Pod Security',
    'statefulsets',
    { replicas: 2 },
    refusers.restricted,
    'statefulset/shop has 1 of 2 pods ready, and had 2 of 2 before',
    'kubectl get namespace carts --show-labels',
  ],
  [
    'a DaemonSet under a LimitRange',
    'daemonsets',
    {},
    refusers.limits,
    'daemonset/shop has 2 of 3 pods ready, and had 3 of 3 before',
    'kubectl describe limitrange -n carts',
  ],
]

it.each(refused)(
  'does not wait where the cluster refuses the former pods too: %s',
  async (_why, kind, spec, refuse, counts, command) => {
    await using world = await startWorkshop()
    const workload = await deployShop(world, kind, spec)
    onRestart(world, () => refuse(world))
    const { event, report } = await world.enable({ workload, rolloutTimeoutSeconds: 60 })
    expect(event).toMatchObject({ type: 'run.failed', error: 'UndoIncomplete' })
    expect(left(report)).toMatchObject([
      { what: counts, error: expect.stringContaining('the cluster refuses new pods of it: '), command },
    ])
    expect(report?.summary).not.toContain('as it was before')
    // A minute for the rollout, and not the five that a rollout back may take.
    expect(report?.durationMs).toBeLessThan(150_000)
  },
)

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
  const { event, report } = await world.enable({ workload, rolloutTimeoutSeconds: 60 })
  expect(event).toMatchObject({ type: 'run.failed', error: 'UndoIncomplete' })
  expect(left(report)).toMatchObject([
    {
      what: 'statefulset/shop has 1 of 2 pods ready, and had 2 of 2 before',
      command: 'kubectl describe statefulset/shop -n carts',
    },
  ])
})

it('says that others have scaled it since, and nothing more', async () => {
  await using world = await startWorkshop()
  const workload = await deployShop(world, 'deployments', { replicas: 3 })
  spoilTheRole(world)
  onRestart(world, () =>
    world.cluster.store.mutate(resources.deployments, namespace, 'shop', (draft) => {
      draft.spec.replicas = 1
      return draft
    }),
  )
  const { event, report } = await world.enable({ workload, rolloutTimeoutSeconds: 60 })
  expect(event).toMatchObject({ type: 'run.failed', error: 'RolloutFailed' })
  expect(left(report)).toEqual([])
  expect(report?.summary).toMatch(
    /; deployment\/shop has 1 of 1 pods ready, and had 3 of 3 before: its size was changed by others$/,
  )
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
  const { event, report } = await world.enable({ workload, rolloutTimeoutSeconds: 60 })
  expect(event).toMatchObject({ type: 'run.failed', error: 'UndoIncomplete' })
  expect(left(report)).toMatchObject([
    {
      what: 'whether deployment/shop runs as it did before is not known',
      command: 'kubectl rollout status deployment/shop -n carts',
    },
  ])
  expect(shopPods(world)).toHaveLength(1)
})

it('reports a pod that was deleted although the answer was lost', async () => {
  await using world = await startWorkshop()
  const workload = await deployShop(world, 'statefulsets', { replicas: 3 })
  spoilTheRole(world)
  world.calls.inject({ operation: 'delete pods', action: { kind: 'lose' } })
  const { report } = await world.enable({ workload, rolloutTimeoutSeconds: 60 })
  expect(report?.undo?.done).toContain('deleted pod shop-2 of the failed restart, so that it is made anew')
  expect(readyPods(world)).toBe(3)
  expect(world.calls.writes().filter(({ operation }) => operation === 'delete pods')).toHaveLength(1)
})

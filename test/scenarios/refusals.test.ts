import { describe, expect, it } from 'vitest'
import { resources } from '../../local/kubernetes/store/resources.ts'
import { StatusError } from '../../local/kubernetes/store/status.ts'
import { workshop } from '../../local/scenarios/workshop/index.ts'
import { startWorkshop, type Workshop } from '../support/run.ts'
import { deployShop, readyPods, refusers } from '../support/workloads.ts'

/** A webhook that refuses every pod from now on, with a status of its own. */
const refuseAll = ({ cluster: { store } }: Workshop, status: number, message: string) =>
  store.admission.push((resource, object, { operation }) => {
    if (resource !== resources.pods || operation !== 'CREATE') return object
    throw new StatusError(status, 'Forbidden', message)
  })

describe('a refused dry run', () => {
  // What else may refuse pods, and in which words, is in test/local/kubernetes/admission and test/core/workload.
  it('is in the plan: a webhook with a status of its own', async () => {
    await using world = await startWorkshop()
    const said = 'admission webhook "images.example.com" denied the request: unsigned'
    refuseAll(world, 409, said)
    const { event, report } = await world.enable({ mode: 'plan' })
    // That nothing was changed is not said, since no plan changes anything.
    const message = expect.not.stringContaining('changed')
    expect(event).toMatchObject({ type: 'run.failed', error: 'PreflightFailed', message })
    const finding = report?.findings.find(({ code }) => code === 'pods-refused')
    expect(finding).toMatchObject({ severity: 'blocking', subject: 'deployment/carts' })
    expect(finding?.found).toContain(said)
    expect(finding?.remedy?.command).toContain('kubectl get validatingwebhookconfigurations')
    expect(world.calls.writes()).toEqual([])
  })

  it('stops a StatefulSet before its restart: a quota without room', async () => {
    await using world = await startWorkshop()
    const workload = await deployShop(world, 'statefulsets', { replicas: 3 })
    expect(readyPods(world)).toBe(3)
    world.aws.associations.changes.subscribe(() => {
      if (world.aws.associations.list(workshop.cluster).length > 0) refusers.quota(world, 1)
    })
    const { event, report } = await world.enable({ workload })
    expect(event).toMatchObject({ type: 'run.failed', error: 'PreflightFailed' })
    expect(report?.failure?.message).toContain('statefulset/shop was not restarted: ')
    expect(report?.failure?.message).toContain('exceeded quota: compute, requested: pods=1')
    expect(world.calls.calls.filter(({ operation }) => operation.startsWith('patch'))).toEqual([])
    expect(readyPods(world)).toBe(3)
    expect(world.aws.associations.list(workshop.cluster)).toEqual([])
  })
})

it('goes ahead where a full quota has room again as soon as an old pod has gone', async () => {
  await using world = await startWorkshop()
  const workload = await deployShop(world, 'statefulsets', { replicas: 3 })
  refusers.quota(world, world.cluster.store.list(resources.pods, { namespace: 'carts' }).length)
  const { report } = await world.enable({ workload })
  expect(report?.failure).toBeNull()
  expect(report?.findings.find(({ code }) => code === 'pods-untried')).toMatchObject({ severity: 'info' })
  expect(readyPods(world)).toBe(3)
})

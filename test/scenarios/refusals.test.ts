import { describe, expect, it } from 'vitest'
import { resources } from '../../local/kubernetes/store/resources.ts'
import { workshop } from '../../local/scenarios/workshop/index.ts'
import { startWorkshop } from '../support/run.ts'
import { deployShop, readyPods, refusers } from '../support/workloads.ts'

describe('a refused dry run', () => {
  // What else may refuse pods, and in which words, is in test/local/kubernetes/admission and test/core/workload.
  it('is in the plan: a webhook that is down, and that no pod is made without', async () => {
    await using world = await startWorkshop({ scenario: 'webhook-refuses' })
    const { event, report } = await world.enable({ mode: 'plan' })
    // That nothing was changed is not said, since no plan changes anything.
    const message = expect.not.stringContaining('changed')
    expect(event).toMatchObject({ type: 'run.failed', error: 'PreflightFailed', message })
    expect(report?.findings.find(({ code }) => code === 'pods-refused')).toMatchObject({
      severity: 'blocking',
      subject: 'deployment/carts',
      remedy: {
        advice: expect.stringContaining('does not answer the API server, and its failurePolicy is Fail'),
      },
    })
    expect(world.calls.writes()).toEqual([])
  })

  it('stops a StatefulSet before its restart where a quota has no room, and no plan where it has as soon as an old pod has gone', async () => {
    await using world = await startWorkshop()
    const { store } = world.cluster
    const workload = await deployShop(world, 'statefulsets', { replicas: 3 })
    expect(readyPods(world)).toBe(3)
    refusers.quota(world, store.list(resources.pods, { namespace: workshop.namespace }).length)
    const plan = await world.enable({ workload, mode: 'plan' })
    expect(plan.event.type).toBe('run.succeeded')
    expect(plan.report?.findings.find(({ code }) => code === 'pods-untried')).toMatchObject({
      severity: 'info',
    })

    store.delete(resources.resourcequotas, workshop.namespace, 'compute')
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

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { observeRollout, type WatchRequest } from '../../../adapters/kubernetes/watch.ts'
import { workloads } from '../../../adapters/kubernetes/workloads.ts'
import type { Deployment } from '../../../core/kubernetes.ts'
import { restartAnnotation } from '../../../core/workload/restart.ts'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import {
  cartsDeployment,
  cartsRef,
  type ServedCluster,
  serveCluster,
} from '../../support/servers/served-cluster.ts'

let cluster: ServedCluster

beforeEach(async () => {
  cluster = await serveCluster()
})
afterEach(() => cluster.close())

const current = () => cluster.store.read(resources.deployments, 'carts', 'carts')

const change = (edit: (draft: Deployment) => void) =>
  cluster.store.mutate(resources.deployments, 'carts', 'carts', (draft) => {
    edit(draft as Deployment)
    return draft
  })

const restart = () => workloads(cluster.connection).restart(cartsRef, 'carts', '2026-01-01T00:10:00Z')

const follow = (generation: number, options: Partial<WatchRequest> = {}) =>
  observeRollout({
    connection: cluster.connection,
    ref: cartsRef,
    namespace: 'carts',
    generation,
    budgetMs: 900_000,
    ...options,
  })

/** Restarts, lets `meddle` do its worst once one new pod is there, and says how the watch ended. */
const disturbed = async (meddle: () => void, options: Partial<WatchRequest> = {}) => {
  await cluster.deploy()
  const { generation } = await restart()
  const ended = follow(generation, options)
  await cluster.when(() => current().status?.updatedReplicas === 1)
  meddle()
  return ended
}

const done = { state: 'complete', message: 'deployment "carts" successfully rolled out' }

it('is followed to its end', async () => {
  expect(await disturbed(() => {})).toMatchObject({
    ...done,
    counts: { desired: 2, updated: 2, available: 2, old: 0 },
  })
})

describe('the watch', () => {
  it('may be cut at every event', async () => {
    await cluster.deploy()
    const { generation } = await restart()
    const cutAt = new Set<string>()
    cluster.api.watches.onEvent((_watch, { object }) => {
      const version = (object as Deployment).metadata?.resourceVersion ?? ''
      if (cutAt.has(version)) return undefined
      cutAt.add(version)
      return 'cut'
    })
    expect(await follow(generation)).toMatchObject(done)
    expect(cutAt.size).toBeGreaterThan(5)
  })

  it('may be too old to go on', async () => {
    expect(
      await disturbed(() => {
        cluster.api.expireWatchCache()
        cluster.api.watches.cut()
      }),
    ).toMatchObject(done)
  })

  it('may be refused for being one too many', async () => {
    expect(
      await disturbed(() => {
        cluster.calls.inject({
          operation: 'watch deployments',
          times: 3,
          action: { kind: 'error', status: 429, code: 'TooManyRequests', headers: { 'retry-after': '2' } },
        })
        cluster.api.watches.cut()
      }),
    ).toMatchObject(done)
  })

  it('outlives an API server that is away for 5 seconds', async () => {
    expect(
      await disturbed(() => {
        cluster.api.setAvailable(false)
        cluster.clock.after(5000, () => cluster.api.setAvailable(true))
      }),
    ).toMatchObject(done)
  })

  it('goes on from one short watch to the next', async () => {
    await cluster.deploy()
    const { generation } = await restart()
    let watches = 1
    let result = await follow(generation, { budgetMs: 1000 })
    while (result.state === 'progressing') {
      watches++
      result = await follow(generation, { budgetMs: 1000, position: result.position })
    }
    expect(result).toMatchObject(done)
    expect(watches).toBeGreaterThan(2)
  })
})

describe('the Deployment', () => {
  it('deleted: the workload is gone', async () => {
    expect(
      await disturbed(() => cluster.store.delete(resources.deployments, 'carts', 'carts')),
    ).toMatchObject({
      state: 'gone',
    })
  })

  it('deleted and made anew: it was replaced, and the new one can be followed', async () => {
    const replaced = await disturbed(() => {
      cluster.store.delete(resources.deployments, 'carts', 'carts')
      cluster.store.create(resources.deployments, cartsDeployment())
    })
    expect(replaced).toMatchObject({ state: 'replaced' })
    expect(await follow(99, { position: replaced.position })).toMatchObject(done)
  })

  it('scaled up: all the pods it wants now', async () => {
    const result = await disturbed(() =>
      change(({ spec }) => {
        if (spec) spec.replicas = 3
      }),
    )
    expect(result).toMatchObject({ ...done, counts: { desired: 3, updated: 3 } })
  })

  it('scaled to zero: nothing is shown by that', async () => {
    const result = await disturbed(() =>
      change(({ spec }) => {
        if (spec) spec.replicas = 0
      }),
    )
    expect(result).toMatchObject({ state: 'failed', reason: 'scaled-to-zero' })
  })

  it('paused: says how to go on', async () => {
    const result = await disturbed(() =>
      change(({ spec }) => {
        if (spec) spec.paused = true
      }),
    )
    expect(result).toMatchObject({
      state: 'failed',
      reason: 'paused',
      message: expect.stringContaining('kubectl rollout resume'),
    })
  })

  it('patched by someone else: their revision is the one to wait for', async () => {
    const result = await disturbed(() =>
      change(({ spec }) => {
        const [container] = spec?.template.spec?.containers ?? []
        if (container) container.image = 'carts:2'
      }),
    )
    expect(result).toMatchObject(done)
    const images = cluster.store
      .list(resources.pods, { namespace: 'carts' })
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ spec }) => spec.containers[0]?.image)
    expect(images).toEqual(['carts:2', 'carts:2'])
  })

  it('stripped of the annotation by a GitOps tool: the second rollout is waited for', async () => {
    const result = await disturbed(() =>
      change(({ spec }) => {
        delete spec?.template.metadata?.annotations?.[restartAnnotation]
      }),
    )
    expect(result).toMatchObject(done)
    expect(current().status?.observedGeneration).toBe(current().metadata.generation)
  })
})

describe('a node', () => {
  it('that goes away takes its pods along, and others take their place', async () => {
    const result = await disturbed(() => {
      const [pod] = cluster.store.list(resources.pods, { namespace: 'carts' })
      cluster.store.delete(resources.nodes, undefined, pod?.spec.nodeName ?? '')
    })
    expect(result).toMatchObject(done)
  })

  it('that falls silent holds the rollout up, and the watch does not say it is done', async () => {
    const result = await disturbed(() => {
      for (const { metadata } of cluster.store.list(resources.nodes)) {
        cluster.controllers.kubelet.setNodeReady(metadata.name, false)
      }
    })
    expect(result).toMatchObject({ state: 'failed', reason: 'deadline-exceeded' })
  })
})

import { afterEach, describe, expect, it } from 'vitest'
import { podsOf } from '../../../adapters/kubernetes/pods.ts'
import { observeRollout, type WatchRequest } from '../../../adapters/kubernetes/watch.ts'
import { workloads } from '../../../adapters/kubernetes/workloads.ts'
import type { DaemonSet, StatefulSet } from '../../../core/kubernetes.ts'
import type { WorkloadRef } from '../../../core/workload/workload.ts'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import { cartsDeployment, type ServedCluster, serveCluster } from '../../support/servers/served-cluster.ts'

let cluster: ServedCluster
afterEach(() => cluster.close())

const template = cartsDeployment().spec?.template ?? {}
const common = { metadata: { name: 'carts', namespace: 'carts' } }
const selector = { matchLabels: { app: 'carts' } }

const daemonSet = (type = 'RollingUpdate'): DaemonSet => ({
  ...common,
  kind: 'DaemonSet',
  spec: { selector, template, updateStrategy: { type } },
})

const statefulSet = (spec: Partial<NonNullable<StatefulSet['spec']>> = {}): StatefulSet => ({
  ...common,
  kind: 'StatefulSet',
  spec: { selector, template, serviceName: 'carts', replicas: 2, ...spec },
})

const at = '2026-01-01T00:10:00Z'

const follow = (ref: WorkloadRef, generation: number, options: Partial<WatchRequest> = {}) =>
  observeRollout({
    connection: cluster.connection,
    ref,
    namespace: 'carts',
    generation,
    budgetMs: 900_000,
    ...options,
  })

const podsNow = async (ref: WorkloadRef) => {
  const workload = await workloads(cluster.connection).get(ref, 'carts')
  if (!workload) throw new Error(`${ref.kind} is not there`)
  const { current, all } = await podsOf(cluster.connection, ref, workload)
  return {
    current: current.map(({ metadata }) => metadata?.uid),
    all: all.map(({ metadata }) => metadata?.uid),
  }
}

describe.each([
  ['DaemonSet', daemonSet(), 3, 'daemon set "carts" successfully rolled out'],
  ['StatefulSet', statefulSet(), 2, 'partitioned roll out complete: 2 new pods have been updated...'],
] as const)('a %s', (kind, workload, pods, message) => {
  const ref: WorkloadRef = { kind, name: 'carts' }

  it('is restarted and followed to its end, and its new pods are known', async () => {
    cluster = await serveCluster()
    await cluster.deploy(workload)
    const before = await podsNow(ref)
    expect(before.current).toHaveLength(pods)
    const { generation } = await workloads(cluster.connection).restart(ref, 'carts', at)
    expect(await follow(ref, generation)).toMatchObject({
      state: 'complete',
      message,
      counts: { desired: pods, updated: pods, available: pods, old: 0 },
    })
    const after = await podsNow(ref)
    expect(after.current).toHaveLength(pods)
    expect(after.current.filter((uid) => before.current.includes(uid))).toEqual([])
  })

  it('goes back to its former revision', async () => {
    cluster = await serveCluster()
    await cluster.deploy(workload)
    const revisionOf = () =>
      cluster.store
        .list(resources.pods, { namespace: 'carts' })
        .map(({ metadata }) => metadata.labels?.['controller-revision-hash'])
    const former = revisionOf()
    const there = await workloads(cluster.connection).restart(ref, 'carts', at)
    expect(await follow(ref, there.generation)).toMatchObject({ state: 'complete' })
    expect(revisionOf()).not.toEqual(former)
    const back = await workloads(cluster.connection).restoreAnnotation(ref, 'carts', {
      from: [at],
      to: there.previous,
    })
    expect(await follow(ref, back?.generation ?? 0)).toMatchObject({ state: 'complete' })
    expect(revisionOf()).toEqual(former)
  })

  it('that makes no progress has failed after the time its caller allows', async () => {
    let broken = false
    cluster = await serveCluster({
      behaviour: () => ({ readyAfterMs: broken ? Number.POSITIVE_INFINITY : 100 }),
    })
    await cluster.deploy(workload)
    broken = true
    const { generation } = await workloads(cluster.connection).restart(ref, 'carts', at)
    const began = cluster.clock.now()
    expect(await follow(ref, generation, { noProgressMs: 120_000 })).toMatchObject({
      state: 'failed',
      reason: 'no-progress',
    })
    expect(cluster.clock.now() - began).toBeLessThan(150_000)
  })
})

it.each([
  ['DaemonSet', daemonSet('OnDelete'), 3],
  ['StatefulSet', statefulSet({ updateStrategy: { type: 'OnDelete' } }), 2],
] as const)('a %s that waits for deletions says so at once', async (kind, workload, pods) => {
  cluster = await serveCluster()
  await cluster.deploy(workload)
  const ref: WorkloadRef = { kind, name: 'carts' }
  const { generation } = await workloads(cluster.connection).restart(ref, 'carts', at)
  expect(await follow(ref, generation)).toMatchObject({
    state: 'failed',
    reason: 'on-delete',
    message: expect.stringContaining(`delete the ${pods} pods of the old revision`),
  })
})

import { describe, expect, it } from 'vitest'
import type { StatefulSet } from '../../../../core/kubernetes.ts'
import type { PodBehaviour } from '../../../../local/kubernetes/kubelet/kubelet.ts'
import { resources } from '../../../../local/kubernetes/store/resources.ts'
import { cluster, healthy, type TestCluster } from '../support/cluster.ts'

const orders = (spec: Partial<NonNullable<StatefulSet['spec']>> = {}): StatefulSet => ({
  metadata: { name: 'orders', namespace: 'carts' },
  spec: {
    replicas: 3,
    serviceName: 'orders',
    selector: { matchLabels: { app: 'orders' } },
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
    podManagementPolicy: 'OrderedReady',
    revisionHistoryLimit: 10,
    template: {
      metadata: { labels: { app: 'orders' } },
      spec: { containers: [{ name: 'orders', image: 'orders:1' }] },
    },
    ...spec,
  },
})

/** What happened to which pod, in order: `+orders-0` created, `-orders-2` deleted. */
const journal = ({ store }: TestCluster): string[] => {
  const lines: string[] = []
  store.subscribe(({ type, resource, object, previous }) => {
    if (resource !== resources.pods) return
    const { name, deletionTimestamp } = object.metadata
    if (type === 'ADDED') lines.push(`+${name}`)
    else if (deletionTimestamp && !previous?.metadata.deletionTimestamp) lines.push(`-${name}`)
  })
  return lines
}

const start = (spec: Parameters<typeof orders>[0] = {}, behaviour: PodBehaviour = healthy) => {
  const local = cluster(behaviour)
  const lines = journal(local)
  local.store.create(resources.statefulsets, orders(spec))
  return { ...local, lines }
}

const rolledOut = (...given: Parameters<typeof start>) => {
  const local = start(...given)
  local.clock.advance(60_000)
  local.lines.length = 0
  return local
}

const read = ({ store }: TestCluster) => store.read(resources.statefulsets, 'carts', 'orders')
const change = ({ store }: TestCluster, spec: Parameters<typeof orders>[0]) =>
  store.mutate(resources.statefulsets, 'carts', 'orders', (draft) => ({
    ...draft,
    spec: { ...draft.spec, ...spec },
  }))
const setImage = (local: TestCluster, image: string) =>
  change(local, {
    template: { metadata: { labels: { app: 'orders' } }, spec: { containers: [{ name: 'orders', image }] } },
  })
const images = ({ pods }: TestCluster) => pods().map(({ spec }) => spec.containers[0]?.image)

describe('a StatefulSet', () => {
  it('brings its pods up one after the other, each when the one before is ready', () => {
    const local = start()
    local.clock.advance(1400)
    expect(local.lines).toEqual(['+orders-0'])
    local.clock.advance(200)
    expect(local.lines).toEqual(['+orders-0', '+orders-1'])
    local.clock.advance(60_000)
    expect(local.lines).toEqual(['+orders-0', '+orders-1', '+orders-2'])
    expect(read(local).status).toMatchObject({
      observedGeneration: 1,
      replicas: 3,
      readyReplicas: 3,
      currentReplicas: 3,
      updatedReplicas: 3,
    })
    expect(local.pods()[1]?.metadata.labels).toMatchObject({
      'apps.kubernetes.io/pod-index': '1',
      'statefulset.kubernetes.io/pod-name': 'orders-1',
    })
  })

  it('brings all up at once when it may', () => {
    const local = start({ podManagementPolicy: 'Parallel' })
    local.clock.advance(50)
    expect(local.lines).toEqual(['+orders-0', '+orders-1', '+orders-2'])
  })

  it('goes down from the highest, one at a time', () => {
    const local = rolledOut()
    change(local, { replicas: 1 })
    local.clock.advance(100)
    expect(local.lines).toEqual(['-orders-2'])
    local.clock.advance(60_000)
    expect(local.lines).toEqual(['-orders-2', '-orders-1'])
    expect(read(local).status).toMatchObject({ replicas: 1, readyReplicas: 1 })
  })

  it('updates from the highest ordinal down, and then makes the update revision the current one', () => {
    const local = rolledOut()
    const before = read(local).status
    setImage(local, 'orders:2')
    local.clock.advance(1000)
    expect(read(local).status).toMatchObject({
      observedGeneration: 2,
      currentRevision: before?.currentRevision,
      currentReplicas: 2,
    })
    expect(read(local).status?.updateRevision).not.toBe(before?.updateRevision)
    local.clock.advance(60_000)
    expect(local.lines).toEqual([
      '-orders-2',
      '+orders-2',
      '-orders-1',
      '+orders-1',
      '-orders-0',
      '+orders-0',
    ])
    const after = read(local).status
    expect(after?.currentRevision).toBe(after?.updateRevision)
    expect(after).toMatchObject({ currentReplicas: 3, updatedReplicas: 3, readyReplicas: 3 })
  })

  it('leaves what is below the partition alone, even when such a pod is made anew', () => {
    const local = rolledOut({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } })
    setImage(local, 'orders:2')
    local.clock.advance(60_000)
    expect(images(local)).toEqual(['orders:1', 'orders:1', 'orders:2'])
    local.store.delete(resources.pods, 'carts', 'orders-0')
    local.clock.advance(60_000)
    expect(images(local)).toEqual(['orders:1', 'orders:1', 'orders:2'])
    const { currentRevision, updateRevision, updatedReplicas } = read(local).status ?? {}
    expect(currentRevision).not.toBe(updateRevision)
    expect(updatedReplicas).toBe(1)
  })

  it('with OnDelete replaces only what somebody deletes', () => {
    const local = rolledOut({ updateStrategy: { type: 'OnDelete' } })
    setImage(local, 'orders:2')
    local.clock.advance(60_000)
    expect(local.lines).toEqual([])
    local.store.delete(resources.pods, 'carts', 'orders-1')
    local.clock.advance(60_000)
    expect(images(local)).toEqual(['orders:1', 'orders:2', 'orders:1'])
  })

  it('gives every pod the claims of its ordinal', () => {
    const volumeClaimTemplates = [{ metadata: { name: 'data' } }]
    const local = rolledOut({ volumeClaimTemplates })
    expect(local.pods().map(({ spec }) => spec.volumes?.[0])).toEqual(
      [0, 1, 2].map((ordinal) => ({
        name: 'data',
        persistentVolumeClaim: { claimName: `data-orders-${ordinal}` },
      })),
    )
  })

  it('stops at a pod that never gets ready', () => {
    const broken: PodBehaviour = (_pod, { image }) =>
      image === 'orders:2' ? { readyAfterMs: Number.POSITIVE_INFINITY } : { startMs: 100 }
    const local = rolledOut({}, broken)
    setImage(local, 'orders:2')
    local.clock.advance(600_000)
    expect(local.lines).toEqual(['-orders-2', '+orders-2'])
    expect(read(local).status).toMatchObject({ readyReplicas: 2, updatedReplicas: 1, currentReplicas: 2 })
  })
})

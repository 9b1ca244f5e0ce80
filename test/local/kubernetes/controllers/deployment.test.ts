import { describe, expect, it } from 'vitest'
import type { DeploymentStrategy } from '../../../../core/kubernetes.ts'
import {
  countsOf,
  deploymentCondition,
  isComplete,
} from '../../../../local/kubernetes/controllers/deployment/status.ts'
import { isActive } from '../../../../local/kubernetes/controllers/pods.ts'
import type { StoredReplicaSet } from '../../../../local/kubernetes/controllers/replica-set.ts'
import { beyondHistory } from '../../../../local/kubernetes/controllers/revision-history.ts'
import type { PodBehaviour } from '../../../../local/kubernetes/kubelet/kubelet.ts'
import { resources } from '../../../../local/kubernetes/store/resources.ts'
import { cluster, deployment, healthy, restart, type TestCluster } from '../support/cluster.ts'

const settle = 60_000

/** A cluster with the Deployment rolled out. */
const rolledOut = (
  spec: Parameters<typeof deployment>[0] = {},
  behaviour?: PodBehaviour,
  pod: Parameters<typeof deployment>[1] = {},
) => {
  const local = cluster(behaviour)
  local.store.create(resources.deployments, deployment(spec, pod))
  local.clock.advance(settle)
  return local
}

const change = ({ store }: TestCluster, spec: Parameters<typeof deployment>[0]) =>
  store.mutate(resources.deployments, 'carts', 'carts', (draft) => ({
    ...draft,
    spec: { ...draft.spec, ...spec },
  }))

const sets = ({ store }: TestCluster) =>
  store
    .list(resources.replicasets, { namespace: 'carts' })
    .map(({ metadata, spec }) => ({
      name: metadata.name,
      revision: Number(metadata.annotations?.['deployment.kubernetes.io/revision']),
      history: metadata.annotations?.['deployment.kubernetes.io/revision-history'],
      replicas: spec.replicas,
    }))
    .toSorted((a, b) => a.revision - b.revision)

const progressing = ({ carts }: TestCluster) => {
  const condition = deploymentCondition(carts().status, 'Progressing')
  return `${condition?.status}/${condition?.reason}`
}

const stuckWhen =
  (annotation: string): PodBehaviour =>
  (pod, ...rest) =>
    pod.metadata.annotations?.['kubectl.kubernetes.io/restartedAt'] === annotation
      ? { startMs: 100, readyAfterMs: Number.POSITIVE_INFINITY }
      : healthy(pod, ...rest)

describe('revisions', () => {
  it('count up with each template, and go with the Deployment', () => {
    const local = rolledOut()
    restart(local, 'one')
    local.clock.advance(settle)
    expect(sets(local).map(({ revision, replicas }) => [revision, replicas])).toEqual([
      [1, 0],
      [2, 2],
    ])
    expect(local.carts().metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('2')
  })

  it('bring an earlier ReplicaSet back under a new number when its template returns', () => {
    const local = rolledOut()
    const template = local.carts().spec.template
    const [first] = sets(local)
    restart(local, 'one')
    local.clock.advance(settle)
    change(local, { template })
    local.clock.advance(settle)
    expect(sets(local)).toEqual([
      expect.objectContaining({ revision: 2, replicas: 0 }),
      { name: first?.name, revision: 3, replicas: 2, history: '1' },
    ])
    expect(local.carts().metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3')
  })

  it('are kept up to the limit', () => {
    const local = rolledOut({ revisionHistoryLimit: 2 })
    for (const name of ['one', 'two', 'three', 'four']) {
      restart(local, name)
      local.clock.advance(settle)
    }
    expect(sets(local).map(({ revision }) => revision)).toEqual([3, 4, 5])
  })
})

describe('what may be forgotten', () => {
  const old = (revision: number, { wanted = 0, present = 0, seen = 1 }) =>
    ({
      metadata: {
        name: `r${revision}`,
        generation: 1,
        annotations: { 'deployment.kubernetes.io/revision': String(revision) },
      },
      spec: { replicas: wanted },
      status: { replicas: present, observedGeneration: seen },
    }) as unknown as StoredReplicaSet

  const cases: [string, StoredReplicaSet[], number, string[]][] = [
    ['the lowest revisions beyond the limit', [old(3, {}), old(1, {}), old(2, {})], 1, ['r1', 'r2']],
    ['nothing within it', [old(1, {}), old(2, {})], 2, []],
    ['never a set that wants pods', [old(1, { wanted: 1 }), old(2, {})], 0, ['r2']],
    ['never a set that still has pods', [old(1, { present: 1 }), old(2, {})], 0, ['r2']],
    ['never a set whose controller has not looked yet', [old(1, { seen: 0 }), old(2, {})], 0, ['r2']],
  ]
  it.each(cases)('%s', (_why, sets, revisionHistoryLimit, expected) => {
    const { spec } = deployment({ revisionHistoryLimit })
    const found = beyondHistory(spec ? { spec } : {}, sets)
    expect(found.map(({ metadata }) => metadata.name)).toEqual(expected)
  })
})

describe('the terminating pods', () => {
  it('are unknown until every ReplicaSet has counted its own', () => {
    const local = rolledOut()
    const [set] = local.store.list(resources.replicasets, { namespace: 'carts' })
    if (!set) throw new Error('there is no ReplicaSet')
    const count = (sets: StoredReplicaSet[]) => countsOf(local.carts(), sets, undefined, 'now')
    expect(count([set])).toMatchObject({ terminatingReplicas: 0 })
    expect(count([set, { ...set, status: { replicas: 0 } }])).not.toHaveProperty('terminatingReplicas')
  })
})

describe('a rollout', () => {
  it('is overtaken by a newer template: the half-made set shrinks, the new one takes over', () => {
    const local = rolledOut({ replicas: 4 })
    restart(local, 'one')
    local.clock.advance(700)
    restart(local, 'two')
    local.clock.advance(settle)
    expect(sets(local).map(({ revision, replicas }) => [revision, replicas])).toEqual([
      [1, 0],
      [2, 0],
      [3, 4],
    ])
    expect(isComplete(local.carts(), local.carts().status)).toBe(true)
  })

  it('holds still while paused, but scales', () => {
    const local = rolledOut()
    change(local, { paused: true })
    restart(local, 'one')
    local.clock.advance(settle)
    expect(sets(local)).toHaveLength(1)
    change(local, { replicas: 3 })
    local.clock.advance(settle)
    expect(sets(local)).toMatchObject([{ replicas: 3 }])
    expect(local.carts().status).toMatchObject({ observedGeneration: 4, replicas: 3 })
    change(local, { paused: false })
    local.clock.advance(settle)
    expect(isComplete(local.carts(), local.carts().status)).toBe(true)
    expect(sets(local)).toHaveLength(2)
  })

  it('to zero replicas is complete without a pod', () => {
    const local = rolledOut({ replicas: 0 })
    expect(local.pods()).toEqual([])
    expect(local.carts().status).toMatchObject({ observedGeneration: 1, terminatingReplicas: 0 })
    expect(local.carts().status).not.toHaveProperty('replicas')
    expect(progressing(local)).toBe('True/NewReplicaSetAvailable')
  })

  it('scaled on the way spreads the difference and still ends', () => {
    const local = rolledOut({ replicas: 4 }, stuckWhen('one'))
    restart(local, 'one')
    local.clock.advance(5000)
    const before = sets(local)
    expect(before.map(({ replicas }) => replicas)).toEqual([3, 2])
    change(local, { replicas: 8 })
    local.clock.advance(100)
    // Ten may exist: eight and a surge of two. Both sets grow in proportion, here to twice their size.
    expect(sets(local).map(({ replicas }) => replicas)).toEqual([6, 4])
    restart(local, 'two')
    local.clock.advance(settle)
    expect(sets(local).map(({ replicas }) => replicas)).toEqual([0, 0, 8])
  })

  it('counts a pod only after minReadySeconds', () => {
    const local = cluster()
    local.store.create(resources.deployments, deployment({ minReadySeconds: 10 }))
    local.clock.advance(5000)
    expect(local.carts().status).toMatchObject({ readyReplicas: 2, unavailableReplicas: 2 })
    local.clock.advance(10_000)
    expect(local.carts().status).toMatchObject({ availableReplicas: 2 })
    expect(progressing(local)).toBe('True/NewReplicaSetAvailable')
  })
})

describe('Recreate', () => {
  const strategy: DeploymentStrategy = { type: 'Recreate' }

  it('starts nothing new while an old pod is there', () => {
    const local = rolledOut({ strategy }, (pod, ...rest) => ({ ...healthy(pod, ...rest), stopMs: 5000 }))
    const old = new Set(local.pods().map(({ metadata }) => metadata.uid))
    let overlap = 0
    local.store.subscribe(() => {
      const now = local.pods()
      if (
        now.some(({ metadata }) => old.has(metadata.uid)) &&
        now.some(({ metadata }) => !old.has(metadata.uid))
      )
        overlap += 1
    })
    restart(local, 'one')
    local.clock.advance(4000)
    expect(local.pods().every(({ metadata }) => metadata.deletionTimestamp)).toBe(true)
    expect(deploymentCondition(local.carts().status, 'Available')?.status).toBe('False')
    local.clock.advance(settle)
    expect(overlap).toBe(0)
    expect(isComplete(local.carts(), local.carts().status)).toBe(true)
  })

  it('keeps saying NewReplicaSetAvailable when the counts have fallen to zero already', () => {
    const local = rolledOut({ strategy })
    const seen: string[] = []
    local.store.subscribe(({ resource, object }) => {
      if (resource === resources.deployments)
        seen.push(
          `${local.carts().status?.observedGeneration === object.metadata.generation} ${local.carts().status?.updatedReplicas ?? 0} ${progressing(local)}`,
        )
    })
    restart(local, 'one')
    local.clock.advance(settle)
    expect(seen).toContain('true 0 True/NewReplicaSetAvailable')
  })
})

describe('the progress deadline', () => {
  it('is missed by pods that never get ready, about a second late, and once', () => {
    const local = rolledOut({ progressDeadlineSeconds: 10 }, stuckWhen('one'))
    restart(local, 'one')
    local.clock.advance(9900)
    expect(progressing(local)).toBe('True/ReplicaSetUpdated')
    local.clock.advance(1600)
    expect(progressing(local)).toBe('False/ProgressDeadlineExceeded')
    expect(deploymentCondition(local.carts().status, 'Available')?.status).toBe('True')
    const { resourceVersion } = local.carts().metadata
    local.clock.advance(600_000)
    expect(local.carts().metadata.resourceVersion).toBe(resourceVersion)
  })

  it('starts anew with every step forward', () => {
    const slow: PodBehaviour = () => ({ startMs: 100, readyAfterMs: 8000 })
    const local = rolledOut({ progressDeadlineSeconds: 10, replicas: 4 }, slow)
    restart(local, 'one')
    const reasons = new Set<string>()
    local.store.subscribe(() => void reasons.add(progressing(local)))
    local.clock.advance(120_000)
    expect(progressing(local)).toBe('True/NewReplicaSetAvailable')
    expect(reasons).not.toContain('False/ProgressDeadlineExceeded')
  })

  it('starts anew when pods get ready, long before they count as available', () => {
    const local = cluster(() => ({ startMs: 100, readyAfterMs: 6000 }))
    local.store.create(resources.deployments, deployment({ progressDeadlineSeconds: 10, minReadySeconds: 8 }))
    const reasons = new Set<string>()
    local.store.subscribe(() => void reasons.add(progressing(local)))
    local.clock.advance(settle)
    expect(progressing(local)).toBe('True/NewReplicaSetAvailable')
    expect(reasons).not.toContain('False/ProgressDeadlineExceeded')
  })

  it('forgives when the pods come up after all', () => {
    const late: PodBehaviour = () => ({ startMs: 100, readyAfterMs: 20_000 })
    const local = cluster(late)
    local.store.create(resources.deployments, deployment({ progressDeadlineSeconds: 10 }))
    local.clock.advance(15_000)
    expect(progressing(local)).toBe('False/ProgressDeadlineExceeded')
    local.clock.advance(settle)
    expect(progressing(local)).toBe('True/NewReplicaSetAvailable')
  })
})

describe('pods that may not be created', () => {
  const serviceAccountName = 'carts'
  const refusal = (set: string) =>
    `pods "${set}-" is forbidden: error looking up service account carts/carts: serviceaccount "carts" not found`

  it('for want of their ServiceAccount are said to be so, and come when it does', () => {
    const local = rolledOut({}, undefined, { serviceAccountName })
    const set = sets(local)[0]?.name ?? ''
    expect(deploymentCondition(local.carts().status, 'ReplicaFailure')).toMatchObject({
      status: 'True',
      reason: 'FailedCreate',
      message: refusal(set),
    })
    expect(local.events()).toContainEqual({
      type: 'Warning',
      reason: 'FailedCreate',
      message: `Error creating: ${refusal(set)}`,
      count: expect.any(Number) as number,
      about: `ReplicaSet/${set}`,
    })
    local.store.create(resources.serviceaccounts, { metadata: { name: 'carts', namespace: 'carts' } })
    local.clock.advance(settle)
    expect(deploymentCondition(local.carts().status, 'ReplicaFailure')).toBeUndefined()
    expect(isComplete(local.carts(), local.carts().status)).toBe(true)
  })
})

describe('deletion', () => {
  const everything = ({ store }: TestCluster) => [
    store.list(resources.deployments, { namespace: 'carts' }).length,
    store.list(resources.replicasets, { namespace: 'carts' }).length,
    store.list(resources.pods, { namespace: 'carts' }).length,
  ]

  it('in the background takes the ReplicaSets and pods along', () => {
    const local = rolledOut()
    local.store.delete(resources.deployments, 'carts', 'carts', { propagation: 'Background' })
    expect(everything(local)).toEqual([0, 1, 2])
    local.clock.advance(settle)
    expect(everything(local)).toEqual([0, 0, 0])
  })

  it('in the foreground goes last', () => {
    const local = rolledOut()
    local.store.delete(resources.deployments, 'carts', 'carts', { propagation: 'Foreground' })
    local.clock.advance(100)
    expect(everything(local)[0]).toBe(1)
    local.clock.advance(settle)
    expect(everything(local)).toEqual([0, 0, 0])
  })

  it('can leave the pods behind, which a new Deployment adopts', () => {
    const local = rolledOut()
    const before = local.pods().map(({ metadata }) => metadata.name)
    local.store.delete(resources.deployments, 'carts', 'carts', { propagation: 'Orphan' })
    local.clock.advance(settle)
    expect(everything(local)).toEqual([0, 1, 2])
    local.store.create(resources.deployments, deployment())
    local.clock.advance(settle)
    expect(local.pods().map(({ metadata }) => metadata.name)).toEqual(before)
    expect(isComplete(local.carts(), local.carts().status)).toBe(true)
  })

  it('of a pod brings another', () => {
    const local = rolledOut()
    const gone = local.pods()[0]?.metadata.name ?? ''
    local.store.delete(resources.pods, 'carts', gone)
    local.clock.advance(settle)
    expect(local.pods().filter(isActive)).toHaveLength(2)
    expect(local.pods().map(({ metadata }) => metadata.name)).not.toContain(gone)
  })

  it('of a node brings its pods back on another', () => {
    const local = rolledOut({ replicas: 3 })
    const node = local.pods()[0]?.spec.nodeName ?? ''
    local.store.delete(resources.nodes, undefined, node)
    local.clock.advance(settle)
    expect(local.pods().filter(({ spec }) => spec.nodeName !== node)).toHaveLength(3)
    expect(isComplete(local.carts(), local.carts().status)).toBe(true)
  })

  it('of a namespace empties it', () => {
    const local = rolledOut()
    local.store.delete(resources.namespaces, undefined, 'carts')
    local.clock.advance(settle)
    expect(everything(local)).toEqual([0, 0, 0])
  })
})

describe('events', () => {
  it('are combined from the tenth different message on', () => {
    const local = rolledOut()
    for (let round = 0; round < 4; round++) {
      restart(local, `${round}`)
      local.clock.advance(10_000)
    }
    const combined = local
      .events()
      .filter(({ message, about }) => about === 'Deployment/carts' && message?.startsWith('(combined from'))
    expect(combined).toHaveLength(1)
    expect(combined[0]?.count).toBeGreaterThan(1)
  })
})

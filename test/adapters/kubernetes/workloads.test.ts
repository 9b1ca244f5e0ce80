import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { podsOf } from '../../../adapters/kubernetes/pods.ts'
import { observeRollout } from '../../../adapters/kubernetes/watch.ts'
import { restartedAtOf, workloads } from '../../../adapters/kubernetes/workloads.ts'
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
  await cluster.deploy()
})
afterEach(() => cluster.close())

const here = () => workloads(cluster.connection)
const current = () => cluster.store.read(resources.deployments, 'carts', 'carts')
const patches = () => cluster.calls.calls.filter(({ operation }) => operation === 'patch deployments')
const at = '2026-01-01T00:10:00Z'

const settle = (generation: number) =>
  observeRollout({
    connection: cluster.connection,
    ref: cartsRef,
    namespace: 'carts',
    generation,
    budgetMs: 900_000,
  })

describe('a restart', () => {
  it('makes a new generation, and says what the annotation was', async () => {
    const before = current().metadata.generation ?? 0
    const restarted = await here().restart(cartsRef, 'carts', at)
    expect(restarted).toEqual({
      writtenAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]+Z$/),
      generation: before + 1,
      uid: current().metadata.uid,
      changed: true,
      previous: undefined,
    })
    expect(current().spec.template.metadata?.annotations).toEqual({ [restartAnnotation]: at })
    expect(await here().restart(cartsRef, 'carts', '2026-01-01T00:20:00Z')).toMatchObject({ previous: at })
  })

  it('asked for twice happens once', async () => {
    const first = await here().restart(cartsRef, 'carts', at)
    expect(await here().restart(cartsRef, 'carts', at)).toEqual({ ...first, changed: false, previous: at })
    expect(patches()).toHaveLength(1)
  })

  it('whose answer was lost happens once', async () => {
    cluster.calls.inject({ operation: 'patch deployments', action: { kind: 'lose' } })
    await expect(here().restart(cartsRef, 'carts', at)).rejects.toMatchObject({ name: 'Transient' })
    const { generation } = current().metadata
    expect(await here().restart(cartsRef, 'carts', at)).toMatchObject({ changed: false, generation })
  })

  it('of a paused Deployment is refused', async () => {
    cluster.store.mutate(resources.deployments, 'carts', 'carts', (draft) => {
      draft.spec.paused = true
      return draft
    })
    await expect(here().restart(cartsRef, 'carts', at)).rejects.toMatchObject({
      name: 'Refused',
      message: expect.stringContaining('kubectl rollout resume deployment/carts -n carts'),
    })
    expect(patches()).toEqual([])
  })

  it('in conflict with another writer may be tried again', async () => {
    cluster.calls.inject({
      operation: 'patch deployments',
      action: { kind: 'error', status: 409, code: 'Conflict', message: 'the object has been modified' },
    })
    await expect(here().restart(cartsRef, 'carts', at)).rejects.toMatchObject({ name: 'Conflict' })
    expect(await here().restart(cartsRef, 'carts', at)).toMatchObject({ changed: true })
  })

  it('of a workload that is made anew between look and write is a conflict, to which the API server holds it', async () => {
    cluster.calls.onCall(({ operation }) => {
      if (operation !== 'patch deployments') return
      const { spec } = cluster.store.read(resources.deployments, 'carts', 'carts')
      cluster.store.delete(resources.deployments, 'carts', 'carts')
      cluster.store.create(resources.deployments, { metadata: { name: 'carts', namespace: 'carts' }, spec })
    })
    await expect(here().restart(cartsRef, 'carts', at)).rejects.toMatchObject({
      name: 'Conflict',
      message: expect.stringContaining('was deleted and made anew meanwhile'),
    })
    const { spec, metadata } = cluster.store.read(resources.deployments, 'carts', 'carts')
    expect([metadata.generation, spec.template.metadata?.annotations?.[restartAnnotation]]).toEqual([
      1,
      undefined,
    ])
  })

  it('of a workload that was deleted will not succeed by waiting', async () => {
    cluster.store.delete(resources.deployments, 'carts', 'carts')
    await expect(here().restart(cartsRef, 'carts', at)).rejects.toMatchObject({ name: 'RolloutFailed' })
  })

  it('without the right to is a denial that says whose', async () => {
    await expect(here().restart({ kind: 'Deployment', name: 'other' }, 'carts', at)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringMatching(/User "podid" cannot get resource "deployments"/),
    })
  })
})

describe('putting the annotation back', () => {
  const replicaSets = () =>
    cluster.store.list(resources.replicasets, { namespace: 'carts' }).map(({ metadata, spec }) => ({
      name: metadata.name,
      replicas: spec.replicas,
    }))

  it('brings back the former ReplicaSet, not a third one', async () => {
    const [former] = replicaSets()
    await settle((await here().restart(cartsRef, 'carts', at)).generation)
    const restored = await here().restoreAnnotation(cartsRef, 'carts', { from: [at], to: undefined })
    expect(restored).toMatchObject({ changed: true, previous: at })
    expect(await settle(restored?.generation ?? 0)).toMatchObject({ state: 'complete' })
    expect(replicaSets()).toHaveLength(2)
    expect(replicaSets()).toContainEqual({ name: former?.name, replicas: 2 })
  })

  it('restores an earlier restart', async () => {
    await here().restart(cartsRef, 'carts', at)
    await here().restart(cartsRef, 'carts', '2026-01-01T00:20:00Z')
    await here().restoreAnnotation(cartsRef, 'carts', { from: ['2026-01-01T00:20:00Z'], to: at })
    expect(restartedAtOf(current() as Deployment)).toBe(at)
  })

  it('leaves what somebody set between our look and our write', async () => {
    await here().restart(cartsRef, 'carts', at)
    const theirs = '2026-01-01T00:30:00Z'
    const stop = cluster.calls.onCall(({ operation }) => {
      if (operation !== 'patch deployments') return
      stop()
      cluster.store.mutate(resources.deployments, 'carts', 'carts', (draft) => {
        draft.spec.template.metadata = {
          ...draft.spec.template.metadata,
          annotations: { [restartAnnotation]: theirs },
        }
        return draft
      })
    })
    const restored = await here().restoreAnnotation(cartsRef, 'carts', { from: [at], to: undefined })
    expect(restored).toMatchObject({ changed: false, previous: theirs })
    expect(restartedAtOf(current() as Deployment)).toBe(theirs)
  })

  it('changes nothing where it is back already', async () => {
    expect(await here().restoreAnnotation(cartsRef, 'carts', { from: [at], to: undefined })).toMatchObject({
      changed: false,
    })
    expect(patches()).toEqual([])
  })

  it('has nothing to do where the workload is gone', async () => {
    cluster.store.delete(resources.deployments, 'carts', 'carts')
    expect(await here().restoreAnnotation(cartsRef, 'carts', { from: [at], to: undefined })).toBeUndefined()
  })
})

describe('the pods of a Deployment', () => {
  const names = async () => {
    const workload = await here().get(cartsRef, 'carts')
    if (!workload) throw new Error('deployment/carts is not there')
    const { current, all } = await podsOf(cluster.connection, cartsRef, workload)
    return {
      current: current.map(({ metadata }) => metadata?.name),
      all: all.map(({ metadata }) => metadata?.name),
    }
  }

  it('are those of the newest revision, and all', async () => {
    const before = await names()
    expect(before.current).toHaveLength(2)
    expect(before.all).toEqual(before.current)
    const { generation } = await here().restart(cartsRef, 'carts', at)
    await cluster.when(() => current().status?.updatedReplicas === 1)
    const during = await names()
    expect(during.current).toHaveLength(1)
    expect(during.all).toEqual(expect.arrayContaining([...before.current, ...during.current]))
    await settle(generation)
    expect(before.current).not.toContain((await names()).current[0])
  })

  it('are not yet there while the controller has not seen the spec', async () => {
    const workload = await here().get(cartsRef, 'carts')
    const unseen = { ...workload, metadata: { ...workload?.metadata, generation: 99 } }
    const { current, all } = await podsOf(cluster.connection, cartsRef, unseen as Deployment)
    expect(current).toEqual([])
    expect(all).toHaveLength(2)
  })

  it('are again the former ones after a way back', async () => {
    await settle((await here().restart(cartsRef, 'carts', at)).generation)
    const restored = await here().restoreAnnotation(cartsRef, 'carts', { from: [at], to: undefined })
    await settle(restored?.generation ?? 0)
    const [former] = cluster.store
      .list(resources.replicasets, { namespace: 'carts' })
      .filter(({ spec }) => spec.replicas === 2)
    expect((await names()).current).toEqual([
      expect.stringContaining(former?.metadata.name ?? '-'),
      expect.stringContaining(former?.metadata.name ?? '-'),
    ])
  })

  it('are not those of another one with an overlapping selector', async () => {
    const other = cartsDeployment()
    cluster.store.create(resources.deployments, { ...other, metadata: { name: 'other', namespace: 'carts' } })
    await cluster.when(() => cluster.store.list(resources.pods, { namespace: 'carts' }).length === 4)
    expect((await names()).all).toHaveLength(2)
  })
})

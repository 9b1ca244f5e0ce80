import { describe, expect, it } from 'vitest'
import type { Deployment } from '../../../../core/kubernetes.ts'
import { resources, type Stored } from '../../../../local/kubernetes/store/resources.ts'
import { StatusError } from '../../../../local/kubernetes/store/status.ts'
import { Store, type StoreEvent } from '../../../../local/kubernetes/store/store.ts'
import { steppedClock } from '../../../support/clocks/stepped-clock.ts'

const labels = { app: 'carts' }
const carts = {
  metadata: { namespace: 'carts', name: 'carts' },
  spec: {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'carts', image: 'carts:1.2.1' }] } },
  },
}

const filled = () => {
  const clock = steppedClock(Date.UTC(2026, 10, 23, 2, 22, 20, 999))
  const store = new Store({ clock })
  store.create(resources.namespaces, { metadata: { name: 'carts' } })
  const events: StoreEvent[] = []
  store.subscribe((event) => events.push(event))
  return {
    clock,
    store,
    events,
    sent: () => events.map(({ type, object }) => `${type} ${object.metadata.name}`),
  }
}

type Carts = Stored<Deployment>

describe('versions and generations', () => {
  const { store, events } = filled()
  const created = store.create(resources.deployments, carts)
  const change = (edit: (draft: Carts) => void) =>
    store.mutate(resources.deployments, 'carts', 'carts', (draft) => {
      edit(draft)
      return draft
    })

  const steps: [what: string, edit: (draft: Carts) => void, generation: number, writes: number][] = [
    ['nothing changes', () => {}, 1, 0],
    ['a label', ({ metadata }) => Object.assign(metadata, { labels: { a: 'b' } }), 1, 1],
    ['its own annotation', ({ metadata }) => Object.assign(metadata, { annotations: { a: 'b' } }), 2, 1],
    ['the replicas', ({ spec }) => Object.assign(spec, { replicas: 3 }), 3, 1],
    ['the replicas, to what they are', ({ spec }) => Object.assign(spec, { replicas: 3 }), 3, 0],
    ['a default that is left out again', ({ spec }) => Object.assign(spec, { strategy: undefined }), 3, 0],
    [
      'the status, which is not written here',
      (draft) => Object.assign(draft, { status: { replicas: 9 } }),
      3,
      0,
    ],
    ['the generation itself', ({ metadata }) => Object.assign(metadata, { generation: 99 }), 3, 0],
  ]
  it.each(steps)('%s', (_what, edit, generation, writes) => {
    const before = events.length
    const after = change(edit)
    expect(after.metadata.generation).toBe(generation)
    expect(events.length - before).toBe(writes)
    expect(after.metadata.resourceVersion).toBe(String(store.resourceVersion))
  })

  it('keeps the identity of what it replaces', () => {
    const after = change(({ metadata }) =>
      Object.assign(metadata, { creationTimestamp: '1970-01-01T00:00:00Z' }),
    )
    expect(after.metadata).toMatchObject({
      uid: created.metadata.uid,
      creationTimestamp: '2026-11-23T02:22:20Z',
    })
  })

  it('refuses a write from a stale read, and lets one through that names no version', () => {
    const stale = structuredClone(store.read(resources.deployments, 'carts', 'carts'))
    change(({ spec }) => Object.assign(spec, { replicas: 4 }))
    expect(() => store.update(resources.deployments, stale as never)).toThrow(/the object has been modified/)
    const { resourceVersion: _, ...metadata } = stale.metadata
    const blind = { ...stale, metadata, spec: { ...stale.spec, replicas: 5 } }
    expect(store.update(resources.deployments, blind as never).spec.replicas).toBe(5)
  })

  it('changes nothing in a dry run, and says what would be', () => {
    const before = store.read(resources.deployments, 'carts', 'carts')
    const dry = store.mutate(
      resources.deployments,
      'carts',
      'carts',
      (draft) => ({ ...draft, spec: { ...draft.spec, replicas: 9 } }),
      { dryRun: true },
    )
    expect(dry.metadata.generation).toBe((before.metadata.generation ?? 0) + 1)
    expect(dry.metadata.resourceVersion).toBe(before.metadata.resourceVersion)
    expect(store.read(resources.deployments, 'carts', 'carts')).toBe(before)
  })

  it('hands out what nobody can change', () => {
    const { spec } = store.read(resources.deployments, 'carts', 'carts')
    expect(() => Object.assign(spec, { replicas: 1 })).toThrow(TypeError)
    expect(() => Object.assign(spec.template.metadata ?? {}, { labels: {} })).toThrow(TypeError)
  })
})

describe('creating', () => {
  it('makes names from generateName', () => {
    const { store } = filled()
    const { metadata } = store.create(resources.configmaps, {
      metadata: { namespace: 'carts', generateName: 'carts-' },
    })
    expect(metadata.name).toMatch(/^carts-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
    expect(metadata.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  it('asks the admission hooks in their order', () => {
    const { store } = filled()
    for (const step of ['first', 'second'])
      store.admission.push((_resource, object) => ({
        ...object,
        metadata: {
          ...object.metadata,
          labels: {
            ...object.metadata?.labels,
            [step]: String(Object.keys(object.metadata?.labels ?? {}).length),
          },
        },
      }))
    const { metadata } = store.create(resources.configmaps, { metadata: { namespace: 'carts', name: 'a' } })
    expect(metadata.labels).toEqual({ first: '0', second: '1' })
  })

  const refusals: [what: string, create: (store: Store) => unknown, code: number, message: RegExp][] = [
    [
      'in a namespace that is not there',
      (store) => store.create(resources.configmaps, { metadata: { namespace: 'nope', name: 'a' } }),
      404,
      /^namespaces "nope" not found$/,
    ],
    [
      'twice',
      (store) => store.create(resources.namespaces, { metadata: { name: 'carts' } }),
      409,
      /^namespaces "carts" already exists$/,
    ],
    [
      'without a name',
      (store) => store.create(resources.configmaps, { metadata: { namespace: 'carts' } }),
      422,
      /metadata\.name: Required value: name or generateName is required/,
    ],
  ]
  it.each(refusals)('is refused %s', (_what, create, code, message) => {
    const { store, events } = filled()
    expect(() => create(store)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    )
    expect(events).toEqual([])
  })
})

describe('deleting', () => {
  const pod = (nodeName?: string) => ({
    metadata: { namespace: 'carts', name: 'carts-1' },
    spec: { containers: [{ name: 'carts', image: 'carts' }], ...(nodeName ? { nodeName } : {}) },
  })

  it('gives a pod on a node its time, and takes one without a node away', () => {
    const { store, sent } = filled()
    store.create(resources.pods, pod('node-1'))
    const dying = store.delete(resources.pods, 'carts', 'carts-1')
    expect(dying.metadata).toMatchObject({
      deletionTimestamp: '2026-11-23T02:22:50Z',
      deletionGracePeriodSeconds: 30,
      generation: 2,
    })
    store.delete(resources.pods, 'carts', 'carts-1', { gracePeriodSeconds: 60 })
    expect(sent()).toEqual(['ADDED carts-1', 'MODIFIED carts-1'])
    store.delete(resources.pods, 'carts', 'carts-1', { gracePeriodSeconds: 0 })
    store.create(resources.pods, pod())
    store.delete(resources.pods, 'carts', 'carts-1')
    // The end of the grace period is told before the end of the pod.
    expect(sent().slice(2)).toEqual([
      'MODIFIED carts-1',
      'DELETED carts-1',
      'ADDED carts-1',
      'DELETED carts-1',
    ])
  })

  it('waits for finalizers', () => {
    const { store, sent } = filled()
    const metadata = { namespace: 'carts', name: 'a', finalizers: ['example.com/guard'] }
    store.create(resources.configmaps, { metadata })
    expect(store.delete(resources.configmaps, 'carts', 'a').metadata.deletionTimestamp).toBeDefined()
    store.mutate(resources.configmaps, 'carts', 'a', (draft) => ({
      ...draft,
      metadata: { ...draft.metadata, finalizers: [] },
    }))
    expect(sent()).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a'])
  })

  it('changes nothing in a dry run', () => {
    const { store, sent } = filled()
    store.create(resources.configmaps, { metadata: { namespace: 'carts', name: 'a' } })
    store.delete(resources.configmaps, 'carts', 'a', { dryRun: true })
    expect(sent()).toEqual(['ADDED a'])
  })
})

it('sends every listener all writes in their order, though one of them writes itself', () => {
  const { store } = filled()
  const received: string[] = []
  store.subscribe(({ object }) => {
    if (object.metadata.name === 'first')
      store.create(resources.configmaps, { metadata: { namespace: 'carts', name: 'second' } })
  })
  store.subscribe(({ object }) => received.push(object.metadata.name))
  store.create(resources.configmaps, { metadata: { namespace: 'carts', name: 'first' } })
  expect(received).toEqual(['first', 'second'])
})

it('words its refusals as Status objects', () => {
  const { store } = filled()
  const refusal = (() => {
    try {
      return store.read(resources.deployments, 'carts', 'nope')
    } catch (error) {
      return error
    }
  })()
  expect(refusal).toBeInstanceOf(StatusError)
  expect((refusal as StatusError).body()).toEqual({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'deployments.apps "nope" not found',
    reason: 'NotFound',
    details: { name: 'nope', group: 'apps', kind: 'deployments' },
    code: 404,
  })
})

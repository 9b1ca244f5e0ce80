import { describe, expect, it } from 'vitest'
import type { Pod, StatefulSet } from '../../../../core/kubernetes.ts'
import { restartAnnotation } from '../../../../core/workload/restart.ts'
import { awaited, cartsPod, cartsRequest, cartsTemplate, type UndoGiven, type UndoLook } from './awaited.ts'

describe('a pod of the failed restart that a StatefulSet waits for', () => {
  const setRef = { kind: 'StatefulSet', name: 'carts' }
  const stateful = (ready: number): StatefulSet => ({
    kind: 'StatefulSet',
    apiVersion: 'apps/v1',
    metadata: { name: 'carts', namespace: 'carts', uid: 'u-1', generation: 1 },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'carts' } },
      serviceName: 'carts',
      template: cartsTemplate,
    },
    status: {
      observedGeneration: 1,
      replicas: 2,
      readyReplicas: ready,
      availableReplicas: ready,
      updatedReplicas: 2,
      currentRevision: 'r-1',
      updateRevision: 'r-1',
    },
  })
  const member = (name: string, ready: boolean, metadata: Pod['metadata'] = {}): Pod =>
    cartsPod(name, ready, {
      labels: { 'controller-revision-hash': 'r-1' },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'carts', uid: 'u-1', controller: true },
      ],
      ...metadata,
    })
  const stuck = (name: string): Pod =>
    member(name, false, {
      uid: `uid-${name}`,
      labels: { 'controller-revision-hash': 'r-2' },
      annotations: { [restartAnnotation]: cartsRequest.restartedAt.replace('.000Z', 'Z') },
    })
  const going = (one: Pod): Pod => ({
    ...one,
    metadata: { ...one.metadata, deletionTimestamp: '2026-01-01T00:00:10Z' },
  })
  const one = { workload: stateful(1), pods: [member('carts-0', true), stuck('carts-1')] }
  const goes = { workload: stateful(1), pods: [member('carts-0', true), going(stuck('carts-1'))] }
  const back = {
    workload: stateful(2),
    pods: [member('carts-0', true), member('carts-1', true, { uid: 'uid-new' })],
  }
  const anew = { ...back, pods: ['carts-0', 'carts-1'].map((name) => member(name, true, { uid: 'uid-new' })) }
  const all = { workload: stateful(0), pods: [stuck('carts-0'), stuck('carts-1')] }
  const keeps =
    'carts-1 of the failed restart keeps statefulset/carts from going on: Kubernetes replaces such a pod only when it is deleted'
  const denied = 'pods "carts-1" is forbidden: User "podid" cannot delete resource "pods"'
  const freed = (given: Omit<UndoGiven, 'looks'> & { looks?: UndoLook[] }) =>
    awaited({
      looks: [one],
      ...given,
      input: { request: { ...cartsRequest, workload: setRef }, ...given.input },
    })
  it.each<[why: string, given: Parameters<typeof freed>[0], step: object, deletions: number, ms: number]>([
    [
      'is deleted, goes, and comes back as it was',
      { afterDeletion: [goes, back] },
      { state: 'as-before', deleted: ['carts-1'] },
      1,
      12_000,
    ],
    [
      'is deleted, and replaced at the next look',
      { afterDeletion: [back] },
      { state: 'as-before', deleted: ['carts-1'] },
      1,
      11_000,
    ],
    [
      'is still going at the end of the call',
      { afterDeletion: [goes] },
      { state: 'waiting', deleted: ['carts-1'] },
      1,
      56_000,
    ],
    [
      'is deleted beside another one',
      { looks: [all], afterDeletion: [anew] },
      { state: 'as-before', deleted: ['carts-0', 'carts-1'] },
      2,
      11_000,
    ],
    [
      'may be deleted by a call whose answer was lost',
      { deletions: [{ failure: 503, message: 'away' }], afterDeletion: [back] },
      { state: 'as-before', deleted: ['carts-1'] },
      1,
      11_000,
    ],
    [
      'is there after a call whose answer was lost: it is deleted again',
      { deletions: [{ failure: 503, message: 'away' }], afterDeletion: [one, back] },
      { state: 'as-before', deleted: ['carts-1'] },
      2,
      12_000,
    ],
    [
      'was deleted by somebody else: not counted',
      { deletions: [{ failure: 404, message: 'not found' }], afterDeletion: [back] },
      { state: 'as-before', deleted: [] },
      1,
      11_000,
    ],
    [
      'may not be deleted: a person has to',
      { deletions: [{ failure: 403, message: denied }] },
      {
        state: 'left',
        deleted: [],
        left: [
          {
            what: 'statefulset/carts has 1 of 2 pods ready, and had 2 of 2 before',
            error: `${keeps}, and podid may not do so (manifests/pod-deletion would let it): ${denied}`,
            command: 'kubectl delete pod carts-1 -n carts',
          },
        ],
      },
      1,
      11_000,
    ],
    [
      'goes with its StatefulSet',
      { afterDeletion: [{}] },
      { state: 'differs', deleted: ['carts-1'] },
      1,
      11_000,
    ],
  ])('%s', async (_why, given, step, deletions, ms) => {
    const found = await freed(given)
    expect(found.step).toMatchObject(step)
    expect(found.asked.filter((one) => one === 'delete pods')).toHaveLength(deletions)
    expect(found.ms).toBe(ms)
  })

  it('is deleted by its uid, so that no pod that has taken its name is', async () => {
    const { bodies } = await freed({ afterDeletion: [back] })
    expect(bodies).toEqual([
      { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'uid-carts-1' } },
    ])
  })

  it('hides no fault of its own', async () => {
    await expect(freed({ deletions: [{ failure: 400, message: 'no' }] })).rejects.toMatchObject({
      name: 'InvalidRequest',
    })
  })
})

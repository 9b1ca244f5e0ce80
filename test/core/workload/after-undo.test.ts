import { expect, it } from 'vitest'
import type { Pod } from '../../../core/kubernetes.ts'
import {
  type AfterUndo,
  type AfterUndoFacts,
  isShort,
  judgeAfterUndo,
  readyPodsOf,
} from '../../../core/workload/after-undo.ts'
import { restartAnnotation } from '../../../core/workload/restart.ts'
import type { Workload } from '../../../core/workload/rollout.ts'

const mark = '2026-11-25T06:00:00Z'
const quietMs = 10_000

interface Pods {
  ready?: number
  /** Not ready, of the failed restart. */
  marked?: number
  /** Ready, of the failed restart. */
  markedReady?: number
  /** Not ready, of the earlier template. */
  unready?: number
  /** Those that are not ready have crashed. */
  crashed?: 'containers' | 'initContainers'
}

const pods = ({ ready = 0, marked = 0, markedReady = 0, unready = 0, crashed }: Pods): Pod[] => {
  const statuses = (which: Pods['crashed']) => [
    { restartCount: 0 },
    { restartCount: crashed === which ? 1 : 0 },
  ]
  const pod =
    (isReady: boolean, isMarked: boolean) =>
    (_none: unknown, index: number): Pod => ({
      metadata: {
        name: `carts-${isMarked ? 'run' : 'old'}-${index}`,
        labels: { 'controller-revision-hash': isMarked ? 'run' : 'old' },
        ...(isMarked && { annotations: { [restartAnnotation]: mark } }),
      },
      status: {
        conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }],
        ...(!isReady && {
          containerStatuses: statuses('containers'),
          initContainerStatuses: statuses('initContainers'),
        }),
      } as Pod['status'] & object,
    })
  return [
    ...Array.from({ length: ready }, pod(true, false)),
    ...Array.from({ length: marked }, pod(false, true)),
    ...Array.from({ length: markedReady }, pod(true, true)),
    ...Array.from({ length: unready }, pod(false, false)),
  ]
}

const deployment = (ready: number, replicas: number, more: object = {}): Workload =>
  ({
    kind: 'Deployment',
    metadata: { name: 'carts', generation: 3 },
    spec: { replicas, ...more },
    status: {
      observedGeneration: 3,
      replicas: ready,
      updatedReplicas: ready,
      readyReplicas: ready,
      availableReplicas: ready,
    },
  }) as Workload

const statefulSet = (ready: number, replicas: number): Workload =>
  ({
    kind: 'StatefulSet',
    metadata: { name: 'carts', generation: 3 },
    spec: { replicas, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } } },
    status: {
      observedGeneration: 3,
      replicas,
      updatedReplicas: ready,
      readyReplicas: ready,
      availableReplicas: ready,
      currentRevision: 'old',
      updateRevision: 'old',
    },
  }) as Workload

const judge = (facts: Partial<AfterUndoFacts>): AfterUndo =>
  judgeAfterUndo({
    ref: { kind: facts.workload?.kind === 'StatefulSet' ? 'StatefulSet' : 'Deployment', name: 'carts' },
    namespace: 'shop',
    workload: deployment(3, 3),
    before: { healthy: true, ready: 3, desired: 3 },
    generation: 3,
    missedBefore: null,
    untouched: false,
    marks: [mark],
    pods: pods({ ready: 3 }),
    quietMs: 0,
    overdue: false,
    ...facts,
  })

/** Crashing, and counted before the run when it was ready for a moment. */
const crashing: Partial<AfterUndoFacts> = {
  workload: deployment(0, 1),
  before: { healthy: false, ready: 1, desired: 1 },
  pods: pods({ unready: 1, crashed: 'containers' }),
  quietMs,
}

const cases: [why: string, facts: Partial<AfterUndoFacts>, action: AfterUndo['action']][] = [
  ['all are ready again', {}, 'as-before'],
  ['somebody has deleted it', { workload: undefined }, 'differs'],
  ['others have made it smaller', { workload: deployment(1, 1), pods: pods({ ready: 1 }) }, 'differs'],
  ['others have made it larger', { workload: deployment(5, 5), pods: pods({ ready: 5 }) }, 'differs'],
  ['one is not ready yet', { workload: deployment(2, 3), quietMs }, 'wait'],
  ['and time is over', { workload: deployment(2, 3), quietMs, overdue: true }, 'leave'],
  ['no controller has seen the template', { generation: 4 }, 'wait'],
  ['and none has until time was over', { generation: 4, overdue: true }, 'leave'],
  [
    'no controller has seen the template that others wrote since',
    {
      workload: { ...deployment(3, 3), metadata: { name: 'carts', generation: 4 } } as Workload,
      before: { healthy: false, ready: 0 },
      generation: null,
    },
    'wait',
  ],
  [
    'all are ready, and some of them of an older template than the restored one',
    {
      workload: {
        ...deployment(3, 3),
        status: { observedGeneration: 3, replicas: 3, updatedReplicas: 1, readyReplicas: 3 },
      } as Workload,
    },
    'wait',
  ],
  [
    'it was not healthy, and fewer are ready than were: it is waited for them',
    {
      workload: deployment(0, 2),
      before: { healthy: false, ready: 1, desired: 2 },
      pods: pods({ marked: 1 }),
      quietMs,
    },
    'wait',
  ],
  [
    'pods of the second restart of the run are still there',
    { marks: ['2026-11-25T05:00:00Z', mark], pods: pods({ ready: 3, marked: 1 }) },
    'wait',
  ],
  ['pods of the restart are still there', { pods: pods({ ready: 3, marked: 1 }) }, 'wait'],
  [
    'pods are refused, and it is quiet',
    { workload: deployment(2, 3), refusal: { error: 'quota' }, quietMs },
    'leave',
  ],
  [
    'pods are refused, and something still moves: a pod that goes makes room',
    { workload: deployment(2, 3), refusal: { error: 'quota' }, quietMs: quietMs - 1 },
    'wait',
  ],
  ['it was paused meanwhile', { workload: deployment(2, 3, { paused: true }) }, 'leave'],
  [
    'a StatefulSet keeps a crashing pod of the restart',
    { workload: statefulSet(2, 3), pods: pods({ ready: 2, marked: 1 }), quietMs },
    'delete',
  ],
  [
    'that has just come, and may become ready',
    { workload: statefulSet(2, 3), pods: pods({ ready: 2, marked: 1 }), quietMs: quietMs - 1 },
    'wait',
  ],
  [
    'a ready one is replaced by the StatefulSet itself',
    { workload: statefulSet(3, 3), pods: pods({ ready: 2, markedReady: 1 }), quietMs },
    'wait',
  ],
  [
    'a crashing pod that is not of the restart is not deleted',
    {
      workload: statefulSet(2, 3),
      marks: ['2020-01-01T00:00:00Z'],
      pods: pods({ ready: 2, marked: 1 }),
      quietMs,
    },
    'wait',
  ],
  [
    'it may not be deleted',
    {
      workload: statefulSet(2, 3),
      pods: pods({ ready: 2, marked: 1 }),
      quietMs,
      undeletable: '403 Forbidden',
    },
    'leave',
  ],
  [
    'none was ready before, and none is now',
    { workload: deployment(0, 1), before: { healthy: false, ready: 0, desired: 1 }, pods: [] },
    'as-before',
  ],
  [
    'it was not healthy, and the pods of the restart are the only ready ones',
    {
      workload: deployment(1, 1),
      before: { healthy: false, ready: 0, desired: 1 },
      pods: pods({ markedReady: 1 }),
      quietMs,
    },
    'differs',
  ],
  [
    'two of three were ready, and one is: it is waited for the other',
    { workload: deployment(1, 3), before: { healthy: false, ready: 2, desired: 3 } },
    'wait',
  ],
  ['it crashes again, which had been ready for a moment', crashing, 'differs'],
  ['in an init container', { ...crashing, pods: pods({ unready: 1, crashed: 'initContainers' }) }, 'differs'],
  [
    'beside a pod of the restart, which is not replaced by one that crashes',
    { ...crashing, pods: pods({ unready: 1, marked: 1, crashed: 'containers' }) },
    'differs',
  ],
  ['a StatefulSet crashes again', { ...crashing, workload: statefulSet(0, 1) }, 'differs'],
  ['it has not been quiet: it may be ready in a moment', { ...crashing, quietMs: quietMs - 1 }, 'wait'],
  [
    'it crashes, and was healthy before',
    { ...crashing, before: { healthy: true, ready: 1, desired: 1 } },
    'wait',
  ],
  ['it has not crashed, and may only be slow', { ...crashing, pods: pods({ unready: 1 }) }, 'wait'],
  [
    'it has not begun to run, so that nothing is known of it',
    { ...crashing, pods: [{ metadata: { name: 'carts-new' } }] },
    'wait',
  ],
  [
    'one crashes, and another may only be slow',
    { ...crashing, workload: deployment(0, 2), pods: [...(crashing.pods ?? []), ...pods({ unready: 1 })] },
    'wait',
  ],
  [
    'one crashes, and another is not there yet',
    { ...crashing, workload: deployment(0, 2), before: { healthy: false, ready: 2, desired: 2 } },
    'wait',
  ],
  [
    'only the pod of the restart crashes: none of the earlier template has come yet',
    { ...crashing, pods: pods({ marked: 1, crashed: 'containers' }) },
    'wait',
  ],
  [
    'it crashes, and a pod of the restart that crashes has to go first',
    {
      ...crashing,
      workload: statefulSet(0, 2),
      pods: pods({ unready: 1, marked: 1, crashed: 'containers' }),
    },
    'delete',
  ],
  [
    'it crashes, and what is going does not count',
    {
      ...crashing,
      pods: [
        ...(crashing.pods ?? []),
        ...pods({ unready: 1 }).map((pod) => ({
          ...pod,
          metadata: { ...pod.metadata, deletionTimestamp: mark },
        })),
      ] as Pod[],
    },
    'differs',
  ],
  ['a report without counts, all ready', { before: { healthy: true } }, 'as-before'],
  ['a report without counts, one missing', { workload: deployment(2, 3), before: { healthy: true } }, 'wait'],
  ['undo left the template alone, and all is well', { generation: null }, 'as-before'],
  [
    'undo left the template alone, and others restart it',
    { generation: null, workload: deployment(2, 3), quietMs },
    'differs',
  ],
  [
    'undo left the template alone, and something may be on its way',
    { generation: null, workload: deployment(2, 3), quietMs: 0 },
    'wait',
  ],
  [
    'undo had nothing to put back, so that nothing is on its way',
    { generation: null, workload: deployment(2, 3), untouched: true },
    'differs',
  ],
  [
    'undo had nothing to put back, and a pod is missing, as between two of somebody else’s rollout',
    { generation: null, workload: deployment(2, 3), untouched: true, pods: pods({ ready: 2 }) },
    'wait',
  ],
]

it.each(cases)('%s', (_why, facts, action) => {
  expect(judge(facts)).toMatchObject({ action })
})

it('says what is left, why, and what to do', () => {
  const verdict = judge({
    workload: statefulSet(2, 3),
    pods: pods({ ready: 2, marked: 1 }),
    quietMs,
    undeletable: '403 Forbidden',
  })
  expect(verdict).toMatchObject({
    left: {
      what: 'statefulset/carts has 2 of 3 pods ready, and had 3 of 3 before',
      error: expect.stringContaining('403 Forbidden'),
      command: 'kubectl delete pod carts-run-0 -n shop',
    },
  })
})

const had = 'and had 3 of 3 before'
const waiting =
  'Waiting for deployment "carts" rollout to finish: 2 out of 3 new replicas have been updated...'
const describeIt = 'kubectl describe deployment/carts -n shop'
const few = { workload: deployment(2, 3), pods: pods({ ready: 2 }) }
const keeps =
  'of the failed restart keeps statefulset/carts from going on: Kubernetes replaces such a pod only when it is deleted'
it.each<
  [why: string, facts: Partial<AfterUndoFacts>, message: string, left?: { error: string; command: string }]
>([
  ['it is gone', { workload: undefined }, 'deployment/carts is no longer there: somebody has deleted it'],
  ['as before', {}, `deployment/carts has 3 of 3 pods ready, ${had}`],
  [
    'as before, of which no count is known',
    { before: { healthy: true } },
    'deployment/carts has 3 of 3 pods ready',
  ],
  [
    'as before, of which half is known',
    { before: { healthy: true, ready: 3 } },
    'deployment/carts has 3 of 3 pods ready, and had 3 before',
  ],
  [
    'another size',
    { workload: deployment(1, 1), pods: pods({ ready: 1 }) },
    `deployment/carts has 1 of 1 pods ready, ${had}: its size was changed by others`,
  ],
  ['not yet', few, waiting],
  [
    'not in time',
    { ...few, overdue: true },
    `deployment/carts has 2 of 3 pods ready, ${had}`,
    { error: waiting, command: describeIt },
  ],
  [
    'not in time, and why',
    { ...few, overdue: true, diagnosis: 'no table' },
    `deployment/carts has 2 of 3 pods ready, ${had}`,
    { error: `${waiting}; no table`, command: describeIt },
  ],
  ['no controller yet', { generation: 4 }, 'Waiting for deployment spec update to be observed...'],
  [
    'no controller in time',
    { generation: 4, overdue: true },
    `deployment/carts has 3 of 3 pods ready, ${had}`,
    { error: 'no controller has looked at its restored pod template', command: describeIt },
  ],
  [
    'refused',
    { ...few, quietMs, refusal: { error: 'quota', command: 'kubectl get quota' } },
    `deployment/carts has 2 of 3 pods ready, ${had}`,
    { error: 'quota', command: 'kubectl get quota' },
  ],
  [
    'refused, with no command',
    { ...few, quietMs, refusal: { error: 'quota' } },
    `deployment/carts has 2 of 3 pods ready, ${had}`,
    { error: 'quota', command: describeIt },
  ],
  [
    'paused',
    { workload: deployment(2, 3, { paused: true }) },
    `deployment/carts has 2 of 3 pods ready, ${had}`,
    {
      error:
        'deployment "carts" is paused, so its rollout does not progress (run kubectl rollout resume first)',
      command: 'kubectl rollout resume deployment/carts -n shop',
    },
  ],
  [
    'one pod that only a deletion frees',
    { workload: statefulSet(2, 3), pods: pods({ ready: 2, marked: 1 }), quietMs },
    `carts-run-0 ${keeps}`,
  ],
  [
    'two of them',
    { workload: statefulSet(1, 3), pods: pods({ ready: 1, marked: 2 }), quietMs },
    `carts-run-0, carts-run-1 ${keeps.replace('keeps', 'keep')}`,
  ],
  [
    'it was deleted, and time is over',
    { workload: statefulSet(2, 3), pods: pods({ ready: 2, marked: 1 }), quietMs, overdue: true },
    `statefulset/carts has 2 of 3 pods ready, ${had}`,
    { error: `carts-run-0 ${keeps}`, command: 'kubectl delete pod carts-run-0 -n shop' },
  ],
  [
    'it may not be deleted',
    { workload: statefulSet(2, 3), pods: pods({ ready: 2, marked: 1 }), quietMs, undeletable: '403' },
    `statefulset/carts has 2 of 3 pods ready, ${had}`,
    {
      error: `carts-run-0 ${keeps}, and podid may not do so (manifests/pod-deletion would let it): 403`,
      command: 'kubectl delete pod carts-run-0 -n shop',
    },
  ],
  ...[1, 2].map((markedReady): [string, Partial<AfterUndoFacts>, string] => [
    `${markedReady} of the restart, of a workload that was not healthy`,
    {
      workload: deployment(markedReady, markedReady),
      before: { healthy: false, ready: 0 },
      pods: pods({ markedReady }),
      quietMs,
    },
    `the rollout of deployment/carts was not complete before, and ${markedReady} of its pods still ${markedReady === 1 ? 'has' : 'have'} the restart of this run, since no pod of its earlier template becomes ready`,
  ]),
  [
    'a crash of what had been ready for a moment',
    crashing,
    'deployment/carts has 0 of 1 pods ready, and had 1 of 1 before; its rollout was not complete before, and pods of its earlier template crash',
  ],
  [
    'another template than the run’s',
    { ...few, generation: null, quietMs },
    `deployment/carts has 2 of 3 pods ready, ${had}; its pod template does not have the restart of this run, and was left as it is`,
  ],
])('in words: %s', (_why, facts, message, left) => {
  const verdict = judge(facts)
  expect(verdict.message).toBe(message)
  expect('left' in verdict ? verdict.left : undefined).toEqual(left && { what: message, ...left })
})

it('deletes the pods of the restart that are not ready, and no others', () => {
  const going: Pod = {
    ...pods({ marked: 1 })[0],
    metadata: { ...pods({ marked: 1 })[0]?.metadata, name: 'going', deletionTimestamp: mark },
  } as Pod
  const current: Pod = {
    ...pods({ marked: 1 })[0],
    metadata: {
      ...pods({ marked: 1 })[0]?.metadata,
      name: 'current',
      labels: { 'controller-revision-hash': 'old' },
    },
  } as Pod
  const unlabelled: Pod = { metadata: { name: 'bare', annotations: { [restartAnnotation]: mark } } }
  const all = [...pods({ ready: 1, marked: 1, markedReady: 1 }), going, current, unlabelled]
  const verdict = judge({ workload: statefulSet(2, 3), pods: all, quietMs })
  expect('pods' in verdict ? verdict.pods.map(({ metadata }) => metadata?.name) : []).toEqual([
    'carts-run-0',
    'bare',
  ])
})

it('counts ready pods, and those that are missing, of what it knows', () => {
  const bare = { kind: 'Deployment', metadata: {}, spec: {} } as Workload
  expect(readyPodsOf({ kind: 'Deployment', name: 'a' }, bare)).toBe(0)
  expect(readyPodsOf({ kind: 'DaemonSet', name: 'a' }, bare)).toBe(0)
  expect(readyPodsOf({ kind: 'Deployment', name: 'a' }, deployment(2, 3))).toBe(2)
  expect(
    readyPodsOf({ kind: 'DaemonSet', name: 'a' }, {
      ...bare,
      status: { numberReady: 4, readyReplicas: 5 },
    } as never),
  ).toBe(4)
  const ref = { kind: 'Deployment', name: 'a' } as const
  expect(isShort(ref, deployment(2, 3), pods({ ready: 2 }))).toBe(true)
  expect(isShort(ref, deployment(2, 3), pods({ ready: 3 }))).toBe(false)
  expect(isShort(ref, deployment(2, 3), [{ metadata: { deletionTimestamp: mark } }])).toBe(false)
})

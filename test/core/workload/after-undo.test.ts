import { expect, it } from 'vitest'
import type { Pod } from '../../../core/kubernetes.ts'
import { type AfterUndo, type AfterUndoFacts, judgeAfterUndo } from '../../../core/workload/after-undo.ts'
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
}

const pods = ({ ready = 0, marked = 0, markedReady = 0 }: Pods): Pod[] => {
  const pod =
    (isReady: boolean, isMarked: boolean) =>
    (_none: unknown, index: number): Pod => ({
      metadata: {
        name: `carts-${isMarked ? 'run' : 'old'}-${index}`,
        labels: { 'controller-revision-hash': isMarked ? 'run' : 'old' },
        ...(isMarked && { annotations: { [restartAnnotation]: mark } }),
      },
      status: { conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] },
    })
  return [
    ...Array.from({ length: ready }, pod(true, false)),
    ...Array.from({ length: marked }, pod(false, true)),
    ...Array.from({ length: markedReady }, pod(true, true)),
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

const cases: [why: string, facts: Partial<AfterUndoFacts>, action: AfterUndo['action']][] = [
  ['all are ready again', {}, 'as-before'],
  ['somebody has deleted it', { workload: undefined }, 'differs'],
  ['others have made it smaller', { workload: deployment(1, 1), pods: pods({ ready: 1 }) }, 'differs'],
  ['others have made it larger', { workload: deployment(5, 5), pods: pods({ ready: 5 }) }, 'differs'],
  ['one is not ready yet', { workload: deployment(2, 3), quietMs }, 'wait'],
  ['and time is over', { workload: deployment(2, 3), quietMs, overdue: true }, 'leave'],
  ['no controller has seen the template', { generation: 4 }, 'wait'],
  ['and none has until time was over', { generation: 4, overdue: true }, 'leave'],
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

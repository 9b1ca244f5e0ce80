import { describe, expect, it } from 'vitest'
import type { Deployment, Pod } from '../../../../core/kubernetes.ts'
import {
  type AfterUndo,
  type AfterUndoFacts,
  isShort,
  judgeAfterUndo,
} from '../../../../core/workload/after-undo.ts'
import { containersOf, credentialFindings } from '../../../../core/workload/environment.ts'
import { restartAnnotation } from '../../../../core/workload/restart.ts'
import type { Workload } from '../../../../core/workload/rollout.ts'
import { stuckAt, trackRollout } from '../../../../core/workload/rollout-progress.ts'

const mark = '2026-11-25T06:00:00Z'
const pod = (
  name: string,
  change: { marked?: boolean; ready?: boolean; going?: boolean; revision?: string } = {},
): Pod => ({
  metadata: {
    name,
    labels: { 'controller-revision-hash': change.revision ?? 'run' },
    ...(change.marked ? { annotations: { [restartAnnotation]: mark } } : {}),
    ...(change.going ? { deletionTimestamp: mark } : {}),
  },
  status: { conditions: [{ type: 'Ready', status: change.ready ? 'True' : 'False' }] },
})
const workload = (ready: number, change: { spec?: object; status?: object } = {}): Workload =>
  ({
    kind: 'Deployment',
    metadata: { name: 'carts', generation: 3 },
    spec: { replicas: 3, ...change.spec },
    status: {
      observedGeneration: 3,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: ready,
      availableReplicas: ready,
      currentRevision: 'old',
      updateRevision: 'old',
      ...change.status,
    },
  }) as Workload
const judged = (change: Partial<AfterUndoFacts>): AfterUndo =>
  judgeAfterUndo({
    ref: { kind: 'Deployment', name: 'carts' },
    namespace: 'shop',
    workload: workload(2),
    before: { healthy: true, ready: 3, desired: 3 },
    generation: 3,
    missedBefore: null,
    untouched: false,
    marks: [mark],
    pods: [pod('a', { ready: true, revision: 'old' })],
    quietMs: 10_000,
    overdue: false,
    ...change,
  })
const counts = (ready: number, before = ', and had 3 of 3 before') =>
  `deployment/carts has ${ready} of 3 pods ready${before}`
const look = 'kubectl describe deployment/carts -n shop'
const leave = (error: string, command = look, message = counts(2)): AfterUndo => ({
  action: 'leave',
  message,
  left: { what: message, error, command },
})
const waits = (message: string): AfterUndo => ({ action: 'wait', message })
const available = 'Waiting for deployment "carts" rollout to finish: 2 of 3 updated replicas are available...'
const set = {
  ref: { kind: 'StatefulSet', name: 'carts' } as const,
  workload: { ...workload(2), kind: 'StatefulSet' } as Workload,
}
const inSet = (said: AfterUndo): AfterUndo =>
  JSON.parse(JSON.stringify(said).replaceAll('deployment/', 'statefulset/'))
const keeps = (names: string, many = false) =>
  `${names} of the failed restart ${many ? 'keep' : 'keeps'} statefulset/carts from going on: Kubernetes replaces such a pod only when it is deleted`
const stuck = pod('s', { marked: true })

describe('after an undo is said, whole', () => {
  it.each<[why: string, change: Partial<AfterUndoFacts>, said: AfterUndo]>([
    ['as before', { workload: workload(3) }, { action: 'as-before', message: counts(3) }],
    [
      'as before, of a report that knows of no counts',
      { workload: workload(3), before: { healthy: true } },
      { action: 'as-before', message: counts(3, '') },
    ],
    [
      'as before, of one that knows of one',
      { workload: workload(3), before: { healthy: true, ready: 3 } },
      { action: 'as-before', message: counts(3, ', and had 3 before') },
    ],
    [
      'another size',
      { workload: workload(3), before: { healthy: true, ready: 2, desired: 2 } },
      {
        action: 'differs',
        message: `${counts(3, ', and had 2 of 2 before')}: its size was changed by others`,
      },
    ],
    [
      'that it was deleted',
      { workload: undefined },
      { action: 'differs', message: 'deployment/carts is no longer there: somebody has deleted it' },
    ],
    ['that it waits', {}, waits(available)],
    ['why it waits no longer', { overdue: true, diagnosis: 'no image' }, leave(`${available}; no image`)],
    ['why it waits no longer, without a diagnosis', { overdue: true }, leave(available)],
    [
      'that nobody has looked at its template',
      { generation: 4, overdue: true },
      leave('no controller has looked at its restored pod template'),
    ],
    [
      'that a deadline was missed',
      {
        workload: workload(2, {
          status: {
            conditions: [
              { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'late' },
            ],
          },
        }),
        diagnosis: 'no image',
      },
      leave('deployment "carts" exceeded its progress deadline; no image'),
    ],
    [
      'that it was paused',
      { workload: workload(2, { spec: { paused: true } }) },
      leave(
        'deployment "carts" is paused, so its rollout does not progress (run kubectl rollout resume first)',
        'kubectl rollout resume deployment/carts -n shop',
      ),
    ],
    [
      'that its pods are refused',
      { refusal: { error: 'quota', command: 'kubectl x' } },
      leave('quota', 'kubectl x'),
    ],
    ['that its pods are refused, without a command', { refusal: { error: 'quota' } }, leave('quota')],
    [
      'that others have changed its template',
      { generation: null },
      {
        action: 'differs',
        message: `${counts(2)}; its pod template does not have the restart of this run, and was left as it is`,
      },
    ],
    [
      'that the rollout was not complete before, and a pod has the restart still',
      { before: { healthy: false, ready: 1, desired: 3 }, pods: [pod('a', { marked: true })] },
      {
        action: 'differs',
        message:
          'the rollout of deployment/carts was not complete before, and 1 of its pods still has the restart of this run, since no pod of its earlier template becomes ready',
      },
    ],
    [
      'the same of two',
      {
        before: { healthy: false, ready: 1, desired: 3 },
        pods: [pod('a', { marked: true }), pod('b', { marked: true })],
      },
      {
        action: 'differs',
        message:
          'the rollout of deployment/carts was not complete before, and 2 of its pods still have the restart of this run, since no pod of its earlier template becomes ready',
      },
    ],
    [
      'that a pod of a StatefulSet is to be deleted',
      { ...set, pods: [stuck] },
      { action: 'delete', message: keeps('s'), pods: [stuck] },
    ],
    [
      'that two are',
      { ...set, pods: [stuck, { ...stuck, metadata: { ...stuck.metadata, name: 't' } }] },
      {
        action: 'delete',
        message: keeps('s, t', true),
        pods: [stuck, { ...stuck, metadata: { ...stuck.metadata, name: 't' } }],
      },
    ],
    [
      'that podid may not delete it',
      { ...set, pods: [stuck], undeletable: 'forbidden' },
      inSet(
        leave(
          `${keeps('s')}, and podid may not do so (manifests/pod-deletion would let it): forbidden`,
          'kubectl delete pod s -n shop',
        ),
      ),
    ],
    [
      'that time is over for it',
      { ...set, pods: [stuck], overdue: true },
      inSet(leave(keeps('s'), 'kubectl delete pod s -n shop')),
    ],
    [
      'that a StatefulSet that was not healthy before keeps such a pod too',
      { ...set, before: { healthy: false, ready: 1, desired: 3 }, pods: [stuck] },
      { action: 'delete', message: keeps('s'), pods: [stuck] },
    ],
  ])('%s', (_why, change, said) => {
    expect(judged(change)).toEqual(said)
  })

  it.each<[why: string, change: Partial<AfterUndoFacts>, action: AfterUndo['action']]>([
    ['pods of a Deployment are not deleted', { pods: [stuck] }, 'wait'],
    [
      'a pod on its way out is not deleted',
      { ...set, pods: [{ ...stuck, metadata: { ...stuck.metadata, deletionTimestamp: mark } }] },
      'wait',
    ],
    ['a ready pod is not deleted', { ...set, pods: [pod('s', { marked: true, ready: true })] }, 'wait'],
    [
      'a pod of its revision is not deleted',
      { ...set, pods: [pod('s', { marked: true, revision: 'old' })] },
      'wait',
    ],
    ['a pod that somebody else restarted is not deleted', { ...set, pods: [pod('s')] }, 'wait'],
    [
      'one of its pods is going: it is not still',
      {
        generation: null,
        untouched: true,
        quietMs: 0,
        pods: [pod('a'), pod('b', { going: true }), pod('c')],
      },
      'wait',
    ],
    [
      'none is going or missing: it is still',
      { generation: null, untouched: true, quietMs: 0, pods: [pod('a'), pod('b'), pod('c')] },
      'differs',
    ],
    [
      'one is missing: it is not still',
      { generation: null, untouched: true, quietMs: 0, pods: [pod('a'), pod('b')] },
      'wait',
    ],
    [
      'the undo has put something back: it is not still',
      { generation: null, untouched: false, quietMs: 0, pods: [pod('a'), pod('b'), pod('c')] },
      'wait',
    ],
    [
      'a pod has the restart still: its template may be the run’s',
      { generation: null, pods: [pod('a', { marked: true })] },
      'wait',
    ],
    [
      'a deadline that the run had missed is not held against it',
      {
        missedBefore: 't',
        workload: workload(2, {
          status: {
            conditions: [
              {
                type: 'Progressing',
                status: 'False',
                reason: 'ProgressDeadlineExceeded',
                message: 'x',
                lastUpdateTime: 't',
              },
            ],
          },
        }),
      },
      'wait',
    ],
    [
      'it wants no pods',
      {
        workload: workload(0, { spec: { replicas: 0 }, status: { replicas: 0, updatedReplicas: 0 } }),
        before: { healthy: true, ready: 0, desired: 0 },
        pods: [],
      },
      'as-before',
    ],
  ])('%s', (_why, change, action) => {
    expect(judged(change).action).toBe(action)
  })

  it.each([
    ['one is missing', [pod('a'), pod('b')], true],
    ['none is', [pod('a'), pod('b'), pod('c')], false],
    ['one is missing and another is going', [pod('a'), pod('b', { going: true })], false],
  ])('pods are short where %s: %s', (_why, pods, short) => {
    expect(isShort({ kind: 'Deployment', name: 'carts' }, workload(2), pods)).toBe(short)
  })
})

describe('a rollout’s progress', () => {
  const object = (change: object, replicas = 3): Deployment => ({
    kind: 'Deployment',
    metadata: { name: 'carts', uid: 'u', generation: 3 },
    spec: { replicas, selector: {}, template: {} },
    status: { observedGeneration: 3, replicas: 4, updatedReplicas: 2, availableReplicas: 2, ...change },
  })
  it.each([
    ['the new pods', object({ updatedReplicas: 1 })],
    ['the pods that are available', object({ availableReplicas: 1 })],
    ['the old pods', object({ replicas: 5 })],
    ['the pods that it wants', object({}, 4)],
  ])('has changed where %s are more or fewer', (_why, next) => {
    const { track } = trackRollout(undefined, object({}), 0, {})
    const same = { ...track, message: trackRollout(undefined, next, 0, {}).track.message }
    expect(trackRollout(same, next, 1, {}).changed).toBe(true)
    expect(track.uid).toBe('u')
  })

  it.each([
    [0, 5000],
    [1, 10_001],
  ])('is stuck, with a deadline of its own of %i ms, after %i', (deadlineMs, after) => {
    expect(stuckAt({ progressedAt: 0, deadlineMs } as never, 5000)).toBe(after)
  })
})

describe('a web identity that the webhook of IRSA gave', () => {
  const token = '/var/run/secrets/eks.amazonaws.com/serviceaccount/token'
  const mount = { name: 'aws-iam-token', mountPath: '/x' }
  const spec = (value: string, mounts: object[] = [mount], source: object = { value }) => ({
    containers: [
      {
        name: 'app',
        env: [{ name: 'AWS_WEB_IDENTITY_TOKEN_FILE', ...source }],
        volumeMounts: [{ name: 'other', mountPath: '/y' }, ...mounts],
      },
    ],
  })
  const remedies = (of: ReturnType<typeof spec>) =>
    credentialFindings({
      subject: 's',
      namespace: 'shop',
      spec: of as never,
      skip: [],
      configMaps: [{ metadata: { name: 'c' }, data: { k: token } }],
      target: 'deployment/carts',
    }).map(({ severity, remedy }) => [severity, remedy])
  const anew =
    'A pod that is made while the association is there gets the credentials of Pod Identity in place of these: podid enable makes the association and restarts the workload, podid migrate does so step by step.'
  const take = {
    advice: 'Take the variables out of the container.',
    command: 'kubectl set env deployment/carts -n shop -c app AWS_WEB_IDENTITY_TOKEN_FILE-',
  }
  it.each<[why: string, of: ReturnType<typeof spec>, remedy: object]>([
    ['goes with the pod', spec(token), { advice: anew }],
    ['is none without its mount', spec(token, []), take],
    ['is none of another file', spec('/token'), take],
    [
      'is none out of a ConfigMap',
      spec(token, [mount], { valueFrom: { configMapKeyRef: { name: 'c', key: 'k' } } }),
      take,
    ],
  ])('%s', (_why, of, remedy) => {
    expect(containersOf(of as never)).toHaveLength(1)
    expect(remedies(of)).toEqual([['blocking', remedy]])
  })
})

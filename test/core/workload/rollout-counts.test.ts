import { expect, it } from 'vitest'
import {
  assessRollout,
  missedDeadline,
  ownDeadlineMs,
  type RolloutAssessment,
  rolloutAsFound,
  type Workload,
} from '../../../core/workload/rollout.ts'

const of = (kind: string, spec?: object, status?: object, metadata?: object): Workload =>
  ({
    kind,
    ...(metadata && { metadata }),
    ...(spec && { spec }),
    ...(status && { status }),
  }) as unknown as Workload
const named = { name: 'carts' }

it.each<[why: string, seconds: number | undefined, ms: number]>([
  ['it has none', undefined, 0],
  ['it is switched off', 2_147_483_647, 0],
  ['the longest that there is', 2_147_483_646, 2_147_483_646_000],
])('the own deadline of a workload: %s', (_why, progressDeadlineSeconds, ms) => {
  expect(ownDeadlineMs(of('Deployment', { progressDeadlineSeconds }))).toBe(ms)
})

it('does not hold a deadline against a rollout that was missed before and is no longer', () => {
  const progressing = of('Deployment', { replicas: 2 }, { replicas: 2, updatedReplicas: 1 }, named)
  expect(assessRollout(progressing, { missedBefore: '2026-11-25T06:00:00Z' }).state).toBe('progressing')
})

it('says what it got where that has no kind', () => {
  expect(() => assessRollout({ spec: {} } as Workload)).toThrow('an object without kind has no rollout')
})

it.each<[why: string, object: Workload, counts: object, state: string, message: string]>([
  [
    'a Deployment of which nothing is known wants one pod',
    of('Deployment'),
    { desired: 1, updated: 0, available: 0, old: 0 },
    'progressing',
    'Waiting for deployment "undefined" rollout to finish: 0 out of 1 new replicas have been updated...',
  ],
  [
    'a Deployment with pods of the old revision',
    of('Deployment', { replicas: 3 }, { replicas: 5, updatedReplicas: 3, availableReplicas: 3 }, named),
    { desired: 3, updated: 3, available: 3, old: 2 },
    'progressing',
    'Waiting for deployment "carts" rollout to finish: 2 old replicas are pending termination...',
  ],
  [
    'a Deployment that counts more new pods than it has',
    of('Deployment', { replicas: 1 }, { replicas: 1, updatedReplicas: 2, availableReplicas: 2 }, named),
    { desired: 1, updated: 2, available: 2, old: 0 },
    'complete',
    'deployment "carts" successfully rolled out',
  ],
  [
    'a DaemonSet of which nothing is known wants none',
    of('DaemonSet'),
    { desired: 0, updated: 0, available: 0, old: 0 },
    'failed',
    'daemon set "undefined" wants no pods, so nothing was rolled out',
  ],
  [
    'a DaemonSet with pods of the old revision',
    of(
      'DaemonSet',
      {},
      { desiredNumberScheduled: 5, currentNumberScheduled: 5, updatedNumberScheduled: 2, numberAvailable: 5 },
      named,
    ),
    { desired: 5, updated: 2, available: 5, old: 3 },
    'progressing',
    'Waiting for daemon set "carts" rollout to finish: 2 out of 5 new pods have been updated...',
  ],
  [
    'a DaemonSet that counts no current pods yet',
    of('DaemonSet', {}, { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 }, named),
    { desired: 2, updated: 2, available: 2, old: 0 },
    'complete',
    'daemon set "carts" successfully rolled out',
  ],
  [
    'a StatefulSet of which nothing is known wants one pod',
    of('StatefulSet'),
    { desired: 1, updated: 0, available: 0, old: 0 },
    'progressing',
    'Waiting for 1 pods to be ready...',
  ],
  [
    'a StatefulSet whose revisions nobody has named, and whose pods are all there',
    of('StatefulSet', {}, { replicas: 1, readyReplicas: 1, updatedReplicas: 1, currentReplicas: 1 }, named),
    { desired: 1, updated: 1, available: 1, old: 0 },
    'complete',
    'statefulset rolling update complete 1 pods at revision ...',
  ],
  [
    'a StatefulSet of one revision that has not made all of its pods',
    of('StatefulSet', { replicas: 2 }, { replicas: 2, readyReplicas: 2, updatedReplicas: 1 }, named),
    { desired: 2, updated: 1, available: 2, old: 1 },
    'progressing',
    'waiting for statefulset rolling update to complete 1 pods at revision ...',
  ],
  [
    'a StatefulSet with pods of the old revision',
    of(
      'StatefulSet',
      { replicas: 3 },
      { replicas: 3, readyReplicas: 3, updatedReplicas: 1, currentRevision: 'a', updateRevision: 'b' },
      named,
    ),
    { desired: 3, updated: 1, available: 3, old: 2 },
    'progressing',
    'waiting for statefulset rolling update to complete 1 pods at revision b...',
  ],
  [
    'a StatefulSet by partition that has not come to it',
    of(
      'StatefulSet',
      { replicas: 3, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } },
      { replicas: 3, readyReplicas: 3, updatedReplicas: 1 },
      named,
    ),
    { desired: 3, updated: 1, available: 3, old: 2 },
    'progressing',
    'Waiting for partitioned roll out to finish: 1 out of 2 new pods have been updated...',
  ],
  [
    'a StatefulSet by partition that has',
    of(
      'StatefulSet',
      { replicas: 3, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } },
      { replicas: 3, readyReplicas: 3, updatedReplicas: 2, currentRevision: 'a', updateRevision: 'b' },
      named,
    ),
    { desired: 3, updated: 2, available: 3, old: 1 },
    'complete',
    'partitioned roll out complete: 2 new pods have been updated...',
  ],
  [
    'a StatefulSet that replaces pods when they are deleted',
    of(
      'StatefulSet',
      { replicas: 3, updateStrategy: { type: 'OnDelete' } },
      { replicas: 3, readyReplicas: 3, updatedReplicas: 1, currentRevision: 'a', updateRevision: 'b' },
      named,
    ),
    { desired: 3, updated: 1, available: 3, old: 2 },
    'failed',
    'statefulset "carts" replaces a pod only when it is deleted (updateStrategy OnDelete): delete the 2 pods of the old revision',
  ],
  [
    'the same with all of them deleted, though its revision is behind',
    of(
      'StatefulSet',
      { replicas: 3, updateStrategy: { type: 'OnDelete' } },
      { replicas: 3, readyReplicas: 3, updatedReplicas: 3, currentRevision: 'a', updateRevision: 'b' },
      named,
    ),
    { desired: 3, updated: 3, available: 3, old: 0 },
    'complete',
    'statefulset rolling update complete 0 pods at revision a...',
  ],
  [
    'a DaemonSet that replaces pods when they are deleted',
    of(
      'DaemonSet',
      { updateStrategy: { type: 'OnDelete' } },
      { desiredNumberScheduled: 2, currentNumberScheduled: 2, updatedNumberScheduled: 1, numberAvailable: 2 },
      named,
    ),
    { desired: 2, updated: 1, available: 2, old: 1 },
    'failed',
    'daemon set "carts" replaces a pod only when it is deleted (updateStrategy OnDelete): delete the 1 pods of the old revision',
  ],
])('what a rollout counts: %s', (_why, object, counts, state, message) => {
  expect(assessRollout(object)).toMatchObject({ counts, state, message })
})

it.each<[why: string, conditions: object[] | undefined, missed: string | undefined]>([
  ['no conditions', undefined, undefined],
  ['it goes on', [{ type: 'Progressing', reason: 'ReplicaSetUpdated', lastUpdateTime: 't' }], undefined],
  [
    'another condition for that reason',
    [{ type: 'Available', reason: 'ProgressDeadlineExceeded', lastUpdateTime: 't' }],
    undefined,
  ],
  [
    'it has missed it',
    [
      { type: 'Available', reason: 'x' },
      { type: 'Progressing', reason: 'ProgressDeadlineExceeded', lastUpdateTime: 't' },
    ],
    't',
  ],
  ['it has missed it, nobody knows when', [{ type: 'Progressing', reason: 'ProgressDeadlineExceeded' }], ''],
])('the deadline of a Deployment: %s', (_why, conditions, missed) => {
  const object = of(
    'Deployment',
    { replicas: 1 },
    { conditions, replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
    named,
  )
  expect(missedDeadline(object)).toBe(missed)
  expect(assessRollout(object).state).toBe(missed === undefined ? 'complete' : 'failed')
  // What an earlier rollout missed is not held against this one.
  expect(assessRollout(object, { missedBefore: missed }).state).toBe('complete')
  expect(missedDeadline(of('Deployment'))).toBeUndefined()
})

it.each([
  [undefined, 0],
  [0, 0],
  [600, 600_000],
  [2 ** 31 - 2, (2 ** 31 - 2) * 1000],
  [2 ** 31 - 1, 0],
  [2 ** 31, 0],
])('a deadline of %s seconds is %s ms', (progressDeadlineSeconds, ms) => {
  expect(ownDeadlineMs(of('Deployment', { progressDeadlineSeconds }))).toBe(ms)
  expect(ownDeadlineMs(of('Deployment'))).toBe(0)
})

it.each<[state: RolloutAssessment['state'], message: string, found: string]>([
  [
    'progressing',
    'Waiting for deployment "a" rollout to finish: 1 old replicas are pending termination...',
    'its rollout is not complete (1 old replicas are pending termination)',
  ],
  [
    'progressing',
    'say Waiting for x to finish: y...z',
    'its rollout is not complete (say Waiting for x to finish: y...z)',
  ],
  ['failed', 'Waiting for x to finish: y...', 'Waiting for x to finish: y...'],
  ['complete', 'done', 'done'],
])('a rollout that is %s, as it was found: %s', (state, message, found) => {
  expect(rolloutAsFound({ state, message } as RolloutAssessment)).toBe(found)
})

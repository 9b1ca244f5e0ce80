import { describe, expect, it } from 'vitest'
import type { DaemonSet, Deployment, StatefulSet } from '../../../core/kubernetes.ts'
import {
  assessRollout,
  missedDeadline,
  RolloutCounts,
  type RolloutFailure,
  type RolloutOptions,
  rolloutAsFound,
  type Workload,
} from '../../../core/workload/rollout.ts'

const meta = { name: 'carts', namespace: 'carts', generation: 3 }

const deployment = (
  status: Deployment['status'] = {},
  spec: Partial<NonNullable<Deployment['spec']>> = {},
): Deployment => ({
  kind: 'Deployment',
  metadata: meta,
  spec: { replicas: 2, selector: {}, template: {}, ...spec },
  status: { observedGeneration: 3, ...status },
})

const daemonSet = (status: Partial<NonNullable<DaemonSet['status']>>, type = 'RollingUpdate'): DaemonSet => ({
  kind: 'DaemonSet',
  metadata: meta,
  spec: { selector: {}, template: {}, updateStrategy: { type } },
  status: {
    observedGeneration: 3,
    currentNumberScheduled: 0,
    desiredNumberScheduled: 0,
    numberMisscheduled: 0,
    numberReady: 0,
    ...status,
  },
})

const rolling = { type: 'RollingUpdate', rollingUpdate: { partition: 0 } }

const statefulSet = (
  status: Partial<NonNullable<StatefulSet['status']>>,
  updateStrategy: NonNullable<StatefulSet['spec']>['updateStrategy'] = rolling,
  replicas = 3,
): StatefulSet => ({
  kind: 'StatefulSet',
  metadata: meta,
  spec: { replicas, serviceName: 'carts', selector: {}, template: {}, updateStrategy },
  status: {
    observedGeneration: 3,
    replicas,
    currentRevision: 'carts-b',
    updateRevision: 'carts-b',
    ...status,
  },
})

const all = { replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 }
const exceeded = {
  conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
}
const allThree = { readyReplicas: 3, updatedReplicas: 3, availableReplicas: 3, currentReplicas: 3 }

it('reads counts that are whole', () => {
  expect(RolloutCounts.safeParse({ desired: 1, updated: 1, available: 1, old: 0 }).success).toBe(true)
  expect(RolloutCounts.safeParse({}).success).toBe(false)
})

type Case = [why: string, object: Workload, options: RolloutOptions, state: string, message: string]
const waiting = 'Waiting for deployment "carts" rollout to finish:'

const cases: Case[] = [
  [
    'everything new and available',
    deployment(all),
    {},
    'complete',
    'deployment "carts" successfully rolled out',
  ],
  [
    'the controller has not seen the spec',
    deployment({ ...all, observedGeneration: 2 }),
    {},
    'progressing',
    'Waiting for deployment spec update to be observed...',
  ],
  [
    'the object is older than our PATCH',
    deployment(all),
    { generation: 4 },
    'progressing',
    'Waiting for deployment spec update to be observed...',
  ],
  [
    'no status at all yet',
    { ...deployment(), status: {} },
    {},
    'progressing',
    'Waiting for deployment spec update to be observed...',
  ],
  [
    'a stale deadline is no verdict',
    deployment({ ...exceeded, observedGeneration: 2 }),
    {},
    'progressing',
    'Waiting for deployment spec update to be observed...',
  ],
  [
    'a missed deadline beats the counts',
    deployment({ ...all, ...exceeded }),
    {},
    'failed',
    'deployment "carts" exceeded its progress deadline',
  ],
  [
    'zero counts are left out',
    deployment({ replicas: 2 }),
    {},
    'progressing',
    `${waiting} 0 out of 2 new replicas have been updated...`,
  ],
  [
    'more new ones to come',
    deployment({ ...all, replicas: 3, updatedReplicas: 1 }),
    {},
    'progressing',
    `${waiting} 1 out of 2 new replicas have been updated...`,
  ],
  [
    'old ones to go',
    deployment({ ...all, replicas: 3 }),
    {},
    'progressing',
    `${waiting} 1 old replicas are pending termination...`,
  ],
  [
    'new ones not available',
    deployment({ ...all, availableReplicas: 1 }),
    {},
    'progressing',
    `${waiting} 1 of 2 updated replicas are available...`,
  ],
  [
    'the condition alone proves nothing (Recreate)',
    deployment({ conditions: [{ type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' }] }),
    {},
    'progressing',
    `${waiting} 0 out of 2 new replicas have been updated...`,
  ],
  [
    'paused half-way',
    deployment({ ...all, updatedReplicas: 1 }, { paused: true }),
    {},
    'failed',
    'deployment "carts" is paused, so its rollout does not progress (run kubectl rollout resume first)',
  ],
  [
    'paused when all was done',
    deployment(all, { paused: true }),
    {},
    'complete',
    'deployment "carts" successfully rolled out',
  ],
  [
    'no replicas wanted: nothing shown',
    deployment({}, { replicas: 0 }),
    {},
    'failed',
    'deployment "carts" wants no pods, so nothing was rolled out',
  ],
  [
    'no replicas wanted, and that is fine',
    deployment({}, { replicas: 0 }),
    { allowZero: true },
    'complete',
    'deployment "carts" successfully rolled out',
  ],
  [
    'scaling down to none is not over yet',
    deployment({ replicas: 1, updatedReplicas: 0 }, { replicas: 0 }),
    {},
    'progressing',
    `${waiting} 1 old replicas are pending termination...`,
  ],

  [
    'a DaemonSet no node takes',
    daemonSet({}),
    {},
    'failed',
    'daemon set "carts" wants no pods, so nothing was rolled out',
  ],
  [
    'a DaemonSet no node takes, and that is fine',
    daemonSet({}),
    { allowZero: true },
    'complete',
    'daemon set "carts" successfully rolled out',
  ],
  [
    'a DaemonSet replaced only by hand',
    daemonSet({ desiredNumberScheduled: 3, updatedNumberScheduled: 1, numberAvailable: 3 }, 'OnDelete'),
    {},
    'failed',
    'daemon set "carts" replaces a pod only when it is deleted (updateStrategy OnDelete): delete the 2 pods of the old revision',
  ],
  [
    '… by hand, and done',
    daemonSet({ desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3 }, 'OnDelete'),
    {},
    'complete',
    'daemon set "carts" successfully rolled out',
  ],
  [
    '… by hand, not yet available',
    daemonSet({ desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 1 }, 'OnDelete'),
    {},
    'progressing',
    'Waiting for daemon set "carts" rollout to finish: 1 of 3 updated pods are available...',
  ],

  [
    'a StatefulSet not observed',
    statefulSet({ ...allThree, observedGeneration: 2 }),
    {},
    'progressing',
    'Waiting for statefulset spec update to be observed...',
  ],
  [
    'pods not ready',
    statefulSet({ ...allThree, readyReplicas: 1 }),
    {},
    'progressing',
    'Waiting for 2 pods to be ready...',
  ],
  [
    'pods to be replaced',
    statefulSet({ ...allThree, updatedReplicas: 1 }),
    {},
    'progressing',
    'Waiting for partitioned roll out to finish: 1 out of 3 new pods have been updated...',
  ],
  [
    'pods to be replaced, and a strategy without details',
    statefulSet({ ...allThree, updatedReplicas: 1, currentRevision: 'carts-a' }, { type: 'RollingUpdate' }),
    {},
    'progressing',
    'waiting for statefulset rolling update to complete 1 pods at revision carts-b...',
  ],
  [
    'a partition beyond the last pod keeps them all',
    statefulSet(
      { ...allThree, updatedReplicas: 0, currentRevision: 'carts-a' },
      { type: 'RollingUpdate', rollingUpdate: { partition: 5 } },
    ),
    {},
    'complete',
    'partitioned roll out complete: 0 new pods have been updated...',
  ],
  [
    'revisions differ still, where kubectl is content',
    statefulSet({ ...allThree, currentRevision: 'carts-a' }),
    {},
    'progressing',
    'waiting for statefulset rolling update to complete 3 pods at revision carts-b...',
  ],
  [
    'one revision, all ready',
    statefulSet(allThree),
    {},
    'complete',
    'partitioned roll out complete: 3 new pods have been updated...',
  ],
  [
    'one revision, and a strategy without details',
    statefulSet(allThree, { type: 'RollingUpdate' }),
    {},
    'complete',
    'statefulset rolling update complete 3 pods at revision carts-b...',
  ],
  [
    'minReadySeconds not over',
    statefulSet({ ...allThree, availableReplicas: 2 }),
    {},
    'progressing',
    'Waiting for 1 pods to be available...',
  ],
  [
    'a partition keeps two pods old',
    statefulSet(
      { ...allThree, updatedReplicas: 1, currentRevision: 'carts-a' },
      { type: 'RollingUpdate', rollingUpdate: { partition: 2 } },
    ),
    {},
    'complete',
    'partitioned roll out complete: 1 new pods have been updated...',
  ],
  [
    'a StatefulSet replaced only by hand',
    statefulSet({ ...allThree, updatedReplicas: 0 }, { type: 'OnDelete' }),
    {},
    'failed',
    'statefulset "carts" replaces a pod only when it is deleted (updateStrategy OnDelete): delete the 3 pods of the old revision',
  ],
  [
    'a StatefulSet of none',
    statefulSet({}, rolling, 0),
    {},
    'failed',
    'statefulset "carts" wants no pods, so nothing was rolled out',
  ],
]

it.each(cases)('%s', (_why, object, options, state, message) => {
  expect(assessRollout(object, options)).toMatchObject({ state, message })
})

const reasons: [RolloutFailure, Workload][] = [
  ['deadline-exceeded', deployment(exceeded)],
  ['paused', deployment({}, { paused: true })],
  ['on-delete', daemonSet({ desiredNumberScheduled: 1 }, 'OnDelete')],
  ['scaled-to-zero', deployment({}, { replicas: 0 })],
]

it.each(reasons)('a failure names its reason: %s', (reason, object) => {
  expect(assessRollout(object)).toMatchObject({ state: 'failed', reason })
})

it('counts pods for showing progress', () => {
  const object = deployment({ replicas: 3, updatedReplicas: 1, availableReplicas: 2 })
  expect(assessRollout(object).counts).toEqual({ desired: 2, updated: 1, available: 2, old: 2 })
})

it.each([
  ['Deployment', deployment(all, { strategy: {} })],
  ['DaemonSet', daemonSet({ desiredNumberScheduled: 1, updatedNumberScheduled: 1, numberAvailable: 1 })],
  [
    'StatefulSet',
    {
      ...statefulSet(allThree),
      spec: { ...statefulSet(allThree).spec, podManagementPolicy: 'OrderedReady' },
    } as StatefulSet,
  ],
])('knows a %s taken from a list, which carries no kind', (_kind, object) => {
  const { kind: _, ...item } = object as Workload
  expect(assessRollout(item as Workload)).toMatchObject({ state: 'complete' })
})

it('refuses what has no rollout', () => {
  expect(() => assessRollout({ kind: 'Job' } as unknown as Workload)).toThrow(/a Job has no rollout/)
})

describe('a deadline that an earlier rollout had missed', () => {
  const rolledBack = (lastUpdateTime: string) =>
    deployment({
      ...exceeded,
      conditions: [
        { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', lastUpdateTime },
      ],
    })
  const before = missedDeadline(rolledBack('2026-11-23T06:00:00Z'))

  it('is not held against a rollback, whose controller shows it until its first progress', () => {
    expect(assessRollout(rolledBack('2026-11-23T06:00:00Z'), { missedBefore: before })).not.toMatchObject({
      state: 'failed',
    })
  })

  it('is another one when it is missed anew', () => {
    expect(assessRollout(rolledBack('2026-11-23T06:10:00Z'), { missedBefore: before })).toMatchObject({
      state: 'failed',
      reason: 'deadline-exceeded',
    })
  })

  it.each([
    ['a Deployment in time', deployment(all)],
    ['a DaemonSet, which has none', daemonSet({ desiredNumberScheduled: 1 })],
  ])('is none for %s', (_why, object) => {
    expect(missedDeadline(object)).toBeUndefined()
  })
})

it.each([
  [
    deployment({ ...all, replicas: 3 }),
    'its rollout is not complete (1 old replicas are pending termination)',
  ],
  [
    deployment({ ...all, observedGeneration: 2 }),
    'its rollout is not complete (Waiting for deployment spec update to be observed)',
  ],
  [deployment(all), 'deployment "carts" successfully rolled out'],
])('says of a rollout that nobody waits for how it was found: %#', (object, found) => {
  expect(rolloutAsFound(assessRollout(object))).toBe(found)
})

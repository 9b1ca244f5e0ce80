import { describe, expect, it } from 'vitest'
import type { ContainerStatus, Event, Pod } from '../../../core/kubernetes.ts'
import { type DiagnosisFacts, diagnose } from '../../../core/workload/diagnosis.ts'
import { pod } from '../../support/pods.ts'

const facts = (changes: Partial<DiagnosisFacts>): DiagnosisFacts => ({
  ref: { kind: 'Deployment', name: 'carts' },
  namespace: 'carts',
  pods: [],
  events: [],
  logs: [],
  ...changes,
})

const withStatus = (status: Partial<ContainerStatus>, name = 'carts-a'): Pod =>
  pod({
    metadata: { name },
    status: {
      phase: 'Running',
      containerStatuses: [
        { name: 'carts', image: 'carts:1', imageID: '', ready: false, restartCount: 0, ...status },
      ],
    },
  })

const crashing = (exitCode: number, reason: string, name?: string) =>
  withStatus(
    {
      restartCount: 4,
      state: {
        waiting: { reason: 'CrashLoopBackOff', message: 'back-off 1m20s restarting failed container' },
      },
      lastState: { terminated: { exitCode, reason } },
    },
    name,
  )

const running = withStatus({ state: { running: { startedAt: '2026-01-01T00:00:00Z' } } })

const event = (changes: Partial<Event>): Event => ({
  metadata: { name: 'e', namespace: 'carts' },
  involvedObject: { kind: 'Pod', name: 'carts-a' },
  type: 'Warning',
  lastTimestamp: '2026-01-01T00:00:00Z',
  ...changes,
})

const log = (text: string, name = 'carts-a') => ({ pod: name, container: 'carts', text })

const unschedulable = pod({
  metadata: { name: 'carts-a' },
  status: {
    phase: 'Pending',
    conditions: [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message: '0/3 nodes are available: 3 Insufficient memory.',
      },
    ],
  },
})

type Case = [why: string, changes: Partial<DiagnosisFacts>, code: string, found: string]
const cases: Case[] = [
  [
    'a crash with its last words',
    { pods: [crashing(1, 'Error')], logs: [log('starting\nError: no table\n')] },
    'rollout-crash-loop',
    'pod carts-a, container carts: CrashLoopBackOff, exit code 1 (Error), restarted 4 times; it wrote: Error: no table',
  ],
  [
    'a crash without words',
    { pods: [crashing(137, 'Error')] },
    'rollout-crash-loop',
    'pod carts-a, container carts: CrashLoopBackOff, exit code 137 (Error), restarted 4 times',
  ],
  [
    'too little memory',
    { pods: [crashing(137, 'OOMKilled')] },
    'rollout-out-of-memory',
    'pod carts-a, container carts: CrashLoopBackOff, exit code 137 (OOMKilled), restarted 4 times',
  ],
  [
    'a denied action',
    { pods: [crashing(1, 'Error')], logs: [log('AccessDeniedException: no\nbye')] },
    'rollout-access-denied',
    'pod carts-a, container carts: CrashLoopBackOff, exit code 1 (Error), restarted 4 times; it wrote: AccessDeniedException: no',
  ],
  [
    'between two crashes',
    { pods: [withStatus({ state: { terminated: { exitCode: 2, reason: 'Error' } } })] },
    'rollout-crash-loop',
    'pod carts-a, container carts: ended, exit code 2 (Error)',
  ],
  [
    'an image that cannot be pulled',
    {
      pods: [
        withStatus({ state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image' } } }),
      ],
    },
    'rollout-image-pull',
    'pod carts-a, container carts: ImagePullBackOff, Back-off pulling image (image carts:1)',
  ],
  [
    'a missing ConfigMap',
    {
      pods: [
        withStatus({
          state: {
            waiting: { reason: 'CreateContainerConfigError', message: 'configmap "carts" not found' },
          },
        }),
      ],
    },
    'rollout-container-config',
    'pod carts-a, container carts: CreateContainerConfigError, configmap "carts" not found',
  ],
  [
    'the scheduler’s own words',
    { pods: [unschedulable] },
    'rollout-unschedulable',
    'pod carts-a, cannot be scheduled: 0/3 nodes are available: 3 Insufficient memory.',
  ],
  [
    'an evicted pod',
    {
      pods: [
        pod({
          metadata: { name: 'carts-a' },
          status: { phase: 'Failed', reason: 'Evicted', message: 'disk' },
        }),
      ],
    },
    'rollout-pod-failed',
    'pod carts-a, failed: Evicted, disk',
  ],
  [
    'a probe that fails',
    {
      pods: [running],
      events: [
        event({
          reason: 'Unhealthy',
          message: 'Readiness probe failed: HTTP probe failed with statuscode: 503',
        }),
      ],
    },
    'rollout-not-ready',
    'pod carts-a, container carts: runs and is not ready: Readiness probe failed: HTTP probe failed with statuscode: 503',
  ],
  [
    'not ready because access is denied',
    { pods: [running], logs: [log('AccessDeniedException: no')] },
    'rollout-access-denied',
    'pod carts-a, container carts: runs and is not ready; it wrote: AccessDeniedException: no',
  ],
  [
    'pods that cannot be made',
    {
      events: [
        event({
          reason: 'FailedCreate',
          message: 'Error creating: pods "carts-" is forbidden: exceeded quota',
          involvedObject: { kind: 'ReplicaSet', name: 'carts-5c8' },
        }),
      ],
    },
    'rollout-create-failed',
    'pods cannot be created: Error creating: pods "carts-" is forbidden: exceeded quota',
  ],
]

it.each(cases)('%s', (_why, changes, code, found) => {
  expect(diagnose(facts(changes))[0]).toMatchObject({
    code,
    severity: 'blocking',
    subject: 'deployment/carts',
    found,
  })
})

it('has nothing to say of healthy pods', () => {
  const healthy = withStatus({ ready: true, state: { running: {} } })
  const recovered = withStatus({
    ready: true,
    state: { running: {} },
    lastState: { terminated: { exitCode: 1 } },
  })
  const leaving = {
    ...crashing(1, 'Error'),
    metadata: { name: 'x', deletionTimestamp: '2026-01-01T00:00:00Z' },
  }
  expect(diagnose(facts({ pods: [healthy, recovered, leaving] }))).toEqual([])
})

describe('several pods', () => {
  it('that suffer the same make one finding', () => {
    const waiting = { ...running, metadata: { name: 'carts-c' } }
    const pods = [crashing(1, 'Error', 'carts-a'), crashing(1, 'Error', 'carts-b'), waiting]
    const logs = [log('AccessDenied: 1', 'carts-a'), log('AccessDenied: 2', 'carts-b')]
    const [first, second, ...rest] = diagnose(facts({ pods, logs }))
    expect(first?.found).toMatch(/^2 of 3 pods \(carts-a, …\), container carts: CrashLoopBackOff/)
    expect(second?.code).toBe('rollout-not-ready')
    expect(rest).toEqual([])
  })

  it('that suffer differently come the gravest first', () => {
    const pods = [unschedulable, crashing(1, 'Error', 'carts-b')]
    const codes = diagnose(facts({ pods, logs: [log('AccessDenied', 'carts-b')] })).map(({ code }) => code)
    expect(codes).toEqual(['rollout-access-denied', 'rollout-unschedulable'])
  })
})

it('says what was so before the run', () => {
  const before = diagnose(facts({ pods: [crashing(1, 'Error')] }))
  const [after] = diagnose(facts({ pods: [crashing(1, 'Error', 'carts-new')], before }))
  expect(after?.found).toMatch(/\(it was so before this run\)$/)
})

it('shows no secrets of others', () => {
  const logs = [log('Error: login with AKIAIOSFODNN7EXAMPLE / password=hunter22')]
  const [finding] = diagnose(facts({ pods: [crashing(1, 'Error')], logs }))
  expect(finding?.found).toMatch(/login with AKIA… \/ password=\(hidden\)$/)
})

it('ends with the newest warnings', () => {
  const events = [
    event({ reason: 'BackOff', message: 'old', lastTimestamp: '2026-01-01T00:00:00Z' }),
    event({ reason: 'BackOff', message: 'newest', lastTimestamp: '2026-01-01T00:03:00Z' }),
    event({
      reason: 'BackOff',
      message: 'newer',
      eventTime: '2026-01-01T00:02:00.000000Z',
      lastTimestamp: undefined as never,
    }),
    event({ reason: 'BackOff', message: 'newer', lastTimestamp: '2026-01-01T00:01:30Z' }),
    event({ reason: 'BackOff', message: 'new', lastTimestamp: '2026-01-01T00:01:00Z' }),
    event({ reason: 'Pulled', type: 'Normal', message: 'fine', lastTimestamp: '2026-01-01T00:04:00Z' }),
  ]
  expect(diagnose(facts({ events })).at(-1)).toMatchObject({
    code: 'rollout-warnings',
    severity: 'info',
    found: 'carts-a: BackOff, newest\ncarts-a: BackOff, newer\ncarts-a: BackOff, new',
  })
})

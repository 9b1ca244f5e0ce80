import { describe, expect, it } from 'vitest'
import type { ContainerStatus, Event, Pod } from '../../../../core/kubernetes.ts'
import { diagnose, whyHopeless } from '../../../../core/workload/diagnosis/diagnosis.ts'
import type { DiagnosisFacts } from '../../../../core/workload/diagnosis/facts.ts'
import { pod } from '../../../support/pods.ts'

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

describe('whether waiting is of use', () => {
  const ended = (restartCount: number, text: string): Partial<DiagnosisFacts> => ({
    pods: [
      withStatus({
        restartCount,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { exitCode: 1, reason: 'Error' } },
      }),
    ],
    logs: [log(text)],
  })
  const waiting = (reason: string, message = ''): Pod =>
    withStatus({ state: { waiting: { reason, message } } })
  const failed = (message: string, count: number) => event({ reason: 'Failed', message, count })
  const pull = (error: string) => `Failed to pull image "carts:1": ${error}`

  it.each<[why: string, changes: Partial<DiagnosisFacts>, code: string | undefined]>([
    ['a denial three times: what is new in IAM may not count yet', ended(2, 'AccessDenied: no'), undefined],
    ['a denial four times', ended(3, 'AccessDenied: no'), 'rollout-access-denied'],
    [
      'no agent four times',
      ended(3, 'dial tcp 169.254.170.23:80: connection refused'),
      'rollout-agent-unreachable',
    ],
    ['no credentials four times', ended(3, 'Unable to locate credentials'), 'rollout-no-credentials'],
    ['an SDK too old, four times', ended(3, 'only loopback hosts are allowed'), 'rollout-sdk-too-old'],
    ['any other crash: what it needs may come', ended(9, 'Error: no database'), undefined],
    [
      'a denial of a container that runs: it may ask again',
      { pods: [{ ...running }], logs: [log('AccessDenied: no')] },
      undefined,
    ],
    [
      'an image that there is not, four pulls',
      { pods: [waiting('ImagePullBackOff')], events: [failed(pull('not found'), 4)] },
      'rollout-image-pull',
    ],
    [
      'an image that there is not, three pulls',
      { pods: [waiting('ErrImagePull', 'not found')], events: [failed(pull('not found'), 3)] },
      undefined,
    ],
    [
      'a registry that does not answer',
      { pods: [waiting('ImagePullBackOff')], events: [failed(pull('i/o timeout'), 9)] },
      undefined,
    ],
    ['a name that cannot be an image’s', { pods: [waiting('InvalidImageName')] }, 'rollout-image-pull'],
    [
      'a missing ConfigMap, four times',
      {
        pods: [waiting('CreateContainerConfigError', 'configmap "carts" not found')],
        events: [failed('Error: configmap "carts" not found', 4)],
      },
      'rollout-container-config',
    ],
    [
      'a spec that the API server refuses, four times',
      {
        events: [
          event({ reason: 'FailedCreate', message: 'Pod "carts-" is invalid: spec.x: Invalid', count: 4 }),
        ],
      },
      'rollout-create-failed',
    ],
    [
      'a quota that is used up: it may be raised',
      { events: [event({ reason: 'FailedCreate', message: 'is forbidden: exceeded quota', count: 9 })] },
      undefined,
    ],
  ])('%s', (_why, changes, code) => {
    expect(whyHopeless(facts(changes))?.code).toBe(code)
  })
})

describe('of pods that an undo takes away', () => {
  const logs = [log('starting\nconnecting\nError: no table')]
  const found = diagnose(facts({ pods: [crashing(1, 'Error')], logs, leaves: true }))

  it('points at none of them', () => {
    expect(JSON.stringify(found)).not.toMatch(/kubectl (?:logs|describe pod)/)
  })

  it('keeps what they wrote', () => {
    expect(found.find(({ code }) => code === 'rollout-log')?.found).toBe(
      'pod carts-a, container carts, wrote at its end:\nstarting\nconnecting\nError: no table',
    )
  })
})

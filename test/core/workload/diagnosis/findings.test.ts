import { describe, expect, it } from 'vitest'
import type { Finding } from '../../../../core/findings.ts'
import type { Event, Pod } from '../../../../core/kubernetes.ts'
import { causesSeen, diagnose } from '../../../../core/workload/diagnosis/diagnosis.ts'
import type { DiagnosisFacts } from '../../../../core/workload/diagnosis/facts.ts'
import { pod } from '../../../support/pods.ts'
import { container, crashing, event, facts, log, running, waiting, withStatus } from './scene.ts'

const unscheduled = (change: object = {}, name = 'a'): Pod =>
  pod({
    metadata: { name },
    status: {
      phase: 'Pending',
      conditions: [
        { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'no room', ...change },
      ] as never,
    },
  })

const found = (code: string, text: string, remedy: object): Finding =>
  ({ code, severity: 'blocking', subject: 'deployment/carts', found: text, remedy }) as Finding
const see = { advice: 'See the pod and its events.', command: 'kubectl describe pod a -n shop', looks: true }
const gone = {
  advice: 'The pod is gone; its events stay for an hour.',
  command: 'kubectl get events -n shop --field-selector involvedObject.name=a',
  looks: true,
}
const logs = (previous: boolean, advice = 'See what it wrote.') => ({
  advice,
  command: `kubectl logs a -n shop -c app${previous ? ' --previous' : ''}`,
  looks: true,
})
const crash = 'pod a, container app: CrashLoopBackOff, exit code 1 (Error), restarted 4 times'
const versions = 'https://docs.aws.amazon.com/eks/latest/userguide/pod-id-minimum-sdk.html'

describe('is found whole', () => {
  it.each<[why: string, changes: Partial<DiagnosisFacts>, finding: Finding | undefined]>([
    [
      'a crash, whose last words are of the container before',
      { pods: [crashing()], logs: [log('Error: of another', 'a', 'other'), log('Error: no table')] },
      found('rollout-crash-loop', `${crash}; it wrote: Error: no table`, logs(true)),
    ],
    [
      'a crash of a pod that is taken away',
      { pods: [crashing()], leaves: true },
      found('rollout-crash-loop', crash, { advice: 'The report has the end of what it wrote.' }),
    ],
    [
      'the first end of a container, which says no reason: its words are its own',
      { pods: [withStatus({ restartCount: 1, state: { terminated: { exitCode: 2 } } })] },
      found('rollout-crash-loop', 'pod a, container app: ended, exit code 2, restarted once', logs(false)),
    ],
    [
      'a crash loop of which nothing else is known',
      { pods: [withStatus({ state: { waiting: { reason: 'CrashLoopBackOff' } } })] },
      found('rollout-crash-loop', 'pod a, container app: CrashLoopBackOff', logs(true)),
    ],
    [
      'a container that ended well and waits to be started again',
      { pods: [withStatus({ state: { waiting: {} }, lastState: { terminated: { exitCode: 0 } } })] },
      undefined,
    ],
    [
      'a container that ended well',
      { pods: [withStatus({ state: { terminated: { exitCode: 0 } } })] },
      undefined,
    ],
    ['a container that is being made', { pods: [waiting('ContainerCreating')] }, undefined],
    ['a container of which nothing is known', { pods: [withStatus({})] }, undefined],
    [
      'an init container that crashes',
      {
        pods: [
          pod({
            metadata: { name: 'a' },
            status: {
              phase: 'Pending',
              initContainerStatuses: [container({ state: { terminated: { exitCode: 1, reason: 'Error' } } })],
            },
          }),
        ],
      },
      found('rollout-crash-loop', 'pod a, container app: ended, exit code 1 (Error)', logs(false)),
    ],
    [
      'a container that has ended, of which no state is known',
      { pods: [withStatus({ lastState: { terminated: { exitCode: 1 } } })] },
      found('rollout-crash-loop', 'pod a, container app: ended, exit code 1', logs(true)),
    ],
    [
      'a pod of which nothing is known but that it failed',
      { pods: [pod({ metadata: { name: 'a' }, status: { phase: 'Failed' } })] },
      found('rollout-pod-failed', 'pod a, failed, and does not say why', see),
    ],
    [
      'too little memory',
      { pods: [crashing('a', 'OOMKilled')] },
      found(
        'rollout-out-of-memory',
        'pod a, container app: CrashLoopBackOff, exit code 1 (OOMKilled), restarted 4 times',
        see,
      ),
    ],
    [
      'no credentials',
      { pods: [crashing()], logs: [log('Unable to locate credentials')] },
      found(
        'rollout-no-credentials',
        `${crash}; it wrote: Unable to locate credentials`,
        logs(true, `Check that its AWS SDK knows Pod Identity: ${versions}`),
      ),
    ],
    [
      'no credentials of a pod that is taken away',
      { pods: [running()], logs: [log('Unable to locate credentials')], leaves: true },
      found(
        'rollout-no-credentials',
        'pod a, container app: runs and is not ready; it wrote: Unable to locate credentials',
        { advice: `Check that its AWS SDK knows Pod Identity: ${versions}` },
      ),
    ],
    [
      'an image that cannot be pulled',
      { pods: [waiting('ErrImagePull', 'not found')] },
      found('rollout-image-pull', 'pod a, container app: ErrImagePull, not found (image carts:1)', see),
    ],
    [
      'the same of a pod that is taken away',
      { pods: [waiting('ErrImageNeverPull')], leaves: true },
      found('rollout-image-pull', 'pod a, container app: ErrImageNeverPull (image carts:1)', gone),
    ],
    ...['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'].map(
      (reason): [string, Partial<DiagnosisFacts>, Finding] => [
        reason,
        { pods: [waiting(reason)] },
        found('rollout-container-config', `pod a, container app: ${reason}`, see),
      ],
    ),
    [
      'a pod that no node takes',
      { pods: [unscheduled()] },
      found('rollout-unschedulable', 'pod a, cannot be scheduled: no room', see),
    ],
    [
      'a pod that no node takes, without a word',
      { pods: [unscheduled({ message: undefined })] },
      found('rollout-unschedulable', 'pod a, cannot be scheduled: no node takes it', see),
    ],
    [
      'a pod that waits for something else',
      { pods: [unscheduled({ reason: 'SchedulingGated' })] },
      undefined,
    ],
    ['a pod that was taken', { pods: [unscheduled({ status: 'True' })] }, undefined],
    ['a pod of which that is said of another thing', { pods: [unscheduled({ type: 'Ready' })] }, undefined],
    [
      'a pod that failed, with its reason alone',
      { pods: [pod({ metadata: { name: 'a' }, status: { phase: 'Failed', reason: 'Evicted' } })] },
      found('rollout-pod-failed', 'pod a, failed: Evicted', see),
    ],
    [
      'pods that cannot be made, by the newest event, for a workload',
      {
        events: [
          event({ reason: 'FailedCreate', message: 'old' }),
          event({ reason: 'FailedDaemonPod', message: 'new', lastTimestamp: '2026-01-02T00:00:00Z' }),
        ],
      },
      found('rollout-create-failed', 'pods cannot be created: new', {
        advice: 'See the workload and its events.',
        command: 'kubectl describe deployment/carts -n shop',
        looks: true,
      }),
    ],
    [
      'pods that cannot be made, without a word',
      { events: [event({ reason: 'FailedCreate' })] },
      found('rollout-create-failed', 'pods cannot be created: no reason given', {
        advice: 'See the workload and its events.',
        command: 'kubectl describe deployment/carts -n shop',
        looks: true,
      }),
    ],
  ])('%s', (_why, changes, finding) => {
    const [first] = diagnose(facts(changes))
    expect(first).toEqual(finding)
  })
})

const unhealthy = (change: object) => event({ reason: 'Unhealthy', message: 'probe failed', ...change })
const app = { kind: 'Pod', name: 'a', fieldPath: 'spec.containers{app}' }
it.each<[why: string, events: Event[], said: string]>([
  ['of its own container', [unhealthy({ involvedObject: app })], 'runs and is not ready: probe failed'],
  ['of its pod', [unhealthy({})], 'runs and is not ready: probe failed'],
  [
    'of its own container, of several the newest',
    [
      unhealthy({ message: 'old' }),
      unhealthy({ message: 'new', lastTimestamp: '2026-01-01T00:00:09Z' }),
      unhealthy({ message: 'older', lastTimestamp: '2025-01-01T00:00:09Z' }),
    ],
    'runs and is not ready: new',
  ],
  [
    'not of another container',
    [unhealthy({ involvedObject: { ...app, fieldPath: 'spec.containers{more}' } })],
    'runs and is not ready',
  ],
  ['not of another pod', [unhealthy({ involvedObject: { ...app, name: 'b' } })], 'runs and is not ready'],
  ['not of another reason', [unhealthy({ reason: 'Pulled' })], 'runs and is not ready'],
  ['none without words', [unhealthy({ message: '' })], 'runs and is not ready'],
])('says of a container that is not ready what the probe says: %s', (_why, events, said) => {
  const [first] = diagnose(facts({ pods: [running()], events }))
  expect(first?.found).toBe(`pod a, container app: ${said}`)
  expect(first?.remedy).toEqual(logs(false))
})

/** A pod for each code, by its name, the gravest last. */
const all: [code: string, pod: Pod | undefined, written?: string][] = [
  ['rollout-not-ready', running('rollout-not-ready')],
  [
    'rollout-pod-failed',
    pod({ metadata: { name: 'rollout-pod-failed' }, status: { phase: 'Failed', reason: 'Evicted' } }),
  ],
  ['rollout-unschedulable', unscheduled({}, 'rollout-unschedulable')],
  ['rollout-create-failed', undefined],
  ['rollout-crash-loop', crashing('rollout-crash-loop')],
  ['rollout-container-config', waiting('RunContainerError', '', 'rollout-container-config')],
  ['rollout-image-pull', waiting('InvalidImageName', '', 'rollout-image-pull')],
  ['rollout-out-of-memory', crashing('rollout-out-of-memory', 'OOMKilled')],
  ['rollout-no-credentials', crashing('rollout-no-credentials'), 'Unable to locate credentials'],
  ['rollout-access-denied', crashing('rollout-access-denied'), 'AccessDenied: no'],
  ['rollout-agent-unreachable', crashing('rollout-agent-unreachable'), '169.254.170.23: connection refused'],
  ['rollout-credentials-refused', crashing('rollout-credentials-refused'), 'Service account token is bad'],
  ['rollout-sdk-too-old', crashing('rollout-sdk-too-old'), 'only loopback hosts are allowed'],
]
const everything = facts({
  pods: all.flatMap(([, one]) => one ?? []),
  events: [event({ reason: 'FailedCreate', message: 'Pod "x" is invalid: spec', count: 4 })],
  logs: all.flatMap(([name, , written]) => (written ? [log(written, name)] : [])),
})

it('has the gravest first', () => {
  expect(diagnose(everything).map(({ code }) => code)).toEqual(all.map(([code]) => code).toReversed())
})

it('says at once what does not pass by itself, and leaves out what often does', () => {
  const passing = ['rollout-unschedulable', 'rollout-not-ready', 'rollout-crash-loop']
  expect(causesSeen(everything).map(({ code }) => code)).toEqual(
    all
      .map(([code]) => code)
      .toReversed()
      .filter((code) => !passing.includes(code)),
  )
})

describe('whether it was so before', () => {
  const before = diagnose(facts({ pods: [crashing()] }))
  const other = { ...before[0], found: 'pod z, container x: something else' } as Finding
  it.each<[why: string, before: Finding[] | undefined, was: boolean]>([
    ['it was', before, true],
    ['it was, beside something else', [other, ...before], true],
    ['it was not: something else was', [other], false],
    [
      'it was not: the same words of another code',
      [{ ...before[0], code: 'rollout-not-ready' } as Finding],
      false,
    ],
    ['nothing was', [], false],
    ['nobody knows', undefined, false],
  ])('%s', (_why, earlier, was) => {
    const [now] = diagnose(facts({ pods: [crashing('b')], ...(earlier ? { before: earlier } : {}) }))
    expect(now?.found.endsWith(' (it was so before this run)')).toBe(was)
  })
})

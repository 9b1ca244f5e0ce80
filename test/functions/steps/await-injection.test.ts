import { expect, it } from 'vitest'
import type { StepProgress } from '../../../adapters/runtime.ts'
import type { Association } from '../../../core/association.ts'
import type { ReachableCluster } from '../../../core/cluster.ts'
import type { Deployment, ReplicaSet } from '../../../core/kubernetes.ts'
import { resolveRequest } from '../../../core/request-input.ts'
import type { AssociationStep } from '../../../core/steps/answers.ts'
import { awaitInjection } from '../../../functions/steps/await-injection.ts'
import { pod } from '../../support/pods.ts'
import { type Said, scriptedConnection, skippingClock } from '../../support/scripted-connection.ts'

const request = resolveRequest(
  {
    cluster: 'eks-workshop',
    namespace: 'carts',
    serviceAccount: 'carts',
    role: 'arn:aws:iam::123456789012:role/carts',
    workload: 'deployment/carts',
  },
  {
    arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
    startTime: '2026-11-23T06:00:00.000Z',
  },
)
const template = { spec: { containers: [{ name: 'carts' }] } }
const workload: Deployment = {
  metadata: { name: 'carts', namespace: 'carts', uid: 'u-1' },
  spec: { replicas: 1, selector: { matchLabels: { app: 'carts' } }, template },
}
const set: ReplicaSet = {
  metadata: {
    name: 'carts-1',
    uid: 'u-2',
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'Deployment', name: 'carts', uid: 'u-1', controller: true },
    ],
  },
}

const hit = pod()
const miss = pod({ spec: template.spec })
const rbac = {
  failure: 403,
  message: 'pods is forbidden: User "podid" cannot create resource "pods" in API group ""',
}
const quota = { failure: 403, message: 'exceeded quota: pods=10' }
const webhookDown = {
  failure: 500,
  message: 'Internal error occurred: failed calling webhook "iam-for-pods.amazonaws.com": refused',
}

/** The connections of the last question, whatever became of it. */
let sockets: { opened: number; closed: number }

/** Asks with these answers to its dry-run pods, the last of them again and again. */
const asked = async (
  pods: Said[],
  action: AssociationStep['action'] = 'created',
  waitedMs = 0,
  there: Said = workload,
) => {
  const clock = skippingClock()
  const started = clock.now()
  let next = 0
  const said: StepProgress[] = []
  const { signal } = new AbortController()
  const tried: unknown[] = []
  const times = new Set<number>()
  let opened = 0
  const fresh = () => {
    opened++
    return connection
  }
  const { connection, closed } = scriptedConnection(clock, ({ verb, resource, body, ...request }) => {
    if (verb === 'create') {
      expect(request).toMatchObject({ namespace: 'carts', signal })
      tried.push(body?.content)
      times.add(clock.now() - started)
      return pods[Math.min(next++, pods.length - 1)] ?? miss
    }
    if (resource === 'deployments') return there
    if (resource === 'replicasets') return { items: [set] }
    if (resource === 'pods') return { items: [] }
    return { failure: 403, message: 'not yours to see' }
  })
  const step = await awaitInjection(
    { shared: () => connection, fresh },
    { clock, signal, progress: (progress) => void said.push(progress) },
  )({
    request,
    cluster: { name: 'eks-workshop' } as ReachableCluster,
    association: { id: 'a-1' } as Association,
    action,
    waitedMs,
    remainingMs: 120_000,
  }).finally(() => {
    sockets = { opened, closed: closed() }
  })
  return { step, said, started, tried, times: [...times], tookMs: clock.now() - started }
}

type Row = [
  why: string,
  pods: Said[],
  action: AssociationStep['action'],
  found: { ready: boolean; way: string; probes: number },
  tookMs: number,
]

it.each<Row>([
  ['four in a row', [hit], 'created', { ready: true, way: 'dry-run', probes: 4 }, 0],
  ['nothing was changed: nothing to settle', [hit], 'kept', { ready: true, way: 'dry-run', probes: 4 }, 0],
  [
    'another role: seen injected before, so the time that AWS gives',
    [hit],
    'repointed',
    { ready: true, way: 'settled', probes: 4 },
    10_000,
  ],
  [
    'another role, and the webhook late: the time that AWS gives is counted from the beginning',
    [miss, hit],
    'repointed',
    { ready: true, way: 'settled', probes: 8 },
    10_000,
  ],
  [
    'all four are asked at first, and a miss from then on by itself, without the others',
    [miss, miss, miss, miss, miss, hit],
    'created',
    { ready: true, way: 'dry-run', probes: 9 },
    100,
  ],
  [
    'one of four lags: all four are asked again',
    [hit, hit, hit, miss, hit],
    'created',
    { ready: true, way: 'dry-run', probes: 8 },
    50,
  ],
  [
    'the first of them lags and the others know it',
    [hit, miss, hit, hit, hit],
    'created',
    { ready: true, way: 'dry-run', probes: 8 },
    50,
  ],
  [
    'a webhook that does not answer may yet: asked again',
    [webhookDown, hit],
    'created',
    { ready: true, way: 'dry-run', probes: 5 },
    50,
  ],
  [
    'pods may not be created: the first new pod tells, after the time that AWS gives',
    [rbac],
    'created',
    { ready: true, way: 'first-pod', probes: 1 },
    10_000,
  ],
  [
    'pods may not be created, and nothing was changed: at once',
    [rbac],
    'kept',
    { ready: true, way: 'first-pod', probes: 1 },
    0,
  ],
  [
    'a quota refuses, which the workload’s own pods would meet too: at once, and it is said',
    [quota],
    'created',
    { ready: true, way: 'first-pod', probes: 1 },
    0,
  ],
])('waits for the injection: %s', async (_why, pods, action, found, tookMs) => {
  const { step, ...rest } = await asked(pods, action)
  expect(step).toMatchObject({ ...found, waitedMs: tookMs })
  expect(rest.tookMs).toBe(tookMs)
})

it('tells of each question, and until when it is asked', async () => {
  const { said, started, step } = await asked([hit, hit, miss, hit, hit])
  const told = (message: string, probes: number): StepProgress => ({
    step: 'AwaitInjection',
    message,
    detail: { probes, until: started + 120_000 },
  })
  expect(said).toEqual([
    told('3 of 4 dry-run pods got the credentials', 4),
    told('4 dry-run pods in a row got the credentials', 8),
  ])
  expect(step).toEqual({
    ready: true,
    way: 'dry-run',
    message: '4 dry-run pods in a row got the credentials',
    probes: 8,
    waitedMs: 50,
    refused: null,
    findings: [],
  })
})

it.each<[why: string, pods: Said[], there: Said, message: string]>([
  [
    'the role was changed under pods that had credentials already',
    [hit],
    workload,
    'pods were injected before the role was changed, so its arrival cannot be seen; waited 10 s after the change',
  ],
  ['no pod may be tried', [rbac], workload, `the first new pod will tell: ${rbac.message}`],
  [
    'the workload is gone, whose pods would be refused',
    [quota],
    { failure: 404, message: 'not found' },
    `the first new pod will tell: ${quota.message}`,
  ],
])('says what cannot be seen from outside: %s', async (_why, pods, there, message) => {
  const { step } = await asked(pods, 'repointed', 0, there)
  expect(step).toMatchObject({ ready: true, message, refused: null })
})

it.each<[why: string, there: Said, tried: object]>([
  [
    'the workload’s',
    workload,
    {
      metadata: {
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'carts-1', uid: 'u-2', controller: true },
        ],
      },
      spec: { containers: [{ name: 'carts' }], serviceAccountName: 'carts' },
    },
  ],
  [
    'anybody’s where the workload is gone',
    { failure: 404, message: 'not found' },
    { spec: { containers: [{ name: 'probe' }], serviceAccountName: 'carts' } },
  ],
])('tries pods as %s', async (_why, there, tried) => {
  expect((await asked([hit], 'created', 0, there)).tried).toMatchObject([tried, tried, tried, tried])
})

it.each<[why: string, pods: Said[], connections: number]>([
  ['one for each of the three others', [hit], 3],
  ['the same ones where one of them lags', [hit, hit, hit, miss, hit], 3],
  ['with the first question, whatever it finds', [miss, miss, miss, miss, quota], 3],
  ['none as long as the webhook does not answer', [webhookDown, quota], 0],
])('opens connections, and closes them: %s', async (_why, pods, connections) => {
  await asked(pods)
  expect(sockets).toEqual({ opened: connections, closed: connections })
})

it('closes its connections where one of them fails, too', async () => {
  await expect(asked([hit, hit, { failure: 503, message: 'away' }])).rejects.toThrow('away')
  expect(sockets).toEqual({ opened: 3, closed: 3 })
})

it('says that pods would be refused as a warning: whether any have to be made is not known yet', async () => {
  const { step } = await asked([quota])
  expect(step.refused).toContain('exceeded quota')
  expect(step.findings).toMatchObject([{ code: 'pods-refused', severity: 'warning' }])
  const untried = await asked([rbac])
  expect(untried.step.refused).toBeNull()
  expect(untried.step.findings).toMatchObject([{ severity: 'info' }])
})

it.each<[why: string, pods: Said[], said: RegExp]>([
  [
    'none had them',
    [miss],
    /^dry-run pods of carts\/carts still come back without credentials after 41 s: the association a-1 has not reached .*Its registration was not looked at/,
  ],
  ['some had them once', [hit, miss], /has not reached every API server; some of the pods had them/],
  [
    'the webhook refuses',
    [webhookDown],
    /still refuses every pod, since a webhook whose failurePolicy is Fail/,
  ],
])('answers after 40 seconds that it is not there yet: %s', async (_why, pods, said) => {
  const { step, tookMs } = await asked(pods)
  expect(step).toMatchObject({ ready: false, way: 'dry-run', message: expect.stringMatching(said) })
  expect(tookMs).toBeGreaterThanOrEqual(40_000)
  expect(tookMs).toBeLessThan(41_001)
})

it('asks after a twentieth of what has been waited, and once a second at least, earlier calls counted', async () => {
  const first = await asked([miss])
  // Three more to begin with, 20 in the first second, 60 until 20 s are over (each 1.05 times as far as the one before), 20 more.
  expect(first.step.probes).toBeGreaterThan(101)
  expect(first.step.probes).toBeLessThan(107)
  const begins = async (waitedMs: number) => (await asked([miss], 'created', waitedMs)).times.slice(0, 3)
  expect(await begins(0)).toEqual([0, 50, 100])
  expect(await begins(1000)).toEqual([0, 50, 103])
  expect(await begins(10_000)).toEqual([0, 500, 1025])
  expect(await begins(30_000)).toEqual([0, 1000, 2000])
  const later = await asked([miss], 'created', 40_000)
  expect(later.step).toMatchObject({ probes: 43, waitedMs: 80_000 })
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Runtime } from '../../../adapters/runtime.ts'
import { resolveRequest } from '../../../core/request-input.ts'
import type { Handler } from '../../../functions/middleware/make-handler.ts'
import { functions, type WorkflowFunction } from '../../../functions/registry.ts'
import { skippingClock } from '../../support/scripted-connection.ts'
import { json, type KubernetesServer, serveKubernetes } from '../../support/servers/kubernetes-server.ts'
import { type Scripted, scriptedServer } from '../../support/servers/scripted-server.ts'
import { surroundings } from '../middleware/support.ts'

// What Lambda calls of each step: its name, what it takes, and whom it asks. A cluster of the same name may be in the
// region that podid itself runs in, so each step has to go to the request's.

const elsewhere = 'eu-north-1'
const arn = (service: string, name: string) => `arn:aws:${service}:us-west-2:123456789012:${name}`
const role = 'arn:aws:iam::123456789012:role/carts'
const execution = {
  arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
  startTime: '2026-11-23T06:00:00.000Z',
}
const input = {
  cluster: 'shop',
  region: elsewhere,
  namespace: 'carts',
  serviceAccount: 'carts',
  role,
  workload: 'deployment/carts',
} as const
const request = resolveRequest(input, execution)
const association = { id: 'a-1', role, sessionTags: true, tags: {}, arn: 'a', createdAt: '', modifiedAt: '' }
const before = { run: 'run-1', restartedAt: request.restartedAt, association: null, workload: null }
const change = { found: '{}', planned: '{}', what: [] }
const plan = {
  rollout: 'rollout-1',
  mode: 'enable',
  startedAt: execution.startTime,
  bucket: 'rollouts',
  folder: '',
  waves: [{ number: 1, clusters: 1, bindings: 1, rounds: 1 }],
  concurrency: 1,
  atOnce: 1,
  paceMs: 0,
  toleratedFailurePercentage: 0,
  undoOnFailure: false,
  approval: 'none',
  approvalTimeoutSeconds: 60,
  pauseSeconds: 0,
  openings: null,
  summary: '',
}
const agent = { action: 'none', management: 'none', version: null, ready: 0, nodes: 0, findings: [] }
const question = { wave: 2, waves: 2, bindings: 1, clusters: 1, plan: 'p', before: '', places: [] }

const refused: Scripted = {
  status: 403,
  headers: { 'x-amzn-errortype': 'AccessDeniedException', 'x-amzn-requestid': 'r' },
}
/** What AWS answers, one after the other, and whether the Kubernetes API answers or refuses. */
const script: Scripted[] = [refused]
let served = false
const answered = (body: object): Scripted => ({
  headers: { 'content-type': 'application/json', 'x-amzn-requestid': 'r' },
  body: JSON.stringify(body),
})
let kubernetes: KubernetesServer
let aws: Awaited<ReturnType<typeof scriptedServer>>
let runtime: Runtime
beforeAll(async () => {
  kubernetes = await serveKubernetes((_request, response) =>
    served
      ? json(response, { metadata: { name: 'carts', uid: 'u' }, spec: {}, items: [] })
      : json(response, { kind: 'Status', code: 403, reason: 'Forbidden', message: 'no' }, 403),
  )
  aws = await scriptedServer(script)
  runtime = {
    ...surroundings(),
    clock: skippingClock(),
    aws: { endpoint: aws.url, credentials: async () => ({ accessKeyId: 'AKIA', secretAccessKey: 's' }) },
    env: {
      PODID_STAGE: 'test',
      PODID_CONFIG: JSON.stringify({
        account: '123456789012',
        region: 'us-west-2',
        bindings: {},
        access: [],
      }),
      PODID_TABLE_ARN: arn('dynamodb', 'table/records'),
      PODID_EVENT_BUS_ARN: arn('events', 'event-bus/own'),
      PODID_STATE_MACHINE_ARN: arn('states', 'stateMachine:enable'),
      PODID_ROLLOUT_MACHINE_ARN: arn('states', 'stateMachine:rollout'),
      PODID_ROLLOUT_BUCKET: 'rollouts',
      PODID_ACCESS_ENTRIES: JSON.stringify([{ principalArn: role, kubernetesGroups: ['podid'] }]),
    },
  }
})
beforeEach(() => {
  aws.received.splice(0)
  kubernetes.requests.splice(0)
  script.splice(0, script.length, refused)
  served = false
})
afterAll(async () => {
  await kubernetes.close()
  await aws.close()
})

/** The region and the service of each request to AWS, and `kubernetes` where the cluster was asked, each once. */
const asked = (): string[] => {
  const places = aws.received.map(({ headers: { authorization = '' } }) =>
    (/Credential=[^/]+\/\d+\/([^/]+\/[^/]+)\//.exec(authorization)?.[1] ?? '').toString(),
  )
  return [...new Set([...places, ...(kubernetes.requests.length > 0 ? ['kubernetes'] : [])])].toSorted()
}
const onCluster = (more: object = {}) => ({
  request,
  cluster: {
    name: 'shop',
    arn: `arn:aws:eks:${elsewhere}:123456789012:cluster/shop`,
    status: 'ACTIVE',
    version: '1.34',
    autoMode: false,
    endpoint: kubernetes.cluster.endpoint,
    certificateAuthority: kubernetes.cluster.ca,
  },
  ...more,
})
const eks = `${elsewhere}/eks`
const iam = `${elsewhere}/iam`

const names = Object.keys(functions) as WorkflowFunction[]
const modules = new Map(
  await Promise.all(names.map(async (name) => [name, await functions[name]()] as const)),
)
const handlerOf = (name: WorkflowFunction): Handler => {
  const module = modules.get(name)
  if (!module) throw new Error(`there is no ${name}`)
  return module.create(runtime)
}

it.each(names)('%s takes no input but its own, and says so by its name', async (name) => {
  const handler = handlerOf(name)
  const called = `${name[0]?.toUpperCase()}${name.slice(1)} was called with a faulty input: `
  await expect(handler({})).rejects.toMatchObject({
    name: 'InvalidRequest',
    message: expect.stringContaining(called),
  })
  expect(asked()).toEqual([])
})

const listed = answered({ associations: [{ associationId: 'a-1', associationArn: association.arn }] })
const none = answered({ associations: [] })
const shown = answered({ association: { associationId: 'a-1', associationArn: 'a', roleArn: role } })
const without = (more: object = {}) => ({
  request: { ...request, workload: undefined, createRole: true },
  ...more,
})

/** Where `answers` are given, AWS gives them before it refuses, and the cluster has whatever it is asked for. */
const calls: [name: WorkflowFunction, input: () => object, asks: string[], answers?: Scripted[]][] = [
  ['awaitCluster', () => ({ request }), [eks]],
  ['ensureAccess', () => ({ request }), [eks]],
  ['takeTurn', () => ({ request }), ['us-west-2/dynamodb']],
  ['checkAgent', onCluster, [eks, 'kubernetes']],
  ['verifyRole', onCluster, [eks, iam]],
  ['verifyWorkload', onCluster, ['kubernetes']],
  ['checkAssociation', onCluster, [eks]],
  ['ensureAgent', () => onCluster({ agent }), [eks, 'kubernetes']],
  ['ensureRole', onCluster, [iam]],
  ['ensureTrust', () => onCluster({ change, retries: 0 }), [iam]],
  ['ensureAssociation', () => ({ request, expected: null }), [eks]],
  [
    'awaitInjection',
    () => onCluster({ association, action: 'created', waitedMs: 0, remainingMs: 1000 }),
    ['kubernetes'],
  ],
  ['finishMigration', () => onCluster({ annotation: null, trust: null, retries: 0 }), [eks, 'kubernetes']],
  [
    'finishMigration',
    () => onCluster({ annotation: null, trust: change, retries: 0 }),
    [eks, iam, 'kubernetes'],
    [listed, shown],
  ],
  ['takeStock', () => onCluster({ tried: 'ensureAssociation', id: null }), [eks]],
  ['takeStock', () => onCluster({ tried: 'ensureRole', id: null }), [iam]],
  ['takeStock', () => onCluster({ tried: 'restartWorkload', id: null }), ['kubernetes']],
  ['undo', () => onCluster({ before, id: null, retries: 0 }), ['kubernetes']],
  ['undo', () => onCluster({ ...without(), before, id: null, retries: 0 }), [eks, iam], [none]],
  [
    'awaitUndo',
    () =>
      onCluster({
        before,
        generation: null,
        missedBefore: null,
        untouched: false,
        earlier: null,
        remainingMs: 1000,
      }),
    ['kubernetes'],
  ],
  [
    'restartWorkload',
    () =>
      onCluster({
        association,
        action: 'created',
        injection: {
          ready: true,
          way: 'settled',
          probes: 0,
          waitedMs: 0,
          message: '',
          refused: null,
          findings: [],
        },
        attempt: 0,
        uid: null,
        carried: false,
      }),
    ['kubernetes'],
  ],
  [
    'watchRollout',
    () =>
      onCluster({
        generation: 1,
        missedBefore: null,
        position: null,
        watchedMs: 0,
        told: [],
        restarted: true,
        diagnosis: [],
        remainingMs: 1000,
      }),
    ['kubernetes'],
  ],
  [
    'verifyCredentials',
    () => onCluster({ association, writtenAt: null, former: [], visits: 0 }),
    ['kubernetes'],
  ],
  [
    'verifyCredentials',
    () => onCluster({ association, writtenAt: null, former: [], visits: 0 }),
    [eks, 'kubernetes'],
    [],
  ],
  [
    'requestApproval',
    () => ({ token: 't', askedAt: execution.startTime, rollout: 'rollout-1', timeoutSeconds: 60, question }),
    ['us-west-2/dynamodb'],
  ],
  ['judgeRound', () => ({ plan, wave: 1, round: 1, undoing: false, exceeded: false }), ['us-west-2/s3']],
  [
    'reportRollout',
    () => ({ plan, judged: [], failure: { Error: 'E' }, endedAt: execution.startTime }),
    ['us-west-2/s3'],
  ],
  [
    'planWaves',
    () => ({ input: { bindings: 'all' }, execution, now: execution.startTime }),
    ['us-west-2/dynamodb'],
  ],
]

describe('asks whom it has to ask, in the region of the request', () => {
  it.each(calls)('%s', async (name, made, asks, answers) => {
    script.unshift(...(answers ?? []))
    served = answers !== undefined
    const handler = handlerOf(name)
    const ended = await handler(made()).then(
      () => undefined,
      (error: Error) => error.message,
    )
    expect(ended ?? '').not.toContain('faulty input')
    expect(asked()).toEqual(asks.toSorted())
  })
})

import { expect, it } from 'vitest'
import type { Deployment, Pod, ReplicaSet } from '../../../../core/kubernetes.ts'
import { resolveRequest } from '../../../../core/request-input.ts'
import { awaitUndo } from '../../../../functions/steps/await-undo.ts'
import { pod } from '../../../support/pods.ts'
import { type Said, scriptedConnection, skippingClock } from '../../../support/scripted-connection.ts'

const request = resolveRequest(
  {
    cluster: 'shop',
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
const cluster = { name: 'shop', endpoint: '', certificateAuthority: '' } as never
const set: ReplicaSet = {
  metadata: {
    name: 'carts-1',
    uid: 'u-2',
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'Deployment', name: 'carts', uid: 'u-1', controller: true },
    ],
  },
}
const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'carts-1', uid: 'u-2', controller: true }
const template = { spec: { containers: [{ name: 'carts' }], serviceAccountName: 'carts' } }
const deployment = (ready: number, generation = 1): Deployment => ({
  kind: 'Deployment',
  apiVersion: 'apps/v1',
  metadata: { name: 'carts', namespace: 'carts', uid: 'u-1', generation },
  spec: { replicas: 2, selector: { matchLabels: { app: 'carts' } }, template },
  status: {
    observedGeneration: generation,
    replicas: ready,
    updatedReplicas: ready,
    readyReplicas: ready,
    availableReplicas: ready,
  },
})
const own = (name: string, ready = true, metadata: Pod['metadata'] = {}): Pod =>
  pod({
    metadata: { name, uid: `uid-${name}`, ownerReferences: [owner], ...metadata },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  })

/** What is there at one look. */
interface Look {
  workload?: Deployment
  pods?: Pod[]
}
interface Given {
  /** What is there, look by look, the last of it from then on. */
  looks: Look[]
  dryRun?: Said
  events?: object[]
  deletion?: Said
  input?: object
  budget?: number
}

const awaited = async ({ looks, dryRun = pod(), events = [], deletion = {}, input = {} }: Given) => {
  const clock = skippingClock()
  const started = clock.now()
  const progress: unknown[] = []
  let at = -1
  const { connection, asked } = scriptedConnection(clock, ({ verb, resource, name }) => {
    if (verb === 'create') return dryRun
    if (verb === 'delete') return deletion
    if (resource === 'deployments' && verb === 'get') {
      at = Math.min(at + 1, looks.length - 1)
      return looks[at]?.workload ?? { failure: 404, message: 'not found' }
    }
    const items: Record<string, object[]> = { pods: looks[at]?.pods ?? [], replicasets: [set], events }
    return name === undefined ? { metadata: {}, items: items[resource] ?? [] } : { metadata: { name } }
  })
  const step = await awaitUndo(() => connection, { clock, progress: (one) => void progress.push(one) })({
    request,
    cluster,
    before: {
      run: 'run-1',
      restartedAt: request.restartedAt,
      association: null,
      workload: { restartedAt: null, healthy: true, ready: 2, desired: 2 },
    },
    generation: 1,
    missedBefore: null,
    untouched: false,
    earlier: null,
    remainingMs: 600_000,
    ...input,
  } as never)
  return { step, ms: clock.now() - started, asked, progress }
}

const well: Look = { workload: deployment(2), pods: [own('p-1'), own('p-2')] }
const half: Look = { workload: deployment(1), pods: [own('p-1')] }

it.each<[why: string, given: Given, step: object, ms: number]>([
  [
    'as before at the first look',
    { looks: [well] },
    { state: 'as-before', message: expect.stringContaining('2 of 2 pods ready'), left: [], deleted: [] },
    0,
  ],
  ['as before a second later', { looks: [half, well] }, { state: 'as-before' }, 1000],
  [
    'deleted meanwhile',
    { looks: [half, {}] },
    { state: 'differs', message: 'deployment/carts is no longer there: somebody has deleted it' },
    1000,
  ],
  [
    'its time is over',
    { looks: [half], input: { remainingMs: 3000 } },
    {
      state: 'left',
      left: [{ what: expect.stringContaining('1 of 2'), command: expect.stringContaining('kubectl') }],
    },
    3000,
  ],
  ['still on its way at the end of the call', { looks: [half] }, { state: 'waiting', left: [] }, 57_000],
  [
    'quiet, and the cluster refuses the pod that is missing',
    { looks: [half], dryRun: { failure: 403, message: 'exceeded quota: pods=1' } },
    { state: 'left', left: [{ error: expect.stringContaining('exceeded quota') }] },
    10_000,
  ],
  [
    'quiet, and a dry run is not allowed: what controllers have met with tells',
    {
      looks: [half],
      dryRun: { failure: 403, message: 'pods is forbidden: User "podid" cannot create resource "pods"' },
    },
    { state: 'waiting' },
    57_000,
  ],
])('%s', async (_why, given, step, ms) => {
  const found = await awaited(given)
  expect(found.step).toMatchObject(step)
  expect(found.ms).toBe(ms)
  expect(found.progress[0]).toMatchObject({
    step: 'AwaitUndo',
    detail: { until: expect.any(Number) },
    message: expect.any(String),
  })
})

it('goes on with what the call before knew: how long it has been quiet, and what was deleted', async () => {
  const { step } = await awaited({ looks: [half] })
  const { quietMs, seen } = JSON.parse(step.position ?? '{}')
  expect(seen).toMatch(/^[0-9a-f]{32}$/)
  expect(quietMs).toBe(57_000)
  const refused = { failure: 403, message: 'exceeded quota: pods=1' }
  const earlier = {
    ...step,
    position: JSON.stringify({ ...JSON.parse(step.position ?? ''), deleted: ['p-9'] }),
  }
  const next = await awaited({ looks: [half], dryRun: refused, input: { earlier } })
  // Quiet for long enough already.
  expect(next).toMatchObject({ ms: 0, step: { state: 'left', deleted: ['p-9'] } })
  const moved = await awaited({
    looks: [{ ...half, pods: [own('p-3')] }],
    dryRun: refused,
    input: { earlier },
  })
  expect(moved.ms).toBe(10_000)
})

it.each<[why: string, other: Look]>([
  ['another pod', { ...half, pods: [own('p-3')] }],
  ['a pod that is ready by now', { ...half, pods: [own('p-1', false)] }],
  ['a pod that goes', { ...half, pods: [own('p-1', true, { deletionTimestamp: '2026-01-01T00:00:00Z' })] }],
  ['another generation', { ...half, workload: deployment(1, 2) }],
  [
    'an object made anew',
    { ...half, workload: { ...deployment(1), metadata: { ...deployment(1).metadata, uid: 'u-9' } } },
  ],
])('takes for a move %s', async (_why, other) => {
  const refused = { failure: 403, message: 'exceeded quota: pods=1' }
  const { ms } = await awaited({ looks: [other, half], dryRun: refused })
  expect(ms).toBe(11_000)
})

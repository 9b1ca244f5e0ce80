import { expect, it } from 'vitest'
import { create } from '../../../../functions/steps/await-undo.ts'
import { surroundings } from '../../middleware/support.ts'
import {
  awaited,
  beforeWith,
  cartsCluster,
  cartsOwner,
  cartsPod,
  cartsRequest,
  cartsWith,
  type UndoGiven,
  type UndoLook,
} from './awaited.ts'

const well: UndoLook = { workload: cartsWith(2), pods: [cartsPod('p-1'), cartsPod('p-2')] }
const half: UndoLook = { workload: cartsWith(1), pods: [cartsPod('p-1')] }
/** Both pods are there, and one of them does not become ready. */
const unready: UndoLook = {
  workload: cartsWith(1),
  pods: [
    cartsPod('p-1'),
    {
      ...cartsPod('p-2', false),
      status: {
        phase: 'Pending',
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message: '0/3 nodes are available',
          },
        ],
      },
    },
  ],
}
/** One pod is missing, and the other waits for a node. */
const waits: UndoLook = { workload: cartsWith(0), pods: unready.pods?.slice(1) ?? [] }
const counted = (ready: number) => `deployment/carts has ${ready} of 2 pods ready, and had 2 of 2 before`
const progressing =
  'Waiting for deployment "carts" rollout to finish: 1 out of 2 new replicas have been updated...'
const describeIt = 'kubectl describe deployment/carts -n carts'
const noPods = { failure: 403, message: 'pods is forbidden: User "podid" cannot create resource "pods"' }
const quota = {
  failure: 403,
  message: 'exceeded quota: pods, requested: pods=1, used: pods=1, limited: pods=1',
}
const event = (reason: string, message: string) => ({
  involvedObject: { name: 'carts-1' },
  reason,
  message,
  lastTimestamp: '2026-01-01T00:00:00Z',
})
const left = (what: string, error: string, command: string) => ({
  state: 'left',
  message: what,
  left: [{ what, error, command }],
})

it.each<[why: string, given: UndoGiven, step: object, ms: number, looksAt: ('dry run' | 'events')[]]>([
  [
    'as before at the first look',
    { looks: [well] },
    { state: 'as-before', message: counted(2), left: [] },
    0,
    [],
  ],
  ['as before a second later', { looks: [half, well] }, { state: 'as-before' }, 1000, ['dry run']],
  [
    'as broken as it was, and what explains that is not looked at',
    { looks: [half], input: { before: beforeWith({ healthy: false, ready: 1, desired: 2 }) } },
    { state: 'as-before', message: 'deployment/carts has 1 of 2 pods ready, and had 1 of 2 before' },
    0,
    [],
  ],
  [
    'nothing is known of how it ran: nothing is asked of it',
    { looks: [half], input: { before: beforeWith(null) } },
    { state: 'as-before', message: 'deployment/carts has 1 of 2 pods ready' },
    0,
    [],
  ],
  [
    'deleted meanwhile',
    { looks: [half, {}] },
    { state: 'differs', message: 'deployment/carts is no longer there: somebody has deleted it', left: [] },
    1000,
    ['dry run'],
  ],
  [
    'its time is over, and the cluster would take the pod that is missing',
    { looks: [half], input: { remainingMs: 3000 } },
    left(counted(1), progressing, describeIt),
    3000,
    ['dry run', 'events'],
  ],
  [
    'its time is over, and its pods say why they are not ready',
    { looks: [unready], input: { remainingMs: 3000 } },
    left(counted(1), `${progressing}; pod p-2, cannot be scheduled: 0/3 nodes are available`, describeIt),
    3000,
    ['events'],
  ],
  [
    'still on its way at the end of the call',
    { looks: [half] },
    { state: 'waiting', message: progressing, left: [] },
    57_000,
    ['dry run'],
  ],
  [
    'the call ends at 55 seconds, and not a look later',
    { looks: [unready, half] },
    { state: 'waiting' },
    55_000,
    ['dry run'],
  ],
  [
    'no controller has looked at it yet',
    { looks: [{ workload: { ...cartsWith(0), status: undefined } as never, pods: [] }] },
    { state: 'waiting', message: 'Waiting for deployment spec update to be observed...' },
    57_000,
    ['dry run'],
  ],
  [
    'quiet, and the cluster refuses the pod that is missing',
    { looks: [half], dryRun: quota },
    left(
      counted(1),
      `the cluster refuses new pods of it: ${quota.message}`,
      'kubectl describe resourcequota pods -n carts',
    ),
    10_000,
    ['dry run'],
  ],
  [
    'quiet, and the cluster refuses the dry run alone',
    { looks: [half], dryRun: { failure: 403, message: 'denied request: bare pods are not allowed' } },
    { state: 'waiting' },
    57_000,
    ['dry run'],
  ],
  [
    'quiet, a dry run is not allowed, and no controller says anything',
    { looks: [half], dryRun: noPods },
    { state: 'waiting' },
    57_000,
    ['dry run', 'events'],
  ],
  [
    'quiet, a dry run is not allowed, and a controller could not make the pod',
    { looks: [half], dryRun: noPods, events: [event('FailedCreate', 'exceeded quota')] },
    left(counted(1), 'pods cannot be created: exceeded quota', describeIt),
    10_000,
    ['dry run', 'events'],
  ],
  [
    'quiet, a dry run is not allowed, and what is known is about another pod than the one that is missing',
    { looks: [waits], dryRun: noPods },
    { state: 'waiting' },
    57_000,
    ['dry run', 'events'],
  ],
])('%s', async (_why, given, step, ms, looksAt) => {
  const found = await awaited(given)
  expect(found.step).toMatchObject({ deleted: [], ...step })
  expect(found.ms).toBe(ms)
  expect(found.progress[0]).toEqual({
    step: 'AwaitUndo',
    detail: { until: found.started + (given.input && 'remainingMs' in given.input ? 3000 : 600_000) },
    message: expect.any(String),
  })
  expect([
    ...(found.asked.includes('create pods') ? ['dry run'] : []),
    ...(found.asked.includes('list events') ? ['events'] : []),
  ]).toEqual(looksAt)
})

it.each<[why: string, spec: object | undefined, account: string, template: object]>([
  [
    'with its template and its ServiceAccount, which somebody may have changed',
    { replicas: 2, template: { spec: { containers: [{ name: 'carts' }], serviceAccountName: 'theirs' } } },
    'theirs',
    { containers: [{ name: 'carts' }] },
  ],
  [
    'with the ServiceAccount of the request where its template names none',
    { replicas: 2, template: { spec: { containers: [{ name: 'carts' }] } } },
    'carts',
    { containers: [{ name: 'carts' }] },
  ],
])('asks for the pod that is missing %s', async (_why, spec, serviceAccountName, template) => {
  const { bodies } = await awaited({
    looks: [{ ...half, workload: { ...cartsWith(1), spec } as never }],
    input: { remainingMs: 0 },
  })
  expect(bodies).toEqual([
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { generateName: 'podid-probe-', ownerReferences: [cartsOwner] },
      spec: { ...template, volumes: [], serviceAccountName, serviceAccount: serviceAccountName },
    },
  ])
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
    looks: [{ ...half, pods: [cartsPod('p-3')] }],
    dryRun: refused,
    input: { earlier },
  })
  expect(moved.ms).toBe(10_000)
})

it.each<[why: string, other: UndoLook]>([
  ['another pod', { ...half, pods: [cartsPod('p-3')] }],
  ['a pod that is ready by now', { ...half, pods: [cartsPod('p-1', false)] }],
  [
    'a pod that goes',
    { ...half, pods: [cartsPod('p-1', true, { deletionTimestamp: '2026-01-01T00:00:00Z' })] },
  ],
  ['another generation', { ...half, workload: cartsWith(1, 2) }],
  [
    'an object made anew',
    {
      ...half,
      workload: { ...cartsWith(1), metadata: { ...cartsWith(1).metadata, uid: 'u-9' } },
    },
  ],
])('takes for a move %s', async (_why, other) => {
  const refused = { failure: 403, message: 'exceeded quota: pods=1' }
  const { ms } = await awaited({ looks: [other, half], dryRun: refused })
  expect(ms).toBe(11_000)
})

it('says which fields its input lacks', async () => {
  await expect(create(surroundings())({ request: cartsRequest, cluster: cartsCluster })).rejects.toThrow(
    /before: .*generation: .*missedBefore: .*untouched: .*earlier: .*remainingMs: /,
  )
})

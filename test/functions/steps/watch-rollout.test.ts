import { expect, it } from 'vitest'
import type { StepProgress } from '../../../adapters/runtime.ts'
import type { ReachableCluster } from '../../../core/cluster.ts'
import { type RequestInput, resolveRequest } from '../../../core/request-input.ts'
import { create, watchRollout } from '../../../functions/steps/watch-rollout.ts'
import { surroundings } from '../middleware/support.ts'
import { podInRollout, type RolloutScene, rolloutAt, rolloutScene } from '../support/rollout-scene.ts'
import { agentSet, node } from './agents.ts'
import { shop } from './shop.ts'

const requested = (change: Partial<RequestInput> = {}) =>
  resolveRequest(
    {
      cluster: 'shop',
      namespace: 'carts',
      serviceAccount: 'carts',
      role: 'arn:aws:iam::123456789012:role/carts',
      workload: 'deployment/carts',
      rolloutTimeoutSeconds: 900,
      ...change,
    },
    {
      arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
      startTime: '2026-11-23T06:00:00.000Z',
    },
  )

type Input = Parameters<ReturnType<typeof watchRollout>>[0]
interface Given {
  scene?: Partial<RolloutScene>
  change?: Partial<RequestInput>
  input?: Partial<Input>
  signal?: AbortSignal
  /** What happens meanwhile, as soon as the watch is under way. */
  play?: (made: ReturnType<typeof rolloutScene>) => Promise<void>
  /** How long it is let go on after that. */
  forMs?: number
}
const watched = async ({ scene, change, input, signal, play, forMs = 60_000 }: Given) => {
  const made = rolloutScene(scene)
  const { clock, connection } = made
  const told: StepProgress[] = []
  const started = clock.now()
  let tookMs = Number.NaN
  const ending = watchRollout(() => connection, {
    clock,
    progress: (progress) => void told.push(progress),
    ...(signal && { signal }),
  })({
    request: requested(change),
    cluster: { name: 'shop' } as ReachableCluster,
    generation: 2,
    missedBefore: null,
    position: null,
    watchedMs: 0,
    told: [],
    restarted: true,
    diagnosis: [],
    remainingMs: 600_000,
    ...input,
  })
    .catch((error: Error) => error)
    .finally(() => {
      tookMs = clock.now() - started
    })
  await clock.advance(0)
  await play?.(made)
  await clock.advance(forMs)
  const answer = await ending
  const asked = made.requests.length
  // Nothing goes on after the answer.
  await clock.advance(60_000)
  expect(made.requests).toHaveLength(asked)
  return { answer, told, tookMs, started, ...made }
}
const answered = async (given: Given) => {
  const { answer, ...rest } = await watched(given)
  if (answer instanceof Error) throw answer
  return { answer, ...rest }
}

const at = (ms: number) => new Date(Date.UTC(2026, 0, 1) + ms).toISOString()
const denial =
  'AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/carts/eks-shop-carts-0f is not authorized to perform: dynamodb:Query because no identity-based policy allows the dynamodb:Query action'
/** A pod that has ended so often, and waits for its next start. */
const crashing = (times: number) =>
  podInRollout('carts-a', {
    node: 'one',
    restarts: times - 1,
    state: { terminated: { exitCode: 1, reason: 'Error', startedAt: at(0), finishedAt: at(0) } as never },
  })
const waiting = 'Waiting for deployment "carts" rollout to finish'
const none = `${waiting}: 0 out of 2 new replicas have been updated...`
const one = `${waiting}: 1 out of 2 new replicas have been updated...`
const counts = (done: number) => ({ desired: 2, updated: done, available: done, old: 2 - done })

it('answers when the rollout is complete, with all that it has seen on the way', async () => {
  const scene = { pods: [podInRollout('old', { revision: '1', node: 'one', ready: true })] }
  const { answer, told, tookMs, started, requests } = await answered({
    scene,
    input: { watchedMs: 7000 },
    play: async (made) => {
      await made.clock.advance(1000)
      made.scene.pods = [podInRollout('new', { node: 'two', ready: true })]
      made.scene.workload = rolloutAt(1)
      made.moveWorkload()
      await made.clock.advance(1000)
      made.scene.workload = rolloutAt(2)
      made.moveWorkload()
    },
  })
  expect(tookMs).toBe(2000)
  expect(
    requests.filter(({ resource, namespace }) => resource === 'deployments' && namespace !== 'carts'),
  ).toEqual([])
  const { position, ...rest } = answer
  expect(JSON.parse(position ?? '')).toMatchObject({ resourceVersion: '12', track: { uid: 'u-1' } })
  expect(rest).toEqual({
    state: 'complete',
    message: 'deployment "carts" successfully rolled out',
    counts: counts(2),
    pods: [
      { pod: 'new', node: 'two', revision: 'new', state: 'Running (new, ready, injected)' },
      {
        pod: 'old',
        node: 'one',
        revision: 'old',
        state: 'Running (old, ready, injected)',
        goneAt: at(1000),
      },
    ],
    watchedMs: 9000,
    progress: [
      { at: at(0), message: none, counts: counts(0) },
      { at: at(1000), message: one, counts: counts(1) },
      { at: at(2000), message: 'deployment "carts" successfully rolled out', counts: counts(2) },
    ],
    findings: [],
    told: [],
    at: at(2000),
  })
  const view = (name: string, on: string, revision: string) => ({
    name,
    node: on,
    revision,
    state: `Running (${revision}, ready, injected)`,
  })
  expect(told).toEqual([
    {
      step: 'WatchRollout',
      message: none,
      detail: { pods: [view('old', 'one', 'old')], until: started + 600_000 },
    },
    {
      step: 'WatchRollout',
      message: one,
      detail: { pods: [view('new', 'two', 'new')], until: started + 600_000 },
    },
  ])
})

it.each<[why: string, remainingMs: number, tookMs: number, state: string, message: string]>([
  ['as long as a call may last', 600_000, 55_000, 'progressing', none],
  ['until the time of the rollout is over', 20_000, 20_000, 'failed', `${none} (not done within 900 s)`],
  ['for a second, where that is as good as over', 10, 1000, 'failed', `${none} (not done within 900 s)`],
])('watches a rollout that does not move %s', async (_why, remainingMs, tookMs, state, message) => {
  const found = await answered({ input: { remainingMs } })
  expect(found.tookMs).toBe(tookMs)
  expect(found.answer).toMatchObject({ state, message, findings: [], watchedMs: tookMs })
  // No pod was seen.
  expect(found.answer).not.toHaveProperty('pods')
})

it.each<[allowZero: boolean, state: string, message: RegExp]>([
  [false, 'failed', /^deployment "carts" wants no pods, so nothing was rolled out/],
  [true, 'complete', /^deployment "carts" successfully rolled out/],
])(
  'a workload that was scaled to zero meanwhile, with allowZero %s: %s',
  async (allowZero, state, message) => {
    const here = rolloutAt(0, { replicas: 0 })
    const { answer } = await answered({
      scene: { workload: { ...here, spec: { ...here.spec, replicas: 0 } as never } },
      change: { allowZero },
    })
    expect(answer).toMatchObject({ state, message: expect.stringMatching(message) })
  },
)

it('does not judge an object that is older than the restart: another one bears the name', async () => {
  const { answer, tookMs } = await answered({
    scene: { workload: rolloutAt(2) },
    input: { generation: 3 },
  })
  expect(tookMs).toBe(0)
  expect(answer).toMatchObject({
    state: 'replaced',
    message: 'deployment/carts was deleted and made anew while its rollout was watched',
  })
})

it('looks at the pods at once where it goes on with an earlier watch, which may see no move of the workload', async () => {
  const position = JSON.stringify({ resourceVersion: '10', generation: 2 })
  const pods = [podInRollout('a')]
  const later = await answered({ scene: { pods }, input: { position } })
  expect(later.told[0]).toMatchObject({ message: 'looking at its pods' })
  expect(later.answer).toMatchObject({ state: 'progressing', pods: [{ pod: 'a' }] })
  const first = await answered({ scene: { pods } })
  expect(first.told[0]).toMatchObject({ message: none })
})

const late = rolloutAt(0, {
  conditions: [
    { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', lastUpdateTime: at(-5000) },
  ],
})
it.each<[why: string, missedBefore: string | null, state: string]>([
  ['fails by the deadline that its controller has seen missed', null, 'failed'],
  ['does not take the deadline of a rollout before for its own', at(-5000), 'progressing'],
])('%s', async (_why, missedBefore, state) => {
  expect((await answered({ scene: { workload: late }, input: { missedBefore } })).answer).toMatchObject({
    state,
  })
})

const missed =
  'pod carts-a was created without the credentials: the Pod Identity webhook missed it, or did not know the association yet'
it.each<[why: string, signal: AbortSignal | undefined]>([
  ['nothing else may end it', undefined],
  ['the call’s signal may end it, too', new AbortController().signal],
])('ends at once where a pod has missed the webhook, to be watched anew (%s)', async (_why, signal) => {
  const { answer, tookMs } = await answered({
    scene: { pods: [podInRollout('carts-a', { bare: true })] },
    input: { watchedMs: 500 },
    ...(signal && { signal }),
  })
  expect(tookMs).toBe(0)
  expect(answer).toEqual({
    state: 'missed',
    message: missed,
    position: null,
    counts: { desired: 0, updated: 0, available: 0, old: 0 },
    pods: [{ pod: 'carts-a', node: null, revision: 'new', state: 'Running (new)' }],
    watchedMs: 500,
    progress: [],
    findings: [],
    told: [],
    at: at(0),
  })
})

it.each<[why: string, given: Given, error: unknown]>([
  [
    'the call’s time is over',
    { signal: AbortSignal.abort(new Error('time is over')) },
    new Error('time is over'),
  ],
  [
    'the cluster takes the question for a faulty one',
    {
      scene: {
        instead: ({ resource, verb }) =>
          verb === 'list' && resource === 'deployments'
            ? { failure: 400, message: 'no such field' }
            : undefined,
      },
    },
    expect.objectContaining({ message: expect.stringContaining('no such field') }),
  ],
])('fails where %s', async (_why, given, error) => {
  expect((await watched(given)).answer).toEqual(error)
})

const found = `pod carts-a, container carts: ended, exit code 1 (Error); it wrote: ${denial}`
it('answers a cause as soon as it is seen, and once, and waits on', async () => {
  const scene = { pods: [crashing(1)], log: `${denial}\n` }
  const first = await answered({ scene })
  expect(first.tookMs).toBe(0)
  expect(first.answer).toMatchObject({
    state: 'progressing',
    message: `${found}; ${none}`,
    findings: [],
    told: [expect.stringContaining('dynamodb:Query')],
  })
  const next = await answered({ scene, input: { told: first.answer.told } })
  expect(next.tookMs).toBe(55_000)
  expect(next.answer).toMatchObject({ message: `${found}; ${none}`, told: first.answer.told })
})

/** What Preflight found of these pods. */
const before = [
  { code: 'rollout-access-denied', severity: 'blocking', subject: 'deployment/carts', found } as const,
]
it.each<[why: string, restarted: boolean, tookMs: number]>([
  ['is news of pods that this run has made anew', true, 0],
  ['is none of pods that are the same as before', false, 55_000],
])('what was so before %s', async (_why, restarted, tookMs) => {
  const scene = { pods: [crashing(1)], log: `${denial}\n` }
  expect((await answered({ scene, input: { restarted, diagnosis: before } })).tookMs).toBe(tookMs)
})

const gone = 'The pod is gone; its events stay for an hour.'
const noUse =
  'waiting does not mend it (--wait-anyway, or "waitAnyway": true in the request, waits all the same)'
it('ends where a pod has failed so four times, with why', async () => {
  const scene = { pods: [crashing(4)], log: `${denial}\n` }
  const { answer, tookMs } = await answered({ scene })
  expect(tookMs).toBe(0)
  expect(answer.state).toBe('failed')
  const four = found.replace('(Error);', '(Error), restarted 3 times;')
  expect(answer.message).toBe(`${four}; it has failed so 4 times, and ${noUse}`)
  expect(answer.findings.map(({ code, severity }) => `${severity} ${code}`)).toEqual([
    'blocking rollout-access-denied',
    'info rollout-log',
  ])
  const so = await answered({ scene, input: { diagnosis: before } })
  expect(so.answer.findings[0]?.found).toMatch(/\(it was so before this run\)$/)
  const anyway = await answered({ scene, change: { waitAnyway: true }, input: { told: [] } })
  expect(anyway.answer.state).toBe('progressing')
})

it.each<[onFailure: 'undo' | 'keep', advice: RegExp]>([
  ['undo', new RegExp(`^${gone}`)],
  ['keep', /^See the pod and its events/],
])('says where to look after a failure: on failure %s', async (onFailure, advice) => {
  const unschedulable = podInRollout('carts-a', { phase: 'Pending' })
  unschedulable.status = {
    phase: 'Pending',
    conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'no node' }],
  }
  const { answer } = await answered({
    scene: { pods: [unschedulable] },
    change: { onFailure },
    input: { remainingMs: 20_000 },
  })
  expect(answer.message).toBe(`pod carts-a, cannot be scheduled: no node; ${none} (not done within 900 s)`)
  expect(answer.findings).toMatchObject([
    { code: 'rollout-unschedulable', remedy: { advice: expect.stringMatching(advice) } },
  ])
})

const reach = 'pod carts-a cannot get credentials: '
it.each<[why: string, computeType: string, tookMs: number, message: string]>([
  ['at once on Fargate', 'fargate', 100, `${reach}it runs on Fargate, where no agent can run; ${noUse}`],
  ['after four looks at a node', 'ec2', 30_100, `${reach}no pod of the agent is on node far; ${noUse}`],
])(
  'ends where no agent can answer its pods, and says so first: %s',
  async (_why, computeType, tookMs, message) => {
    const scene = {
      pods: [podInRollout('carts-a', { node: 'far', state: { running: { startedAt: at(0) } } })],
      nodes: [node('far', { computeType })],
      sets: [agentSet()],
    }
    const found = await answered({ scene })
    expect(found.answer).toMatchObject({ state: 'failed', message })
    expect(found.answer.findings[0]).toMatchObject({ code: 'agent-out-of-reach', severity: 'blocking' })
    expect(found.tookMs).toBeGreaterThanOrEqual(tookMs)
    expect(found.tookMs).toBeLessThan(tookMs + 5000)
    const anyway = await answered({ scene, change: { waitAnyway: true } })
    expect(anyway.answer.state).toBe('progressing')
    const same = await answered({ scene, input: { restarted: false } })
    expect(same.answer.state).toBe('progressing')
  },
)

it('takes no input but its own', async () => {
  await expect(create(surroundings())({ request: requested(), cluster: shop })).rejects.toMatchObject({
    name: 'InvalidRequest',
    message: expect.stringMatching(/^WatchRollout was called with a faulty input: /),
  })
})

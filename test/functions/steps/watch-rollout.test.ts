import { afterEach, expect, it } from 'vitest'
import type { StepProgress } from '../../../adapters/runtime.ts'
import type { ReachableCluster } from '../../../core/cluster.ts'
import { resolveRequest } from '../../../core/request-input.ts'
import type { RolloutStep } from '../../../core/steps/answers.ts'
import { watchRollout } from '../../../functions/steps/watch-rollout.ts'
import type { PodBehaviour } from '../../../local/kubernetes/kubelet/kubelet.ts'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import { agent } from '../../../local/scenarios/workshop/objects.ts'
import { type ServedCluster, serveCluster } from '../../support/servers/served-cluster.ts'

let cluster: ServedCluster
afterEach(() => cluster.close())

const denial =
  'AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/carts/eks-eks-worksh-carts-0f is not authorized to perform: dynamodb:Query because no identity-based policy allows the dynamodb:Query action'

/** What was said while a rollout was watched whose new pods behave so, and what the step answered. */
const watched = async (
  behaviour: PodBehaviour,
  change: { waitAnyway?: boolean; restarted?: boolean; furnish?: () => void } = {},
) => {
  cluster = await serveCluster({
    behaviour: (pod, container, attempt) =>
      pod.metadata.annotations?.new === undefined ? { startMs: 100 } : behaviour(pod, container, attempt),
    held: true,
  })
  change.furnish?.()
  cluster.associate()
  await cluster.deploy()
  cluster.store.mutate(resources.deployments, 'carts', 'carts', (draft) => {
    draft.spec.template.metadata = { ...draft.spec.template.metadata, annotations: { new: 'yes' } }
    return draft
  })
  const { generation = 0 } = cluster.store.read(resources.deployments, 'carts', 'carts').metadata
  cluster.clock.release('jump')
  const said: (StepProgress & { at: number; restarts: number })[] = []
  const restarts = () =>
    Math.max(
      0,
      ...cluster.store
        .list(resources.pods, { namespace: 'carts' })
        .map(({ status }) => status?.containerStatuses?.[0]?.restartCount ?? 0),
    )
  const request = resolveRequest(
    {
      cluster: 'eks-workshop',
      namespace: 'carts',
      serviceAccount: 'carts',
      role: 'arn:aws:iam::123456789012:role/carts',
      workload: 'deployment/carts',
      ...(change.waitAnyway && { waitAnyway: true }),
    },
    {
      arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
      startTime: '2026-11-23T06:00:00.000Z',
    },
  )
  const watch = (before: RolloutStep | undefined) =>
    watchRollout(() => cluster.connection, {
      clock: cluster.clock,
      progress: (progress) => said.push({ ...progress, at: cluster.clock.now(), restarts: restarts() }),
    })({
      request,
      cluster: { name: 'eks-workshop' } as ReachableCluster,
      generation,
      missedBefore: null,
      position: before?.position ?? null,
      watchedMs: before?.watchedMs ?? 0,
      told: before?.told ?? [],
      restarted: change.restarted ?? true,
      diagnosis: [],
      remainingMs: 600_000,
    })
  // As the workflow goes on with what takes longer than one call, for two minutes at most.
  const answers: (RolloutStep & { endedAt: number })[] = []
  await cluster.clock.work(async () => {
    do {
      const answer = await watch(answers.at(-1))
      answers.push({ ...answer, endedAt: cluster.clock.now() })
    } while (answers.at(-1)?.state === 'progressing' && (answers.at(-1)?.watchedMs ?? 0) < 100_000)
  })
  const answer = answers.at(-1) as RolloutStep
  return { answer, answers, said }
}

const quotes = ({ detail }: StepProgress) => JSON.stringify(detail).includes('dynamodb:Query')

it('tells of the first denial of a crash loop before the container starts again, and ends at the fourth', async () => {
  const { answer, answers, said } = await watched(() => ({
    startMs: 100,
    readyAfterMs: Number.POSITIVE_INFINITY,
    exit: { afterMs: 3000, code: 1, reason: 'Error', log: `${denial}\n` },
  }))
  expect(said.find(quotes)?.restarts).toBe(0)
  // Whoever follows the history hears of it as soon, and of what is known already by no further answer.
  expect(answers.map(({ state, told }) => [state, told.length])).toEqual([
    ['progressing', 1],
    ['failed', 1],
  ])
  expect(answers[0]).toMatchObject({
    state: 'progressing',
    message: expect.stringMatching(/^pod carts-.*dynamodb:Query.*; Waiting for deployment/),
  })
  expect((answers[0]?.endedAt ?? 0) - (said.find(quotes)?.at ?? 0)).toBeLessThan(100)
  expect(JSON.parse(answers[0]?.position ?? '{}').track.message).toMatch(/^Waiting for deployment/)
  expect(answer).toMatchObject({
    state: 'failed',
    message: expect.stringMatching(/^pod carts-.*dynamodb:Query.*it has failed so 4 times/),
    findings: expect.arrayContaining([expect.objectContaining({ code: 'rollout-access-denied' })]),
  })
})

it('tells within two seconds what a container writes that goes on running', async () => {
  let wroteAt = 0
  const { answer, said } = await watched(() => ({
    startMs: 100,
    readyAfterMs: 20_000,
    onRun: (write) => {
      cluster.clock.after(5000, () => {
        wroteAt ||= cluster.clock.now()
        write(`${denial}\n`)
      })
    },
  }))
  const { at = Number.POSITIVE_INFINITY } = said.find(quotes) ?? {}
  expect(at - wroteAt).toBeLessThan(2000)
  // It became ready: a denial that passes is no failure.
  expect(answer.state).toBe('complete')
})

it('waits for pods that it has not restarted: what made them fail may be mended since', async () => {
  const { answer } = await watched(
    () => ({
      startMs: 100,
      readyAfterMs: Number.POSITIVE_INFINITY,
      exit: { afterMs: 100, code: 1, log: `${denial}\n` },
    }),
    { restarted: false },
  )
  expect(answer.state).toBe('progressing')
})

it('waits all the same where the request says so', async () => {
  const { answer } = await watched(
    () => ({
      startMs: 100,
      readyAfterMs: Number.POSITIVE_INFINITY,
      exit: { afterMs: 100, code: 1, log: `${denial}\n` },
    }),
    { waitAnyway: true },
  )
  expect(answer.state).toBe('progressing')
})

it('ends early where the image has a name that there is not', async () => {
  const { answer } = await watched(() => ({
    startMs: 100,
    pullError: 'failed to resolve reference: not found',
  }))
  expect(answer).toMatchObject({
    state: 'failed',
    findings: expect.arrayContaining([expect.objectContaining({ code: 'rollout-image-pull' })]),
  })
})

/** Lets the caller look at nodes and agents, of which there are those on all nodes but the named ones. */
const agentsExceptOn = (names: string[], computeType?: string) => () => {
  const { store } = cluster
  const metadata = { name: 'podid-agent' }
  store.create(resources.clusterroles, {
    metadata,
    rules: [
      { apiGroups: ['apps'], resources: ['daemonsets'], verbs: ['list'] },
      { apiGroups: [''], resources: ['nodes', 'pods'], verbs: ['list'] },
    ],
  })
  store.create(resources.clusterrolebindings, {
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'podid-agent' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'podid' }],
  })
  for (const { metadata: node } of store.list(resources.nodes))
    store.mutate(resources.nodes, undefined, node.name, (draft) => {
      draft.metadata.labels = {
        ...draft.metadata.labels,
        ...(names.includes(node.name) ? { without: 'agent' } : {}),
        ...(computeType && { 'eks.amazonaws.com/compute-type': computeType }),
      }
      return draft
    })
  const required = {
    nodeSelectorTerms: [{ matchExpressions: [{ key: 'without', operator: 'DoesNotExist' }] }],
  }
  store.create(resources.daemonsets, {
    ...agent,
    spec: {
      ...agent.spec,
      template: {
        ...agent.spec?.template,
        spec: {
          containers: agent.spec?.template.spec?.containers ?? [],
          affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } },
        },
      },
    } as never,
  })
}
/** New pods run, say nothing and do not become ready. */
const silent: PodBehaviour = () => ({ startMs: 100, readyAfterMs: Number.POSITIVE_INFINITY })
const allNodes = ['10-42-10-10', '10-42-20-10', '10-42-30-10'].map(
  (address) => `ip-${address}.us-west-2.compute.internal`,
)

it('ends early where new pods have no agent beside them, four looks long, though they say nothing', async () => {
  const { answer, answers } = await watched(silent, { furnish: agentsExceptOn(allNodes) })
  expect(answer).toMatchObject({
    state: 'failed',
    message: expect.stringMatching(
      /^pod carts-\S+ cannot get credentials: no pod of the agent is on node ip-10-42-\S+; waiting does not mend it \(--wait-anyway, or "waitAnyway": true/,
    ),
  })
  expect(answer.findings[0]).toMatchObject({ code: 'agent-out-of-reach', severity: 'blocking' })
  expect(answers[0]?.watchedMs).toBeGreaterThanOrEqual(30_000)
  expect(answers[0]?.watchedMs).toBeLessThan(40_000)
})

it('ends at once where they are on Fargate', async () => {
  const { answer } = await watched(silent, { furnish: agentsExceptOn(allNodes, 'fargate') })
  expect(answer).toMatchObject({
    state: 'failed',
    message: expect.stringContaining('it runs on Fargate, where no agent can run'),
  })
  expect(answer.watchedMs).toBeLessThan(5000)
})

it.each<[why: string, furnish: () => void, change: { waitAnyway?: boolean; restarted?: boolean }]>([
  ['the request says so', agentsExceptOn(allNodes), { waitAnyway: true }],
  ['the pods are not this run’s', agentsExceptOn(allNodes), { restarted: false }],
  ['the agent is built into Auto Mode’s nodes', agentsExceptOn(allNodes, 'auto'), {}],
  ['there is an agent on every node', agentsExceptOn([]), {}],
  ['nodes may not be looked at', () => {}, {}],
])('waits without an agent beside the pods where %s', async (_why, furnish, change) => {
  const { answer } = await watched(silent, { furnish, ...change })
  expect(answer.state).toBe('progressing')
})

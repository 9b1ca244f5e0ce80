import { afterEach, expect, it } from 'vitest'
import type { StepProgress } from '../../../../adapters/runtime.ts'
import type { ReachableCluster } from '../../../../core/cluster.ts'
import { resolveRequest } from '../../../../core/request-input.ts'
import type { RolloutStep } from '../../../../core/steps/answers.ts'
import { watchRollout } from '../../../../functions/steps/watch-rollout.ts'
import type { PodBehaviour } from '../../../../local/kubernetes/kubelet/kubelet.ts'
import { resources } from '../../../../local/kubernetes/store/resources.ts'
import { type ServedCluster, serveCluster } from '../../../support/servers/served-cluster.ts'

let cluster: ServedCluster
afterEach(() => cluster.close())

const denial =
  'AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/carts/eks-eks-worksh-carts-0f is not authorized to perform: dynamodb:Query because no identity-based policy allows the dynamodb:Query action'

/** What was said while a rollout was watched whose new pods behave so, and what the step answered. */
const watched = async (behaviour: PodBehaviour) => {
  cluster = await serveCluster({
    behaviour: (pod, container, attempt) =>
      pod.metadata.annotations?.new === undefined ? { startMs: 100 } : behaviour(pod, container, attempt),
    held: true,
  })
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
      restarted: true,
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

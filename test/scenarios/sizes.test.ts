import { expect, it } from 'vitest'
import type { Need } from '../../core/role/need.ts'
import { answerBytesOf, type StepName, steps } from '../../core/steps/table.ts'
import { bytesOf } from '../../core/text/fit.ts'
import { isReady } from '../../core/workload/readiness.ts'
import { ec2Node } from '../../local/kubernetes/kubelet/nodes.ts'
import { resources } from '../../local/kubernetes/store/resources.ts'
import { workshop } from '../../local/scenarios/workshop/index.ts'
import { cartsPods, startWorkshop, type Workshop } from '../support/run.ts'

const actions = [
  'BatchGetItem',
  'BatchWriteItem',
  'ConditionCheckItem',
  'DeleteItem',
  'DescribeTable',
  'GetItem',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
  'UpdateTable',
  'CreateTable',
  'DeleteTable',
  'DescribeTimeToLive',
  'ListTagsOfResource',
]

/** Needs of which the workshop's role has none, each of actions of its own, so that no two go together. */
const needs = (count: number): Need[] =>
  Array.from({ length: count }, (_, at) => ({
    actions: [actions[at % 15], actions[(at + 1 + Math.floor(at / 15)) % 15]].map(
      (name) => `dynamodb:${name}`,
    ),
    resources: [`arn:aws:dynamodb:us-west-2:123456789012:table/eks-workshop-orders-${at}`],
  }))

it.each([33, 200])('%i missing needs are reported, with one remedy for all', async (count) => {
  await using world = await startWorkshop()
  const { event, report, events } = await world.enable({ mode: 'plan', needs: needs(count) })
  expect(event).toMatchObject({ type: 'run.failed', error: 'PreflightFailed' })
  const missing = (report?.findings ?? []).filter(({ code }) => code === 'permission-missing')
  expect(missing.length).toBeGreaterThanOrEqual(33)
  expect(missing.filter(({ remedy }) => remedy?.command !== undefined).length).toBeLessThanOrEqual(1)
  // A report that left needs out says how many.
  if (missing.length < count) {
    expect(report?.findings).toContainEqual(
      expect.objectContaining({
        code: 'findings-left-out',
        found: expect.stringMatching(/^\d+ more findings/),
      }),
    )
  }
  expect(bytesOf(report)).toBeLessThan(180_000)
  expect(events.filter((one) => 'error' in one && one.error === 'States.DataLimitExceeded')).toEqual([])
})

/** `carts` with so many pods, and nodes for them while they are replaced. */
const scale = ({ cluster: { store } }: Workshop, replicas: number) => {
  for (let node = 0; node < replicas / 40; node++)
    store.create(
      resources.nodes,
      ec2Node({ address: `10.42.${node}.9`, zone: 'us-west-2a', now: store.timestamp() }),
    )
  store.mutate(resources.deployments, workshop.namespace, 'carts', (draft) => {
    draft.spec.replicas = replicas
    for (const container of draft.spec.template.spec?.containers ?? []) delete container.resources
    return draft
  })
}

const pods = process.env.PODID_EXHAUSTIVE === '1' ? 1500 : 12

it.each([
  ['their rollout', {}, 'run.succeeded'],
  // No rollout of so many ends in two seconds, so that all of it is put back.
  ['the way back from one that fails', { rolloutTimeoutSeconds: 2 }, 'run.failed'],
] as const)(
  `${pods} pods: %s, with every answer within its bytes`,
  { timeout: 1_200_000 },
  async (_what, change, type) => {
    await using world = await startWorkshop()
    scale(world, pods)
    const sizes = new Map<string, number>()
    const { event, report } = await world.enable(change, {
      work: async (invoke, name) => {
        const answer = await world.clock.work(invoke)
        const bytes = bytesOf((answer as { Payload: unknown }).Payload)
        for (const state of Object.keys(steps[name as StepName].states))
          sizes.set(state, Math.max(bytes, sizes.get(state) ?? 0))
        return answer
      },
    })
    expect(event.type).toBe(type)
    expect([...sizes].filter(([state, bytes]) => bytes > (answerBytesOf(state) ?? 0))).toEqual([])
    if (type === 'run.failed') return
    expect(cartsPods(world).filter(isReady)).toHaveLength(pods)
    expect(report?.checked).toContainEqual({ what: 'credentials', found: expect.stringContaining(`${pods}`) })
  },
)

import { expect, it } from 'vitest'
import type { LocalRunOptions } from '../../cli/run.ts'
import type { Need } from '../../core/role/need.ts'
import { answerBytesOf, type StepName, steps } from '../../core/steps/table.ts'
import { bytesOf } from '../../core/text/fit.ts'
import { isReady } from '../../core/workload/readiness.ts'
import { ec2Node } from '../../local/kubernetes/kubelet/nodes.ts'
import { resources } from '../../local/kubernetes/store/resources.ts'
import { podIdentityTrust } from '../../local/scenarios/workshop/account.ts'
import { roleArn, workshop } from '../../local/scenarios/workshop/index.ts'
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

it('more missing needs than a report holds are reported, with one remedy for all', async () => {
  await using world = await startWorkshop()
  // Some more than a report holds.
  const count = 110
  const { event, report, events } = await world.enable({ mode: 'plan', needs: needs(count) })
  expect(event).toMatchObject({ type: 'run.failed', error: 'PreflightFailed' })
  const missing = (report?.findings ?? []).filter(({ code }) => code === 'permission-missing')
  expect(missing.length).toBeGreaterThanOrEqual(33)
  expect(missing.length).toBeLessThan(count)
  expect(missing.filter(({ remedy }) => remedy?.command !== undefined).length).toBeLessThanOrEqual(1)
  // A report that left needs out says how many.
  expect(report?.findings).toContainEqual(
    expect.objectContaining({
      code: 'findings-left-out',
      found: expect.stringMatching(/^\d+ more findings/),
    }),
  )
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

const exhaustive = process.env.PODID_EXHAUSTIVE === '1'
const pods = exhaustive ? 1500 : 2

/** What a run leaves, without one: few pods show no more of a rollout than any other scenario. */
const asAfterARun = async (world: Workshop) => {
  const { aws, clock, cluster } = world
  aws.state.addAssociation({
    clusterName: workshop.cluster,
    namespace: workshop.namespace,
    serviceAccount: workshop.serviceAccount,
    roleArn: roleArn(aws.state),
    tags: { 'podid:run': 'earlier' },
  })
  await clock.sleep(5000)
  for (const { metadata } of cartsPods(world))
    cluster.store.delete(resources.pods, workshop.namespace, metadata.name)
  await clock.sleep(60_000)
}

/** Every answer that was longer than its step may give. */
const tooLong = ({ clock }: Workshop) => {
  const found: [state: string, bytes: number][] = []
  const work: LocalRunOptions['work'] = async (invoke, name) => {
    const answer = await clock.work(invoke)
    const bytes = bytesOf((answer as { Payload: unknown }).Payload)
    for (const state of Object.keys(steps[name as StepName].states))
      if (bytes > (answerBytesOf(state) ?? 0)) found.push([state, bytes])
    return answer
  }
  return { found, work }
}

it(`${pods} pods: the way back from a rollout that fails, with every answer within its bytes`, {
  timeout: 1_800_000,
}, async () => {
  await using world = await startWorkshop({ pace: { readyAfterMs: 2500 } })
  scale(world, pods)
  const ready = () => cartsPods(world).filter(isReady)
  const { found, work } = tooLong(world)
  if (exhaustive) {
    const enabled = await world.enable({}, { work })
    expect(enabled.event.type).toBe('run.succeeded')
    expect(enabled.report?.checked).toContainEqual({
      what: 'credentials',
      found: expect.stringContaining(`${pods}`),
    })
  } else await asAfterARun(world)
  expect(ready()).toHaveLength(pods)

  const { arn } = world.aws.state.addRole({ name: 'another', trust: podIdentityTrust })
  const { attached } = world.aws.state.roles.get(workshop.role) ?? {}
  for (const policy of attached ?? []) world.aws.state.roles.get('another')?.attached.add(policy)
  // No rollout of so many ends in two seconds, so that all of it is put back.
  const change = { role: arn, replace: true, rolloutTimeoutSeconds: 2 }
  const { event, report } = await world.enable(change, { work })
  expect(event).toMatchObject({ type: 'run.failed', error: 'RolloutFailed' })
  // The association is the earlier run's again, by its mark, too.
  expect(world.aws.associations.list(workshop.cluster)).toMatchObject([
    { roleArn: roleArn(world.aws.state), tags: { 'podid:run': exhaustive ? 'test-1' : 'earlier' } },
  ])
  expect(report?.undo).toMatchObject({ left: [], kept: [], workload: { asBefore: true } })
  expect(report?.summary).toMatch(/Everything is as it was before$/)
  expect(ready()).toHaveLength(pods)
  expect(bytesOf(report)).toBeLessThan(180_000)
  expect(found).toEqual([])
})

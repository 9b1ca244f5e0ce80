import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import { expect, it } from 'vitest'
import { assumptionsOf } from '../../../adapters/cloudtrail.ts'
import type { Runtime } from '../../../adapters/runtime.ts'
import type { Pod } from '../../../core/kubernetes.ts'
import { podIdentityService } from '../../../core/names.ts'
import { inTrail, readAssumption } from '../../../core/workload/proof/trail.ts'
import { isReady } from '../../../core/workload/readiness.ts'
import { roleArn } from '../../../local/scenarios/workshop/index.ts'
import { cartsPods, startWorkshop, type Workshop } from '../../support/run.ts'
import { fullPages } from '../../support/servers/small-pages.ts'

const lookUp = ({ aws, clock }: Workshop) => {
  const runtime = {
    aws: { endpoint: aws.url, credentials: async () => aws.credentials },
    clock,
  } as unknown as Runtime
  return clock.work(() =>
    assumptionsOf(runtime, aws.region, roleArn(aws.state), new Date(clock.now() - 3600_000)),
  )
}
const lookUps = ({ calls }: Workshop) => calls.calls.filter(({ operation }) => operation === 'LookupEvents')

it('takes carts from crash-looping to running, shows which agent handed the pod which role, and some minutes later for which pod EKS assumed it, by its UID', async () => {
  await using world = await startWorkshop()
  const { event, report } = await world.enable()
  expect(event.type).toBe('run.succeeded')
  expect(report).toMatchObject({ outcome: 'enabled', failure: null })
  const pods = cartsPods(world)
  const [pod] = pods
  expect(pods.map(isReady)).toEqual([true])
  expect(report?.summary).toBe(
    'carts/carts on eks-workshop runs with the credentials of eks-workshop-carts-dynamo',
  )
  expect(report?.credentials?.evidence).toEqual([
    {
      seen: 'handed-out',
      pod: pod?.metadata.name,
      node: pod?.spec.nodeName,
      agent: expect.stringMatching(/^kube-system\/eks-pod-identity-agent-\w+$/),
      session: expect.stringMatching(/:assumed-role\/eks-workshop-carts-dynamo\/eks-eks-worksh-carts-/),
      at: expect.stringMatching(/^\d{4}-/),
    },
  ])
  const early = await lookUp(world)
  expect(inTrail('eks-workshop', pods, early.assumptions)).toEqual([
    { pod: pod?.metadata.name, seen: 'not-found' },
  ])
  await world.clock.sleep(6 * 60_000)
  const { assumptions, complete } = await lookUp(world)
  expect(complete).toBe(true)
  expect(inTrail('eks-workshop', pods, assumptions)).toEqual([
    {
      pod: pod?.metadata.name,
      seen: 'assumed',
      at: expect.stringMatching(/^\d{4}-/),
      session: expect.stringMatching(/^eks-eks-worksh-carts-/),
      by: 'uid',
    },
  ])
  // The event has it, and nothing that is read of the event does.
  expect(JSON.stringify(world.aws.state.history.events)).toContain('a-session-token-that-nobody-reads')
  expect(JSON.stringify(assumptions)).not.toContain('token')
})

it('asks once a second at most, which leaves the other of two requests to others', async () => {
  await using world = await startWorkshop(fullPages)
  const { aws, clock } = world
  for (let count = 0; count < 120; count++)
    aws.state.history.record({
      name: 'AssumeRole',
      at: clock.now() - 600_000,
      resources: [roleArn(aws.state)],
      detail: {},
    })
  await lookUp(world)
  const times = lookUps(world).map(({ at }) => at)
  expect(times).toHaveLength(3)
  for (const [index, at] of times.entries())
    expect(at - (times[index - 1] ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(1000)
})

it('is refused the third look within a second, as CloudTrail refuses it', async () => {
  await using world = await startWorkshop()
  const { aws, clock } = world
  const client = new CloudTrailClient({
    endpoint: aws.url,
    region: aws.region,
    credentials: aws.credentials,
    maxAttempts: 1,
  })
  const looks = await clock.work(() =>
    Promise.allSettled([1, 2, 3].map(() => client.send(new LookupEventsCommand({})))),
  )
  client.destroy()
  expect(looks.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'fulfilled', 'rejected'])
  expect(looks.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { name: 'ThrottlingException' },
  })
})

const event = (change: object = {}) =>
  JSON.stringify({
    eventName: 'AssumeRole',
    eventTime: '2026-11-25T10:00:03Z',
    userIdentity: { type: 'AWSService', invokedBy: podIdentityService },
    requestParameters: { roleSessionName: 'eks-eks-worksh-carts-5b77-4a5e38d3' },
    responseElements: { credentials: { sessionToken: 'secret' } },
    ...change,
  })

it.each<[why: string, text: string]>([
  ['a call that failed', event({ errorCode: 'AccessDenied' })],
  ['a role that somebody else assumed', event({ userIdentity: { type: 'AssumedRole' } })],
  ['another call', event({ eventName: 'GetCallerIdentity' })],
  ['no JSON', '{'],
])('takes for no proof %s', (_why, text) => {
  expect(readAssumption(text, podIdentityService)).toBeUndefined()
})

it('goes by the beginning of the name where session tags are off, and says so', () => {
  const assumption = readAssumption(event(), podIdentityService)
  expect(assumption).toEqual({ at: '2026-11-25T10:00:03Z', session: 'eks-eks-worksh-carts-5b77-4a5e38d3' })
  const pod = { metadata: { name: 'carts-5b77-x', creationTimestamp: '2026-11-25T10:00:00Z' } } as Pod
  expect(inTrail('eks-workshop', [pod], assumption ? [assumption] : [])).toMatchObject([
    { seen: 'assumed', by: 'name' },
  ])
})

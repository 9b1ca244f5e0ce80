import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Pod } from '../../../core/kubernetes.ts'
import { podIdentityService } from '../../../core/names.ts'
import { inTrail, readAssumption } from '../../../core/workload/proof/trail.ts'
import { roleArn } from '../../../local/scenarios/workshop/index.ts'
import { startWorkshop, type Workshop } from '../../support/run.ts'
import { fullPages } from '../../support/servers/small-pages.ts'
import { lookUp } from './look-up.ts'

const lookUps = ({ calls }: Workshop) => calls.calls.filter(({ operation }) => operation === 'LookupEvents')

describe('CloudTrail lets a caller look twice a second', () => {
  let world: Workshop & AsyncDisposable
  beforeAll(async () => {
    world = await startWorkshop(fullPages)
  })
  afterAll(() => world[Symbol.asyncDispose]())

  it('and podid looks once at most, which leaves the other of two requests to others', async () => {
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

  it('and refuses the third, as the service does', async () => {
    const { aws, clock } = world
    const client = new CloudTrailClient({
      endpoint: aws.url,
      region: aws.region,
      credentials: aws.credentials,
      maxAttempts: 1,
    })
    // Whoever looked before has its turn no more.
    await clock.sleep(2000)
    const looks = await clock.work(() =>
      Promise.allSettled([1, 2, 3].map(() => client.send(new LookupEventsCommand({})))),
    )
    client.destroy()
    expect(looks.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    expect(looks.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { name: 'ThrottlingException' },
    })
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

import { afterEach, expect, it } from 'vitest'
import { assumptionsOf } from '../../adapters/cloudtrail.ts'
import { quietRuntime } from '../support/servers/quiet-runtime.ts'
import { type Scripted, scriptedServer } from '../support/servers/scripted-server.ts'

const role = 'arn:aws:iam::111122223333:role/carts'
const since = new Date('2026-01-02T03:04:05Z')

let close: () => Promise<unknown>
afterEach(() => close())

const serving = async (script: Scripted[], signal?: AbortSignal) => {
  const server = await scriptedServer(script)
  close = server.close
  let now = Date.UTC(2026, 0, 2)
  const slept: number[] = []
  const runtime = quietRuntime(server.url, {
    clock: {
      now: () => now,
      sleep: async (ms) => {
        slept.push(ms)
        now += ms
      },
    },
    signal,
  })
  return {
    received: server.received,
    slept,
    later: (ms: number) => {
      now += ms
    },
    ask: (region = 'us-west-2') => assumptionsOf(runtime, region, role, since),
  }
}

const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': 'r-1' }
const answer = (body: object, status = 200): Scripted => ({ status, headers, body: JSON.stringify(body) })
const event = (session: string, invokedBy = 'pods.eks.amazonaws.com') => ({
  CloudTrailEvent: JSON.stringify({
    eventName: 'AssumeRole',
    eventTime: '2026-01-02T03:04:06Z',
    userIdentity: { invokedBy },
    requestParameters: { roleArn: role, roleSessionName: session },
  }),
})

it('asks for the events of the role alone, since a time, and keeps those of pods', async () => {
  const of = await serving([
    answer({ Events: [event('pod-1'), event('somebody', 'ec2.amazonaws.com'), {}], NextToken: 'x' }),
    answer({ Events: [], NextToken: 'y' }),
    answer({ NextToken: 'z' }),
    answer({ Events: [event('pod-2')] }),
  ])
  expect(await of.ask()).toEqual({
    assumptions: ['pod-1', 'pod-2'].map((session) => ({ at: '2026-01-02T03:04:06Z', session })),
    complete: true,
  })
  const asked = {
    LookupAttributes: [{ AttributeKey: 'ResourceName', AttributeValue: role }],
    StartTime: since.getTime() / 1000,
  }
  expect(of.received.map(({ body }) => JSON.parse(body))).toEqual([
    asked,
    { ...asked, NextToken: 'x' },
    { ...asked, NextToken: 'y' },
    { ...asked, NextToken: 'z' },
  ])
})

it('makes one request a second in a region, whoever asks, and waits for nothing that is past', async () => {
  const of = await serving([answer({ Events: [] })])
  await of.ask()
  expect(of.slept).toEqual([])
  of.later(400)
  await of.ask()
  expect(of.slept).toEqual([600])
  of.later(1000)
  await of.ask()
  of.later(5000)
  await of.ask()
  // Each region counts its own.
  await of.ask('eu-west-1')
  expect(of.slept).toEqual([600])
  // Here a sleep takes no time: the second one of two at once finds the first second gone.
  await Promise.all([of.ask(), of.ask()])
  expect(of.slept.slice(1)).toEqual([1000, 1000])
})

it('looks through twenty pages, and says that there are more', async () => {
  const of = await serving([answer({ Events: [event('pod')], NextToken: 'more' })])
  const { assumptions, complete } = await of.ask()
  expect({ found: assumptions.length, complete, asked: of.received.length }).toEqual({
    found: 20,
    complete: false,
    asked: 20,
  })
  expect(of.slept).toEqual(Array.from({ length: 19 }, () => 1000))
})

it('says whose events may not be looked up', async () => {
  const of = await serving([answer({ __type: 'AccessDeniedException', message: 'it said so' }, 400)])
  await expect(of.ask()).rejects.toMatchObject({
    name: 'AccessDenied',
    message: `looking up the events of role ${role}: AccessDeniedException: it said so`,
  })
})

it('takes no answer of something else than AWS for a trail without events', async () => {
  const of = await serving([{ headers: { 'content-type': 'application/json' }, body: '{}' }])
  await expect(of.ask()).rejects.toMatchObject({ name: 'Transient' })
})

it('asks nothing once the run was given up', async () => {
  const of = await serving([answer({})], AbortSignal.abort())
  await expect(of.ask()).rejects.toMatchObject({ name: 'AbortError' })
  expect(of.received).toEqual([])
})

import { afterEach, beforeEach, expect, it } from 'vitest'
import { eks } from '../../adapters/eks/eks.ts'
import { eventBus } from '../../adapters/events.ts'
import { records } from '../../adapters/records/records.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import type { PodidEvent } from '../../core/events.ts'
import { quietRuntime } from '../support/servers/quiet-runtime.ts'
import { type Scripted, scriptedServer } from '../support/servers/scripted-server.ts'

// What the adapters send and make of an answer, where a stand-in would not notice a member that is left out.

const region = 'us-west-2'
const arn = (service: string, name: string) => `arn:aws:${service}:${region}:123456789012:${name}`
const role = 'arn:aws:iam::123456789012:role/carts'
const wanted = { cluster: 'c', namespace: 'n', serviceAccount: 's', region, role, replace: false }

const script: Scripted[] = [{}]
let server: Awaited<ReturnType<typeof scriptedServer>>
let runtime: Runtime
beforeEach(async () => {
  server = await scriptedServer(script)
  runtime = quietRuntime(server.url)
})
afterEach(() => server.close())

const answer = (body: object, status = 200, type?: string): void => {
  script[0] = {
    status,
    headers: { 'x-amzn-requestid': '0', ...(type && { 'x-amzn-errortype': type }) },
    body: JSON.stringify(body),
  }
}
const sent = (): unknown => JSON.parse(server.received[0]?.body ?? '{}')
const associated = { association: { associationId: 'a-1', roleArn: role } }

it.each([true, false])('says with each update whether session tags are off: %s', async (off) => {
  answer(associated)
  const to = { id: 'a-1', roleArn: role, targetRoleArn: null, disableSessionTags: off, policy: null }
  await eks(runtime, region).repointAssociation('c', to, 'token')
  // An update that leaves it out keeps what the association had.
  expect(sent()).toEqual({ roleArn: role, disableSessionTags: off, clientRequestToken: 'token' })
})

it('puts a session policy and a target role back with an update', async () => {
  answer({ association: { ...associated.association, targetRoleArn: `${role}-target` } })
  const to = { id: 'a-1', roleArn: role, targetRoleArn: `${role}-target`, disableSessionTags: false }
  await eks(runtime, region).repointAssociation('c', { ...to, policy: '{}' }, 'token')
  expect(sent()).toMatchObject({ policy: '{}', targetRoleArn: `${role}-target` })
})

it.each([
  { sessionTags: true, sessionPolicy: undefined, targetRole: undefined },
  { sessionTags: false, sessionPolicy: '{}', targetRole: `${role}-target` },
])('creates an association with $sessionTags session tags, and each other setting', async (settings) => {
  answer(associated)
  await eks(runtime, region).createAssociation({ ...wanted, ...settings }, 'run-1')
  const { sessionTags, sessionPolicy, targetRole } = settings
  expect(sent()).toEqual({
    namespace: 'n',
    serviceAccount: 's',
    roleArn: role,
    clientRequestToken: 'run-1',
    tags: { 'podid:run': 'run-1' },
    ...(sessionTags ? {} : { disableSessionTags: true }),
    ...(sessionPolicy ? { policy: sessionPolicy } : {}),
    ...(targetRole ? { targetRoleArn: targetRole } : {}),
  })
})

// A role that was made a moment ago reaches EKS a little later; any other wrong parameter stays wrong.
it.each([
  ['Role provided in the request does not exist.', 'Transient'],
  ['The role may not be assumed.', 'InvalidRequest'],
])('takes "%s" for %s', async (message, name) => {
  answer({ message }, 400, 'InvalidParameterException')
  const create = eks(runtime, region).createAssociation(
    { ...wanted, sessionTags: true, targetRole: undefined },
    'run-1',
  )
  await expect(create).rejects.toMatchObject({ name, message: expect.stringContaining(message) })
  expect(server.received).toHaveLength(1)
})

const event = {
  type: 'Drift Found',
  resources: [role],
  detail: { binding: 'carts' },
} as unknown as PodidEvent
const put = () => eventBus(runtime, arn('events', 'event-bus/b')).put(event)

it('does not take for published what EventBridge answers 200 to and refuses', async () => {
  answer({
    FailedEntryCount: 1,
    Entries: [{ ErrorCode: 'InternalFailure', ErrorMessage: 'try again' }],
  })
  await expect(put()).rejects.toMatchObject({
    name: 'Transient',
    message: expect.stringContaining('InternalFailure: try again'),
  })
})

it('puts an event on its bus, with what it is about', async () => {
  answer({ FailedEntryCount: 0, Entries: [{ EventId: 'e' }] })
  await put()
  expect(sent()).toMatchObject({
    Entries: [
      {
        EventBusName: arn('events', 'event-bus/b'),
        Source: 'podid',
        DetailType: 'Drift Found',
        Detail: '{"binding":"carts"}',
        Resources: [role],
        Time: 0,
      },
    ],
  })
})

it('reads records as they are now: a read may otherwise miss what was just written', async () => {
  answer({})
  await records(runtime, { tableArn: arn('dynamodb', 'table/t'), kind: 'k' }).get('i')
  expect(sent()).toEqual({
    TableName: arn('dynamodb', 'table/t'),
    Key: { id: { S: 'k/i' } },
    ConsistentRead: true,
  })
})

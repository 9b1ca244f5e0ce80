import { afterEach, expect, it } from 'vitest'
import { callBack, topic } from '../../adapters/notifications.ts'
import { callerOf } from '../../adapters/signatures.ts'
import type { AmazonQNotification } from '../../core/chatops/amazon-q.ts'
import { quietRuntime } from '../support/servers/quiet-runtime.ts'
import { type Scripted, scriptedServer } from '../support/servers/scripted-server.ts'

const now = Date.UTC(2026, 0, 2, 3, 4, 5, 678)
const key = Buffer.alloc(24, 7)
const message = { id: 'msg-1', type: 'run.succeeded', data: { run: 'r-1' } }

const close: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const one of close.splice(0)) await one()
})
const answering = async (answer: Scripted) => {
  const server = await scriptedServer([answer])
  close.push(server.close)
  return server
}
const runtimeAt = (endpoint: string, signal?: AbortSignal) =>
  quietRuntime(endpoint, { clock: { now: () => now, sleep: async () => {} }, signal })

it('sends what a caller of the webhook can check with its own secret', async () => {
  const server = await answering({ status: 204 })
  await callBack(runtimeAt(server.url), { url: `${server.url}/hook?a=b`, key }, message)
  const [sent] = server.received
  expect(sent).toMatchObject({
    path: '/hook?a=b',
    headers: { 'content-type': 'application/json', 'webhook-id': 'msg-1', 'webhook-timestamp': '1767323045' },
  })
  expect(JSON.parse(sent?.body ?? '')).toEqual({
    type: 'run.succeeded',
    timestamp: '2026-01-02T03:04:05.678Z',
    data: { run: 'r-1' },
  })
  const signed = { id: 'msg-1', timestamp: '1767323045', body: sent?.body ?? '' }
  expect(callerOf([{ caller: 'ci', key }], signed, String(sent?.headers['webhook-signature']), now)).toBe(
    'ci',
  )
})

const refused = (status: number) => ({
  name: 'CallbackRefused',
  message: expect.stringMatching(
    new RegExp(
      `^telling 127\\.0\\.0\\.1:\\d+ of run\\.succeeded: it answered ${status}; see .* of the message msg-1, `,
    ),
  ),
})
const passing = (status: number) => ({
  name: 'Transient',
  message: expect.stringMatching(
    new RegExp(`^telling 127\\.0\\.0\\.1:\\d+ of run\\.succeeded: it answered ${status}$`),
  ),
})
const unreached = {
  name: 'Transient',
  message: expect.stringMatching(/^telling 127\.0\.0\.1:\d+ of run\.succeeded: it cannot be reached$/),
  cause: expect.any(Error),
}
it.each<[why: string, answer: Scripted, failure: object | undefined]>([
  ['it took it, and says more than anybody reads', { status: 200, body: 'x'.repeat(10_000) }, undefined],
  ['it will look at it later', { status: 202 }, undefined],
  ['it does not want it', { status: 400 }, refused(400)],
  ['nobody is there any more', { status: 410 }, refused(410)],
  ['the last of the refusals', { status: 499 }, refused(499)],
  ['it has too much to do', { status: 429 }, passing(429)],
  ['it failed', { status: 500 }, passing(500)],
  ['it is away for a while', { status: 503 }, passing(503)],
  ['it hung up', { cut: true }, unreached],
  // Whoever is allowed to name a URL is not allowed to name, by it, another one.
  ['it sends elsewhere', { status: 307, headers: { location: '/elsewhere' } }, unreached],
])('tells whether another attempt is worth it: %s', async (_why, answer, failure) => {
  const server = await answering(answer)
  const told = callBack(runtimeAt(server.url), { url: server.url, key }, message)
  if (failure) await expect(told).rejects.toMatchObject(failure)
  else await expect(told).resolves.toBeUndefined()
  expect(server.received).toHaveLength(1)
})

it('waits no longer for a callback than its run goes on', async () => {
  const server = await answering({ silent: true })
  const signal = AbortSignal.timeout(50)
  await expect(
    callBack(runtimeAt(server.url, signal), { url: server.url, key }, message),
  ).rejects.toMatchObject(unreached)
})

const topicArn = 'arn:aws:sns:eu-west-1:111122223333:podid'
const notification = {
  version: '1.0',
  source: 'custom',
  content: { textType: 'client-markdown', title: 'carts', description: 'It has its credentials' },
  metadata: { threadId: 'r-1', summary: 'carts', eventType: 'Run Finished', relatedResources: ['carts'] },
} satisfies AmazonQNotification
const published = (result: string): Scripted => ({
  headers: { 'content-type': 'text/xml', 'x-amzn-requestid': 'r-1' },
  body: `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>${result}</PublishResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></PublishResponse>`,
})

it('publishes to the topic, in its own region', async () => {
  const server = await answering(published('<MessageId>m-1</MessageId>'))
  await topic(runtimeAt(server.url), topicArn).publish(notification)
  const [sent] = server.received
  const fields = new URLSearchParams(sent?.body)
  expect(fields.get('TopicArn')).toBe(topicArn)
  expect(JSON.parse(fields.get('Message') ?? '')).toEqual(notification)
  expect(sent?.headers.authorization).toContain('/eu-west-1/sns/')
})

it('does not take for published what SNS gave no id', async () => {
  const server = await answering(published(''))
  await expect(topic(runtimeAt(server.url), topicArn).publish(notification)).rejects.toMatchObject({
    name: 'Transient',
    message: `publishing to ${topicArn}: IncompleteAnswer: the answer holds no id of the message`,
  })
})

it('publishes nothing for a run that was given up', async () => {
  const server = await answering(published('<MessageId>m-1</MessageId>'))
  const runtime = runtimeAt(server.url, AbortSignal.abort())
  await expect(topic(runtime, topicArn).publish(notification)).rejects.toMatchObject({ name: 'AbortError' })
  expect(server.received).toEqual([])
})

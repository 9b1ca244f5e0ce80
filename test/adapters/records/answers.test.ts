import { afterEach, expect, it } from 'vitest'
import { type Records, records } from '../../../adapters/records/records.ts'
import { quietRuntime } from '../../support/servers/quiet-runtime.ts'
import { type Scripted, scriptedServer } from '../../support/servers/scripted-server.ts'

// What DynamoDB is asked for a record, and what becomes of answers that it gives seldom.

const now = Date.UTC(2026, 10, 23)
const seconds = now / 1000
const minute = 60_000
const tableArn = 'arn:aws:dynamodb:us-west-2:123456789012:table/records'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const scripted = async (script: Scripted, signal?: AbortSignal) => {
  const server = await scriptedServer([script])
  closing.push(server.close)
  const notes = records<string>(
    quietRuntime(server.url, { clock: { now: () => now, sleep: async () => {} }, signal }),
    { tableArn, kind: 'note' },
  )
  return { notes, received: server.received }
}
const answer = (body: object, status = 200): Scripted => ({
  status,
  headers: { 'x-amzn-requestid': 'r-1', 'content-type': 'application/x-amz-json-1.0' },
  body: JSON.stringify(body),
})
const failure = (name: string) =>
  answer({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'it says why' }, 400)

type Call = (notes: Records<string>) => Promise<unknown>
const read: Call = (notes) => notes.get('one')
const create: Call = (notes) => notes.create('one', 'text', now + minute)
const replace: Call = (notes) => notes.replace('one', 'text', now + minute, 4)

const item = (version: string) => ({
  id: { S: 'note/one' },
  document: { S: '"text"' },
  version: { N: version },
  expiresAt: { N: String(seconds + 60) },
})

it.each<[why: string, call: Call, operation: string, sent: object]>([
  [
    'reading sees what was written just before',
    read,
    'GetItem',
    { Key: { id: { S: 'note/one' } }, ConsistentRead: true },
  ],
  [
    'creating writes where there is none, or none any more',
    create,
    'PutItem',
    {
      Item: item('1'),
      ConditionExpression: 'attribute_not_exists(id) OR expiresAt <= :now',
      ExpressionAttributeValues: { ':now': { N: String(seconds) } },
    },
  ],
  [
    'replacing writes the next version in place of the one that was read',
    replace,
    'PutItem',
    {
      Item: item('5'),
      ConditionExpression: 'version = :version',
      ExpressionAttributeValues: { ':version': { N: '4' } },
    },
  ],
])('%s', async (_, call, operation, sent) => {
  const { notes, received } = await scripted(answer({}))
  await call(notes)
  expect(received.map(({ headers }) => headers['x-amz-target'])).toEqual([`DynamoDB_20120810.${operation}`])
  expect(received.map(({ headers }) => headers.authorization)).toEqual([
    expect.stringContaining('/us-west-2/dynamodb/'),
  ])
  expect(JSON.parse(received[0]?.body ?? '')).toEqual({ TableName: tableArn, ...sent })
})

it.each<[doing: string, what: string, call: Call]>([
  ['reading the record note/one', 'a read', read],
  // That others were faster must not be said of a write that is not allowed.
  ['writing the record note/one', 'a new record', create],
  ['writing the record note/one', 'a replacement', replace],
])('%s that is denied: %s', async (doing, _, call) => {
  const { notes } = await scripted(failure('AccessDeniedException'))
  await expect(call(notes)).rejects.toMatchObject({
    name: 'AccessDenied',
    message: `${doing}: AccessDeniedException: it says why`,
  })
})

it.each<[why: string, call: Call]>([
  ['a new record', create],
  ['a replacement', replace],
])('%s that another writer was faster with is not written', async (_, call) => {
  const { notes } = await scripted(failure('ConditionalCheckFailedException'))
  expect(await call(notes)).toBe(false)
})

it.each(['expiresAt', 'document', 'version'] as const)(
  'a record without its %s is no record',
  async (member) => {
    const { [member]: _, ...rest } = item('1')
    const { notes } = await scripted(answer({ Item: rest }))
    await expect(notes.get('one')).rejects.toMatchObject({
      name: 'Transient',
      message: `reading the record note/one: IncompleteAnswer: the answer holds no ${member}`,
    })
  },
)

it.each<[why: string, inSeconds: number, found: boolean]>([
  ['it is there until its second', 1, true],
  ['in that second it is over', 0, false],
  ['and stays over, though DynamoDB still has it', -60, false],
])('of a record with a time, %s', async (_, inSeconds, found) => {
  const stored = { ...item('3'), expiresAt: { N: String(seconds + inSeconds) } }
  const { notes } = await scripted(answer({ Item: stored }))
  expect(await notes.get('one')).toEqual(found ? { value: 'text', version: 3 } : undefined)
})

it.each<[what: string, call: Call]>([
  ['read', read],
  ['created', create],
  ['replaced', replace],
])('nothing is %s after an abort', async (_, call) => {
  const { notes, received } = await scripted(answer({}), AbortSignal.abort())
  await expect(call(notes)).rejects.toMatchObject({ name: 'AbortError' })
  expect(received).toEqual([])
})

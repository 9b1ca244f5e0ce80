import { afterEach, expect, it } from 'vitest'
import { objects } from '../../adapters/objects.ts'
import { quietRuntime } from '../support/servers/quiet-runtime.ts'
import { type Scripted, scriptedServer } from '../support/servers/scripted-server.ts'

let close: () => Promise<unknown>
afterEach(() => close())

const serving = async (script: Scripted[], signal?: AbortSignal) => {
  const server = await scriptedServer(script)
  close = server.close
  const runtime = quietRuntime(server.url, { signal })
  const bucket = objects(runtime, { bucket: 'podid-state', region: 'us-west-2' })
  return { bucket, received: server.received }
}

const headers = { 'content-type': 'application/xml', 'x-amz-request-id': 'r-1' }
const fault = (status: number, code: string): Scripted => ({
  status,
  headers,
  body: `<Error><Code>${code}</Code><Message>it said so</Message><RequestId>r-1</RequestId></Error>`,
})
const page = (keys: string[], next = ''): Scripted => ({
  headers,
  body: `<ListBucketResult><IsTruncated>${next !== ''}</IsTruncated>${next && `<NextContinuationToken>${next}</NextContinuationToken>`}${keys.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('')}</ListBucketResult>`,
})

it('reads a document under its key', async () => {
  const { bucket, received } = await serving([{ headers, body: '{"a":[1]}' }])
  expect(await bucket.get('plans/r-1.json')).toEqual({ a: [1] })
  expect(received[0]?.path).toMatch(/^\/podid-state\/plans\/r-1\.json(\?|$)/)
})

it('writes a document as JSON', async () => {
  const { bucket, received } = await serving([{ headers }])
  await bucket.put('plans/r-1.json', { a: [1] })
  expect(received[0]).toMatchObject({
    path: expect.stringMatching(/^\/podid-state\/plans\/r-1\.json(\?|$)/),
    headers: { 'content-type': 'application/json' },
    body: expect.stringContaining('{"a":[1]}'),
  })
})

it.each<[why: string, pages: Scripted[], keys: string[]]>([
  ['nothing is there', [page([])], []],
  ['all on one page', [page(['a', 'b'])], ['a', 'b']],
  [
    'what has no key is no document',
    [{ headers, body: '<ListBucketResult><Contents><Size>1</Size></Contents></ListBucketResult>' }],
    [],
  ],
  ['page by page, also where one is empty', [page(['a'], 'x'), page([], 'y'), page(['b'])], ['a', 'b']],
])('lists keys: %s', async (_why, pages, keys) => {
  const { bucket, received } = await serving(pages)
  expect(await bucket.list('plans/')).toEqual(keys)
  expect(received).toHaveLength(pages.length)
  expect(received.every(({ path }) => path.includes('prefix=plans%2F'))).toBe(true)
})

type Objects = ReturnType<typeof objects>
const acts: Record<string, (bucket: Objects) => Promise<unknown>> = {
  reading: (bucket) => bucket.get('k'),
  writing: (bucket) => bucket.put('k', {}),
  listing: (bucket) => bucket.list('k'),
}

it.each<[why: string, act: string, answer: Scripted, name: string, message: RegExp]>([
  [
    'no right to read',
    'reading',
    fault(403, 'AccessDenied'),
    'AccessDenied',
    /^reading k of the bucket podid-state: /,
  ],
  [
    'no such bucket is not: no such document',
    'reading',
    fault(404, 'NoSuchBucket'),
    'InvalidRequest',
    /^reading k of the bucket podid-state: NoSuchBucket/,
  ],
  [
    'what is no JSON',
    'reading',
    { headers, body: '<html>' },
    'Transient',
    /^reading k of the bucket podid-state: the answer could not be understood/,
  ],
  [
    'no right to write',
    'writing',
    fault(403, 'AccessDenied'),
    'AccessDenied',
    /^writing k of the bucket podid-state: /,
  ],
  [
    'no right to list',
    'listing',
    fault(403, 'AccessDenied'),
    'AccessDenied',
    /^listing the bucket podid-state: /,
  ],
])('says what failed: %s', async (_why, act, answer, name, message) => {
  const { bucket } = await serving([answer])
  await expect(acts[act]?.(bucket)).rejects.toMatchObject({ name, message: expect.stringMatching(message) })
})

it('finds no document under a key that is not there', async () => {
  const { bucket } = await serving([fault(404, 'NoSuchKey')])
  expect(await bucket.get('k')).toBeUndefined()
})

it.each(Object.entries(acts))('asks nothing once the run was given up: %s', async (_what, act) => {
  const { bucket, received } = await serving([{ headers }], AbortSignal.abort())
  await expect(act(bucket)).rejects.toMatchObject({ name: 'AbortError' })
  expect(received).toEqual([])
})

import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Records, records } from '../../../adapters/records/records.ts'
import type { AwsStandIn } from '../../../local/aws/index.ts'
import { quietRuntime } from '../../support/servers/quiet-runtime.ts'
import { startTestAws } from '../../support/servers/small-pages.ts'

let aws: AwsStandIn
let time = Date.UTC(2026, 10, 23)
const minute = 60_000

const recordsIn = (table: string, kind = 'note'): Records<string> => {
  const runtime = quietRuntime(aws.url, {
    credentials: aws.credentials,
    clock: { now: () => time, sleep: async () => {} },
  })
  return records<string>(runtime, { tableArn: aws.tables.arnOf(table), kind })
}

beforeAll(async () => {
  aws = await startTestAws()
  aws.tables.add('records', 'id')
})
afterAll(() => aws.close())

it('lets one of many writers create a record', async () => {
  const notes = recordsIn('records')
  const written = await Promise.all(
    Array.from({ length: 20 }, (_, index) => notes.create('one', `by ${index}`, time + minute)),
  )
  expect(written.filter((was) => was)).toHaveLength(1)
  expect((await notes.get('one'))?.value).toBe(`by ${written.indexOf(true)}`)
})

it('lets one of many writers replace what all have read', async () => {
  const notes = recordsIn('records')
  await notes.create('two', 'first', time + minute)
  const read = await notes.get('two')
  const written = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      notes.replace('two', `by ${index}`, time + minute, read?.version ?? 0),
    ),
  )
  expect(written.filter((was) => was)).toHaveLength(1)
  expect(await notes.get('two')).toEqual({ value: `by ${written.indexOf(true)}`, version: 2 })
  expect(await notes.replace('three', 'never there', time + minute, 1)).toBe(false)
})

it('does not see what is over, though DynamoDB keeps it for days, and writes in its place', async () => {
  const notes = recordsIn('records')
  await notes.create('old', 'before', time + minute)
  time += minute + 1000
  expect(await notes.get('old')).toBeUndefined()
  expect(await notes.create('old', 'after', time + minute)).toBe(true)
  expect((await notes.get('old'))?.value).toBe('after')
})

it('keeps kinds apart', async () => {
  await recordsIn('records', 'note').create('same', 'a note', time + minute)
  expect(await recordsIn('records', 'other').get('same')).toBeUndefined()
})

it('says in our names what went wrong, and where', async () => {
  await expect(recordsIn('missing').get('one')).rejects.toThrow('Requested resource not found')
  aws.calls.inject({
    service: 'dynamodb',
    times: 10,
    action: { kind: 'error', status: 400, code: 'AccessDeniedException' },
  })
  await expect(recordsIn('records').get('one')).rejects.toMatchObject({
    name: 'AccessDenied',
    message: expect.stringContaining('reading the record note/one'),
  })
})

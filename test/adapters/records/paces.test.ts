import { afterAll, beforeAll, expect, it } from 'vitest'
import { paces } from '../../../adapters/records/paces.ts'
import type { AwsStandIn } from '../../../local/aws/index.ts'
import { quietRuntime } from '../../support/servers/quiet-runtime.ts'
import { startTestAws } from '../../support/servers/small-pages.ts'

let aws: AwsStandIn
beforeAll(async () => {
  aws = await startTestAws()
  aws.tables.add('records', 'id')
})
afterAll(() => aws.close())

const pacesAt = (now: number) => {
  const runtime = quietRuntime(aws.url, {
    credentials: aws.credentials,
    clock: { now: () => now, sleep: async () => {} },
  })
  return paces(runtime, aws.tables.arnOf('records'))
}
const now = Date.UTC(2026, 10, 26)
const budget = { id: 'slack/C0PODID', everyMs: 1100 }

it('gives each of several functions a turn of its own, one after the other', async () => {
  const [first, second] = [pacesAt(now), pacesAt(now)]
  const waits: number[] = []
  for (const one of [first, second, first]) waits.push(await one.turn(budget))
  expect(waits).toEqual([0, 1100, 2200])
  expect(await first.turn({ ...budget, id: 'slack/C0OTHER' })).toBe(0)
  expect(await pacesAt(now + 60_000).turn(budget)).toBe(0)
})

it('is late rather than early where the table cannot be asked', async () => {
  aws.calls.inject({
    service: 'dynamodb',
    times: 100,
    action: { kind: 'error', status: 400, code: 'ResourceNotFoundException' },
  })
  expect(await pacesAt(now).turn(budget)).toBe(22_000)
})

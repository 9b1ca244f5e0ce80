import { afterAll, beforeAll, expect, it } from 'vitest'
import { type SweepTurn, sweeps } from '../../../adapters/records/sweeps.ts'
import { nothingNoted } from '../../../core/triggers/digest.ts'
import { fromTheStart } from '../../../core/triggers/sweep-plan.ts'
import type { AwsStandIn } from '../../../local/aws/index.ts'
import { quietRuntime } from '../../support/servers/quiet-runtime.ts'
import { startTestAws } from '../../support/servers/small-pages.ts'

let aws: AwsStandIn
let time = Date.UTC(2026, 10, 23)
const minute = 60_000

beforeAll(async () => {
  aws = await startTestAws()
})
afterAll(() => aws.close())

const sweepsIn = (table: string) => {
  aws.tables.add(table, 'id')
  return sweeps(
    quietRuntime(aws.url, {
      credentials: aws.credentials,
      clock: { now: () => time, sleep: async () => {} },
    }),
    aws.tables.arnOf(table),
  )
}

it('one of many sweeps begins, the others are told which; the next one begins where it stopped', async () => {
  const records = sweepsIn('side-by-side')
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) => records.begin(`sweep-${index}`, minute)),
  )
  const turns = answers.filter((answer): answer is SweepTurn => 'position' in answer)
  expect(turns).toMatchObject([{ position: fromTheStart }])
  expect(answers.filter((answer) => 'atWork' in answer)).toHaveLength(9)
  const position = { from: 'us-west-2/shop-2', open: [{ cluster: 'us-west-2/shop-1', after: 'carts' }] }
  const notes = { ...nothingNoted, more: 3 }
  expect(await turns[0]?.end(position, notes)).toBe(true)
  expect(await records.begin('next', minute)).toMatchObject({ position, notes })
})

it('one that was ended without a word holds nobody up for longer than its function may run', async () => {
  const records = sweepsIn('killed')
  const killed = await records.begin('killed', 10 * minute)
  time += 9 * minute
  expect(await records.begin('early', minute)).toEqual({ atWork: 'killed' })
  time += minute
  expect(await records.begin('later', minute)).toMatchObject({ position: fromTheStart })
  // And what it would write now counts no more.
  expect('end' in killed && (await killed.end({ from: 'us-west-2/x', open: [] }, nothingNoted))).toBe(false)
  expect(await records.begin('meanwhile', minute)).toEqual({ atWork: 'later' })
})

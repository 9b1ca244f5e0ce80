import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Approval, approvalId, approvals } from '../../../adapters/records/approvals.ts'
import { looks } from '../../../adapters/records/looks.ts'
import { paces } from '../../../adapters/records/paces.ts'
import { bindingId, runs } from '../../../adapters/records/runs.ts'
import { sweeps } from '../../../adapters/records/sweeps.ts'
import { nothingNoted } from '../../../core/triggers/digest.ts'
import type { RunRecord } from '../../../core/triggers/origin.ts'
import { fromTheStart } from '../../../core/triggers/sweep-plan.ts'
import type { Table } from '../../../local/aws/dynamodb/tables.ts'
import type { AwsStandIn } from '../../../local/aws/index.ts'
import { quietRuntime } from '../../support/servers/quiet-runtime.ts'
import { startTestAws } from '../../support/servers/small-pages.ts'

// What is stored of runs, approvals and what the event history showed: under which id, for how long, and who wins.

const start = Date.UTC(2026, 10, 23)
const day = 86_400_000
const key = { region: 'us-west-2', cluster: 'shop', namespace: 'carts', serviceAccount: 'cart' }

let aws: AwsStandIn
let table: Table
let time = start
beforeAll(async () => {
  aws = await startTestAws()
})
beforeEach(() => {
  time = start
  if (aws.tables.has('records')) aws.tables.remove(aws.tables.table('records'))
  table = aws.tables.add('records', 'id')
  aws.calls.calls.splice(0)
})
afterAll(() => aws.close())

const runtime = () =>
  quietRuntime(aws.url, { credentials: aws.credentials, clock: { now: () => time, sleep: async () => {} } })
const arn = () => aws.tables.arnOf('records')
const operations = () => aws.calls.calls.map(({ operation }) => operation)

/** Others write first, so many times. */
const othersAreFaster = (times: number) =>
  aws.calls.inject({
    operation: 'PutItem',
    times,
    action: { kind: 'error', status: 400, code: 'ConditionalCheckFailedException' },
  })

/** The ids that are stored, each with its time in seconds. */
const stored = () =>
  Object.fromEntries([...table.items.values()].map((item) => [item.id?.S, Number(item.expiresAt?.N)]))
const inSeconds = (ms: number) => ms / 1000

describe('a run', () => {
  const fromSlack: RunRecord = {
    origin: { trigger: 'slack', by: 'slack:U012AB3CD', channel: 'C0PODID' },
    message: null,
    approval: null,
  }
  const nothing: RunRecord = { origin: null, message: null, approval: null }

  it('is found as it was noted, for as long as Step Functions keeps it; the first note is believed', async () => {
    const records = runs(runtime(), arn())
    expect(await records.find('run-1')).toBeUndefined()
    await records.note('run-1', fromSlack)
    await records.note('run-1', { ...fromSlack, origin: { trigger: 'webhook', by: 'caller:other' } })
    expect(await records.find('run-1')).toEqual(fromSlack)
    expect(stored()).toEqual({ 'run/run-1': inSeconds(start + 90 * day) })
    time = start + 90 * day - 1000
    expect(await records.find('run-1')).toEqual(fromSlack)
    time = start + 90 * day
    expect(await records.find('run-1')).toBeUndefined()
  })

  it('that nobody noted is changed from nothing known', async () => {
    const records = runs(runtime(), arn())
    const seen: RunRecord[] = []
    const answer = await records.change('run-1', (record) => {
      seen.push(record)
      return { ...record, approval: 'a-1' }
    })
    expect(seen).toEqual([nothing])
    expect(answer).toEqual({ record: { ...nothing, approval: 'a-1' }, changed: true })
    expect(await records.find('run-1')).toEqual(answer.record)
    expect(operations(), 'it was written once').toEqual(['GetItem', 'PutItem', 'GetItem'])
  })

  it('is changed from what is stored, and kept from then on', async () => {
    const records = runs(runtime(), arn())
    await records.note('run-1', fromSlack)
    time += day
    const answer = await records.change('run-1', (record) => ({ ...record, undoneBy: 'run-2' }))
    expect(answer).toEqual({ record: { ...fromSlack, undoneBy: 'run-2' }, changed: true })
    expect(await records.find('run-1')).toEqual(answer.record)
    expect(stored()).toEqual({ 'run/run-1': inSeconds(start + 91 * day) })
  })

  it.each<[why: string, noted: RunRecord | undefined]>([
    ['as it was noted', fromSlack],
    ['as one of which nothing is known, which is not stored', undefined],
  ])('stays where there is nothing to change: %s', async (_, noted) => {
    const records = runs(runtime(), arn())
    if (noted) await records.note('run-1', noted)
    expect(await records.change('run-1', () => undefined)).toEqual({
      record: noted ?? nothing,
      changed: false,
    })
    expect(await records.find('run-1')).toEqual(noted)
  })

  it.each<[why: string, noted: boolean]>([
    ['where it was stored before', true],
    ['where the others store it first', false],
  ])('is changed once more after others were faster, %s', async (_, noted) => {
    const records = runs(runtime(), arn())
    if (noted) await records.note('run-1', nothing)
    othersAreFaster(4)
    let asked = 0
    const answer = await records.change('run-1', (record) => {
      asked++
      return { ...record, approval: `asked ${asked} times` }
    })
    expect(answer).toEqual({ record: { ...nothing, approval: 'asked 5 times' }, changed: true })
    expect(await records.find('run-1')).toEqual(answer.record)
  })

  it('is given up where others are faster every time', async () => {
    const records = runs(runtime(), arn())
    othersAreFaster(5)
    await expect(records.change('run-1', (record) => ({ ...record, approval: 'a-1' }))).rejects.toMatchObject(
      {
        name: 'Transient',
        message: 'others keep writing the record of run run-1',
      },
    )
    expect(operations().filter((operation) => operation === 'PutItem')).toHaveLength(5)
  })
})

describe('the turns on a binding', () => {
  it('are of one cluster in one region, one namespace and one ServiceAccount', () => {
    expect(bindingId(key)).toBe('us-west-2/shop/carts/cart')
  })

  it('go to the first of those who saw the same run before', async () => {
    const records = runs(runtime(), arn())
    expect(await records.latest(key)).toBeUndefined()
    expect(await records.takeTurn(key, { run: 'run-1', mode: 'enable' }, undefined)).toBe(true)
    expect(await records.takeTurn(key, { run: 'late', mode: 'enable' }, undefined)).toBe(false)
    const first = await records.latest(key)
    expect(first?.value).toEqual({ run: 'run-1', mode: 'enable', at: start })
    time += day
    expect(await records.takeTurn(key, { run: 'run-2', mode: 'undo' }, first)).toBe(true)
    expect(await records.takeTurn(key, { run: 'late', mode: 'undo' }, first)).toBe(false)
    expect((await records.latest(key))?.value).toEqual({ run: 'run-2', mode: 'undo', at: start + day })
    expect(stored()).toEqual({ 'latest/us-west-2/shop/carts/cart': inSeconds(start + 91 * day) })
  })
})

describe('an approval', () => {
  const approval: Approval = {
    question: {
      approval: approvalId('token-1'),
      run: 'run-1',
      cluster: 'shop',
      region: 'us-west-2',
      namespace: 'carts',
      workload: null,
      changes: [],
      plan: 'digest',
      findings: [],
      expiresAt: new Date(start + day).toISOString(),
    },
    lines: ['creates an association'],
    token: 'token-1',
    answer: null,
  }
  const id = approval.question.approval
  const yes = { approved: true, by: 'slack:U012AB3CD', at: new Date(start).toISOString() }

  it('has a name of 128 bits, the same for the same token, that does not show it', () => {
    expect(id).toBe('3f08aace122ee2368432c1ca23a049bc')
    expect(approvalId('token-2')).not.toBe(id)
  })

  it('is found for a day past its time', async () => {
    const records = approvals(runtime(), arn())
    expect(await records.find(id)).toBeUndefined()
    await records.open(approval)
    expect(await records.find(id)).toEqual({ value: approval, version: 1 })
    expect(stored()).toEqual({ [`approval/${id}`]: inSeconds(start + 2 * day) })
    time = start + 2 * day
    expect(await records.find(id)).toBeUndefined()
  })

  it('that is asked again keeps the answer that it has', async () => {
    const records = approvals(runtime(), arn())
    await records.open(approval)
    const asked = await records.find(id)
    if (!asked) throw new Error('it is not stored')
    expect(await records.answer(asked, yes)).toBe(true)
    await records.open(approval)
    expect((await records.find(id))?.value).toEqual({ ...approval, answer: yes })
    expect(stored(), 'answering does not prolong it').toEqual({
      [`approval/${id}`]: inSeconds(start + 2 * day),
    })
  })

  it('has one answer, of the first who gave one', async () => {
    const records = approvals(runtime(), arn())
    await records.open(approval)
    const asked = await records.find(id)
    if (!asked) throw new Error('it is not stored')
    expect(await records.answer(asked, yes)).toBe(true)
    expect(await records.answer(asked, { ...yes, approved: false, by: 'slack:U0LATE' })).toBe(false)
    expect((await records.find(id))?.value.answer).toEqual(yes)
  })
})

describe('a look at the event history', () => {
  const look = { at: new Date(start).toISOString(), role: 'arn:aws:iam::123456789012:role/carts' }

  it('is kept for two days, the later one in place of the one before', async () => {
    const records = looks(runtime(), arn())
    expect(await records.find(key)).toBeUndefined()
    await records.keep(key, { ...look, unseen: 'the first' })
    expect(await records.find(key)).toEqual({ ...look, unseen: 'the first' })
    time += day
    await records.keep(key, { ...look, unseen: 'the second' })
    expect(await records.find(key)).toEqual({ ...look, unseen: 'the second' })
    expect(stored()).toEqual({ 'trail/us-west-2/shop/carts/cart': inSeconds(start + 3 * day) })
    time = start + 3 * day
    expect(await records.find(key)).toBeUndefined()
  })

  it('of another sweep stays where that was faster', async () => {
    const records = looks(runtime(), arn())
    await records.keep(key, { ...look, unseen: 'of the other' })
    othersAreFaster(1)
    await records.keep(key, { ...look, unseen: 'of the slow one' })
    expect(await records.find(key)).toEqual({ ...look, unseen: 'of the other' })
  })
})

describe('a turn of a budget', () => {
  const budget = { id: 'slack/C0PODID', everyMs: 1100 }

  it('is stored until an hour after it', async () => {
    expect(await paces(runtime(), arn()).turn(budget)).toBe(0)
    expect(stored()).toEqual({ 'pace/slack/C0PODID': Math.ceil((start + 1100 + 3_600_000) / 1000) })
  })

  it.each<[why: string, faster: number, wait: number]>([
    ['a turn that others took is none', 1, 0],
    ['the eighth attempt is made', 7, 0],
    ['and is the last one: then it is a guess', 8, 22_000],
  ])('%s', async (_, faster, wait) => {
    othersAreFaster(faster)
    expect(await paces(runtime(), arn()).turn(budget)).toBe(wait)
    expect(operations().filter((operation) => operation === 'PutItem')).toHaveLength(Math.min(faster + 1, 8))
  })
})

describe('the turn of a sweep', () => {
  it('is stored for ninety days, under one id for all', async () => {
    expect(await sweeps(runtime(), arn()).begin('sweep-1', 60_000)).toMatchObject({ position: fromTheStart })
    expect(stored()).toEqual({ 'sweep/position': inSeconds(start + 90 * day) })
  })

  it('that another one took meanwhile is told by its name', async () => {
    const records = sweeps(runtime(), arn())
    const answers = await Promise.all(['a', 'b', 'c'].map((sweep) => records.begin(sweep, 60_000)))
    const winner = ['a', 'b', 'c'][answers.findIndex((answer) => 'end' in answer)]
    expect(answers.filter((answer) => 'atWork' in answer)).toEqual([{ atWork: winner }, { atWork: winner }])
  })

  it.each<[why: string, before: boolean]>([
    ['it has come to its end by then', true],
    ['its record is gone by then', false],
  ])('that another one took meanwhile is told without a name where %s', async (_, before) => {
    const records = sweeps(runtime(), arn())
    const turn = before ? await records.begin('before', 60_000) : undefined
    if (turn && 'end' in turn) await turn.end(fromTheStart, nothingNoted)
    othersAreFaster(1)
    expect(await records.begin('slow', 60_000)).toEqual({ atWork: 'one that began meanwhile' })
  })
})

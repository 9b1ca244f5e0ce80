import { describe, expect, it } from 'vitest'
import { answerApproval } from '../../../../functions/support/requests/actions.ts'
import { arnOfRun, ci, type RequestWorld, requestServices, startedAt } from './world.ts'

describe('an answer to an approval', () => {
  const id = 'a'.repeat(32)
  const running = { runs: { 'run-1': { status: 'RUNNING' } } }
  const mine = { by: 'caller:ci', at: startedAt }
  const answered = (world: RequestWorld, attempt: object = {}) => {
    const { did, services: given } = requestServices({ ...running, approval: {}, ...world })
    const answer = answerApproval(given)(ci.requester, {
      approval: id,
      approved: true,
      plan: 'p-1',
      ...attempt,
    })
    return { answer, did }
  }
  const event = (approved: boolean) => ({
    type: 'Run Approval Answered',
    resources: [arnOfRun('run-1')],
    detail: { approval: id, run: 'run-1', approved, ...mine },
  })

  it('that approves is recorded, passed to the run with the plan, and told', async () => {
    const { answer, did } = answered({})
    expect(await answer).toEqual({ answered: true, run: 'run-1' })
    expect(did).toEqual([
      ['answer', { approved: true, ...mine }],
      ['succeed', 'the token', { approvedBy: 'caller:ci', at: startedAt, plan: 'p-1', lines: ['a line'] }],
      ['put', event(true)],
    ])
  })
  it('that declines ends the wait', async () => {
    const { answer, did } = answered({}, { approved: false, plan: undefined })
    expect(await answer).toEqual({ answered: true, run: 'run-1' })
    expect(did.slice(1)).toEqual([
      ['fail', 'the token', 'Declined', 'declined by caller:ci'],
      ['put', event(false)],
    ])
  })
  it('that comes again is passed again, and recorded once', async () => {
    const { answer, did } = answered({ approval: { answer: { approved: true, ...mine } }, waits: false })
    expect(await answer).toEqual({ answered: false, run: 'run-1' })
    expect(did.map((one) => (one as unknown[])[0])).toEqual(['succeed', 'put'])
  })
  it('between two waves is about the rollout’s execution', async () => {
    const gate = { places: [{ cluster: 'shop', namespace: 'carts' }] }
    const question = { run: 'rollout-1', gate }
    const world = { approval: { question }, rollouts: { 'rollout-1': { status: 'RUNNING' } }, runs: {} }
    expect(await answered(world).answer).toEqual({ answered: true, run: 'rollout-1' })
    expect(
      await answered({ ...world, rollouts: {}, runs: { 'rollout-1': { status: 'RUNNING' } } }).answer,
    ).toMatchObject({ refused: 'impossible' })
  })
  it.each<[why: string, record: RequestWorld['record'], answer: object]>([
    [
      'one’s own run',
      { origin: { trigger: 'webhook', by: 'caller:ci' } },
      {
        refused: 'impossible',
        why: 'You requested this run yourself; somebody else has to approve it.',
      },
    ],
    ['a run that nobody requested', { origin: { trigger: 'sweep', by: null } }, { answered: true }],
    ['a run that was started by hand', { origin: null }, { answered: true }],
    ['a run of which nothing is noted', undefined, { answered: true }],
  ])('that approves %s', async (_why, record, answer) => {
    expect(await answered({ record }).answer).toMatchObject(answer)
  })
  const rollout = 'rollout-slack-0123456789abcdef0123'
  it.each<[why: string, by: string, answer: object]>([
    [
      'one’s own rollout',
      'caller:ci',
      {
        refused: 'impossible',
        why: 'You requested this run yourself; somebody else has to approve it.',
      },
    ],
    ['somebody else’s', 'slack:U1', { answered: true }],
  ])('that approves a run of %s', async (_why, by, answer) => {
    const run = `${rollout}-w1-0`
    const world = {
      approval: { question: { run } },
      runs: { [run]: { status: 'RUNNING' } },
      // The run itself has a record of its question alone.
      records: { [run]: { origin: null }, [rollout]: { origin: { trigger: 'slack' as const, by } } },
    }
    expect(await answered(world).answer).toMatchObject(answer)
  })
  it.each<[why: string, world: RequestWorld, attempt: object, answer: string, did: string[]]>([
    ['somebody was faster', { takes: false }, {}, 'This run has already been answered.', ['answer']],
    [
      'the task waits no more',
      { waits: false },
      {},
      'Too late: the run no longer waits for an answer.',
      ['answer', 'succeed'],
    ],
    ['the run has ended', { runs: {} }, {}, 'Too late: the run has ended.', []],
    ['no such id', {}, { approval: 'x' }, 'There is no such approval, or it has expired.', []],
    ['a longer id', {}, { approval: `${id}a` }, 'There is no such approval, or it has expired.', []],
    ['more before an id', {}, { approval: `z${id}` }, 'There is no such approval, or it has expired.', []],
  ])('is refused: %s', async (_why, world, attempt, why, done) => {
    const { answer, did } = answered(world, attempt)
    expect(await answer).toEqual({ refused: 'impossible', why })
    expect(did.map((one) => (one as unknown[])[0])).toEqual(done)
  })
})

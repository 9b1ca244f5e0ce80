import { describe, expect, it } from 'vitest'
import { SlackRefused } from '../../../adapters/slack.ts'
import type { RunRecord } from '../../../core/triggers/origin.ts'
import { readRun, showRun, showUndone } from '../../../functions/support/showing/show-run.ts'

const now = Date.UTC(2026, 10, 23, 6)
const before = { run: 'run-0', restartedAt: '2026-11-23T06:00:00Z', association: null, workload: null }
const input = {
  cluster: 'shop',
  namespace: 'carts',
  serviceAccount: 'carts',
  role: 'arn:aws:iam::123456789012:role/carts',
}
const stopped = (given: string) => [
  {
    id: 1,
    previousEventId: 0,
    timestamp: 0,
    type: 'ExecutionStarted',
    executionStartedEventDetails: { input: given, roleArn: '' },
  },
  {
    id: 2,
    previousEventId: 1,
    timestamp: 0,
    type: 'ParallelStateExited',
    stateExitedEventDetails: {
      name: 'Preflight',
      output: '{}',
      assignedVariables: { before: JSON.stringify(before) },
    },
  },
  { id: 3, previousEventId: 2, timestamp: 0, type: 'ExecutionAborted' },
]
const nothing: RunRecord = { origin: null, message: null, approval: null }
const message = { text: 'a run', blocks: [] } as never

interface Given {
  record?: RunRecord | undefined
  /** Why Slack refuses, by `post CHANNEL` or `update`. */
  refuses?: Record<string, string>
  history?: object[]
  channel?: string | undefined
}

const world = ({ record, refuses = {}, history = [], channel = 'C0STAGE' }: Given) => {
  const did: string[] = []
  /** What stood in the record while somebody posted. */
  const claims: unknown[] = []
  let kept = record
  const maybe = (what: string) => {
    const reason = refuses[what]
    if (reason) throw new SlackRefused('posting', reason)
    did.push(what)
  }
  const services = {
    config: { channels: channel === '' ? {} : { slack: { channel } } },
    executions: {
      history: async (run: string) => {
        did.push(`history ${run}`)
        return history
      },
    },
    runs: {
      find: async () => kept,
      change: async (_run: string, change: (one: RunRecord) => RunRecord | undefined) => {
        const after = change(kept ?? nothing)
        if (after) kept = after
        return { record: kept ?? nothing, changed: after !== undefined }
      },
    },
    approvals: {
      find: async (id: string) => {
        did.push(`approval ${id}`)
        return undefined
      },
    },
    slack: {
      post: async (to: string) => {
        claims.push(kept?.message)
        maybe(`post ${to}`)
        return { channel: to, ts: '1.2' }
      },
      update: async ({ channel: to, ts }: { channel: string; ts: string }) => maybe(`update ${to} ${ts}`),
    },
    now: () => now,
  } as never
  return { services, did, claims, record: () => kept }
}

const origin = { trigger: 'slack' as const, by: 'slack:U1', channel: 'C0CARTS' }
const placed = (ts: string | null, at = 0, channel = 'C0CARTS') => ({ channel, ts, at })

it.each<[why: string, given: Given, did: string[], message: object | null]>([
  ['posted where it was requested', { record: { ...nothing, origin } }, ['post C0CARTS'], placed('1.2', now)],
  ['posted in the stage’s channel', { record: nothing }, ['post C0STAGE'], placed('1.2', now, 'C0STAGE')],
  ['posted of a run that nobody has noted', {}, ['post C0STAGE'], placed('1.2', now, 'C0STAGE')],
  [
    'posted in the stage’s channel where the other is closed',
    { record: { ...nothing, origin }, refuses: { 'post C0CARTS': 'is_archived' } },
    ['post C0STAGE'],
    placed('1.2', now, 'C0STAGE'),
  ],
  [
    'posted nowhere where no channel takes it',
    {
      record: { ...nothing, origin },
      refuses: { 'post C0CARTS': 'not_in_channel', 'post C0STAGE': 'channel_not_found' },
    },
    [],
    placed('none', now, ''),
  ],
  ['posted nowhere where there is no channel', { record: nothing, channel: '' }, [], placed('none', now, '')],
  [
    'brought up to date',
    { record: { ...nothing, message: placed('1.0') } },
    ['update C0CARTS 1.0'],
    placed('1.0'),
  ],
  [
    'not posted again where no channel took it',
    { record: { ...nothing, message: placed('none', 0, '') } },
    [],
    placed('none', 0, ''),
  ],
  [
    'not posted again where somebody has deleted it',
    {
      record: { ...nothing, message: placed('1.0') },
      refuses: { 'update C0CARTS 1.0': 'message_not_found' },
    },
    [],
    placed('none', now, ''),
  ],
  [
    'left to who is posting it',
    { record: { ...nothing, message: placed(null, now - 29_999, '') } },
    [],
    placed(null, now - 29_999, ''),
  ],
  [
    'posted where who wanted to has failed',
    { record: { ...nothing, message: placed(null, now - 30_000, '') } },
    ['post C0STAGE'],
    placed('1.2', now, 'C0STAGE'),
  ],
])('a run’s message is %s', async (_why, given, did, kept) => {
  const { services, did: done, record } = world(given)
  await showRun(services, 'run-1', message)
  expect(done).toEqual(did)
  expect(record()?.message).toEqual(kept)
})

it('who posts a run’s message says so before', async () => {
  const { services, claims } = world({ record: nothing })
  await showRun(services, 'run-1', message)
  expect(claims).toEqual([placed(null, now, '')])
})

const closed = ['channel_not_found', 'is_archived', 'not_in_channel', 'restricted_action']
it.each(closed)('a channel is closed where Slack says %s', async (reason) => {
  const { services, record } = world({ record: nothing, refuses: { 'post C0STAGE': reason } })
  await showRun(services, 'run-1', message)
  expect(record()?.message).toEqual(placed('none', now, ''))
})
it.each([...closed, 'cant_update_message', 'edit_window_closed', 'message_not_found'])(
  'a message is gone where Slack says %s',
  async (reason) => {
    const { services, record } = world({
      record: { ...nothing, message: placed('1.0') },
      refuses: { 'update C0CARTS 1.0': reason },
    })
    await showRun(services, 'run-1', message)
    expect(record()?.message).toEqual(placed('none', now, ''))
  },
)

it.each([
  [{ record: nothing, refuses: { 'post C0STAGE': 'invalid_auth' } }],
  [{ record: { ...nothing, message: placed('1.0') }, refuses: { 'update C0CARTS 1.0': 'invalid_auth' } }],
])('a fault of ours is no reason of Slack’s, and nothing is noted as shown: %j', async (given) => {
  const { services, record } = world(given)
  await expect(showRun(services, 'run-1', message)).rejects.toMatchObject({
    reason: 'invalid_auth',
  })
  expect(record()?.message).toEqual(given.record.message)
})
it.each<[why: string, message: RunRecord['message']]>([
  ['who took over from one that was too slow is left alone', placed(null, now + 1, '')],
  ['what is noted no more is not noted again', null],
])('%s when that one fails', async (_why, other) => {
  const { services, record } = world({ record: nothing })
  const { runs } = services as { runs: { change: (run: string, change: () => RunRecord) => Promise<object> } }
  const post = async () => {
    await runs.change('run-1', () => ({ ...nothing, message: other }))
    throw new SlackRefused('posting', 'invalid_auth')
  }
  const shown = showRun({ ...(services as object), slack: { post } } as never, 'run-1', message)
  await expect(shown).rejects.toMatchObject({ reason: 'invalid_auth' })
  expect(record()?.message).toEqual(other)
})

describe('what is shown of a run', () => {
  const undoButton = async (given: object | string) => {
    const history = stopped(typeof given === 'string' ? given : JSON.stringify(given))
    const { services } = world({ record: nothing, history })
    return JSON.stringify((await readRun(services, 'run-1')).message).includes('"undo"')
  }
  it('can be undone by a button where it left something', async () => {
    expect(await undoButton(input)).toBe(true)
    expect(await undoButton({ ...input, mode: 'plan' })).toBe(false)
    expect(await undoButton({ ...input, mode: 'undo' })).toBe(false)
  })
  it('says what it can of an input that is no JSON', async () => {
    expect(await undoButton('cut {')).toBe(true)
  })
  it.each<[why: string, outcome: string, given: object, undid: string | undefined]>([
    ['the run that it has undone', 'undone', { ...input, mode: 'undo', before }, 'run-0'],
    ['none where its input does not say which', 'undone', input, undefined],
    ['none where it could not', 'failed', { ...input, mode: 'undo', before }, undefined],
  ])('names %s', async (_why, outcome, given, undid) => {
    const report = { outcome, summary: 's', binding: input, changes: [], findings: [], undo: null }
    const [began] = stopped(JSON.stringify(given))
    const history = [
      began,
      {
        id: 2,
        previousEventId: 1,
        timestamp: 0,
        type: 'TaskStateEntered',
        stateEnteredEventDetails: { name: 'Report' },
      },
      {
        id: 3,
        previousEventId: 2,
        timestamp: 0,
        type: 'TaskStateExited',
        stateExitedEventDetails: { name: 'Report', output: JSON.stringify(report) },
      },
      { id: 4, previousEventId: 3, timestamp: 0, type: 'ExecutionSucceeded' },
    ]
    expect((await readRun(world({ record: nothing }).services, 'run-1', history as never)).undid).toBe(undid)
  })
  it('cannot be undone while it is under way', async () => {
    const { services } = world({ record: nothing, history: stopped(JSON.stringify(input)).slice(0, 2) })
    const { message: shown, undid, view } = await readRun(services, 'run-1')
    expect(JSON.stringify(shown)).not.toContain('"undo"')
    expect([undid, view.end]).toEqual([undefined, null])
  })
  it.each<[why: string, record: RunRecord | undefined, channel: string]>([
    ['its message', { ...nothing, origin, message: placed('1.0', 0, 'C0OTHER') }, 'C0OTHER'],
    ['no message, whoever requested it', { ...nothing, origin, message: placed('none', 0, '') }, 'C0CARTS'],
    ['nothing of it', undefined, 'C0STAGE'],
  ])('is where there is %s', async (_why, record, channel) => {
    expect((await readRun(world({ record }).services, 'run-1')).channel).toBe(channel)
  })
  it('is nowhere without a channel', async () => {
    expect((await readRun(world({ record: nothing, channel: '' }).services, 'run-1')).channel).toBe('')
  })
  it('reads a history only where it is not known, and its approval where it has one', async () => {
    const { services, did } = world({ record: { ...nothing, approval: 'a-1' } })
    await readRun(services, 'run-1', stopped(JSON.stringify(input)) as never)
    expect(did).toEqual(['approval a-1'])
    await readRun(world({ record: nothing }).services, 'run-1')
  })
})

describe('a run that another one has undone', () => {
  const shown = { ...nothing, message: placed('1.0') }
  it.each<[why: string, record: RunRecord | undefined, did: string[], undoneBy: string | undefined]>([
    ['is noted, and its message brought up to date', shown, ['history run-1', 'update C0CARTS 1.0'], 'run-2'],
    [
      'keeps who was first',
      { ...shown, undoneBy: 'run-9' },
      ['history run-1', 'update C0CARTS 1.0'],
      'run-9',
    ],
    ['has no message', nothing, [], 'run-2'],
    ['has a message that is being posted', { ...nothing, message: placed(null, now) }, [], 'run-2'],
    ['is not known', undefined, [], undefined],
  ])('%s', async (_why, before, did, undoneBy) => {
    const { services, did: done, record } = world({ record: before })
    await showUndone(services, 'run-1', 'run-2')
    expect(done).toEqual(did)
    expect(record()?.undoneBy).toBe(undoneBy)
  })
})

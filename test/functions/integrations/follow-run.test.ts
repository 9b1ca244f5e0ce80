import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../../core/config.ts'
import { Refused, Transient } from '../../../core/errors.ts'
import type { HistoryEvent } from '../../../core/run-events/history.ts'
import type { RunRecord } from '../../../core/triggers/origin.ts'
import { create, type FollowServices, followRun } from '../../../functions/integrations/follow-run.ts'
import { surroundings } from '../middleware/support.ts'

const input = JSON.stringify({ cluster: 'shop', namespace: 'carts', serviceAccount: 'carts' })
const started = { type: 'ExecutionStarted', executionStartedEventDetails: { input, roleArn: '' } }
const entered = (name: string) => ({
  type: 'TaskStateEntered',
  stateEnteredEventDetails: { name, input },
})
const turnedAway = {
  type: 'LambdaFunctionFailed',
  lambdaFunctionFailedEventDetails: { error: 'Lambda.TooManyRequestsException', cause: 'no' },
}
const waits = {
  type: 'TaskSubmitted',
  taskSubmittedEventDetails: { resource: 'invoke.waitForTaskToken', resourceType: 'lambda' },
}
const ended = { type: 'ExecutionFailed', executionFailedEventDetails: { error: 'Refused', cause: 'no' } }

type Seen = (object | Error)[]
interface Given {
  /** What is new at each look, or why it could not be looked at; nothing is new after the last. */
  looks: Seen[]
  /** How long each turn waits, of histories and of Slack, the last one for ever. */
  history?: number[]
  slack?: number[]
  /** Milliseconds that the invocation has. */
  left?: number
  /** Why Slack does not take the first message. */
  refuses?: Error
}

/** Plays one follower, and writes down in its order all that it does. */
const follow = async ({ looks, history = [0], slack = [0], left = 600_000, refuses }: Given) => {
  const did: string[] = []
  let now = 0
  let look = 0
  let id = 0
  let refused = refuses
  let record: RunRecord = { origin: null, message: null, approval: null }
  const turns = { history: [...history], slack: [...slack] }
  const say = (what: string) => {
    const why = refused
    refused = undefined
    if (why) throw why
    did.push(what)
  }
  const services = {
    config: parseConfig(
      { account: '111122223333', region: 'us-west-2', channels: { slack: { channel: 'C0PODID' } } },
      'test',
    ),
    now: () => now,
    sleep: async (ms: number) => {
      did.push(`sleep ${ms}`)
      now += ms
    },
    paces: {
      turn: async ({ id: budget }: { id: string }) => {
        did.push(`turn ${budget}`)
        const waits = budget === 'history' ? turns.history : turns.slack
        return waits.length > 1 ? waits.shift() : waits[0]
      },
    },
    bus: { put: async (event: unknown) => void did.push(JSON.stringify(event)) },
    approvals: { find: async () => undefined },
    executions: {
      arnOf: (run: string) => `arn:${run}`,
      newEvents: async (run: string, after: number) => {
        did.push(`${run} after ${after}`)
        const seen = looks[look++] ?? []
        return seen.map((event): HistoryEvent => {
          if (event instanceof Error) throw event
          return { ...event, id: ++id, previousEventId: id - 1, timestamp: 0 } as HistoryEvent
        })
      },
    },
    runs: {
      find: async () => record,
      change: async (_run: string, change: (before: RunRecord) => RunRecord | undefined) => {
        const after = change(record)
        record = after ?? record
        return { record, changed: after !== undefined }
      },
    },
    slack: {
      post: async (channel: string) => {
        say(`post ${channel}`)
        return { channel, ts: '1.0' }
      },
      update: async () => say('update'),
    },
  } as unknown as FollowServices
  const answer = await followRun(services, () => left - now)('run-1').catch((error: Error) => error.name)
  return [...did, answer]
}

const takeCluster = [started, entered('AwaitCluster')]
const firstLook = ['turn history', 'sleep 0', 'run-1 after 0']
const posted = ['turn slack/C0PODID', 'sleep 0', 'post C0PODID']
const updated = ['turn slack/C0PODID', 'sleep 0', 'update']
const later = (after: number) => [`run-1 after ${after}`]
const handedOver = [
  '{"type":"Run Still Under Way","resources":["arn:run-1"],"detail":{"run":"run-1"}}',
  'out-of-time',
]

describe('a follower', () => {
  it.each<[why: string, given: Given, did: string[]]>([
    ['shows a run that has ended', { looks: [[started, ended]] }, [...firstLook, ...posted, 'ended']],
    [
      'stops where a person is waited for',
      { looks: [[started, entered('AwaitApproval'), waits]] },
      [...firstLook, ...posted, 'awaits-answer'],
    ],
    [
      'gives way where Lambda turns a step of the run away',
      { looks: [[...takeCluster, turnedAway]] },
      [...firstLook, ...posted, 'gave-way'],
    ],
    [
      'looks less and less often while nothing changes, soon again after a change, and takes a turn for every fifth look',
      { looks: [takeCluster, [], [], [], [], [], [], [entered('EnsureAssociation')], [ended]] },
      [
        ...[...firstLook, ...posted, 'sleep 2000', ...later(2), 'sleep 3000', ...later(2), 'sleep 4500'],
        ...[...later(2), 'sleep 6750', ...later(2), 'sleep 10000', 'turn history', 'sleep 0', ...later(2)],
        ...['sleep 10000', ...later(2), 'sleep 10000', ...later(2), ...updated, 'sleep 2000'],
        ...[...later(3), ...updated, 'ended'],
      ],
    ],
    [
      'takes a turn for every look while others wait',
      { looks: [takeCluster, [], [ended]], history: [0, 0] },
      [
        ...[...firstLook, ...posted, 'sleep 2000', ...later(2), 'sleep 3000', ...later(2), ...updated],
        'ended',
      ],
    ],
    [
      'and waits for each',
      { looks: [takeCluster, [], [ended]], history: [1, 300, 200] },
      [
        ...['turn history', 'sleep 1', 'run-1 after 0', ...posted, 'sleep 2000'],
        ...['turn history', 'sleep 300', ...later(2), 'sleep 3000'],
        ...['turn history', 'sleep 200', ...later(2), ...updated, 'ended'],
      ],
    ],
    [
      'shows what it read a moment before',
      { looks: [takeCluster, [ended]], slack: [1500, 0] },
      [
        ...[...firstLook, 'turn slack/C0PODID', 'sleep 1500', 'post C0PODID', 'sleep 2000'],
        ...[...later(2), ...updated, 'ended'],
      ],
    ],
    [
      'reads again what it read longer before, and shows the end',
      { looks: [takeCluster, [ended]], slack: [1501, 0] },
      [...firstLook, 'turn slack/C0PODID', 'sleep 1501', ...later(2), 'post C0PODID', 'ended'],
    ],
    [
      'looks again after a while where a service turns a look away',
      { looks: [[new Transient('throttled')], [started, ended]] },
      [...firstLook, 'sleep 10000', ...later(0), ...posted, 'ended'],
    ],
    [
      'shows with the next look what Slack did not take',
      { looks: [takeCluster, [], [ended]], refuses: new Transient('429') },
      [
        ...[...firstLook, 'turn slack/C0PODID', 'sleep 0', 'sleep 10000', ...later(2)],
        ...[...posted, 'sleep 2000', ...later(2), ...updated, 'ended'],
      ],
    ],
    ['fails where a look is refused', { looks: [[new Refused('may not')]] }, [...firstLook, 'Refused']],
    [
      'has time for a last look and the message',
      { looks: [[started, ended]], left: 15_700, slack: [700] },
      [...firstLook, 'turn slack/C0PODID', 'sleep 700', 'post C0PODID', 'ended'],
    ],
    [
      'hands over where the message would wait for too long',
      { looks: [[started, ended]], left: 15_699, slack: [700] },
      [...firstLook, 'turn slack/C0PODID', ...handedOver],
    ],
    [
      'hands over where another look would be too late',
      { looks: [takeCluster, []], left: 16_999 },
      [...firstLook, ...posted, 'sleep 2000', ...later(2), ...handedOver],
    ],
    [
      'and looks again where it is just in time',
      { looks: [takeCluster, [], [ended]], left: 17_000 },
      [
        ...[...firstLook, ...posted, 'sleep 2000', ...later(2), 'sleep 3000', ...later(2)],
        ...['turn slack/C0PODID', ...handedOver],
      ],
    ],
  ])('%s', async (_why, given, did) => {
    expect(await follow(given)).toEqual(did)
  })
})

describe('its handler', () => {
  it.each([[{}], [{ detail: {} }], [{ detail: { name: '' } }], [{ detail: { run: '' } }]])(
    'takes no event but its own: %j',
    async (event) => {
      const runtime = surroundings()
      await expect(create(runtime)(event)).rejects.toMatchObject({
        message: expect.stringMatching(/^FollowRun was called with a faulty input: detail/),
      })
      expect(runtime.lines).toMatchObject([{ level: 'warn', message: 'FollowRun' }])
    },
  )
  it.each([[{ name: 'run-1' }], [{ run: 'run-1' }]])(
    'has nothing to do without Slack: %j',
    async (detail) => {
      const runtime = surroundings()
      expect(await create(runtime)({ detail })).toBe('no-slack')
      expect(runtime.lines).toMatchObject([{ message: 'FollowRun', data: { followed: 'no-slack' } }])
    },
  )
})

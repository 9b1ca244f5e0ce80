import { describe, expect, it } from 'vitest'
import type { Paces } from '../../../adapters/records/paces.ts'
import type { Message } from '../../../core/chatops/blocks.ts'
import { parseConfig } from '../../../core/config.ts'
import { Transient } from '../../../core/errors.ts'
import { nextTurn } from '../../../core/operation/pace.ts'
import type { HistoryEvent } from '../../../core/run-events/history.ts'
import type { RunRecord } from '../../../core/triggers/origin.ts'
import { type FollowServices, followRun } from '../../../functions/integrations/follow-run.ts'
import { virtualClock } from '../../../local/clock.ts'

/** A service that takes so many calls at once, and so many a second, as Step Functions and Slack do. */
const throttling = (now: () => number, { atOnce, aSecond }: { atOnce: number; aSecond: number }) => {
  let tokens = atOnce
  let at = now()
  const counted = { calls: 0, turnedAway: 0 }
  const take = (what: string) => {
    tokens = Math.min(atOnce, tokens + ((now() - at) * aSecond) / 1000)
    at = now()
    counted.calls++
    if (tokens < 1) {
      counted.turnedAway++
      throw new Transient(`${what}: Rate exceeded`)
    }
    tokens--
  }
  return { take, counted }
}

const steps = [
  'TakeTurn',
  'AwaitCluster',
  'EnsureAssociation',
  'AwaitInjection',
  'RestartWorkload',
  'WatchRollout',
]
const input = JSON.stringify({ cluster: 'shop', namespace: 'carts', serviceAccount: 'carts' })

/** A run that is in another step every ten seconds, over and over for two minutes, and then fails. */
const historyAt = (seconds: number): HistoryEvent[] => {
  const events: Omit<HistoryEvent, 'id' | 'previousEventId'>[] = [
    { timestamp: 0, type: 'ExecutionStarted', executionStartedEventDetails: { input, roleArn: '' } },
  ]
  for (let at = 0; at < Math.min(seconds, 120); at += 10) {
    const name = steps[(at / 10) % steps.length] as string
    if (at > 0)
      events.push({
        timestamp: at * 1000,
        type: 'TaskStateExited',
        stateExitedEventDetails: { name: steps[(at / 10 - 1) % steps.length] as string, output: '{}' },
      })
    events.push({ timestamp: at * 1000, type: 'TaskStateEntered', stateEnteredEventDetails: { name, input } })
  }
  if (seconds >= 120)
    events.push({
      timestamp: 120_000,
      type: 'ExecutionFailed',
      executionFailedEventDetails: { error: 'RolloutFailed', cause: 'over' },
    })
  return events.map((event, index) => ({ ...event, id: index + 1, previousEventId: index }))
}

/** Forty followers in one channel, on services that throttle as the real ones do. */
const follow = async ({ many = 40, paced = true }: { many?: number; paced?: boolean }) => {
  const clock = virtualClock({ start: 0, held: true })
  const histories = throttling(clock.now, { atOnce: 400, aSecond: 20 })
  const channel = throttling(clock.now, { atOnce: 5, aSecond: 1 })
  const shown = new Map<string, string>()
  const records = new Map<string, RunRecord>()
  const turns = new Map<string, number>()
  let read = 0
  const paces: Paces = {
    turn: async ({ id, everyMs }) => {
      if (!paced) return 0
      const { waitMs, freeAt } = nextTurn(turns.get(id), clock.now(), everyMs)
      turns.set(id, freeAt)
      return waitMs
    },
  }
  const write = (ts: string, message: Message) => {
    channel.take('chat.update')
    shown.set(ts, JSON.stringify(message))
  }
  const services = (run: string) =>
    ({
      config: parseConfig(
        { account: '111122223333', region: 'us-west-2', channels: { slack: { channel: 'C0PODID' } } },
        'test',
      ),
      paces,
      sleep: (ms: number) => clock.sleep(ms),
      now: clock.now,
      approvals: { find: async () => undefined },
      executions: {
        newEvents: async (_run: string, after: number) => {
          histories.take('GetExecutionHistory')
          const events = historyAt(clock.now() / 1000).filter(({ id }) => id > after)
          read += events.length
          return events
        },
      },
      runs: {
        find: async () => records.get(run),
        change: async (_run: string, change: (record: RunRecord) => RunRecord | undefined) => {
          const before = records.get(run) ?? { origin: null, message: null, approval: null }
          const after = change(before)
          if (after) records.set(run, after)
          return { record: after ?? before, changed: after !== undefined }
        },
      },
      slack: {
        post: async (channel: string, message: Message) => {
          write(run, message)
          return { channel, ts: run }
        },
        update: async ({ ts }: { ts: string }, message: Message) => write(ts, message),
      },
    }) as unknown as FollowServices
  const runs = Array.from({ length: many }, (_, index) => `run-${index}`)
  const ends = runs.map((run) => followRun(services(run), () => 600_000)(run))
  for (let minute = 0; minute < 5; minute++) await clock.advance(60_000)
  const ended = await Promise.all(ends)
  clock.stop()
  return { ended, shown, reads: histories.counted, writes: channel.counted, read }
}

describe('forty runs that are followed at once', () => {
  it('show their ends, and no service turns a call away', async () => {
    const { ended, shown, reads, writes, read } = await follow({})
    expect(new Set(ended)).toEqual(new Set(['ended']))
    expect(shown.size).toBe(40)
    for (const message of shown.values()) expect(message).toContain('RolloutFailed')
    expect([reads.turnedAway, writes.turnedAway]).toEqual([0, 0])
    // No event is read twice.
    expect(read).toBe(40 * historyAt(120).length)
  })

  it('would ask too much without their budgets, and show their ends all the same', async () => {
    const { ended, shown, writes } = await follow({ paced: false })
    expect(writes.turnedAway).toBeGreaterThan(100)
    expect(new Set(ended)).toEqual(new Set(['ended']))
    for (const message of shown.values()) expect(message).toContain('RolloutFailed')
  })

  it('does not slow down a run that is followed alone', async () => {
    const { reads, writes } = await follow({ many: 1 })
    expect(reads.calls).toBeGreaterThan(20)
    expect(writes.calls).toBe(13)
  })
})

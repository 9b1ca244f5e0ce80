import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Runtime } from '../../adapters/runtime.ts'
import { parseConfig } from '../../core/config.ts'
import { givesWay } from '../../core/operation/turned-away.ts'
import type { HistoryEvent } from '../../core/run-events/history.ts'
import type { RunRecord } from '../../core/triggers/origin.ts'
import { type Followed, type FollowServices, followRun } from '../../functions/integrations/follow-run.ts'
import { ConcurrentExecutions } from '../../local/aws/lambda/concurrency.ts'
import { virtualClock } from '../../local/clock.ts'
import { runStateMachine } from '../../local/engine/index.ts'
import { invoker, localDefinition } from '../../stage/execution.ts'
import { enablePodIdentity, placeholders, rollOutInWaves } from '../../workflows/render.ts'
import { template } from '../../workflows/template.ts'

// A model: the definition in the engine, Lambda with as many copies as the account may run, and answers in place of the steps.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html: a new account may run ten.

const page = readFileSync(join(import.meta.dirname, '../../docs/deploy.md'), 'utf8')
const text = template(enablePodIdentity)
const definition = localDefinition('111122223333', 'us-west-2')
const config = parseConfig(
  { account: '111122223333', region: 'us-west-2', channels: { slack: { channel: 'C0PODID' } } },
  'test',
)
/** Every field of an answer that the definition asks for: what a step of the model does not say is null. */
const asked = Object.fromEntries([...text.matchAll(/[\w)\]]\.([a-z]\w*)/g)].map(([, field]) => [field, null]))

const request = {
  run: 'one',
  restartedAt: '2026-11-25T00:00:00Z',
  mode: 'enable',
  onFailure: 'undo',
  workload: 'deployment/carts',
  clusterTimeoutSeconds: 1500,
  rolloutTimeoutSeconds: 1800,
}
const input = JSON.stringify({ cluster: 'shop', namespace: 'carts', serviceAccount: 'carts' })

/** Numbers from 0 to 1 in an order of their own, the same each time. */
const numbers = (seed: number) => {
  let last = seed
  return () => {
    last = (last * 1_103_515_245 + 12_345) % 2 ** 31
    return last / 2 ** 31
  }
}

interface Model {
  /** How many are started in the same moment. */
  runs: number
  /** How long each run's pods take. */
  rolloutSeconds: number
  followed: boolean
  /** How often a step that was turned away is tried again; as the definition says unless given. */
  attempts?: number
}

/** Seconds that a call takes, its cold start included; a watch is held for 55. */
const stepSeconds = 0.7
const injectionSeconds = 6
const watchSeconds = 55

const play = async ({ runs, rolloutSeconds, followed, attempts }: Model) => {
  const clock = virtualClock({ start: 0, held: true })
  const concurrency = new ConcurrentExecutions()
  concurrency.limit = 10
  const random = numbers(7)

  const one = async (run: string) => {
    const history: HistoryEvent[] = []
    let rolloutFrom = 0
    const left = () => Math.max(0, rolloutFrom + rolloutSeconds * 1000 - clock.now())
    const answers: Record<string, () => [object, seconds?: number]> = {
      resolveRequest: () => [request],
      awaitCluster: () => [{ cluster: { status: 'ACTIVE' }, state: 'ready', findings: [] }],
      checkAgent: () => [{ action: 'none', findings: [] }],
      verifyRole: () => [{ findings: [] }],
      verifyWorkload: () => [{ exists: true, diagnosis: [], findings: [] }],
      checkAssociation: () => [{ findings: [] }],
      ensureAgent: () => [{ state: 'ready', agent: { action: 'none' }, findings: [] }],
      ensureAssociation: () => [{ association: { id: 'a-1' } }],
      awaitInjection: () => [{ ready: true }, injectionSeconds],
      restartWorkload: () => {
        rolloutFrom = clock.now()
        return [{ generation: 2 }]
      },
      watchRollout: () => {
        const seconds = Math.max(stepSeconds, Math.min(watchSeconds, left() / 1000))
        const state = left() > seconds * 1000 ? 'progressing' : 'complete'
        return [{ state, message: 'the rollout', findings: [] }, seconds]
      },
      verifyCredentials: () => [{ proven: true, waiting: false, missed: 0, message: 'seen' }],
      report: () => [{ outcome: 'enabled', summary: 'done' }],
    }
    const handlers = placeholders(text).map((name) => [
      name,
      () => async () => {
        const [answer, seconds = stepSeconds] = answers[name]?.() ?? [{}]
        await clock.sleep(seconds * 1000)
        return { ...asked, ...answer }
      },
    ])
    const runtime = { clock } as unknown as Runtime
    const task = invoker({
      runtime: () => runtime,
      replace: Object.fromEntries(handlers),
      concurrency,
    })
    const follower = followed ? follow(run, history) : undefined
    const { status, error } = await runStateMachine({
      definition:
        attempts === undefined
          ? definition
          : definition.replaceAll(/"MaxAttempts":\s*100/g, `"MaxAttempts":${attempts}`),
      validated: true,
      input: JSON.parse(input),
      clock,
      random,
      task,
      onEvent: (event) => void history.push(event),
    })
    return { status, error, history, follower, endedAt: clock.now() / 1000 }
  }

  /** As Lambda takes an event for the follower: it waits for a copy, a second first, and twice as long each time. */
  const follow = async (run: string, history: readonly HistoryEvent[]): Promise<Followed> => {
    let leave = concurrency.enter()
    for (let pause = 1000; !leave; pause = Math.min(pause * 2, 300_000)) {
      await clock.sleep(pause)
      leave = concurrency.enter()
    }
    const until = clock.now() + 900_000
    const followed = await followRun(servicesFor(history), () => until - clock.now())(run)
    leave()
    return followed
  }

  const servicesFor = (history: readonly HistoryEvent[]) => {
    let record: RunRecord = { origin: null, message: null, approval: null }
    return {
      config,
      paces: { turn: async () => 0 },
      sleep: (ms: number) => clock.sleep(ms),
      now: clock.now,
      approvals: { find: async () => undefined },
      executions: { newEvents: async (_run: string, after: number) => history.slice(after) },
      runs: {
        find: async () => record,
        change: async (_run: string, change: (record: RunRecord) => RunRecord | undefined) => {
          const after = change(record)
          record = after ?? record
          return { record, changed: after !== undefined }
        },
      },
      slack: { post: async (channel: string) => ({ channel, ts: '1' }), update: async () => {} },
    } as unknown as FollowServices
  }

  const all = Promise.all(Array.from({ length: runs }, (_, index) => one(`run-${index}`)))
  let done = false
  void all.then(() => {
    done = true
  })
  for (let minutes = 0; !done && minutes < 120; minutes++) await clock.advance(60_000)
  const ended = await all
  await clock.advance(900_000)
  const followers = await Promise.all(ended.map(({ follower }) => follower))
  clock.stop()
  return {
    failed: ended.flatMap(({ error }) => (error ? [error] : [])),
    succeeded: ended.filter(({ status }) => status === 'SUCCEEDED').length,
    turnedAway: concurrency.turnedAway,
    running: concurrency.running,
    seconds: Math.max(...ended.map(({ endedAt }) => endedAt)),
    entered: ended.map(({ history }) => history.filter(({ type }) => type.endsWith('StateEntered')).length),
    gaveWay: followers.filter((followed) => followed === 'gave-way').length,
  }
}

interface Row extends Model {
  /** Of docs/deploy.md. */
  row: string
  /** How many followers stopped as the steps of their runs were turned away. */
  gaveWay: number
}

const table: Row[] = [
  { runs: 1, rolloutSeconds: 30, followed: true, gaveWay: 0, row: '| 1 | 30 s | 41 s | 0 |' },
  { runs: 5, rolloutSeconds: 30, followed: true, gaveWay: 5, row: '| 5 | 30 s | 45 s | 32 |' },
  { runs: 10, rolloutSeconds: 30, followed: true, gaveWay: 10, row: '| 10 | 30 s | 47 s | 72 |' },
  { runs: 20, rolloutSeconds: 30, followed: true, gaveWay: 11, row: '| 20 | 30 s | 116 s | 276 |' },
  { runs: 20, rolloutSeconds: 300, followed: true, gaveWay: 11, row: '| 20 | 300 s | 651 s | 477 |' },
]

describe('runs at once in an account that may run ten functions', () => {
  it.each(table)(
    '$runs, whose pods take $rolloutSeconds s: none fails for it',
    async ({ row, gaveWay: wanted, ...model }) => {
      const { failed, succeeded, running, seconds, turnedAway, gaveWay } = await play(model)
      expect({ failed, succeeded, running }).toEqual({ failed: [], succeeded: model.runs, running: 0 })
      const { runs, rolloutSeconds } = model
      expect(`| ${runs} | ${rolloutSeconds} s | ${Math.round(seconds)} s | ${turnedAway} |`).toBe(row)
      expect(page).toContain(`\n${row}\n`)
      // They are not followed while their steps are turned away.
      expect(gaveWay).toBe(wanted)
    },
  )

  it('would fail, were they tried again as after any other failure', async () => {
    const { failed } = await play({ runs: 20, rolloutSeconds: 100, followed: false, attempts: 6 })
    expect(new Set(failed)).toEqual(new Set(['Lambda.TooManyRequestsException']))
    expect(failed.length).toBeGreaterThan(5)
  })
})

it('a rollout of ten minutes is watched so seldom that it takes under 60 state transitions, which is what Step Functions bills', async () => {
  const { entered, seconds } = await play({ runs: 1, rolloutSeconds: 600, followed: false })
  expect(seconds).toBeGreaterThan(600)
  expect(entered[0]).toBeLessThan(60)
  // Of which each time that it watches takes two, WatchRollout and RolloutState.
  const { entered: shorter } = await play({ runs: 1, rolloutSeconds: 600 - watchSeconds, followed: false })
  expect((entered[0] ?? 0) - (shorter[0] ?? 0)).toBe(2)
})

const turnedAway = (secondsAgo: number, details: object): HistoryEvent => ({
  id: 1,
  previousEventId: 0,
  timestamp: 1_000_000 - secondsAgo * 1000,
  type: 'TaskFailed',
  ...details,
})
const error = 'Lambda.TooManyRequestsException'

it.each([
  ['a step was turned away just now', turnedAway(5, { taskFailedEventDetails: { error } }), true],
  ['the question to a person was', turnedAway(5, { taskSubmitFailedEventDetails: { error } }), true],
  ['a function called by its ARN was', turnedAway(5, { lambdaFunctionFailedEventDetails: { error } }), true],
  ['a minute has passed since', turnedAway(60, { taskFailedEventDetails: { error } }), false],
  [
    'a step failed by something else',
    turnedAway(5, { taskFailedEventDetails: { error: 'Transient' } }),
    false,
  ],
])('a follower and a copy that is needed: %s', (_why, event, gives) => {
  expect(givesWay([event], 1_000_000)).toBe(gives)
})

interface Task {
  Resource?: string
  Retry?: { ErrorEquals: string[]; MaxAttempts: number }[]
}

it.each([
  ['runs', enablePodIdentity],
  ['rollouts', rollOutInWaves],
])('every function that the workflow of %s calls is tried again as often', (_what, workflow) => {
  const tasks: [name: string, task: Task][] = []
  JSON.parse(template(workflow), (_key, value: Record<string, Task>) => {
    if (typeof value === 'object' && value !== null)
      for (const [name, task] of Object.entries(value))
        if (task?.Resource?.includes(':::lambda:invoke')) tasks.push([name, task])
    return value
  })
  expect(tasks.length).toBeGreaterThan(2)
  for (const [name, { Retry = [] }] of tasks)
    expect([name, Retry.filter(({ ErrorEquals }) => ErrorEquals.includes(error))]).toEqual([
      name,
      [expect.objectContaining({ ErrorEquals: [error], MaxAttempts: 100, MaxDelaySeconds: 30 })],
    ])
})

import { describe, expect, it } from 'vitest'
import { amazonQNotification } from '../../../core/chatops/amazon-q.ts'
import { digestMessage } from '../../../core/chatops/drift-message.ts'
import { parseConfig } from '../../../core/config.ts'
import { Transient } from '../../../core/errors.ts'
import type { DriftDigest, PodidEvent, RunFinished } from '../../../core/events.ts'
import type { RunRecord } from '../../../core/triggers/origin.ts'
import { create, type NotifyServices, notify } from '../../../functions/integrations/notify.ts'
import { surroundings } from '../middleware/support.ts'

const input = { cluster: 'shop', region: 'us-west-2', namespace: 'carts', serviceAccount: 'carts' }
const binding = { ...input, role: 'arn:aws:iam::111122223333:role/carts', workload: null }
const before = { run: 'run-0', restartedAt: '2026-11-23T06:00:00Z', association: null, workload: null }
const began = (more: object = {}) => ({
  type: 'ExecutionStarted',
  executionStartedEventDetails: { input: JSON.stringify({ ...input, ...more }), roleArn: '' },
})
const answering = (step: string, report: object) => [
  { type: 'TaskStateEntered', stateEnteredEventDetails: { name: step } },
  { type: 'TaskStateExited', stateExitedEventDetails: { name: step, output: JSON.stringify(report) } },
]
const succeeded = { type: 'ExecutionSucceeded' }
const aborted = { type: 'ExecutionAborted', executionAbortedEventDetails: { error: 'Stopped', cause: 'no' } }
const failed = {
  type: 'ExecutionFailed',
  executionFailedEventDetails: { error: 'Refused', cause: 'not today' },
}
const reportOf = (more: object = {}) => ({
  outcome: 'enabled',
  summary: 'carts/carts on shop runs with the credentials of carts',
  binding,
  changes: [],
  findings: [],
  undo: null,
  credentials: null,
  ...more,
})

interface World {
  history?: object[]
  /** Of single runs. */
  histories?: Record<string, object[]>
  /** What is noted of each run: who requested it. */
  by?: string | null | undefined
  origin?: RunRecord['origin']
  noted?: boolean
  /** Turned off: Slack, the topic. */
  without?: readonly ('slack' | 'topic' | 'channel')[]
  /** How long a turn of Slack waits. */
  waitMs?: number
  /** Who cannot be reached. */
  deaf?: 'topic' | 'callback' | 'both'
  secrets?: string
}

const whsec = (text: string) => `whsec_${Buffer.from(text).toString('base64')}`
const old = 'an old secret, of long ago'
const current = 'a new secret, of this day'
const twice = `ci=${whsec(old)} other=${whsec('another secret, of no use')} ci=${whsec(current)}`

/** The services of a stage, and all that is done with them, in its order. */
const stageOf = ({
  history = [],
  histories = {},
  by = 'caller:ci',
  noted = true,
  without = [],
  waitMs = 0,
  deaf,
  secrets = twice,
  ...given
}: World) => {
  const did: unknown[] = []
  const done = new Set<string>()
  const origin = 'origin' in given ? given.origin : { trigger: 'webhook' as const, by }
  const records = new Map<string, RunRecord>()
  const recordOf = (run: string): RunRecord | undefined =>
    records.get(run) ?? (noted ? { origin: origin ?? null, message: null, approval: null } : undefined)
  const machine = (kind: string) => ({
    arnOf: (name: string) => `arn:${kind}:${name}`,
    history: async (run: string) =>
      (histories[run] ?? history).map((event, index) => ({
        timestamp: 0,
        ...event,
        id: index + 1,
        previousEventId: index,
      })),
  })
  const failing = (who: 'topic' | 'callback') => {
    if (deaf === who || deaf === 'both') throw new Transient(`${who} cannot be reached`)
  }
  const services = {
    config: parseConfig(
      {
        account: '111122223333',
        region: 'us-west-2',
        channels: {
          ...(without.includes('channel') ? {} : { slack: { channel: 'C0PODID' } }),
          callbacks: { other: 'https://other.example/done', ci: 'https://ci.example/done' },
        },
      },
      'test',
    ),
    executions: machine('run'),
    rollouts: machine('rollout'),
    approvals: { find: async () => undefined },
    runs: {
      find: async (run: string) => {
        if (!run) throw new Error('a record without a name')
        return recordOf(run)
      },
      change: async (run: string, change: (before: RunRecord) => RunRecord | undefined) => {
        const stored = recordOf(run) ?? { origin: null, message: null, approval: null }
        const after = change(stored)
        if (after) records.set(run, after)
        return { record: after ?? stored, changed: after !== undefined }
      },
    },
    paces: {
      turn: async ({ id }: { id: string }) => {
        did.push(`turn ${id}`)
        return waitMs
      },
    },
    sleep: async (ms: number) => void did.push(`sleep ${ms}`),
    bus: { put: async (event: unknown) => void did.push(event) },
    now: () => 0,
    once: async (key: string, work: () => Promise<void>) => {
      did.push(`once ${key}`)
      if (!done.has(key)) await work()
      done.add(key)
    },
    slack: without.includes('slack')
      ? undefined
      : {
          post: async (channel: string, message: { text: string; blocks: unknown }) => {
            did.push(['post', channel, message])
            return { channel, ts: '1.0' }
          },
          update: async (_place: object, message: object) => void did.push(['update', message]),
        },
    publish: without.includes('topic')
      ? undefined
      : async (notification: unknown) => {
          failing('topic')
          did.push(['publish', notification])
        },
    secrets: async () => secrets,
    callBack: async ({ url, key }: { url: string; key: Buffer }, message: unknown) => {
      failing('callback')
      did.push(['call back', url, key.toString(), message])
    },
    emit: (figures: { name: string; value: number }[]) =>
      void did.push(figures.filter(({ name }) => ['Runs', 'RunsBroken'].includes(name))),
  } as unknown as NotifyServices
  return { did, notify: notify(services) }
}

type Status = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED'
const changed = (status: Status, kind = 'run') => ({
  id: 'event-1',
  source: 'aws.states',
  'detail-type': 'Step Functions Execution Status Change',
  resources: [],
  detail: { name: `${kind}-1`, executionArn: `arn:${kind}:${kind}-1`, status },
})
const arn = 'arn:run:run-1'

describe('the end of an execution', () => {
  const runs = (outcome: string, cause: string) => ({ name: 'Runs', value: 1, by: { outcome, cause } })
  it.each<[why: string, status: Status, history: object[], detail: object, line: object, broken: number]>([
    [
      'with a report',
      'SUCCEEDED',
      [began(), ...answering('Report', reportOf()), succeeded],
      { summary: reportOf().summary, report: reportOf() },
      { outcome: 'enabled', cause: null, ...binding },
      0,
    ],
    [
      'that was stopped',
      'ABORTED',
      [began(), aborted],
      { summary: 'Stopped: no', report: null },
      { outcome: 'failed', cause: 'Stopped' },
      0,
    ],
    [
      'that failed by a name of ours',
      'FAILED',
      [began(), { type: 'TaskStateEntered', stateEnteredEventDetails: { name: 'AwaitCluster' } }, failed],
      { summary: 'Refused: not today', report: null },
      { outcome: 'failed', cause: 'Refused' },
      0,
    ],
    [
      'that took too long, of which the history does not say so yet',
      'TIMED_OUT',
      [began()],
      { summary: 'TIMED_OUT', report: null },
      { outcome: 'failed', cause: 'TimedOut' },
      0,
    ],
    [
      'that failed, of which there is no history any more',
      'FAILED',
      [],
      { summary: 'FAILED', report: null },
      { outcome: 'failed', cause: 'Other' },
      1,
    ],
  ])(
    'becomes an event of ours, figures and a line of the log: one %s',
    async (_why, status, history, detail, line, broken) => {
      const { did, notify } = stageOf({ history })
      expect(await notify(changed(status))).toEqual(line)
      const { outcome, cause } = line as { outcome: string; cause: string | null }
      expect(did).toEqual([
        `once end/${arn}`,
        { type: 'Run Finished', resources: [arn], detail: { run: 'run-1', arn, status, ...detail } },
        [runs(outcome, cause ?? 'none'), { name: 'RunsBroken', value: broken }],
      ])
      // As often as Step Functions tells of it, it is one.
      expect(await notify({ ...changed(status), id: 'event-2' })).toBeUndefined()
      expect(did.slice(3)).toEqual([`once end/${arn}`])
    },
  )

  it('is told of again where the execution was redriven, and so ends once more', async () => {
    const { did, notify } = stageOf({ history: [began(), failed] })
    const event = changed('FAILED')
    for (const redriveCount of [0, 1, 1, 2])
      await notify({ ...event, detail: { ...event.detail, redriveCount } })
    expect(did.filter((one) => typeof one === 'string')).toEqual([
      `once end/${arn}`,
      `once end/${arn}/1`,
      `once end/${arn}/1`,
      `once end/${arn}/2`,
    ])
    expect(JSON.stringify(did).split('Run Finished')).toHaveLength(4)
  })

  it('is none while a run is under way', async () => {
    const { did, notify } = stageOf({ history: [began()] })
    expect(await notify(changed('RUNNING'))).toBeUndefined()
    expect(did).toEqual([])
  })

  /** A report whose event has so many bytes. */
  const sized = async (bytes: number, found = '') => {
    const findings = Array.from({ length: 21 }, (_, index) => ({
      code: `c-${index}`,
      found: index ? 'x' : found,
    }))
    const report = reportOf({ findings, credentials: { pods: ['p'] } })
    const history = [began(), ...answering('Report', report), succeeded]
    const { did, notify } = stageOf({ history })
    await notify(changed('SUCCEEDED'))
    const [, event] = did as [string, PodidEvent & { type: 'Run Finished' }]
    const whole = { ...event.detail, report }
    const missing = bytes - Buffer.byteLength(JSON.stringify(whole))
    return { event, report, missing }
  }
  it.each([
    ['is told whole in less than 200,000 bytes', 199_999, true],
    ['is shortened from there on', 200_000, false],
  ])('a report %s', async (_why, bytes, whole) => {
    const { missing } = await sized(bytes)
    const { event, report, missing: none } = await sized(bytes, 'x'.repeat(missing))
    expect(none).toBe(0)
    expect(event.detail.report).toEqual(
      whole ? report : { ...report, findings: report.findings.slice(0, 20), credentials: null },
    )
  })

  it('that left no report is told of, however long its words are', async () => {
    const cause = 'x'.repeat(210_000)
    const end = { type: 'ExecutionFailed', executionFailedEventDetails: { error: 'Refused', cause } }
    const { did, notify } = stageOf({ history: [began(), end] })
    await notify(changed('FAILED'))
    expect(did[1]).toMatchObject({ detail: { report: null, summary: expect.stringMatching(/^Refused: x+/) } })
  })
})

describe('a change of a rollout', () => {
  it('is its message when it begins', async () => {
    const { did, notify } = stageOf({ history: [began()], origin: null })
    expect(await notify(changed('RUNNING', 'rollout'))).toBeUndefined()
    expect(did).toEqual([
      'once RUNNING/arn:rollout:rollout-1',
      ['post', 'C0PODID', expect.objectContaining({ text: expect.stringContaining('rollout-1') })],
    ])
  })
  it('is none in Slack where the stage has no bot', async () => {
    const { did, notify } = stageOf({ history: [began()], without: ['slack'] })
    await notify(changed('RUNNING', 'rollout'))
    expect(did).toEqual(['once RUNNING/arn:rollout:rollout-1'])
  })
  const report = { summary: 'all is well', counts: {}, waves: [], digest: [] }
  it.each<[why: string, status: Status, history: object[], summary: string, report: object | null]>([
    [
      'with its report',
      'SUCCEEDED',
      [began(), ...answering('Report', report), succeeded],
      'all is well',
      report,
    ],
    ['with what Step Functions says', 'ABORTED', [began()], 'ABORTED', null],
    ['with why it failed', 'FAILED', [began(), failed], 'not today', null],
  ])('is an event of ours when it ends, %s', async (_why, status, history, summary, report) => {
    const { did, notify } = stageOf({ history })
    expect(await notify(changed(status, 'rollout'))).toBeUndefined()
    const rollout = 'arn:rollout:rollout-1'
    expect(did).toEqual([
      `once ${status}/${rollout}`,
      {
        type: 'Rollout Finished',
        resources: [rollout],
        detail: { rollout: 'rollout-1', arn: rollout, status, summary, report },
      },
    ])
  })
})

const finished: RunFinished = {
  run: 'run-1',
  arn,
  status: 'SUCCEEDED',
  summary: 'carts/carts on shop runs with the credentials of carts',
  report: null,
}
const eventOf = (type: string, detail: object) => ({
  id: 'event-1',
  source: 'podid',
  'detail-type': type,
  resources: ['arn:one'],
  detail,
})
const notificationOf = (event: ReturnType<typeof eventOf>) =>
  amazonQNotification({ ...event, type: event['detail-type'] } as never)
const told = async (world: World, event: ReturnType<typeof eventOf>) => {
  const { did, notify } = stageOf(world)
  expect(await notify(event)).toBeUndefined()
  return did
}
const runEvent = eventOf('Run Finished', finished)
const shown = (text: string) =>
  ['post', 'C0PODID', expect.objectContaining({ text: expect.stringContaining(text) })] as const
const calledBack = (type: string, run: string, data: object) => [
  'call back',
  'https://ci.example/done',
  current,
  { id: `${run}.finished`, type, data },
]

describe('what is told of the end of a run', () => {
  const whole = [
    'once event-1/topic',
    'once event-1/slack',
    'once event-1/callback',
    ['publish', notificationOf(runEvent)],
    'turn slack/C0PODID',
    'sleep 0',
    shown('Enable carts/carts on shop: Refused: not today'),
    calledBack('run.finished', 'run-1', finished),
  ]
  const history = [began(), failed]
  const undoneBy = expect.objectContaining({
    elements: [{ type: 'mrkdwn', text: 'undone by the run `run-1`' }],
  })
  it('is told in the topic, in Slack, and to its caller with the newest secret', async () => {
    const did = await told({ history }, runEvent)
    expect(did).toHaveLength(whole.length)
    for (const one of whole) expect(did).toContainEqual(one)
  })
  it.each<[why: string, without: World['without'], keys: string[]]>([
    ['no topic', ['topic'], ['once event-1/slack', 'once event-1/callback']],
    ['no bot', ['slack'], ['once event-1/topic', 'once event-1/callback']],
  ])('is told to the others where the stage has %s', async (_why, without, keys) => {
    const did = await told({ history, without: without ?? [] }, runEvent)
    expect(did.filter((one) => String(one).startsWith('once'))).toEqual(keys)
  })
  it.each<[waitMs: number, slept: number]>([
    [1100, 1100],
    [30_000, 30_000],
    [45_000, 30_000],
  ])('waits for its turn in Slack, and not for long: %i', async (waitMs, slept) => {
    expect(await told({ history, waitMs }, runEvent)).toContain(`sleep ${slept}`)
  })
  it.each<[why: string, world: World]>([
    ['a user of Slack', { by: 'slack:ci' }],
    ['a caller without a URL', { by: 'caller:backstage' }],
    ['a caller whose name goes on', { by: 'caller:ci2' }],
    ['nobody', { by: null }],
    ['somebody by hand', { origin: null }],
    ['whom nobody has noted', { noted: false }],
  ])('calls nobody back where it was requested by %s', async (_why, world) => {
    const did = await told({ history, ...world }, runEvent)
    expect(did.filter((one) => Array.isArray(one) && one[0] === 'call back')).toEqual([])
  })
  it('says which caller has no secret', async () => {
    const { notify } = stageOf({ history, secrets: `other=${whsec(old)}` })
    await expect(notify(runEvent)).rejects.toThrow('the caller ci has a callback in podid.yaml and no secret')
  })
  it.each<[deaf: NonNullable<World['deaf']>, why: string, reached: string[]]>([
    ['topic', 'topic cannot be reached', ['post', 'call back']],
    ['callback', 'callback cannot be reached', ['publish', 'post']],
    ['both', 'topic cannot be reached', ['post']],
  ])('reaches the others where %s cannot be reached, and says so', async (deaf, why, reached) => {
    const { did, notify } = stageOf({ history, deaf })
    await expect(notify(runEvent)).rejects.toThrow(why)
    expect(did.flatMap((one) => (Array.isArray(one) ? [String(one[0])] : [])).toSorted()).toEqual(
      reached.toSorted(),
    )
  })
  it('is none of a rollout’s run, which is told of with the others', async () => {
    expect(await told({ history }, eventOf('Run Finished', { ...finished, run: 'rollout-1-carts' }))).toEqual(
      [],
    )
  })
  it('is told at the run that it has undone, too', async () => {
    const report = reportOf({ outcome: 'undone', summary: 'undone' })
    const undid = [began({ mode: 'undo', before }), ...answering('Report', report), succeeded]
    const { did, notify } = stageOf({ histories: { 'run-1': undid }, history, by: null })
    // That one has a message.
    await notify(eventOf('Run Approval Requested', { run: 'run-0', changes: [], findings: [] }))
    did.length = 0
    await notify({ ...runEvent, id: 'event-2' })
    const messages = did.filter((one) => Array.isArray(one) && ['post', 'update'].includes(one[0]))
    expect(messages).toEqual([
      shown('undone'),
      ['update', expect.objectContaining({ blocks: expect.arrayContaining([undoneBy]) })],
    ])
  })
})

describe('what is told of other things', () => {
  const gate = { wave: 2, waves: 3, bindings: 1, clusters: 1, plan: 'p', before: 'well', places: [] }
  const question = {
    approval: 'a',
    run: 'run-1',
    cluster: 'shop',
    region: 'us-west-2',
    namespace: 'carts',
    workload: null,
    changes: [],
    plan: 'p',
    findings: [],
    expiresAt: '2026-11-23T07:00:00Z',
  }
  const digest: DriftDigest = {
    day: '2026-11-26',
    drifted: [],
    notChecked: [],
    total: { drifted: 1, notChecked: 0 },
    stopped: null,
  }
  const rolloutEnd = { rollout: 'rollout-1', arn, status: 'ABORTED', summary: 'stopped', report: null }
  const posted = shown('rollout-1')
  it.each<[type: string, detail: object, done: (event: ReturnType<typeof eventOf>) => unknown[]]>([
    [
      'Run Approval Requested',
      question,
      (event) => [
        'once event-1/topic',
        'once event-1/slack',
        ['publish', notificationOf(event)],
        'turn slack/C0PODID',
        'sleep 0',
        shown('carts/carts on shop'),
      ],
    ],
    [
      'Run Approval Requested',
      { ...question, run: 'rollout-1', gate },
      (event) => ['once event-1/topic', 'once event-1/slack', ['publish', notificationOf(event)], posted],
    ],
    ['Rollout Wave Judged', { rollout: 'rollout-1' }, () => ['once event-1/slack', posted]],
    [
      'Rollout Finished',
      rolloutEnd,
      (event) => [
        'once event-1/topic',
        'once event-1/slack',
        'once event-1/callback',
        ['publish', notificationOf(event)],
        posted,
        calledBack('rollout.finished', 'rollout-1', rolloutEnd),
      ],
    ],
    [
      'Drift Digest',
      digest,
      (event) => [
        'once event-1/topic',
        'once event-1/slack',
        ['publish', notificationOf(event)],
        ['post', 'C0PODID', digestMessage(digest)],
      ],
    ],
    ['Drift Found', { cluster: 'shop' }, () => []],
    ['Run Still Under Way', { run: 'run-1' }, () => []],
  ])('%s', async (type, detail, done) => {
    const event = eventOf(type, detail)
    const did = await told({ history: [began()] }, event)
    const expected = done(event)
    expect(did).toHaveLength(expected.length)
    for (const one of expected) expect(did).toContainEqual(one)
  })
  it('a digest is not told in Slack where podid.yaml names no channel', async () => {
    const did = await told({ without: ['channel'] }, eventOf('Drift Digest', digest))
    expect(did).toContain('once event-1/topic')
    expect(did).not.toContain('once event-1/slack')
  })
})

it('its handler takes no event without an id, by which each is told once', async () => {
  const runtime = surroundings()
  const { id: _, ...event } = runEvent
  await expect(create(runtime)(event)).rejects.toMatchObject({
    message: expect.stringMatching(/^Notify was called with a faulty input: id: /),
  })
  expect(runtime.lines).toMatchObject([{ level: 'warn', message: 'Notify' }])
})

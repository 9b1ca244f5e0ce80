import { describe, expect, it } from 'vitest'
import { Transient } from '../../../core/errors.ts'
import { groupsOf } from '../../../functions/support/groups.ts'
import { editTrust, roleNameOf } from '../../../functions/support/migration/trust.ts'
import { optionalSetting, ownAccessEntries, setting } from '../../../functions/support/settings.ts'
import { starter } from '../../../functions/support/starter.ts'
import { openTooLong } from '../../../functions/support/sweep/open-runs.ts'
import { takeTurn } from '../../../functions/support/turn.ts'
import { skippingClock } from '../../support/scripted-connection.ts'
import { surroundings } from '../middleware/support.ts'

describe('a setting of a function', () => {
  const entry = { principalArn: 'arn:aws:iam::1:role/r', kubernetesGroups: ['podid'] }
  const env = { PODID_STAGE: 'dev', PODID_TOPIC_ARN: '', PODID_ACCESS_ENTRIES: JSON.stringify([entry]) }
  it('is what the stack gives', () => {
    expect(setting({ env }, 'PODID_STAGE')).toBe('dev')
    expect(ownAccessEntries({ env })).toEqual([entry])
    expect(ownAccessEntries({ env: {} })).toEqual([])
  })
  it('is missing where it is empty, or nothing has an environment', () => {
    const runtimes = [{ env }, { env: {} }, {}]
    for (const runtime of runtimes) {
      expect(optionalSetting(runtime, 'PODID_TOPIC_ARN')).toBeUndefined()
      expect(() => setting(runtime, 'PODID_TOPIC_ARN')).toThrow(
        'the environment variable PODID_TOPIC_ARN is not set; the stack gives it to the function',
      )
    }
  })
})

describe('groups of a Slack user', () => {
  const config = { access: [{ groups: ['S1', 'S2'], may: ['plan'] }] } as never
  const members: Record<string, string[]> = { S1: ['U1'], S2: ['U1', 'U2'] }
  const slack = (asked: string[]) => ({
    membersOf: async (group: string) => {
      asked.push(group)
      return members[group] ?? []
    },
  })
  it('are asked for once a minute', async () => {
    const runtime = surroundings()
    const asked: string[] = []
    const services = { config, slack: slack(asked) }
    expect(await groupsOf(runtime, services, 'U1')).toEqual(['S1', 'S2'])
    runtime.at(59_999)
    expect(await groupsOf(runtime, services, 'U2')).toEqual(['S2'])
    expect(await groupsOf(runtime, services, 'U3')).toEqual([])
    expect(asked).toEqual(['S1', 'S2'])
    runtime.at(60_000)
    await groupsOf(runtime, services, 'U1')
    expect(asked).toEqual(['S1', 'S2', 'S1', 'S2'])
  })
  it('are none where no grant names any, or there is no Slack', async () => {
    const asked: string[] = []
    expect(
      await groupsOf(surroundings(), { config: { access: [] } as never, slack: slack(asked) }, 'U1'),
    ).toEqual([])
    expect(await groupsOf(surroundings(), { config, slack: undefined }, 'U1')).toEqual([])
    expect(asked).toEqual([])
  })
})

describe('editing a trust policy', () => {
  /** What IAM shows, look by look, the last of it from then on. */
  const edited = async (shown: (string | undefined)[], action: 'write' | 'none' | 'keep' = 'write') => {
    const clock = skippingClock()
    const started = clock.now()
    const written: unknown[] = []
    const looks = [...shown]
    const result = await editTrust(
      {
        readTrust: async () => (looks.length > 1 ? looks.shift() : looks[0]),
        writeTrust: async (...given) => void written.push(given),
      },
      'carts',
      () => ({ action, text: 'new', why: 'somebody changed it' }) as never,
      (text) => text === 'new',
      { clock },
    ).catch((error: Error) => `${error.name}: ${error.message}`)
    return { result, written, ms: clock.now() - started }
  }
  const write = [['carts', 'new']]
  it.each<[why: string, shown: (string | undefined)[], action: 'write' | 'none' | 'keep', found: object]>([
    ['IAM shows it after two seconds', ['old', 'new'], 'write', { result: true, written: write, ms: 2000 }],
    ['after four', ['old', 'old', 'new'], 'write', { result: true, written: write, ms: 4000 }],
    ['after eight', ['old', 'old', undefined, 'new'], 'write', { result: true, written: write, ms: 8000 }],
    [
      'never',
      ['old'],
      'write',
      {
        result:
          'Conflict: the trust policy of role carts was written, and IAM shows another one: somebody else writes it too',
        written: write,
        ms: 8000,
      },
    ],
    ['there is nothing to do', ['new'], 'none', { result: false, written: [], ms: 0 }],
    [
      'somebody has changed it',
      ['old'],
      'keep',
      {
        result: 'Refused: the trust policy of role carts stays as it is: somebody changed it',
        written: [],
        ms: 0,
      },
    ],
    [
      'there is no role',
      [undefined],
      'write',
      { result: 'Refused: there is no role carts any more', written: [], ms: 0 },
    ],
  ])('%s', async (_why, shown, action, found) => {
    expect(await edited(shown, action)).toEqual(found)
  })
  it('is of the role by its name, without its path', () => {
    expect(roleNameOf('arn:aws:iam::1:role/shop/carts')).toBe('carts')
  })
})

describe('starting a run', () => {
  const binding = { cluster: 'shop', region: 'eu-north-1', namespace: 'n', serviceAccount: 's' }
  const started = async (
    mode: 'enable' | 'plan' | undefined,
    latest?: string,
    found?: string,
    { earlier = false, logs = true } = {},
  ) => {
    const did: unknown[] = []
    const logged: unknown[] = []
    const answer = await starter({
      executions: {
        start: async (run: string, input: unknown) => void did.push(['start', run, input]),
        find: async (run: string) =>
          run === latest && found
            ? ({ status: found } as never)
            : earlier
              ? ({ status: 'SUCCEEDED' } as never)
              : undefined,
      } as never,
      runs: {
        latest: async () => latest && { value: { run: latest, mode: 'enable', at: 0 }, version: 1 },
        takeTurn: async (key: unknown, turn: object) => did.push(['turn', key, turn]) > 0,
        note: async (run: string, record: unknown) => void did.push(['note', run, record]),
      } as never,
      now: () => 0,
      ...(logs && { log: { info: (...line: unknown[]) => void logged.push(line) } }),
    })({
      input: { ...binding, role: 'r', ...(mode ? { mode } : {}) } as never,
      origin: { trigger: 'webhook', by: 'caller:ci' },
      cause: ['ci', 'msg_1'],
    })
    return { answer, did, logged }
  }
  const origin = { trigger: 'webhook', by: 'caller:ci' }

  it('takes its turn, notes where it comes from, starts it and says so', async () => {
    const { answer, did, logged } = await started(undefined)
    const { run } = answer
    expect(answer).toEqual({ outcome: 'started', run: expect.stringMatching(/webhook/) })
    expect(did).toEqual([
      ['turn', binding, { run, mode: 'enable' }],
      ['note', run, { origin, message: null, approval: null }],
      ['start', run, { ...binding, role: 'r' }],
    ])
    expect(logged).toEqual([['a run was started', { ...binding, trigger: 'webhook', run }]])
  })
  it('does so under the same name when the same cause comes again', async () => {
    const [one, again, plan] = [await started(undefined), await started('enable'), await started('plan')]
    expect(again.answer).toEqual(one.answer)
    expect(plan.answer.run).not.toBe(one.answer.run)
  })
  it('waits for no turn to plan', async () => {
    const { answer, did } = await started('plan', 'run-0', 'RUNNING')
    expect(answer.outcome).toBe('started')
    expect(did.map((one) => (one as unknown[])[0])).toEqual(['note', 'start'])
  })
  it('lets a late duplicate go on, which must not pass for the latest run', async () => {
    const { answer, did } = await started('enable', 'run-0', 'RUNNING', { earlier: true })
    expect(answer.outcome).toBe('started')
    expect(did.map((one) => (one as unknown[])[0])).toEqual(['note', 'start'])
  })
  it('needs no log', async () => {
    const quiet = { logs: false }
    expect((await started(undefined, undefined, undefined, quiet)).answer.outcome).toBe('started')
    expect((await started('enable', 'run-0', 'RUNNING', quiet)).answer.outcome).toBe('under-way')
  })
  it('starts none beside one that is under way', async () => {
    const { answer, did, logged } = await started('enable', 'run-0', 'RUNNING')
    expect(answer).toEqual({ outcome: 'under-way', run: 'run-0' })
    expect(did).toEqual([])
    expect(logged).toEqual([['a run is under way already', { ...binding, trigger: 'webhook', run: 'run-0' }]])
  })
})

it('gives up a turn for which others were faster every time', async () => {
  let tries = 0
  const services = {
    executions: { find: async () => undefined },
    runs: { latest: async () => undefined, takeTurn: async () => ++tries < 0 },
    now: () => 0,
  }
  const key = { cluster: 'shop', region: 'r', namespace: 'n', serviceAccount: 's' }
  await expect(takeTurn(services, key, { run: 'run-1', mode: 'enable' })).rejects.toMatchObject({
    name: 'Transient',
    message: 'many runs of s on shop are being started at once',
  })
  expect(tries).toBe(10)
})

describe('runs that are open for too long', () => {
  const now = Date.UTC(2026, 10, 23)
  const ago = (hours: number) => new Date(now - hours * 3_600_000).toISOString()
  const looked = async (open: { run: string; startedAt: string }[] | Error) => {
    const asked: unknown[] = []
    const { log, lines } = surroundings()
    const found = await openTooLong({
      executions: {
        list: async (...given: unknown[]) => {
          asked.push(given)
          if (open instanceof Error) throw open
          return open
        },
        find: async (run: string) => {
          asked.push(run)
          return (open as { run: string; startedAt: string }[]).find(
            (one) => one.run === run && run !== 'gone',
          )
        },
      } as never,
      now: () => now,
      log,
    })
    return { found, asked, lines }
  }
  it('are those that took longer than their limits, asked for only where they are old', async () => {
    const open = [
      { run: 'old', startedAt: ago(24 * 40) },
      { run: 'gone', startedAt: ago(24 * 40) },
      { run: 'new', startedAt: ago(0) },
    ]
    const { found, asked } = await looked(open)
    expect(found).toEqual(['old'])
    expect(asked).toEqual([[2000, 'RUNNING'], 'old', 'gone'])
  })
  it('are not known where Step Functions does not answer, which is in the log', async () => {
    const { found, lines } = await looked(new Transient('throttled'))
    expect(found).toBeNull()
    expect(lines).toEqual([
      { level: 'warn', message: 'open runs were not looked at', data: { why: 'throttled' } },
    ])
  })
})

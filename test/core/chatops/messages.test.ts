import { describe, expect, it } from 'vitest'
import { amazonQNotification } from '../../../core/chatops/amazon-q.ts'
import { digestMessage } from '../../../core/chatops/drift-message.ts'
import { code, codeBlock, literal } from '../../../core/chatops/mrkdwn.ts'
import { type RunMessageFacts, runMessage } from '../../../core/chatops/run-message.ts'
import { viewRun } from '../../../core/chatops/run-view.ts'
import { Finding, type Remedy } from '../../../core/findings.ts'
import type { RunEvent } from '../../../core/run-events/event.ts'
import { clip } from '../../../core/text/clip.ts'
import { unprintable } from '../../../core/text/unprintable.ts'
import { foreign, foreignReport } from '../../support/foreign.ts'
import { startSlackWorkspace } from './support.ts'

const at = '2026-11-23T07:00:00Z'
const run = 'slack-shop-1-carts-0'
const step = (name: string) => ({ at, run, step: name, visit: 1 })
const hostile = '<!channel> *bold* `code` </script> & \u202e\u0007\n```'

const facts = (events: RunEvent[], change: Partial<RunMessageFacts> = {}): RunMessageFacts => ({
  run,
  undoable: false,
  input: { cluster: 'shop-1', namespace: 'carts', serviceAccount: 'carts', workload: 'deployment/carts' },
  view: viewRun(events),
  record: {
    origin: { trigger: 'slack', by: 'slack:U0ADA' },
    message: null,
    approval: null,
  },
  approval: undefined,
  ...change,
})

const finding = (
  change: Partial<Omit<Finding, 'code' | 'remedy'>> & { code?: string; remedy?: Remedy } = {},
): Finding =>
  Finding.parse({
    code: 'trust-missing',
    severity: 'blocking',
    subject: 'role carts',
    found: 'does not trust pods.eks.amazonaws.com',
    remedy: { advice: 'Mend the trust policy.', command: 'aws iam update-assume-role-policy …' },
    ...change,
  })

const textOf = (message: { blocks: object[] }): string => JSON.stringify(message.blocks)

/** Every text of a message, but for what is shown as it is and acts on nothing: a header, a button. */
const mrkdwnIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values('type' in value && value.type === 'plain_text' ? {} : value).flatMap(mrkdwnIn)
}

describe('text from outside', () => {
  it('mentions nobody, links nowhere and hides nothing', () => {
    for (const escaped of [literal, code, codeBlock]) {
      const text = escaped(hostile)
      expect(text).not.toMatch(/[<>\u202e]/)
      expect(text).not.toContain('\u0007')
      expect(text.replace(/&(?:amp|lt|gt);/g, '')).not.toContain('&')
    }
  })

  it('acts in no message, in whatever field it stands', () => {
    for (let round = 0; round < 50; round++) {
      const report = foreignReport()
      const events: RunEvent[] = [
        { type: 'step.started', ...step('VerifyRole') },
        { type: 'step.succeeded', ...step('VerifyRole'), duration: 1, message: foreign() },
        { type: 'rollout.progress', ...step('WatchRollout'), state: foreign(), message: foreign() },
        ...report.findings.map((one): RunEvent => ({ type: 'finding', ...step('VerifyRole'), finding: one })),
        {
          type: 'run.failed',
          at,
          run,
          duration: 1,
          status: 'FAILED',
          error: foreign(),
          message: foreign(),
          findings: report.findings,
          report,
        },
      ]
      const input = { cluster: foreign(), namespace: foreign(), workload: foreign() }
      const detail = { run, arn: 'arn', status: 'FAILED' as const, summary: report.summary, report }
      const { findings } = report
      const place = { binding: foreign(), cluster: foreign(), region: 'r' }
      const digest = {
        day: '2026-11-26',
        drifted: [
          { ...place, findings, run: null, undoneBy: null, held: foreign(), since: '2026-11-26T00:00:00Z' },
        ],
        notChecked: [{ cluster: foreign(), region: 'r', findings }],
        total: { drifted: 1, notChecked: 1 },
        stopped: foreign(),
      }
      const shown = [
        runMessage(facts(events, { input, undoable: true })),
        digestMessage(digest),
        amazonQNotification({ type: 'Run Finished', resources: [], detail }),
        amazonQNotification({
          type: 'Drift Digest',
          resources: [],
          detail: digest,
        }),
      ]
      for (const text of mrkdwnIn(shown)) {
        // The word joiner is ours; so are mentions of who asked.
        expect(text.match(unprintable)?.filter((one) => one !== '\u2060') ?? []).toEqual([])
        expect(text.replaceAll('<@U0ADA>', '')).not.toMatch(/[<>]/)
        expect((text.match(/```/g) ?? []).length % 2).toBe(0)
      }
    }
  })

  it('cannot leave a code span or block', () => {
    expect(code('a`b').slice(1, -1)).not.toContain('`')
    expect(codeBlock('a```b').slice(3, -3)).not.toContain('`')
  })

  it('is cut between characters, not within one', () => {
    expect(clip('abcdef', 4)).toBe('abc…')
    expect(clip('ab👍cd', 4)).toBe('ab…')
  })
})

describe('a run’s view', () => {
  it('keeps the last visit of a step, its progress and its retries', () => {
    const view = viewRun([
      { type: 'step.started', ...step('WatchRollout') },
      { type: 'rollout.progress', ...step('WatchRollout'), state: 'progressing', message: '1 of 2 updated' },
      { type: 'step.succeeded', ...step('WatchRollout'), duration: 55 },
      { type: 'step.started', ...step('WatchRollout') },
      { type: 'step.started', ...step('EnsureAssociation') },
      {
        type: 'step.retrying',
        ...step('EnsureAssociation'),
        attempt: 1,
        of: 6,
        seconds: 1,
        error: 'Transient',
        message: 'throttled',
      },
      { type: 'step.started', ...step('RolloutState') },
    ])
    expect(view.steps).toEqual([
      { step: 'WatchRollout', label: 'Rollout', state: 'running' },
      { step: 'EnsureAssociation', label: 'Associate', state: 'retrying', note: 'Transient, retry 1/6' },
    ])
  })
})

describe('a run’s message', () => {
  it('marks a check that found what prevents the run as one that failed, though it came to its end', () => {
    const events: RunEvent[] = [
      { type: 'step.started', ...step('CheckAgent') },
      { type: 'step.started', ...step('VerifyRole') },
      { type: 'finding', ...step('CheckAgent'), finding: finding({ severity: 'warning' }) },
      { type: 'finding', ...step('VerifyRole'), finding: finding() },
      { type: 'step.succeeded', ...step('CheckAgent'), duration: 1 },
      { type: 'step.succeeded', ...step('VerifyRole'), duration: 1 },
    ]
    const text = textOf(runMessage(facts(events)))
    expect(text).toContain('✔ *Agent*')
    expect(text).toContain('✖ *Role*')
  })

  it('offers no undo of a run that another one has undone', () => {
    const end: RunEvent = { type: 'run.succeeded', at, run, duration: 1, findings: [], report: null }
    const record = { origin: null, message: null, approval: null }
    const before = textOf(runMessage(facts([end], { undoable: true, record })))
    expect(before).toContain('"action_id":"undo"')
    const after = textOf(
      runMessage(facts([end], { undoable: true, record: { ...record, undoneBy: 'undo-1' } })),
    )
    expect(after).not.toContain('"action_id":"undo"')
    expect(after).toContain('undone by the run `undo-1`')
  })

  it('says who asked for what, and shows findings with their remedies', () => {
    const message = runMessage(facts([{ type: 'finding', ...step('VerifyRole'), finding: finding() }]))
    for (const text of [
      'Enable carts/carts on shop-1',
      'requested by <@U0ADA>',
      '`role carts`',
      'update-assume-role-policy',
    ])
      expect(textOf(message)).toContain(text)
  })

  it.each<[why: string, record: RunMessageFacts['record'], shown: string]>([
    ['by hand', undefined, 'started by hand'],
    ['by hand, and shown already', { origin: null, message: null, approval: null }, 'started by hand'],
    [
      'by a caller',
      { origin: { trigger: 'webhook', by: 'caller:ci' }, message: null, approval: null },
      'through the webhook by `ci`',
    ],
    [
      'by the sweep',
      { origin: { trigger: 'sweep', by: null }, message: null, approval: null },
      'started by the sweep',
    ],
  ])('says where a run came from: %s', (_why, record, shown) => {
    expect(textOf(runMessage(facts([], { record })))).toContain(shown)
  })

  it('survives an input that nobody checked', () => {
    for (const input of [null, 'text', [], { mode: 'constructor', cluster: 7, namespace: hostile }]) {
      const { text, blocks } = runMessage(facts([], { input }))
      expect(text).toMatch(/^Enable /)
      expect(JSON.stringify(blocks)).not.toContain('function')
    }
  })

  it('asks once, and says who answered', () => {
    const question = {
      approval: 'a'.repeat(32),
      run,
      cluster: 'shop-1',
      region: 'us-west-2',
      namespace: 'carts',
      workload: null,
      changes: [
        {
          kind: 'association' as const,
          subject: 'carts/carts',
          action: 'create an association',
          state: 'planned' as const,
          undone: false,
        },
      ],
      plan: 'b'.repeat(32),
      findings: [],
      expiresAt: at,
    }
    const open = runMessage(facts([], { approval: { question, answer: null } }))
    expect(textOf(open)).toMatch(/"approve".*"decline"/)
    const answer = { approved: false, by: 'slack:U0BOB', at }
    const answered = runMessage(facts([], { approval: { question, answer } }))
    expect(textOf(answered)).toContain('Declined by <@U0BOB>')
    expect(textOf(answered)).not.toContain('"approve"')
    const ended: RunEvent = {
      type: 'run.failed',
      at,
      run,
      duration: 1,
      status: 'FAILED',
      error: 'Declined',
      message: 'nobody answered',
      findings: [],
    }
    const late = runMessage(facts([ended], { approval: { question, answer: null } }))
    expect(textOf(late)).not.toContain('"approve"')
  })

  it('stays within what Slack takes, whatever there is to say', () => {
    const slack = startSlackWorkspace()
    const long = (length: number) => '<&>*'.repeat(length / 4)
    const findings = Array.from({ length: 60 }, (_, index) =>
      finding({
        code: `c-${index}`,
        subject: long(500),
        found: long(5000),
        remedy: { advice: long(5000), command: long(9000) },
      }),
    )
    const events = findings.map((one): RunEvent => ({ type: 'finding', ...step('VerifyRole'), finding: one }))
    const failed: RunEvent = {
      type: 'run.failed',
      at,
      run,
      duration: 1,
      status: 'FAILED',
      error: 'PreflightFailed',
      message: long(20_000),
      findings,
    }
    for (const shown of [events, [...events, failed], [failed]]) {
      expect(slack.call('chat.postMessage', { channel: 'C0', ...runMessage(facts(shown)) })).toMatchObject({
        ok: true,
      })
    }
    const place = { binding: 'carts', cluster: 'shop-1', region: 'us-west-2' }
    const drift = { ...place, findings, run: null, undoneBy: null, held: null, since: '2026-11-26T00:00:00Z' }
    const digest = {
      day: '2026-11-26',
      drifted: Array.from({ length: 100 }, () => drift),
      notChecked: Array.from({ length: 100 }, () => ({ cluster: 'shop-1', region: 'us-west-2', findings })),
      total: { drifted: 250, notChecked: 100 },
      stopped: null,
    }
    const message = digestMessage(digest)
    expect(message.text).toBe('⚠ 250 bindings are not as declared, and 100 clusters could not be checked')
    expect(JSON.stringify(message.blocks)).toMatch(/and \d+ more/)
    expect(slack.call('chat.postMessage', { channel: 'C0', ...message })).toMatchObject({
      ok: true,
    })
  })
})

it.each([8, 33, 200])(
  'an approval of a run with %i findings has its buttons, and says what was left out',
  (count) => {
    const slack = startSlackWorkspace()
    const findings = Array.from({ length: count }, (_, index) =>
      finding({
        code: `c-${index}`,
        found: 'x'.repeat(700),
        remedy: { advice: 'y'.repeat(400), command: 'z & '.repeat(300) },
      }),
    )
    const question = {
      approval: 'abc',
      run,
      cluster: 'shop-1',
      region: 'us-west-2',
      namespace: 'carts',
      workload: null,
      changes: Array.from({ length: count }, (_, index) => ({
        kind: 'access-entry' as const,
        subject: 'podid',
        action: `change ${index} ${'c'.repeat(500)}`,
        state: 'planned' as const,
        undone: false,
      })),
      plan: 'def',
      findings,
      expiresAt: at,
    }
    const events = findings.map((one): RunEvent => ({ type: 'finding', ...step('VerifyRole'), finding: one }))
    const message = runMessage(facts(events, { approval: { question, answer: null } }))
    expect(slack.call('chat.postMessage', { channel: 'C0', ...message })).toMatchObject({ ok: true })
    expect(textOf(message)).toMatch(/"action_id":"approve".*"action_id":"decline"/)
    expect(textOf(message)).toContain('This run would')
    expect(textOf(message)).toMatch(/and \d+ more, in the history of the execution `slack-shop-1-carts-0`/)
  },
)

describe('a notification for Amazon Q', () => {
  it('has the form that it takes, and one thread for a run', () => {
    const detail = {
      run,
      arn: 'arn:aws:states:x',
      status: 'FAILED' as const,
      summary: `failed: ${hostile}`,
      report: null,
    }
    const notification = amazonQNotification({
      type: 'Run Finished',
      resources: ['arn:aws:states:x'],
      detail,
    })
    expect(notification).toMatchObject({
      version: '1.0',
      source: 'custom',
      content: { textType: 'client-markdown' },
      metadata: { threadId: run, eventType: 'Run Finished', relatedResources: ['arn:aws:states:x'] },
    })
    expect(notification?.content.title).not.toContain('<!channel>')
    // Without a report nothing was seen.
    expect(notification?.content.description).toMatch(/^It left no report/)
  })

  it('is not made of events that are not shown to people', () => {
    expect(
      amazonQNotification({ type: 'Run Still Under Way', resources: [], detail: { run } }),
    ).toBeUndefined()
  })
})

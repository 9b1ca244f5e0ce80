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

describe('a run’s message', () => {
  it('survives an input that nobody checked', () => {
    for (const input of [null, 'text', [], { mode: 'constructor', cluster: 7, namespace: hostile }]) {
      const { text, blocks } = runMessage(facts([], { input }))
      expect(text).toMatch(/^Enable /)
      expect(JSON.stringify(blocks)).not.toContain('function')
    }
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
    // Enough of each for more than a section holds.
    const some = findings.slice(0, 12)
    const drift = {
      ...place,
      findings: some,
      run: null,
      undoneBy: null,
      held: null,
      since: '2026-11-26T00:00:00Z',
    }
    const digest = {
      day: '2026-11-26',
      drifted: Array.from({ length: 100 }, () => drift),
      notChecked: Array.from({ length: 100 }, () => ({
        cluster: 'shop-1',
        region: 'us-west-2',
        findings: some,
      })),
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

import type { Report } from '../../core/report.ts'
import { randomSource } from './random.ts'

/** What a terminal or a chat acts on, or hides. */
const dangerous = [
  '\x1b[2J',
  '\x1b]52;c;ZWNobw==\x07',
  '\x9b31m',
  '\u202e',
  '\u2066',
  '\u200b',
  '\r',
  '\x08',
  '\u2028',
  '<!channel>',
  '<https://e.vil|here>',
  '*',
  '`',
  '&',
  '\n```',
]
const { pick, some } = randomSource(7)
/** Text that somebody else wrote. */
export const foreign = (): string => some(() => pick([...dangerous, 'role', ' ', '$(id)', 'é']), 6).join('')

/** A failed run in which every text was written by somebody else. */
export const foreignReport = (): Report => ({
  outcome: 'failed',
  summary: foreign(),
  run: foreign(),
  binding: {
    cluster: foreign(),
    region: foreign(),
    namespace: foreign(),
    serviceAccount: foreign(),
    role: foreign(),
    workload: foreign(),
  },
  startedAt: '2026-11-23T06:00:00.000Z',
  finishedAt: '2026-11-23T06:00:09.000Z',
  durationMs: 9000,
  checked: [{ what: foreign(), found: foreign() }],
  permissions: [foreign()],
  findings: [
    {
      code: foreign() as 'role-missing',
      severity: 'blocking',
      subject: foreign(),
      found: foreign(),
      remedy: { advice: foreign(), command: foreign() },
    },
  ],
  changes: (['done', 'unknown'] as const).map((state) => ({
    kind: 'association',
    subject: foreign(),
    action: foreign(),
    state,
    undone: false,
    error: foreign(),
    command: foreign(),
  })),
  propagation: { way: foreign(), probes: 3, ms: 800 },
  rollout: { state: 'failed', message: foreign(), ms: 1, restarted: true, reason: foreign() },
  credentials: {
    before: null,
    after: { [foreign()]: { [foreign()]: foreign() } },
    pods: [foreign()],
    evidence: [
      {
        seen: 'refused',
        pod: foreign(),
        node: foreign(),
        agent: foreign(),
        at: foreign(),
        reason: foreign(),
      },
    ],
  },
  undo: {
    done: [foreign()],
    kept: [foreign()],
    left: [{ what: foreign(), error: foreign(), command: foreign() }],
    workload: { asBefore: false, message: foreign() },
  },
  stays: [{ what: foreign(), command: foreign() }],
  failure: { error: foreign(), message: foreign() },
  before: null,
})

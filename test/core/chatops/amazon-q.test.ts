import { expect, it } from 'vitest'
import type { Change } from '../../../core/changes.ts'
import { amazonQNotification } from '../../../core/chatops/amazon-q.ts'
import type {
  ApprovalQuestion,
  DriftDigest,
  PodidEvent,
  RolloutFinished,
  RunFinished,
} from '../../../core/events.ts'
import type { Finding } from '../../../core/findings.ts'
import type { FleetReport } from '../../../core/fleet/waves/report.ts'
import type { Report } from '../../../core/report.ts'

const resources = ['arn:aws:states:x']
const finding = (differs: Partial<Finding> = {}): Finding =>
  ({ code: 'c-1', severity: 'blocking', subject: 'role_a', found: 'trusts *nobody*', ...differs }) as Finding
const change = (action: string): Change => ({
  kind: 'association',
  subject: 'carts/carts',
  action,
  state: 'done',
  undone: false,
})

/** The whole notification, of which only these parts differ. */
const notification = (
  eventType: string,
  threadId: string,
  { title, description, nextSteps }: { title: string; description: string; nextSteps?: string[] },
) => ({
  version: '1.0',
  source: 'custom',
  content: {
    textType: 'client-markdown',
    title,
    description,
    ...(nextSteps && { nextSteps }),
  },
  metadata: { threadId, summary: title, eventType, relatedResources: resources },
})

const run = (differs: Partial<RunFinished>, report?: Partial<Report>): PodidEvent => ({
  type: 'Run Finished',
  resources,
  detail: {
    run: 'run-1',
    arn: 'arn',
    status: 'SUCCEEDED',
    summary: 'carts *runs*\nand more',
    report: report ? ({ changes: [], findings: [], ...report } as Report) : null,
    ...differs,
  },
})
const noReport = 'It left no report: the history of its execution shows how far it came.'
const runs = '✅ carts \u2060*\u2060runs\u2060*\u2060'

it.each<[why: string, event: PodidEvent, expected: Parameters<typeof notification>[2]]>([
  ['a success without a report', run({}), { title: runs, description: noReport }],
  [
    'a failure without one',
    run({ status: 'FAILED', summary: 'failed' }),
    { title: '❌ failed', description: noReport },
  ],
  [
    'what it changed',
    run({}, { changes: [change('created a_1'), change('restarted')] }),
    { title: runs, description: '• created a\u2060_\u20601\n• restarted' },
  ],
  ['nothing', run({}, {}), { title: runs, description: 'Nothing was changed.' }],
  [
    'what it found, and what to do, but not what is only worth knowing',
    run(
      { status: 'TIMED_OUT' },
      {
        findings: [
          finding({ remedy: { advice: 'Mend *it*.', command: 'aws iam `x`' } }),
          finding({ severity: 'info', remedy: { advice: 'Not said.' } }),
          finding({ severity: 'warning', found: 'f'.repeat(501) }),
          finding({ remedy: { advice: 'a'.repeat(501), command: 'c'.repeat(501) } }),
        ],
      },
    ),
    {
      title: '❌ carts \u2060*\u2060runs\u2060*\u2060',
      description: [
        '• *role\u2060_\u2060a*: trusts \u2060*\u2060nobody\u2060*\u2060',
        `• *role\u2060_\u2060a*: ${'f'.repeat(499)}…`,
        '• *role\u2060_\u2060a*: trusts \u2060*\u2060nobody\u2060*\u2060',
        'Nothing was changed.',
      ].join('\n'),
      nextSteps: [
        'Mend \u2060*\u2060it\u2060*\u2060.\n```aws iam ˋxˋ```',
        `${'a'.repeat(499)}…\n\`\`\`${'c'.repeat(499)}…\`\`\``,
      ],
    },
  ],
  [
    'ten things to do at most',
    run(
      {},
      {
        changes: [change('x')],
        findings: Array.from({ length: 11 }, (_, at) => finding({ found: 'f', remedy: { advice: `${at}` } })),
      },
    ),
    {
      title: runs,
      description: `• x${'\n• *role\u2060_\u2060a*: f'.repeat(11)}`,
      nextSteps: Array.from({ length: 10 }, (_, at) => `${at}`),
    },
  ],
])('the end of a run: %s', (_why, event, expected) => {
  expect(amazonQNotification(event)).toEqual(notification('Run Finished', 'run-1', expected))
})

const rollout = (differs: Partial<RolloutFinished>): PodidEvent => ({
  type: 'Rollout Finished',
  resources,
  detail: {
    rollout: 'fleet_1',
    arn: 'arn',
    status: 'SUCCEEDED',
    summary: 'all of 3 waves\nand more',
    report: null,
    ...differs,
  },
})

it.each<[why: string, event: PodidEvent, expected: Parameters<typeof notification>[2]]>([
  [
    'a success says it in its title',
    rollout({}),
    {
      title: '✅ Rollout fleet\u2060_\u20601: all of 3 waves',
      description: '✅ Rollout fleet\u2060_\u20601: all of 3 waves',
    },
  ],
  [
    'a failure, and why',
    rollout({
      status: 'ABORTED',
      report: {
        digest: [
          { result: 'failed', said: 'no_role', count: 2, bindings: ['carts on blue_1', 'orders on blue'] },
          { result: 'stopped', said: 'in time', count: 1, bindings: ['x on y'] },
        ],
      } as FleetReport,
    }),
    {
      title: '❌ Rollout fleet\u2060_\u20601: all of 3 waves',
      description:
        '• 2 failed (carts on blue\u2060_\u20601, orders on blue): no\u2060_\u2060role\n• 1 stopped (x on y): in time',
    },
  ],
])('the end of a rollout: %s', (_why, event, expected) => {
  expect(amazonQNotification(event)).toEqual(notification('Rollout Finished', 'fleet_1', expected))
})

const question = (differs: Partial<ApprovalQuestion>): PodidEvent => ({
  type: 'Run Approval Requested',
  resources,
  detail: {
    approval: 'abc',
    run: 'run_1',
    cluster: 'shop_1',
    region: 'us-west-2',
    namespace: 'carts',
    workload: null,
    changes: [change('create a_1')],
    plan: 'p-1',
    findings: [finding()],
    expiresAt: '2026-11-23T07:00:00Z',
    ...differs,
  },
})
const toDo = ['Approve or decline abc (plan p-1) in its Slack message or through the webhook']
const asked = '• create a\u2060_\u20601\n• *role\u2060_\u2060a*: trusts \u2060*\u2060nobody\u2060*\u2060'

it.each<[why: string, event: PodidEvent, expected: Parameters<typeof notification>[2]]>([
  [
    'of a run',
    question({}),
    {
      title: '✋ A run on shop\u2060_\u20601, namespace carts, waits for approval',
      description: asked,
      nextSteps: toDo,
    },
  ],
  [
    'of a rollout, between two waves',
    question({
      changes: [],
      findings: [],
      gate: { wave: 2, waves: 3, bindings: 5, clusters: 2, plan: 'p-1', before: '1 *enabled*', places: [] },
    }),
    {
      title: '✋ The rollout run\u2060_\u20601 waits for approval',
      description: '• begin wave 2 of 3: 5 bindings on 2 clusters\n1 \u2060*\u2060enabled\u2060*\u2060',
      nextSteps: toDo,
    },
  ],
])('a question: %s', (_why, event, expected) => {
  expect(amazonQNotification(event)).toEqual(notification('Run Approval Requested', 'run_1', expected))
})

const drift = (run: string | null, ...found: string[]): DriftDigest['drifted'][number] => ({
  binding: 'carts',
  cluster: 'shop_1',
  region: 'us-west-2',
  findings: found.map((text) => finding({ found: text })),
  run,
  undoneBy: null,
  held: null,
  since: '2026-11-26T00:00:00Z',
})
const day = (differs: Partial<DriftDigest>): PodidEvent => ({
  type: 'Drift Digest',
  resources,
  detail: {
    day: '2026-11-26',
    drifted: [],
    notChecked: [],
    total: { drifted: 2, notChecked: 0 },
    stopped: null,
    ...differs,
  },
})
const title = '⚠ 2 bindings are not as declared'
const one = '• *carts on shop\u2060_\u20601*: '

it.each<[why: string, event: PodidEvent, expected: Parameters<typeof notification>[2]]>([
  [
    'nothing is put right',
    day({ drifted: [drift(null, 'no *role*', 'no agent')] }),
    { title, description: `${one}no \u2060*\u2060role\u2060*\u2060; no agent` },
  ],
  [
    'a run repairs it',
    day({ drifted: [drift('run-1', 'x'), drift(null, 'f'.repeat(501))] }),
    {
      title,
      description: `${one}x\n${one}${'f'.repeat(499)}…`,
      nextSteps: ['1 run repairs what can be'],
    },
  ],
  [
    'two do, and no more',
    day({ drifted: [drift('run-1', 'x'), drift('run-2', 'y')], stopped: `_${'s'.repeat(500)}` }),
    {
      title,
      description: `${one}x\n${one}y`,
      nextSteps: ['2 runs repair what can be', `\u2060_\u2060${'s'.repeat(498)}…`],
    },
  ],
  [
    'a cluster could not be checked',
    day({
      notChecked: [
        { cluster: 'shop_1', region: 'us-west-2', findings: [finding(), finding({ severity: 'info' })] },
      ],
    }),
    { title, description: '• *role\u2060_\u2060a*: trusts \u2060*\u2060nobody\u2060*\u2060' },
  ],
])('a day: %s', (_why, event, expected) => {
  expect(amazonQNotification(event)).toEqual(notification('Drift Digest', 'drift/2026-11-26', expected))
})

it('stays within what SNS and Amazon Q take', () => {
  const made = amazonQNotification({
    ...run(
      { run: 'r'.repeat(81), summary: 's'.repeat(300) },
      { changes: Array.from({ length: 20 }, () => change('c'.repeat(500))) },
    ),
    resources: Array.from({ length: 11 }, (_, at) => `${at}`),
  })
  expect(made?.content).toEqual({
    textType: 'client-markdown',
    title: `✅ ${'s'.repeat(247)}…`,
    description: `${`• ${'c'.repeat(500)}\n`.repeat(20).slice(0, 7999)}…`,
  })
  expect(made?.metadata).toEqual({
    threadId: `${'r'.repeat(79)}…`,
    summary: `✅ ${'s'.repeat(247)}…`,
    eventType: 'Run Finished',
    relatedResources: Array.from({ length: 10 }, (_, at) => `${at}`),
  })
})

it('is not made of events that are not shown to people', () => {
  expect(
    amazonQNotification({ type: 'Run Still Under Way', resources, detail: { run: 'run-1' } }),
  ).toBeUndefined()
})

import { expect, it } from 'vitest'
import { type Block, context, section } from '../../../core/chatops/blocks.ts'
import { rolloutMessage } from '../../../core/chatops/rollout-message.ts'
import type { ApprovalQuestion } from '../../../core/events.ts'
import type { FleetPlan } from '../../../core/fleet/waves/plan.ts'
import type { FleetReport, WaveJudged, WaveReport } from '../../../core/fleet/waves/report.ts'
import { resultCounts } from '../../../core/fleet/waves/results.ts'
import type { FleetView } from '../../../core/fleet/waves/view.ts'

const rollout = 'fleet-1'
const plan = {
  mode: 'enable',
  waves: [
    { number: 1, clusters: 1, bindings: 1, rounds: 1 },
    { number: 2, clusters: 2, bindings: 5, rounds: 1 },
    { number: 3, clusters: 4, bindings: 9, rounds: 1 },
  ],
} as FleetPlan
const judged = (wave: number, differs: Partial<WaveJudged> = {}): WaveJudged => ({
  wave,
  round: 1,
  undoing: false,
  next: 'next',
  beyond: false,
  counts: {},
  failures: 0,
  digest: [],
  toUndo: 0,
  message: `wave ${wave}: ${wave} enabled`,
  ...differs,
})
const view = (differs: Partial<FleetView> = {}): FleetView => ({
  plan,
  judged: [],
  underWay: null,
  awaitsAnswer: false,
  question: null,
  end: null,
  ...differs,
})
const header = (text: string): Block => ({ type: 'header', text: { type: 'plain_text', text } })
const by = context('started by hand · rollout `fleet-1`')
const waves = (...marks: [string, string, string]): Block[] => [
  section(`${marks[0].replace(' ', ' wave 1 of 3: 1 binding on 1 cluster')}`),
  section(`${marks[1].replace(' ', ' wave 2 of 3: 5 bindings on 2 clusters')}`),
  section(`${marks[2].replace(' ', ' wave 3 of 3: 9 bindings on 4 clusters')}`),
]
const shown = (differs: Partial<FleetView>, approval?: Parameters<typeof rolloutMessage>[0]['approval']) =>
  rolloutMessage({ rollout, view: view(differs), record: undefined, approval })
const report = (...reported: Partial<WaveReport>[]) =>
  ({ waves: reported.map((wave, index) => ({ number: index + 1, undone: null, ...wave })) }) as FleetReport
const counts = (...results: Parameters<typeof resultCounts>[0][number]['result'][]) =>
  resultCounts(results.map((result) => ({ result })))
const end = (differs: Partial<NonNullable<FleetView['end']>> = {}): NonNullable<FleetView['end']> => ({
  succeeded: true,
  status: 'SUCCEEDED',
  message: 'all of 3 waves: 15 enabled\nand more',
  report: null,
  ...differs,
})
const undo = (wave: number, what: string): Block => ({
  type: 'actions',
  block_id: `undo-fleet-1-${wave}`,
  elements: [
    {
      type: 'button',
      action_id: 'undo',
      text: { type: 'plain_text', text: `Undo wave ${wave}` },
      value: `fleet-1 wave ${wave}`,
      style: 'danger',
      confirm: {
        title: { type: 'plain_text', text: `Undo wave ${wave}?` },
        text: { type: 'plain_text', text: `What its runs changed is put back: ${what}` },
        confirm: { type: 'plain_text', text: 'Undo' },
        deny: { type: 'plain_text', text: 'Keep' },
      },
    },
  ],
})

it.each<[why: string, differs: Partial<FleetView>, text: string, blocks: Block[]]>([
  [
    'nothing is planned yet',
    { plan: null, underWay: { wave: 1, undoing: false } },
    'Rollout fleet-1: is under way',
    [header('⏳ Rollout fleet-1'), by],
  ],
  [
    'planned, and nothing has begun',
    {},
    'Rollout fleet-1: is under way',
    [header('⏳ Rollout fleet-1'), by, ...waves('○ ', '○ ', '○ ')],
  ],
  [
    'the first wave is done and the second one under way',
    { judged: [judged(1)], underWay: { wave: 2, undoing: false } },
    'Rollout fleet-1: wave 2 of 3 is under way',
    [header('⏳ Rollout fleet-1'), by, ...waves('✔   1 enabled', '● ', '○ ')],
  ],
  [
    'the latest round of a wave says how far it is; a message without a prefix is said whole',
    { judged: [judged(1, { message: 'wave 1: one *round*' }), judged(1, { message: 'both_rounds' })] },
    'Rollout fleet-1: is under way',
    [header('⏳ Rollout fleet-1'), by, ...waves('✔   both\u2060_\u2060rounds', '○ ', '○ ')],
  ],
  [
    'a wave beyond its tolerance, which was put back, and why its bindings failed, once',
    {
      judged: [
        judged(1, {
          beyond: true,
          next: 'go on',
          digest: [{ result: 'failed', said: 'older', count: 1, bindings: ['carts on blue'] }],
        }),
        judged(1, {
          next: 'undo',
          message: 'wave 1: 2 failed',
          digest: [
            { result: 'failed', said: 'no *role*', count: 2, bindings: ['carts on blue'] },
            { result: 'not begun', said: `${'x'.repeat(498)}yz!`, count: 1, bindings: ['orders on blue'] },
          ],
        }),
        judged(1, {
          undoing: true,
          message: 'undoing wave 1: 1 undone',
          digest: [{ result: 'failed', said: 'not of the wave', count: 1, bindings: ['carts on blue'] }],
        }),
      ],
    },
    'Rollout fleet-1: is under way',
    [
      header('⏳ Rollout fleet-1'),
      by,
      ...waves('✖   2 failed  undone: 1 undone', '○ ', '○ '),
      section('✖ 2 failed (carts on blue, …): no \u2060*\u2060role\u2060*\u2060'),
      section(`○ 1 not begun (orders on blue): ${'x'.repeat(498)}y…`),
    ],
  ],
  [
    'all is done, and nothing of it can be undone without a report',
    { judged: [judged(1)], end: end() },
    'Rollout fleet-1: all of 3 waves: 15 enabled',
    [
      header('✅ Rollout fleet-1'),
      by,
      ...waves('✔   1 enabled', '○ ', '○ '),
      section('all of 3 waves: 15 enabled\nand more'),
    ],
  ],
  [
    'a failure, and a button for each wave that has something to put back',
    {
      end: end({
        succeeded: false,
        message: 'stopped_here',
        report: report(
          { counts: counts('enabled', 'skipped') },
          { counts: counts('enabled'), undone: counts('undone') },
          { counts: counts('skipped', 'failed') },
          { counts: counts('associated') },
          { counts: counts('stopped') },
          { counts: counts() },
        ),
      }),
    },
    'Rollout fleet-1: stopped\u2060_\u2060here',
    [
      header('❌ Rollout fleet-1'),
      by,
      ...waves('○ ', '○ ', '○ '),
      section('stopped\u2060_\u2060here'),
      undo(1, '1 enabled, 1 skipped (in force already)'),
      undo(4, '1 associated'),
      undo(5, '1 stopped'),
    ],
  ],
  [
    'no more than five buttons, of the latest waves',
    {
      plan: { ...plan, waves: [] },
      end: end({
        message: 'done',
        report: report(...Array.from({ length: 7 }, () => ({ counts: counts('enabled') }))),
      }),
    },
    'Rollout fleet-1: done',
    [
      header('✅ Rollout fleet-1'),
      by,
      section('done'),
      ...[3, 4, 5, 6, 7].map((wave) => undo(wave, '1 enabled')),
    ],
  ],
  [
    'what its own plan does not say is undone nevertheless',
    { plan: null, end: end({ message: 'done', report: report({ counts: counts('enabled') }) }) },
    'Rollout fleet-1: done',
    [header('✅ Rollout fleet-1'), by, section('done'), undo(1, '1 enabled')],
  ],
  [
    'an undo is not undone',
    {
      plan: { ...plan, mode: 'undo', waves: [] },
      end: end({ message: 'undone', report: report({ counts: counts('enabled') }) }),
    },
    'Undo of a rollout fleet-1: undone',
    [header('✅ Undo of a rollout fleet-1'), by, section('undone')],
  ],
])('the message of a rollout: %s', (_why, differs, text, blocks) => {
  expect(shown(differs)).toEqual({ text, blocks })
})

it('asks before the next wave, says who has answered, and asks nothing after the end', () => {
  const question: ApprovalQuestion = {
    approval: 'abc',
    run: rollout,
    cluster: '',
    region: 'us-west-2',
    namespace: '',
    workload: null,
    changes: [],
    plan: 'p-1',
    findings: [],
    expiresAt: '2026-11-23T07:00:00Z',
    gate: { wave: 2, waves: 3, bindings: 5, clusters: 2, plan: 'p-1', before: '1 enabled', places: [] },
  }
  const asks = shown({ judged: [judged(1)] }, { question, answer: null })
  const button = (action_id: 'approve' | 'decline', text: string, style: 'primary' | 'danger') => ({
    type: 'button' as const,
    action_id,
    text: { type: 'plain_text' as const, text },
    value: 'abc.p-1',
    style,
  })
  expect(asks).toEqual({
    text: 'Rollout fleet-1: waits for approval',
    blocks: [
      header('✋ Rollout fleet-1'),
      by,
      ...waves('✔   1 enabled', '○ ', '○ '),
      section('*This rollout would*\n• begin wave 2 of 3: 5 bindings on 2 clusters'),
      {
        type: 'actions',
        block_id: 'approval-abc',
        elements: [button('approve', 'Approve', 'primary'), button('decline', 'Decline', 'danger')],
      },
      context('until <!date^1795417200^{date_short_pretty} {time}|2026-11-23T07:00:00Z> · plan `p-1`'),
    ],
  })
  const answer = { approved: true, by: 'slack:U0BOB', at: '2026-11-23T06:50:00Z' }
  expect(shown({ underWay: { wave: 2, undoing: false } }, { question, answer })).toEqual({
    text: 'Rollout fleet-1: wave 2 of 3 is under way',
    blocks: [header('⏳ Rollout fleet-1'), by, ...waves('○ ', '● ', '○ '), section('Approved by <@U0BOB>')],
  })
  expect(shown({ plan: null, end: end({ message: 'stopped' }) }, { question, answer: null })).toEqual({
    text: 'Rollout fleet-1: stopped',
    blocks: [header('✅ Rollout fleet-1'), by, section('stopped')],
  })
})

it('stays short, and says what it leaves out', () => {
  const long = {
    ...plan,
    waves: Array.from({ length: 60 }, (_, at) => ({ number: at + 1, clusters: 1, bindings: 1, rounds: 1 })),
  }
  const { text, blocks } = rolloutMessage({
    rollout: 'r'.repeat(400),
    view: view({
      plan: long,
      judged: [
        judged(1, {
          digest: Array.from({ length: 20 }, () => ({
            result: 'failed' as const,
            said: 'x',
            count: 1,
            bindings: ['y'],
          })),
        }),
      ],
      end: end({ message: 'm'.repeat(3000) }),
    }),
    record: undefined,
    approval: undefined,
  })
  expect(text).toBe(`Rollout ${'r'.repeat(291)}…`)
  expect(blocks[0]).toEqual(header(`✅ Rollout ${'r'.repeat(139)}…`))
  expect(blocks.filter(({ type }) => type === 'context').slice(1)).toEqual([context('and 34 more')])
  expect(blocks.at(-1)).toEqual(section(`${'m'.repeat(1999)}…`))
})

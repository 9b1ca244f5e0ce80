import { expect, it } from 'vitest'
import type { Change } from '../../../core/changes.ts'
import { type Block, context, section } from '../../../core/chatops/blocks.ts'
import { type RunMessageFacts, requestedBy, runMessage } from '../../../core/chatops/run-message.ts'
import type { RunView, StepView } from '../../../core/chatops/run-view.ts'
import type { ApprovalQuestion } from '../../../core/events.ts'
import type { Finding } from '../../../core/findings.ts'
import type { Report } from '../../../core/report.ts'
import type { RunRecord } from '../../../core/triggers/origin.ts'

const input = { cluster: 'shop-1', namespace: 'carts', serviceAccount: 'reader', workload: 'deployment/api' }
const running: RunView = { steps: [], findings: [], awaitsAnswer: false, end: null }
const message = ({
  view,
  ...differs
}: Partial<Omit<RunMessageFacts, 'view'>> & { view?: Partial<RunView> }) =>
  runMessage({
    run: 'run-1',
    input,
    undoable: false,
    record: undefined,
    approval: undefined,
    view: { ...running, ...view },
    ...differs,
  })

const header = (text: string): Block => ({ type: 'header', text: { type: 'plain_text', text } })
const by = context('started by hand · run `run-1`')
const top = [header('⏳ Enable carts/api on shop-1'), by]
const underWay = 'Enable carts/api on shop-1: is under way'
const undoBlock: Block = {
  type: 'actions',
  block_id: 'undo-run-1',
  elements: [
    {
      type: 'button',
      action_id: 'undo',
      text: { type: 'plain_text', text: 'Undo' },
      value: 'run-1',
      style: 'danger',
      confirm: {
        title: { type: 'plain_text', text: 'Undo this run?' },
        text: {
          type: 'plain_text',
          text: 'What the run changed is put back as it was, and the workload restarts.',
        },
        confirm: { type: 'plain_text', text: 'Undo' },
        deny: { type: 'plain_text', text: 'Keep' },
      },
    },
  ],
}

it.each<[why: string, input: unknown, title: string]>([
  ['a workload by its name', input, 'Enable carts/api on shop-1'],
  ['a plan', { ...input, mode: 'plan' }, 'Plan carts/api on shop-1'],
  ['an undo', { ...input, mode: 'undo' }, 'Undo carts/api on shop-1'],
  [
    'the ServiceAccount where no workload is named',
    { ...input, workload: undefined },
    'Enable carts/reader on shop-1',
  ],
  ['nothing at all', {}, 'Enable ?/? on ?'],
  ['null', null, 'Enable ?/? on ?'],
  ['text', 'carts', 'Enable ?/? on ?'],
  ['a number for a name', { ...input, cluster: 7 }, 'Enable carts/api on ?'],
  [
    'what hides or is too long',
    { ...input, namespace: `\u202e${'n'.repeat(90)}` },
    `Enable \\u202e${'n'.repeat(78)}…/api on shop-1`,
  ],
])('the title: %s', (_why, asked, title) => {
  expect(message({ input: asked })).toEqual({
    text: `${title}: is under way`,
    blocks: [header(`⏳ ${title}`), by],
  })
})

it('cuts a title for the header, and the text for a notification', () => {
  const long = 'n'.repeat(80)
  const { text, blocks } = message({
    input: { cluster: long, namespace: long, workload: long },
    view: { end: { succeeded: true, message: 'm'.repeat(300), report: undefined } },
  })
  expect(blocks[0]).toEqual(header(`✅ Enable ${`${long}/${long}`.slice(0, 140)}…`.slice(0, 149).concat('…')))
  expect(text).toBe(`${`Enable ${long}/${long} on ${long}: ${'m'.repeat(300)}`.slice(0, 299)}…`)
})

const origin = (given: RunRecord['origin']): RunRecord => ({ origin: given, message: null, approval: null })

it.each<[why: string, record: RunRecord | undefined, said: string]>([
  ['nothing is known', undefined, 'started by hand'],
  ['shown already', origin(null), 'started by hand'],
  [
    'a person in Slack, by a mention',
    origin({ trigger: 'slack', by: 'slack:U0ADA' }),
    'requested by <@U0ADA>',
  ],
  ['somebody of another workspace', origin({ trigger: 'slack', by: 'slack:W0ADA' }), 'requested by <@W0ADA>'],
  ['what is no id mentions nobody', origin({ trigger: 'slack', by: 'slack:U0ada' }), 'requested by `U0ada`'],
  ['nor what only ends like one', origin({ trigger: 'slack', by: 'slack:!U0ADA' }), 'requested by `!U0ADA`'],
  [
    'nor a caller with such a name',
    origin({ trigger: 'webhook', by: 'caller:U0ADA' }),
    'requested through the webhook by `U0ADA`',
  ],
  ['a key without an id', origin({ trigger: 'slack', by: 'slack' }), 'requested by ``'],
  [
    'a new cluster',
    origin({ trigger: 'cluster-created', by: null }),
    'started because the cluster was created',
  ],
  [
    'a new agent',
    origin({ trigger: 'agent-installed', by: null }),
    'started because the Pod Identity agent was installed',
  ],
  ['the sweep', origin({ trigger: 'sweep', by: null }), 'started by the sweep'],
])('who has requested a run: %s', (_why, record, said) => {
  expect(requestedBy(record)).toBe(said)
})

const step = (differs: Partial<StepView>): StepView => ({
  step: 'VerifyRole',
  label: 'Role',
  state: 'done',
  ...differs,
})

it.each<[why: string, step: StepView, line: string]>([
  ['one that works', step({ state: 'running' }), '● *Role*'],
  ['one that is tried again', step({ state: 'retrying', note: 'retry 1/6' }), '↻ *Role*  retry 1/6'],
  ['one that waits for a person', step({ state: 'waiting' }), '✋ *Role*'],
  [
    'a short one, with a tenth of a second',
    step({ seconds: 9.94, note: 'trusts' }),
    '✔ *Role*  9.9s  trusts',
  ],
  ['a long one, in whole seconds', step({ seconds: 10.4 }), '✔ *Role*  10s'],
  ['whole seconds from ten on', step({ seconds: 10 }), '✔ *Role*  10s'],
  ['none at all is said too', step({ seconds: 0 }), '✔ *Role*  0.0s'],
  ['one that found what prevents the run', step({ state: 'refused' }), '✖ *Role*'],
  [
    'one that failed, by the first line of why',
    step({ state: 'failed', note: 'a *b*\nc' }),
    '✖ *Role*  a \u2060*\u2060b\u2060*\u2060',
  ],
  ['a note of many characters', step({ note: 'n'.repeat(201) }), `✔ *Role*  ${'n'.repeat(199)}…`],
])('a step is a line: %s', (_why, one, line) => {
  expect(message({ view: { steps: [one, step({})] } })).toEqual({
    text: underWay,
    blocks: [...top, section(`${line}\n✔ *Role*`)],
  })
})

it('goes on in another section where the lines are longer than one takes, cut at a line’s end', () => {
  const lines = Array.from({ length: 30 }, (_, at) => step({ note: `${at}`.padEnd(190, 'n') }))
  const text = (from: number, to: number) =>
    lines
      .slice(from, to)
      .map(({ note }) => `✔ *Role*  ${note}`)
      .join('\n')
  expect(message({ view: { steps: lines } }).blocks).toEqual([
    ...top,
    section(text(0, 14)),
    section(text(14, 28)),
    section(text(28, 30)),
  ])
})

const finding = (differs: Partial<Finding>): Finding =>
  ({
    code: 'c-1',
    severity: 'blocking',
    subject: 'role `carts`',
    found: 'trusts *nobody*',
    ...differs,
  }) as Finding

it('shows findings with their remedies, but not those that are only worth knowing', () => {
  const remedy = { advice: 'Mend *it*.', command: 'aws iam `x` > y' }
  const findings = [
    finding({ remedy }),
    finding({ severity: 'info', found: 'only in the report' }),
    finding({ severity: 'warning', subject: 's'.repeat(151), found: 'f'.repeat(901) }),
    finding({ remedy: { advice: 'a'.repeat(1501) } }),
  ]
  expect(message({ view: { findings } })).toEqual({
    text: underWay,
    blocks: [
      ...top,
      section(
        '✖ `role ˋcartsˋ` trusts \u2060*\u2060nobody\u2060*\u2060\nMend \u2060*\u2060it\u2060*\u2060.\n```aws iam ˋxˋ &gt; y```',
      ),
      section(`⚠ \`${'s'.repeat(149)}…\` ${'f'.repeat(899)}…`),
      section(`✖ \`role ˋcartsˋ\` trusts \u2060*\u2060nobody\u2060*\u2060\n${'a'.repeat(1499)}…`),
    ],
  })
  const many = Array.from({ length: 60 }, () => finding({ subject: 'r', found: 'f' }))
  const { blocks } = message({ view: { findings: many } })
  expect(blocks.at(-1)).toEqual(context('and 13 more, in the history of the execution `run-1`'))
  expect(blocks).toHaveLength(50)
})

const change = (action: string, differs: Partial<Change> = {}): Change => ({
  kind: 'association',
  subject: 'carts/reader',
  action,
  state: 'planned',
  undone: false,
  ...differs,
})
const question = (differs: Partial<ApprovalQuestion> = {}): ApprovalQuestion => ({
  approval: 'abc',
  run: 'run-1',
  cluster: 'shop-1',
  region: 'us-west-2',
  namespace: 'carts',
  workload: null,
  changes: [change('create an association')],
  plan: 'p-1',
  findings: [],
  expiresAt: '2026-11-23T07:00:00.900Z',
  ...differs,
})
const buttons: Block = {
  type: 'actions',
  block_id: 'approval-abc',
  elements: [
    {
      type: 'button',
      action_id: 'approve',
      text: { type: 'plain_text', text: 'Approve' },
      value: 'abc.p-1',
      style: 'primary',
    },
    {
      type: 'button',
      action_id: 'decline',
      text: { type: 'plain_text', text: 'Decline' },
      value: 'abc.p-1',
      style: 'danger',
    },
  ],
}
const until = context(
  'until <!date^1795417200^{date_short_pretty} {time}|2026-11-23T07:00:00.900Z> · plan `p-1`',
)
const answered = (approved: boolean) => ({ approved, by: 'slack:U0BOB', at: '2026-11-23T06:50:00Z' })
const ended = { succeeded: false, message: 'nobody answered\nin time', report: undefined }
const waiting = header('✋ Enable carts/api on shop-1')

it.each<
  [
    why: string,
    question: ApprovalQuestion,
    answer: 'none' | 'yes' | 'no',
    over: boolean,
    text: string,
    blocks: Block[],
  ]
>([
  [
    'a question and its buttons',
    question(),
    'none',
    false,
    'waits for approval',
    [waiting, by, section('*This run would*\n• create an association'), buttons, until],
  ],
  [
    'nothing to change is said',
    question({ changes: [] }),
    'none',
    false,
    'waits for approval',
    [waiting, by, section('*This run would*\n• change nothing'), buttons, until],
  ],
  [
    'twelve changes are shown, in their order',
    question({ changes: Array.from({ length: 12 }, (_, at) => change(`change ${at}`)) }),
    'none',
    false,
    'waits for approval',
    [
      waiting,
      by,
      section(`*This run would*\n${Array.from({ length: 12 }, (_, at) => `• change ${at}`).join('\n')}`),
      buttons,
      until,
    ],
  ],
  [
    'of more how many are left, and long ones are cut',
    question({ changes: Array.from({ length: 14 }, () => change(`*${'c'.repeat(400)}`)) }),
    'none',
    false,
    'waits for approval',
    [
      waiting,
      by,
      // Of 3,000 characters, which a section takes, seven lines.
      section(`${`*This run would*\n${`• \u2060*\u2060${'c'.repeat(398)}…\n`.repeat(12)}`.slice(0, 2995)}…`),
      buttons,
      until,
    ],
  ],
  [
    'of short ones too',
    question({ changes: Array.from({ length: 14 }, () => change('c_d')) }),
    'none',
    false,
    'waits for approval',
    [waiting, by, section(`*This run would*\n${'• c\u2060_\u2060d\n'.repeat(12)}and 2 more`), buttons, until],
  ],
  ['a yes', question(), 'yes', false, 'is under way', [...top, section('Approved by <@U0BOB>')]],
  ['a no', question(), 'no', false, 'is under way', [...top, section('Declined by <@U0BOB>')]],
  [
    'no answer before the end',
    question(),
    'none',
    true,
    'nobody answered',
    [header('❌ Enable carts/api on shop-1'), by, section('nobody answered\nin time')],
  ],
  [
    'a no before the end',
    question(),
    'no',
    true,
    'nobody answered',
    [
      header('❌ Enable carts/api on shop-1'),
      by,
      section('Declined by <@U0BOB>'),
      section('nobody answered\nin time'),
    ],
  ],
])('an approval: %s', (_why, asked, answer, over, text, blocks) => {
  expect(
    message({
      approval: { question: asked, answer: answer === 'none' ? null : answered(answer === 'yes') },
      view: { end: over ? ended : null },
    }),
  ).toEqual({ text: `Enable carts/api on shop-1: ${text}`, blocks })
})

const report = (differs: Partial<Report>): Report =>
  ({ outcome: 'enabled', changes: [], undo: null, ...differs }) as Report
const done = (differs: Partial<Report> | undefined, rest: Partial<RunMessageFacts> = {}): Block[] =>
  message({
    ...rest,
    view: { end: { succeeded: true, message: 'runs *so*', report: differs && report(differs) } },
  }).blocks.slice(2)
const put = { done: ['a_1'], kept: [], left: [], workload: null }

it.each<[why: string, blocks: Block[], expected: Block[]]>([
  ['without a report its message alone', done(undefined), [section('runs \u2060*\u2060so\u2060*\u2060')]],
  ['a report without changes', done({}), [section('runs \u2060*\u2060so\u2060*\u2060')]],
  [
    'what it changed',
    done({ changes: [change('created a_1', { state: 'done' })] }),
    [section('runs \u2060*\u2060so\u2060*\u2060'), section('*Changed*\n• created a\u2060_\u20601')],
  ],
  [
    'what it would change',
    done({ outcome: 'planned', changes: [change('create it')] }),
    [section('runs \u2060*\u2060so\u2060*\u2060'), section('*To change*\n• create it')],
  ],
  [
    'what it put back, once',
    done({ changes: [change('a_1', { state: 'done' })], undo: put }),
    [section('runs \u2060*\u2060so\u2060*\u2060'), section('*Put back*\n• a\u2060_\u20601')],
  ],
  [
    'nothing was put back',
    done({ undo: { ...put, done: [] } }),
    [section('runs \u2060*\u2060so\u2060*\u2060')],
  ],
  [
    'what can be undone has its button',
    done(undefined, { undoable: true }),
    [section('runs \u2060*\u2060so\u2060*\u2060'), undoBlock],
  ],
  [
    'also where there is a record of it',
    done(undefined, { undoable: true, record: origin(null) }),
    [section('runs \u2060*\u2060so\u2060*\u2060'), undoBlock],
  ],
  [
    'what has been undone has none, and says by what',
    done(undefined, { undoable: true, record: { ...origin(null), undoneBy: 'undo-1' } }),
    [section('runs \u2060*\u2060so\u2060*\u2060'), context('undone by the run `undo-1`')],
  ],
])('the end: %s', (_why, blocks, expected) => {
  expect(blocks).toEqual(expected)
})

it('offers no undo while a run goes on', () => {
  expect(message({ undoable: true }).blocks).toEqual(top)
})

it('tells an end in as many sections as it takes, up to 4,000 characters, also where no line ends', () => {
  const end = (text: string) =>
    message({ view: { end: { succeeded: true, message: text, report: undefined } } }).blocks.slice(2)
  expect(end('m'.repeat(5000))).toEqual([section('m'.repeat(2900)), section(`${'m'.repeat(1099)}…`)])
  expect(end(`${'m'.repeat(2900)}\n\nn`)).toEqual([section('m'.repeat(2900)), section('\nn')])
  expect(end('m'.repeat(2900))).toEqual([section('m'.repeat(2900))])
  expect(end('')).toEqual([])
  expect(end(`a\n${'m'.repeat(2898)}`)).toEqual([section(`a\n${'m'.repeat(2898)}`)])
  // The first character is no place to cut at, and no break but the one at the cut is left out.
  expect(end(`\n${'m'.repeat(2949)}\nn`)).toEqual([
    section(`\n${'m'.repeat(2899)}`),
    section(`${'m'.repeat(50)}\nn`),
  ])
})

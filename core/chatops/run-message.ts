import type { ApprovalAnswer, ApprovalQuestion } from '../events.ts'
import type { Finding } from '../findings.ts'
import { gateText } from '../fleet/waves/gate.ts'
import type { Report } from '../report.ts'
import { changeLine, changeLines } from '../text/change-lines.ts'
import { clip } from '../text/clip.ts'
import { firstLine } from '../text/first-line.ts'
import { visible } from '../text/unprintable.ts'
import type { RunRecord, Trigger } from '../triggers/origin.ts'
import {
  type Block,
  type Button,
  context,
  type Message,
  type Part,
  plainText,
  section,
  withinLimits,
} from './blocks.ts'
import { code, literal } from './mrkdwn.ts'
import { remedyText } from './remedy.ts'
import type { RunView, StepView } from './run-view.ts'

/** All that a message about a run shows. */
export interface RunMessageFacts {
  run: string
  /** The execution's input as it was sent; it may not have been validated yet. */
  input: unknown
  view: RunView
  /** Whether there is something that an undo of the run could put back. */
  undoable: boolean
  record: RunRecord | undefined
  approval: { question: ApprovalQuestion; answer: ApprovalAnswer | null } | undefined
}

/** The one message of a run in its present state: who requested it, its steps, its findings, its buttons. */
export const runMessage = (facts: RunMessageFacts): Message => {
  const { run, view, approval } = facts
  const title = titleOf(facts.input)
  // A question may be known before the history shows that its task waits.
  const state = stateOf(view, approval?.answer === null)
  const blocks = [
    { type: 'header' as const, text: plainText(clip(`${state.mark} ${title}`, most.header)) },
    context(`${requestedBy(facts.record)} · run ${code(run)}`),
    ...textBlocks(view.steps.map(stepLine).join('\n')),
    findingBlocks(run, view.findings),
    ...(approval ? approvalBlocks(approval, view.end === null) : []),
    ...(view.end ? endBlocks(facts, view.end) : []),
    ...(facts.record?.undoneBy ? [context(`undone by the run ${code(facts.record.undoneBy)}`)] : []),
  ]
  const text = clip(`${title}: ${state.text}`, most.text)
  return { text: literal(text), blocks: withinLimits(blocks) }
}

const most = { header: 150, section: 2900, text: 300, lines: 12, line: 400 }

const modes = new Map<unknown, string>([
  ['plan', 'Plan'],
  ['undo', 'Undo'],
])

const titleOf = (input: unknown): string => {
  const fields = (typeof input === 'object' && input !== null ? input : {}) as Record<string, unknown>
  const text = (field: string, otherwise: string): string =>
    typeof fields[field] === 'string' ? visible(clip(fields[field], 80)) : otherwise
  const what = text('workload', text('serviceAccount', '?')).split('/').at(-1)
  return `${modes.get(fields.mode) ?? 'Enable'} ${text('namespace', '?')}/${what} on ${text('cluster', '?')}`
}

const stateOf = ({ end }: RunView, awaitsAnswer: boolean): { mark: string; text: string } => {
  if (end) return { mark: end.succeeded ? '✅' : '❌', text: firstLine(end.message) }
  return awaitsAnswer ? { mark: '✋', text: 'waits for approval' } : { mark: '⏳', text: 'is under way' }
}

const triggers: Record<Trigger, string> = {
  slack: 'requested',
  webhook: 'requested through the webhook',
  'cluster-created': 'started because the cluster was created',
  'agent-installed': 'started because the Pod Identity agent was installed',
  sweep: 'started by the sweep',
}

export const requestedBy = (record: RunRecord | undefined): string => {
  if (!record?.origin) return 'started by hand'
  const { trigger, by } = record.origin
  return by ? `${triggers[trigger]} by ${personOf(by)}` : triggers[trigger]
}

/** `slack:U012AB3CD` as a mention, which shows the name; anybody else by name. */
export const personOf = (key: string): string => {
  const [kind, id = ''] = key.split(':')
  return kind === 'slack' && /^[UW][A-Z0-9]+$/.test(id) ? `<@${id}>` : code(id)
}

const stepMarks: Record<StepView['state'], string> = {
  running: '●',
  retrying: '↻',
  waiting: '✋',
  done: '✔',
  refused: '✖',
  failed: '✖',
}

const stepLine = ({ label, state, note, seconds }: StepView): string =>
  [
    `${stepMarks[state]} *${label}*`,
    ...(seconds === undefined ? [] : [`${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)}s`]),
    ...(note ? [literal(clip(firstLine(note), 200))] : []),
  ].join('  ')

/** Findings with their remedies; those of severity info are only in the report. */
const findingBlocks = (run: string, findings: readonly Finding[]): Part => ({
  list: findings.filter(({ severity }) => severity !== 'info').flatMap(findingBlock),
  more: (left) => context(`and ${left} more, in the history of the execution ${code(run)}`),
})

const findingBlock = ({ severity, subject, found, remedy }: Finding): Block[] => [
  section(
    [
      `${severity === 'blocking' ? '✖' : '⚠'} ${code(clip(subject, 150))} ${literal(clip(found, 900))}`,
      ...(remedy ? remedyText(remedy, 1500) : []),
    ].join('\n'),
  ),
]

/** A question with its buttons while it is open, and who has answered it. */
export const approvalBlocks = (
  { question, answer }: NonNullable<RunMessageFacts['approval']>,
  open: boolean,
): Block[] => {
  if (answer) return [section(`${answer.approved ? 'Approved' : 'Declined'} by ${personOf(answer.by)}`)]
  if (!open) return []
  const value = `${question.approval}.${question.plan}`
  const until = Math.floor(Date.parse(question.expiresAt) / 1000)
  return [
    section(
      question.gate
        ? `*This rollout would*\n${listOf([gateText(question.gate)])}`
        : `*This run would*\n${listOf(question.changes.map(changeLine))}`,
    ),
    {
      type: 'actions',
      block_id: `approval-${question.approval}`,
      elements: [
        button('approve', 'Approve', value, 'primary'),
        button('decline', 'Decline', value, 'danger'),
      ],
    },
    context(
      `until <!date^${until}^{date_short_pretty} {time}|${question.expiresAt}> · plan ${code(question.plan)}`,
    ),
  ]
}

const button = (
  action: Button['action_id'],
  text: string,
  value: string,
  style: NonNullable<Button['style']>,
): Button => ({ type: 'button', action_id: action, text: plainText(text), value, style })

const endBlocks = (
  { run, undoable, record }: Pick<RunMessageFacts, 'run' | 'undoable' | 'record'>,
  { message, report }: NonNullable<RunView['end']>,
): Block[] => [
  ...textBlocks(literal(clip(message, 4000))),
  ...(report ? changeBlocks(report) : []),
  ...(report?.undo && report.undo.done.length > 0
    ? textBlocks(`*Put back*\n${listOf(report.undo.done)}`)
    : []),
  ...(undoable && !record?.undoneBy ? [undoBlock(run)] : []),
]

const changeBlocks = ({ outcome, changes, undo }: Report): Block[] => {
  const lines = changeLines(changes, undo)
  return lines.length > 0
    ? textBlocks(`*${outcome === 'planned' ? 'To change' : 'Changed'}*\n${listOf(lines)}`)
    : []
}

const undoBlock = (run: string): Block => ({
  type: 'actions',
  block_id: `undo-${run}`,
  elements: [
    {
      ...button('undo', 'Undo', run, 'danger'),
      confirm: {
        title: plainText('Undo this run?'),
        text: plainText('What the run changed is put back as it was, and the workload restarts.'),
        confirm: plainText('Undo'),
        deny: plainText('Keep'),
      },
    },
  ],
})

const listOf = (lines: readonly string[]): string => {
  if (lines.length === 0) return '• change nothing'
  const left = lines.length - most.lines
  return [
    ...lines.slice(0, most.lines).map((line) => `• ${literal(clip(line, most.line))}`),
    ...(left > 0 ? [`and ${left} more`] : []),
  ].join('\n')
}

/** A section holds 3,000 characters; longer text goes on in the next one, cut at a line's end. */
const textBlocks = (text: string): Block[] => {
  if (text === '') return []
  if (text.length <= most.section) return [section(text)]
  const end = text.lastIndexOf('\n', most.section)
  const cut = end > 0 ? end : most.section
  return [section(text.slice(0, cut)), ...textBlocks(text.slice(cut).replace(/^\n/, ''))]
}

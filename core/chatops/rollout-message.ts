import type { ApprovalAnswer, ApprovalQuestion } from '../events.ts'
import type { PlannedWave } from '../fleet/waves/plan.ts'
import type { WaveJudged } from '../fleet/waves/report.ts'
import { digestText, type ResultCounts } from '../fleet/waves/results.ts'
import type { FleetView } from '../fleet/waves/view.ts'
import { countsText, waveText } from '../fleet/waves/words.ts'
import { clip } from '../text/clip.ts'
import { firstLine } from '../text/first-line.ts'
import type { RunRecord } from '../triggers/origin.ts'
import { type Block, context, type Message, plainText, section, withinLimits } from './blocks.ts'
import { code, literal } from './mrkdwn.ts'
import { approvalBlocks, requestedBy } from './run-message.ts'

/** All that a message about a rollout shows. */
export interface RolloutMessageFacts {
  rollout: string
  view: FleetView
  record: RunRecord | undefined
  approval: { question: ApprovalQuestion; answer: ApprovalAnswer | null } | undefined
}

/** The one message of a rollout in its present state: its waves, what failed, its question, its buttons. */
export const rolloutMessage = ({ rollout, view, record, approval }: RolloutMessageFacts): Message => {
  const { mark, text } = stateOf(view, approval?.answer === null)
  const title = view.plan?.mode === 'undo' ? 'Undo of a rollout' : 'Rollout'
  const blocks = [
    { type: 'header' as const, text: plainText(clip(`${mark} ${title} ${rollout}`, 150)) },
    context(`${requestedBy(record)} · rollout ${code(rollout)}`),
    { list: waveLines(view).map(section), more: moreOf },
    { list: digestLines(view).map(section), more: moreOf },
    ...(approval ? approvalBlocks(approval, view.end === null) : []),
    ...(view.end ? [section(literal(clip(view.end.message, 2000)))] : []),
    ...undoButtons(rollout, view),
  ]
  return { text: literal(clip(`${title} ${rollout}: ${text}`, 300)), blocks: withinLimits(blocks) }
}

const moreOf = (left: number): Block => context(`and ${left} more`)

const stateOf = ({ end, underWay, plan }: FleetView, asks: boolean): { mark: string; text: string } => {
  if (end) return { mark: end.succeeded ? '✅' : '❌', text: firstLine(end.message) }
  if (asks) return { mark: '✋', text: 'waits for approval' }
  return {
    mark: '⏳',
    text: underWay && plan ? `wave ${underWay.wave} of ${plan.waves.length} is under way` : 'is under way',
  }
}

const waveLines = ({ plan, ...view }: FleetView): string[] =>
  (plan?.waves ?? []).map((wave, _, { length }) => waveLine(view, wave, length))

const waveLine = (
  { judged, underWay }: Pick<FleetView, 'judged' | 'underWay'>,
  wave: PlannedWave,
  of: number,
): string => {
  const own = judged.filter((one) => one.wave === wave.number)
  const mark =
    underWay?.wave === wave.number ? '●' : own.some(({ beyond }) => beyond) ? '✖' : own.length > 0 ? '✔' : '○'
  const came = [own.findLast(({ undoing }) => !undoing), own.findLast(({ undoing }) => undoing)]
  const said = came.flatMap((one) =>
    one ? `${one.undoing ? 'undone: ' : ''}${one.message.replace(/.*: /, '')}` : [],
  )
  return [`${mark} ${literal(waveText(wave, of))}`, ...said.map(literal)].join('  ')
}

const digestLines = ({ judged }: FleetView): string[] =>
  latestOf(judged).flatMap(({ digest }) =>
    digest.map((one) => `${one.result === 'failed' ? '✖' : '○'} ${digestText(one, { most: 500, literal })}`),
  )

/** The last judgement of each wave, undoing apart. */
const latestOf = (judged: readonly WaveJudged[]): WaveJudged[] => [
  ...new Map(judged.flatMap((one) => (one.undoing ? [] : [[one.wave, one] as const]))).values(),
]

/** A button for each of the latest waves that changed something and was not undone. */
const undoButtons = (rollout: string, { end, plan }: FleetView): Block[] => {
  if (!end?.report || plan?.mode === 'undo') return []
  const changed = end.report.waves.filter(({ counts, undone }) => undone === null && isUndoable(counts))
  return changed.slice(-5).map(({ number, counts }) => ({
    type: 'actions',
    block_id: `undo-${rollout}-${number}`,
    elements: [
      {
        type: 'button',
        action_id: 'undo',
        text: plainText(`Undo wave ${number}`),
        value: `${rollout} wave ${number}`,
        style: 'danger',
        confirm: {
          title: plainText(`Undo wave ${number}?`),
          text: plainText(clip(`What its runs changed is put back: ${countsText(counts)}`, 280)),
          confirm: plainText('Undo'),
          deny: plainText('Keep'),
        },
      },
    ],
  }))
}

const isUndoable = ({ enabled, associated, stopped }: ResultCounts): boolean =>
  enabled + associated + stopped > 0

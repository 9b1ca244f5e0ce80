import { clip } from '../text/clip.ts'
import { bytesOf } from '../text/fit.ts'
import { visible } from '../text/unprintable.ts'

/** The parts of Slack's Block Kit that messages here are made of. https://docs.slack.dev/reference/block-kit/blocks */
export type Block =
  | { type: 'header'; text: PlainText }
  | { type: 'section'; text: Mrkdwn }
  | { type: 'context'; elements: Mrkdwn[] }
  | { type: 'actions'; block_id: string; elements: Button[] }

export interface PlainText {
  type: 'plain_text'
  text: string
}

export interface Mrkdwn {
  type: 'mrkdwn'
  text: string
}

export interface Button {
  type: 'button'
  action_id: ButtonAction
  text: PlainText
  /** What the click is about, 2,000 characters at most. */
  value: string
  style?: 'primary' | 'danger'
  confirm?: { title: PlainText; text: PlainText; confirm: PlainText; deny: PlainText }
}

/** What a click on one of our buttons requests. */
export type ButtonAction = 'approve' | 'decline' | 'undo'

/** A message: `text` is what notifications and screen readers show. */
export interface Message {
  text: string
  blocks: Block[]
}

export const plainText = (text: string): PlainText => ({ type: 'plain_text', text: visible(text) })
const mrkdwn = (text: string): Mrkdwn => ({ type: 'mrkdwn', text })
export const section = (text: string): Block => ({ type: 'section', text: mrkdwn(text) })
export const context = (text: string): Block => ({ type: 'context', elements: [mrkdwn(text)] })

/**
 * Slack refuses a whole message for one block too many or too long, and (msg_blocks_too_long, which no page of its
 * documentation names) where all blocks together are longer than about 11,000 characters: the least that was seen
 * refused is 11,341. The blocks' own part in that is not known, so their JSON is counted, in bytes.
 */
const most = { section: 3000, blocks: 50, bytes: 10_000 }

const fits = (blocks: readonly Block[]): boolean =>
  blocks.length <= most.blocks && bytesOf(blocks) <= most.bytes

/** What is left of a message: blocks that always appear, and lists of which only as much as there is room for. */
export type Part = Block | { list: readonly Block[]; more: (left: number) => Block }

/**
 * Blocks within Slack's limits: lists are cut first, the longest one at its end, then long texts; buttons stay.
 * Escaping lengthens text, so lengths are checked here, after it.
 */
export const withinLimits = (given: readonly Part[]): Block[] => {
  const cut = (block: Block): Block => clipped(block, most.section)
  const parts = given.map((part) => ('list' in part ? { ...part, list: part.list.map(cut) } : cut(part)))
  const shown = parts.map((part) => ('list' in part ? part.list.length : 1))
  const blocks = (): Block[] =>
    parts.flatMap((part, at) => {
      if (!('list' in part)) return [part]
      const left = part.list.length - (shown[at] ?? 0)
      const first = part.list.slice(0, shown[at])
      return left > 0 ? [...first, part.more(left)] : first
    })
  let made = blocks()
  while (!fits(made)) {
    const longest = parts.reduce(
      (best, part, at) => ('list' in part && (shown[at] ?? 0) > (shown[best] ?? 0) ? at : best),
      -1,
    )
    const length = shown[longest]
    if (!length) break
    shown[longest] = length - 1
    made = blocks()
  }
  for (let length = most.section; !fits(made) && length > 100; length = Math.floor(length / 1.5)) {
    made = made.map((block) => clipped(block, length))
  }
  return fits(made) ? made : made.filter(({ type }) => type === 'header' || type === 'actions').slice(0, 10)
}

const clipped = (block: Block, length: number): Block => {
  if (block.type !== 'section' || block.text.text.length <= length) return block
  const text = clip(block.text.text, length - 4).replace(/&\w*…$/, '…')
  // A block of code that is cut must still end.
  return section((text.match(/```/g) ?? []).length % 2 === 1 ? `${text}\`\`\`` : text)
}

/** What is said in place of a message that Slack refused: its text, why, and its buttons, which still work. */
export const shortened = ({ text, blocks }: Message, reason: string): Message => ({
  text: clip(text, 2000),
  blocks: [
    section(clip(text, 2000)),
    ...blocks.filter(({ type }) => type === 'actions').slice(0, 5),
    context(`Slack refused the whole message (${reason}). The execution’s output has the report.`),
  ],
})

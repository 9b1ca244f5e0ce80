import { visible } from '../text/unprintable.ts'
import { clip } from './mrkdwn.ts'

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
export const mrkdwn = (text: string): Mrkdwn => ({ type: 'mrkdwn', text })
export const section = (text: string): Block => ({ type: 'section', text: mrkdwn(text) })
export const context = (text: string): Block => ({ type: 'context', elements: [mrkdwn(text)] })

const most = { section: 3000, blocks: 50 }

/**
 * Blocks within Slack's limits. Slack rejects a whole message for one block too many or too long. Escaping
 * lengthens text, so lengths are checked here, after it.
 */
export const withinLimits = (blocks: Block[]): Block[] => {
  const shown =
    blocks.length <= most.blocks
      ? blocks
      : [...blocks.slice(0, most.blocks - 1), context('… the rest is in the run’s report')]
  return shown.map((block) =>
    block.type === 'section' && block.text.text.length > most.section
      ? section(clip(block.text.text, most.section).replace(/&\w*…$/, '…'))
      : block,
  )
}

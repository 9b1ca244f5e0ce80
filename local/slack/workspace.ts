import { appendBounded } from '../bounded.ts'
import type { LocalClock } from '../clock.ts'

/** A block of a message, as far as the stand-in looks into it. */
export interface ShownBlock {
  type: string
  block_id?: string
  text?: { type: string; text: string }
  elements?: { type: string; action_id?: string; value?: string; text?: { text: string } | string }[]
}

/** A message in a channel; the latest of its versions. */
export interface PostedMessage {
  channel: string
  ts: string
  text: string
  blocks: ShownBlock[]
  /** How often it was changed since it was posted. */
  updates: number
  /** The one user who sees it, where it is not for the channel. */
  onlyFor?: string
}

/** What a method of Slack's Web API answers: `ok`, or Slack's code for what is wrong. */
export type SlackAnswer = { ok: true; [field: string]: unknown } | { ok: false; error: string }

/** A Slack workspace: its channels' messages, and its user groups. */
export class Workspace {
  readonly messages: PostedMessage[] = []
  /** Members by the user group's id. */
  readonly groups = new Map<string, string[]>()
  /** Private channels that the bot was not invited to. */
  readonly closedChannels = new Set<string>()
  readonly #clock: Pick<LocalClock, 'now'>
  readonly #listeners = new Set<() => void>()
  #count = 0

  constructor(clock: Pick<LocalClock, 'now'>) {
    this.#clock = clock
  }

  /** Serves a method of the Web API; its arguments are checked as Slack checks them. */
  call(method: string, fields: Record<string, unknown>): SlackAnswer {
    const answer = this.#answer(method, fields)
    for (const listen of [...this.#listeners]) listen()
    return answer
  }

  /** Resolves with the first message, now or later, that fits. */
  until(fits: (message: PostedMessage) => boolean): Promise<PostedMessage> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.messages.find(fits)
        if (!found) return
        this.#listeners.delete(look)
        resolve(found)
      }
      this.#listeners.add(look)
      look()
    })
  }

  #answer(method: string, fields: Record<string, unknown>): SlackAnswer {
    switch (method) {
      case 'auth.test':
        return {
          ok: true,
          url: 'https://shop.slack.com/',
          team: 'Shop',
          user: 'podid',
          team_id: 'T0SHOP',
          user_id: 'U0PODID',
        }
      case 'chat.postMessage':
        return this.#post(fields)
      case 'chat.postEphemeral':
        return typeof fields.user === 'string' ? this.#post(fields, fields.user) : wrong('user_not_found')
      case 'chat.update':
        return this.#update(fields)
      case 'usergroups.users.list': {
        const users = this.groups.get(String(fields.usergroup))
        return users ? { ok: true, users } : wrong('no_such_subteam')
      }
      default:
        return wrong('unknown_method')
    }
  }

  #post(fields: Record<string, unknown>, onlyFor?: string): SlackAnswer {
    const { channel } = fields
    if (typeof channel !== 'string' || this.closedChannels.has(channel)) return wrong('channel_not_found')
    const content = contentOf(fields)
    if ('ok' in content) return content
    // Slack's timestamps are seconds with six digits that make them unique in their channel.
    const ts = `${Math.floor(this.#clock.now() / 1000)}.${String(++this.#count).padStart(6, '0')}`
    const message = { channel, ts, updates: 0, ...content, ...(onlyFor ? { onlyFor } : {}) }
    appendBounded(this.messages, message, mostMessages)
    return { ok: true, channel, ts }
  }

  #update(fields: Record<string, unknown>): SlackAnswer {
    const message = this.messages.find(({ channel, ts }) => channel === fields.channel && ts === fields.ts)
    if (!message || message.onlyFor) return wrong('message_not_found')
    const content = contentOf(fields)
    if ('ok' in content) return content
    Object.assign(message, content)
    message.updates++
    return { ok: true, channel: message.channel, ts: message.ts }
  }
}

/** How many messages are remembered: more than any test or scenario posts. */
const mostMessages = 1000

const wrong = (error: string): SlackAnswer => ({ ok: false, error })

/** https://docs.slack.dev/reference/block-kit/blocks: 50 blocks, and a limit for each text. */
const contentOf = (fields: Record<string, unknown>): Pick<PostedMessage, 'text' | 'blocks'> | SlackAnswer => {
  const { text = '', blocks = [] } = fields as { text?: string; blocks?: ShownBlock[] }
  if (text === '' && blocks.length === 0) return wrong('no_text')
  if (text.length > 40_000) return wrong('msg_too_long')
  if (blocks.length > 50 || !blocks.every(isGood)) return wrong('invalid_blocks')
  if (charactersOf(blocks) > mostCharacters) return wrong('msg_blocks_too_long')
  const ids = blocks.flatMap(({ block_id: id }) => (id === undefined ? [] : [id]))
  if (new Set(ids).size < ids.length) return wrong('invalid_blocks')
  return { text, blocks }
}

/**
 * Not documented: messages were refused with 11,341 characters of text in blocks and more, and Slack does not say
 * what it counts. https://github.com/slackapi/bolt-js/issues/2509
 */
const mostCharacters = 11_000

const charactersOf = (blocks: readonly ShownBlock[]): number =>
  blocks
    .flatMap(({ text, elements = [] }) => [text, ...elements.map((element) => element.text)])
    .reduce((sum, text) => sum + (typeof text === 'string' ? text : (text?.text ?? '')).length, 0)

const most: Readonly<Record<string, number>> = { header: 150, section: 3000 }

const isGood = ({ type, text, elements = [], block_id: id = '' }: ShownBlock): boolean => {
  if (id.length > 255) return false
  if (type === 'header' || type === 'section')
    return text !== undefined && text.text.length > 0 && text.text.length <= (most[type] ?? 0)
  if (type === 'context') return elements.length > 0 && elements.length <= 10
  return (
    type === 'actions' &&
    elements.length > 0 &&
    elements.length <= 25 &&
    elements.every(({ value = '' }) => value.length <= 2000)
  )
}

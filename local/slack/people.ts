import { signAsSlack } from '../../adapters/signatures.ts'
import type { LocalClock } from '../clock.ts'
import type { PostedMessage, Workspace } from './workspace.ts'

/** What an app's URL answered to a command or a click. */
export interface AppAnswer {
  status: number
  body: { text?: string; response_type?: string; error?: string }
}

/** Who does something, and where. */
export interface SlackPlace {
  user?: string
  channel?: string
}

/** Whoever does not say who they are. */
export const somebody = { user: 'U0000LOCAL', channel: 'C0000LOCAL' }
const team = 'T0000LOCAL'

/** What people do in Slack, sent to the app as Slack sends it: as a form, signed. */
export class People {
  readonly signingSecret = crypto.randomUUID().replaceAll('-', '')
  /** Whom the page offers to be; the second one can approve what the first one asks for. */
  users: readonly string[] = [somebody.user]
  readonly #workspace: Workspace
  readonly #clock: Pick<LocalClock, 'now'>
  #app = ''

  constructor(workspace: Workspace, clock: Pick<LocalClock, 'now'>) {
    this.#workspace = workspace
    this.#clock = clock
  }

  /** Where the app takes commands (`/slack/commands`) and clicks (`/slack/interactions`). */
  connect(appUrl: string): void {
    this.#app = appUrl
  }

  /** Sends a slash command: `enable carts`. The same `triggerId` is the same command again. */
  command(
    text: string,
    { triggerId = crypto.randomUUID(), ...by }: SlackPlace & { triggerId?: string } = {},
  ): Promise<AppAnswer> {
    const { user, channel } = { ...somebody, ...by }
    return this.#send('/slack/commands', {
      command: '/pod-identity',
      text,
      user_id: user,
      channel_id: channel,
      team_id: team,
      trigger_id: triggerId,
    })
  }

  /** Clicks a message's button. */
  click(
    { channel, ts }: Pick<PostedMessage, 'channel' | 'ts'>,
    action: string,
    { user = somebody.user }: SlackPlace = {},
  ): Promise<AppAnswer> {
    const message = this.#workspace.messages.find((one) => one.channel === channel && one.ts === ts)
    const button = message?.blocks
      .flatMap(({ elements = [] }) => elements)
      .find(({ action_id: id }) => id === action)
    if (!button) throw new Error(`the message ${ts} has no button ${action}`)
    const payload = {
      type: 'block_actions',
      user: { id: user },
      channel: { id: channel },
      team: { id: team },
      trigger_id: crypto.randomUUID(),
      message: { ts },
      actions: [{ action_id: action, value: button.value }],
    }
    return this.#send('/slack/interactions', { payload: JSON.stringify(payload) })
  }

  async #send(path: string, form: Record<string, string>): Promise<AppAnswer> {
    if (!this.#app) throw new Error('no app is connected to the Slack stand-in')
    const body = new URLSearchParams(form).toString()
    const timestamp = String(Math.floor(this.#clock.now() / 1000))
    const response = await fetch(`${this.#app}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': signAsSlack(this.signingSecret, timestamp, body),
      },
      body,
    })
    const text = await response.text()
    return { status: response.status, body: (text ? JSON.parse(text) : {}) as AppAnswer['body'] }
  }
}

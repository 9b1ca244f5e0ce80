import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { signAsSlack } from '../../adapters/signatures.ts'
import { type LocalClock, realClock } from '../clock.ts'
import { messagesHtml, pageHtml } from './page.ts'
import { type PostedMessage, Workspace } from './workspace.ts'

export type { PostedMessage, ShownBlock } from './workspace.ts'

export interface SlackOptions {
  clock?: LocalClock & { touch?: () => void }
  /** 0 for a free one. */
  port?: number
}

/** What an app's URL answered to a command or a click. */
export interface AppAnswer {
  status: number
  body: { text?: string; response_type?: string; error?: string }
}

/** Who does something, and where. */
export interface Place {
  user?: string
  channel?: string
}

/** A running stand-in for Slack: its Web API for the app, and a page for people. */
export interface SlackStandIn {
  /** `http://127.0.0.1:PORT`: the page. */
  url: string
  /** Where the app finds the Web API. */
  apiUrl: string
  botToken: string
  signingSecret: string
  workspace: Workspace
  /** Where commands (`/slack/commands`) and clicks (`/slack/interactions`) go. */
  connect(appUrl: string): void
  /** Sends a slash command as somebody: `enable carts`. The same `triggerId` is the same command again. */
  command(text: string, by?: Place & { triggerId?: string }): Promise<AppAnswer>
  /** Clicks a message's button as somebody. */
  click(message: Pick<PostedMessage, 'channel' | 'ts'>, action: string, by?: Place): Promise<AppAnswer>
  close(): Promise<void>
}

const somebody = { user: 'U0000LOCAL', channel: 'C0000LOCAL' }
const team = 'T0000LOCAL'

/** Starts the stand-in on the loopback. */
export const startSlack = async ({
  clock = realClock(),
  port = 0,
}: SlackOptions = {}): Promise<SlackStandIn> => {
  const workspace = new Workspace(clock)
  const botToken = `xoxb-${crypto.randomUUID()}`
  const signingSecret = crypto.randomUUID().replaceAll('-', '')
  let app = ''

  const send = async (path: string, form: Record<string, string>): Promise<AppAnswer> => {
    if (!app) throw new Error('no app is connected to the Slack stand-in')
    const body = new URLSearchParams(form).toString()
    const timestamp = String(Math.floor(clock.now() / 1000))
    const response = await fetch(`${app}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': signAsSlack(signingSecret, timestamp, body),
      },
      body,
    })
    const text = await response.text()
    return { status: response.status, body: (text ? JSON.parse(text) : {}) as AppAnswer['body'] }
  }

  const command: SlackStandIn['command'] = (text, { triggerId = crypto.randomUUID(), ...by } = {}) => {
    const { user, channel } = { ...somebody, ...by }
    return send('/slack/commands', {
      command: '/pod-identity',
      text,
      user_id: user,
      channel_id: channel,
      team_id: team,
      trigger_id: triggerId,
    })
  }

  const click: SlackStandIn['click'] = ({ channel, ts }, action, by = {}) => {
    const message = workspace.messages.find((one) => one.channel === channel && one.ts === ts)
    const button = message?.blocks
      .flatMap(({ elements = [] }) => elements)
      .find(({ action_id: id }) => id === action)
    if (!button) throw new Error(`the message ${ts} has no button ${action}`)
    const payload = {
      type: 'block_actions',
      user: { id: by.user ?? somebody.user },
      channel: { id: channel },
      team: { id: team },
      trigger_id: crypto.randomUUID(),
      message: { ts },
      actions: [{ action_id: action, value: button.value }],
    }
    return send('/slack/interactions', { payload: JSON.stringify(payload) })
  }

  /** What somebody does on the page, told to them where Slack would tell them alone. */
  const onPage = async (path: string, form: URLSearchParams): Promise<void> => {
    const user = form.get('user') || somebody.user
    const channel = form.get('channel') || somebody.channel
    if (path === '/say') {
      const text = (form.get('text') ?? '').replace(/^\/pod-identity\s*/, '')
      const { body } = await command(text, { user, channel })
      const told = body.text ?? body.error ?? ''
      if (told) workspace.call('chat.postEphemeral', { channel, user, text: told })
    } else {
      await click({ channel, ts: form.get('ts') ?? '' }, form.get('action') ?? '', { user })
    }
  }

  const serve = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    clock.touch?.()
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    const body = await bodyOf(request)
    const reply = (status: number, type: string, text: string, headers = {}) =>
      void response.writeHead(status, { 'content-type': type, ...headers }).end(text)
    const json = (data: unknown) => reply(200, 'application/json', JSON.stringify(data))
    if (path.startsWith('/api/')) {
      if (request.headers.authorization !== `Bearer ${botToken}`)
        return json({ ok: false, error: 'invalid_auth' })
      return json(
        workspace.call(path.slice('/api/'.length), JSON.parse(body || '{}') as Record<string, unknown>),
      )
    }
    if (request.method === 'POST' && (path === '/say' || path === '/click')) {
      await onPage(path, new URLSearchParams(body))
      return reply(303, 'text/plain', '', { location: '/' })
    }
    if (path === '/messages') return json(workspace.messages)
    if (path === '/messages.html') return reply(200, html, messagesHtml(workspace.messages))
    if (path === '/') return reply(200, html, pageHtml(workspace.messages, somebody))
    return reply(404, 'text/plain', 'not found')
  }

  const server = http.createServer((request, response) => {
    serve(request, response).catch((error: unknown) =>
      response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error)),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    apiUrl: `${url}/api`,
    botToken,
    signingSecret,
    workspace,
    connect: (appUrl) => {
      app = appUrl
    },
    command,
    click,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const html = 'text/html; charset=utf-8'

const bodyOf = async (request: http.IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

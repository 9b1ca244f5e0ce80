import http from 'node:http'
import { messagesHtml, type PageBoxes, pageHtml } from './page.ts'
import { type People, somebody } from './people.ts'
import type { Workspace } from './workspace.ts'

export interface SlackServerOptions {
  workspace: Workspace
  people: People
  botToken: string
}

interface Reply {
  status: number
  headers: Record<string, string>
  body: string
}

/** Slack's Web API for the app, under /api, and for people a page to write commands and click buttons on. */
export const createSlackServer = (options: SlackServerOptions): http.Server =>
  http.createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    const { status, headers, body } = await respond(options, request).catch((error: unknown) =>
      reply(500, 'text/plain', String(error)),
    )
    response.writeHead(status, headers).end(body)
  })

const respond = async (options: SlackServerOptions, request: http.IncomingMessage): Promise<Reply> => {
  const { workspace } = options
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const body = await bodyOf(request)
  if (pathname.startsWith('/api/'))
    return json(callMethod(options, request, pathname.slice('/api/'.length), body))
  if (request.method === 'POST' && (pathname === '/say' || pathname === '/click')) {
    const form = new URLSearchParams(body)
    await actOnPage(options, pathname, form)
    // The reader goes on with what is in the boxes. A click's channel is its message's.
    const location = `/?${new URLSearchParams({ ...boxesOf(form, options), ...(pathname === '/click' ? { channel: somebody.channel } : {}) })}`
    return { status: 303, headers: { location }, body: '' }
  }
  switch (pathname) {
    case '/':
      return reply(
        200,
        html,
        pageHtml(workspace.messages, boxesOf(searchParams, options), options.people.users),
      )
    case '/messages':
      return json(workspace.messages)
    case '/messages.html':
      return reply(200, html, messagesHtml(workspace.messages))
    default:
      return reply(404, 'text/plain', 'not found')
  }
}

const boxesOf = (form: URLSearchParams, { people }: Pick<SlackServerOptions, 'people'>): PageBoxes => ({
  user: form.get('user') || people.users[0] || somebody.user,
  channel: form.get('channel') || somebody.channel,
  text: form.get('text') ?? 'help',
})

const callMethod = (
  { workspace, botToken }: SlackServerOptions,
  { headers }: http.IncomingMessage,
  method: string,
  body: string,
): object =>
  headers.authorization === `Bearer ${botToken}`
    ? workspace.call(method, JSON.parse(body || '{}') as Record<string, unknown>)
    : { ok: false, error: 'invalid_auth' }

/** A person's actions on the page; it also shows what only that person would see in Slack. */
const actOnPage = async (
  { workspace, people }: SlackServerOptions,
  path: '/say' | '/click',
  form: URLSearchParams,
): Promise<void> => {
  const user = form.get('user') || somebody.user
  const channel = form.get('channel') || somebody.channel
  if (path === '/click') {
    await people.click({ channel, ts: form.get('ts') ?? '' }, form.get('action') ?? '', { user })
    return
  }
  const command = (form.get('text') ?? '').replace(/^\/pod-identity\s*/, '')
  const { body } = await people.command(command, { user, channel })
  const text = body.text ?? body.error
  if (text) workspace.call('chat.postEphemeral', { channel, user, text })
}

const html = 'text/html; charset=utf-8'

const reply = (status: number, type: string, body: string): Reply => ({
  status,
  headers: { 'content-type': type },
  body,
})

const json = (data: unknown): Reply => reply(200, 'application/json', JSON.stringify(data))

const bodyOf = async (request: http.IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

import { afterEach, beforeEach, expect, it } from 'vitest'
import { isSignedBySlack } from '../../adapters/signatures.ts'
import { type SlackStandIn, startSlack } from '../../local/slack/index.ts'
import { type ReceivedRequest, type Scripted, scriptedServer } from '../support/servers/scripted-server.ts'

let slack: SlackStandIn
let app: Awaited<ReturnType<typeof scriptedServer>>
const answers: Scripted[] = []

beforeEach(async () => {
  answers.splice(0, answers.length, { body: JSON.stringify({ text: 'On *it* `a&lt;b` <script>' }) })
  ;[slack, app] = await Promise.all([startSlack(), scriptedServer(answers)])
  slack.people.connect(app.url)
})
afterEach(() => Promise.all([slack.close(), app.close()]))

const onPage = (path: string, form: Record<string, string>) =>
  fetch(`${slack.url}${path}`, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' })

it('sends what is written on the page, signed, and shows the answer to its writer', async () => {
  const response = await onPage('/say', { text: '/pod-identity enable carts', user: 'U0ADA', channel: 'C0' })
  const location = response.headers.get('location') ?? ''
  expect(response.status).toBe(303)
  // What was written stays in the boxes.
  const next = await (await fetch(`${slack.url}${location}`)).text()
  expect(next).toContain('name="user" size="12" value="U0ADA"')
  expect(next).toContain('name="text" value="/pod-identity enable carts"')
  const { path, headers, body } = app.received[0] as ReceivedRequest
  expect(path).toBe('/slack/commands')
  expect(Object.fromEntries(new URLSearchParams(body))).toMatchObject({
    command: '/pod-identity',
    text: 'enable carts',
    user_id: 'U0ADA',
    channel_id: 'C0',
  })
  const signed = {
    timestamp: String(headers['x-slack-request-timestamp']),
    signature: String(headers['x-slack-signature']),
    body: Buffer.from(body),
  }
  expect(isSignedBySlack(slack.people.signingSecret, signed, Date.now())).toBe(true)
  const html = await (await fetch(slack.url)).text()
  expect(html).toContain('only U0ADA sees this')
  expect(html).toContain('On <b>it</b> <code>a&#60;b</code> script')
})

it('names whom the page can be, and shows times as the reader’s clock has them', async () => {
  slack.people.users = ['U0ADA', 'U0BOB']
  const text = 'since <!date^1763881200^{date_short_pretty} {time}|2025-11-23T07:00:00Z>'
  slack.workspace.call('chat.postMessage', { channel: 'C0', text })
  const html = await (await fetch(slack.url)).text()
  expect(html).toContain('ask as U0ADA, then write U0BOB')
  expect(html).toContain('<option value="U0BOB">')
  const local = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
  expect(html).toContain(`since ${local.format(new Date('2025-11-23T07:00:00Z'))}`)
})

it('shows a message with its buttons, and sends the clicks', async () => {
  const button = {
    type: 'button',
    action_id: 'undo',
    value: 'run-1',
    text: { type: 'plain_text', text: 'Undo' },
  }
  const blocks = [
    { type: 'header', text: { type: 'plain_text', text: '<img src=x>' } },
    { type: 'actions', block_id: 'b', elements: [button] },
  ]
  slack.workspace.call('chat.postMessage', { channel: 'C0', text: 't', blocks })
  const { ts } = await slack.workspace.until(() => true)
  const html = await (await fetch(`${slack.url}/messages.html`)).text()
  expect(html).toContain('&#60;img src=x&#62;')
  expect(html).toContain(`data-ts="${ts}"`)
  await onPage('/click', { channel: 'C0', ts, action: 'undo', user: 'U0ADA' })
  const [{ path, body } = { path: '', body: '' }] = app.received
  expect(path).toBe('/slack/interactions')
  expect(JSON.parse(new URLSearchParams(body).get('payload') ?? '')).toMatchObject({
    type: 'block_actions',
    user: { id: 'U0ADA' },
    actions: [{ action_id: 'undo', value: 'run-1' }],
  })
})

it.each<[why: string, fields: object, error: string]>([
  [
    'a header that is too long',
    { blocks: [{ type: 'header', text: { text: 'x'.repeat(151) } }] },
    'invalid_blocks',
  ],
  ['a section without text', { blocks: [{ type: 'section', text: { text: '' } }] }, 'invalid_blocks'],
  ['too many blocks', { blocks: Array(51).fill({ type: 'section', text: { text: 'x' } }) }, 'invalid_blocks'],
  ['a block that it does not know', { blocks: [{ type: 'divide' }] }, 'invalid_blocks'],
  ['nothing to say', {}, 'no_text'],
])('refuses as Slack does: %s', (_why, fields, error) => {
  expect(slack.workspace.call('chat.postMessage', { channel: 'C0', ...fields })).toEqual({ ok: false, error })
})

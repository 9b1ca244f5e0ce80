import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Runtime } from '../../adapters/runtime.ts'
import { type Slack, slack } from '../../adapters/slack.ts'
import { section } from '../../core/chatops/blocks.ts'
import { type SlackStandIn, startSlack } from '../../local/slack/index.ts'
import { type Scripted, scriptedServer } from '../support/servers/scripted-server.ts'

const naps: number[] = []
const runtime: Runtime = {
  aws: { credentials: async () => ({ accessKeyId: '', secretAccessKey: '' }) },
  clock: { now: () => 0, sleep: async (ms) => void naps.push(ms) },
  log: { info: () => {}, warn: () => {}, error: () => {} },
  progress: () => {},
}
const message = { text: 'hello', blocks: [] }

let standIn: SlackStandIn
let api: Slack
beforeEach(async () => {
  naps.length = 0
  standIn = await startSlack()
  api = slack(runtime, { url: standIn.apiUrl, token: async () => standIn.botToken })
})
afterEach(() => standIn.close())

it('posts, updates and whispers', async () => {
  const posted = await api.post('C0', message)
  await api.update(posted, { ...message, text: 'hello again' })
  await api.whisper('C0', 'U0', 'psst')
  expect(standIn.workspace.messages).toMatchObject([
    { ...posted, text: 'hello again', updates: 1 },
    { channel: 'C0', text: 'psst', onlyFor: 'U0' },
  ])
})

it('knows who is in a user group', async () => {
  standIn.workspace.groups.set('S0', ['U1', 'U2'])
  expect(await api.membersOf('S0')).toEqual(['U1', 'U2'])
})

it.each<[why: string, act: () => Promise<unknown>, reason: string]>([
  ['a channel it is not in', () => api.post('C0CLOSED', message), 'channel_not_found'],
  ['a message that is gone', () => api.update({ channel: 'C0', ts: '1.0' }, message), 'message_not_found'],
  ['a group that is gone', () => api.membersOf('S0GONE'), 'no_such_subteam'],
  [
    'a wrong token',
    () => slack(runtime, { url: standIn.apiUrl, token: async () => 'wrong' }).post('C0', message),
    'invalid_auth',
  ],
])('says what Slack refused: %s', async (_why, act, reason) => {
  standIn.workspace.closedChannels.add('C0CLOSED')
  await expect(act()).rejects.toMatchObject({ name: 'SlackRefused', reason })
})

const withScript = async (script: Scripted[], work: (api: Slack) => Promise<void>) => {
  const server = await scriptedServer(script)
  try {
    await work(slack(runtime, { url: server.url, token: async () => 'xoxb' }))
  } finally {
    await server.close()
  }
}

it('waits as long as Slack says when it is too quick', async () => {
  const ok = { status: 200, body: '{"ok":true,"channel":"C0","ts":"1.1"}' }
  await withScript([{ status: 429, headers: { 'retry-after': '7' } }, ok], async (scripted) => {
    expect(await scripted.post('C0', message)).toEqual({ channel: 'C0', ts: '1.1' })
  })
  expect(naps).toEqual([7000])
})

it.each<[why: string, script: Scripted[]]>([
  ['Slack is down', [{ status: 503 }]],
  ['it stays too busy', [{ status: 429 }, { status: 429 }, { status: 429 }]],
  ['the connection breaks', [{ cut: true }]],
])('calls it transient when %s', async (_why, script) => {
  await withScript(script, async (scripted) => {
    await expect(scripted.post('C0', message)).rejects.toMatchObject({ name: 'Transient' })
  })
})

it.each([
  [
    'a proxy answers with a page',
    { status: 200, body: '<html>Sign in to the proxy</html>' },
    '<html>Sign in',
  ],
  ['nothing is in the answer', { status: 200, body: '' }, '""'],
  ['the answer is no object', { status: 404, body: 'null' }, 'null'],
  [
    'a page ends in the midst of a secret',
    { status: 200, body: `${'x'.repeat(80)} wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY` },
    'x+ \\(hidden\\)',
  ],
])('says what to look at when %s', async (_why, script, begins) => {
  await withScript([script], async (scripted) => {
    await expect(scripted.post('C0', message)).rejects.toMatchObject({
      name: 'SlackRefused',
      message: expect.stringMatching(
        new RegExp(
          `refused chat.postMessage: ${script.status}.*${begins}.*whether a proxy answers in Slack's place`,
        ),
      ),
    })
  })
})

it('says a message that Slack does not take in a shorter one, with its buttons', async () => {
  const button = {
    type: 'button',
    action_id: 'approve',
    text: { type: 'plain_text', text: 'Approve' },
    value: 'a',
  } as const
  const tooLong = {
    text: 'Enable carts: waits for approval',
    blocks: [
      ...Array.from({ length: 5 }, () => section('x'.repeat(2900))),
      { type: 'actions' as const, block_id: 'approval-a', elements: [button] },
    ],
  }
  const posted = await api.post('C0', tooLong)
  await api.update(posted, tooLong)
  const [shown] = standIn.workspace.messages
  expect(shown).toMatchObject({ text: tooLong.text, updates: 1 })
  expect(JSON.stringify(shown?.blocks)).toMatch(/"approve".*msg_blocks_too_long/)
})

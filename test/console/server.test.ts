import { createHash } from 'node:crypto'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { journalSource } from '../../cli/console/journal-source.ts'
import { withoutTokens } from '../../cli/console/without-tokens.ts'
import { type RunningConsole, startConsole } from '../../console/server/server.ts'
import type { RunSource } from '../../console/server/source.ts'
import type { RunEvent } from '../../core/run-events/event.ts'
import { visible } from '../../core/text/unprintable.ts'

// Journals as podid writes them, read by the real source and asked for over HTTP.
const state = mkdtempSync(join(tmpdir(), 'podid-console-'))
const folder = join(state, 'podid', 'runs')
const hostile = '</script><script>alert(1)</script>‮\u0007'
const head = (run: string, more: object = {}) => ({
  type: 'run',
  run,
  at: '2026-11-26T10:00:00.000Z',
  mode: 'enable',
  account: '123456789012',
  pid: process.pid,
  host: 'elsewhere',
  started: '1',
  input: { cluster: 'eks-workshop', namespace: 'carts', serviceAccount: hostile },
  ...more,
})
const event = (run: string, second: number, said: object) => ({
  ...said,
  run,
  at: `2026-11-26T10:00:0${second}.000Z`,
})
const journal = (run: string, ...lines: object[]): void =>
  writeFileSync(join(folder, `${run}.jsonl`), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))

const graph = { startAt: 'A', nodes: [], edges: [] }
const assets = { script: 'void 0', style: 'a{}' }
const begun: unknown[] = []
const starting: RunSource['starts'] = {
  question: async ({ cluster }) => [`a run on ${cluster} starts`],
  act: async (input) => {
    begun.push(input)
    return { done: 'started', run: 'new-one' }
  },
}
const no = async () => {
  throw new Error('ExpiredTokenException: AKIAABCDEFGHIJKLMNOP has expired')
}
const denied: RunSource = {
  label: 'denied',
  list: no,
  read: no,
  raw: no,
  log: no,
  question: no,
  act: no,
}
let running: RunningConsole
let origin: string
let path: string
beforeAll(async () => {
  process.env.XDG_STATE_HOME = state
  mkdirSync(folder, { recursive: true })
  journal(
    'ended',
    head('ended'),
    event('ended', 0, { type: 'run.started' }),
    event('ended', 1, {
      type: 'run.failed',
      duration: 1,
      status: 'FAILED',
      error: 'Refused',
      message: hostile,
      findings: [],
    }),
  )
  journal('killed', head('killed'), event('killed', 0, { type: 'run.started' }))
  running = await startConsole({
    sources: [
      journalSource(),
      { ...journalSource(), label: 'production', list: async () => [], starts: starting },
      { ...denied, label: 'denied' },
    ],
    graphs: { run: graph, rollout: graph },
    assets,
    declared: async () => [{ name: 'carts', input: { cluster: 'c', role: 'r', approval: 'required' } }],
    words: ({ message }) => `${message}. Sign in again: aws sso login`,
    port: 0,
    everyMs: 5,
  })
  ;({ origin, pathname: path } = new URL(running.url))
})
afterAll(async () => {
  await running.close()
  rmSync(state, { recursive: true })
})

interface Asked {
  method?: string
  headers?: Record<string, string>
  body?: string
}

/** fetch() sets some headers itself, and a browser's attack is in just those. */
const ask = (where: string, { method = 'GET', headers = {}, body = '' }: Asked = {}) =>
  new Promise<{ status: number | undefined; headers: Record<string, unknown>; text: string }>(
    (resolve, reject) => {
      const asked = request(`${origin}${where}`, { method, headers }, async (answer) => {
        let text = ''
        for await (const part of answer) text += String(part)
        resolve({ status: answer.statusCode, headers: answer.headers, text })
      })
      asked.on('error', reject)
      asked.end(body)
    },
  )

const json = { 'content-type': 'application/json' }
const refused: [why: string, where: () => string, asked: Asked, status: number][] = [
  ['without the token', () => '/runs', {}, 403],
  ['with another token of its length', () => `/${path[1] === 'A' ? 'B' : 'A'}${path.slice(2)}runs`, {}, 403],
  ['with a part of the token', () => `${path.slice(0, 12)}/runs`, {}, 403],
  ['the page itself without the token', () => '/', {}, 403],
  [
    'under a name that leads here by DNS rebinding',
    () => `${path}runs`,
    { headers: { host: 'evil.example' } },
    403,
  ],
  ['under its own name with another port', () => `${path}runs`, { headers: { host: '127.0.0.1:1' } }, 403],
  [
    'by the page of another origin',
    () => `${path}runs`,
    { headers: { origin: 'https://evil.example' } },
    403,
  ],
  ['by a page of no origin', () => `${path}runs`, { headers: { origin: 'null' } }, 403],
  [
    'by a page that a browser calls cross-site',
    () => `${path}runs`,
    { headers: { 'sec-fetch-site': 'cross-site' } },
    403,
  ],
  [
    'by another port’s page, which a browser calls same-site',
    () => `${path}runs`,
    { headers: { 'sec-fetch-site': 'same-site' } },
    403,
  ],
  ['with a method that it does not have', () => `${path}runs`, { method: 'DELETE' }, 405],
  [
    'to start a run without the token',
    () => '/start',
    { method: 'POST', headers: json, body: '{"where":"production","confirmed":true}' },
    403,
  ],
  [
    'to start a run for another page',
    () => `${path}start`,
    { method: 'POST', headers: { ...json, origin: 'https://evil.example' }, body: '{"where":"production"}' },
    403,
  ],
  [
    'to start a run where none may be started',
    () => `${path}start`,
    { method: 'POST', headers: json, body: '{"where":"denied","confirmed":true}' },
    409,
  ],
  [
    'to start a run of a binding that no file declares',
    () => `${path}start`,
    {
      method: 'POST',
      headers: json,
      body: '{"where":"production","binding":"constructor","confirmed":true}',
    },
    404,
  ],
  ['a file', () => `${path}..%2f..%2fpackage.json`, {}, 404],
  [
    'to act as a form could',
    () => `${path}runs/ended/again`,
    {
      method: 'POST',
      body: 'confirmed=true',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    },
    415,
  ],
  [
    'to act without a confirmation',
    () => `${path}runs/ended/again`,
    { method: 'POST', headers: json, body: '{}' },
    400,
  ],
  [
    'to act by what is no JSON',
    () => `${path}runs/ended/again`,
    { method: 'POST', headers: json, body: '{' },
    400,
  ],
  [
    'to act by a body without end',
    () => `${path}runs/ended/again`,
    { method: 'POST', headers: json, body: ' '.repeat(20_000) },
    413,
  ],
  [
    'to do what is not offered for the run',
    () => `${path}runs/ended/approve`,
    { method: 'POST', headers: json, body: '{"confirmed":true}' },
    409,
  ],
  [
    'to do what no run has',
    () => `${path}runs/ended/explode`,
    { method: 'POST', headers: json, body: '{"confirmed":true}' },
    404,
  ],
]

describe('the server refuses', () => {
  it.each(refused)('%s', async (_why, where, asked, status) => {
    const answer = await ask(where(), asked)
    expect(answer.status).toBe(status)
    expect(answer.text).not.toContain(path.slice(1, -1))
    expect(answer.text).not.toContain('carts')
  })
})

describe('the page', () => {
  it('may load its own script and style, talk to its server, and nothing else', async () => {
    const { status, headers, text } = await ask(path)
    expect(status).toBe(200)
    const hash = (part: string) => createHash('sha256').update(part).digest('base64')
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; script-src 'sha256-${hash(assets.script)}'; style-src 'sha256-${hash(assets.style)}'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    )
    expect(headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' })
    expect(text.replaceAll('href="data:,"', '')).not.toMatch(/(?:src|href)=/)
  })

  it('is answered with runs in Step Functions’ words, the newest first, and with what one of its sources fails by', async () => {
    const { text } = await ask(`${path}runs`)
    expect(JSON.parse(text)).toEqual({
      faults: ['denied: ExpiredTokenException: (hidden) has expired. Sign in again: aws sso login'],
      items: [
        expect.objectContaining({
          run: 'ended',
          status: 'FAILED',
          endedAt: '2026-11-26T10:00:01.000Z',
          binding: `carts/${hostile}`,
        }),
        expect.objectContaining({ run: 'killed', status: 'KILLED', endedAt: null }),
      ],
    })
  })
})

describe('a run that is not there', () => {
  it.each(['none', '../../etc/passwd'])(
    '%s is not found, and what its sources fail by is said',
    async (run) => {
      const { status, text } = await ask(`${path}runs/${encodeURIComponent(run)}`)
      expect([status, text]).toEqual([502, expect.stringContaining('ExpiredTokenException')])
    },
  )
})

describe('a run is started', () => {
  const start = async (body: object) => {
    const { status, text } = await ask(`${path}start`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ where: 'production', ...body }),
    })
    return [status, JSON.parse(text)]
  }

  it('not before it was confirmed: until then it is told what it would change', async () => {
    expect(await start({ binding: 'carts' })).toEqual([200, { changes: ['a run on c starts'] }])
    expect(begun).toEqual([])
    expect(await start({ binding: 'carts', confirmed: 'true' })).toEqual([
      200,
      { changes: ['a run on c starts'] },
    ])
    expect(begun).toEqual([])
  })

  it('by what a file declares, or by the fields of a request and no others', async () => {
    expect(await start({ binding: 'carts', confirmed: true })).toEqual([
      200,
      { done: 'started', run: 'new-one' },
    ])
    const fields = { cluster: 'c', role: 'r', workload: '', mode: 'undo', before: '{}', namespace: { a: 1 } }
    await start({ fields, confirmed: true })
    expect(begun).toEqual([
      { cluster: 'c', role: 'r', approval: 'required' },
      { cluster: 'c', role: 'r' },
    ])
  })
})

it('the log of a run that has left none says where it would be', async () => {
  const { text } = await ask(`${path}runs/ended/log`)
  expect(JSON.parse(text)).toEqual({
    lines: [],
    note: `there is no log of this run: ${join(state, 'podid', 'logs', 'ended.log')} is not there`,
  })
})

describe('an export', () => {
  it('is one document that asks nobody, and in which no text from outside ends an element', async () => {
    const { status, headers, text } = await ask(`${path}runs/ended/export`)
    expect([status, headers['content-disposition']]).toEqual([200, 'attachment; filename="run.html"'])
    expect(text).not.toContain('alert(1)</script>')
    expect(text).not.toContain('connect-src')
    expect(text.match(/<script/g)).toHaveLength(2)
    const [, data = ''] = /id="data">(.*)<\/script>\n/.exec(text) ?? []
    expect(JSON.parse(data)).toMatchObject({
      live: false,
      read: { events: [{ type: 'run.started' }, { message: hostile }] },
    })
    // Printed to a terminal, it changes nothing there either.
    expect(visible(text)).toBe(text)
  })
})

describe('a stream', () => {
  it('tells each event of a run once, as soon as the journal has it', async () => {
    journal('live', head('live'), event('live', 0, { type: 'run.started' }))
    const told: { from: number; events: RunEvent[] }[] = []
    await new Promise<void>((resolve, reject) => {
      const asked = request(`${origin}${path}runs/live/events`, (answer) => {
        let text = ''
        answer.on('data', (part) => {
          text += String(part)
          const messages = text.split('\n\n')
          text = messages.pop() ?? ''
          for (const message of messages.filter((one) => one.startsWith('data: '))) {
            const one = JSON.parse(message.slice(6))
            if (one.events.length === 0) continue
            told.push(one)
            if (told.length === 1)
              appendFileSync(
                join(folder, 'live.jsonl'),
                `${JSON.stringify(event('live', 1, { type: 'step.started', step: 'A', visit: 1 }))}\n`,
              )
            else {
              asked.destroy()
              resolve()
            }
          }
        })
      })
      asked.on('error', (error: NodeJS.ErrnoException) => error.code === 'ECONNRESET' || reject(error))
      asked.end()
    })
    expect(told.map(({ from, events }) => [from, events.map(({ type }) => type)])).toEqual([
      [0, ['run.started']],
      [1, ['step.started']],
    ])
  })
})

it('a port that is taken is a sentence', async () => {
  const { port } = new URL(running.url)
  const again = startConsole({
    sources: [],
    graphs: { run: graph, rollout: graph },
    assets,
    port: Number(port),
    everyMs: 5,
  })
  await expect(again).rejects.toThrow(
    `port ${port} of this machine cannot be had (EADDRINUSE): choose another one with --port`,
  )
})

const hidden: [why: string, value: unknown, copy: unknown][] = [
  ['a field that is a task token', { TaskToken: 'AAAA' }, { TaskToken: '(hidden)' }],
  [
    'one inside JSON that is a text',
    { parameters: '{"Payload":{"token":"AAAA","run":"r"}}' },
    { parameters: '{"Payload":{"token":"(hidden)","run":"r"}}' },
  ],
  ['one in a list', [{ token: 'AAAA' }], [{ token: '(hidden)' }]],
  [
    'what has the form of a secret',
    { cause: 'token xoxb-1234567890-abc' },
    { cause: expect.not.stringContaining('xoxb-1234') },
  ],
  ['and nothing else', { tokens: 3, run: 'r' }, { tokens: 3, run: 'r' }],
]

it.each(hidden)('of the texts behind a run, %s is hidden', (_why, value, copy) => {
  expect(withoutTokens(value)).toEqual(copy)
})

import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Runtime } from '../../../adapters/runtime.ts'
import { parseWebhookSecrets, signAsSlack, signMessage } from '../../../adapters/signatures.ts'
import { create } from '../../../functions/integrations/http.ts'
import type { HttpEvent } from '../../../functions/support/http.ts'
import type { AwsStandIn } from '../../../local/aws/index.ts'
import { allow } from '../../local/aws/support.ts'
import { startTestAws } from '../../support/servers/small-pages.ts'

const now = Date.UTC(2026, 10, 23, 7)
const slackSecret = '8f742231b10e8888abcd99yyyzzz85a5'
const webhookSecrets = `ci=whsec_${Buffer.from('a secret of twenty-four bytes').toString('base64')}`
const [{ key }] = parseWebhookSecrets(webhookSecrets) as unknown as [{ key: Buffer }]
const botToken = 'xoxb-not-for-logs'

const config = {
  account: '123456789012',
  region: 'us-west-2',
  bindings: {
    carts: {
      cluster: 'eks-workshop',
      namespace: 'carts',
      serviceAccount: 'carts',
      role: 'arn:aws:iam::123456789012:role/carts',
    },
  },
  access: [
    { users: ['U0REQUESTER'], may: ['enable'] },
    { callers: ['ci'], may: ['enable'] },
  ],
}

let aws: AwsStandIn
beforeAll(async () => {
  aws = await startTestAws()
  reader = aws.state.principals.addUser('reader', { secrets: allow('ssm:GetParameter') }).credentials
  aws.parameters.put('/podid/test/webhook-secrets', webhookSecrets)
  aws.parameters.put('/podid/test/slack-signing-secret', slackSecret)
  aws.parameters.put('/podid/test/slack-bot-token', botToken)
})
afterAll(() => aws.close())

/** A user who may read the secrets alone: nothing can start without more than that. */
let reader: AwsStandIn['credentials']
/** How often anything else at AWS was asked for. */
const touched = () => aws.calls.calls.filter(({ service }) => service !== 'ssm').length - before
let before = 0
let logged: string[] = []
const log = (message: string, data?: object) => void logged.push(JSON.stringify({ message, ...data }))
const parameter = (name: string) => `arn:aws:ssm:us-west-2:123456789012:parameter/podid/test/${name}`
const runtime: Runtime = {
  aws: {
    get endpoint() {
      return aws.url
    },
    credentials: async () => reader,
  },
  clock: { now: () => now, sleep: async () => {} },
  log: { info: log, warn: log, error: log },
  progress: () => {},
  env: {
    PODID_STAGE: 'test',
    PODID_CONFIG: JSON.stringify(config),
    PODID_TABLE_ARN: 'arn:aws:dynamodb:us-west-2:123456789012:table/records',
    PODID_EVENT_BUS_ARN: 'arn:aws:events:us-west-2:123456789012:event-bus/own',
    PODID_STATE_MACHINE_ARN: 'arn:aws:states:us-west-2:123456789012:stateMachine:enable',
    PODID_ROLLOUT_MACHINE_ARN: 'arn:aws:states:us-west-2:123456789012:stateMachine:rollout',
    PODID_WEBHOOK_SECRETS_ARN: parameter('webhook-secrets'),
    SLACK_SIGNING_SECRET_ARN: parameter('slack-signing-secret'),
    SLACK_BOT_TOKEN_ARN: parameter('slack-bot-token'),
    SLACK_API_URL: 'http://127.0.0.1:1/api',
  },
}
const handler = create(runtime)

beforeEach(() => {
  before += touched()
  logged = []
})

/** A request's parts before they are put in Lambda's form. */
interface Parts {
  path: string
  method: string
  headers: Record<string, string>
  body: Buffer
}

const event = ({ path, method, headers, body }: Parts): HttpEvent => ({
  rawPath: path,
  headers,
  body: body.toString('base64'),
  isBase64Encoded: true,
  requestContext: { http: { method } },
})

const seconds = (offset = 0) => String(now / 1000 + offset)

const slackParts = (body: Buffer | string, { path = '/slack/commands', at = 0 } = {}): Parts => {
  const bytes = Buffer.from(body)
  return {
    path,
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': seconds(at),
      'x-slack-signature': signAsSlack(slackSecret, seconds(at), bytes),
    },
    body: bytes,
  }
}

const command = (text: string, user = 'U0REQUESTER') =>
  new URLSearchParams({
    command: '/pod-identity',
    text,
    user_id: user,
    channel_id: 'C0CARTS',
    team_id: 'T0TEAM',
    trigger_id: '1.2.3',
  }).toString()

const hookParts = (body: Buffer | string, { at = 0, id = 'msg_1' } = {}): Parts => {
  const bytes = Buffer.from(body)
  return {
    path: '/hooks',
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': seconds(at),
      'webhook-signature': signMessage(key, { id, timestamp: seconds(at), body: bytes }),
    },
    body: bytes,
  }
}

const startMessage = JSON.stringify({ type: 'run.start', data: { binding: 'carts' } })

const without = ({ headers, ...parts }: Parts, name: string): Parts => {
  const { [name]: _left, ...others } = headers
  return { ...parts, headers: others }
}
const withHeader = (parts: Parts, name: string, value: string): Parts => ({
  ...parts,
  headers: { ...parts.headers, [name]: value },
})
/** Base64 of 32 bytes leaves bits unused in its last character: the same bytes, written otherwise. */
const respelt = (parts: Parts): Parts => {
  const signature = parts.headers['webhook-signature'] ?? ''
  const last = signature.charAt(signature.length - 2)
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const other = alphabet.charAt(alphabet.indexOf(last) ^ 1)
  return withHeader(parts, 'webhook-signature', `${signature.slice(0, -2)}${other}=`)
}
const nested = (depth: number) => `{"type":"run.start","data":${'['.repeat(depth)}${']'.repeat(depth)}}`

const refused: [why: string, status: number, parts: Parts][] = [
  ['an unknown path', 404, { ...slackParts(command('help')), path: '/slack/command' }],
  ['a path that every object has', 404, { ...slackParts(command('help')), path: 'constructor' }],
  ['another method', 405, { ...slackParts(command('help')), method: 'GET' }],
  ['no signature of Slack', 401, without(slackParts(command('help')), 'x-slack-signature')],
  ['no timestamp of Slack', 401, without(slackParts(command('help')), 'x-slack-request-timestamp')],
  [
    'a signature without its version',
    401,
    withHeader(slackParts(command('help')), 'x-slack-signature', 'a'.repeat(64)),
  ],
  [
    'a signature that is too short',
    401,
    withHeader(slackParts(command('help')), 'x-slack-signature', 'v0=ab'),
  ],
  [
    'a body that was changed',
    401,
    { ...slackParts(command('help')), body: Buffer.from(command('enable carts')) },
  ],
  ['a minute too old', 401, slackParts(command('enable carts'), { at: -360 })],
  ['a minute too far ahead', 401, slackParts(command('enable carts'), { at: 360 })],
  ['another content type', 415, withHeader(slackParts(command('help')), 'content-type', 'text/plain')],
  ['a form that is not UTF-8', 400, slackParts(Buffer.from([0x74, 0x65, 0xff, 0xfe]))],
  ['a form without a command', 400, slackParts('text=enable+carts')],
  ['a user who is none', 400, slackParts(command('enable carts', '<@U0REQUESTER>'))],
  ['a click that is no JSON', 400, slackParts('payload=%7B', { path: '/slack/interactions' })],
  [
    'a click that is nested deeply',
    400,
    slackParts(`payload=${encodeURIComponent(nested(10_000))}`, { path: '/slack/interactions' }),
  ],
  [
    'a click on something else',
    400,
    slackParts(`payload=${encodeURIComponent('{"type":"block_actions","actions":[]}')}`, {
      path: '/slack/interactions',
    }),
  ],
  ['a body that is too large', 413, slackParts(command('x'.repeat(70_000)))],
  ['a message nobody signed', 401, without(hookParts(startMessage), 'webhook-signature')],
  ['a message without an id', 401, without(hookParts(startMessage), 'webhook-id')],
  ['a message under another id', 401, withHeader(hookParts(startMessage), 'webhook-id', 'msg_2')],
  ['an old message', 401, hookParts(startMessage, { at: -301 })],
  ['a message from the future', 401, hookParts(startMessage, { at: 301 })],
  [
    'a signature of another version',
    401,
    withHeader(hookParts(startMessage), 'webhook-signature', 'v2,AAAA'),
  ],
  ['another spelling of the signature', 401, respelt(hookParts(startMessage))],
  ['a message that is no JSON', 400, hookParts('{')],
  ['a message that is not UTF-8', 400, hookParts(Buffer.from([0x7b, 0xff, 0x7d]))],
  ['a message that is nested deeply', 400, hookParts(nested(17))],
  [
    'a message with a field too many',
    400,
    hookParts(startMessage.replace('}}', ',"mode":"enable","replace":true}}')),
  ],
  [
    'a message that reaches for the prototype',
    400,
    hookParts('{"type":"run.start","data":{"__proto__":{"binding":"carts"}}}'),
  ],
  ['a message of another kind', 400, hookParts('{"type":"run.delete","data":{}}')],
  [
    'a message as a form',
    415,
    withHeader(hookParts(startMessage), 'content-type', 'application/x-www-form-urlencoded'),
  ],
]

describe('what is refused', () => {
  it.each(refused)('%s: %i', async (_why, status, parts) => {
    const answered = await handler(event(parts))
    expect(answered.statusCode).toBe(status)
    expect(touched()).toBe(0)
  })

  it('a body that claims to be base64: 400', async () => {
    const answered = await handler({ ...event(slackParts(command('help'))), body: '{"not":"base64"}' })
    expect(answered.statusCode).toBe(400)
  })

  it('Slack or the webhook where the stage has none: 404', async () => {
    const bare = create({
      ...runtime,
      env: { ...runtime.env, SLACK_SIGNING_SECRET_ARN: '', PODID_WEBHOOK_SECRETS_ARN: '' },
    })
    for (const parts of [slackParts(command('help')), hookParts(startMessage)])
      expect((await bare(event(parts))).statusCode).toBe(404)
  })
})

describe('what is let in', () => {
  it.each<[why: string, parts: Parts]>([
    ['Slack, five minutes late', slackParts(command('enable carts'), { at: -300 })],
    ['Slack, five minutes early', slackParts(command('enable carts'), { at: 300 })],
    [
      'a message with an old signature beside the good one',
      withHeader(
        hookParts(startMessage),
        'webhook-signature',
        `v1,AAAA ${hookParts(startMessage).headers['webhook-signature']}`,
      ),
    ],
    [
      'a content type with a charset',
      withHeader(hookParts(startMessage), 'content-type', 'application/json; charset=utf-8'),
    ],
  ])('%s goes on to AWS', async (_why, parts) => {
    await handler(event(parts))
    expect(touched()).toBeGreaterThan(0)
  })

  it('takes a body as it is where it did not need encoding', async () => {
    const parts = slackParts(command('help'))
    const answered = await handler({ ...event(parts), body: parts.body.toString(), isBase64Encoded: false })
    expect(answered.statusCode).toBe(200)
    expect(answered.body).toContain('EKS Pod Identity')
  })

  it('Slack’s look at the certificate', async () => {
    expect(await handler(event(slackParts('ssl_check=1&token=x')))).toMatchObject({ statusCode: 200 })
    expect(touched()).toBe(0)
  })
})

it('keeps secrets out of answers and logs, and line breaks out of log lines', async () => {
  const answers = []
  for (const [, , parts] of refused) answers.push(await handler(event(parts)))
  answers.push(await handler(event(slackParts(command('enable carts')))))
  answers.push(await handler(event(hookParts(startMessage))))
  const shown = [...answers.map((answered) => JSON.stringify(answered)), ...logged]
  for (const secret of [slackSecret, botToken, key.toString('base64'), webhookSecrets])
    expect(shown.filter((text) => text.includes(secret))).toEqual([])
  expect(logged.filter((line) => line.includes('\n'))).toEqual([])
})

it('keeps what looks like a secret out of the log where a command meets a fault of the stage', async () => {
  // V8 quotes what stands around the fault.
  const faulty = create({ ...runtime, env: { ...runtime.env, PODID_CONFIG: `{"slack": ${botToken}}` } })
  for (const parts of [slackParts(command('enable carts')), hookParts(startMessage)])
    await faulty(event(parts))
  expect(logged.filter((line) => line.includes('is not valid JSON'))).toHaveLength(2)
  expect(logged.filter((line) => line.includes('xoxb-'))).toEqual([])
})

describe('properties', () => {
  const originals = [
    slackParts(command('enable carts')),
    slackParts(`payload=${encodeURIComponent(JSON.stringify({ type: 'block_actions' }))}`, {
      path: '/slack/interactions',
    }),
    hookParts(startMessage),
  ]
  const signed = [
    'x-slack-request-timestamp',
    'x-slack-signature',
    'webhook-id',
    'webhook-timestamp',
    'webhook-signature',
  ]

  /** Each of these breaks what a signature holds together. */
  const mutation = fc.oneof(
    fc.record({ kind: fc.constant('flip' as const), at: fc.nat(), by: fc.integer({ min: 1, max: 255 }) }),
    fc.record({ kind: fc.constant('cut' as const), at: fc.nat() }),
    fc.record({
      kind: fc.constant('insert' as const),
      at: fc.nat(),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
    }),
    fc.record({ kind: fc.constant('body' as const), bytes: fc.uint8Array({ maxLength: 64 }) }),
    fc.record({ kind: fc.constant('header' as const), at: fc.nat(), value: fc.string({ maxLength: 80 }) }),
    fc.record({
      kind: fc.constant('character' as const),
      at: fc.nat(),
      place: fc.nat(),
      by: fc.integer({ min: 1, max: 90 }),
    }),
    fc.record({ kind: fc.constant('time' as const), seconds: fc.integer({ min: -86_400, max: 86_400 }) }),
    fc.record({ kind: fc.constant('path' as const), path: fc.webPath() }),
    fc.record({
      kind: fc.constant('method' as const),
      method: fc.constantFrom('GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', ''),
    }),
  )

  const mutate = (
    parts: Parts,
    change: typeof mutation extends fc.Arbitrary<infer Value> ? Value : never,
  ): Parts => {
    const names = signed.filter((name) => parts.headers[name] !== undefined)
    switch (change.kind) {
      case 'flip': {
        const body = Buffer.from(parts.body)
        const at = change.at % body.length
        body[at] = (body[at] ?? 0) ^ change.by
        return { ...parts, body }
      }
      case 'cut':
        return { ...parts, body: parts.body.subarray(0, change.at % parts.body.length) }
      case 'insert': {
        const at = change.at % (parts.body.length + 1)
        return {
          ...parts,
          body: Buffer.concat([parts.body.subarray(0, at), change.bytes, parts.body.subarray(at)]),
        }
      }
      case 'body':
        return { ...parts, body: Buffer.from(change.bytes) }
      case 'header':
        return withHeader(parts, names[change.at % names.length] ?? '', change.value)
      case 'character': {
        const name = names[change.at % names.length] ?? ''
        const value = parts.headers[name] ?? ''
        const place = change.place % value.length
        const other = String.fromCharCode(33 + ((value.charCodeAt(place) - 33 + change.by) % 93))
        return withHeader(parts, name, value.slice(0, place) + other + value.slice(place + 1))
      }
      case 'time': {
        const name = names.find((header) => header.endsWith('timestamp')) ?? ''
        return withHeader(parts, name, seconds(change.seconds || 1))
      }
      case 'path':
        return { ...parts, path: change.path }
      case 'method':
        return { ...parts, method: change.method }
    }
  }

  it('mutated requests are refused, and nothing is started', async () => {
    const statuses = new Set<number>()
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...originals), mutation, async (original, change) => {
        const { statusCode } = await handler(event(mutate(original, change)))
        statuses.add(statusCode)
        return statusCode >= 400 && statusCode < 500 && touched() === 0
      }),
      { numRuns: process.env.PODID_EXHAUSTIVE === '1' ? 20_000 : 800 },
    )
    expect([...statuses].sort()).toEqual([401, 404, 405])
  })

  it('nothing that a stranger writes starts anything, or comes back as it could be markup', async () => {
    const words = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.string({
        unit: fc.constantFrom('<', '>', '&', '!', '@', '`', '*', '_', '|', '\n', '\u202e', 'a', ' '),
        maxLength: 30,
      }),
    )
    const text = fc
      .tuple(fc.constantFrom('', 'enable ', 'plan ', 'enable carts on ', 'help '), words)
      .map((parts) => parts.join(''))
    await fc.assert(
      fc.asyncProperty(text, async (request) => {
        const { statusCode, body } = await handler(event(slackParts(command(request, 'U0STRANGER'))))
        const shown = (JSON.parse(body) as { text: string }).text
        const markup = shown.replace(/&(?:lt|gt|amp);/g, '')
        return statusCode === 200 && touched() === 0 && !/[<>&\u202e]/.test(markup)
      }),
      { numRuns: process.env.PODID_EXHAUSTIVE === '1' ? 20_000 : 500 },
    )
  })
})

import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { botToken, startHttpStage } from './http-stage.ts'
import {
  callerKeyOf,
  callerSecrets,
  commandForm,
  eventOfParts,
  hookParts,
  type SignedParts,
  slackParts,
  slackSecret,
  withoutHeader,
} from './routes/signed.ts'

// What a route does with a signed request is held beside it, in routes/.

let stage: Awaited<ReturnType<typeof startHttpStage>>
beforeAll(async () => {
  stage = await startHttpStage()
})
afterAll(() => stage.close())
beforeEach(() => stage.forget())

const help = slackParts(commandForm('help'))
const start = hookParts(JSON.stringify({ type: 'run.start', data: { binding: 'carts' } }))
const click = slackParts(
  `payload=${encodeURIComponent(
    JSON.stringify({
      type: 'block_actions',
      user: { id: 'U0REQUESTER' },
      channel: { id: 'C0CARTS' },
      trigger_id: '1.2.3',
      actions: [{ action_id: 'undo', value: 'run-1' }],
    }),
  )}`,
  { path: '/slack/interactions' },
)
const send = (parts: SignedParts, more: object = {}) => stage.handler({ ...eventOfParts(parts), ...more })
const refusal = (status: number, error: string, headers: object = {}) => ({
  statusCode: status,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  body: JSON.stringify({ error }),
})
const nothing = refusal(404, 'there is nothing here')
const onlyPost = refusal(405, 'only POST is allowed here', { allow: 'POST' })
const notSlack = refusal(401, 'the request is not signed by Slack, or not a moment ago')
const notCaller = refusal(401, 'the message is not signed by a known caller, or not a moment ago')

const refused: [why: string, parts: SignedParts, more: object, answer: object][] = [
  ['an unknown path', { ...help, path: '/slack/command' }, {}, nothing],
  ['a path that every object has', { ...help, path: 'constructor' }, {}, nothing],
  ['no path', help, { rawPath: undefined }, nothing],
  ['another method', { ...help, method: 'GET' }, {}, onlyPost],
  ['no method', help, { requestContext: { http: {} } }, onlyPost],
  ['no HTTP', help, { requestContext: {} }, onlyPost],
  ['no context', help, { requestContext: undefined }, onlyPost],
  ['a command nobody signed', withoutHeader(help, 'x-slack-signature'), {}, notSlack],
  ['a click nobody signed', withoutHeader(click, 'x-slack-signature'), {}, notSlack],
  ['a message nobody signed', withoutHeader(start, 'webhook-signature'), {}, notCaller],
  ['a command for another route', { ...help, path: '/hooks' }, {}, notCaller],
  ['a message for another route', { ...start, path: '/slack/commands' }, {}, notSlack],
  [
    'more than any message has',
    slackParts(commandForm('x'.repeat(70_000))),
    {},
    refusal(413, 'the body is larger than 65536 bytes'),
  ],
  [
    'a body that claims to be base64',
    help,
    { body: '{"not":"base64"}' },
    refusal(400, 'the body is not base64'),
  ],
  ['what is no HTTP', help, { headers: 'none' }, refusal(400, 'not a request of a function URL')],
]

it.each(refused)('%s is refused, and nothing is asked of AWS', async (_why, parts, more, answer) => {
  expect(await send(parts, more)).toEqual(answer)
  expect(stage.touched()).toBe(0)
})

it.each<[name: string, there: SignedParts[], gone: SignedParts[]]>([
  ['SLACK_SIGNING_SECRET_ARN', [start], [help, click]],
  ['PODID_WEBHOOK_SECRETS_ARN', [help, click], [start]],
])('without %s its routes are not there', async (name, there, gone) => {
  const bare = stage.handlerWith({ [name]: '' })
  for (const parts of there)
    expect((await bare(eventOfParts({ ...parts, body: Buffer.from('unsigned') }))).statusCode).toBe(401)
  for (const parts of gone) expect(await bare(eventOfParts(parts))).toEqual(nothing)
})

it.each<[what: string, parts: SignedParts]>([
  ['a command', slackParts(commandForm('enable carts'))],
  ['a click', click],
  ['a message', start],
])('%s that is signed goes on to AWS', async (_what, parts) => {
  await send(parts)
  expect(stage.touched()).toBeGreaterThan(0)
})

it('a command is answered, by the groups of its user too, and leaves a line in the log', async () => {
  const of = async (user: string) => {
    const { statusCode, body } = await send(slackParts(commandForm('help', { user_id: user })))
    return [statusCode, /carts.*/.exec(JSON.parse(body).text)?.[0]]
  }
  expect(await of('U0REQUESTER')).toEqual([200, 'carts` on `eks-workshop`: enable'])
  expect(await of('U0MEMBER')).toEqual([200, 'carts` on `eks-workshop`: plan'])
  expect(await of('U0STRANGER')).toEqual([200, undefined])
  expect(stage.logged).toEqual(Array(3).fill('{"message":"Http","tookMs":0,"status":200}'))
})

it('a body that did not need encoding is taken as it is', async () => {
  const { statusCode, body } = await send(help, { body: help.body.toString(), isBase64Encoded: false })
  expect([statusCode, body]).toEqual([200, expect.stringContaining('EKS Pod Identity')])
})

it('keeps secrets out of answers and logs, and line breaks out of log lines', async () => {
  const answers = []
  for (const [, parts, more] of refused) answers.push(await send(parts, more))
  for (const parts of [slackParts(commandForm('enable carts')), click, start]) answers.push(await send(parts))
  const shown = [...answers.map((answered) => JSON.stringify(answered)), ...stage.logged]
  for (const secret of [slackSecret, botToken, callerKeyOf('ci').toString('base64'), callerSecrets])
    expect(shown.filter((text) => text.includes(secret))).toEqual([])
  expect(stage.logged.filter((line) => line.includes('\n'))).toEqual([])
})

it('keeps what looks like a secret out of the log where a command meets a fault of the stage', async () => {
  // V8 quotes what stands around the fault.
  const faulty = stage.handlerWith({ PODID_CONFIG: `{"slack": ${botToken}}` })
  const answers = [
    await faulty(eventOfParts(slackParts(commandForm('enable carts')))),
    await faulty(eventOfParts(start)),
  ]
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 500])
  expect(answers[1]?.body).toBe('{"error":"internal error"}')
  expect(stage.logged.filter((line) => line.includes('is not valid JSON'))).toHaveLength(2)
  expect(stage.logged.filter((line) => line.includes('xoxb-'))).toEqual([])
})

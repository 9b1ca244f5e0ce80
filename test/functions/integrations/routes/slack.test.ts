import { describe, expect, it } from 'vitest'
import { interaction, slashCommand } from '../../../../functions/integrations/routes/slack.ts'
import type { HttpEvent } from '../../../../functions/support/http.ts'
import {
  arnOfRun,
  before,
  key,
  type RequestWorld,
  requestServices,
  startedAt,
  stopped,
} from '../../support/requests/world.ts'
import {
  commandForm,
  eventOfParts,
  hookParts,
  type SignedParts,
  signedAt,
  slackParts,
  slackSecret,
  withHeader,
  withoutHeader,
} from './signed.ts'

/** Slack's routes over a world: what they do there, what they say to one person alone, and what they log. */
const chatIn = (world: RequestWorld = {}, { faulty = '', mute = '', slackless = false } = {}) => {
  const { did, services } = requestServices(world)
  const said: unknown[] = []
  const logged: unknown[] = []
  const log =
    (level: string) =>
    (message: string, data = {}) =>
      void logged.push([level, message, data])
  const whisper = async (...given: string[]) => {
    if (mute) throw new Error(mute)
    said.push(given)
  }
  const chat = {
    signingSecret: async () => slackSecret,
    services: () => {
      did.push('services')
      if (faulty) throw new SyntaxError(faulty)
      return services
    },
    groupsOf: async (user: string) => (user === 'U0MEMBER' ? ['S0OPS'] : []),
    slack: slackless ? undefined : { whisper },
    now: () => signedAt,
    log: { warn: log('warn'), error: log('error') },
  }
  return { chat, did, said, logged }
}
const answerOf = (body: object) => ({
  statusCode: 200,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify(body),
})
const send = async (world: RequestWorld, text: string, fields: Record<string, string> = {}) => {
  const { chat, did } = chatIn(world)
  const answered = await slashCommand(chat)(eventOfParts(slackParts(commandForm(text, fields))))
  const { text: reply } = JSON.parse(answered.body) as { text: string }
  return { answered, reply, did: did.slice(1) }
}

const origin = { trigger: 'slack', by: 'slack:U0REQUESTER', channel: 'C0CARTS' }
const onIt = (what: string, run: string) =>
  `On it: ${what}. The run is \`${run}\`; its message shows how it goes.`
const ended = { status: 'ABORTED', input: { ...key, mode: 'enable', role: 'r' }, history: stopped }
const rollout = { status: 'SUCCEEDED', input: { bindings: ['carts'] } }
const start = (input: object, ...cause: string[]) => [
  'start',
  expect.objectContaining({
    input: expect.objectContaining(input),
    origin,
    cause: ['T0TEAM', '1.2.3', ...cause],
  }),
]

describe('a command', () => {
  it.each<[text: string, world: RequestWorld, what: string, done: unknown]>([
    ['enable carts', {}, 'enable carts', start({ ...key, mode: 'enable' }, 'carts')],
    ['plan carts on shop', {}, 'plan carts on shop', start({ ...key, mode: 'plan' }, 'carts')],
    [
      'finish moving on shop',
      {},
      'finish moving on shop',
      start({ serviceAccount: 'moving', mode: 'enable', finish: true }, 'moving'),
    ],
    ['undo run-1', { runs: { 'run-1': ended } }, 'undo run-1', start({ mode: 'undo', before }, 'run-1')],
    [
      'undo carts on shop',
      { runs: { 'run-1': ended }, latest: 'run-1' },
      'undo carts on shop',
      start({ mode: 'undo', before }, 'run-1'),
    ],
  ])('%s starts a run', async (text, world, what, done) => {
    const { answered, did } = await send(world, text)
    expect(answered).toEqual(answerOf({ response_type: 'ephemeral', text: onIt(what, 'run-9') }))
    expect(did.at(-1)).toEqual(done)
  })

  it.each<[text: string, what: string, input: object]>([
    ['rollout carts tagged', 'rollout carts, tagged', { mode: 'enable', bindings: ['carts', 'tagged'] }],
    [
      'rollout carts on shop',
      'rollout carts on shop',
      { mode: 'enable', bindings: ['carts'], clusters: ['shop'] },
    ],
    ['rollout all', 'rollout all bindings', { mode: 'enable', bindings: 'all' }],
    ['undo rollout-1', 'undo rollout-1', { mode: 'undo', undo: { rollout: 'rollout-1' } }],
    [
      'undo rollout-1 wave 2',
      'undo wave 2 of rollout-1',
      { mode: 'undo', undo: { rollout: 'rollout-1', waves: [2] } },
    ],
  ])('%s starts a rollout', async (text, what, input) => {
    const { reply, did } = await send({ rollouts: { 'rollout-1': rollout } }, text, { user_id: 'U0ALL' })
    const [, run] = did.at(-1) as [string, string]
    expect(run).toMatch(/^rollout-slack-[0-9a-f]{20}$/)
    expect(did.at(-1)).toEqual(['start rollout', run, input])
    expect(reply).toBe(onIt(what, run))
  })

  it('starts another run where another trigger is its cause', async () => {
    const runs = []
    for (const fields of [{}, { team_id: 'T0OTHER' }, { trigger_id: '1.2.4' }, {}])
      runs.push(
        (await send({}, 'rollout all', { user_id: 'U0ALL', ...fields })).did.at(-1) as [string, string],
      )
    const [one, team, trigger, again] = runs.map(([, run]) => run)
    expect([new Set([one, team, trigger]).size, again]).toEqual([3, one])
  })

  it.each<[why: string, text: string, world: RequestWorld, user: string, reply: string]>([
    [
      'where there is no grant',
      'enable hidden',
      {},
      'U0REQUESTER',
      'Not done: no grant in podid.yaml lets you enable on secret, namespace carts',
    ],
    [
      'of a user whom no grant names',
      'plan carts',
      {},
      'U0STRANGER',
      'Not done: no grant in podid.yaml lets you plan on shop, namespace carts',
    ],
    [
      'of what is no migration',
      'finish carts',
      {},
      'U0REQUESTER',
      'Not done: carts has no migration to finish: its binding in podid.yaml says no migrate',
    ],
    [
      'of a run that is not there',
      'undo run-7',
      {},
      'U0REQUESTER',
      'Not done: there is no run run-7 that you may undo',
    ],
    [
      'of a run that may not be seen',
      'status run-1',
      { runs: { 'run-1': ended } },
      'U0STRANGER',
      'Not done: there is no run run-1 that you may see',
    ],
    [
      'of more than is granted',
      'rollout all',
      {},
      'U0REQUESTER',
      'Not done: no grant in podid.yaml lets you roll out on secret, namespace carts',
    ],
    [
      'with marks that are only marks in it',
      'enable cart_s',
      {},
      'U0REQUESTER',
      'Not done: there is no binding cart\u2060_\u2060s in podid.yaml; did you mean carts?',
    ],
  ])('is refused in words %s', async (_why, text, world, user, reply) => {
    const found = await send(world, text, { user_id: user })
    expect(found.answered).toEqual(answerOf({ response_type: 'ephemeral', text: reply }))
    expect(found.did).toEqual([])
  })

  it.each<[text: string, reply: string]>([
    [
      'enabel carts',
      '“enabel” is not a command; did you mean enable? `/pod-identity help` says what there is.',
    ],
    ['enable <!channel>', '“&lt;!channel&gt;” is not a name. `/pod-identity help` says what there is.'],
    ['? carts', '“?” is not a command. `/pod-identity help` says what there is.'],
  ])('that is none is answered with what there is: %s', async (text, reply) => {
    expect(await send({}, text)).toMatchObject({ reply, did: [] })
  })

  it('tells the status of runs', async () => {
    const runs = { 'run-1': { status: 'SUCCEEDED', input: key } }
    const line = `• enable carts/carts on shop: *succeeded*, \`run-1\`, <!date^1795413600^{date_short_pretty} {time}|${startedAt}>`
    expect((await send({ runs }, 'status run-1')).reply).toBe(line)
    expect((await send({ runs }, 'status')).reply).toBe(line)
    expect((await send({ runs }, 'status', { user_id: 'U0STRANGER' })).reply).toBe(
      'There are no runs that you may see.',
    )
  })

  it('without words is one for help, under the name that the command has there', async () => {
    const { chat } = chatIn()
    const form = new URLSearchParams(commandForm('', { command: '/podid_2-b' }))
    for (const absent of ['text', 'team_id']) form.delete(absent)
    const { body } = await slashCommand(chat)(eventOfParts(slackParts(form.toString())))
    expect(JSON.parse(body).text).toContain('`/podid_2-b plan BINDING` shows')
    expect(JSON.parse(body).text).toContain('• `carts` on `shop`: enable, plan')
  })

  it('is one’s own by a group that the user is in', async () => {
    expect((await send({}, 'enable carts', { user_id: 'U0MEMBER' })).reply).toBe(
      onIt('enable carts', 'run-9'),
    )
  })

  it('of no team has a cause without one', async () => {
    const { chat, did } = chatIn()
    const form = new URLSearchParams(commandForm('enable carts'))
    form.delete('team_id')
    await slashCommand(chat)(eventOfParts(slackParts(form.toString())))
    expect(did.at(-1)).toMatchObject(['start', { cause: ['', '1.2.3', 'carts'] }])
  })

  it('that meets a fault of the stage says that there was one, and the log which, without its secrets', async () => {
    const { chat, logged } = chatIn({}, { faulty: 'Unexpected token in xoxb-123456789' })
    expect(await slashCommand(chat)(eventOfParts(slackParts(commandForm('enable carts'))))).toEqual(
      answerOf({
        response_type: 'ephemeral',
        text: 'That did not work: an internal error. Try again in a moment.',
      }),
    )
    expect(logged).toEqual([
      ['error', 'a chat request failed', { error: 'SyntaxError', why: 'Unexpected token in (token)' }],
    ])
  })
})

const clickOf = (action: string, value: string, more: object = {}) => ({
  type: 'block_actions',
  user: { id: 'U0REQUESTER' },
  channel: { id: 'C0CARTS' },
  team: { id: 'T0TEAM' },
  trigger_id: '1.2.3',
  actions: [{ action_id: action, value }],
  ...more,
})
const formOfClick = (click: unknown) => `payload=${encodeURIComponent(JSON.stringify(click))}`
const clickParts = (click: unknown) => slackParts(formOfClick(click), { path: '/slack/interactions' })
const press = async (world: RequestWorld, click: object, surroundings = {}) => {
  const { chat, did, said, logged } = chatIn(world, surroundings)
  const answered = await interaction(chat)(eventOfParts(clickParts(click)))
  expect(answered).toEqual(answerOf({}))
  return { did: did.slice(1), said, logged }
}
const whispered = (text: string) => ['C0CARTS', 'U0REQUESTER', text]

describe('a click', () => {
  const approval = 'a'.repeat(32)
  const asked: RequestWorld = { approval: {}, runs: { 'run-1': { status: 'RUNNING' } } }
  const mine = { by: 'slack:U0REQUESTER', at: startedAt }
  it.each<[action: string, value: string, passed: unknown[]]>([
    [
      'approve',
      `${approval}.p-1`,
      ['succeed', 'the token', { approvedBy: mine.by, at: mine.at, plan: 'p-1', lines: ['a line'] }],
    ],
    ['decline', `${approval}.p-1`, ['fail', 'the token', 'Declined', 'declined by slack:U0REQUESTER']],
    ['decline', approval, ['fail', 'the token', 'Declined', 'declined by slack:U0REQUESTER']],
  ])('on %s answers, which the run’s message shows by itself', async (action, value, passed) => {
    const { did, said } = await press(asked, clickOf(action, value))
    const approved = action === 'approve'
    expect(did).toEqual([
      ['answer', { approved, ...mine }],
      passed,
      [
        'put',
        {
          type: 'Run Approval Answered',
          resources: [arnOfRun('run-1')],
          detail: { approval, run: 'run-1', approved, ...mine },
        },
      ],
    ])
    expect(said).toEqual([])
  })

  it.each<[why: string, world: RequestWorld, click: object, reply: string]>([
    [
      'one’s own run',
      { ...asked, record: { origin: { trigger: 'slack', by: 'slack:U0REQUESTER' } } },
      clickOf('approve', `${approval}.p-1`),
      'Not done: You requested this run yourself; somebody else has to approve it.',
    ],
    [
      'another plan',
      asked,
      clickOf('approve', `${approval}.p-0`),
      'Not done: The run waits for an answer to the plan p-1, and this approves p-0: look at what it would do now.',
    ],
    [
      'no plan',
      asked,
      clickOf('approve', approval),
      'Not done: The run waits for an answer to the plan p-1, and this approves none: look at what it would do now.',
    ],
    [
      'an approval that is not there',
      asked,
      clickOf('approve', '.p-1'),
      'Not done: There is no such approval, or it has expired.',
    ],
    [
      'what would call everybody, which is only text',
      {},
      clickOf('undo', '<!channel>'),
      'Not done: there is no run &lt;!channel&gt; that you may undo',
    ],
    [
      'a run that is not there',
      {},
      clickOf('undo', 'run-7'),
      'Not done: there is no run run-7 that you may undo',
    ],
  ])('is refused to one person alone: %s', async (_why, world, click, reply) => {
    const { did, said } = await press(world, click)
    expect(said).toEqual([whispered(reply)])
    expect(did).toEqual([])
  })

  it.each<[why: string, more: object, cause: string[]]>([
    ['of a team', {}, ['T0TEAM', '1.2.3', 'run-1']],
    ['of no team', { team: null }, ['', '1.2.3', 'run-1']],
    ['that says no team', { team: undefined }, ['', '1.2.3', 'run-1']],
  ])('on undo starts that run, and says so: %s', async (_why, more, cause) => {
    const { did, said } = await press({ runs: { 'run-1': ended } }, clickOf('undo', 'run-1', more))
    expect(did.at(-1)).toEqual([
      'start',
      { input: { ...key, role: 'r', mode: 'undo', before }, origin, cause },
    ])
    expect(said).toEqual([whispered(onIt('undo run-1', 'run-9'))])
  })

  it('on undo of a wave starts a rollout that puts it back', async () => {
    const { did, said } = await press(
      { rollouts: { 'rollout-1': rollout } },
      clickOf('undo', 'rollout-1 wave 12', { user: { id: 'U0ALL' } }),
    )
    const [, run] = did.at(-1) as [string, string]
    expect(did.at(-1)).toEqual([
      'start rollout',
      run,
      { mode: 'undo', undo: { rollout: 'rollout-1', waves: [12] } },
    ])
    expect(said).toEqual([['C0CARTS', 'U0ALL', onIt('undo rollout-1 wave 12', run)]])
  })

  it('is none of a stranger’s', async () => {
    const { did, said } = await press(
      { ...asked, runs: { 'run-1': ended } },
      clickOf('approve', `${approval}.p-1`, { user: { id: 'U0STRANGER' } }),
    )
    expect(did).toEqual([])
    expect(said).toEqual([
      [
        'C0CARTS',
        'U0STRANGER',
        'Not done: You may not approve or decline runs on shop, namespace carts: no grant in podid.yaml says so.',
      ],
    ])
  })

  it('whose reply Slack does not take leaves a line in the log, without its secrets', async () => {
    const { logged } = await press({}, clickOf('undo', 'run-7'), { mute: 'no: xoxb-123456789' })
    expect(logged).toEqual([['warn', 'Slack did not accept the reply to a click', { error: 'no: (token)' }]])
  })
  it('has no reply where the stage has no bot', async () => {
    expect(await press({}, clickOf('undo', 'run-7'), { slackless: true })).toEqual({
      did: [],
      said: [],
      logged: [],
    })
  })
  it('that meets a fault of the stage is told so', async () => {
    const { said } = await press({}, clickOf('undo', 'run-7'), { faulty: 'no JSON' })
    expect(said).toEqual([whispered('That did not work: an internal error. Try again in a moment.')])
  })
})

describe('what Slack does not send', () => {
  const notSlacks = 'this is not a request as Slack sends them'
  const unsigned = 'the request is not signed by Slack, or not a moment ago'
  const help = slackParts(commandForm('help'))
  const refusalOf = async (parts: SignedParts, how: 'command' | 'click', more: Partial<HttpEvent> = {}) => {
    const { chat, did, said } = chatIn()
    const serve = how === 'click' ? interaction(chat) : slashCommand(chat)
    const refused = await serve({ ...eventOfParts(parts), ...more }).catch((error: unknown) => error)
    expect([did, said]).toEqual([[], []])
    return refused
  }
  const refused = (status: number, message: string) =>
    expect.objectContaining({ name: 'HttpRefusal', status, message })

  it.each<[why: string, parts: SignedParts, status: number, message: string]>([
    ['no signature', withoutHeader(help, 'x-slack-signature'), 401, unsigned],
    ['no timestamp', withoutHeader(help, 'x-slack-request-timestamp'), 401, unsigned],
    ['a signature without its version', withHeader(help, 'x-slack-signature', 'a'.repeat(64)), 401, unsigned],
    ['a signature that is too short', withHeader(help, 'x-slack-signature', 'v0=ab'), 401, unsigned],
    ['another’s signature', slackParts(commandForm('help'), { secret: `${slackSecret}0` }), 401, unsigned],
    ['the signature of a caller', { ...help, headers: hookParts(help.body).headers }, 401, unsigned],
    ['a body that was changed', { ...help, body: Buffer.from(commandForm('enable carts')) }, 401, unsigned],
    ['a second too old', slackParts(commandForm('help'), { at: -301 }), 401, unsigned],
    ['a second too far ahead', slackParts(commandForm('help'), { at: 301 }), 401, unsigned],
    [
      'another type, unsigned: what else is wrong nobody is told',
      withHeader(withoutHeader(help, 'x-slack-signature'), 'content-type', 'text/plain'),
      401,
      unsigned,
    ],
    [
      'a look at the certificate that nobody signed',
      withoutHeader(slackParts('ssl_check=1'), 'x-slack-signature'),
      401,
      unsigned,
    ],
    [
      'another type',
      withHeader(help, 'content-type', 'application/json'),
      415,
      'the content type must be application/x-www-form-urlencoded',
    ],
    ['bytes that are no text', slackParts(Buffer.from([0x74, 0xff])), 400, 'the body is not UTF-8'],
    [
      'more than 64 KiB',
      slackParts(commandForm('x'.repeat(70_000))),
      413,
      'the body is larger than 65536 bytes',
    ],
    ['a form without a command', slackParts('text=enable+carts'), 400, notSlacks],
  ])('is refused: %s', async (_why, parts, status, message) => {
    expect(await refusalOf(parts, 'command')).toEqual(refused(status, message))
    expect(await refusalOf(parts, 'click')).toEqual(refused(status, message))
  })

  it('is let in five minutes late, and five minutes early', async () => {
    for (const at of [-300, 300]) {
      const { chat } = chatIn()
      const { statusCode } = await slashCommand(chat)(eventOfParts(slackParts(commandForm('help'), { at })))
      expect(statusCode).toBe(200)
    }
  })

  it('its look at the certificate is answered, and nothing else is done', async () => {
    for (const route of [slashCommand, interaction]) {
      const { chat, did } = chatIn()
      expect(await route(chat)(eventOfParts(slackParts('ssl_check=1&token=x')))).toEqual(answerOf({}))
      expect(did).toEqual([])
    }
    expect(await refusalOf(slackParts('ssl_check=0&token=x'), 'command')).toEqual(refused(400, notSlacks))
  })

  const letters = (count: number) => 'A'.repeat(count)
  it.each<[field: string, good: string[], bad: string[]]>([
    [
      'command',
      ['/a', `/${'a'.repeat(40)}`, '/a-b_C9'],
      ['/', 'a', '//a', 'x/a', '/a b', '/a`', `/${'a'.repeat(41)}`],
    ],
    ['text', ['', 'x'.repeat(2000)], ['x'.repeat(2001)]],
    ['user_id', ['U0', `W${letters(30)}`], ['U', 'u0', 'C0', 'U0a', 'XU0', 'U0<', `U${letters(31)}`]],
    ['channel_id', ['C0', 'D0', `G${letters(30)}`], ['', 'U0', 'C0-', 'xC0', `C${letters(31)}`]],
    ['team_id', ['', 'T'.repeat(40)], ['T'.repeat(41)]],
    ['trigger_id', ['1', '1'.repeat(200)], ['', '1'.repeat(201)]],
  ])('a command whose %s is none', async (field, good, bad) => {
    for (const value of good)
      expect((await send({}, 'help', { [field]: value })).answered.statusCode, value).toBe(200)
    for (const value of bad)
      expect(await refusalOf(slackParts(commandForm('help', { [field]: value })), 'command'), value).toEqual(
        refused(400, notSlacks),
      )
  })

  const undo = (more: object) => clickOf('undo', 'run-7', more)
  it.each<[why: string, click: unknown]>([
    ['that is nothing', null],
    ['of another type', undo({ type: 'view_submission' })],
    ['of no user', undo({ user: {} })],
    ['of a user who is none', undo({ user: { id: '<@U0>' } })],
    ['in no channel', undo({ channel: {} })],
    ['in a channel that is none', undo({ channel: { id: 'U0' } })],
    ['of a team without an id', undo({ team: {} })],
    ['of a team that is too long', undo({ team: { id: 'T'.repeat(41) } })],
    ['without a trigger', undo({ trigger_id: '' })],
    ['with a trigger that is too long', undo({ trigger_id: '1'.repeat(201) })],
    ['on nothing', undo({ actions: [] })],
    ['on two buttons', undo({ actions: [...undo({}).actions, ...undo({}).actions] })],
    ['on a button that is not ours', clickOf('delete', 'run-7')],
    ['on a button without a name', clickOf('', 'run-7')],
    ['on a button without a value', undo({ actions: [{ action_id: 'undo' }] })],
    ['on a button whose value is too long', clickOf('undo', 'x'.repeat(2001))],
  ])('a click %s', async (_why, click) => {
    expect(await refusalOf(clickParts(click), 'click')).toEqual(refused(400, notSlacks))
  })
  it.each<[why: string, click: object]>([
    ['ids as long as they may be', undo({ team: { id: 'T'.repeat(40) }, trigger_id: '1'.repeat(200) })],
    ['a short trigger', undo({ trigger_id: '1' })],
    ['a value as long as it may be', clickOf('undo', 'x'.repeat(2000))],
  ])('and is taken with %s', async (_why, click) => {
    expect((await press({}, click)).said).toHaveLength(1)
  })
  it.each<[why: string, payload: string, message: string]>([
    ['is no JSON', '{', 'the body is not JSON'],
    ['is nested deeply', '['.repeat(10_000), 'the JSON is nested deeper than 16 levels'],
  ])('a click that %s', async (_why, payload, message) => {
    const parts = slackParts(`payload=${encodeURIComponent(payload)}`)
    expect(await refusalOf(parts, 'click')).toEqual(refused(400, message))
  })
})

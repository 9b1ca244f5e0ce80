import { describe, expect, it } from 'vitest'
import { webhook } from '../../../../functions/integrations/routes/webhook.ts'
import {
  arnOfRun,
  before,
  by,
  key,
  type RequestWorld,
  requestServices,
  started,
  startedAt,
  stopped,
} from '../../support/requests/world.ts'
import {
  callerSecrets,
  eventOfParts,
  hookParts,
  type SignedParts,
  signedAt,
  slackParts,
  withHeader,
  withoutHeader,
} from './signed.ts'

/** The webhook over a world, and what it does there. */
const hookIn = (world: RequestWorld = {}) => {
  const { did, services } = requestServices(world)
  const hook = {
    secrets: async () => callerSecrets,
    services: () => {
      did.push('services')
      return services
    },
    now: () => signedAt,
  }
  return { did, serve: webhook(hook) }
}
const send = async (message: unknown, world: RequestWorld = {}, caller = 'ci') => {
  const { did, serve } = hookIn(world)
  const { statusCode, headers, body } = await serve(
    eventOfParts(hookParts(JSON.stringify(message), { caller })),
  )
  expect(headers).toEqual({ 'content-type': 'application/json', 'cache-control': 'no-store' })
  return { status: statusCode, said: JSON.parse(body) as unknown, did: did.slice(1) }
}
/** How it refuses a request, of which nothing was done. */
const refusalOf = async (parts: SignedParts) => {
  const { did, serve } = hookIn()
  const refused = await serve(eventOfParts(parts)).catch((error: unknown) => error)
  expect(did).toEqual([])
  return refused
}
const refused = (status: number, message: string) =>
  expect.objectContaining({ name: 'HttpRefusal', status, message })

const ended = { status: 'ABORTED', input: { ...key, mode: 'enable', role: 'r' }, history: stopped }
const rollout = { status: 'SUCCEEDED', input: { bindings: ['carts'] } }
const runStart = (data: object) => ({ type: 'run.start', data })
const approval = 'a'.repeat(32)
const asked: RequestWorld = { approval: {}, runs: { 'run-1': { status: 'RUNNING' } } }
const { origin } = by('ci')

describe('a message', () => {
  it.each<[why: string, data: object, input: object, cause: string]>([
    ['no more than a name: it enables', { binding: 'carts' }, { ...key, mode: 'enable' }, 'carts'],
    [
      'a plan on a cluster',
      { binding: 'carts', cluster: 'shop', mode: 'plan' },
      { ...key, mode: 'plan' },
      'carts',
    ],
    [
      'the end of a migration',
      { binding: 'moving', finish: true },
      { ...key, serviceAccount: 'moving', mode: 'enable', finish: true },
      'moving',
    ],
  ])('starts a run that says %s', async (_why, data, input, cause) => {
    const found = await send(runStart(data))
    expect(found).toMatchObject({ status: 202, said: started })
    const [, start] = found.did.at(-1) as [string, { input: object }]
    expect(start).toEqual({ input: expect.objectContaining(input), origin, cause: ['ci', 'msg_1', cause] })
    expect('finish' in start.input).toBe('finish' in input)
  })

  it.each<[why: string, data: object, input: object, caller: string]>([
    ['some of its bindings', { bindings: ['carts'] }, { mode: 'enable', bindings: ['carts'] }, 'ci'],
    [
      'some clusters, as a plan',
      { bindings: ['carts'], clusters: ['shop'], mode: 'plan' },
      { mode: 'plan', bindings: ['carts'], clusters: ['shop'] },
      'ci',
    ],
    ['all', { bindings: 'all' }, { mode: 'enable', bindings: 'all' }, 'all'],
  ])('starts a rollout of %s', async (_why, data, input, caller) => {
    const { status, said, did } = await send({ type: 'rollout.start', data }, {}, caller)
    const [, run] = did.at(-1) as [string, string]
    expect(did.at(-1)).toEqual(['start rollout', run, input])
    expect([status, said]).toEqual([202, { outcome: 'started', run }])
  })

  it('undoes a run, or a wave of a rollout', async () => {
    const found = await send({ type: 'run.undo', data: { run: 'run-1' } }, { runs: { 'run-1': ended } })
    expect(found).toMatchObject({ status: 202, said: started })
    expect(found.did.at(-1)).toEqual([
      'start',
      { input: { ...key, role: 'r', mode: 'undo', before }, origin, cause: ['ci', 'msg_1', 'run-1'] },
    ])
    const wave = await send(
      { type: 'run.undo', data: { run: 'rollout-1', wave: 2 } },
      { rollouts: { 'rollout-1': rollout } },
    )
    expect(wave.status).toBe(202)
    expect(wave.did.at(-1)).toEqual([
      'start rollout',
      expect.any(String),
      { mode: 'undo', undo: { rollout: 'rollout-1', waves: [2] } },
    ])
  })

  it('asks for a status', async () => {
    const runs = { 'run-1': { status: 'SUCCEEDED', input: key } }
    expect(await send({ type: 'run.status', data: { run: 'run-1' } }, { runs })).toMatchObject({
      status: 200,
      said: {
        run: 'run-1',
        status: 'SUCCEEDED',
        startedAt,
        what: 'enable carts/carts on shop',
        credentials: null,
      },
    })
  })

  it.each<[why: string, data: object, approved: boolean]>([
    ['approves', { approval, approved: true, plan: 'p-1' }, true],
    ['declines', { approval, approved: false }, false],
  ])('that answers %s', async (_why, data, approved) => {
    const { status, said, did } = await send({ type: 'approval.answer', data }, asked)
    expect([status, said]).toEqual([200, { answered: true, run: 'run-1' }])
    expect(did.at(-1)).toEqual([
      'put',
      {
        type: 'Run Approval Answered',
        resources: [arnOfRun('run-1')],
        detail: { approval, run: 'run-1', approved, by: 'caller:ci', at: startedAt },
      },
    ])
  })

  it.each<[why: string, message: object, world: RequestWorld, caller: string, status: number, error: string]>(
    [
      [
        'there is no such binding',
        runStart({ binding: 'nope' }),
        {},
        'ci',
        404,
        'there is no binding nope in podid.yaml',
      ],
      [
        'no grant names the caller',
        runStart({ binding: 'carts' }),
        {},
        'nobody',
        403,
        'no grant in podid.yaml lets you enable on shop, namespace carts',
      ],
      [
        'a grant is for less',
        { type: 'rollout.start', data: { bindings: 'all' } },
        {},
        'ci',
        403,
        'no grant in podid.yaml lets you roll out on secret, namespace carts',
      ],
      [
        'a caller may not undo it',
        { type: 'run.undo', data: { run: 'run-1' } },
        { runs: { 'run-1': ended } },
        'nobody',
        404,
        'there is no run run-1 that you may undo',
      ],
      [
        'a caller may not see it',
        { type: 'run.status', data: { run: 'run-1' } },
        { runs: { 'run-1': ended } },
        'nobody',
        404,
        'there is no run run-1 that you may see',
      ],
      [
        'it is under way',
        { type: 'run.undo', data: { run: 'run-1' } },
        { runs: { 'run-1': { ...ended, status: 'RUNNING' } } },
        'ci',
        409,
        'the run run-1 is still under way; it can be undone when it has ended',
      ],
      [
        'a caller may not answer',
        { type: 'approval.answer', data: { approval, approved: false } },
        asked,
        'nobody',
        409,
        'You may not approve or decline runs on shop, namespace carts: no grant in podid.yaml says so.',
      ],
    ],
  )('is refused where %s', async (_why, message, world, caller, status, error) => {
    const found = await send(message, world, caller)
    expect(found).toEqual({ status, said: { error }, did: [] })
  })

  it('is another cause by its id, and the same caller’s again by the same', async () => {
    const runs: string[] = []
    for (const given of [{}, { id: 'msg_2' }, { caller: 'all' }, {}]) {
      const { did, serve } = hookIn()
      const bytes = JSON.stringify({ type: 'rollout.start', data: { bindings: 'all' } })
      await serve(eventOfParts(hookParts(bytes, { caller: 'all', ...given })))
      runs.push((did.at(-1) as [string, string])[1])
    }
    const [one, id, again, same] = runs
    expect(id).not.toBe(one)
    expect([again, same]).toEqual([one, one])
  })
})

describe('what nobody signed', () => {
  const unsigned = 'the message is not signed by a known caller, or not a moment ago'
  const bytes = JSON.stringify(runStart({ binding: 'carts' }))
  const good = hookParts(bytes)
  const signature = good.headers['webhook-signature'] ?? ''
  /** Base64 of 32 bytes leaves bits unused in its last character: the same bytes, written otherwise. */
  const respelt = (): string => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    const other = letters.charAt(letters.indexOf(signature.charAt(signature.length - 2)) ^ 1)
    return `${signature.slice(0, -2)}${other}=`
  }
  it.each<[why: string, parts: SignedParts, status: number, message: string]>([
    ['no signature', withoutHeader(good, 'webhook-signature'), 401, unsigned],
    ['no id', withoutHeader(good, 'webhook-id'), 401, unsigned],
    ['no timestamp', withoutHeader(good, 'webhook-timestamp'), 401, unsigned],
    ['another id', withHeader(good, 'webhook-id', 'msg_2'), 401, unsigned],
    ['another time', withHeader(good, 'webhook-timestamp', `${signedAt / 1000 + 1}`), 401, unsigned],
    ['another body', { ...good, body: Buffer.from(bytes.replace('carts', 'moving')) }, 401, unsigned],
    ['another version', withHeader(good, 'webhook-signature', 'v2,AAAA'), 401, unsigned],
    ['another spelling of the signature', withHeader(good, 'webhook-signature', respelt()), 401, unsigned],
    ['the signature of Slack', { ...good, headers: slackParts(bytes).headers }, 401, unsigned],
    ['a second too old', hookParts(bytes, { at: -301 }), 401, unsigned],
    ['a second too far ahead', hookParts(bytes, { at: 301 }), 401, unsigned],
    [
      'another type, unsigned: what else is wrong nobody is told',
      withHeader(withoutHeader(good, 'webhook-signature'), 'content-type', 'text/plain'),
      401,
      unsigned,
    ],
    [
      'another type',
      withHeader(good, 'content-type', 'application/x-www-form-urlencoded'),
      415,
      'the content type must be application/json',
    ],
    ['more than 64 KiB', hookParts('x'.repeat(65_537)), 413, 'the body is larger than 65536 bytes'],
    ['no JSON', hookParts('{'), 400, 'the body is not JSON'],
    ['bytes that are no text', hookParts(Buffer.from([0x7b, 0xff, 0x7d])), 400, 'the body is not UTF-8'],
    [
      'nested deeply',
      hookParts(`{"data":${'['.repeat(17)}${']'.repeat(17)}}`),
      400,
      'the JSON is nested deeper than 16 levels',
    ],
  ])('or is otherwise none of a caller’s is refused: %s', async (_why, parts, status, message) => {
    expect(await refusalOf(parts)).toEqual(refused(status, message))
  })

  it('and what somebody did is let in five minutes late or early, and beside an older signature', async () => {
    for (const parts of [
      hookParts(bytes, { at: -300 }),
      hookParts(bytes, { at: 300 }),
      withHeader(good, 'webhook-signature', `v1,AAAA ${signature}`),
      withHeader(good, 'content-type', 'application/json; charset=utf-8'),
    ])
      expect(await hookIn().serve(eventOfParts(parts))).toMatchObject({ statusCode: 202 })
  })
})

describe('a message that is none', () => {
  const faultOf = async (message: unknown) => {
    const found = await refusalOf(hookParts(JSON.stringify(message)))
    expect(found).toMatchObject({ name: 'HttpRefusal', status: 400 })
    return (found as Error).message
  }
  const x = (count: number) => 'x'.repeat(count)
  const answerWith = (data: object) => ({ type: 'approval.answer', data })
  it.each<[message: unknown, fault: string]>([
    [7, 'message: Invalid input: expected object, received number'],
    [
      { type: 'run.delete', data: {} },
      "type: Invalid discriminator value. Expected 'run.start' | 'run.status' | 'run.undo' | 'rollout.start' | 'approval.answer'",
    ],
    [{ ...runStart({ binding: 'carts' }), run: 1 }, 'message: Unrecognized key: "run"'],
    [
      { ...runStart({ binding: 'carts' }), timestamp: x(41) },
      'timestamp: Too big: expected string to have <=40 characters',
    ],
    [runStart({ binding: 'carts', replace: true }), 'data: Unrecognized key: "replace"'],
    [runStart({ binding: '?', cluster: '' }), 'data.binding: is not a name; data.cluster: is not a name'],
    [
      runStart({ binding: 'carts', mode: 'undo' }),
      'data.mode: Invalid option: expected one of "enable"|"plan"',
    ],
    [
      runStart({ binding: 'carts', finish: 'yes' }),
      'data.finish: Invalid input: expected boolean, received string',
    ],
    [
      JSON.parse('{"type":"run.start","data":{"__proto__":{"binding":"carts"}}}'),
      'data.binding: Invalid input: expected string, received undefined; data: Unrecognized key: "__proto__"',
    ],
    [{ type: 'run.status', data: {} }, 'data.run: Invalid input: expected string, received undefined'],
    [{ type: 'run.status', data: { run: 'a', wave: 1 } }, 'data: Unrecognized key: "wave"'],
    [{ type: 'run.undo', data: {} }, 'data.run: Invalid input: expected string, received undefined'],
    [{ type: 'run.undo', data: { run: 'a', wave: 0 } }, 'data.wave: Too small: expected number to be >=1'],
    [
      { type: 'run.undo', data: { run: 'a', wave: 1.5 } },
      'data.wave: Invalid input: expected int, received number',
    ],
    // None would be all.
    [
      { type: 'rollout.start', data: { bindings: [] } },
      'data.bindings: Too small: expected array to have >=1 items',
    ],
    [
      { type: 'rollout.start', data: { bindings: 'some' } },
      'data.bindings: is neither "all" nor a list of 1 to 1000 names',
    ],
    [{ type: 'rollout.start', data: { bindings: ['a', '?'] } }, 'data.bindings.1: is not a name'],
    [
      { type: 'rollout.start', data: { bindings: Array(1001).fill('a') } },
      'data.bindings: is neither "all" nor a list of 1 to 1000 names',
    ],
    [
      { type: 'rollout.start', data: { bindings: 'all', clusters: [] } },
      'data.clusters: Too small: expected array to have >=1 items',
    ],
    [
      { type: 'rollout.start', data: { bindings: 'all', clusters: Array(1001).fill('a') } },
      'data.clusters: Too big: expected array to have <=1000 items',
    ],
    [
      { type: 'rollout.start', data: { bindings: 'all', mode: 'undo' } },
      'data.mode: Invalid option: expected one of "enable"|"plan"',
    ],
    [
      answerWith({ approval, approved: true }),
      'data.plan: is missing: an approval names the plan that it approves, which the question says',
    ],
    [
      answerWith({ approval: '', approved: false, plan: '' }),
      'data.approval: is not a name; data.plan: is not a name',
    ],
    // A secret in the wrong place does not come back.
    [runStart({ binding: 'carts', 'xoxb-123456789012': 1 }), 'data: Unrecognized key: "(token)"'],
    [runStart({ binding: 'carts', [x(1000)]: 1 }), `data: Unrecognized key: "${x(475)}…`],
  ])('$1: 400', async (message, fault) => {
    expect(await faultOf(message)).toBe(fault)
  })

  const names: [good: string[], bad: string[]] = [
    ['a', 'Z_9.-', '-', x(100)],
    ['', 'a b', ' a', 'a\n', 'a/b', 'ü', x(101)],
  ]
  it.each<[what: string, made: (name: string) => object, good: string[], bad: string[]]>([
    [
      'binding',
      (binding) => runStart({ binding }),
      ['a', '_.-', x(100), 'a/b', 'a/b/c', `a/${x(253)}/${x(253)}`, 'a/b.c-d_/c.d-'],
      [
        '',
        '.a',
        'a b',
        'a?',
        'a/',
        '/a',
        'a//b',
        'a/b/c/d',
        'a/.b',
        'a/b/?',
        'a/b ',
        'a\n',
        x(101),
        `a/${x(254)}`,
      ],
    ],
    ['cluster', (cluster) => runStart({ binding: 'moving', cluster }), ...names],
    ['run', (run) => ({ type: 'run.status', data: { run } }), ...names],
  ])('a %s is a name', async (_what, made, good, bad) => {
    for (const name of good) expect((await send(made(name))).status, name).not.toBe(400)
    for (const name of bad) expect(await faultOf(made(name)), name).toMatch(/: is not a name$/)
  })

  it.each<[why: string, message: object]>([
    ['its own time', { ...runStart({ binding: 'carts' }), timestamp: x(40) }],
    ['a thousand bindings', { type: 'rollout.start', data: { bindings: Array(1000).fill('carts') } }],
    [
      'a thousand clusters',
      { type: 'rollout.start', data: { bindings: ['carts'], clusters: Array(1000).fill('shop') } },
    ],
    ['enabling said', runStart({ binding: 'carts', mode: 'enable' })],
    ['and of a rollout', { type: 'rollout.start', data: { bindings: ['carts'], mode: 'enable' } }],
  ])('is one with %s', async (_why, message) => {
    expect((await send(message)).status).toBe(202)
  })
})

import { describe, expect, it } from 'vitest'
import { runStatus, startRun, startUndo } from '../../../../functions/support/requests/actions.ts'
import type { RequestSource } from '../../../../functions/support/requests/requests.ts'
import { startRollout } from '../../../../functions/support/rollout/start.ts'
import {
  before,
  by,
  ci,
  key,
  type RequestWorld,
  requestServices,
  started,
  startedAt,
  stopped,
} from './world.ts'

describe('starting a run of a binding', () => {
  it.each<
    [why: string, request: Parameters<ReturnType<typeof startRun>>[1], source: RequestSource, answer: object]
  >([
    [
      'no such binding',
      { mode: 'enable', name: 'cart' },
      ci,
      { refused: 'unknown', why: 'there is no binding cart in podid.yaml; did you mean carts?' },
    ],
    [
      'no grant',
      { mode: 'enable', name: 'carts' },
      by('x'),
      { refused: 'forbidden', why: 'no grant in podid.yaml lets you enable on shop, namespace carts' },
    ],
    [
      'a grant elsewhere',
      { mode: 'plan', name: 'hidden' },
      ci,
      { refused: 'forbidden', why: 'no grant in podid.yaml lets you plan on secret, namespace carts' },
    ],
    [
      'nothing to finish',
      { mode: 'enable', name: 'carts', finish: true },
      ci,
      {
        refused: 'impossible',
        why: 'carts has no migration to finish: its binding in podid.yaml says no migrate',
      },
    ],
  ])('is refused: %s', async (_why, request, source, answer) => {
    const { did, services: given } = requestServices({})
    expect(await startRun(given)(source, request)).toEqual(answer)
    expect(did).toEqual([])
  })

  it('hands on what the binding and the request say, and the cause with its name', async () => {
    const { did, services: given } = requestServices({})
    expect(await startRun(given)(ci, { mode: 'plan', name: 'carts' })).toEqual(started)
    expect(await startRun(given)(ci, { mode: 'enable', name: 'moving', finish: true })).toEqual(started)
    expect(did).toMatchObject([
      ['start', { input: { ...key, mode: 'plan' }, origin: ci.origin, cause: ['ci', 'msg_1', 'carts'] }],
      ['start', { input: { serviceAccount: 'moving', mode: 'enable', finish: true } }],
    ])
    expect(JSON.stringify(did[0])).not.toContain('finish')
  })

  it.each<[tags: Record<string, string> | undefined, answer: object]>([
    [{ env: 'prod' }, started],
    [{ env: 'dev' }, { refused: 'unknown' }],
    [undefined, { refused: 'unknown', why: expect.stringMatching(/^tagged /) }],
  ])('asks for a cluster’s tags where they matter: %o', async (tags, answer) => {
    const { did, services: given } = requestServices(tags ? { tags } : {})
    expect(await startRun(given)(ci, { mode: 'enable', name: 'tagged', cluster: 'shop' })).toMatchObject(
      answer,
    )
    expect(did[0]).toEqual(['identify', 'us-west-2', 'shop'])
  })
})

describe('undoing', () => {
  const ended = { status: 'ABORTED', input: { ...key, mode: 'enable', role: 'r' }, history: stopped }
  it('starts a run with what was there before, named by the run or as the latest of a binding', async () => {
    for (const [name, world] of [
      ['run-1', { runs: { 'run-1': ended } }],
      ['carts', { runs: { 'run-1': ended }, latest: 'run-1' }],
    ] as const) {
      const { did, services: given } = requestServices(world)
      expect(await startUndo(given)(ci, { name })).toEqual(started)
      expect(did.slice(0, -1)).toEqual('latest' in world ? [['latest', key]] : [])
      expect(did.at(-1)).toEqual([
        'start',
        {
          input: { ...key, role: 'r', mode: 'undo', before },
          origin: ci.origin,
          cause: ['ci', 'msg_1', 'run-1'],
        },
      ])
    }
  })
  it('goes to the region of the execution where the input names none', async () => {
    const { region: _, ...rest } = key
    const { did, services: given } = requestServices({ runs: { 'run-1': { ...ended, input: rest } } })
    await startUndo(given)(ci, { name: 'run-1' })
    expect(did.at(-1)).toMatchObject(['start', { input: { region: 'us-west-2' } }])
  })
  it.each<[status: string, answer: object]>([
    ['FAILED', started],
    [
      'SUCCEEDED',
      { refused: 'impossible', why: expect.stringMatching(/^the run run-1 left nothing to undo: /) },
    ],
  ])('does an undo again that ended as %s', async (status, answer) => {
    const input = { ...key, mode: 'undo', before: { ...before, run: 'run-7' } }
    const { did, services: given } = requestServices({ runs: { 'run-1': { status, input } } })
    expect(await startUndo(given)(ci, { name: 'run-1' })).toEqual(answer)
    if (answer === started)
      expect(did.at(-1)).toMatchObject(['start', { input: { before: { run: 'run-7' } } }])
  })
  it.each<[why: string, world: RequestWorld, name: string, answer: object]>([
    [
      'it is under way',
      { runs: { 'run-1': { ...ended, status: 'RUNNING' } } },
      'run-1',
      { refused: 'impossible', why: 'the run run-1 is still under way; it can be undone when it has ended' },
    ],
    [
      'it did nothing',
      { runs: { 'run-1': { status: 'ABORTED', input: key } } },
      'run-1',
      { refused: 'impossible', why: 'the run run-1 left nothing to undo: it did nothing' },
    ],
    [
      'it was a plan',
      { runs: { 'run-1': { ...ended, input: { ...key, mode: 'plan' } } } },
      'run-1',
      { refused: 'impossible' },
    ],
    ['there is none', {}, 'run-1', { refused: 'unknown', why: 'there is no run run-1 that you may undo' }],
    [
      'there is none, and a binding is near',
      {},
      'cartz',
      { refused: 'unknown', why: 'there is no run cartz that you may undo; did you mean the binding carts?' },
    ],
    [
      'there is none, and the name of a binding is near that one may not know',
      {},
      'hiddn',
      { refused: 'unknown', why: 'there is no run hiddn that you may undo' },
    ],
    [
      'it is one that the requester may not undo, which is not told',
      { runs: { 'run-1': { ...ended, input: { ...key, cluster: 'secret' } } } },
      'run-1',
      { refused: 'unknown', why: 'there is no run run-1 that you may undo' },
    ],
    ['its input says nothing', { runs: { 'run-1': { status: 'ABORTED' } } }, 'run-1', { refused: 'unknown' }],
    [
      'the binding has not run',
      {},
      'carts',
      { refused: 'unknown', why: 'carts has had no run on shop yet, but for plans' },
    ],
    [
      'a wave is named, and it is no rollout',
      { runs: { 'run-1': ended } },
      'run-1 wave 2',
      { refused: 'unknown', why: 'there is no rollout run-1 that you may undo a wave of' },
    ],
    ['the binding is not for that cluster', {}, 'carts/x', { refused: 'unknown' }],
  ])('is refused: %s', async (_why, world, name, answer) => {
    const { did, services: given } = requestServices(world)
    const [run = '', wave] = name.split(' wave ')
    expect(await startUndo(given)(ci, { name: run, wave: wave ? Number(wave) : undefined })).toMatchObject(
      answer,
    )
    expect(did.filter((one) => (one as unknown[])[0] === 'start')).toEqual([])
  })

  const rollout = { status: 'SUCCEEDED', input: { bindings: 'all' } }
  it.each<[why: string, wave: number | undefined, undo: object]>([
    ['all of it', undefined, { rollout: 'rollout-1' }],
    ['one of its waves', 2, { rollout: 'rollout-1', waves: [2] }],
  ])('of a rollout is a rollout: %s', async (_why, wave, undo) => {
    const { did, services: given } = requestServices({ rollouts: { 'rollout-1': rollout } })
    const answer = await startUndo(given)(by('all'), { name: 'rollout-1', wave })
    expect(answer).toEqual({
      outcome: 'started',
      run: expect.stringMatching(/^rollout-webhook-[0-9a-f]{20}$/),
    })
    expect(did.slice(-2)).toEqual([
      ['note', (answer as { run: string }).run],
      ['start rollout', (answer as { run: string }).run, { mode: 'undo', undo }],
    ])
  })
  it('of a rollout is refused while that is under way, and not told of to whom may not undo all of it', async () => {
    const world = { rollouts: { 'rollout-1': { ...rollout, status: 'RUNNING' } } }
    expect(await startUndo(requestServices(world).services)(by('all'), { name: 'rollout-1' })).toEqual({
      refused: 'impossible',
      why: 'the rollout rollout-1 is still under way; it can be undone when it has ended',
    })
    expect(await startUndo(requestServices(world).services)(ci, { name: 'rollout-1' })).toEqual({
      refused: 'unknown',
      why: 'there is no run rollout-1 that you may undo',
    })
  })
})

describe('the status', () => {
  const run = { status: 'SUCCEEDED', input: { ...key, mode: 'enable' } }
  const line = {
    run: 'run-1',
    status: 'SUCCEEDED',
    startedAt,
    what: 'enable carts/carts on shop',
    credentials: null,
  }
  it('of one run, with what a sweep saw of its credentials since', async () => {
    const { did, services: given } = requestServices({ runs: { 'run-1': run } })
    expect(await runStatus(given)(ci, { name: 'run-1' })).toEqual([line])
    expect(did).toEqual([['look', key]])
  })
  it.each<[why: string, at: string, seen: boolean]>([
    ['later', '2026-11-23T06:00:00.001Z', true],
    ['as it began', startedAt, false],
    ['before', '2026-11-23T05:00:00.000Z', false],
  ])('tells only of looks %s', async (_why, at, seen) => {
    const look = { at, role: 'r', unseen: 'throttled' }
    const [status] = (await runStatus(requestServices({ runs: { 'run-1': run }, look }).services)(ci, {
      name: 'run-1',
    })) as unknown as [{ credentials: string | null }]
    expect(status.credentials === null).toBe(!seen)
  })
  it('of what is no enabling says nothing of credentials, and of the latest undo that the sweep leaves it alone', async () => {
    const undo = { status: 'SUCCEEDED', input: { ...key, mode: 'undo' } }
    const look = { at: '2027-01-01T00:00:00Z' }
    const status = async (latest: string) =>
      runStatus(requestServices({ runs: { 'run-1': undo }, latest, look }).services)(ci, { name: 'run-1' })
    const what = 'undo carts/carts on shop'
    expect(await status('run-1')).toEqual([
      { ...line, what: `${what} (the sweep leaves it alone until it is enabled again)` },
    ])
    expect(await status('run-2')).toEqual([{ ...line, what }])
  })
  it('of an input that says no mode is of an enabling, in the region of the execution', async () => {
    const { region: _, ...rest } = key
    const { did, services: given } = requestServices({
      runs: { 'run-1': { status: 'RUNNING', input: rest } },
    })
    expect(await runStatus(given)(ci, { name: 'run-1' })).toMatchObject([
      { what: 'enable carts/carts on shop' },
    ])
    expect(did).toEqual([['look', key]])
  })
  it('of the latest ten names those that the requester may see', async () => {
    const other = { status: 'RUNNING', input: { ...key, cluster: 'secret' } }
    const { did, services: given } = requestServices({ runs: { 'run-1': run, 'run-2': other } })
    expect(await runStatus(given)(ci, {})).toEqual([line])
    expect(did[0]).toEqual(['list', 10])
  })
  it('of a run whose input says nothing says so', async () => {
    const world = { runs: { 'run-1': { status: 'FAILED' } } }
    expect(await runStatus(requestServices(world).services)(by('all'), {})).toEqual([
      { ...line, status: 'FAILED', what: 'enable ?/? on ?' },
    ])
  })
  it('of a run that may not be seen is that of none', async () => {
    const world = { runs: { 'run-1': run } }
    expect(await runStatus(requestServices(world).services)(by('x'), { name: 'run-1' })).toEqual({
      refused: 'unknown',
      why: 'there is no run run-1 that you may see',
    })
  })
  it('of a rollout is in a line', async () => {
    const world = { rollouts: { 'rollout-1': { status: 'RUNNING', input: { bindings: 'all' } } } }
    expect(await runStatus(requestServices(world).services)(by('all'), { name: 'rollout-1' })).toEqual([
      {
        run: 'rollout-1',
        status: 'RUNNING',
        startedAt,
        what: 'rollout: it has just begun',
        credentials: null,
      },
    ])
    expect(await runStatus(requestServices(world).services)(ci, { name: 'rollout-1' })).toMatchObject({
      refused: 'unknown',
    })
  })
})

describe('a rollout', () => {
  it.each<[why: string, id: string, request: object, answer: object]>([
    ['nobody may', 'x', { names: ['carts'] }, { refused: 'forbidden' }],
    [
      'not on all',
      'ci',
      { names: [] },
      { refused: 'forbidden', why: 'no grant in podid.yaml lets you roll out on secret, namespace carts' },
    ],
    [
      'no such binding',
      'ci',
      { names: ['nope'] },
      { refused: 'unknown', why: expect.stringMatching(/^(?!bindings).*nope/) },
    ],
  ])('is refused: %s', async (_why, id, request, answer) => {
    const { did, services: given } = requestServices({})
    expect(await startRollout(given)(by(id), request as never)).toMatchObject(answer)
    expect(did).toEqual([])
  })
  it.each<[request: object, input: object]>([
    [{ names: ['carts'] }, { mode: 'enable', bindings: ['carts'] }],
    [
      { names: ['carts'], clusters: ['shop'], mode: 'plan' },
      { mode: 'plan', bindings: ['carts'], clusters: ['shop'] },
    ],
  ])('of %o starts', async (request, input) => {
    const { did, services: given } = requestServices({})
    await startRollout(given)(ci, request as never)
    expect(did.at(-1)).toEqual(['start rollout', expect.any(String), input])
  })
  it('of all bindings needs a grant for all', async () => {
    const { did, services: given } = requestServices({})
    expect(await startRollout(given)(by('all'), { names: [] })).toMatchObject({ outcome: 'started' })
    expect(did.at(-1)).toEqual(['start rollout', expect.any(String), { mode: 'enable', bindings: 'all' }])
  })
})

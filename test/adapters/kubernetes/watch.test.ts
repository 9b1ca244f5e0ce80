import { afterEach, describe, expect, it } from 'vitest'
import { observeRollout, type WatchRequest } from '../../../adapters/kubernetes/watch.ts'
import type { Deployment } from '../../../core/kubernetes.ts'
import recordings from '../../recordings/kubernetes/rollouts.json' with { type: 'json' }
import { manualClock } from '../../support/clocks/manual-clock.ts'
import { scriptedRollout, type WatchStream } from '../../support/scripted-rollout.ts'
import { connectTo } from '../../support/servers/kubernetes-server.ts'

const events = recordings.restart.events.map(({ object }) => object as unknown as Deployment)
const generation = recordings.restart.patched.metadata.generation
const first = events[0] as Deployment
const last = events.at(-1) as Deployment
const halfway = events[4] as Deployment

const done = 'deployment "carts" successfully rolled out'
const versionOf = (object: Deployment) => object.metadata?.resourceVersion ?? ''

type Script = Awaited<ReturnType<typeof scriptedRollout>>
const open: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close()
})

const watching = async (
  object: Deployment | undefined,
  turns: ((stream: WatchStream) => void)[],
  options: Partial<WatchRequest> & { prepare?: (script: Script) => void } = {},
) => {
  const script = await scriptedRollout(object, turns)
  const clock = manualClock({ skip: 2000 })
  const connection = connectTo(script, clock)
  open.push(script, connection)
  const { prepare, ...request } = options
  prepare?.(script)
  const result = observeRollout({
    connection,
    ref: { kind: 'Deployment', name: 'carts' },
    namespace: 'carts',
    generation,
    budgetMs: 600_000,
    ...request,
  })
  return { script, clock, result, connection }
}

/** Waits, without a time limit of its own, until something has happened on the wire. */
const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

const play =
  (from: number, to = events.length) =>
  (stream: WatchStream) => {
    for (const object of events.slice(from, to)) stream.send('MODIFIED', object)
  }

describe('a rollout', () => {
  it('is followed on one watch of the one object, from the state that was read', async () => {
    const { script, result } = await watching(first, [play(1)])
    expect(await result).toMatchObject({
      state: 'complete',
      message: done,
      counts: { desired: 2, updated: 2, available: 2, old: 0 },
    })
    const messages = (await result).progress.map(({ message }) => message.replace(/.*finish: /, ''))
    expect([...new Set(messages)]).toEqual([
      'Waiting for deployment spec update to be observed...',
      '0 out of 2 new replicas have been updated...',
      '1 out of 2 new replicas have been updated...',
      '1 old replicas are pending termination...',
      done,
    ])
    expect(script.requests).toHaveLength(2)
    expect(script.requests[1]?.path).toBe('/apis/apps/v1/namespaces/carts/deployments')
    expect(Object.fromEntries(script.requests[1]?.query ?? [])).toEqual({
      watch: 'true',
      fieldSelector: 'metadata.name=carts',
      resourceVersion: versionOf(first),
      allowWatchBookmarks: 'true',
    })
  })

  it('that is over already needs no watch', async () => {
    const { script, result } = await watching(last, [])
    expect(await result).toMatchObject({ state: 'complete' })
    expect(script.requests).toHaveLength(1)
  })

  it('is reported while it goes on', async () => {
    const messages: string[] = []
    const { result } = await watching(halfway, [play(5)], {
      onProgress: ({ message }) => messages.push(message),
    })
    expect(messages).toEqual((await result).progress.map(({ message }) => message))
  })

  it('fails with its own deadline', async () => {
    const [before, , , , exceeded] = recordings.deadlineExceeded.events.map(({ object }) => object)
    const { result } = await watching(
      before as unknown as Deployment,
      [(stream) => stream.send('MODIFIED', exceeded)],
      {
        generation: 6,
      },
    )
    expect(await result).toMatchObject({ state: 'failed', reason: 'deadline-exceeded' })
  })
})

describe('a watch that breaks', () => {
  // Whichever event was the last to arrive, the next watch goes on behind it.
  it.each(events.slice(0, -1).map((_, index) => index))(
    'is taken up again when cut after event %i',
    async (index) => {
      const { script, result } = await watching(first, [
        (stream) => {
          play(1, index + 1)(stream)
          setImmediate(() => stream.cut())
        },
        play(index + 1),
      ])
      expect(await result).toMatchObject({ state: 'complete', message: done })
      expect(script.lists()).toHaveLength(1)
    },
  )

  it('is taken up again when the server closes it', async () => {
    const { script, result } = await watching(first, [
      (stream) => {
        play(1, 5)(stream)
        stream.close()
      },
      play(5),
    ])
    expect(await result).toMatchObject({ state: 'complete' })
    expect(script.streams[1]?.request.query.get('resourceVersion')).toBe(versionOf(halfway))
  })

  it('goes on from a bookmark', async () => {
    const { script, result } = await watching(halfway, [
      (stream) => {
        stream.send('BOOKMARK', {
          kind: 'Deployment',
          metadata: { resourceVersion: '9000' },
          spec: {},
          status: {},
        })
        stream.close()
      },
      play(5),
    ])
    expect(await result).toMatchObject({ state: 'complete' })
    expect(script.streams[1]?.request.query.get('resourceVersion')).toBe('9000')
  })

  it('reads anew after 410', async () => {
    const { script, result } = await watching(halfway, [
      (stream) => {
        script.state.object = last
        stream.send('ERROR', {
          kind: 'Status',
          code: 410,
          reason: 'Expired',
          message: 'too old resource version',
        })
        stream.close()
      },
    ])
    expect(await result).toMatchObject({ state: 'complete' })
    expect(script.lists()).toHaveLength(2)
  })

  it('reads anew after 30 seconds of silence', async () => {
    const { script, clock, result } = await watching(halfway, [() => {}])
    await clock.asleep(30_000)
    script.state.object = last
    clock.advance(29_999)
    await new Promise((resolve) => setImmediate(resolve))
    expect(script.lists()).toHaveLength(1)
    clock.advance(1)
    expect(await result).toMatchObject({ state: 'complete' })
    expect(script.lists()).toHaveLength(2)
  })

  it('does not hammer a server that closes every watch', async () => {
    const { script, clock, result } = await watching(halfway, [
      ...Array.from({ length: 8 }, () => (stream: WatchStream) => stream.close()),
      play(5),
    ])
    const began = clock.now()
    expect(await result).toMatchObject({ state: 'complete' })
    expect(script.streams).toHaveLength(9)
    expect(clock.now() - began).toBeGreaterThan(5000)
  })
})

describe('a request that fails', () => {
  const script = (failures: Script['state']['failures']) => ({
    prepare: ({ state }: Script) => void state.failures.push(...failures),
  })

  it.each([401, 403, 429, 500, 503])('with %i is repeated', async (status) => {
    const { result } = await watching(first, [play(1)], script([{ status }, { status }]))
    expect(await result).toMatchObject({ state: 'complete' })
  })

  it('leaves the server alone for as long as it asks', async () => {
    const {
      script: served,
      clock,
      result,
    } = await watching(first, [play(1)], script([{ status: 429, headers: { 'retry-after': '7' } }]))
    await clock.asleep(7000)
    clock.advance(6999)
    await new Promise((resolve) => setImmediate(resolve))
    expect(served.requests).toHaveLength(1)
    clock.advance(1)
    expect(await result).toMatchObject({ state: 'complete' })
  })

  it('with 403 for half a minute is a denial', async () => {
    const denials = Array.from({ length: 50 }, () => ({ status: 403 }))
    const { result, script: served } = await watching(first, [], script(denials))
    await expect(result).rejects.toMatchObject({ name: 'AccessDenied' })
    expect(served.requests.length).toBeGreaterThan(10)
  })

  it('with 400 fails at once', async () => {
    const { result, script: served } = await watching(first, [], script([{ status: 400 }]))
    await expect(result).rejects.toMatchObject({ name: 'InvalidRequest' })
    expect(served.requests).toHaveLength(1)
  })

  it('all the time leaves nothing to answer', async () => {
    const failures = Array.from({ length: 500 }, () => ({ status: 503 }))
    const { result } = await watching(first, [], { budgetMs: 20_000, ...script(failures) })
    await expect(result).rejects.toMatchObject({ name: 'Transient' })
  })
})

describe('the connection of a watch', () => {
  const caller = new AbortController()
  it.each<[end: string, how: (script: Script, clock: ReturnType<typeof manualClock>) => void]>([
    ['the rollout is over', ({ streams }) => streams[0]?.send('MODIFIED', last)],
    ['the budget is spent', (_script, clock) => clock.advance(600_000)],
    ['the caller gives up', () => caller.abort(new Error('enough'))],
  ])('is closed when %s', async (_end, how) => {
    const { script, clock, result } = await watching(first, [() => {}], { signal: caller.signal })
    await until(() => script.streams.length === 1)
    how(script, clock)
    await Promise.allSettled([result])
    await script.deserted()
  })
})

describe('the budget', () => {
  it('ends the watch, and the next one goes on from there', async () => {
    const { script, clock, result, connection } = await watching(halfway, [() => {}, play(5)], {
      budgetMs: 20_000,
    })
    await until(() => script.streams.length === 1)
    clock.advance(20_000)
    const interim = await result
    expect(interim).toMatchObject({ state: 'progressing', counts: { desired: 2 } })
    const next = await observeRollout({
      connection,
      ref: { kind: 'Deployment', name: 'carts' },
      namespace: 'carts',
      generation,
      budgetMs: 20_000,
      position: interim.position,
    })
    expect(next).toMatchObject({ state: 'complete' })
    expect(script.lists()).toHaveLength(1)
    expect(script.streams[1]?.request.query.get('resourceVersion')).toBe(versionOf(halfway))
  })

  it('does not forget what was known when the next watch gets nothing', async () => {
    const position = JSON.stringify({
      resourceVersion: '5',
      track: {
        uid: 'u',
        message: 'half',
        counts: { desired: 2, updated: 1, available: 1, old: 1 },
        best: {},
        progressedAt: 0,
      },
    })
    const { script, clock, result } = await watching(undefined, [() => {}], { position, budgetMs: 10_000 })
    await until(() => script.streams.length === 1)
    clock.advance(10_000)
    expect(await result).toMatchObject({ state: 'progressing', message: 'half', counts: { updated: 1 } })
  })

  it('counts how long nothing has moved by no other clock than its own', async () => {
    // The watch before this one ran where the clock is far behind, and stopped a second after the last move.
    const position = JSON.stringify({
      resourceVersion: '5',
      track: {
        uid: 'u',
        message: 'half',
        counts: { desired: 2, updated: 1, available: 1, old: 1 },
        best: {},
        progressedAt: 0,
        deadlineMs: 0,
      },
      at: 1000,
    })
    const patience = { position, budgetMs: 10_000, noProgressMs: 10_500 }
    const { script, clock, result } = await watching(undefined, [() => {}], patience)
    await until(() => script.streams.length === 1)
    clock.advance(9500)
    // By the other clock it would go on to the end of its budget.
    clock.advance(500)
    expect(await result).toMatchObject({ state: 'failed', message: 'half (no progress for 11 s)' })
  })

  it('gives way to the caller’s own signal', async () => {
    const controller = new AbortController()
    const { script, result } = await watching(halfway, [() => {}], { signal: controller.signal })
    await until(() => script.streams.length === 1)
    controller.abort(new Error('enough'))
    await expect(result).rejects.toThrow('enough')
  })
})

describe('a rollout that makes no progress', () => {
  /** Without a deadline of its own. */
  const unhurried = ({ spec, ...object }: Deployment): Deployment => {
    const { progressDeadlineSeconds: _, ...rest } = spec ?? { selector: {}, template: {} }
    return { ...object, spec: rest }
  }

  it('fails after the time its caller allows', async () => {
    const { script, clock, result } = await watching(unhurried(halfway), [() => {}], { noProgressMs: 25_000 })
    await until(() => script.streams.length === 1)
    clock.advance(25_000)
    expect(await result).toMatchObject({
      state: 'failed',
      reason: 'no-progress',
      message: expect.stringMatching(/\(no progress for 25 s\)$/),
    })
  })

  it('is not moved by a pod that crashes and comes back', async () => {
    const crash = (availableReplicas: number): Deployment =>
      unhurried({ ...halfway, status: { ...halfway.status, availableReplicas } })
    const seen: number[] = []
    const { script, clock, result } = await watching(crash(2), [() => {}], {
      noProgressMs: 25_000,
      onProgress: ({ counts }) => seen.push(counts.available),
    })
    await until(() => script.streams.length === 1)
    clock.advance(20_000)
    script.streams[0]?.send('MODIFIED', crash(1))
    script.streams[0]?.send('MODIFIED', crash(2))
    await until(() => seen.length === 3)
    clock.advance(5000)
    expect(await result).toMatchObject({ state: 'failed', reason: 'no-progress' })
    expect(seen).toEqual([2, 1, 2])
  })
})

describe('a workload that is deleted', () => {
  const renewed = (object: Deployment): Deployment => ({
    ...object,
    metadata: { ...object.metadata, uid: 'another', generation: 1 },
    status: { ...object.status, observedGeneration: 1 },
  })

  it('is gone when nobody makes it anew', async () => {
    const { clock, result } = await watching(halfway, [(stream) => stream.send('DELETED', halfway)])
    await clock.asleep(5000)
    clock.advance(5000)
    expect(await result).toMatchObject({
      state: 'gone',
      message: 'deployment/carts is no longer in namespace carts',
    })
  })

  it('is replaced when somebody does, and the new rollout can be followed', async () => {
    const { result, connection } = await watching(halfway, [
      (stream) => {
        stream.send('DELETED', halfway)
        stream.send('ADDED', renewed(halfway))
      },
      (stream) => stream.send('MODIFIED', renewed(last)),
    ])
    const replaced = await result
    expect(replaced).toMatchObject({ state: 'replaced' })
    const next = await observeRollout({
      connection,
      ref: { kind: 'Deployment', name: 'carts' },
      namespace: 'carts',
      generation,
      budgetMs: 20_000,
      position: replaced.position,
    })
    expect(next).toMatchObject({ state: 'complete' })
  })

  it('is known by its generation where it was replaced before the watch began', async () => {
    const { result } = await watching(renewed(last), [])
    expect(await result).toMatchObject({ state: 'replaced' })
  })

  it('or not there yet is waited for', async () => {
    const seen: string[] = []
    const { script, clock, result } = await watching(undefined, [() => {}], {
      generation: 1,
      budgetMs: 20_000,
      onProgress: ({ message }) => seen.push(message),
    })
    await clock.asleep(5000)
    await until(() => script.streams.length === 1)
    clock.advance(4000)
    script.streams[0]?.send('ADDED', renewed(halfway))
    await until(() => seen.length === 1)
    clock.advance(16_000)
    expect(await result).toMatchObject({ state: 'progressing' })
  })
})

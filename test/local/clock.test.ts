import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setImmediate as nextTurn, setTimeout as realSleep } from 'node:timers/promises'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { type VirtualClock, virtualClock } from '../../local/clock.ts'
import { issueCertificate } from '../../local/kubernetes/api/certificate.ts'

it('jumps from timer to timer in their order', async () => {
  const clock = virtualClock({ start: 1000 })
  const seen: string[] = []
  clock.after(60_000, () => seen.push(`late ${clock.now()}`))
  clock.after(10, () => seen.push(`soon ${clock.now()}`))
  await clock.sleep(3_600_000)
  expect(seen).toEqual(['soon 1010', 'late 61000'])
  expect(clock.now()).toBe(3_601_000)
})

it('fires many timers in their order, those of one moment as they were set, and none that was called off', async () => {
  const clock = virtualClock({ start: 0, held: true })
  const fired: [at: number, order: number][] = []
  const set = Array.from({ length: 2000 }, (_, order) => {
    const at = (order * 7919) % 501
    return { at, order, cancel: clock.after(at, () => fired.push([at, order])) }
  })
  const calledOff = set.filter(({ order }) => order % 5 < 3)
  for (const { cancel } of calledOff) cancel()
  await clock.advance(1000)
  expect(fired).toEqual(
    set
      .filter((one) => !calledOff.includes(one))
      .toSorted((one, other) => one.at - other.at || one.order - other.order)
      .map(({ at, order }) => [at, order]),
  )
})

/** Notes when time passes: the first moment of it, in the order of everything else that is noted. */
const noting = (clock: VirtualClock) => {
  const seen: string[] = []
  clock.after(1, () => seen.push('time passed'))
  return seen
}

const serve = async (server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Blocks this thread, as a machine with too much to do does. */
const spin = (ms: number) => {
  for (const until = performance.now() + ms; performance.now() < until; );
}

describe('time does not move', () => {
  it('while the event loop has anything left to do, however slowly it does it', async () => {
    const clock = virtualClock()
    const seen = noting(clock)
    for (let turn = 0; turn < 20; turn++) {
      await nextTurn()
      spin(2)
    }
    seen.push('done')
    await clock.sleep(2)
    expect(seen).toEqual(['done', 'time passed'])
  })

  it('while what a server wrote is on its way to a reader, however slow that is', async () => {
    const clock = virtualClock()
    const event = Buffer.alloc(8 * 1024 * 1024)
    const server = createServer((socket) => socket.end(event))
    clock.attend(server)
    const client = connect(await serve(server), '127.0.0.1')
    client.pause()
    await once(client, 'connect')
    const seen = noting(clock)
    await realSleep(100)
    let read = 0
    for await (const chunk of client) read += (chunk as Buffer).length
    seen.push(`read ${read}`)
    await clock.sleep(2)
    expect(seen).toEqual([`read ${event.length}`, 'time passed'])
    server.close()
  })

  it('while a connection is being opened', async () => {
    const clock = virtualClock()
    const held: Socket[] = []
    const { authority: ca, certificate: cert, key } = issueCertificate()
    const server = createTlsServer({ cert, key, SNICallback: (_name, done) => void later(done) })
    const later = async (done: (error: null) => void) => {
      await realSleep(20)
      seen.push('greeted')
      done(null)
    }
    server.on('secureConnection', (socket) => held.push(socket))
    clock.attend(server)
    const port = await serve(server)
    const seen = noting(clock)
    const client = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca })
    client.on('error', () => {})
    await clock.sleep(2)
    expect(seen).toEqual(['greeted', 'time passed'])
    client.destroy()
    for (const socket of held) socket.destroy()
    server.close()
  })

  it('while somebody is busy', async () => {
    const clock = virtualClock()
    const done = clock.busy()
    const seen = noting(clock)
    await realSleep(20)
    seen.push('done')
    done()
    await clock.sleep(2)
    expect(seen).toEqual(['done', 'time passed'])
  })

  it('while somebody works, and passes while all who work are asleep', async () => {
    const clock = virtualClock({ start: 0 })
    const seen: string[] = []
    clock.after(1000, () => seen.push(`timer ${clock.now()}`))
    await clock.work(async () => {
      await realSleep(20)
      expect(seen).toEqual([])
      await clock.sleep(500)
      seen.push(`awake ${clock.now()}`)
      await realSleep(20)
      expect(seen).toEqual(['awake 500'])
    })
    await clock.sleep(1000)
    expect(seen).toEqual(['awake 500', 'timer 1000'])
  })

  it('while one works, though another sleeps twice at once', async () => {
    const clock = virtualClock({ start: 0 })
    const seen = noting(clock)
    const sleeper = clock.work(() => Promise.all([clock.sleep(10), clock.sleep(10)]))
    await clock.work(async () => {
      await realSleep(20)
      seen.push('done')
    })
    await sleeper
    expect(seen).toEqual(['done', 'time passed'])
  })

  it('while somebody works whose sleep was cut short', async () => {
    const clock = virtualClock({ start: 0 })
    const seen = noting(clock)
    await clock.work(async () => {
      await expect(clock.sleep(1e9, AbortSignal.abort(new Error('up')))).rejects.toThrow('up')
      const abort = new AbortController()
      const sleeping = clock.sleep(1e9, abort.signal)
      abort.abort(new Error('up'))
      await expect(sleeping).rejects.toThrow('up')
      await realSleep(20)
      seen.push('done')
    })
    await clock.sleep(2)
    expect(seen).toEqual(['done', 'time passed'])
  })
})

it('plays history while held, then goes on in real time with the timers left over', async () => {
  const history = 4 * 24 * 3600_000
  const clock = virtualClock({ start: Date.now() - history, held: true })
  const seen: string[] = []
  const tick = () => {
    seen.push('day')
    clock.after(24 * 3600_000, tick)
  }
  clock.after(24 * 3600_000, tick)
  await clock.advance(history)
  expect(seen).toHaveLength(4)
  clock.after(20, () => seen.push('real'))
  expect(seen).toHaveLength(4)
  clock.release('real')
  const before = Date.now()
  await clock.sleep(30)
  expect(Date.now() - before).toBeGreaterThanOrEqual(25)
  expect(seen.at(-1)).toBe('real')
  clock.stop()
})

it('cuts a sleep short with the reason of the abort', async () => {
  const clock = virtualClock({ held: true })
  const abort = new AbortController()
  const sleeping = clock.sleep(1000, abort.signal)
  abort.abort(new Error('enough'))
  await expect(sleeping).rejects.toThrow('enough')
})

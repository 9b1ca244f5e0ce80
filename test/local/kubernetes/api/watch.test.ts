import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { resources } from '../../../../local/kubernetes/store/resources.ts'
import { type ServedStore, serveStore } from '../support/api-server.ts'

let served: ServedStore

afterEach(async () => {
  served.clock.stop()
  await served.server.close()
})

interface ReadEvent {
  type: string
  object: {
    kind: string
    metadata: { name?: string; resourceVersion: string; annotations?: Record<string, string> }
    columnDefinitions?: unknown[]
    rows?: { cells: unknown[]; object: { metadata: { name: string } } }[]
    code?: number
    data?: Record<string, string>
  }
}

const path = '/api/v1/namespaces/carts/secrets'

/** Reads a watch event by event. */
const follow = async (query: string, headers?: Record<string, string>) => {
  const response = await served.open({
    path: `${path}?watch=true&${query}`,
    ...(headers ? { headers: { authorization: 'Bearer admin-token', ...headers } } : {}),
  })
  const next = eventReader(response)
  const names = async (count: number) => {
    const events: string[] = []
    for (let index = 0; index < count; index++) {
      const event = await next()
      events.push(event === 'closed' ? event : `${event.type} ${event.object.metadata.name ?? ''}`.trim())
    }
    return events
  }
  return { response, next, names }
}

/** Hands out the events of a watch one by one, then `closed`, whether it ended or broke. */
const eventReader = (response: IncomingMessage): (() => Promise<ReadEvent | 'closed'>) => {
  let text = ''
  response.on('error', () => {}) // a broken watch is what some of these tests are about
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  return async () => {
    while (!text.includes('\n')) {
      if (response.closed) return 'closed'
      await Promise.race([once(response, 'data').catch(() => {}), closed(response)])
    }
    const end = text.indexOf('\n')
    const line = text.slice(0, end)
    text = text.slice(end + 1)
    return JSON.parse(line) as ReadEvent
  }
}

const put = (name: string, data: Record<string, string>, labels?: Record<string, string>) => {
  const metadata = { namespace: 'carts', name, ...(labels ? { labels } : {}) }
  return served.store.get(resources.secrets, 'carts', name)
    ? served.store.update(resources.secrets, { metadata, data })
    : served.store.create(resources.secrets, { metadata, data })
}

const remove = (name: string) => served.store.delete(resources.secrets, 'carts', name)

describe('what a watch sends', () => {
  it('begins with what is there, then sends each write', async () => {
    served = await serveStore()
    put('a', { n: '1' })
    const watch = await follow('')
    put('b', { n: '1' })
    put('a', { n: '2' })
    remove('b')
    expect(await watch.names(4)).toEqual(['ADDED a', 'ADDED b', 'MODIFIED a', 'DELETED b'])
  })

  it('reports objects that begin or cease to match as added or deleted', async () => {
    served = await serveStore()
    put('a', { n: '1' }, { team: 'x' })
    const watch = await follow('labelSelector=team%3Dx')
    put('a', { n: '2' }, { team: 'y' })
    put('a', { n: '3' }, { team: 'y' })
    put('a', { n: '4' }, { team: 'x' })
    expect(await watch.names(1)).toEqual(['ADDED a'])
    const gone = await watch.next()
    expect(gone).toMatchObject({ type: 'DELETED', object: { data: { n: '1' } } })
    expect(await watch.next()).toMatchObject({ type: 'ADDED', object: { data: { n: '4' } } })
  })

  it('says nothing of other namespaces and other names', async () => {
    served = await serveStore()
    const watch = await follow('fieldSelector=metadata.name%3Da')
    served.store.create(resources.secrets, { metadata: { namespace: 'default', name: 'a' } })
    put('b', {})
    put('a', {})
    expect(await watch.names(1)).toEqual(['ADDED a'])
  })

  it('breaks where its client does not read what is sent', async () => {
    served = await serveStore()
    const response = await served.open({ path: `${path}?watch=true` })
    response.on('error', () => {})
    for (let turn = 0; turn < 40; turn++) put('a', { text: `${turn}`.padEnd(1_000_000, 'x') })
    await closed(response.resume())
    expect(response.complete).toBe(false)
  })

  it('ends after timeoutSeconds of the clock', async () => {
    served = await serveStore()
    const began = served.clock.now()
    const watch = await follow('timeoutSeconds=300')
    expect(await watch.next()).toBe('closed')
    expect(served.clock.now() - began).toBe(300_000)
  })

  it('prints tables for kubectl, with columns only once', async () => {
    served = await serveStore()
    put('a', { n: '1' })
    const watch = await follow('', {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
    })
    put('a', { n: '1', m: '2' })
    const [first, second] = [await watch.next(), await watch.next()] as ReadEvent[]
    expect(first?.object).toMatchObject({
      kind: 'Table',
      rows: [{ cells: ['a', 'Opaque', 1, expect.any(String)] }],
    })
    expect(first?.object.columnDefinitions).toHaveLength(4)
    expect(second?.object).toMatchObject({
      columnDefinitions: [],
      rows: [{ cells: ['a', 'Opaque', 2, expect.any(String)] }],
    })
    expect(second?.object.rows?.[0]?.object.metadata.name).toBe('a')
  })
})

describe('resuming', () => {
  it('loses nothing and repeats nothing, wherever the connection breaks', async () => {
    served = await serveStore()
    const writes = 6
    for (let cutAt = 0; cutAt < writes; cutAt++) {
      const name = `case-${cutAt}`
      const from = String(served.store.resourceVersion)
      const query = (version: string) => `fieldSelector=metadata.name%3D${name}&resourceVersion=${version}`
      const forget = served.server.watches.onEvent(({ sent }) => (sent === cutAt ? 'cut' : undefined))
      const broken = await follow(query(from))
      for (let write = 0; write < writes; write++) put(name, { write: String(write) })
      const seen: string[] = []
      let version = from
      for (let index = 0; index < cutAt; index++) {
        const event = (await broken.next()) as ReadEvent
        seen.push(event.object.data?.write ?? '')
        version = event.object.metadata.resourceVersion
      }
      await closed(broken.response)
      forget()
      const resumed = await follow(query(version))
      while (seen.length < writes) seen.push(((await resumed.next()) as ReadEvent).object.data?.write ?? '')
      expect(seen).toEqual(['0', '1', '2', '3', '4', '5'])
      served.server.watches.cut()
    }
  })

  it('gets every write after a list, though they happen before the watch', async () => {
    served = await serveStore()
    put('a', {})
    const list = await served.send({ path })
    const { resourceVersion } = (list.body as { metadata: { resourceVersion: string } }).metadata
    put('b', {})
    remove('a')
    const watch = await follow(`resourceVersion=${resourceVersion}`)
    put('c', {})
    expect(await watch.names(3)).toEqual(['ADDED b', 'DELETED a', 'ADDED c'])
  })

  it('is answered with a 200 and one ERROR that a version is too old, and closed', async () => {
    served = await serveStore()
    const old = served.store.resourceVersion
    put('a', {})
    served.server.expireWatchCache()
    const watch = await follow(`resourceVersion=${old}`)
    expect(watch.response.statusCode).toBe(200)
    expect(await watch.next()).toMatchObject({ type: 'ERROR', object: { reason: 'Expired', code: 410 } })
    expect(await watch.next()).toBe('closed')
  })

  it('gets nothing of what was before a version from the future', async () => {
    served = await serveStore()
    put('a', {})
    const watch = await follow(`resourceVersion=${served.store.resourceVersion + 1}`)
    put('a', { n: '1' })
    put('a', { n: '2' })
    expect(await watch.next()).toMatchObject({ type: 'MODIFIED', object: { data: { n: '2' } } })
  })
})

const closed = (response: IncomingMessage): Promise<void> =>
  new Promise((resolve) => (response.closed ? resolve() : response.once('close', resolve)))

describe('lists', () => {
  interface List {
    metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number }
    items: { metadata: { name: string } }[]
  }
  const list = async (query: string) => (await served.send({ path: `${path}?${query}` })).body as List

  it('page through the state at which they began', async () => {
    served = await serveStore()
    for (const name of ['a', 'b', 'c', 'd', 'e']) put(name, {})
    const first = await list('limit=2')
    remove('c')
    put('bb', {})
    const second = await list(`limit=2&continue=${first.metadata.continue}`)
    const third = await list(`limit=2&continue=${second.metadata.continue}`)
    const pages = [first, second, third]
    expect(pages.map(({ items }) => items.map(({ metadata }) => metadata.name))).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['e'],
    ])
    expect(pages.map(({ metadata }) => metadata.remainingItemCount)).toEqual([3, 1, undefined])
    expect(new Set(pages.map(({ metadata }) => metadata.resourceVersion)).size).toBe(1)
  })

  it('read an exact version', async () => {
    served = await serveStore()
    put('a', {})
    const { resourceVersion } = (await list('')).metadata
    remove('a')
    const past = await list(`resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`)
    expect(past.items.map(({ metadata }) => metadata.name)).toEqual(['a'])
    expect((await list('resourceVersion=0')).items).toEqual([])
  })

  it('answer 504 with Retry-After for a version from the future', async () => {
    served = await serveStore()
    const answer = await served.send({ path: `${path}?resourceVersion=99999` })
    expect(answer.status).toBe(504)
    expect(answer.headers['retry-after']).toBe('1')
    expect(answer.body).toMatchObject({
      reason: 'Timeout',
      message: expect.stringMatching(/^Timeout: Too large resource version: 99999, current: \d+$/),
    })
  })
})

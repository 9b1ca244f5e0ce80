import type { ServerResponse } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../adapters/clock.ts'
import type { CredentialsProvider } from '../../../adapters/eks/token.ts'
import { type Connection, connect } from '../../../adapters/kubernetes/connection.ts'
import { retryAfterOf } from '../../../adapters/kubernetes/errors.ts'
import { issueCertificate } from '../../../local/kubernetes/api/certificate.ts'
import recordings from '../../recordings/kubernetes/failures.json' with { type: 'json' }
import {
  connectTo,
  json,
  type KubernetesServer,
  serveKubernetes,
} from '../../support/servers/kubernetes-server.ts'

let server: KubernetesServer
let connection: Connection

const serve = async (...parameters: Parameters<typeof serveKubernetes>) => {
  server = await serveKubernetes(...parameters)
  connection = connectTo(server)
}

afterEach(async () => {
  vi.useRealTimers()
  await connection.close()
  await server.close()
})

const carts = {
  verb: 'get',
  version: 'apps/v1',
  resource: 'deployments',
  namespace: 'carts',
  name: 'carts',
} as const
const cartsWatch = { ...carts, verb: 'watch' } as const

/** The least that an object has. */
const nothing = { metadata: {} }

const readAll = async (lines: AsyncIterable<string>): Promise<string[]> => {
  const all: string[] = []
  for await (const line of lines) all.push(line)
  return all
}

it('asks as the caller, over kept connections, with one token', async () => {
  await serve((_request, response) => json(response, nothing))
  for (let count = 0; count < 10; count++) await connection.request(carts)
  expect(server.requests[0]).toMatchObject({
    method: 'GET',
    path: '/apis/apps/v1/namespaces/carts/deployments/carts',
  })
  expect(new Set(server.requests.map(({ headers }) => headers.authorization)).size).toBe(1)
  expect(server.requests[0]?.headers.authorization).toMatch(/^Bearer k8s-aws-v1\./)
  expect(server.connections()).toBe(1)
})

describe('many reads at once', () => {
  const ask = (count: number) => Array.from({ length: count }, () => connection.request(carts))
  const serveNobody = async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    const held: ServerResponse[] = []
    await serve((_request, response) => void held.push(response))
    const holds = async (count: number) => {
      const limit = performance.now() + 5000
      while (held.length < count) {
        if (performance.now() > limit) throw new Error(`${held.length} of ${count} requests have come`)
        await nextTurn()
      }
    }
    return { held, holds }
  }

  it('share a few sockets, and leave no timer that would keep the process', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await serve((_request, response) => json(response, nothing))
    await Promise.all(ask(10))
    expect(server.requests).toHaveLength(10)
    expect(server.connections()).toBe(4)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('are not kept by others that hang, and keep nothing that writes or lasts', async () => {
    const { held, holds } = await serveNobody()
    const reads = ask(6)
    await holds(4)
    const watch = connection.lines(cartsWatch)
    const patch = connection.request({ ...carts, verb: 'patch', body: { contentType: 'json', content: {} } })
    await holds(6)
    vi.advanceTimersByTime(100)
    await holds(8)
    for (const response of held) json(response, nothing)
    await Promise.all([...reads, patch, watch])
  })

  it('open nothing once the connection is closed', async () => {
    const { holds } = await serveNobody()
    const reads = Promise.allSettled(ask(6))
    await holds(4)
    await connection.close()
    const reasons = (await reads).map((read) => read.status === 'rejected' && read.reason.name)
    expect(reasons).toEqual(Array(6).fill('Transient'))
    expect(server.connections()).toBe(4)
  })
})

it('trusts nobody but the cluster’s own authority', async () => {
  await serve((_request, response) => json(response, nothing))
  const stranger = Buffer.from(issueCertificate().authority).toString('base64')
  const wary = connectTo({ cluster: { ...server.cluster, ca: stranger } })
  await expect(wary.request(carts)).rejects.toMatchObject({
    name: 'Transient',
    message: expect.stringMatching(/no answer from the API server \(\w+: .*certificate/),
  })
  expect(server.requests).toEqual([])
  await wary.close()
})

const status = (code: number, reason: string, message: string) => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  code,
  reason,
  message,
})

const nameOf = (code: number): string =>
  ({ 401: 'AccessDenied', 403: 'AccessDenied', 409: 'Conflict', 410: 'Transient' })[code] ?? 'InvalidRequest'

describe('an answer that is no success', () => {
  it.each([
    [
      401,
      'Unauthorized',
      'AccessDenied',
      /The cluster does not know the caller: give its IAM role an access entry/,
    ],
    [403, 'Forbidden', 'AccessDenied', /: 403 Forbidden: because\. Apply manifests/],
    [
      404,
      'NotFound',
      'InvalidRequest',
      /get deployments "carts" in namespace carts on cluster eks-workshop: 404/,
    ],
    [409, 'Conflict', 'Conflict', /409 Conflict: because/],
    [422, 'Invalid', 'InvalidRequest', /422 Invalid: because/],
    [429, 'TooManyRequests', 'Transient', /429/],
    [500, 'InternalError', 'Transient', /500/],
    [504, 'Timeout', 'Transient', /504/],
  ])('%i %s is %s', async (code, reason, name, message) => {
    await serve((_request, response) => json(response, status(code, reason, 'because'), code))
    await expect(connection.request(carts)).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message),
    })
  })

  it.each(recordings)('recorded as $what keeps the server’s own words', async ({ status: code, body }) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    await serve((_request, response) => response.writeHead(code).end(text))
    await expect(connection.request(carts)).rejects.toMatchObject({
      name: nameOf(code),
      message: expect.stringContaining(typeof body === 'string' ? body.trim() : body.message),
    })
  })

  it('keeps the server’s request to be left alone', async () => {
    await serve((_request, response) =>
      json(response, status(429, 'TooManyRequests', 'later'), 429, { 'retry-after': '7' }),
    )
    const error = await connection.request(carts).catch((caught: unknown) => caught)
    expect(retryAfterOf(error)).toBe(7000)
  })

  it('is also one that leads elsewhere: the token goes to the cluster alone', async () => {
    const elsewhere = 'https://127.0.0.1:1/elsewhere'
    await serve((_request, response) => response.writeHead(302, { location: elsewhere }).end())
    await expect(connection.request(carts)).rejects.toMatchObject({
      name: 'InvalidRequest',
      message: expect.stringContaining(': 302'),
    })
  })

  it('shows no token, where something on the way repeats what was sent, and no half of one', async () => {
    for (const filler of ['', 'x'.repeat(230), 'x '.repeat(140)]) {
      await serve(({ headers }, response) =>
        response.writeHead(502).end(`${filler} bad gateway for ${JSON.stringify(headers)}`),
      )
      const { message, cause } = (await connection.request(carts).catch((error: unknown) => error)) as Error
      expect(message).toContain('502')
      expect(`${message}${(cause as Error).message}`).not.toMatch(/k8s-aws-v1|aHR0c/)
      await connection.close()
      await server.close()
    }
  })

  it('may be plain text', async () => {
    await serve((_request, response) => response.writeHead(503).end('upstream is away\n'))
    await expect(connection.request(carts)).rejects.toMatchObject({
      name: 'Transient',
      message: expect.stringContaining(': 503: upstream is away'),
    })
  })

  it.each([
    ['nothing', 200, ''],
    ['a page', 200, '<html><title>Sign in</title></html>'],
    ['something that is no object', 200, '"yes"'],
    ['an object of another API', 200, '{"ok":true}'],
    ['a page that is not found', 404, '<html>no such page</html>'],
    ['nothing that is not found', 404, ''],
    ['a page that is away', 502, '<html>Bad gateway</html>'],
  ])('that is %s fails by a name and is no word on the object', async (_what, code, body) => {
    await serve((_request, response) => response.writeHead(code).end(body))
    await expect(connection.find(carts)).rejects.toMatchObject({
      name: code === 404 ? 'InvalidRequest' : 'Transient',
      message: expect.stringMatching(/^get deployments "carts" in namespace carts on cluster \S+: /),
    })
  })

  it('is no empty list where it has no items, unless it says so', async () => {
    const list = { verb: 'list', version: 'v1', resource: 'pods', namespace: 'carts' } as const
    let items: object = {}
    await serve((_request, response) => json(response, { ...nothing, ...items }))
    await expect(connection.request(list)).rejects.toMatchObject({ name: 'Transient' })
    items = { items: null }
    expect(await connection.request(list)).toMatchObject({ items: [] })
  })

  it('that echoes the request shows no token of it', async () => {
    await serve(({ headers }, response) => response.writeHead(500).end(JSON.stringify(headers)))
    const error = await connection.request(carts).catch((caught: Error) => caught)
    expect((error as Error).message).toMatch(/: 500/)
    expect((error as Error).message).not.toContain('k8s-aws-v1.')
  })

  it('reads 404 as nothing where the reader can do without', async () => {
    await serve((_request, response) => json(response, status(404, 'NotFound', 'no'), 404))
    expect(await connection.find(carts)).toBeUndefined()
  })

  it('never shows the token', async () => {
    await serve((_request, response) => json(response, status(403, 'Forbidden', 'no'), 403))
    const error = await connection.request(carts).catch((caught: unknown) => caught)
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('k8s-aws-v1')
  })
})

it('signs a new token after 401', async () => {
  await serve((_request, response) => json(response, status(401, 'Unauthorized', 'Unauthorized'), 401))
  await expect(connection.request(carts)).rejects.toThrow()
  await expect(connection.request(carts)).rejects.toThrow()
  const [first, second] = server.requests.map(({ headers }) => headers.authorization)
  expect(first).not.toBe(second)
})

it('restates a cut connection', async () => {
  await serve((_request, response) => response.destroy())
  await expect(connection.request(carts)).rejects.toMatchObject({ name: 'Transient' })
})

it('gives up when the caller does', async () => {
  const controller = new AbortController()
  await serve(() => controller.abort(new Error('enough')))
  await expect(connection.request({ ...carts, signal: controller.signal })).rejects.toThrow('enough')
})

it('opens nothing for a caller who has given up already', async () => {
  await serve((_request, response) => json(response, nothing))
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(connection.request({ ...carts, signal })).rejects.toThrow('enough')
  await connection.request(carts)
  expect(server.connections()).toBe(1)
})

describe('a connection that the server closed while it was idle', () => {
  const patch = { ...carts, verb: 'patch', body: { contentType: 'application/json', content: {} } } as const

  /** Answers the first request on each connection, and resets the connection at the second. */
  const serveOnce = () => {
    const used = new Set<unknown>()
    return serve(({ socket }, response) => {
      if (used.has(socket)) return socket.resetAndDestroy()
      used.add(socket)
      json(response, nothing)
    })
  }

  it.each([1, 3])('is not noticed by a read, also where %i are so', async (idle) => {
    await serveOnce()
    await Promise.all(Array.from({ length: idle }, () => connection.request(carts)))
    expect(await connection.request(carts)).toEqual(nothing)
    expect(server.requests).toHaveLength(idle + idle + 1)
    expect(server.connections()).toBe(idle + 1)
  })

  it('fails a write, which might be done twice', async () => {
    await serveOnce()
    await connection.request(carts)
    await expect(connection.request(patch)).rejects.toMatchObject({
      name: 'Transient',
      message: expect.stringContaining('ECONNRESET'),
    })
    expect(server.requests).toHaveLength(2)
  })
})

describe('after 15 s', () => {
  const late = { name: 'Transient', message: expect.stringContaining('(it took longer than 15 s)') }
  const pass = () => vi.advanceTimersByTime(15_000)
  const serveLate = (...parameters: Parameters<typeof serveKubernetes>) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    return serve(...parameters)
  }

  it.each<[what: string, answer: (response: ServerResponse) => void]>([
    ['without an answer', () => pass()],
    [
      'in the midst of an answer',
      (response) => {
        response.writeHead(200).write('{"kind":', () => setImmediate(pass))
      },
    ],
    [
      'in the midst of a refusal',
      (response) => {
        response.writeHead(403).write('{"kind":', () => setImmediate(pass))
      },
    ],
  ])('%s, gives a request up and closes its connection', async (_what, answer) => {
    await serveLate((_request, response) => answer(response))
    await expect(connection.request(carts)).rejects.toMatchObject(late)
    await server.deserted()
  })

  it('gives up a watch that has not begun', async () => {
    await serveLate(pass)
    await expect(connection.lines(cartsWatch)).rejects.toMatchObject(late)
    await server.deserted()
  })

  it('lets a watch go on that has', async () => {
    let later = () => {}
    await serveLate((_request, response) => {
      response.writeHead(200).flushHeaders()
      later = () => response.end('{"one":1}\n')
    })
    const lines = await connection.lines(cartsWatch)
    pass()
    later()
    expect(await readAll(lines)).toEqual(['{"one":1}'])
  })
})

describe('the lines of a watch', () => {
  const controller = () => {
    const made = new AbortController()
    return {
      ...carts,
      verb: 'watch' as const,
      signal: made.signal,
      end: () => made.abort(new Error('enough')),
    }
  }
  const serveLine = () => serve((_request, response) => void response.writeHead(200).write('{"one":1}\n'))

  it('end with the caller’s reason, and their connection with them', async () => {
    await serveLine()
    const { end, ...watch } = controller()
    const lines = (await connection.lines(watch))[Symbol.asyncIterator]()
    expect(await lines.next()).toEqual({ done: false, value: '{"one":1}' })
    const next = lines.next()
    end()
    await expect(next).rejects.toThrow('enough')
    await server.deserted()
  })

  it('may be given up unread, or while they wait to be read on', async () => {
    await serveLine()
    for (const read of [0, 1]) {
      const { end, ...watch } = controller()
      const lines = (await connection.lines(watch))[Symbol.asyncIterator]()
      if (read) await lines.next()
      end()
      await server.deserted()
      await expect(lines.next()).rejects.toThrow('enough')
    }
  })

  it('are no longer sent to a reader that stops', async () => {
    await serveLine()
    for await (const line of await connection.lines(cartsWatch)) {
      expect(line).toBe('{"one":1}')
      break
    }
    await server.deserted()
  })

  it('cut off in the midst are an error, on a used connection too, and nothing is asked again', async () => {
    await serve(({ socket, query }, response) => {
      if (!query.has('watch')) return json(response, nothing)
      response.writeHead(200).write('{"one":1}\n', () => socket.resetAndDestroy())
    })
    await connection.request(carts)
    const lines = await connection.lines(cartsWatch)
    await expect(readAll(lines)).rejects.toMatchObject({ name: 'Transient' })
    expect(server.requests).toHaveLength(2)
  })
})

it('closes what is under way and what is idle', async () => {
  await serve(({ query }, response) => {
    if (!query.has('watch')) return json(response, nothing)
    response.writeHead(200).flushHeaders()
  })
  const lines = await connection.lines(cartsWatch)
  await connection.request(carts)
  expect(server.connections()).toBe(2)
  await connection.close()
  await server.deserted()
  await expect(readAll(lines)).rejects.toMatchObject({ name: 'Transient' })
})

it('hands over the lines of a watch as they come, however they are cut into chunks', async () => {
  await serve((_request, response) => {
    response.writeHead(200)
    response.write('{"name":"caf')
    setImmediate(() => {
      response.write(Buffer.from('é"}\n{"two').subarray(0, 1))
      response.write(Buffer.from('é"}\n{"two').subarray(1))
      response.end('":2}\n\n{"cut')
    })
  })
  expect(await readAll(await connection.lines(cartsWatch))).toEqual(['{"name":"café"}', '{"two":2}'])
  expect(server.requests[0]?.query.get('watch')).toBe('true')
})

describe('credentials', () => {
  const connectAs = (credentials: CredentialsProvider) =>
    connect({ cluster: server.cluster, credentials, clock: systemClock })
  const expired = Object.assign(new Error('The SSO session associated with this profile has expired'), {
    name: 'CredentialsProviderError',
  })
  it.each<[string, Error, string]>([
    ['that have expired', expired, 'AccessDenied'],
    ['that could not be had for another reason', new Error('the helper ended with 1'), 'Transient'],
  ])('%s are not called silence of the API server', async (_why, error, name) => {
    await serve((_request, response) => json(response, nothing))
    await connection.close()
    connection = connectAs(() => Promise.reject(error))
    await expect(connection.request(carts)).rejects.toMatchObject({
      name,
      message: expect.stringMatching(/^signing a token for cluster \S+: .*(has expired.*Renew|ended with 1)/),
    })
  })

  it('that do not come are not waited for without end', async () => {
    await serve((_request, response) => json(response, nothing))
    await connection.close()
    connection = connectAs(() => new Promise(() => {}))
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const refused = expect(connection.request(carts)).rejects.toMatchObject({
      name: 'Transient',
      message: expect.stringMatching(/^signing a token .* within 10 s/),
    })
    await vi.advanceTimersByTimeAsync(10_000)
    await refused
  })
})

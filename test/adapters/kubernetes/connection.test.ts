import { afterEach, describe, expect, it } from 'vitest'
import type { Connection } from '../../../adapters/kubernetes/connection.ts'
import { retryAfterOf } from '../../../adapters/kubernetes/errors.ts'
import { issueCertificate } from '../../../local/kubernetes/api/certificate.ts'
import recordings from '../../recordings/kubernetes/failures.json' with { type: 'json' }
import { connectTo, json, type KubernetesServer, serveKubernetes } from '../../support/kubernetes-server.ts'

let server: KubernetesServer
let connection: Connection

const serve = async (...parameters: Parameters<typeof serveKubernetes>) => {
  server = await serveKubernetes(...parameters)
  connection = connectTo(server)
}

afterEach(async () => {
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

it('asks as the caller, over kept connections, with one token', async () => {
  await serve((_request, response) => json(response, { kind: 'Deployment' }))
  for (let count = 0; count < 10; count++) await connection.request(carts)
  expect(server.requests[0]).toMatchObject({
    method: 'GET',
    path: '/apis/apps/v1/namespaces/carts/deployments/carts',
  })
  expect(new Set(server.requests.map(({ headers }) => headers.authorization)).size).toBe(1)
  expect(server.requests[0]?.headers.authorization).toMatch(/^Bearer k8s-aws-v1\./)
  // The pool may open a second one while the first answer is being put away.
  expect(server.connections()).toBeLessThanOrEqual(2)
})

it('trusts nobody but the cluster’s own authority', async () => {
  await serve((_request, response) => json(response, {}))
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

  it('keeps the server’s wish to be left alone', async () => {
    await serve((_request, response) =>
      json(response, status(429, 'TooManyRequests', 'later'), 429, { 'retry-after': '7' }),
    )
    const error = await connection.request(carts).catch((caught: unknown) => caught)
    expect(retryAfterOf(error)).toBe(7000)
  })

  it('may be plain text', async () => {
    await serve((_request, response) => response.writeHead(503).end('upstream is away\n'))
    await expect(connection.request(carts)).rejects.toMatchObject({
      name: 'Transient',
      message: expect.stringContaining(': 503: upstream is away'),
    })
  })

  it('reads 404 as nothing where the reader can do without', async () => {
    await serve((_request, response) => json(response, status(404, 'NotFound', 'no'), 404))
    expect(await connection.find(carts)).toBeUndefined()
  })

  it('never tells the token', async () => {
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
  const lines: string[] = []
  for await (const line of await connection.lines({ ...carts, verb: 'watch' })) lines.push(line)
  expect(lines).toEqual(['{"name":"café"}', '{"two":2}'])
  expect(server.requests[0]?.query.get('watch')).toBe('true')
})

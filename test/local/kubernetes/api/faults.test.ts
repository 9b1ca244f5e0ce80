import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Fault } from '../../../../local/calls.ts'
import { resources } from '../../../../local/kubernetes/store/resources.ts'
import { admin, type ServedStore, serveStore } from '../support/api-server.ts'

let served: ServedStore
beforeEach(async () => {
  served = await serveStore()
  served.store.create(resources.configmaps, {
    metadata: { namespace: 'carts', name: 'carts' },
    data: { n: '0' },
  })
})
afterEach(async () => {
  served.clock.stop()
  await served.server.close()
})

const path = '/api/v1/namespaces/carts/configmaps/carts'
const get = () => served.send({ path })
const patch = (query = '') =>
  served.send({
    method: 'PATCH',
    path: `${path}${query}`,
    headers: { ...admin, 'content-type': 'application/merge-patch+json' },
    body: { data: { n: '1' } },
  })
const stored = () => served.store.read(resources.configmaps, 'carts', 'carts').data?.n
const inject = (fault: Partial<Fault> & Pick<Fault, 'action'>) =>
  served.calls.inject({ service: 'kubernetes', ...fault })

describe('the record of calls', () => {
  it('says who asked what of which object, and whether it may change anything', async () => {
    await get()
    await patch('?dryRun=All')
    await patch()
    await served.send({ path: '/api/v1/namespaces/carts/configmaps?fieldSelector=metadata.name%3Dcarts' })
    await served.send({
      method: 'POST',
      path: '/api/v1/namespaces/carts/configmaps',
      headers: { ...admin, 'content-type': 'application/json' },
      body: { metadata: { name: 'new' } },
    })
    await served.send({ method: 'GET', path, headers: { authorization: 'Bearer nonsense' } })
    expect(
      served.calls.calls.map(({ operation, subject, principal, write, status }) =>
        [operation, subject, principal, write ? 'writes' : 'reads', status].join(' '),
      ),
    ).toEqual([
      'get configmaps carts/carts admin reads 200',
      'patch configmaps carts/carts admin reads 200',
      'patch configmaps carts/carts admin writes 200',
      'list configmaps carts/carts admin reads 200',
      'create configmaps carts/new admin writes 201',
      'get configmaps carts/carts system:anonymous reads 401',
    ])
    expect(JSON.stringify(served.calls.calls)).not.toContain('admin-token')
  })
})

describe('faults', () => {
  it('answer an error in place of the object, with its headers', async () => {
    inject({
      operation: 'get configmaps',
      action: { kind: 'error', status: 429, code: 'TooManyRequests', headers: { 'Retry-After': '7' } },
    })
    const refused = await get()
    expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '7' } })
    expect(refused.body).toMatchObject({
      kind: 'Status',
      reason: 'TooManyRequests',
      details: { retryAfterSeconds: 7 },
      code: 429,
    })
    expect((await get()).status).toBe(200)
  })

  it('answer like a proxy in between, or not at all until the client gives up', async () => {
    inject({ operation: 'patch configmaps', action: { kind: 'garble', status: 502, body: '<html>' } })
    expect((await patch()).status).toBe(502)
    inject({ operation: 'patch configmaps', action: { kind: 'hang' } })
    let answered = false
    const hanging = patch().finally(() => {
      answered = true
    })
    await get()
    expect(answered).toBe(false)
    served.server.setAvailable(false)
    await expect(hanging).rejects.toThrow(/socket hang up|ECONNRESET/)
    expect(stored()).toBe('0')
  })

  it('cut before the request takes effect', async () => {
    inject({ operation: 'patch configmaps', action: { kind: 'cut' } })
    await expect(patch()).rejects.toThrow(/socket hang up|ECONNRESET/)
    expect(stored()).toBe('0')
  })

  it('lose the answer after it took effect', async () => {
    inject({ operation: 'patch configmaps', action: { kind: 'lose' } })
    await expect(patch()).rejects.toThrow(/socket hang up|ECONNRESET/)
    expect(stored()).toBe('1')
  })

  it('delay by the clock', async () => {
    const began = served.clock.now()
    inject({ operation: /^get/, subject: 'carts/carts', action: { kind: 'delay', ms: 45_000 } })
    expect((await get()).status).toBe(200)
    expect(served.clock.now() - began).toBe(45_000)
  })

  it('refuse a watch as they refuse any request', async () => {
    inject({
      operation: 'watch configmaps',
      action: { kind: 'error', status: 503, code: 'ServiceUnavailable' },
    })
    const answer = await served.send({ path: '/api/v1/namespaces/carts/configmaps?watch=true' })
    expect(answer).toMatchObject({ status: 503, body: { reason: 'ServiceUnavailable' } })
  })
})

it('resets every connection while away, and serves the same state when back', async () => {
  const watch = await served.open({ path: '/api/v1/namespaces/carts/configmaps?watch=true' })
  const broken = new Promise((resolve) => watch.on('error', resolve))
  watch.resume()
  served.server.setAvailable(false)
  expect(await broken).toMatchObject({ code: 'ECONNRESET' })
  await expect(get()).rejects.toThrow(/ECONNRESET|socket hang up|disconnected/)
  served.server.setAvailable(true)
  expect((await get()).status).toBe(200)
})

describe('impersonation', () => {
  const as = (token: string, headers: Record<string, string>) =>
    served.send({ path, headers: { authorization: `Bearer ${token}`, ...headers } })

  it('lets the administrator see as others do', async () => {
    const refused = await as('admin-token', { 'impersonate-user': 'eve', 'impersonate-group': 'team' })
    expect(refused.body).toMatchObject({ message: expect.stringContaining('User "eve" cannot get resource') })
    const allowed = await as('admin-token', {
      'impersonate-user': 'eve',
      'impersonate-group': 'system:masters',
    })
    expect(allowed.status).toBe(200)
  })

  it('is refused to those who may not', async () => {
    const refused = await as('nobody-token', {
      'impersonate-user': 'admin',
      'impersonate-group': 'system:masters',
    })
    expect(refused.body).toMatchObject({
      message:
        'users "admin" is forbidden: User "nobody" cannot impersonate resource "users" in API group "" at the cluster scope',
    })
  })
})

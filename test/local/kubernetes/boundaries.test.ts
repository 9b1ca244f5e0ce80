import { once } from 'node:events'
import { connect } from 'node:tls'
import { afterEach, expect, it } from 'vitest'
import { startControllers } from '../../../local/kubernetes/controllers/index.ts'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import { Store } from '../../../local/kubernetes/store/store.ts'
import { workshop } from '../../../local/scenarios/workshop/account.ts'
import { steppedClock } from '../../support/clocks/stepped-clock.ts'
import { startWorkshop } from '../../support/run.ts'
import { serveStore } from './support/api-server.ts'
import { deployment, healthy } from './support/cluster.ts'

/** A cluster whose failures are noted. */
const watched = (kubelet = healthy) => {
  const troubles: string[] = []
  const trouble = (where: string, error: unknown) => void troubles.push(`${where}: ${error}`)
  const clock = steppedClock()
  const store = new Store({ clock, trouble })
  startControllers({ store, clock, kubelet, trouble })
  for (const name of ['default', 'carts']) store.create(resources.namespaces, { metadata: { name } })
  store.create(resources.nodes, { metadata: { name: 'node' } })
  const phases = () => store.list(resources.pods, { namespace: 'carts' }).map(({ status }) => status?.phase)
  return { clock, store, troubles, phases }
}

it('lets the other containers run where the behaviour of one fails, and says so in its log', () => {
  const { clock, store, troubles } = watched((pod, container, attempt) => {
    if (container.name === 'odd') throw new Error('nobody knows what it does')
    return healthy(pod, container, attempt)
  })
  const containers = ['odd', 'even'].map((name) => ({ name, image: name }))
  store.create(resources.pods, { metadata: { name: 'carts', namespace: 'carts' }, spec: { containers } })
  clock.advance(5000)
  const states = store.read(resources.pods, 'carts', 'carts').status?.containerStatuses
  expect(states?.find(({ name }) => name === 'even')?.state?.running).toBeDefined()
  expect(states?.find(({ name }) => name === 'odd')?.lastState?.terminated?.exitCode).toBe(1)
  expect(troubles[0]).toBe('deciding what container odd of pod carts does: Error: nobody knows what it does')
})

it('goes on after a turn of a controller that fails, and takes that turn again', () => {
  const { clock, store, troubles, phases } = watched()
  let failures = 2
  store.admission.push((resource, object) => {
    if (resource === resources.pods && failures-- > 0) throw new TypeError('out of the blue')
    return object
  })
  store.create(resources.deployments, deployment())
  clock.advance(10_000)
  expect(
    troubles.every((trouble) => /^a controller's turn for carts\/carts-\w+: TypeError/.test(trouble)),
  ).toBe(true)
  expect(troubles).toHaveLength(2)
  expect(phases()).toEqual(['Running', 'Running'])
})

it('notifies the others of a change where a subscriber fails', () => {
  const { clock, store, troubles, phases } = watched()
  store.subscribe(({ resource }) => {
    if (resource === resources.replicasets) throw new Error('cannot bear it')
  })
  store.create(resources.deployments, deployment())
  clock.advance(10_000)
  expect(troubles[0]).toMatch(/^what follows from a change of ReplicaSet carts-\w+: Error: cannot bear it/)
  expect(phases()).toEqual(['Running', 'Running'])
})

it('survives a ServiceAccount that names a role which does not exist', async () => {
  const troubles: string[] = []
  await using world = await startWorkshop({ trouble: (where) => troubles.push(where) })
  const { store } = world.cluster
  store.mutate(resources.serviceaccounts, 'carts', workshop.serviceAccount, (draft) => {
    draft.metadata.annotations = { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/nobody' }
    return draft
  })
  for (const { metadata } of store.list(resources.pods, { namespace: 'carts' }))
    store.delete(resources.pods, 'carts', metadata.name)
  await world.clock.sleep(60_000)
  const [pod] = store.list(resources.pods, { namespace: 'carts' })
  expect(pod?.status?.containerStatuses?.[0]?.restartCount).toBeGreaterThan(0)
  const log = world.cluster.controllers.kubelet.logs(
    { namespace: 'carts', name: pod?.metadata.name ?? '' },
    'carts',
    { previous: true },
  )
  expect(log).toMatch('Not authorized to perform sts:AssumeRoleWithWebIdentity')
  expect(troubles).toEqual([])
})

const served = await serveStore()
afterEach(() => expect(served.send({ path: '/healthz' })).resolves.toMatchObject({ status: 200 }))

it.each([
  ['a body that is too large', { method: 'POST', body: 'x'.repeat(4 << 20) }, 413],
  ['a path that is no text', { path: '/api/v1/namespaces/%zz' }, 400],
  ['JSON that opens more than it closes', { method: 'POST', body: '['.repeat(200_000) }, 400],
  ['JSON that is very deep', { method: 'POST', body: '['.repeat(200_000) + ']'.repeat(200_000) }, 400],
])('answers %s, and goes on', async (_what, request, status) => {
  const path = '/api/v1/namespaces/carts/configmaps'
  await expect(served.send({ path, ...request })).resolves.toMatchObject({ status })
})

it.each(['a b/c?d', '', '[::', '\u00ff'])('answers a Host header of %j, and goes on', async (host) => {
  const { port } = new URL(served.server.url)
  const socket = connect({ port: Number(port), host: '127.0.0.1', ca: served.server.caData })
  socket.setEncoding('latin1').write(`GET /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 'latin1')
  const [answer] = await once(socket, 'data')
  expect(answer).toMatch(/^HTTP\/1\.1 (200|400) /)
  socket.destroy()
})

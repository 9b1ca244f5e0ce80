import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { admin, type ServedStore, serveStore } from '../support/api-server.ts'

let served: ServedStore
beforeEach(async () => {
  served = await serveStore()
})
afterEach(async () => {
  served.clock.stop()
  await served.server.close()
})

interface Applied {
  metadata: {
    resourceVersion: string
    managedFields: { manager: string; operation: string; fieldsV1: object }[]
  }
  spec: { replicas: number; template: { spec: { containers: Container[] } } }
}
interface Container {
  name: string
  image?: string
  env?: { name: string; value?: string }[]
}

const path = '/apis/apps/v1/namespaces/carts/deployments/carts'

const deployment = (containers: Container[], spec: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'carts', namespace: 'carts' },
  spec: {
    selector: { matchLabels: { app: 'carts' } },
    template: { metadata: { labels: { app: 'carts' } }, spec: { containers } },
    ...spec,
  },
})

const apply = async (manager: string, body: object, query = '') => {
  const answer = await served.send({
    method: 'PATCH',
    path: `${path}?fieldManager=${manager}${query}`,
    headers: { ...admin, 'content-type': 'application/apply-patch+yaml' },
    body,
  })
  return { status: answer.status, body: answer.body as Applied & { message: string } }
}

const partial = (containers: Container[], spec: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'carts' },
  spec: { template: { spec: { containers } }, ...spec },
})

it('creates what is not there, and answers 201', async () => {
  const { status, body } = await apply('team', deployment([{ name: 'carts', image: 'carts:1' }]))
  expect(status).toBe(201)
  expect(body.metadata.managedFields).toMatchObject([{ manager: 'team', operation: 'Apply' }])
})

it('lets several managers own elements of one list, and takes away only what its applier drops', async () => {
  await apply('team', deployment([{ name: 'carts', image: 'carts:1', env: [{ name: 'A', value: '1' }] }]))
  await apply('mesh', partial([{ name: 'proxy', image: 'proxy:1' }]))
  await apply('tuning', partial([{ name: 'carts', env: [{ name: 'B', value: '2' }] }]))
  const dropped = await apply('team', deployment([{ name: 'carts', image: 'carts:2' }]))
  expect(dropped.body.spec.template.spec.containers).toMatchObject([
    { name: 'carts', image: 'carts:2', env: [{ name: 'B', value: '2' }] },
    { name: 'proxy', image: 'proxy:1' },
  ])
  const withdrawn = await apply('mesh', partial([]))
  expect(withdrawn.body.spec.template.spec.containers.map(({ name }) => name)).toEqual(['carts'])
})

it('names every field that others own, and takes them over with force', async () => {
  await apply('team', deployment([{ name: 'carts', image: 'carts:1' }], { replicas: 2 }))
  const wanted = partial([{ name: 'carts', image: 'carts:9' }], { replicas: 5 })
  const refused = await apply('other', wanted)
  expect(refused.status).toBe(409)
  expect(refused.body.message).toBe(
    [
      'Apply failed with 2 conflicts: conflicts with "team" using apps/v1:',
      '- .spec.replicas',
      '- .spec.template.spec.containers[name="carts"].image',
    ].join('\n'),
  )
  const forced = await apply('other', wanted, '&force=true')
  expect(forced.body.spec).toMatchObject({ replicas: 5 })
  expect((await apply('team', deployment([{ name: 'carts', image: 'carts:1' }]))).status).toBe(409)
})

it('shares a field whose value is the same', async () => {
  await apply('team', deployment([{ name: 'carts', image: 'carts:1' }], { replicas: 2 }))
  expect((await apply('other', partial([], { replicas: 2 }))).status).toBe(200)
  const left = await apply('team', deployment([{ name: 'carts', image: 'carts:1' }]))
  expect(left.body.spec.replicas).toBe(2)
})

it('writes nothing when nothing changes', async () => {
  const body = deployment([{ name: 'carts', image: 'carts:1' }])
  const first = await apply('team', body)
  await served.clock.sleep(60_000)
  expect((await apply('team', body)).body.metadata).toEqual(first.body.metadata)
})

it('gives a field to whoever updates it, over the head of its applier', async () => {
  const body = deployment([{ name: 'carts', image: 'carts:1' }], { replicas: 2 })
  await apply('team', body)
  const patched = await served.send({
    method: 'PATCH',
    path: `${path}?fieldManager=scaler`,
    headers: { ...admin, 'content-type': 'application/merge-patch+json' },
    body: { spec: { replicas: 5 } },
  })
  const owners = (patched.body as Applied).metadata.managedFields.filter(({ fieldsV1 }) =>
    JSON.stringify(fieldsV1).includes('f:replicas'),
  )
  expect(owners).toMatchObject([{ manager: 'scaler', operation: 'Update' }])
  expect((await apply('team', body)).body.message).toBe(
    'Apply failed with 1 conflict: conflict with "scaler" using apps/v1: .spec.replicas',
  )
})

describe('what kubectl applied from its own side', () => {
  const annotated = (annotation: string) => ({
    ...deployment([{ name: 'carts', image: 'carts:1' }]),
    metadata: {
      name: 'carts',
      namespace: 'carts',
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': annotation },
    },
  })
  const asApplied = JSON.stringify(deployment([{ name: 'carts', image: 'carts:1' }]))
  const rows: [why: string, annotation: string, manager: string, status: number][] = [
    ['becomes its own when it applies from the server’s side', asApplied, 'kubectl', 200],
    ['stays a conflict for everybody else', asApplied, 'team', 409],
    [
      'is a conflict where it is no longer as applied',
      asApplied.replace('carts:1', 'carts:0'),
      'kubectl',
      409,
    ],
    ['is a conflict where the annotation cannot be read', '{', 'kubectl', 409],
  ]
  it.each(rows)('%s', async (_why, annotation, manager, expected) => {
    await served.send({
      method: 'POST',
      path: '/apis/apps/v1/namespaces/carts/deployments?fieldManager=kubectl-client-side-apply',
      body: annotated(annotation),
    })
    const { status } = await apply(manager, partial([{ name: 'carts', image: 'carts:2' }]))
    expect(status).toBe(expected)
  })
})

it('notes for the writer of a status what it adds and takes away, and the same where only values change', async () => {
  await apply('team', deployment([{ name: 'carts', image: 'carts:1' }]))
  const fieldsAfter = async (status: object) => {
    const { body } = await served.send({
      method: 'PATCH',
      path: `${path}/status?fieldManager=controller`,
      headers: { ...admin, 'content-type': 'application/merge-patch+json' },
      body: { status },
    })
    const { managedFields } = (body as Applied).metadata
    return managedFields.find(({ manager }) => manager === 'controller')?.fieldsV1
  }
  const replicas = { 'f:status': { 'f:replicas': {} } }
  expect(await fieldsAfter({ replicas: 1 })).toEqual(replicas)
  expect(await fieldsAfter({ replicas: 2 })).toEqual(replicas)
  const both = { 'f:status': { 'f:replicas': {}, 'f:readyReplicas': {} } }
  expect(await fieldsAfter({ replicas: 3, readyReplicas: 1 })).toEqual(both)
  expect(await fieldsAfter({ readyReplicas: null })).toEqual(replicas)
  expect(await fieldsAfter({ replicas: null, readyReplicas: 2 })).toEqual({
    'f:status': { 'f:readyReplicas': {} },
  })
})

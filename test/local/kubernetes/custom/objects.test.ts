import { once } from 'node:events'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Running } from '../../../../local/kubernetes/controllers/control.ts'
import { startGarbageCollector } from '../../../../local/kubernetes/controllers/garbage-collector.ts'
import { eventRecorder } from '../../../../local/kubernetes/store/events.ts'
import { resources } from '../../../../local/kubernetes/store/resources.ts'
import { admin, type ServedStore, serveStore } from '../support/api-server.ts'
import { definitionOf, podIdentityAssociations, schemaOf, versionOf } from './definitions.ts'

const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const group = '/apis/eks.services.k8s.aws/v1alpha1'
const associations = `${group}/namespaces/carts/podidentityassociations`

let served: ServedStore
let collector: Running
beforeAll(async () => {
  served = await serveStore()
  const { store, clock } = served
  collector = startGarbageCollector({
    store,
    clock,
    events: eventRecorder({ store, clock }),
    trouble: (_where, error) => {
      throw error
    },
  })
})
afterAll(async () => {
  collector.stop()
  served.clock.stop()
  await served.server.close()
})

const send = async (method: string, path: string, body?: unknown, type = 'application/json') =>
  served.send({ method, path, body, headers: { ...admin, 'content-type': type } })
const patch = (path: string, body: unknown, kind = 'merge-patch') =>
  send('PATCH', path, body, `application/${kind}+json`)
const read = async (path: string, accept = 'application/json') =>
  (await served.send({ path, headers: { ...admin, accept } })).body

/** A definition that is in force when this comes back. */
const define = async (definition: { metadata: { name: string } }) => {
  const answer = await send('POST', crds, definition)
  expect(answer.status).toBe(201)
  await served.clock.sleep(100)
  return answer.body
}

const association = (spec: object = {}, name = 'carts') => ({
  apiVersion: 'eks.services.k8s.aws/v1alpha1',
  kind: 'PodIdentityAssociation',
  metadata: { name },
  spec: { serviceAccount: 'carts', ...spec },
})

describe('a definition', () => {
  it('is established, and its kind found, described and printed', async () => {
    expect(await define(podIdentityAssociations)).toMatchObject({
      spec: {
        conversion: { strategy: 'None' },
        names: { singular: 'podidentityassociation', listKind: 'PodIdentityAssociationList' },
      },
      status: { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: ['v1alpha1'] },
    })
    expect(await read(`${crds}/${podIdentityAssociations.metadata.name}`)).toMatchObject({
      status: {
        acceptedNames: { kind: 'PodIdentityAssociation', shortNames: ['pia'], categories: ['ack'] },
        conditions: [
          { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
          {
            type: 'Established',
            status: 'True',
            reason: 'InitialNamesAccepted',
            message: 'the initial names have been accepted',
          },
        ],
      },
    })
    expect(await read('/apis')).toMatchObject({
      groups: expect.arrayContaining([
        expect.objectContaining({
          name: 'eks.services.k8s.aws',
          preferredVersion: { groupVersion: 'eks.services.k8s.aws/v1alpha1', version: 'v1alpha1' },
        }),
      ]),
    })
    expect(await read(group)).toMatchObject({
      resources: [
        { name: 'podidentityassociations', shortNames: ['pia'], categories: ['ack'] },
        { name: 'podidentityassociations/status', kind: 'PodIdentityAssociation' },
        { name: 'podidentityassociations/scale', kind: 'Scale', group: 'autoscaling' },
      ],
    })
    const aggregated = JSON.stringify(
      await read('/apis', 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'),
    )
    expect(aggregated).toContain('"resource":"podidentityassociations"')
    const name = 'aws.k8s.services.eks.v1alpha1.PodIdentityAssociation'
    expect(await read('/openapi/v3/apis/eks.services.k8s.aws/v1alpha1')).toMatchObject({
      components: { schemas: { [name]: { properties: { spec: { description: 'What is wanted.' } } } } },
    })
    expect(await read('/openapi/v2')).toMatchObject({
      definitions: { [name]: { properties: { spec: { required: ['serviceAccount'] } } } },
    })
  })

  it('is in a group that nobody knows before', async () => {
    const { status, text } = await served.send({ path: '/apis/not.there.example/v1/things' })
    expect([status, text]).toEqual([404, '404 page not found\n'])
  })

  it('does not get a kind that another of its group has, until that one goes', async () => {
    const first = definitionOf({ group: 'twice.example.com', names: { plural: 'firsts', kind: 'Same' } })
    const second = definitionOf({
      group: 'twice.example.com',
      names: { plural: 'seconds', kind: 'Same', singular: 'second' },
    })
    await define(first)
    await define(second)
    const conditions = async () =>
      ((await read(`${crds}/${second.metadata.name}`)) as { status: { conditions: object[] } }).status
        .conditions
    expect(await conditions()).toMatchObject([
      {
        type: 'NamesAccepted',
        status: 'False',
        reason: 'ListKindConflict',
        message: '"SameList" is already in use',
      },
      { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' },
    ])
    await send('DELETE', `${crds}/${first.metadata.name}`)
    await served.clock.sleep(100)
    expect(await conditions()).toMatchObject([{ status: 'True' }, { status: 'True' }])
  })

  it('serves its versions, prints nothing of one, and warns of another', async () => {
    const definition = definitionOf({
      group: 'versions.example.com',
      names: { plural: 'things', kind: 'Thing' },
      scope: 'Cluster',
      versions: [
        versionOf({ name: 'v1beta1', storage: false, deprecated: true }),
        versionOf({ name: 'v1' }),
        versionOf({ name: 'v1alpha1', storage: false, served: false }),
      ],
    })
    await define(definition)
    const thing = { apiVersion: 'versions.example.com/v1beta1', kind: 'Thing', metadata: { name: 'one' } }
    const created = await send('POST', '/apis/versions.example.com/v1beta1/things', thing)
    expect(created).toMatchObject({ status: 201, body: { apiVersion: 'versions.example.com/v1beta1' } })
    expect(created.headers.warning).toBe('299 - "versions.example.com/v1beta1 Thing is deprecated"')
    expect(await read('/apis/versions.example.com/v1/things/one')).toMatchObject({
      apiVersion: 'versions.example.com/v1',
      metadata: { generation: 1 },
    })
    expect(await read('/apis/versions.example.com')).toMatchObject({
      versions: [{ version: 'v1' }, { version: 'v1beta1' }],
    })
    for (const path of ['v1alpha1/things/one', 'v1/namespaces/carts/things/one'])
      expect(await read(`/apis/versions.example.com/${path}`)).toBe('404 page not found\n')
  })

  it('whose kind has the name of a built-in one is no such kind', async () => {
    const definition = definitionOf({
      group: 'serving.example.com',
      names: { plural: 'services', kind: 'Service' },
      versions: [
        versionOf({
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
            },
          },
        }),
      ],
    })
    await define(definition)
    const body = {
      apiVersion: 'serving.example.com/v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: {},
    }
    const path = '/apis/serving.example.com/v1/namespaces/carts/services'
    expect(await send('POST', path, body)).toMatchObject({ status: 201, body: { spec: {} } })
    expect(await send('DELETE', `${path}/web`)).toMatchObject({ body: { kind: 'Status' } })
  })
})

describe('an object of a custom kind', () => {
  beforeEach(async () => {
    await send('DELETE', `${associations}/carts`)
    expect((await send('POST', associations, association({ clusterName: 'shop' }))).status).toBe(201)
  })
  const change = (spec: unknown, kind?: string) => patch(`${associations}/carts`, spec, kind)

  it('has its defaults, a generation and its owners', async () => {
    expect(await read(`${associations}/carts`)).toMatchObject({
      apiVersion: 'eks.services.k8s.aws/v1alpha1',
      metadata: {
        generation: 1,
        managedFields: [{ fieldsV1: { 'f:spec': { '.': {}, 'f:replicas': {}, 'f:clusterName': {} } } }],
      },
      spec: { replicas: 1 },
    })
  })

  it('is printed in the columns of its definition', async () => {
    await patch(`${associations}/carts/status`, {
      status: { conditions: [{ type: 'ACK.ResourceSynced', status: 'True' }] },
    })
    await served.clock.sleep(60_000)
    const table = await read(associations, 'application/json;as=Table;g=meta.k8s.io;v=v1')
    expect(table).toMatchObject({
      columnDefinitions: [
        { name: 'Name', format: 'name' },
        {
          name: 'CLUSTER',
          description: 'Custom resource definition column (in JSONPath format): .spec.clusterName',
        },
        { name: 'REPLICAS', type: 'integer', priority: 1 },
        { name: 'Synced' },
        { name: 'Age', type: 'date' },
      ],
      rows: [{ cells: ['carts', 'shop', 1, 'True', '60s'] }],
    })
  })

  it('is patched by merges and by JSON, and by no strategy', async () => {
    expect(await change({ spec: { replicas: 2 } })).toMatchObject({
      status: 200,
      body: { metadata: { generation: 2 }, spec: { replicas: 2 } },
    })
    const operations = [{ op: 'replace', path: '/spec/replicas', value: 3 }]
    expect(await change(operations, 'json-patch')).toMatchObject({ body: { spec: { replicas: 3 } } })
    expect(await change({ spec: {} }, 'strategic-merge-patch')).toMatchObject({
      status: 415,
      body: {
        message:
          'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
      },
    })
  })

  it.each<[change: object, causes: object[]]>([
    [
      { spec: { serviceAccount: 'other' } },
      [{ field: 'spec', reason: 'FieldValueInvalid', message: 'Invalid value: cannot change' }],
    ],
    [
      { spec: { replicas: 'many' } },
      [
        {
          field: 'spec.replicas',
          reason: 'FieldValueTypeInvalid',
          message: 'Invalid value: "string": spec.replicas in body must be of type integer: "string"',
        },
        { field: '<nil>', message: expect.stringContaining('some validation rules were not checked') },
      ],
    ],
  ])('refuses %j', async (spec, causes) => {
    expect(await change(spec)).toMatchObject({
      status: 422,
      body: {
        message: expect.stringContaining('PodIdentityAssociation.eks.services.k8s.aws "carts" is invalid: '),
        details: { name: 'carts', group: 'eks.services.k8s.aws', kind: 'PodIdentityAssociation', causes },
      },
    })
  })

  it('loses what its schema does not know, with a warning, or is refused for it', async () => {
    const body = association({ unknown: 1, free: { whatever: { nested: true } } }, 'pruned')
    const warned = await send('POST', associations, body)
    expect(warned.headers.warning).toBe('299 - "unknown field \\"spec.unknown\\""')
    expect(warned.body).toMatchObject({ spec: { free: { whatever: { nested: true } } } })
    expect(warned.body).not.toHaveProperty('spec.unknown')
    expect(await send('POST', `${associations}?fieldValidation=Strict`, body)).toMatchObject({
      status: 400,
      body: {
        message:
          'PodIdentityAssociation in version "v1alpha1" cannot be handled as a PodIdentityAssociation: strict decoding error: unknown field "spec.unknown"',
      },
    })
    await send('DELETE', `${associations}/pruned`)
  })

  it('has a status apart, which its schema judges too', async () => {
    const status = `${associations}/carts/status`
    expect(await change({ status: { replicas: 4 } })).not.toHaveProperty('body.status')
    expect(await patch(status, { status: { replicas: 4 }, spec: { replicas: 9 } })).toMatchObject({
      body: { status: { replicas: 4 }, spec: { replicas: 1 }, metadata: { generation: 1 } },
    })
    expect(await patch(status, { status: { replicas: 'x' } })).toMatchObject({ status: 422 })
  })

  it('is scaled where its definition says', async () => {
    const scale = `${associations}/carts/scale`
    expect(await patch(scale, { spec: { replicas: 5 } })).toMatchObject({
      status: 200,
      body: { kind: 'Scale', spec: { replicas: 5 } },
    })
    expect(await read(`${associations}/carts`)).toMatchObject({ spec: { replicas: 5 } })
  })

  it('is replaced by whoever says which version of it', async () => {
    expect(await send('PUT', `${associations}/carts`, association())).toMatchObject({
      status: 422,
      body: {
        message: expect.stringContaining(
          'metadata.resourceVersion: Invalid value: 0: must be specified for an update',
        ),
      },
    })
  })

  it('is selected by the fields that its definition names', async () => {
    const count = async (selector: string) =>
      ((await read(`${associations}?fieldSelector=${selector}`)) as { items: unknown[] }).items.length
    expect(await count('spec.clusterName=shop')).toBe(1)
    expect(await count('spec.clusterName=other')).toBe(0)
    expect(await read(`${associations}?fieldSelector=spec.replicas=1`)).toMatchObject({ code: 400 })
  })

  it('is applied from the server’s side, list elements by their keys', async () => {
    const applied = (manager: string, rules: object[], force = false) =>
      send(
        'PATCH',
        `${associations}/carts?fieldManager=${manager}&force=${force}`,
        association({ rules }),
        'application/apply-patch+yaml',
      )
    await applied('one', [{ name: 'a', value: '1' }])
    expect(await applied('two', [{ name: 'b', value: '2' }])).toMatchObject({
      body: { spec: { clusterName: 'shop', rules: [{ name: 'a' }, { name: 'b' }] } },
    })
    expect(await applied('two', [{ name: 'a', value: '3' }])).toMatchObject({
      status: 409,
      body: { details: { causes: [{ field: '.spec.rules[name="a"].value' }] } },
    })
    expect(await applied('one', [])).toMatchObject({ body: { spec: { rules: [{ name: 'b' }] } } })
  })

  it('goes with its owner, and with its namespace', async () => {
    served.store.create(resources.namespaces, { metadata: { name: 'short-lived' } })
    const elsewhere = `${group}/namespaces/short-lived/podidentityassociations`
    await send('POST', elsewhere, association())
    const owner = (await read(`${associations}/carts`)) as { metadata: { uid: string } }
    const owned = association({}, 'owned')
    Object.assign(owned.metadata, {
      ownerReferences: [
        {
          apiVersion: owned.apiVersion,
          kind: owned.kind,
          name: 'carts',
          uid: owner.metadata.uid,
        },
      ],
    })
    await send('POST', associations, owned)
    await send('DELETE', `${associations}/carts`)
    await send('DELETE', '/api/v1/namespaces/short-lived')
    await served.clock.sleep(100)
    expect(await read(`${group}/podidentityassociations`)).toMatchObject({ items: [] })
  })
})

it('deletes a definition’s objects before it, makes no new ones, and ends their watches', async () => {
  const path = `${crds}/${podIdentityAssociations.metadata.name}`
  const held = association({}, 'held')
  Object.assign(held.metadata, { finalizers: ['example.com/wait'] })
  await send('POST', associations, held)
  await send('POST', associations, association({}, 'free'))
  const watch = await served.open({ path: `${associations}?watch=true` })
  const chunks: string[] = []
  watch.on('data', (chunk: Buffer) => chunks.push(chunk.toString()))
  const ended = once(watch, 'end')
  expect(await send('DELETE', path)).toMatchObject({
    body: {
      metadata: { finalizers: ['customresourcecleanup.apiextensions.k8s.io'] },
      status: { conditions: [{}, {}, { type: 'Terminating', reason: 'InstanceDeletionPending' }] },
    },
  })
  await served.clock.sleep(100)
  expect(await read(path)).toMatchObject({
    status: { conditions: [{}, {}, { type: 'Terminating', reason: 'InstanceDeletionInProgress' }] },
  })
  expect(await read(associations)).toMatchObject({ items: [{ metadata: { name: 'held' } }] })
  expect(await send('POST', associations, association({}, 'late'))).toMatchObject({
    status: 403,
    body: {
      message:
        'podidentityassociations.eks.services.k8s.aws "late" is forbidden: create not allowed while custom resource definition is terminating',
    },
  })
  await patch(`${associations}/held`, { metadata: { finalizers: null } })
  await served.clock.sleep(100)
  expect(await read(path)).toMatchObject({ code: 404 })
  expect(await read(associations)).toBe('404 page not found\n')
  await ended
  const types = chunks
    .join('')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { type: string }).type)
  expect(types).toEqual(['ADDED', 'ADDED', 'DELETED', 'MODIFIED', 'DELETED'])
})

it('is refused where nesting or a pattern would stop the server', async () => {
  const deep = (levels: number): object => {
    let value: object = { type: 'string' }
    for (let level = 0; level < levels; level++) value = { type: 'object', properties: { a: value } }
    return value
  }
  const definition = definitionOf({
    group: 'deep.example.com',
    versions: [versionOf({ schema: { openAPIV3Schema: schemaOf(deep(1000)) } })],
  })
  expect(await send('POST', crds, definition)).toMatchObject({ status: 400 })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromProtobuf } from '../../../../local/kubernetes/api/wire/protobuf.ts'
import { admin, type ServedStore, serveStore } from '../support/api-server.ts'

describe('the API’s description of itself', () => {
  let served: ServedStore
  beforeAll(async () => {
    served = await serveStore()
  })
  afterAll(async () => {
    served.clock.stop()
    await served.server.close()
  })

  const read = async (path: string, accept = 'application/json') =>
    served.send({ path, headers: { ...admin, accept } })

  it('is one document in OpenAPI v2, whose references all lead somewhere', async () => {
    const { body } = await read('/openapi/v2')
    const { swagger, definitions, paths } = body as {
      swagger: string
      definitions: Record<string, object>
      paths: Record<string, object>
    }
    expect(swagger).toBe('2.0')
    expect(Object.keys(paths)).toContain('/apis/authorization.k8s.io/v1/subjectaccessreviews')
    expect(definitions['io.k8s.api.core.v1.Container']).toMatchObject({
      required: ['name'],
      properties: { resources: { $ref: '#/definitions/io.k8s.api.core.v1.ResourceRequirements' } },
    })
    const references = JSON.stringify(body).matchAll(/"#\/definitions\/([^"]+)"/g)
    expect([...references].filter(([, name = '']) => !definitions[name])).toEqual([])
  })

  it('comes in protobuf where that is asked for, as kubectl does', async () => {
    const type = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'
    for (const accept of [type, type.replace('v2.v1', 'v2@v1')]) {
      const { headers, text } = await read('/openapi/v2', accept)
      expect(headers['content-type']).toBe(type)
      expect(text).toContain('io.k8s.api.apps.v1.DeploymentSpec')
    }
  })

  it('describes reviews, too, in the groups of OpenAPI v3', async () => {
    const { body } = await read('/openapi/v3/apis/authentication.k8s.io/v1')
    const { components } = body as { components: { schemas: Record<string, object> } }
    expect(components.schemas['io.k8s.api.authentication.v1.TokenReview']).toMatchObject({
      required: ['spec'],
      'x-kubernetes-group-version-kind': [{ kind: 'TokenReview' }],
    })
  })
})

describe('an object in protobuf', () => {
  const field = (number: number, value: Buffer) =>
    Buffer.concat([Buffer.from([(number << 3) | 2, value.length]), value])
  const text = (number: number, value: string) => field(number, Buffer.from(value))
  const namespace = (...fields: Buffer[]) =>
    Buffer.concat([
      Buffer.from('k8s\0'),
      field(1, Buffer.concat([text(1, 'v1'), text(2, 'Namespace')])),
      field(2, Buffer.concat(fields)),
    ])

  it('is read by the numbers of its fields', () => {
    expect(fromProtobuf(namespace(field(1, text(1, 'carts'))))).toEqual({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'carts' },
    })
  })

  it('is refused where it holds a field that is not known, which would be lost', () => {
    expect(() => fromProtobuf(namespace(text(9, 'new')))).toThrow('field 9 of V1Namespace is not read')
    expect(fromProtobuf(namespace(text(9, '')))).not.toHaveProperty('metadata')
  })
})

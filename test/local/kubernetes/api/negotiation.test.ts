import { expect, it } from 'vitest'
import { negotiate } from '../../../../local/kubernetes/api/wire/negotiation.ts'

const protobuf = 'application/vnd.kubernetes.protobuf'
const partial = 'as=PartialObjectMetadata;g=meta.k8s.io;v=v1'
const table = 'as=Table;v=v1;g=meta.k8s.io'

// client-go asks for its ContentType and `*/*` (rest/request.go), unless AcceptContentTypes says otherwise.
const clients: [client: string, accept: string, answered: ReturnType<typeof negotiate>][] = [
  ['a Go client whose ContentType is protobuf', `${protobuf}, */*`, { format: 'json', as: 'object' }],
  ['a Go client that accepts both', `${protobuf},application/json`, { format: 'json', as: 'object' }],
  [
    'a Go client of metadata alone',
    `${protobuf};${partial},application/json;${partial},application/json`,
    { format: 'json', as: 'PartialObjectMetadata' },
  ],
  [
    'kubectl get',
    `application/json;${table},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json`,
    { format: 'json', as: 'Table' },
  ],
  ['curl', '*/*', { format: 'json', as: 'object' }],
]
it.each(clients)('answers %s in JSON', (_client, accept, answered) => {
  expect(negotiate(accept)).toEqual(answered)
})

it('refuses whoever takes nothing but protobuf, with the forms that there are', () => {
  expect(() => negotiate(protobuf)).toThrow('Available representations: application/json, application/yaml')
})

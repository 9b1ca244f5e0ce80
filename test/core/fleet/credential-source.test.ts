import { describe, expect, it } from 'vitest'
import { type CredentialUse, credentialUses } from '../../../core/fleet/credential-source.ts'
import type { ConfigMap, Container, Pod } from '../../../core/kubernetes.ts'
import { injectedSpec, pod } from '../../support/pods.ts'
import { containerWith as env, irsaVariables as irsa, keyVariables as keys } from './containers.ts'

const role = irsa.AWS_ROLE_ARN
const plain: Container = { name: 'carts' }

it('is nowhere where there is no container', () => {
  expect(credentialUses({ metadata: { name: 'a' } }, [])).toEqual([])
})

describe('where an SDK in a pod would get its credentials', () => {
  it.each<{
    why: string
    containers: Container[]
    injected?: boolean
    metadata?: Pod['metadata']
    configMaps?: ConfigMap[]
    uses: CredentialUse[]
  }>([
    { why: 'nothing is given: the instance at most', containers: [plain], uses: [{ source: 'node-role' }] },
    {
      why: 'the instance is switched off',
      containers: [env({ AWS_EC2_METADATA_DISABLED: 'TRUE' })],
      uses: [{ source: 'nothing' }],
    },
    {
      why: 'Fargate has no instance to ask',
      containers: [plain],
      metadata: { labels: { 'eks.amazonaws.com/fargate-profile': 'batch' } },
      uses: [{ source: 'nothing' }],
    },
    {
      why: 'what the webhook gives',
      containers: [plain],
      injected: true,
      uses: [{ source: 'pod-identity' }],
    },
    {
      why: 'an endpoint of somebody else',
      containers: [env({ AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:9911' })],
      uses: [{ source: 'other-endpoint' }],
    },
    {
      why: 'IRSA, with the role that the pod has, whatever the annotation says today',
      containers: [env(irsa)],
      uses: [{ source: 'irsa', role }],
    },
    {
      why: 'IRSA, whose role nobody named',
      containers: [env({ AWS_WEB_IDENTITY_TOKEN_FILE: irsa.AWS_WEB_IDENTITY_TOKEN_FILE })],
      uses: [{ source: 'irsa' }],
    },
    {
      why: 'IRSA comes before Pod Identity',
      containers: [env(irsa)],
      injected: true,
      uses: [{ source: 'irsa', role }],
    },
    {
      why: 'keys come before IRSA',
      containers: [env({ ...irsa, ...keys })],
      uses: [{ source: 'static-keys' }],
    },
    {
      why: 'an empty key is none',
      containers: [env({ ...keys, AWS_ACCESS_KEY_ID: '' })],
      uses: [{ source: 'node-role' }],
    },
    {
      why: 'half a pair is none',
      containers: [env({ AWS_ACCESS_KEY_ID: 'key' })],
      uses: [{ source: 'node-role' }],
    },
    {
      why: 'keys out of a Secret count, unseen as they are',
      containers: [
        {
          name: 'carts',
          env: Object.keys(keys).map((name) => ({
            name,
            valueFrom: { secretKeyRef: { name: 'aws', key: name } },
          })),
        },
      ],
      uses: [{ source: 'static-keys' }],
    },
    {
      why: 'keys out of a ConfigMap, under a prefix',
      containers: [{ name: 'carts', envFrom: [{ prefix: 'AWS_', configMapRef: { name: 'aws' } }] }],
      configMaps: [
        { metadata: { name: 'aws' }, data: { ACCESS_KEY_ID: 'key', SECRET_ACCESS_KEY: 'secret' } },
      ],
      uses: [{ source: 'static-keys' }],
    },
    {
      why: 'a profile by its other name',
      containers: [env({ AWS_DEFAULT_PROFILE: 'shop' })],
      uses: [{ source: 'profile' }],
    },
    {
      why: 'an endpoint of ECS',
      containers: [env({ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials/x' })],
      injected: true,
      uses: [{ source: 'other-endpoint' }],
    },
    {
      why: 'an endpoint that cannot be seen, as it is out of a Secret',
      containers: [
        {
          name: 'carts',
          env: [
            {
              name: 'AWS_CONTAINER_CREDENTIALS_FULL_URI',
              valueFrom: { secretKeyRef: { name: 'aws', key: 'uri' } },
            },
          ],
        },
      ],
      uses: [{ source: 'other-endpoint' }],
    },
    {
      why: 'an instance that may be switched off by what cannot be seen',
      containers: [
        {
          name: 'carts',
          env: [
            {
              name: 'AWS_EC2_METADATA_DISABLED',
              valueFrom: { secretKeyRef: { name: 'aws', key: 'off' } },
            },
          ],
        },
      ],
      uses: [{ source: 'node-role' }],
    },
    {
      why: 'sidecars alone, all of which the webhook leaves alone, tell what they have',
      containers: [{ ...env(keys), name: 'sidecar' }],
      metadata: { annotations: { 'eks.amazonaws.com/skip-containers': 'sidecar' } },
      uses: [{ source: 'static-keys' }],
    },
    { why: 'no container at all', containers: [], uses: [] },
    { why: 'a profile in a file', containers: [env({ AWS_PROFILE: 'shop' })], uses: [{ source: 'profile' }] },
    {
      why: 'each container has its own, in the order in which SDKs look',
      containers: [plain, { ...env(keys), name: 'sidecar' }],
      uses: [{ source: 'static-keys' }, { source: 'node-role' }],
    },
    {
      why: 'a sidecar that the webhook is told to leave alone tells nothing of the workload',
      containers: [plain, { ...env(keys), name: 'sidecar' }],
      metadata: { annotations: { 'eks.amazonaws.com/skip-containers': 'sidecar' } },
      uses: [{ source: 'node-role' }],
    },
  ])('$why', ({ containers, injected, metadata, configMaps = [], uses }) => {
    const spec = injected ? injectedSpec({ containers }) : { containers }
    expect(credentialUses({ ...pod({ spec }), ...(metadata && { metadata }) }, configMaps)).toEqual(uses)
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ProbeRequest, probeInjection } from '../../../adapters/kubernetes/probe.ts'
import { type Answered, failed, serveAnswers, shown } from '../../support/servers/answers.ts'

let api: Awaited<ReturnType<typeof serveAnswers>>
beforeAll(async () => {
  api = await serveAnswers()
})
afterAll(() => api.close())

const probe = (request: Partial<ProbeRequest> = {}) =>
  probeInjection(api.connection, { namespace: 'shop', serviceAccount: 'carts', ...request })

const pause = { name: 'probe', image: 'registry.k8s.io/pause:3.10' }
const carts = { name: 'carts', image: 'carts:1' }
const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'carts-1', uid: 'u-1' }
const named = { generateName: 'podid-probe-' }
const account = { serviceAccountName: 'carts', serviceAccount: 'carts' }

const injected = {
  ...carts,
  env: [
    { name: 'AWS_CONTAINER_CREDENTIALS_FULL_URI', value: 'http://169.254.170.23/v1/credentials' },
    {
      name: 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
      value: '/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token',
    },
  ],
  volumeMounts: [
    { name: 'eks-pod-identity-token', mountPath: '/var/run/secrets/pods.eks.amazonaws.com/serviceaccount' },
  ],
}
const volumes = [
  {
    name: 'eks-pod-identity-token',
    projected: {
      sources: [
        { serviceAccountToken: { audience: 'pods.eks.amazonaws.com', path: 'eks-pod-identity-token' } },
      ],
    },
  },
]
const fargate = { labels: { 'eks.amazonaws.com/fargate-profile': 'shop' } }

describe('the pod that is asked for', () => {
  it.each<[why: string, request: Partial<ProbeRequest>, metadata: object, spec: object]>([
    [
      'without a template has one container, and nothing else',
      {},
      named,
      { containers: [pause], volumes: [] },
    ],
    [
      "has its template's labels and annotations, by which webhooks and policies choose",
      {
        template: {
          metadata: { labels: { app: 'carts' }, annotations: { note: 'kept' } },
          spec: { containers: [carts] },
        },
      },
      { ...named, labels: { app: 'carts' }, annotations: { note: 'kept' } },
      { containers: [carts], volumes: [] },
    ],
    [
      'of a template that says nothing of either has none',
      { template: { metadata: {}, spec: { containers: [carts] } } },
      named,
      { containers: [carts], volumes: [] },
    ],
    [
      'of a template without a spec has a container of its own',
      { template: {} },
      named,
      { containers: [pause], volumes: [] },
    ],
    [
      'belongs to what the real pods belong to',
      { owner },
      { ...named, ownerReferences: [owner] },
      { containers: [pause], volumes: [] },
    ],
    [
      'mounts something in place of a claim, and what has a volume once',
      {
        template: {
          spec: {
            containers: [
              {
                ...carts,
                volumeMounts: [
                  { name: 'data', mountPath: '/data' },
                  { name: 'tmp', mountPath: '/tmp' },
                ],
              },
            ],
            volumes: [{ name: 'tmp', emptyDir: {} }],
          },
        },
      },
      named,
      {
        volumes: [
          { name: 'tmp', emptyDir: {} },
          { name: 'data', emptyDir: {} },
        ],
      },
    ],
    [
      'has its own ServiceAccount under both names of the field',
      { template: { spec: { containers: [carts], serviceAccountName: 'old', serviceAccount: 'old' } } },
      named,
      { containers: [carts] },
    ],
  ])('%s', async (_why, request, metadata, spec) => {
    api.answer(shown({ spec: { containers: [carts] } }))
    await probe(request)
    expect(api.asked()).toEqual(['POST /api/v1/namespaces/shop/pods?dryRun=All&fieldManager=podid'])
    const [written] = api.written()
    expect(written).toMatchObject({
      as: 'application/json',
      body: { apiVersion: 'v1', kind: 'Pod', spec: { ...spec, ...account } },
    })
    expect(written?.body).toHaveProperty('metadata', metadata)
  })
})

describe('the answer', () => {
  const not = { outcome: 'not-injected', message: 'no credentials in a dry-run pod yet' }
  it.each<[why: string, pod: object, answer: object]>([
    [
      'with the credentials',
      { spec: { containers: [injected], volumes } },
      { outcome: 'injected', message: 'a dry-run pod got the credentials' },
    ],
    ['without them', { spec: { containers: [carts] } }, not],
    [
      'with the Fargate profile that the pod would go to',
      { metadata: fargate, spec: { containers: [carts] } },
      { ...not, fargateProfile: 'shop' },
    ],
    [
      'with labels, and none of Fargate',
      { metadata: { labels: { app: 'carts' } }, spec: { containers: [carts] } },
      not,
    ],
  ])('%s', async (_why, pod, answer) => {
    api.answer(shown(pod))
    expect(await probe()).toStrictEqual(answer)
  })
})

describe('a refusal', () => {
  const user =
    'pods is forbidden: User "podid" cannot create resource "pods" in API group "" in the namespace "shop"'
  const down = 'Internal error occurred: failed calling webhook "policy.example.com": connection refused'
  const answered = (code: number, reason: string, message: string): Answered => failed(code, reason, message)

  it.each<[why: string, code: number, reason: string, message: string, answer: object]>([
    ['the caller may not', 403, 'Forbidden', user, { outcome: 'denied' }],
    ['a quota answers 403 as well', 403, 'Forbidden', 'exceeded quota: pods', { outcome: 'rejected' }],
    ['the pod is not valid', 422, 'Invalid', 'spec.containers: Required value', { outcome: 'rejected' }],
    [
      "a webhook repeats the authorizer's words with another status",
      422,
      'Invalid',
      `admission webhook "policy.example.com" denied the request: ${user}`,
      { outcome: 'rejected' },
    ],
    ['the lowest status that refuses', 400, 'BadRequest', 'this pod is not to be', { outcome: 'rejected' }],
    [
      'a webhook that has to answer does not',
      500,
      'InternalError',
      down,
      { outcome: 'rejected', webhookDown: true },
    ],
    [
      "a policy, whose words lack an article, refuses as the cluster's own failure",
      500,
      'InternalError',
      `ValidatingAdmissionPolicy 'limits' with binding 'limits' denied request: no`,
      { outcome: 'rejected' },
    ],
    ...[401, 404, 408, 409, 410, 429, 500].map((code): [string, number, string, string, object] => [
      `a webhook that chooses ${code} to refuse with`,
      code,
      'Other',
      'admission webhook "policy.example.com" denied the request: no',
      { outcome: 'rejected' },
    ]),
  ])('is an answer: %s', async (_why, code, reason, message, answer) => {
    api.answer(answered(code, reason, message))
    expect(await probe()).toStrictEqual({ message, ...answer })
  })

  it.each<[why: string, code: number, name: string]>([
    ['the cluster does not know the caller', 401, 'AccessDenied'],
    ['there is no such namespace', 404, 'InvalidRequest'],
    ['the request took too long', 408, 'Transient'],
    ['somebody wrote at the same time', 409, 'Conflict'],
    ['what was asked of is gone', 410, 'Transient'],
    ['there were too many requests', 429, 'Transient'],
    ['the API server is in trouble', 500, 'Transient'],
    ['a proxy sends elsewhere', 302, 'InvalidRequest'],
  ])('is no word about the pod: %s', async (_why, code, name) => {
    api.answer(failed(code, 'Other', 'not now'))
    await expect(probe()).rejects.toMatchObject({ name })
  })

  it('by a signal is no word about the pod', async () => {
    api.answer()
    const reason = new Error('the run is over')
    await expect(probe({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

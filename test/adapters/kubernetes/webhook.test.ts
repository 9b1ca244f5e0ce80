import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registrationOfWebhook } from '../../../adapters/kubernetes/webhook.ts'
import { type Answered, failed, serveAnswers, shown } from '../../support/servers/answers.ts'

let api: Awaited<ReturnType<typeof serveAnswers>>
beforeAll(async () => {
  api = await serveAnswers()
})
afterAll(() => api.close())

const getRegistration =
  'GET /apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/pod-identity-webhook'
const listSlices =
  'GET /apis/discovery.k8s.io/v1/namespaces/hooks/endpointslices?labelSelector=kubernetes.io/service-name=identity'

const service = { namespace: 'hooks', name: 'identity' }
const registration = (...webhooks: object[]) => ({ metadata: { name: 'pod-identity-webhook' }, webhooks })
const byService = registration(
  {
    name: 'another.example.com',
    clientConfig: { service: { namespace: 'elsewhere', name: 'another' } },
  },
  { name: 'iam-for-pods.amazonaws.com', clientConfig: { service } },
)
const denied = failed(403, 'Forbidden', 'this is not for you')
const slices = (...items: object[]): Answered => shown({ items })

describe('the registration', () => {
  it.each<[why: string, found: object]>([
    ['without a list of webhooks', { metadata: { name: 'pod-identity-webhook' } }],
    ['with an empty one', registration()],
    [
      'with one at a URL, as EKS registers it: there is no service to look at',
      registration({ name: 'iam-for-pods.amazonaws.com', clientConfig: { url: 'https://127.0.0.1:23443' } }),
    ],
    [
      'with a service of another webhook only',
      registration({ name: 'another.example.com', clientConfig: { service } }),
    ],
  ])('is found: %s', async (_why, found) => {
    api.answer(shown(found))
    expect(await registrationOfWebhook(api.connection)).toEqual({ found })
    expect(api.asked()).toEqual([getRegistration])
  })

  it('that is not there was looked for', async () => {
    api.answer(failed(404, 'NotFound'))
    expect(await registrationOfWebhook(api.connection)).toEqual({ found: undefined })
    expect(api.asked()).toEqual([getRegistration])
  })

  it('that may not be looked at says why', async () => {
    api.answer(denied)
    expect(await registrationOfWebhook(api.connection)).toEqual({
      notLookedAt: expect.stringMatching(
        /^the registration \(get mutatingwebhookconfigurations .*403 Forbidden: this is not for you/,
      ),
    })
    expect(api.asked()).toEqual([getRegistration])
  })
})

describe('the endpoints of its service', () => {
  it.each<[why: string, answer: Answered, endpoints: { all: number; ready: number }]>([
    ['no slice', slices(), { all: 0, ready: 0 }],
    ['a slice without endpoints', slices({}, { endpoints: null }), { all: 0, ready: 0 }],
    [
      'those of all slices, and what does not say whether it is ready is',
      slices(
        { endpoints: [{ conditions: { ready: true } }, { conditions: { ready: false } }] },
        { endpoints: [{}, { conditions: {} }] },
      ),
      { all: 4, ready: 3 },
    ],
    ['none is ready', slices({ endpoints: [{ conditions: { ready: false } }] }), { all: 1, ready: 0 }],
  ])('are counted: %s', async (_why, answer, endpoints) => {
    api.answer(shown(byService), answer)
    expect(await registrationOfWebhook(api.connection)).toEqual({ found: byService, endpoints })
    expect(api.asked()).toEqual([getRegistration, listSlices])
  })

  it('that may not be looked at say why, and the registration is seen still', async () => {
    api.answer(shown(byService), denied)
    expect(await registrationOfWebhook(api.connection)).toEqual({
      found: byService,
      endpoints: {
        notLookedAt: expect.stringMatching(
          /^the EndpointSlices \(list endpointslices .*403 Forbidden: this is not for you/,
        ),
      },
    })
  })
})

it('the reason of a signal ends the look', async () => {
  api.answer(shown(byService))
  const reason = new Error('the run is over')
  await expect(registrationOfWebhook(api.connection, AbortSignal.abort(reason))).rejects.toBe(reason)
})

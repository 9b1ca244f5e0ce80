import { AuthenticationV1Api, CoreV1Api, KubeConfig, RbacAuthorizationV1Api } from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ServedStore, serveStore } from '../support/api-server.ts'

// As `kubectl create token` makes them, and as a program in a pod uses them, by the official client.
let served: ServedStore
let admin: KubeConfig
const namespace = 'carts'

const configFor = (token: string): KubeConfig => {
  const made = new KubeConfig()
  made.loadFromOptions({
    clusters: [
      {
        name: 'local',
        server: served.server.url,
        caData: Buffer.from(served.server.caData).toString('base64'),
      },
    ],
    users: [{ name: 'me', token }],
    contexts: [{ name: 'local', cluster: 'local', user: 'me' }],
    currentContext: 'local',
  })
  return made
}
const core = (token?: string) => (token === undefined ? admin : configFor(token)).makeApiClient(CoreV1Api)

const tokenOf = async (audiences: string[] = []): Promise<string> => {
  const spec = { audiences, expirationSeconds: 600 }
  const { status } = await core().createNamespacedServiceAccountToken({
    namespace,
    name: 'reader',
    body: { spec },
  })
  return status?.token ?? ''
}
/** What a TokenReview says of a token. */
const review = async (token: string) => {
  const { status } = await admin
    .makeApiClient(AuthenticationV1Api)
    .createTokenReview({ body: { spec: { token } } })
  return status
}

beforeAll(async () => {
  served = await serveStore()
  admin = configFor('admin-token')
  await core().createNamespacedServiceAccount({ namespace, body: { metadata: { name: 'reader' } } })
  const rbac = admin.makeApiClient(RbacAuthorizationV1Api)
  const metadata = { name: 'reader' }
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }]
  await rbac.createNamespacedRole({ namespace, body: { metadata, rules } })
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' }
  const subjects = [{ kind: 'ServiceAccount', name: 'reader', namespace }]
  await rbac.createNamespacedRoleBinding({ namespace, body: { metadata, roleRef, subjects } })
})
afterAll(async () => {
  served.clock.stop()
  await served.server.close()
})

describe('the token of a ServiceAccount', () => {
  it('lets its bearer do what RBAC allows the ServiceAccount, and no more', async () => {
    const token = await tokenOf(['https://kubernetes.default.svc'])
    expect((await core(token).listNamespacedPod({ namespace })).items).toEqual([])
    await expect(core(token).listNamespacedSecret({ namespace })).rejects.toMatchObject({
      code: 403,
      body: expect.stringContaining('User \\"system:serviceaccount:carts:reader\\" cannot list resource'),
    })
  })

  it('is known again by a review, with the groups of every ServiceAccount', async () => {
    expect(await review(await tokenOf(['https://kubernetes.default.svc', 'vault']))).toMatchObject({
      authenticated: true,
      user: {
        username: 'system:serviceaccount:carts:reader',
        uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        groups: ['system:serviceaccounts', 'system:serviceaccounts:carts', 'system:authenticated'],
      },
    })
  })

  const others: [why: string, token: () => Promise<string>][] = [
    ['for another audience', () => tokenOf(['vault'])],
    [
      'with a changed word',
      async () =>
        (await tokenOf(['https://kubernetes.default.svc'])).replace(
          /\.(.)/,
          (_, letter) => `.${letter === 'e' ? 'f' : 'e'}`,
        ),
    ],
    [
      'without its signature',
      async () => (await tokenOf(['https://kubernetes.default.svc'])).replace(/\.[^.]*$/, '.'),
    ],
    ['that is none', async () => 'a.b.c'],
  ]
  it.each(others)('%s is nobody’s', async (_why, token) => {
    expect(await review(await token())).toEqual({
      user: {},
      error: '[invalid bearer token, not authenticated]',
    })
    await expect(core(await token()).listNamespacedPod({ namespace })).rejects.toMatchObject({ code: 401 })
  })

  it('ends with its time, and with its ServiceAccount, also where another one of that name is made', async () => {
    const [one, other] = [
      await tokenOf(['https://kubernetes.default.svc']),
      await tokenOf(['https://kubernetes.default.svc']),
    ]
    served.clock.advance(601_000)
    expect(await review(one)).not.toHaveProperty('authenticated')
    const fresh = await tokenOf(['https://kubernetes.default.svc'])
    expect(await review(fresh)).toHaveProperty('authenticated', true)
    await core().deleteNamespacedServiceAccount({ namespace, name: 'reader' })
    await core().createNamespacedServiceAccount({ namespace, body: { metadata: { name: 'reader' } } })
    expect(await review(fresh)).not.toHaveProperty('authenticated')
    expect(await review(other)).not.toHaveProperty('authenticated')
  })
})

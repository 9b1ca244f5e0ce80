import {
  AppsV1Api,
  AuthorizationV1Api,
  CoreV1Api,
  KubeConfig,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  type V1Deployment,
  Watch,
} from '@kubernetes/client-node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ServedStore, serveStore } from '../support/api-server.ts'

let served: ServedStore
let config: KubeConfig

beforeAll(async () => {
  served = await serveStore({
    logs: (pod, container, { tailLines }) => `${pod.name} ${container} ${tailLines}\n`,
  })
  config = configFor('admin-token')
})
afterAll(async () => {
  served.clock.stop()
  await served.server.close()
})

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

const labels = { app: 'carts' }
const deployment: V1Deployment = {
  metadata: { name: 'carts' },
  spec: {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'carts', image: 'carts:1' }] } },
  },
}
const namespace = 'carts'
const strategic = setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch)

it('serves the official client: create, read, patch, list, delete', async () => {
  const apps = config.makeApiClient(AppsV1Api)
  const created = await apps.createNamespacedDeployment({ namespace, body: deployment })
  expect(created.metadata?.creationTimestamp).toBeInstanceOf(Date)
  const body = { spec: { template: { metadata: { annotations: { restartedAt: 'now' } } } } }
  const patched = await apps.patchNamespacedDeployment({ namespace, name: 'carts', body }, strategic)
  expect(patched.metadata?.generation).toBe(2)
  const { items } = await apps.listNamespacedDeployment({ namespace, labelSelector: '!nope' })
  expect(items.map(({ metadata }) => metadata?.name)).toEqual(['carts'])
  expect(await apps.readNamespacedDeploymentScale({ namespace, name: 'carts' })).toMatchObject({
    kind: 'Scale',
    spec: { replicas: 1 },
  })
  await apps.deleteNamespacedDeployment({ namespace, name: 'carts' })
  await expect(apps.readNamespacedDeployment({ namespace, name: 'carts' })).rejects.toMatchObject({
    code: 404,
  })
})

const path = '/apis/apps/v1/namespaces/carts/deployments'

it('sends its watch every write', async () => {
  const apps = config.makeApiClient(AppsV1Api)
  const seen: string[] = []
  const deleted = Promise.withResolvers<void>()
  const note = (phase: string, { metadata }: V1Deployment) => {
    seen.push(`${phase} ${metadata?.generation}`)
    if (phase === 'DELETED') deleted.resolve()
  }
  const watch = await new Watch(config).watch(path, {}, note, () => {})
  await apps.createNamespacedDeployment({ namespace, body: deployment })
  await apps.deleteNamespacedDeployment({ namespace, name: 'carts' })
  await deleted.promise
  watch.abort()
  expect(seen).toEqual(['ADDED 1', 'DELETED 1'])
})

it('closes a watch whose time is up without an error', async () => {
  const ended = Promise.withResolvers<unknown>()
  await new Watch(config).watch(path, { timeoutSeconds: 60 }, () => {}, ended.resolve)
  expect(await ended.promise).toBeNull()
})

it('keeps an informer in step over a broken watch', async () => {
  const core = config.makeApiClient(CoreV1Api)
  const informer = makeInformer(config, '/api/v1/namespaces/carts/configmaps', () =>
    core.listNamespacedConfigMap({ namespace }),
  )
  const added = (name: string) =>
    new Promise<void>((resolve) => {
      informer.on('add', ({ metadata }) => {
        if (metadata?.name === name) resolve()
      })
    })
  let stopped = false
  // Stopping it is an error to it as well.
  informer.on('error', () => void (stopped || informer.start()))
  const [before, after] = [added('before'), added('after')]
  await informer.start()
  await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'before' } } })
  await before
  served.server.watches.cut()
  await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'after' } } })
  await after
  stopped = true
  await informer.stop()
})

it('answers access reviews, and refuses what they deny', async () => {
  const nobody = configFor('nobody-token')
  const review = await nobody.makeApiClient(AuthorizationV1Api).createSelfSubjectAccessReview({
    body: { spec: { resourceAttributes: { verb: 'list', resource: 'pods', namespace } } },
  })
  expect(review.status?.allowed).toBe(false)
  await expect(nobody.makeApiClient(CoreV1Api).listNamespacedPod({ namespace })).rejects.toMatchObject({
    code: 403,
  })
})

it('fetches logs of the only container, and explains why there are none', async () => {
  const core = config.makeApiClient(CoreV1Api)
  const pod = (name: string, ...containers: string[]) =>
    core.createNamespacedPod({
      namespace,
      body: {
        metadata: { name },
        spec: { containers: containers.map((one) => ({ name: one, image: 'a' })) },
      },
    })
  await pod('one', 'carts')
  await pod('two', 'carts', 'proxy')
  const log = await core.readNamespacedPodLog({ namespace, name: 'one', tailLines: 5 })
  expect(log).toBe('one carts 5\n')
  await expect(core.readNamespacedPodLog({ namespace, name: 'two' })).rejects.toMatchObject({
    code: 400,
    body: expect.stringContaining(
      'a container name must be specified for pod two, choose one of: [carts proxy]',
    ),
  })
})

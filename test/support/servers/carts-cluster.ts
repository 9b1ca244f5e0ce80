import { injectedSpec, pod } from '../pods.ts'
import { json, type ServedRequest, serveKubernetes } from './kubernetes-server.ts'

const spec = { containers: [{ name: 'carts' }], serviceAccountName: 'carts' }
const owner = (kind: string, name: string, uid: string) => ({
  ...{ apiVersion: 'apps/v1', kind, name, uid, controller: true },
})
const set = {
  metadata: { name: 'carts-1', uid: 'u-2', ownerReferences: [owner('Deployment', 'carts', 'u-1')] },
}
const own = pod({
  metadata: {
    ...{ name: 'carts-1-x', namespace: 'carts', uid: 'u-3', creationTimestamp: '2026-11-23T06:00:00Z' },
    ownerReferences: [owner('ReplicaSet', 'carts-1', 'u-2')],
    labels: { app: 'carts', 'pod-template-hash': '1' },
  },
  spec: injectedSpec(spec),
})
const account = (namespace: string, name: string) => ({ metadata: { namespace, name } })
const there: Record<string, object> = {
  '/api/v1': { kind: 'APIResourceList', resources: [] },
  '/api/v1/namespaces': { items: [{ metadata: { name: 'team-a' } }] },
  '/api/v1/serviceaccounts': { items: [account('team-a', 'api')] },
  '/api/v1/namespaces/carts/serviceaccounts/carts': account('carts', 'carts'),
  '/api/v1/namespaces/carts/pods': { items: [own] },
  '/apis/apps/v1/namespaces/carts/replicasets': { items: [set] },
  '/apis/apps/v1/namespaces/carts/deployments/carts': {
    ...{ kind: 'Deployment', apiVersion: 'apps/v1' },
    metadata: { name: 'carts', namespace: 'carts', uid: 'u-1', generation: 1 },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'carts' } },
      template: { metadata: { labels: { app: 'carts' } }, spec },
    },
    status: {
      observedGeneration: 1,
      replicas: 1,
      updatedReplicas: 1,
      readyReplicas: 1,
      availableReplicas: 1,
    },
  },
}

/**
 * The API server of a cluster that holds `carts`, a workload whose one pod has the association's credentials, and the ServiceAccount
 * `team-a/api`, without one.
 * @param meanwhile what goes on before it answers that it is there
 */
export const serveCarts = (meanwhile: () => Promise<unknown> = async () => {}) => {
  const answer = async ({ method, path, body }: ServedRequest, response: Parameters<typeof json>[0]) => {
    if (path === '/api/v1') await meanwhile()
    if (method === 'POST') return json(response, { ...(body as object), spec: injectedSpec(spec) }, 201)
    const found = there[path] ?? (/s$/.test(path) ? { items: [] } : undefined)
    if (found) return json(response, { metadata: {}, ...found })
    json(response, { kind: 'Status', code: 404, reason: 'NotFound', message: 'no' }, 404)
  }
  return serveKubernetes((request, response) => void answer(request, response))
}

import type { PolicyRule } from '../../../core/kubernetes.ts'
import { priorities } from '../admission/pods.ts'
import { resources } from '../store/resources.ts'
import type { Store } from '../store/store.ts'

/**
 * Puts into the store what every cluster is born with: its namespaces, the priorities of its own pods, and the
 * roles that let clients look around.
 */
export const bootstrap = (store: Store): void => {
  for (const name of ['default', 'kube-node-lease', 'kube-public', 'kube-system'])
    if (!store.get(resources.namespaces, undefined, name))
      store.create(resources.namespaces, { metadata: { name } })
  for (const [name, value] of Object.entries(priorities)) {
    if (store.get(resources.priorityclasses, undefined, name)) continue
    const description = `Used for ${name.replace('-critical', '').replaceAll('-', ' ')} critical pods that must not be moved from their current ${name.includes('node') ? 'node' : 'cluster'}.`
    store.create(resources.priorityclasses, { metadata: { name }, value, description })
  }
  for (const [name, { rules, groups }] of Object.entries(clusterRoles)) {
    if (store.get(resources.clusterroles, undefined, name)) continue
    const metadata = { name, labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } }
    store.create(resources.clusterroles, { metadata, rules })
    store.create(resources.clusterrolebindings, {
      metadata,
      roleRef: { apiGroup, kind: 'ClusterRole', name },
      subjects: groups.map((group) => ({ apiGroup, kind: 'Group', name: group })),
    })
  }
}

/** Keeps the server's authority in every namespace, for the pods there; the returned function ends that. */
export const publishAuthority = (store: Store, authority: string): (() => void) => {
  const name = 'kube-root-ca.crt'
  const annotations = {
    'kubernetes.io/description':
      'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
  }
  const ensure = (namespace: string) => {
    if (!store.get(resources.namespaces, undefined, namespace)) return
    if (store.get(resources.configmaps, namespace, name)) return
    store.create(resources.configmaps, {
      metadata: { name, namespace, annotations },
      data: { 'ca.crt': authority },
    })
  }
  for (const { metadata } of store.list(resources.namespaces)) ensure(metadata.name)
  return store.subscribe(({ type, resource, object: { metadata } }) => {
    if (resource === resources.namespaces && type === 'ADDED') ensure(metadata.name)
    if (resource === resources.configmaps && type === 'DELETED' && metadata.name === name)
      ensure(metadata.namespace ?? '')
  })
}

const apiGroup = 'rbac.authorization.k8s.io'

const clusterRoles: Record<string, { groups: string[]; rules: PolicyRule[] }> = {
  'cluster-admin': {
    groups: ['system:masters'],
    rules: [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ],
  },
  'system:basic-user': {
    groups: ['system:authenticated'],
    rules: [
      {
        verbs: ['create'],
        apiGroups: ['authorization.k8s.io'],
        resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
      },
      { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
    ],
  },
  'system:discovery': {
    groups: ['system:authenticated'],
    rules: [
      {
        verbs: ['get'],
        nonResourceURLs: [
          '/api',
          '/api/*',
          '/apis',
          '/apis/*',
          '/healthz',
          '/livez',
          '/openapi',
          '/openapi/*',
          '/readyz',
          '/version',
          '/version/',
        ],
      },
    ],
  },
  'system:public-info-viewer': {
    groups: ['system:authenticated', 'system:unauthenticated'],
    rules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'] }],
  },
  'system:service-account-issuer-discovery': {
    groups: ['system:authenticated'],
    rules: [{ verbs: ['get'], nonResourceURLs: ['/.well-known', '/.well-known/*'] }],
  },
}

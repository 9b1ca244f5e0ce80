import type { PolicyRule } from '../../../core/kubernetes.ts'
import { resources } from '../store/resources.ts'
import type { Store } from '../store/store.ts'

/** Puts into the store what every cluster is born with: its namespaces, and the roles that let clients look around. */
export const bootstrap = (store: Store): void => {
  for (const name of ['default', 'kube-node-lease', 'kube-public', 'kube-system'])
    if (!store.get(resources.namespaces, undefined, name))
      store.create(resources.namespaces, { metadata: { name } })
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

import type { Pod, Volume } from '../../../core/kubernetes.ts'
import { type KubernetesObject, type NewObject, resources, type Stored } from '../store/resources.ts'
import { StatusError } from '../store/status.ts'
import type { AdmissionHook, Store } from '../store/store.ts'
import type { Control, Running } from './control.ts'

const tokenDirectory = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * Admission of pods as the API server's own plugins do it: the ServiceAccount must exist, its token is mounted
 * unless the pod or the ServiceAccount says otherwise, nodes that fall silent are tolerated for five minutes.
 */
export const podAdmission =
  (store: Store, random: () => number = Math.random): AdmissionHook =>
  (resource, object, { operation }) => {
    if (resource !== resources.pods || operation !== 'CREATE') return object
    const pod = object as Pod
    const { metadata = {}, spec = { containers: [] } } = pod
    const namespace = metadata.namespace ?? 'default'
    const name = spec.serviceAccountName || 'default'
    const account = store.get(resources.serviceaccounts, namespace, name)
    if (!account) throw unknownAccount(metadata.name || metadata.generateName || '', namespace, name)
    const automount = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true
    const settled = {
      ...spec,
      serviceAccountName: name,
      serviceAccount: name,
      tolerations: withDefaultTolerations(spec.tolerations),
      priority: spec.priority ?? priorities[spec.priorityClassName ?? ''] ?? 0,
      preemptionPolicy: spec.preemptionPolicy ?? 'PreemptLowerPriority',
    }
    return { ...pod, spec: automount ? withToken(settled, random) : settled } as NewObject
  }

const priorities: Record<string, number> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
}

const unknownAccount = (pod: string, namespace: string, name: string) =>
  new StatusError(
    403,
    'Forbidden',
    `pods "${pod}" is forbidden: error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`,
    { details: { name: pod, kind: 'pods' } },
  )

const withDefaultTolerations = (given: NonNullable<Pod['spec']>['tolerations'] = []) => [
  ...given,
  ...['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
    .filter(
      (key) =>
        !given.some((one) => (!one.key || one.key === key) && (!one.effect || one.effect === 'NoExecute')),
    )
    .map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 })),
]

type Spec = NonNullable<Pod['spec']>

const withToken = (spec: Spec, random: () => number): Spec => {
  const name = `kube-api-access-${suffix(random)}`
  const mounted = (containers: Spec['containers']) =>
    containers.map((container) =>
      container.volumeMounts?.some(({ mountPath }) => mountPath === tokenDirectory)
        ? container
        : {
            ...container,
            volumeMounts: [
              ...(container.volumeMounts ?? []),
              { name, readOnly: true, mountPath: tokenDirectory },
            ],
          },
    )
  return {
    ...spec,
    volumes: [...(spec.volumes ?? []), tokenVolume(name)],
    containers: mounted(spec.containers),
    ...(spec.initContainers ? { initContainers: mounted(spec.initContainers) } : {}),
  }
}

const tokenVolume = (name: string): Volume => ({
  name,
  projected: {
    defaultMode: 420,
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      {
        downwardAPI: {
          items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
        },
      },
    ],
  },
})

const letters = 'bcdfghjklmnpqrstvwxz2456789'
const suffix = (random: () => number): string =>
  Array.from({ length: 5 }, () => letters[Math.floor(random() * letters.length)]).join('')

/** Gives every namespace its `default` ServiceAccount, and makes it again when it is deleted. */
export const startServiceAccountController = ({ store }: Pick<Control, 'store'>): Running => {
  const ensure = (namespace: string) => {
    if (!store.get(resources.namespaces, undefined, namespace)) return
    if (store.get(resources.serviceaccounts, namespace, 'default')) return
    store.create(resources.serviceaccounts, { metadata: { name: 'default', namespace } })
  }
  const nameOf = ({ metadata }: KubernetesObject | Stored) => metadata.name
  for (const namespace of store.list(resources.namespaces)) ensure(nameOf(namespace))
  const unsubscribe = store.subscribe(({ type, resource, object }) => {
    if (resource === resources.namespaces && type === 'ADDED') ensure(object.metadata.name)
    if (resource === resources.serviceaccounts && type === 'DELETED') ensure(object.metadata.namespace ?? '')
  })
  return { stop: unsubscribe }
}

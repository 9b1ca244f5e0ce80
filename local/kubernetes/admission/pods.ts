import type { Pod, Volume } from '../../../core/kubernetes.ts'
import { nameSuffix } from '../store/identifiers.ts'
import { type NewObject, resources } from '../store/resources.ts'
import { forbiddenObject } from '../store/status.ts'
import type { AdmissionHook, Store } from '../store/store.ts'
import { withAppArmor } from './pod-warnings.ts'

const tokenDirectory = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * Admission of pods as the API server's own plugins do it: the ServiceAccount must exist, its token is mounted
 * unless the pod or the ServiceAccount says otherwise, nodes that fall silent are tolerated for five minutes.
 */
export const podAdmission =
  (store: Store, random: () => number = Math.random): AdmissionHook =>
  (resource, object, { operation }) => {
    if (resource !== resources.pods || operation !== 'CREATE') return object
    const pod = withAppArmor(object as Pod)
    const { metadata = {} } = pod
    // Whoever leaves the containers out is told so by validation, which comes later.
    const spec = { ...pod.spec, containers: pod.spec?.containers ?? [] }
    const namespace = metadata.namespace ?? 'default'
    const name = spec.serviceAccountName || 'default'
    const account = store.get(resources.serviceaccounts, namespace, name)
    const refuse = (why: string) =>
      forbiddenObject(resource, metadata.name || metadata.generateName || '', why)
    if (!account)
      throw refuse(
        `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`,
      )
    const automount = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true
    const settled = {
      ...spec,
      serviceAccountName: name,
      serviceAccount: name,
      tolerations: withDefaultTolerations(spec.tolerations),
      ...priorityOf(store, spec, refuse),
    }
    return { ...pod, spec: automount ? withToken(settled, random) : settled } as NewObject
  }

/** The pod's priority, which its class gives it; without one, the class that is the default for all. */
const priorityOf = (store: Store, spec: Spec, refuse: (why: string) => Error): Partial<Spec> => {
  const name = spec.priorityClassName
  const found = name
    ? store.get(resources.priorityclasses, undefined, name)
    : store.list(resources.priorityclasses).find(({ globalDefault }) => globalDefault)
  const builtIn = priorities[name ?? '']
  if (name && !found && builtIn === undefined) throw refuse(`no PriorityClass with name ${name} was found`)
  const priority = found?.value ?? builtIn ?? 0
  if (spec.priority !== undefined && spec.priority !== priority)
    throw refuse(
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`,
    )
  return {
    ...(found ? { priorityClassName: found.metadata.name } : {}),
    priority,
    preemptionPolicy: spec.preemptionPolicy ?? found?.preemptionPolicy ?? 'PreemptLowerPriority',
  }
}

/** The classes that every cluster has. */
export const priorities: Record<string, number> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
}

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
  const name = `kube-api-access-${nameSuffix(random)}`
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

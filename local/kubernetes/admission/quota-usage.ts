import type { Container, Pod, ResourceQuota } from '../../../core/kubernetes.ts'
import { qosClassOf } from '../store/defaults/qos.ts'
import { largerOf, type ResourceList, sumOfLists } from '../store/quantity.ts'
import {
  type KubernetesObject,
  type NewObject,
  type ResourceKind,
  resources,
  type Stored,
} from '../store/resources.ts'
import { qualified } from '../store/status.ts'
import type { Store } from '../store/store.ts'

type Wanted = 'requests' | 'limits'

const amountsOf = ({ resources: wanted }: Container, which: Wanted): ResourceList =>
  (wanted?.[which] ?? {}) as ResourceList

/**
 * What a pod asks for, or is limited to: its containers together with their sidecars, or its hungriest init
 * container, whichever is more.
 */
const podTotals = ({ spec }: Pod, which: Wanted): ResourceList => {
  let sidecars: ResourceList = {}
  let hungriest: ResourceList = {}
  for (const container of spec?.initContainers ?? []) {
    const amounts = sumOfLists([sidecars, amountsOf(container, which)])
    hungriest = largerOf(hungriest, amounts)
    if ((container as { restartPolicy?: string }).restartPolicy === 'Always') sidecars = amounts
  }
  const running = sumOfLists([sidecars, ...(spec?.containers ?? []).map((one) => amountsOf(one, which))])
  return sumOfLists([largerOf(running, hungriest), (spec?.overhead ?? {}) as ResourceList])
}

/** What a pod asks of the node that it runs on. */
export const podRequests = (pod: Pod): ResourceList => podTotals(pod, 'requests')

/** Requested amounts that quotas may name without `requests.`. */
const namedPlainly = new Set(['cpu', 'memory', 'ephemeral-storage'])

const computeUsage = (requests: ResourceList, limits: ResourceList): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(requests).flatMap(([name, amount]) => [
      [`requests.${name}`, amount],
      ...(namedPlainly.has(name) ? [[name, amount]] : []),
    ]),
  ),
  ...Object.fromEntries(Object.entries(limits).map(([name, amount]) => [`limits.${name}`, amount])),
})

/** Counted by a name of their own, besides `count/…`. */
const countedPlainly = new Set([
  'configmaps',
  'secrets',
  'services',
  'resourcequotas',
  'persistentvolumeclaims',
  'replicationcontrollers',
])

/** What one object counts for against quotas, by the names that quotas use. */
export const usageOf = (resource: ResourceKind, object: NewObject): Record<string, string> => {
  const counted = {
    [`count/${qualified(resource)}`]: '1',
    ...(resource.group === '' && countedPlainly.has(resource.plural) ? { [resource.plural]: '1' } : {}),
  }
  if (resource === resources.services) {
    const { type } = (object as { spec?: { type?: string } }).spec ?? {}
    if (type === 'LoadBalancer') return { ...counted, 'services.loadbalancers': '1' }
    return counted
  }
  if (resource !== resources.pods) return counted
  const pod = object as Pod
  // A pod that has ended uses nothing, and is still an object.
  if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return counted
  return { ...counted, pods: '1', ...computeUsage(podTotals(pod, 'requests'), podTotals(pod, 'limits')) }
}

/**
 * What a container must say because a quota counts it. https://kubernetes.io/docs/concepts/policy/resource-quotas/
 */
export const unsaid = ({ spec }: Pod, hard: readonly string[]): [name: string, containers: string[]][] => {
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]
  return hard
    .filter((name) => /^(?:(?:requests|limits)\.)?(?:cpu|memory)$/.test(name))
    .sort()
    .flatMap((name): [string, string[]][] => {
      const missing = containers.filter(
        (one) => computeUsage(amountsOf(one, 'requests'), amountsOf(one, 'limits'))[name] === undefined,
      )
      return missing.length > 0 ? [[name, missing.map((one) => one.name).sort()]] : []
    })
}

/** Whether a quota counts the object at all: it names something of it, and its scopes fit. */
export const counts = (
  { spec }: Pick<Stored<ResourceQuota>, 'spec'>,
  resource: ResourceKind,
  object: NewObject,
): boolean => {
  const usage = usageOf(resource, object)
  const named = Object.keys(spec.hard ?? {}).some(
    (name) => usage[name] !== undefined || (resource === resources.pods && isPodResource(name)),
  )
  const scopes = [
    ...(spec.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists', values: [] as string[] })),
    ...(spec.scopeSelector?.matchExpressions ?? []),
  ]
  if (scopes.length === 0) return named
  return resource === resources.pods && named && scopes.every((scope) => inScope(object as Pod, scope))
}

const isPodResource = (name: string): boolean =>
  name === 'pods' || /^(?:requests\.|limits\.)?(?:cpu|memory|ephemeral-storage)$/.test(name)

const inScope = (
  pod: Pod,
  { scopeName, operator, values = [] }: { scopeName: string; operator: string; values?: string[] },
): boolean => {
  const { activeDeadlineSeconds, priorityClassName } = pod.spec ?? {}
  const bestEffort = qosClassOf({ spec: pod.spec ?? { containers: [] } }) === 'BestEffort'
  switch (scopeName) {
    case 'Terminating':
      return activeDeadlineSeconds !== undefined
    case 'NotTerminating':
      return activeDeadlineSeconds === undefined
    case 'BestEffort':
      return bestEffort
    case 'NotBestEffort':
      return !bestEffort
    case 'PriorityClass':
      if (operator === 'In') return values.includes(priorityClassName ?? '')
      if (operator === 'NotIn') return !values.includes(priorityClassName ?? '')
      return (operator === 'Exists') === Boolean(priorityClassName)
    default:
      return false
  }
}

/** What is used of everything that a quota limits; what is not used at all is `0`. */
export const usedOf = (store: Store, quota: Stored<ResourceQuota>): Record<string, string> => {
  const { hard = {} } = quota.spec
  const all = store.kinds.kept
    .filter(({ namespaced }) => namespaced)
    .flatMap((kind) =>
      (store.list(kind, { namespace: quota.metadata.namespace }) as KubernetesObject[])
        .filter((object) => counts(quota, kind, object))
        .map((object) => usageOf(kind, object)),
    )
  const used = sumOfLists(all)
  return Object.fromEntries(Object.keys(hard).map((name) => [name, used[name] ?? '0']))
}

import type { Container, LimitRangeItem, LimitRangeSpec, Pod } from '../../../core/kubernetes.ts'
import { canonical, compareQuantities, type ResourceList, ratioOf, sumOf } from '../store/quantity.ts'
import { type NewObject, resources } from '../store/resources.ts'
import { forbiddenObject } from '../store/status.ts'
import type { AdmissionHook, Store, ValidationHook } from '../store/store.ts'

const annotation = 'kubernetes.io/limit-ranger'

/**
 * Gives containers the defaults of the namespace's LimitRanges, and notes in an annotation what it gave.
 * https://kubernetes.io/docs/concepts/policy/limit-range/
 */
export const limitRangeDefaults =
  (store: Store): AdmissionHook =>
  (resource, object, { operation }) => {
    if (resource !== resources.pods || operation !== 'CREATE') return object
    const ranges = store.list(resources.limitranges, { namespace: object.metadata?.namespace ?? 'default' })
    return ranges.reduce<Pod>((pod, { spec }) => withDefaults(pod, spec), object as Pod) as NewObject
  }

const withDefaults = (pod: Pod, { limits: given }: LimitRangeSpec): Pod => {
  const items = given.filter(({ type }) => type === 'Container')
  const requests: ResourceList = Object.assign({}, ...items.map((item) => item.defaultRequest))
  const limits: ResourceList = Object.assign({}, ...items.map((item) => item.default))
  const notes: string[] = []
  const fill = (kind: string) => (container: Container) => {
    const { resources: wanted = {} } = container
    const missing = (given: ResourceList | undefined, defaults: ResourceList, word: string) => {
      const names = Object.keys(defaults)
        .filter((name) => given?.[name] === undefined)
        .sort()
      if (names.length > 0) notes.push(`${names.join(', ')} ${word} for ${kind} ${container.name}`)
      return { ...given, ...Object.fromEntries(names.map((name) => [name, defaults[name] ?? '0'])) }
    }
    const asked = missing({ ...wanted.limits, ...wanted.requests }, requests, 'request')
    const allowed = missing(wanted.limits, limits, 'limit')
    return {
      ...container,
      resources: {
        ...wanted,
        ...(Object.keys(asked).length > 0 ? { requests: asked } : {}),
        ...(Object.keys(allowed).length > 0 ? { limits: allowed } : {}),
      },
    }
  }
  if (!pod.spec || Object.keys({ ...requests, ...limits }).length === 0) return pod
  const { containers, initContainers } = pod.spec
  const filled: Pod = {
    ...pod,
    spec: {
      ...pod.spec,
      containers: containers.map(fill('container')),
      ...(initContainers ? { initContainers: initContainers.map(fill('init container')) } : {}),
    },
  }
  if (notes.length === 0) return filled
  const annotations = {
    ...pod.metadata?.annotations,
    [annotation]: `LimitRanger plugin set: ${notes.join('; ')}`,
  }
  return { ...filled, metadata: { ...pod.metadata, annotations } }
}

/** Refuses pods whose requests and limits are outside of the namespace's LimitRanges. */
export const limitRangeRefusals =
  (store: Store): ValidationHook =>
  ({ resource, object, operation }) => {
    if (resource !== resources.pods || operation !== 'CREATE') return
    const pod = object as Pod
    for (const { spec } of store.list(resources.limitranges, { namespace: object.metadata.namespace })) {
      const errors = [...new Set(spec.limits.flatMap((item) => violations(item, pod)))]
      if (errors.length > 0)
        throw forbiddenObject(
          resource,
          object.metadata.name,
          errors.length === 1 ? (errors[0] ?? '') : `[${errors.join(', ')}]`,
        )
    }
  }

interface Amounts {
  requests: ResourceList
  limits: ResourceList
}

const violations = (item: LimitRangeItem, { spec }: Pod): string[] => {
  const containers = spec?.containers ?? []
  const each = containers.map(({ resources: wanted }) => ({
    requests: (wanted?.requests ?? {}) as ResourceList,
    limits: (wanted?.limits ?? {}) as ResourceList,
  }))
  if (item.type === 'Container') return each.flatMap((amounts) => exceeded(item, amounts))
  if (item.type !== 'Pod') return []
  return exceeded(item, {
    requests: totals(each.map(({ requests }) => requests)),
    limits: totals(each.map(({ limits }) => limits)),
  })
}

/** The sums of what every container says something about; the rest is left open. */
const totals = (lists: ResourceList[]): ResourceList => {
  const [first = {}] = lists
  const names = Object.keys(first).filter((name) => lists.every((list) => list[name] !== undefined))
  return Object.fromEntries(names.map((name) => [name, sumOf(...lists.map((list) => list[name] ?? '0'))]))
}

const exceeded = (
  { type, min = {}, max = {}, maxLimitRequestRatio = {} }: LimitRangeItem,
  { requests, limits }: Amounts,
): string[] => [
  ...complaints(min, (name, bound) => {
    const what = `minimum ${name} usage per ${type} is ${bound}`
    if (requests[name] === undefined) return `${what}. No request is specified`
    if (compareQuantities(requests[name], bound) < 0)
      return `${what}, but request is ${canonical(requests[name])}`
    if (limits[name] !== undefined && compareQuantities(limits[name], bound) < 0)
      return `${what}, but limit is ${canonical(limits[name])}`
    return undefined
  }),
  ...complaints(max, (name, bound) => {
    const what = `maximum ${name} usage per ${type} is ${bound}`
    if (limits[name] === undefined) return `${what}. No limit is specified`
    if (compareQuantities(limits[name], bound) > 0) return `${what}, but limit is ${canonical(limits[name])}`
    if (requests[name] !== undefined && compareQuantities(requests[name], bound) > 0)
      return `${what}, but request is ${canonical(requests[name])}`
    return undefined
  }),
  ...complaints(maxLimitRequestRatio, (name, bound) => {
    const what = `${name} max limit to request ratio per ${type} is ${bound}`
    const asked = requests[name] ?? '0'
    const allowed = limits[name] ?? '0'
    if (compareQuantities(asked, '0') === 0) return `${what}, but no request is specified or request is 0`
    if (compareQuantities(allowed, '0') === 0) return `${what}, but no limit is specified or limit is 0`
    const ratio = ratioOf(allowed, asked)
    return ratio > ratioOf(bound, '1') ? `${what}, but provided ratio is ${ratio.toFixed(6)}` : undefined
  }),
]

const complaints = (
  bounds: object,
  complain: (name: string, bound: string) => string | undefined,
): string[] =>
  Object.entries(bounds as ResourceList).flatMap(
    ([name, bound]) => complain(name, canonical(String(bound))) ?? [],
  )

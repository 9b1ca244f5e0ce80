import { fits } from '../../config.ts'
import { hasWildcard } from '../../policy/pattern.ts'
import { type Binding, regionsOf, type Where } from './binding.ts'

/** Tags of a cluster, or labels of a namespace or a ServiceAccount. */
export type KeyValues = Readonly<Record<string, string>>

/** A cluster, and what is in it as far as bindings go by it. */
export interface ClusterFacts {
  name: string
  region: string
  /** Twelve digits. */
  account: string
  tags: KeyValues
  /** By its namespaces; undefined where nobody looked, which only `isByPattern` bindings need. */
  inside?: readonly NamespaceFacts[] | undefined
  /** Why what is in it could not be read, where somebody tried. */
  unread?: string | undefined
}

export interface NamespaceFacts {
  name: string
  labels: KeyValues
  serviceAccounts: readonly { name: string; labels: KeyValues }[]
}

/** One ServiceAccount as bindings are matched with it. */
export interface ServiceAccountPlace {
  namespace: string
  namespaceLabels: KeyValues
  serviceAccount: string
  serviceAccountLabels: KeyValues
}

/** The tags or labels that are wanted and that are not there with a value that fits. */
export const missingLabels = (wanted: KeyValues, there: KeyValues): [key: string, pattern: string][] =>
  Object.entries(wanted).filter(
    ([key, pattern]) => !(Object.hasOwn(there, key) && fits(pattern, there[key] ?? '')),
  )

/** Whether every tag or label that is wanted is there, with a value that fits. */
export const hasLabels = (wanted: KeyValues, there: KeyValues): boolean =>
  missingLabels(wanted, there).length === 0

const isEmpty = (labels: KeyValues): boolean => Object.keys(labels).length === 0

/**
 * Whether only a look into a cluster shows for which of its ServiceAccounts a binding is, or how it is for them. What
 * names its namespace and its ServiceAccount is for them whether they are there or not.
 */
export const isByPattern = (binding: Binding): boolean =>
  hasWildcard(binding.namespace) || hasWildcard(binding.serviceAccount) || goesByLabels(binding)

/** Whether a binding's labels, or those of its overrides, have to be known. */
export const goesByLabels = (binding: Binding): boolean =>
  [binding, ...binding.overrides.map(({ where }) => where)].some(
    ({ namespaceLabels, serviceAccountLabels }) =>
      !isEmpty(namespaceLabels) || !isEmpty(serviceAccountLabels),
  )

/** Whether a binding's tags, or those of its overrides, have to be known. */
export const goesByTags = (binding: Binding): boolean =>
  [binding, ...binding.overrides.map(({ where }) => where)].some(({ clusterTags }) => !isEmpty(clusterTags))

/** Whether a binding is for clusters of that name and region, whatever their tags. */
export const isForName = (
  binding: Binding,
  cluster: Pick<ClusterFacts, 'name' | 'region'>,
  region: string,
): boolean => fits(binding.cluster, cluster.name) && regionsOf(binding, region).includes(cluster.region)

/** Whether a binding is for an account's clusters. */
export const isForAccount = ({ accounts }: Pick<Binding, 'accounts'>, account: string): boolean =>
  accounts === undefined || accounts.includes(account)

/** Namespaces of Kubernetes itself: what a pattern reaches there was hardly meant. */
export const isKubernetesOwn = (namespace: string): boolean => namespace.startsWith('kube-')

/** Whether an override is for a ServiceAccount of a cluster. */
export const isOverridden = (where: Where, cluster: ClusterFacts, place: ServiceAccountPlace): boolean =>
  (where.account === undefined || where.account === cluster.account) &&
  (where.region === undefined || where.region === cluster.region) &&
  (where.cluster === undefined || fits(where.cluster, cluster.name)) &&
  (where.namespace === undefined || fits(where.namespace, place.namespace)) &&
  (where.serviceAccount === undefined || fits(where.serviceAccount, place.serviceAccount)) &&
  hasLabels(where.clusterTags, cluster.tags) &&
  hasLabels(where.namespaceLabels, place.namespaceLabels) &&
  hasLabels(where.serviceAccountLabels, place.serviceAccountLabels)

/** What is in a cluster, for many bindings to be matched with. */
export type Inside = ReadonlyMap<
  string,
  { labels: KeyValues; serviceAccounts: ReadonlyMap<string, KeyValues> }
>

export const insideOf = (inside: readonly NamespaceFacts[]): Inside =>
  new Map(
    inside.map(({ name, labels, serviceAccounts }) => [
      name,
      { labels, serviceAccounts: new Map(serviceAccounts.map((one) => [one.name, one.labels])) },
    ]),
  )

/** A ServiceAccount that a pattern fits and the binding is not for, and why. */
export interface LeftOut {
  place: Pick<ServiceAccountPlace, 'namespace' | 'serviceAccount'>
  why: string
}

/**
 * The ServiceAccounts of a cluster that a binding by pattern is for, and those that its patterns do not reach by rule.
 */
export const placesIn = (
  binding: Binding,
  inside: Inside,
): { places: ServiceAccountPlace[]; leftOut: LeftOut[] } => {
  const places: ServiceAccountPlace[] = []
  const leftOut: LeftOut[] = []
  for (const [namespace, { labels: namespaceLabels, serviceAccounts }] of named(binding.namespace, inside)) {
    if (!hasLabels(binding.namespaceLabels, namespaceLabels)) continue
    for (const [serviceAccount, serviceAccountLabels] of named(binding.serviceAccount, serviceAccounts)) {
      if (!hasLabels(binding.serviceAccountLabels, serviceAccountLabels)) continue
      const why = whyLeftOut(binding, namespace, serviceAccount)
      if (why === undefined) places.push({ namespace, namespaceLabels, serviceAccount, serviceAccountLabels })
      else leftOut.push({ place: { namespace, serviceAccount }, why })
    }
  }
  return { places, leftOut }
}

const whyLeftOut = (binding: Binding, namespace: string, serviceAccount: string): string | undefined => {
  if (hasWildcard(binding.namespace) && isKubernetesOwn(namespace))
    return `a pattern does not reach namespaces whose names begin with kube-: name ${namespace} in a binding of its own`
  if (hasWildcard(binding.serviceAccount) && serviceAccount === 'default')
    return 'a pattern does not reach the ServiceAccount default, which pods have that name none: name it in a binding of its own'
  return undefined
}

/** The entries whose keys fit a name or a pattern. A name needs no look at all of them. */
const named = <Value extends object>(
  pattern: string,
  all: ReadonlyMap<string, Value>,
): [name: string, value: Value][] => {
  if (!hasWildcard(pattern)) {
    const only = all.get(pattern)
    return only ? [[pattern, only]] : []
  }
  // A thousand bindings look at each namespace of fifty clusters: most are told apart by how they begin.
  const [beginning = ''] = pattern.split(/[*?]/, 1)
  return [...all].filter(([name]) => name.startsWith(beginning) && fits(pattern, name))
}

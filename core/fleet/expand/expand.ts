import { byCodeUnits } from '../../text/order.ts'
import {
  type Candidate,
  type Declared,
  type ExpandedBinding,
  type Prepared,
  placeName,
  prepare,
} from './declared.ts'
import { type ExpansionFinding, Notes, notRead, twoBindings, unfitText } from './findings.ts'
import { noteSharedRoles, noteUnused } from './of-all.ts'
import {
  type ClusterFacts,
  hasLabels,
  type Inside,
  insideOf,
  isForAccount,
  isForName,
  isOverridden,
  placesIn,
  type ServiceAccountPlace,
} from './select.ts'
import { singleBinding, withOverrides } from './single.ts'

/** Clusters or ServiceAccounts that fit and that a binding is not for all the same. */
export interface SkippedPlaces {
  binding: string
  at: string
  why: string
  /** How many, and the first of them: `kube-system/coredns on shop-1`. */
  count: number
  examples: string[]
}

export interface Expansion {
  /** Ordered by account, region, cluster, namespace and ServiceAccount. What is in conflict is not among them. */
  bindings: ExpandedBinding[]
  /** What is wrong, by where the file has it. Blocking: some ServiceAccounts have no binding for this reason. */
  findings: ExpansionFinding[]
  skipped: SkippedPlaces[]
}

/**
 * The bindings for single ServiceAccounts that declared ones come to on these clusters. The same facts in any order
 * give the same answer.
 * @param region of bindings that name none
 */
export const expandBindings = (
  declared: readonly Declared[],
  clusters: readonly ClusterFacts[],
  { region }: { region: string },
): Expansion => {
  const notes = new Notes()
  const skipped = new Map<string, SkippedPlaces>()
  const prepared = declared.map((one, order) => prepare(one, order))
  const bindings = clusters
    .toSorted(
      (one, other) =>
        byCodeUnits(one.account, other.account) ||
        byCodeUnits(one.region, other.region) ||
        byCodeUnits(one.name, other.name),
    )
    .flatMap((cluster) => onCluster(prepared, cluster, { region, notes, skipped }))
  noteSharedRoles(bindings, prepared, notes)
  noteUnused(prepared, region, notes)
  return {
    bindings: bindings.map(({ expanded }) => expanded),
    findings: notes.all(),
    skipped: [...skipped.values()],
  }
}

interface Collected {
  region: string
  notes: Notes
  skipped: Map<string, SkippedPlaces>
}

const onCluster = (
  prepared: readonly Prepared[],
  cluster: ClusterFacts,
  collected: Collected,
): Candidate[] => {
  let inside: Inside | undefined
  const candidates = prepared.flatMap((source): Candidate[] => {
    const { binding } = source
    if (!isForName(binding, cluster, collected.region) || !hasLabels(binding.clusterTags, cluster.tags))
      return []
    if (!isForAccount(binding, cluster.account)) {
      source.used = true
      skip(
        collected,
        source,
        `it is for the accounts ${binding.accounts?.join(', ')}, and the cluster is in ${cluster.account}`,
        cluster.name,
      )
      return []
    }
    if (source.byPattern) {
      if (!cluster.inside) {
        source.used = true
        for (const index of binding.overrides.keys()) source.usedOverrides.add(index)
        const why = cluster.unread ?? 'nobody looked'
        collected.notes.add(
          JSON.stringify(['unread', source.order, cluster.name, cluster.region, cluster.account]),
          source.order,
          cluster.name,
          notRead({ name: source.name, at: source.where }, cluster.name, why),
        )
        return []
      }
      inside ??= insideOf(cluster.inside)
    }
    return placesOf(source, cluster, inside, collected).flatMap((place) =>
      candidate(source, cluster, place, collected),
    )
  })
  return withoutTwice(candidates, collected.notes)
}

/** The ServiceAccounts of a cluster that a binding is for. What names them needs no look. */
const placesOf = (
  { binding, byPattern, ...source }: Prepared,
  cluster: ClusterFacts,
  inside: Inside | undefined,
  collected: Collected,
): ServiceAccountPlace[] => {
  if (!byPattern || !inside)
    return [
      {
        namespace: binding.namespace,
        namespaceLabels: {},
        serviceAccount: binding.serviceAccount,
        serviceAccountLabels: {},
      },
    ]
  const { places, leftOut } = placesIn(binding, inside)
  for (const { place, why } of leftOut) skip(collected, source, why, placeName(place, cluster))
  return places
}

const mostExamples = 3

const skip = (
  { skipped }: Collected,
  { name, where, order }: Pick<Prepared, 'name' | 'where' | 'order'>,
  why: string,
  example: string,
  at = where,
): void => {
  const key = JSON.stringify([order, at, why])
  const known = skipped.get(key) ?? { binding: name, at, why, count: 0, examples: [] }
  known.count++
  if (known.examples.length < mostExamples) known.examples.push(example)
  skipped.set(key, known)
}

const candidate = (
  source: Prepared,
  cluster: ClusterFacts,
  place: ServiceAccountPlace,
  collected: Collected,
): Candidate[] => {
  const { binding, name, order } = source
  source.used = true
  const fitting = binding.overrides.flatMap((override, index) =>
    isOverridden(override.where, cluster, place) ? [{ override, index }] : [],
  )
  for (const { index } of fitting) source.usedOverrides.add(index)
  const places = fitting.map(({ index }) => source.at(['overrides', index]))
  const skipping = fitting.findLast(({ override }) => override.skip)
  if (skipping) {
    const at = source.at(['overrides', skipping.index])
    skip(collected, source, 'an override skips it', placeName(place, cluster), at)
    return []
  }
  const key = fitting.map(({ index }) => index).join()
  const changed =
    source.changed.get(key) ??
    withOverrides(
      binding,
      fitting.map(({ override }) => override),
    )
  source.changed.set(key, changed)
  const { account, region, name: clusterName } = cluster
  const { namespace, serviceAccount } = place
  const { single, unfit } = singleBinding(changed, {
    account,
    region,
    cluster: clusterName,
    namespace,
    serviceAccount,
  })
  for (const { field, said } of unfit) {
    // The override that says it, or the binding.
    const last = fitting.findLast(({ override }) => override[field] !== undefined)
    const at = source.at(last ? ['overrides', last.index, field] : [field])
    collected.notes.add(
      JSON.stringify(['unfit', at, field, unfitGroup(said)]),
      order,
      placeName(place, cluster),
      unfitText({ name, at }, field, said),
    )
  }
  if (unfit.length > 0) return []
  return [
    {
      source,
      expanded: {
        name: source.byPattern ? `${name}/${namespace}/${serviceAccount}` : name,
        cluster: { name: clusterName, region, account },
        binding: single,
        from: { binding: name, at: source.where, patterns: source.patterns, overrides: places },
      },
    },
  ]
}

/** What is said of one name is said of all of a template: the first of them is quoted. */
const unfitGroup = (said: string): string => said.replaceAll(/"[^"]*"|arn:\S+|\d/g, '')

/** Those of a cluster whose ServiceAccount no other binding is for, in their order. */
const withoutTwice = (candidates: readonly Candidate[], notes: Notes): Candidate[] => {
  const byPlace = Map.groupBy(candidates, ({ expanded: { binding } }) =>
    JSON.stringify([binding.namespace, binding.serviceAccount]),
  )
  const single: Candidate[] = []
  for (const group of byPlace.values()) {
    const [first, ...others] = group
    if (!first) continue
    if (others.length === 0) single.push(first)
    for (const { source } of others)
      notes.add(
        JSON.stringify(['twice', first.source.order, source.order]),
        first.source.order,
        placeName(first.expanded.binding, first.expanded.cluster),
        twoBindings({ ...first.source, at: first.source.where }, { ...source, at: source.where }),
      )
  }
  return single.toSorted(
    ({ expanded: { binding: one } }, { expanded: { binding: other } }) =>
      byCodeUnits(one.namespace, other.namespace) || byCodeUnits(one.serviceAccount, other.serviceAccount),
  )
}

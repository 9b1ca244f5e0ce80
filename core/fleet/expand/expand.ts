import type { Config } from '../../config.ts'
import { hasWildcard } from '../../policy/pattern.ts'
import { byCodeUnits } from '../../text/order.ts'
import { faultLine } from '../../text/value-fault.ts'
import { type Binding, regionsOf, type SingleBinding } from './binding.ts'
import {
  type ExpansionFinding,
  madeRoleShared,
  Notes,
  nothingFits,
  notRead,
  roleShared,
  twoBindings,
  unfitText,
} from './findings.ts'
import {
  type ClusterFacts,
  hasLabels,
  type Inside,
  insideOf,
  isByPattern,
  isForAccount,
  isForName,
  isOverridden,
  type KeyValues,
  placesIn,
  type ServiceAccountPlace,
} from './select.ts'
import { singleBinding, withOverrides } from './single.ts'
import { placeholdersIn } from './template.ts'

/** A binding as somebody declared it. */
export interface Declared {
  name: string
  binding: Binding
  /** Where the file has it, or one of its fields: `podid.yaml:12`. */
  at(path: readonly PropertyKey[]): string
}

/** A binding for one ServiceAccount of one cluster, and where it comes from. */
export interface ExpandedBinding {
  /** `carts`; where the binding is for those that fit a pattern, `carts/NAMESPACE/SERVICEACCOUNT`. */
  name: string
  cluster: Pick<ClusterFacts, 'name' | 'region' | 'account'>
  binding: SingleBinding
  from: {
    /** The declared binding, and where the file has it. */
    binding: string
    at: string
    /** What of it is a pattern: `cluster shop-*`, `namespaceLabels team=shop`. */
    patterns: string[]
    /** Where the file has the overrides that are for it, in their order. */
    overrides: string[]
  }
}

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

/** The bindings of settings, as `expandBindings` takes them. @param at where the file has a path of the settings */
export const declaredIn = (
  { bindings }: Pick<Config, 'bindings'>,
  at: (path: readonly PropertyKey[]) => string = (path) =>
    `podid.yaml, ${faultLine({ path, said: '' }).slice(0, -2)}`,
): Declared[] =>
  Object.entries(bindings).map(([name, binding]) => ({
    name,
    binding,
    at: (path) => at(['bindings', name, ...path]),
  }))

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

/** A declared binding with what is the same for all that it comes to. */
interface Prepared extends Declared {
  order: number
  where: string
  byPattern: boolean
  patterns: string[]
  /** With the overrides of each set that came up. */
  changed: Map<string, Binding>
  /** Whether it came to anything, and which of its overrides were for something. */
  used: boolean
  usedOverrides: Set<number>
}

const prepare = (declared: Declared, order: number): Prepared => ({
  ...declared,
  order,
  where: declared.at([]),
  byPattern: isByPattern(declared.binding),
  patterns: patternsOf(declared.binding),
  changed: new Map(),
  used: false,
  usedOverrides: new Set(),
})

const labelText = (labels: KeyValues): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')

const patternsOf = (binding: Binding): string[] => [
  ...(['cluster', 'namespace', 'serviceAccount'] as const).flatMap((field) =>
    hasWildcard(binding[field]) ? [`${field} ${binding[field]}`] : [],
  ),
  ...(['clusterTags', 'namespaceLabels', 'serviceAccountLabels'] as const).flatMap((field) =>
    Object.keys(binding[field]).length > 0 ? [`${field} ${labelText(binding[field])}`] : [],
  ),
]

interface Collected {
  region: string
  notes: Notes
  skipped: Map<string, SkippedPlaces>
}

interface Candidate {
  expanded: ExpandedBinding
  source: Prepared
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
    if (source.byPattern && !cluster.inside) {
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
    if (source.byPattern) inside ??= insideOf(cluster)
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

const placeName = (
  place: Pick<ServiceAccountPlace, 'namespace' | 'serviceAccount'>,
  { name }: { name: string },
): string => `${place.namespace}/${place.serviceAccount} on ${name}`

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
const unfitGroup = (said: string): string => said.replaceAll(/"[^"]*"|arn:\S+|\d+/g, '')

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

/** Roles that a template gives to several ServiceAccounts, which nobody may have meant. */
const noteSharedRoles = (
  candidates: readonly Candidate[],
  prepared: readonly Prepared[],
  notes: Notes,
): void => {
  const doubtful = new Set(
    prepared.filter(({ binding }) =>
      [binding, ...binding.overrides].some(({ role, createRole }) => createRole || isAmbiguous(role)),
    ),
  )
  const byRole = Map.groupBy(
    candidates.filter(({ source }) => doubtful.has(source)),
    ({ expanded: { binding }, source }) => JSON.stringify([source.order, binding.role]),
  )
  const told = new Set<Prepared>()
  for (const group of byRole.values()) {
    const [first] = group
    if (!first || group.length < 2 || told.has(first.source)) continue
    const { source, expanded } = first
    const about = { name: source.name, at: source.at(['role']) }
    const names = new Set(
      group.map(({ expanded: { binding } }) => JSON.stringify([binding.namespace, binding.serviceAccount])),
    )
    const made = expanded.binding.createRole
    if (!made && names.size < 2) continue
    // One of its roles is enough to show what is wrong with the template.
    told.add(source)
    for (const one of group)
      notes.add(
        JSON.stringify(['role', source.order]),
        source.order,
        placeName(one.expanded.binding, one.expanded.cluster),
        (made ? madeRoleShared : roleShared)(about, expanded.binding.role),
      )
  }
}

/** Whether a role's template takes the namespace and the ServiceAccount, so that each ServiceAccount was to have its own. */
const isAmbiguous = (role: string | undefined): boolean => {
  const found = placeholdersIn(role ?? '')
  return found.includes('namespace') && found.includes('serviceAccount')
}

const noteUnused = (prepared: readonly Prepared[], region: string, notes: Notes): void => {
  for (const { name, binding, order, where, used, usedOverrides, at } of prepared) {
    const of = { name, at: where }
    if (!used)
      notes.add(JSON.stringify(['unused', order]), order, name, () =>
        nothingFits(of, whatOf(binding, region)),
      )
    else
      for (const [index, { where: wanted }] of binding.overrides.entries())
        if (!usedOverrides.has(index))
          notes.add(JSON.stringify(['unused', order, index]), order, name, () =>
            nothingFits(
              { name, at: at(['overrides', index]) },
              `the override for ${Object.entries(wanted)
                .filter(([, value]) =>
                  typeof value === 'string' ? true : Object.keys(value ?? {}).length > 0,
                )
                .map(
                  ([field, value]) =>
                    `${field} ${typeof value === 'string' ? value : labelText(value ?? {})}`,
                )
                .join(', ')}`,
              'override-fits-nothing',
            ),
          )
  }
}

/** What a binding is for, in a line. */
const whatOf = (binding: Binding, region: string): string =>
  [
    `cluster ${binding.cluster}`,
    ...patternsOf(binding).filter((pattern) => !pattern.startsWith('cluster ')),
    `in ${regionsOf(binding, region).join(', ')}`,
  ].join(', ')

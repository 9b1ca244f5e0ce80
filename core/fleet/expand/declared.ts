import type { Config } from '../../config.ts'
import { hasWildcard } from '../../policy/pattern.ts'
import { faultLine } from '../../text/value-fault.ts'
import type { Binding, SingleBinding } from './binding.ts'
import { type ClusterFacts, isByPattern, type KeyValues, type ServiceAccountPlace } from './select.ts'

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

/** A declared binding with what is the same for all that it comes to. */
export interface Prepared extends Declared {
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

/** @param order its place among the declared ones */
export const prepare = (declared: Declared, order: number): Prepared => ({
  ...declared,
  order,
  where: declared.at([]),
  byPattern: isByPattern(declared.binding),
  patterns: patternsOf(declared.binding),
  changed: new Map(),
  used: false,
  usedOverrides: new Set(),
})

export const labelText = (labels: KeyValues): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')

/** What of a binding is a pattern: `cluster shop-*`. */
export const patternsOf = (binding: Binding): string[] => [
  ...(['cluster', 'namespace', 'serviceAccount'] as const).flatMap((field) =>
    hasWildcard(binding[field]) ? [`${field} ${binding[field]}`] : [],
  ),
  ...(['clusterTags', 'namespaceLabels', 'serviceAccountLabels'] as const).flatMap((field) =>
    Object.keys(binding[field]).length > 0 ? [`${field} ${labelText(binding[field])}`] : [],
  ),
]

/** A binding for one ServiceAccount, and what it comes from. */
export interface Candidate {
  expanded: ExpandedBinding
  source: Prepared
}

/** `shop/orders on blue`. */
export const placeName = (
  place: Pick<ServiceAccountPlace, 'namespace' | 'serviceAccount'>,
  { name }: { name: string },
): string => `${place.namespace}/${place.serviceAccount} on ${name}`

import { concurrently } from '../../adapters/concurrently.ts'
import { clusters } from '../../adapters/eks/clusters.ts'
import { insideFor } from '../../adapters/fleet/inside.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { type Config, fits } from '../../core/config.ts'
import { PodidError } from '../../core/errors.ts'
import { type Binding, regionsOf } from '../../core/fleet/expand/binding.ts'
import type { Declared } from '../../core/fleet/expand/declared.ts'
import { type Expansion, expandBindings } from '../../core/fleet/expand/expand.ts'
import {
  type ClusterFacts,
  goesByTags,
  hasLabels,
  isByPattern,
  isForAccount,
  isForName,
} from '../../core/fleet/expand/select.ts'
import { hasWildcard } from '../../core/policy/pattern.ts'
import { clusterApi } from '../../functions/support/kubernetes.ts'
import { type ClusterPlace, reachable } from '../look/cluster.ts'

const clustersAtOnce = 4

/** Which clusters are looked at: those of the bindings, or of them the ones that are named. */
export interface ExpansionScope {
  cluster?: string | undefined
  region?: string | undefined
}

/**
 * Looks at clusters as far as the bindings go by what is there, and expands them. Nothing is asked for bindings that
 * name their cluster, namespace and ServiceAccount and go by no tag. A cluster that cannot be looked into is a finding.
 * @throws PodidError where the clusters of a region cannot be listed
 */
export const expandedHere = async (
  runtime: Runtime,
  config: Config,
  declared: readonly Declared[],
  { cluster, region }: ExpansionScope,
): Promise<Expansion> => {
  const placed = declared.map(
    (one): Declared => (region === undefined ? one : { ...one, binding: { ...one.binding, region } }),
  )
  const bindings = placed.map(({ binding }) => binding).filter((one) => isForAccount(one, config.account))
  const places = await placesFor(runtime, config, bindings, cluster)
  const facts = await concurrently(places, clustersAtOnce, (place) =>
    factsOf(runtime, config, bindings, place),
  )
  return expandBindings(
    placed,
    facts.filter((one) => one !== undefined),
    config,
  )
}

/** The clusters that some binding may be for. AWS is asked for their names only where a binding has a pattern. */
const placesFor = async (
  runtime: Runtime,
  config: Config,
  bindings: readonly Binding[],
  cluster: string | undefined,
): Promise<ClusterPlace[]> => {
  const listed = new Map<string, Promise<string[]>>()
  const namesIn = (region: string): Promise<string[]> => {
    const names = listed.get(region) ?? clusters(runtime, region).list()
    listed.set(region, names)
    return names
  }
  const found = await Promise.all(
    bindings.flatMap((binding) =>
      regionsOf(binding, config.region).map(async (region): Promise<ClusterPlace[]> => {
        if (cluster !== undefined) return fits(binding.cluster, cluster) ? [{ cluster, region }] : []
        const names = hasWildcard(binding.cluster) ? await namesIn(region) : [binding.cluster]
        return names.filter((name) => fits(binding.cluster, name)).map((name) => ({ cluster: name, region }))
      }),
    ),
  )
  return [
    ...new Map(found.flat().map((place) => [JSON.stringify([place.region, place.cluster]), place])).values(),
  ]
}

/** What has to be known of a cluster; undefined where it is not there. */
const factsOf = async (
  runtime: Runtime,
  config: Config,
  bindings: readonly Binding[],
  { cluster: name, region }: ClusterPlace,
): Promise<ClusterFacts | undefined> => {
  const concerned = bindings.filter((binding) => isForName(binding, { name, region }, config.region))
  const unasked = { name, region, account: config.account, tags: {} }
  // Several regions: in which of them it is has to be seen.
  const several = concerned.some((binding) => regionsOf(binding, config.region).length > 1)
  if (!several && !concerned.some((binding) => isByPattern(binding) || goesByTags(binding))) return unasked
  const known = await clusters(runtime, region).identify(name)
  if (!known) return undefined
  const { account, tags } = known
  const inside = concerned.filter((binding) => isByPattern(binding) && hasLabels(binding.clusterTags, tags))
  if (inside.length === 0) return { ...unasked, account, tags }
  try {
    const connection = clusterApi(runtime, await reachable(runtime, { cluster: name, region }))
    return { ...unasked, account, tags, inside: await insideFor(connection, inside) }
  } catch (error) {
    if (!(error instanceof PodidError)) throw error
    return { ...unasked, account, tags, unread: error.message }
  }
}

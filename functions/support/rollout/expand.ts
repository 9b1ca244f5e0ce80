import { concurrently } from '../../../adapters/concurrently.ts'
import type { Config } from '../../../core/config.ts'
import { regionsOf } from '../../../core/fleet/expand/binding.ts'
import { declaredIn } from '../../../core/fleet/expand/declared.ts'
import { expandBindings } from '../../../core/fleet/expand/expand.ts'
import { byPatternOn, mayHaveBindings, tagsMatter } from '../../../core/fleet/expand/of-stage.ts'
import type { ClusterFacts } from '../../../core/fleet/expand/select.ts'
import { type PlainItem, unknownBindings } from '../../../core/fleet/waves/request.ts'
import { hasWildcard } from '../../../core/policy/pattern.ts'
import { invalidRequest } from '../../../core/request-input.ts'
import { runInput } from '../../../core/triggers/run-input.ts'
import type { RolloutServices } from './services.ts'

/**
 * The bindings of the settings on each cluster that they are for, as items of a rollout. AWS is asked only for patterns of
 * clusters, and for tags.
 * @throws InvalidRequest naming the bindings that the settings do not have, and what cannot be expanded
 */
export const expandSettings = async (
  { config, clusters }: Pick<RolloutServices, 'config' | 'clusters'>,
  { bindings: wanted, clusters: only }: { bindings: 'all' | string[]; clusters: string[] | undefined },
): Promise<PlainItem[]> => {
  const names = wanted === 'all' ? Object.keys(config.bindings) : wanted
  const unknown = unknownBindings(names, Object.keys(config.bindings))
  if (unknown.length > 0) throw invalidRequest(unknown)
  const chosen = {
    ...config,
    bindings: Object.fromEntries(names.map((name) => [name, bindingOf(config, name)])),
  }
  const facts = await clustersOf(chosen, clusters, only)
  const unseen = facts.flatMap((cluster) => byPatternOn(chosen, cluster))
  if (unseen.length > 0)
    throw invalidRequest([
      `bindings: ${names.filter((name) => unseen.includes(bindingOf(config, name))).join(', ')}: only a look into the clusters shows the ServiceAccounts of a pattern or a label, which this function has no access to; podid rollout --file podid.yaml expands them`,
    ])
  const { bindings, findings } = expandBindings(declaredIn(chosen), facts, config)
  const blocking = findings.filter(({ severity }) => severity === 'blocking')
  if (blocking.length > 0)
    throw invalidRequest(
      blocking.map(({ at, subject, found }) => `${at.join(' and ')}: ${subject}: ${found}`),
    )
  return bindings.map(({ name, binding }): PlainItem => ({ name, input: runInput(config, binding, {}) }))
}

const bindingOf = ({ bindings }: Config, name: string) => bindings[name] as Config['bindings'][string]

/** The clusters that bindings may be for, with their tags where those matter. */
const clustersOf = async (
  config: Config,
  clusters: RolloutServices['clusters'],
  only: string[] | undefined,
): Promise<ClusterFacts[]> => {
  const bindings = Object.values(config.bindings)
  const regions = [...new Set(bindings.flatMap((binding) => regionsOf(binding, config.region)))]
  const found = await concurrently(regions, 5, async (region) => {
    const own = bindings.filter((binding) => regionsOf(binding, config.region).includes(region))
    const exact = own.map(({ cluster }) => cluster).filter((name) => !hasWildcard(name))
    const listed = own.some(({ cluster }) => hasWildcard(cluster)) ? await clusters(region).list() : []
    const names = [...new Set([...exact, ...listed])].filter(
      (name) => (!only || only.includes(name)) && mayHaveBindings(config, { name, region }),
    )
    const facts = await concurrently(names, 5, async (name): Promise<ClusterFacts[]> => {
      if (!tagsMatter(config, { name, region })) return [{ name, region, account: config.account, tags: {} }]
      const known = await clusters(region).identify(name)
      return known ? [known] : []
    })
    return facts.flat()
  })
  return found.flat()
}

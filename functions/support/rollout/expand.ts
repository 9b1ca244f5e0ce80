import { concurrently } from '../../../adapters/concurrently.ts'
import type { Config } from '../../../core/config.ts'
import { bindingsFor, fits } from '../../../core/config.ts'
import { type PlainItem, unknownBindings } from '../../../core/fleet/waves/request.ts'
import { invalidRequest } from '../../../core/request-input.ts'
import { runInput } from '../../../core/triggers/run-input.ts'
import type { RolloutServices } from './services.ts'

/**
 * The bindings of the settings on each cluster that they are for, as items of a rollout. AWS is asked only for patterns of
 * clusters, and for tags.
 * @throws InvalidRequest naming the bindings that the settings do not have
 */
export const expandSettings = async (
  { config, clusters }: Pick<RolloutServices, 'config' | 'clusters'>,
  { bindings: wanted, clusters: only }: { bindings: 'all' | string[]; clusters: string[] | undefined },
): Promise<PlainItem[]> => {
  const names = wanted === 'all' ? Object.keys(config.bindings) : wanted
  const unknown = unknownBindings(names, Object.keys(config.bindings))
  if (unknown.length > 0) throw invalidRequest(unknown)
  const lists = new Map<string, Promise<string[]>>()
  const listOf = (region: string): Promise<string[]> => {
    const list = lists.get(region) ?? clusters(region).list()
    lists.set(region, list)
    return list
  }
  const found = await concurrently(names, 5, async (name) => {
    const binding = config.bindings[name] as Config['bindings'][string]
    const region = binding.region ?? config.region
    const pattern = /[*?]/.test(binding.cluster)
    const fitting = pattern
      ? (await listOf(region)).filter((one) => fits(binding.cluster, one))
      : [binding.cluster]
    const chosen = fitting.filter((one) => !only || only.includes(one))
    const tagged = Object.keys(binding.clusterTags).length > 0
    const known = await concurrently(chosen, 5, async (one) => {
      if (!tagged) return [one]
      const identity = await clusters(region).identify(one)
      const own = identity ? bindingsFor({ ...config, bindings: { [name]: binding } }, identity) : []
      return own.length > 0 ? [one] : []
    })
    return known.flat().map(
      (cluster): PlainItem => ({
        name,
        input: runInput(config, binding, { name: cluster, region }, {}),
      }),
    )
  })
  return found.flat()
}

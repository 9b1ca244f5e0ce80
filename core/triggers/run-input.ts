import { type Binding, bindingRequest, type Config, fits } from '../config.ts'
import type { RequestInput } from '../request-input.ts'
import { nearestName } from '../text/distance.ts'

/** The input of a run that puts a binding in force on a cluster, with the stage's settings for approvals and access. */
export const runInput = (
  config: Config,
  binding: Binding,
  cluster: { name: string; region: string },
  options: Pick<RequestInput, 'mode' | 'ifWorkloadMissing'>,
): RequestInput => ({
  ...bindingRequest(binding, cluster),
  approvalTimeoutSeconds: config.approvals.timeoutMinutes * 60,
  ...(config.clusters.createAccessEntries ? { access: 'create' as const } : {}),
  ...options,
})

/** A binding on one cluster, or why there is none. */
export type BindingChoice =
  | { binding: Binding; cluster: { name: string; region: string }; tagsMatter: boolean }
  | { why: string }

/** The binding that somebody names, on the cluster they name or the only one it is for. */
export const chooseBinding = (
  config: Config,
  name: string,
  clusterName: string | undefined,
): BindingChoice => {
  const binding = Object.hasOwn(config.bindings, name) ? config.bindings[name] : undefined
  if (!binding) {
    const near = nearestName(name, Object.keys(config.bindings))
    return {
      why: `there is no binding ${name} in podid.yaml${near === undefined ? '' : `; did you mean ${near}?`}`,
    }
  }
  const onlyCluster = /[*?]/.test(binding.cluster) ? undefined : binding.cluster
  const chosen = clusterName ?? onlyCluster
  if (!chosen) {
    return { why: `${name} is for the clusters ${binding.cluster}; say which one: ${name} on CLUSTER` }
  }
  const declared = fits(binding.cluster, chosen)
  if (!declared && !config.clusters.others.some((pattern) => fits(pattern, chosen))) {
    return { why: `${name} is for ${binding.cluster}, and podid.yaml does not allow it on ${chosen}` }
  }
  return {
    binding,
    cluster: { name: chosen, region: binding.region ?? config.region },
    tagsMatter: declared && Object.keys(binding.clusterTags).length > 0,
  }
}

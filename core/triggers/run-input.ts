import type { Config } from '../config.ts'
import { fits } from '../config.ts'
import { type Binding, regionsOf, type SingleBinding } from '../fleet/expand/binding.ts'
import { bindingRequest } from '../fleet/expand/of-stage.ts'
import {
  goesByLabels,
  goesByTags,
  isOverridden,
  type KeyValues,
  missingLabels,
} from '../fleet/expand/select.ts'
import { singleBinding, withOverrides } from '../fleet/expand/single.ts'
import { hasWildcard } from '../policy/pattern.ts'
import type { RequestInput } from '../request-input.ts'
import { nearestName } from '../text/distance.ts'

/** The input of a run that puts a binding in force, with the stage's settings for approvals and access. */
export const runInput = (
  config: Config,
  binding: SingleBinding,
  options: Pick<RequestInput, 'mode' | 'ifWorkloadMissing'>,
): RequestInput & { region: string } => ({
  ...bindingRequest(binding),
  approvalTimeoutSeconds: config.approvals.timeoutMinutes * 60,
  ...(config.clusters.createAccessEntries ? { access: 'create' as const } : {}),
  ...options,
})

/** A ServiceAccount of a cluster that a binding is for, as far as names say it. */
export interface ChosenPlace {
  binding: Binding
  cluster: { name: string; region: string }
  namespace: string
  serviceAccount: string
  /** Whether the cluster's tags have to be looked at: it has to carry some, or some change what is declared. */
  tagsMatter: boolean
  /** Whether podid.yaml declares it for this cluster, and does not only allow it there. */
  declared: boolean
}

/** A binding on one cluster, or why there is none. */
export type BindingChoice = ChosenPlace | { why: string }

/**
 * The binding that somebody names, on the cluster they name or the only one it is for. One by pattern is named with
 * its namespace and ServiceAccount: `carts/shop/orders`.
 */
export const chooseBinding = (
  config: Config,
  name: string,
  clusterName: string | undefined,
): BindingChoice => {
  const [declaredName = '', ...rest] = name.split('/')
  const binding = Object.hasOwn(config.bindings, declaredName) ? config.bindings[declaredName] : undefined
  if (!binding) {
    const near = nearestName(declaredName, Object.keys(config.bindings))
    return {
      why: `there is no binding ${declaredName} in podid.yaml${near === undefined ? '' : `; did you mean ${near}?`}`,
    }
  }
  if (binding.accounts && !binding.accounts.includes(config.account))
    return {
      why: `${declaredName} is for the accounts ${binding.accounts.join(', ')}, and this stage is for ${config.account}`,
    }
  if (goesByLabels(binding))
    return {
      why: `${declaredName} goes by labels, which only a look into the cluster shows: start it with podid enable --remote`,
    }
  const [region = config.region, ...otherRegions] = regionsOf(binding, config.region)
  if (otherRegions.length > 0)
    return {
      why: `${declaredName} is for clusters of ${[region, ...otherRegions].join(', ')}: start it with podid enable --remote and --region`,
    }
  const place = placeNamed(declaredName, binding, rest)
  if ('why' in place) return place
  const onlyCluster = hasWildcard(binding.cluster) ? undefined : binding.cluster
  const chosen = clusterName ?? onlyCluster
  if (!chosen) {
    return {
      why: `${declaredName} is for the clusters ${binding.cluster}; say which one: ${name} on CLUSTER`,
    }
  }
  const declared = fits(binding.cluster, chosen)
  if (!declared && !config.clusters.others.some((pattern) => fits(pattern, chosen))) {
    return { why: `${declaredName} is for ${binding.cluster}, and podid.yaml does not allow it on ${chosen}` }
  }
  const byTags = goesByTags(declared ? binding : { ...binding, clusterTags: {} })
  return { binding, cluster: { name: chosen, region }, ...place, tagsMatter: byTags, declared }
}

/** The ServiceAccount that is named where the binding is for several, or the one that it names. */
const placeNamed = (
  name: string,
  { namespace, serviceAccount }: Binding,
  rest: readonly string[],
): { namespace: string; serviceAccount: string } | { why: string } => {
  const several = hasWildcard(namespace) || hasWildcard(serviceAccount)
  const [wantedNamespace, wantedAccount, ...more] = rest
  const unclear = {
    why: `${name} is for ${serviceAccount} in ${namespace}; say which ServiceAccount: ${name}/NAMESPACE/SERVICEACCOUNT`,
  }
  if (wantedNamespace === undefined) return several ? unclear : { namespace, serviceAccount }
  if (wantedAccount === undefined || more.length > 0) return unclear
  if (!fits(namespace, wantedNamespace) || !fits(serviceAccount, wantedAccount))
    return {
      why: `${name} is for ${serviceAccount} in ${namespace}, and not for ${wantedNamespace}/${wantedAccount}`,
    }
  return { namespace: wantedNamespace, serviceAccount: wantedAccount }
}

/**
 * The binding as it is for the chosen place, or why it is not for it.
 * @param tags of the cluster, where they matter
 */
export const bindingAt = (
  { binding, cluster, namespace, serviceAccount, declared }: ChosenPlace,
  account: string,
  tags: KeyValues,
): { single: SingleBinding } | { why: string } => {
  const missing = declared ? missingLabels(binding.clusterTags, tags) : []
  if (missing.length > 0)
    return {
      why: `is for clusters with the tags ${missing.map(([tag, value]) => `${tag}=${value}`).join(', ')}, and ${cluster.name} does not have them`,
    }
  const facts = { ...cluster, account, tags }
  const place = { namespace, namespaceLabels: {}, serviceAccount, serviceAccountLabels: {} }
  const fitting = binding.overrides.filter(({ where }) => isOverridden(where, facts, place))
  if (fitting.some(({ skip }) => skip))
    return { why: `is not for ${namespace}/${serviceAccount} on ${cluster.name}: an override skips it` }
  const { single, unfit } = singleBinding(withOverrides(binding, fitting), {
    account,
    region: cluster.region,
    cluster: cluster.name,
    namespace,
    serviceAccount,
  })
  const [fault] = unfit
  return fault ? { why: `has no ${fault.field} for it: its ${fault.field} ${fault.said}` } : { single }
}

import type { Config } from '../../config.ts'
import type { RequestInput } from '../../request-input.ts'
import type { SingleBinding } from './binding.ts'
import { declaredIn } from './declared.ts'
import { type Expansion, expandBindings } from './expand.ts'
import { isOfAll } from './findings.ts'
import { type ClusterFacts, goesByTags, hasLabels, isByPattern, isForAccount, isForName } from './select.ts'

type NamedCluster = Pick<ClusterFacts, 'name' | 'region'>

const forName = (config: Config, cluster: NamedCluster) =>
  Object.values(config.bindings).filter(
    (binding) => isForAccount(binding, config.account) && isForName(binding, cluster, config.region),
  )

/** Whether some binding may be for a cluster, judged by its name and region; tags need a look at the cluster. */
export const mayHaveBindings = (config: Config, cluster: NamedCluster): boolean =>
  forName(config, cluster).length > 0

/** Whether the tags of a cluster matter for its bindings. */
export const tagsMatter = (config: Config, cluster: NamedCluster): boolean =>
  forName(config, cluster).some(goesByTags)

/** The bindings that only a look into the cluster shows the ServiceAccounts of. */
export const byPatternOn = (config: Config, cluster: NamedCluster & Pick<ClusterFacts, 'tags'>) =>
  forName(config, cluster).filter(
    (binding) => isByPattern(binding) && hasLabels(binding.clusterTags, cluster.tags),
  )

/** What the settings declare for one cluster. */
export const bindingsOn = (config: Config, cluster: ClusterFacts): Expansion => {
  const declared = declaredIn(config).filter(
    ({ binding }) => isForAccount(binding, config.account) && isForName(binding, cluster, config.region),
  )
  const expansion = expandBindings(declared, [cluster], config)
  return { ...expansion, findings: expansion.findings.filter((finding) => !isOfAll(finding)) }
}

/** The input of the execution that puts a binding in force. */
export const bindingRequest = (binding: SingleBinding): RequestInput & { region: string } => {
  const { targetRole, formerRoles, permissionsBoundary, migrate, workload, ...fields } = binding
  return {
    ...fields,
    ...(targetRole ? { targetRole } : {}),
    ...(formerRoles.length > 0 ? { formerRoles } : {}),
    ...(permissionsBoundary ? { permissionsBoundary } : {}),
    ...(migrate ? { migrate } : {}),
    ...(workload ? { workload } : {}),
  }
}

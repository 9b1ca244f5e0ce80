import type { Shape } from '../wire/schema.ts'

/** How the elements of a list are distinguished when lists are merged. */
interface ListIdentity {
  /** The field by which a strategic merge patch finds an element. */
  mergeKey: string
  /** The fields by which server-side apply finds it, where those are others. */
  mapKeys?: string[]
}

const byName: ListIdentity = { mergeKey: 'name' }
const byType: ListIdentity = { mergeKey: 'type' }
const containerPorts: ListIdentity = { mergeKey: 'containerPort', mapKeys: ['containerPort', 'protocol'] }

/** Lists that merge by key, as `Type.field`: Kubernetes' patchMergeKey and listMapKeys. */
const identities: Record<string, ListIdentity | undefined> = {
  'V1ObjectMeta.ownerReferences': { mergeKey: 'uid' },
  'V1PodSpec.containers': byName,
  'V1PodSpec.initContainers': byName,
  'V1PodSpec.ephemeralContainers': byName,
  'V1PodSpec.volumes': byName,
  'V1PodSpec.imagePullSecrets': byName,
  'V1PodSpec.hostAliases': { mergeKey: 'ip' },
  'V1PodSpec.resourceClaims': byName,
  'V1PodSpec.schedulingGates': byName,
  'V1PodSpec.topologySpreadConstraints': {
    mergeKey: 'topologyKey',
    mapKeys: ['topologyKey', 'whenUnsatisfiable'],
  },
  'V1Container.env': byName,
  'V1Container.ports': containerPorts,
  'V1Container.volumeMounts': { mergeKey: 'mountPath' },
  'V1Container.volumeDevices': { mergeKey: 'devicePath' },
  'V1EphemeralContainer.env': byName,
  'V1EphemeralContainer.ports': containerPorts,
  'V1EphemeralContainer.volumeMounts': { mergeKey: 'mountPath' },
  'V1PodStatus.conditions': byType,
  'V1PodStatus.podIPs': { mergeKey: 'ip' },
  'V1PodStatus.hostIPs': { mergeKey: 'ip' },
  'V1ServiceSpec.ports': { mergeKey: 'port', mapKeys: ['port', 'protocol'] },
  'V1ServiceStatus.conditions': byType,
  'V1ServiceAccount.secrets': byName,
  'V1ServiceAccount.imagePullSecrets': byName,
  'V1NodeSpec.taints': { mergeKey: 'key' },
  'V1NodeStatus.addresses': byType,
  'V1NodeStatus.conditions': byType,
  'V1NamespaceStatus.conditions': byType,
  'V1DeploymentStatus.conditions': byType,
  'V1ReplicaSetStatus.conditions': byType,
  'V1DaemonSetStatus.conditions': byType,
  'V1StatefulSetStatus.conditions': byType,
  'V1StatefulSetSpec.volumeClaimTemplates': { mergeKey: 'metadata' },
  'V1PodDisruptionBudgetStatus.conditions': byType,
  'V2HorizontalPodAutoscalerStatus.conditions': byType,
}

/** Lists of plain values that merge as sets. */
const sets = new Set(['V1ObjectMeta.finalizers', 'V1PodSpec.finalizers', 'V1NodeSpec.podCIDRs'])

// Only server-side apply, or only strategic merge, treats these as keyed.
const applyOnlyAtomic = new Set(['V1NodeSpec.taints', 'V1StatefulSetSpec.volumeClaimTemplates'])
const strategicReplaced = new Set([
  'V1StatefulSetSpec.volumeClaimTemplates',
  'V1NodeSpec.taints',
  'V1PodSpec.resourceClaims',
])

/** The key by which a strategic merge patch merges this list; undefined for a list that it replaces. */
export const mergeKeyOf = (type: string | undefined, field: string): string | undefined => {
  const path = `${type}.${field}`
  return strategicReplaced.has(path) ? undefined : identities[path]?.mergeKey
}

/** Whether a list of plain values merges as a set. */
export const isSet = (type: string | undefined, field: string): boolean =>
  type !== undefined && sets.has(`${type}.${field}`)

/** The fields that identify an element for server-side apply; undefined for a list that has one owner. */
export const mapKeysOf = (type: string | undefined, field: string): string[] | undefined => {
  // The names in a map are anybody's.
  if (type === undefined) return undefined
  const path = `${type}.${field}`
  const identity = applyOnlyAtomic.has(path) ? undefined : identities[path]
  return identity && (identity.mapKeys ?? [identity.mergeKey])
}

/** The fields that identify an element of a field's list, as `mapKeysOf`; a custom kind's list says so itself. */
export const listKeysOf = (parent: Shape, field: string, list: Shape): string[] | undefined =>
  list.is === 'list' && list.keys ? list.keys : mapKeysOf(typeOf(parent), field)

/** Whether a field's list merges as a set; a custom kind's list says so itself. */
export const isSetList = (parent: Shape, field: string, list: Shape): boolean =>
  (list.is === 'list' && list.set === true) || isSet(typeOf(parent), field)

const typeOf = (shape: Shape): string | undefined => (shape.is === 'object' ? shape.type : undefined)

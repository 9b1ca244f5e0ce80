import type { CustomResourceDefinition } from '../../../core/kubernetes.ts'
import type { CustomKinds } from '../store/kinds.ts'
import type { CustomSchema, CustomVersion, ResourceKind, Stored } from '../store/resources.ts'

type Definition = Stored<CustomResourceDefinition>
type Version = Definition['spec']['versions'][number]

/** Whether a condition of a definition holds. */
export const holds = ({ status }: Pick<Definition, 'status'>, type: string): boolean =>
  (status?.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True')

/** The kinds that a definition adds; undefined for one that is not established. */
export const customKinds = (definition: Definition): CustomKinds | undefined => {
  const { spec } = definition
  if (!holds(definition, 'Established')) return undefined
  const versions = spec.versions.toSorted((one, other) => compareVersions(other.name, one.name))
  const kinds = versions.map((version) => ({ version, kind: kindOf(definition, version) }))
  const kept = kinds.find(({ version }) => version.storage)?.kind
  if (!kept) return undefined
  return { kept, served: kinds.filter(({ version }) => version.served).map(({ kind }) => kind) }
}

const kindOf = (definition: Definition, version: Version): ResourceKind => {
  const { spec, status } = definition
  const { plural, singular, kind, shortNames = [], categories = [] } = status?.acceptedNames ?? spec.names
  const terminating = holds(definition, 'Terminating')
  const { status: withStatus, scale } = version.subresources ?? {}
  return {
    group: spec.group,
    version: version.name,
    plural,
    singular: singular ?? kind.toLowerCase(),
    kind,
    namespaced: spec.scope === 'Namespaced',
    shortNames,
    categories,
    subresources: [...(withStatus ? ['status'] : []), ...(scale ? ['scale'] : [])],
    generation: 'object',
    verbs: terminating ? lastVerbs : allVerbs,
    custom: versionOf(definition, version, terminating),
  }
}

const versionOf = (
  { metadata, spec }: Definition,
  version: Version,
  terminating: boolean,
): CustomVersion => ({
  definition: metadata.name,
  listKind: spec.names.listKind ?? `${spec.names.kind}List`,
  schema: (version.schema?.openAPIV3Schema ?? {}) as CustomSchema,
  columns: (version.additionalPrinterColumns ?? []) as unknown as CustomVersion['columns'],
  selectable: (version.selectableFields ?? []).map(({ jsonPath }) => jsonPath),
  scale: version.subresources?.scale,
  deprecation: version.deprecated
    ? (version.deprecationWarning ?? `${spec.group}/${version.name} ${spec.names.kind} is deprecated`)
    : undefined,
  terminating,
})

/** In the order in which the server lists them. */
const allVerbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']
const lastVerbs = ['delete', 'deletecollection', 'get', 'list', 'watch']

/**
 * The order of versions: `v2`, `v1`, `v1beta2`, `v1beta1`, `v1alpha1`, and then all others by their names.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-priority
 */
export const compareVersions = (one: string, other: string): number => {
  const [a, b] = [rankOf(one), rankOf(other)]
  if (!a || !b) return a ? 1 : b ? -1 : one < other ? 1 : -1
  return a.stability - b.stability || a.major - b.major || a.minor - b.minor
}

const rankOf = (version: string) => {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version)
  if (!match) return undefined
  const [, major = '0', level, minor = '0'] = match
  const stability = level === 'alpha' ? 0 : level === 'beta' ? 1 : 2
  return { stability, major: Number(major), minor: Number(minor) }
}

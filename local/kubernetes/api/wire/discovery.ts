import { createHash } from 'node:crypto'
import { compareVersions } from '../../custom/kinds.ts'
import { apiVersionOf, type ResourceKind } from '../../store/resources.ts'
import { reviews } from '../access/reviews.ts'

const objectVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

/** What is discovered: the kinds that a cluster serves, and the reviews. */
const kindsOf = (served: readonly ResourceKind[]): readonly ResourceKind[] => [...served, ...reviews]

const verbsOf = (kind: ResourceKind): string[] =>
  reviews.includes(kind) ? ['create'] : (kind.verbs ?? objectVerbs)

/** The `/version` document. `version` looks like `v1.36.2`. */
export const versionInfo = (version: string) => {
  const [major = '1', minor = '0'] = version.replace(/^v/, '').split('.')
  return {
    major,
    minor,
    emulationMajor: major,
    emulationMinor: minor,
    minCompatibilityMajor: major,
    minCompatibilityMinor: String(Number(minor) - 1),
    gitVersion: version,
    gitCommit: '0000000000000000000000000000000000000000',
    gitTreeState: 'clean',
    buildDate: '2026-01-01T00:00:00Z',
    goVersion: 'go1.26.0',
    compiler: 'gc',
    platform: 'linux/amd64',
  }
}

/** `/api`: the versions of the core group. */
export const coreVersions = (serverAddress: string) => ({
  kind: 'APIVersions',
  versions: ['v1'],
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
})

/** `/apis`: every other group. */
export const groupList = (served: readonly ResourceKind[]) => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: groups(served)
    .filter(Boolean)
    .map((group) => groupOf(served, group)),
})

/** `/apis/<group>`, or undefined where there is no such group. */
export const groupDocument = (served: readonly ResourceKind[], group: string) =>
  groups(served).includes(group)
    ? { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(served, group) }
    : undefined

/** `/api/v1` or `/apis/<group>/<version>`, or undefined where nothing is served there. */
export const resourceList = (served: readonly ResourceKind[], groupVersion: string) => {
  const kinds = kindsOf(served).filter((kind) => apiVersionOf(kind) === groupVersion)
  if (kinds.length === 0) return undefined
  return {
    kind: 'APIResourceList',
    ...(groupVersion === 'v1' ? {} : { apiVersion: 'v1' }),
    groupVersion,
    resources: kinds.flatMap((kind) => [describeKind(kind), ...describeSubresources(kind)]),
  }
}

/** The aggregated form of discovery, for `/api` (core group) or `/apis` (all others). */
export const aggregatedDiscovery = (
  served: readonly ResourceKind[],
  path: '/api' | '/apis',
  version: 'v2' | 'v2beta1',
) => ({
  kind: 'APIGroupDiscoveryList',
  apiVersion: `apidiscovery.k8s.io/${version}`,
  metadata: {},
  items: groups(served)
    .filter((group) => (group === '') === (path === '/api'))
    .map((group) => ({
      metadata: group ? { name: group } : {},
      versions: versionsOf(served, group).map((groupVersion) => ({
        version: groupVersion,
        resources: kindsOf(served)
          .filter((kind) => kind.group === group && kind.version === groupVersion)
          .map(discoveryOf),
        freshness: 'Current',
      })),
    })),
})

const groups = (served: readonly ResourceKind[]): string[] => [
  ...new Set(kindsOf(served).map(({ group }) => group)),
]

/** The versions of a group; several of a custom group are in the order of their stability. */
const versionsOf = (served: readonly ResourceKind[], group: string): string[] => {
  const kinds = kindsOf(served).filter((kind) => kind.group === group)
  const versions = [...new Set(kinds.map(({ version }) => version))]
  return kinds.some(({ custom }) => custom)
    ? versions.sort((one, other) => compareVersions(other, one))
    : versions
}

const groupOf = (served: readonly ResourceKind[], group: string) => {
  const versions = versionsOf(served, group).map((version) => ({
    groupVersion: `${group}/${version}`,
    version,
  }))
  return { name: group, versions, preferredVersion: versions[0] }
}

const describeKind = (kind: ResourceKind) => ({
  name: kind.plural,
  singularName: kind.singular,
  namespaced: kind.namespaced,
  kind: kind.kind,
  verbs: verbsOf(kind),
  ...(kind.shortNames.length > 0 ? { shortNames: kind.shortNames } : {}),
  ...(kind.categories.length > 0 ? { categories: kind.categories } : {}),
  ...(reviews.includes(kind) ? {} : { storageVersionHash: storageVersionHash(kind) }),
})

const storageVersionHash = ({ group, version, kind }: ResourceKind): string =>
  createHash('sha256').update(`${group}/${version}/${kind}`).digest().subarray(0, 8).toString('base64')

/** What a subresource answers with, where that is not the object itself. */
const subresourceKinds: Record<string, { group: string; version: string; kind: string } | undefined> = {
  scale: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
  eviction: { group: 'policy', version: 'v1', kind: 'Eviction' },
  token: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
}

const subresourceVerbs: Record<string, string[] | undefined> = {
  eviction: ['create'],
  log: ['get'],
  token: ['create'],
}

const describeSubresources = (kind: ResourceKind) =>
  kind.subresources.map((subresource) => ({
    name: `${kind.plural}/${subresource}`,
    singularName: '',
    namespaced: kind.namespaced,
    kind: kind.kind,
    ...subresourceKinds[subresource],
    verbs: subresourceVerbs[subresource] ?? ['get', 'patch', 'update'],
  }))

/** The kind that a resource answers with; of its own group and version custom kinds alone say something. */
const ownKind = ({ group, version, kind, custom }: ResourceKind) =>
  custom ? { group, version, kind } : { group: '', version: '', kind }

const discoveryOf = (kind: ResourceKind) => ({
  resource: kind.plural,
  responseKind: ownKind(kind),
  scope: kind.namespaced ? 'Namespaced' : 'Cluster',
  singularResource: kind.singular,
  verbs: verbsOf(kind),
  ...(kind.shortNames.length > 0 ? { shortNames: kind.shortNames } : {}),
  ...(kind.categories.length > 0 ? { categories: kind.categories } : {}),
  ...(kind.subresources.length > 0
    ? {
        subresources: kind.subresources.map((subresource) => ({
          subresource,
          responseKind: subresourceKinds[subresource] ?? ownKind(kind),
          verbs: subresourceVerbs[subresource] ?? ['get', 'patch', 'update'],
        })),
      }
    : {}),
})

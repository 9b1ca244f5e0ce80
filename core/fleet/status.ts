import { type Association, associationDifferences } from '../association.ts'
import type { ConfigMap, Pod, ServiceAccount } from '../kubernetes.ts'
import { otherCredentials } from '../workload/environment.ts'
import { isLive, readInjection } from '../workload/injection.ts'
import { type PodOwner, runsUnder, topOf } from '../workload/others.ts'
import { irsaAnnotation } from '../workload/workload.ts'
import type { SingleBinding } from './expand/binding.ts'

/** An association, and whose it is. */
export interface PlacedAssociation {
  namespace: string
  serviceAccount: string
  association: Association
}

/** A binding of podid.yaml that is for the cluster in question. */
export interface DeclaredBinding {
  name: string
  binding: Pick<
    SingleBinding,
    'namespace' | 'serviceAccount' | 'role' | 'targetRole' | 'sessionTags' | 'sessionPolicy'
  >
}

/** What was seen of a cluster; what could not be looked at is undefined. */
export interface StatusFacts {
  cluster: string
  region: string
  associations: readonly PlacedAssociation[]
  declared: readonly DeclaredBinding[]
  serviceAccounts: readonly ServiceAccount[] | undefined
  /** All pods of the namespaces in question, and what makes them. */
  running: { pods: readonly Pod[]; owners: readonly PodOwner[] } | undefined
  /** The ConfigMaps that their containers read, as far as they could be read. */
  configMaps: readonly ConfigMap[]
}

/** Live pods by what the Pod Identity webhook has put into them. */
export interface PodCounts {
  all: number
  /** With the credentials of the association as it is. */
  with: number
  without: number
  /** Injected before the association was made or last changed: they may have its former role's for up to six hours. */
  old: number
}

export interface StatusWorkload extends PodCounts {
  /** `deployment/carts`, `pod/debug`. */
  workload: string
}

/** One ServiceAccount, and what is bound to it. */
export interface BindingStatus {
  cluster: string
  region: string
  namespace: string
  serviceAccount: string
  association: {
    id: string
    role: string
    targetRole: string | null
    /** The ARN of the add-on that manages it. */
    owner: string | null
    /** When it was last changed, RFC 3339. */
    changedAt: string
  } | null
  /** The binding of podid.yaml that declares it. */
  binding: string | null
  /** Null where they could not be looked at. */
  workloads: StatusWorkload[] | null
  /** What else gives its pods credentials: `IRSA role NAME`, `static keys in deployment/carts`. */
  beside: string[]
  /** In what it is not as podid.yaml declares it. */
  drift: string[]
}

/**
 * Every ServiceAccount that has an association, is declared to have one, has pods that were given credentials by one, or
 * has pods that are seen to have credentials of another kind: IRSA's, or static keys. Pods that use their node's role say
 * so nowhere. In the order of their names.
 */
export const bindingStatus = (facts: StatusFacts): BindingStatus[] => {
  const places = new Map<string, { namespace: string; serviceAccount: string }>()
  const note = (namespace: string, serviceAccount: string) =>
    places.set(JSON.stringify([namespace, serviceAccount]), { namespace, serviceAccount })
  for (const { namespace, serviceAccount } of facts.associations) note(namespace, serviceAccount)
  for (const { binding } of facts.declared) note(binding.namespace, binding.serviceAccount)
  for (const pod of facts.running?.pods ?? [])
    if (isLive(pod) && (readInjection(pod).injected || hasOthers(facts, pod)))
      note(pod.metadata?.namespace ?? '', accountOf(pod))
  return [...places.values()]
    .toSorted(
      (one, other) =>
        one.namespace.localeCompare(other.namespace) ||
        one.serviceAccount.localeCompare(other.serviceAccount),
    )
    .map((place) => oneOf(facts, place))
}

const accountOf = (pod: Pod): string => pod.spec?.serviceAccountName || 'default'

const hasOthers = (facts: StatusFacts, pod: Pod): boolean =>
  irsaOf(facts, pod.metadata?.namespace ?? '', accountOf(pod)).length > 0 ||
  othersOf(pod, facts.configMaps).length > 0

/** What else gives a pod credentials, by the ConfigMaps of its own namespace. */
const othersOf = (pod: Pod, configMaps: readonly ConfigMap[]) =>
  otherCredentials(
    pod,
    configMaps.filter(({ metadata }) => metadata?.namespace === pod.metadata?.namespace),
  )

const oneOf = (
  facts: StatusFacts,
  { namespace, serviceAccount }: { namespace: string; serviceAccount: string },
): BindingStatus => {
  const found = facts.associations.find(
    (one) => one.namespace === namespace && one.serviceAccount === serviceAccount,
  )?.association
  const declared = facts.declared.find(
    ({ binding }) => binding.namespace === namespace && binding.serviceAccount === serviceAccount,
  )
  const isOwn = (pod: Pod) =>
    isLive(pod) && pod.metadata?.namespace === namespace && pod.spec && runsUnder(pod.spec, serviceAccount)
  const byWorkload = facts.running && groupByWorkload(facts.running.pods.filter(isOwn), facts.running.owners)
  const workloads = byWorkload?.map(([workload, own]) => ({ workload, ...countsOf(own, found) })) ?? null
  return {
    cluster: facts.cluster,
    region: facts.region,
    namespace,
    serviceAccount,
    association: found
      ? {
          id: found.id,
          role: found.role,
          targetRole: found.targetRole ?? null,
          owner: found.owner ?? null,
          changedAt: found.modifiedAt || found.createdAt,
        }
      : null,
    binding: declared?.name ?? null,
    workloads,
    beside: [...irsaOf(facts, namespace, serviceAccount), ...besideIn(byWorkload ?? [], facts.configMaps)],
    drift: declared ? driftOf(declared, found, allPods(workloads)) : [],
  }
}

const groupByWorkload = (
  pods: readonly Pod[],
  owners: readonly PodOwner[],
): [workload: string, pods: Pod[]][] => {
  const byUid = new Map(owners.map((owner) => [owner.metadata?.uid, owner]))
  const nameOf = ({ metadata }: Pod): string => {
    const { kind, name } = topOf(metadata, byUid) ?? { kind: 'Pod', name: metadata?.name ?? '' }
    return `${kind.toLowerCase()}/${name}`
  }
  return [...Map.groupBy(pods, nameOf)].toSorted(([one], [other]) => one.localeCompare(other))
}

const countsOf = (pods: readonly Pod[], association: Association | undefined): PodCounts => {
  const injected = pods.filter((pod) => readInjection(pod).injected)
  const changedAt = association && Date.parse(association.modifiedAt || association.createdAt)
  // A pod's time is in whole seconds: it may have been made up to a second later.
  const old = injected.filter(
    ({ metadata }) =>
      changedAt === undefined || Date.parse(metadata?.creationTimestamp ?? '') + 1000 <= changedAt,
  )
  return {
    all: pods.length,
    with: injected.length - old.length,
    without: pods.length - injected.length,
    old: old.length,
  }
}

/** The pods of all workloads; null where none could be looked at. */
export const allPods = (workloads: readonly PodCounts[] | null): PodCounts | null =>
  workloads?.reduce(
    (sum, one) => ({
      all: sum.all + one.all,
      with: sum.with + one.with,
      without: sum.without + one.without,
      old: sum.old + one.old,
    }),
    { all: 0, with: 0, without: 0, old: 0 },
  ) ?? null

const irsaOf = ({ serviceAccounts }: StatusFacts, namespace: string, name: string): string[] => {
  const account = serviceAccounts?.find(
    ({ metadata }) => metadata?.namespace === namespace && metadata.name === name,
  )
  const role = account?.metadata?.annotations?.[irsaAnnotation]
  return role === undefined ? [] : [`IRSA role ${role.split('/').at(-1)}`]
}

const besideIn = (
  byWorkload: readonly [workload: string, pods: readonly Pod[]][],
  configMaps: readonly ConfigMap[],
): string[] => [
  ...new Set(
    byWorkload.flatMap(([workload, pods]) =>
      pods.flatMap((pod) =>
        othersOf(pod, configMaps).map(
          ({ what, container }) => `${what} in ${workload}, container ${container}`,
        ),
      ),
    ),
  ),
]

const driftOf = (
  { binding }: DeclaredBinding,
  found: Association | undefined,
  pods: PodCounts | null,
): string[] => {
  if (!found) return ['it has no association']
  const granted = found.role === binding.role ? [] : [`it grants ${found.role}, and not ${binding.role}`]
  return [
    ...granted,
    ...associationDifferences({ ...binding, role: found.role }, found),
    ...(pods && pods.without > 0 ? [`${pods.without} of ${pods.all} pods without credentials`] : []),
    ...(pods && pods.old > 0 ? [`${pods.old} of ${pods.all} pods are older than the association`] : []),
  ]
}

import { isAgentImage } from '../agent.ts'
import type { ConfigMap, Node, Pod, ServiceAccount } from '../kubernetes.ts'
import { command, words } from '../text/shell.ts'
import { sdkSentences } from '../workload/diagnosis/sdk-sentences.ts'
import { containersOf, credentialFindings, skipLabel, skippedContainers } from '../workload/environment.ts'
import { isLive } from '../workload/injection.ts'
import { type PodOwner, topOf } from '../workload/others.ts'
import { fargateProfileLabel } from '../workload/placement.ts'
import { irsaAnnotation } from '../workload/workload.ts'
import {
  type CredentialSource,
  type CredentialUse,
  credentialSources,
  credentialUses,
} from './credential-source.ts'
import type { PlacedAssociation } from './status.ts'

/** What is left of a pod once its page has been read: of 20,000 pods no more is held. */
export interface CountedPod {
  namespace: string
  serviceAccount: string
  /** The uid of what made it, or its own name where nothing did. */
  owner: { uid: string; kind: string; name: string } | { bare: string }
  node: string
  /** RFC 3339 */
  createdAt: string
  uses: CredentialUse[]
  /** What stands against Pod Identity in it: `hostNetwork`, `files at ~/.aws`. */
  against: string[]
}

/**
 * A live pod as the inventory counts it; undefined for one that has ended or is ending, and for the Pod Identity agent itself, which
 * lives by the node's role.
 */
export const countedPod = (pod: Pod, configMaps: readonly ConfigMap[]): CountedPod | undefined => {
  const { metadata, spec } = pod
  if (!isLive(pod) || spec?.containers.some(({ image }) => isAgentImage(image ?? ''))) return undefined
  const maker = metadata?.ownerReferences?.find(({ controller }) => controller)
  return {
    namespace: metadata?.namespace ?? '',
    serviceAccount: spec?.serviceAccountName || 'default',
    owner: maker
      ? { uid: maker.uid, kind: maker.kind, name: maker.name }
      : { bare: metadata?.name ?? 'a pod without a name' },
    node: spec?.nodeName ?? '',
    createdAt: metadata?.creationTimestamp ?? '',
    uses: credentialUses(pod, configMaps),
    against: againstIn(pod, configMaps),
  }
}

/** Where EKS Pod Identity does not work. https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html */
const impossible = { fargate: 'runs on Fargate', windows: 'runs on Windows' } as const

const againstIn = (pod: Pod, configMaps: readonly ConfigMap[]): string[] => {
  const { metadata, spec } = pod
  if (!spec) return []
  const found = credentialFindings({
    subject: 'pod',
    namespace: metadata?.namespace ?? '',
    spec,
    skip: skippedContainers(pod),
    configMaps,
    target: 'pod',
  }).map(({ code }) => code)
  return [
    ...(metadata?.labels?.[fargateProfileLabel] === undefined ? [] : [impossible.fargate]),
    ...(spec.os?.name === 'windows' ? [impossible.windows] : []),
    ...(spec.hostNetwork
      ? ['in its node’s network: what the agent handed out cannot always be told apart']
      : []),
    ...(metadata?.labels?.[skipLabel] === undefined ? [] : [`label ${skipLabel}`]),
    ...(containersOf(spec).every(({ name }) => skippedContainers(pod).includes(name))
      ? ['all its containers are excluded by annotation']
      : []),
    ...(found.includes('credential-file') ? ['files in which SDKs look for credentials first'] : []),
    ...(found.includes('secret-not-read') ? ['environment from a Secret, which was not looked into'] : []),
    ...(found.includes('config-map-not-read')
      ? ['environment from a ConfigMap, which could not be looked into']
      : []),
    ...(found.includes('proxy-before-agent') ? ['a proxy without an exception for the agent'] : []),
  ]
}

/** What a node tells of the pods on it. */
export interface CountedNode {
  name: string
  /** The managed node group, whose role its instances have; undefined elsewhere. */
  nodegroup?: string
  windows: boolean
}

/** What a node is to the inventory. https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html */
export const countedNode = ({ metadata }: Node): CountedNode => {
  const { 'eks.amazonaws.com/nodegroup': nodegroup, 'kubernetes.io/os': os } = metadata?.labels ?? {}
  return { name: metadata?.name ?? '', ...(nodegroup ? { nodegroup } : {}), windows: os === 'windows' }
}

/** What was seen of one cluster. */
export interface InventoryFacts {
  cluster: string
  region: string
  associations: readonly PlacedAssociation[]
  /** Roles that ServiceAccounts are annotated with, by `namespace/name`. */
  annotatedRoles: ReadonlyMap<string, string>
  pods: readonly CountedPod[]
  owners: readonly PodOwner[]
  nodes: readonly CountedNode[]
  /** The role of each managed node group that could be described. */
  nodeRoles: ReadonlyMap<string | undefined, string>
  /** What logs that were looked into say against Pod Identity, by `namespace/name`: one line for each pod. */
  inLogs?: ReadonlyMap<string, readonly string[]>
}

/** What a log says against Pod Identity: the sentence of an SDK that does not know it. Nothing of the log is repeated. */
export const againstInLog = (text: string): string | undefined => {
  const found = sdkSentences.find(({ trouble, says }) => trouble === 'too-old' && says.test(text))
  return (
    found &&
    `its log says that its AWS SDK is too old: ${found.sdk}, which knows Pod Identity from ${found.since} on`
  )
}

/** The IRSA role that a ServiceAccount is annotated with. */
export const annotatedRole = ({ metadata }: ServiceAccount): [place: string, role: string] | undefined => {
  const role = metadata?.annotations?.[irsaAnnotation]
  return role ? [`${metadata?.namespace}/${metadata?.name}`, role] : undefined
}

/** Where credentials come from in some of the pods. A pod with several containers may count under several. */
export interface InventoryUse {
  source: CredentialSource
  /** Null where it is not known, or there is none. */
  role: string | null
  pods: number
}

/**
 * What there is to do for Pod Identity: nothing; a restart, since the association is there and pods are older; the role that IRSA hands out
 * can be associated; a role has to be chosen or made; or it does not work where the pods run.
 */
export type InventoryNext = 'nothing' | 'restart' | 'associate' | 'choose-role' | 'not-possible'

/** A ServiceAccount with live pods, and what they use today. */
export interface InventoryItem {
  cluster: string
  region: string
  namespace: string
  serviceAccount: string
  pods: number
  workloads: { workload: string; pods: number }[]
  uses: InventoryUse[]
  association: { id: string; role: string; targetRole: string | null } | null
  /** By its annotation: its pods may be older. */
  irsaRole: string | null
  /** RFC 3339: when the association was last changed where all use it; else when the oldest of its live pods was created. */
  since: string
  /** What stands against Pod Identity, each with its pods. */
  against: { what: string; pods: number }[]
  next: InventoryNext
  /** The command that shows what a migration from IRSA would do; null where there is none to make. */
  migrate: string | null
}

/** Every ServiceAccount of a cluster that has live pods, in the order of their names. */
export const inventoryOf = (facts: InventoryFacts): InventoryItem[] => {
  const owners = new Map(facts.owners.map((owner) => [owner.metadata?.uid, owner]))
  const nodes = new Map(facts.nodes.map((node) => [node.name, node]))
  const places = Map.groupBy(facts.pods, ({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`)
  return [...places]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([place, pods]) => itemOf(facts, place, pods as [CountedPod, ...CountedPod[]], owners, nodes))
}

const itemOf = (
  facts: InventoryFacts,
  place: string,
  pods: readonly [CountedPod, ...CountedPod[]],
  owners: ReadonlyMap<string | undefined, PodOwner>,
  nodes: ReadonlyMap<string, CountedNode>,
): InventoryItem => {
  const [{ namespace, serviceAccount }] = pods
  const found = facts.associations.find(
    (one) => one.namespace === namespace && one.serviceAccount === serviceAccount,
  )?.association
  const nodeRoleOf = ({ node }: CountedPod) => facts.nodeRoles.get(nodes.get(node)?.nodegroup) ?? null
  const uses = counted(
    pods.flatMap((pod) =>
      pod.uses.map(({ source, role }) => ({
        source,
        role:
          source === 'node-role'
            ? nodeRoleOf(pod)
            : source === 'pod-identity'
              ? (found?.role ?? null)
              : (role ?? null),
      })),
    ),
  ).map(([{ source, role }, count]): InventoryUse => ({ source, role, pods: count }))
  const against = counted(
    pods.flatMap((pod) => [
      ...pod.against,
      ...(nodes.get(pod.node)?.windows && !pod.against.includes(impossible.windows)
        ? [impossible.windows]
        : []),
    ]),
  )
    .concat(counted(facts.inLogs?.get(place) ?? []))
    .map(([what, count]) => ({ what, pods: count }))
  const irsaRole = facts.annotatedRoles.get(place) ?? null
  const bySource = uses.toSorted(
    (one, other) => credentialSources.indexOf(one.source) - credentialSources.indexOf(other.source),
  )
  const onlyAssociation = bySource.every(({ source }) => source === 'pod-identity')
  return {
    cluster: facts.cluster,
    region: facts.region,
    namespace,
    serviceAccount,
    pods: pods.length,
    workloads: counted(pods.map((pod) => workloadOf(pod, owners)))
      .map(([workload, count]) => ({ workload, pods: count }))
      .toSorted((one, other) => (one.workload < other.workload ? -1 : 1)),
    uses: bySource,
    association: found ? { id: found.id, role: found.role, targetRole: found.targetRole ?? null } : null,
    irsaRole,
    since:
      onlyAssociation && found
        ? found.modifiedAt || found.createdAt
        : (pods.map(({ createdAt }) => createdAt).toSorted() as [string])[0],
    against,
    ...nextOf(facts, {
      namespace,
      serviceAccount,
      workloads: counted(pods.map((pod) => workloadOf(pod, owners))).map(([workload]) => workload),
      next: nextFor({
        pods: pods.length,
        uses: bySource,
        against,
        associated: found !== undefined,
        irsaRole,
      }),
    }),
  }
}

/** What there is to do, and where IRSA gives a role the command for it. */
const nextOf = (
  { cluster, region }: Pick<InventoryFacts, 'cluster' | 'region'>,
  {
    namespace,
    serviceAccount,
    workloads,
    next,
  }: { namespace: string; serviceAccount: string; workloads: readonly string[]; next: InventoryNext },
): Pick<InventoryItem, 'next' | 'migrate'> => {
  const [only, ...others] = workloads
  const workload = only && others.length === 0 && isRestartable(only) ? words`--workload ${only}` : undefined
  return {
    next,
    migrate:
      next === 'associate'
        ? command`podid migrate --cluster ${cluster} --region ${region} -n ${namespace} --service-account ${serviceAccount} ${workload} --manage-trust`
        : null,
  }
}

/** Whether a run can restart it, by its name: `deployment/carts`. */
export const isRestartable = (workload: string): boolean =>
  /^(?:deployment|daemonset|statefulset)\//.test(workload)

const nextFor = ({
  pods,
  uses,
  against,
  associated,
  irsaRole,
}: Pick<InventoryItem, 'pods' | 'uses' | 'against' | 'irsaRole'> & {
  associated: boolean
}): InventoryNext => {
  const places: string[] = Object.values(impossible)
  if (against.some((one) => places.includes(one.what) && one.pods === pods)) return 'not-possible'
  if (associated && uses.every(({ source }) => source === 'pod-identity')) return 'nothing'
  if (associated) return 'restart'
  return irsaRole || uses.some(({ source, role }) => source === 'irsa' && role) ? 'associate' : 'choose-role'
}

/** `deployment/carts`, `pod/debug` */
const workloadOf = ({ owner }: CountedPod, owners: ReadonlyMap<string | undefined, PodOwner>): string => {
  if ('bare' in owner) return `pod/${owner.bare}`
  const top = topOf(owners.get(owner.uid)?.metadata, owners) ?? owner
  return `${top.kind.toLowerCase()}/${top.name}`
}

/** What there is, each once, and how often. */
const counted = <Item>(items: readonly Item[]): [Item, number][] => {
  const groups = Map.groupBy(items, (item) => JSON.stringify(item))
  return [...groups.values()].map((group) => [(group as [Item])[0], group.length])
}

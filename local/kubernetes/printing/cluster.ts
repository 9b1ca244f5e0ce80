import type {
  ConfigMap,
  EndpointSlice,
  Event,
  HorizontalPodAutoscaler,
  Lease,
  Namespace,
  NetworkPolicy,
  Node,
  PodDisruptionBudget,
  PriorityClass,
  ResourceQuota,
  RoleBinding,
  Secret,
  Service,
  ServiceAccount,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '../../../core/kubernetes.ts'
import type { Stored, StoredMetadata } from '../store/resources.ts'
import { ageOf } from './age.ts'
import { ageColumn, type Column, column, integer, labelsCell, nameColumn, wide } from './column.ts'
import { nodeCells, serviceCells } from './infrastructure-cells.ts'

export const namespaceColumns: Column<Stored<Namespace>>[] = [
  nameColumn,
  column('Status', 'Whether it is active or ending.', ({ status }) => status?.phase ?? 'Active'),
  ageColumn,
]

export const nodeColumns: Column<Stored<Node>>[] = [
  nameColumn,
  column('Status', 'Whether the node is ready.', (node) => nodeCells(node).status),
  column('Roles', 'The roles that its labels give it.', (node) => nodeCells(node).roles),
  ageColumn,
  column('Version', 'Its kubelet.', ({ status }) => status?.nodeInfo?.kubeletVersion ?? ''),
  wide('Internal-IP', 'Its address inside the network.', (node) => nodeCells(node).internalIp),
  wide('External-IP', 'Its address outside.', (node) => nodeCells(node).externalIp),
  wide('OS-Image', 'Its operating system.', ({ status }) => status?.nodeInfo?.osImage || '<unknown>'),
  wide('Kernel-Version', 'Its kernel.', ({ status }) => status?.nodeInfo?.kernelVersion || '<unknown>'),
  wide(
    'Container-Runtime',
    'What runs its containers.',
    ({ status }) => status?.nodeInfo?.containerRuntimeVersion || '<unknown>',
  ),
]

export const serviceColumns: Column<Stored<Service>>[] = [
  nameColumn,
  column('Type', 'How it is exposed.', ({ spec }) => spec.type ?? 'ClusterIP'),
  column('Cluster-IP', 'Its address inside the cluster.', ({ spec }) => spec.clusterIP || '<none>'),
  column('External-IP', 'Its address outside.', (service) => serviceCells(service).externalIp),
  column('Port(s)', 'Its ports.', (service) => serviceCells(service).ports),
  ageColumn,
  wide('Selector', 'The labels of the pods behind it.', ({ spec }) => labelsCell(spec.selector)),
]

export const serviceAccountColumns: Column<Stored<ServiceAccount>>[] = [nameColumn, ageColumn]

const entries = (map: object | undefined): number => Object.keys(map ?? {}).length

export const configMapColumns: Column<Stored<ConfigMap>>[] = [
  nameColumn,
  column('Data', 'How many entries it has.', ({ data, binaryData }) => entries(data) + entries(binaryData)),
  ageColumn,
]

export const secretColumns: Column<Stored<Secret>>[] = [
  nameColumn,
  column('Type', 'What the secret is for.', ({ type }) => type ?? 'Opaque'),
  column('Data', 'How many entries it has.', ({ data }) => entries(data)),
  ageColumn,
]

const quotaCell = ({ spec, status }: Stored<ResourceQuota>, limits: boolean): string => {
  const hard = Object.entries((status?.hard ?? spec.hard ?? {}) as Record<string, string>)
  const used = (status?.used ?? {}) as Record<string, string>
  return hard
    .filter(([name]) => name.startsWith('limits.') === limits)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, most]) => `${name}: ${used[name] ?? '0'}/${most}`)
    .join(', ')
}

export const quotaColumns: Column<Stored<ResourceQuota>>[] = [
  nameColumn,
  column('Request', 'What is used of what may be requested.', (quota) => quotaCell(quota, false)),
  column('Limit', 'What is used of the sums of limits.', (quota) => quotaCell(quota, true)),
  ageColumn,
]

export const eventColumns: Column<Stored<Event>>[] = [
  column('Last Seen', 'When it last happened.', ({ lastTimestamp, firstTimestamp, eventTime }, now) =>
    ageOf(lastTimestamp ?? firstTimestamp ?? eventTime, now),
  ),
  column('Type', 'Normal or Warning.', ({ type }) => type ?? ''),
  column('Reason', 'Why it was recorded.', ({ reason }) => reason ?? ''),
  column('Object', 'What it is about.', ({ involvedObject: { kind = '', name } }) =>
    name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase(),
  ),
  wide('Subobject', 'The part it is about.', ({ involvedObject }) => involvedObject.fieldPath ?? ''),
  wide('Source', 'Who reported it.', ({ source, reportingComponent }) =>
    [source?.component || reportingComponent, source?.host].filter(Boolean).join(', '),
  ),
  column('Message', 'What happened.', ({ message }) => message?.trim() ?? ''),
  wide('First Seen', 'When it first happened.', ({ firstTimestamp, eventTime }, now) =>
    ageOf(firstTimestamp ?? eventTime, now),
  ),
  wide('Count', 'How often it happened.', ({ count }) => count ?? 1),
  { ...nameColumn, priority: 1 },
]

/** Nothing is measured here, so that what there is of a target is never known. */
const targetsCell = (metrics: Stored<HorizontalPodAutoscaler>['spec']['metrics'] = []): string =>
  metrics
    .map(
      ({ resource }) =>
        `${resource?.name ?? 'metric'}: <unknown>/${resource?.target.averageUtilization ?? '?'}%`,
    )
    .join(', ') || '<none>'

export const autoscalerColumns: Column<Stored<HorizontalPodAutoscaler>>[] = [
  nameColumn,
  column(
    'Reference',
    'What is scaled.',
    ({ spec }) => `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`,
  ),
  column('Targets', 'The measures it goes by.', ({ spec }) => targetsCell(spec.metrics)),
  column('MinPods', 'The least number of pods.', ({ spec }) => String(spec.minReplicas ?? '<unset>')),
  column('MaxPods', 'The greatest number of pods.', ({ spec }) => spec.maxReplicas),
  column('Replicas', 'The present number of pods.', ({ status }) => status?.currentReplicas ?? 0),
  ageColumn,
]

export const disruptionBudgetColumns: Column<Stored<PodDisruptionBudget>>[] = [
  nameColumn,
  column('Min Available', 'Pods that must stay.', ({ spec }) => String(spec.minAvailable ?? 'N/A')),
  column('Max Unavailable', 'Pods that may be away.', ({ spec }) => String(spec.maxUnavailable ?? 'N/A')),
  integer(
    'Allowed Disruptions',
    'Pods that may be evicted now.',
    ({ status }) => status?.disruptionsAllowed ?? 0,
  ),
  ageColumn,
]

export const endpointSliceColumns: Column<Stored<EndpointSlice>>[] = [
  nameColumn,
  column('AddressType', 'What its addresses are.', ({ addressType }) => addressType),
  column('Ports', 'Its ports.', ({ ports }) => ports?.map(({ port }) => port).join(',') || '<unset>'),
  column(
    'Endpoints',
    'The addresses of its pods.',
    ({ endpoints }) => endpoints?.flatMap(({ addresses }) => addresses).join(',') || '<unset>',
  ),
  ageColumn,
]

export const priorityClassColumns: Column<Stored<PriorityClass>>[] = [
  nameColumn,
  column('Value', 'Its priority.', ({ value }) => value ?? 0),
  column('Global-Default', 'Whether pods without a class get it.', ({ globalDefault }) =>
    String(globalDefault ?? false),
  ),
  ageColumn,
  column(
    'PreemptionPolicy',
    'Whether its pods make room for themselves.',
    ({ preemptionPolicy }) => preemptionPolicy ?? '',
  ),
]

export const webhookColumns: Column<Stored & { webhooks?: object[] }>[] = [
  nameColumn,
  column('Webhooks', 'How many webhooks it registers.', ({ webhooks }) => webhooks?.length ?? 0),
  ageColumn,
]

export const policyColumns: Column<Stored<ValidatingAdmissionPolicy>>[] = [
  nameColumn,
  column('Validations', 'How many rules it has.', ({ spec }) => spec.validations?.length ?? 0),
  column('ParamKind', 'The kind of its parameters; none are read here.', () => '<unset>'),
  ageColumn,
]

export const policyBindingColumns: Column<Stored<ValidatingAdmissionPolicyBinding>>[] = [
  nameColumn,
  column('PolicyName', 'The policy that it puts to work.', ({ spec }) => spec.policyName ?? ''),
  column('ParamRef', 'The parameters that it gives; none are read here.', () => '<unset>'),
  ageColumn,
]

export const networkPolicyColumns: Column<Stored<NetworkPolicy>>[] = [
  nameColumn,
  column('Pod-Selector', 'The pods it is about.', ({ spec }) => labelsCell(spec.podSelector?.matchLabels)),
  ageColumn,
]

export const leaseColumns: Column<Stored<Lease>>[] = [
  nameColumn,
  column('Holder', 'Who holds it.', ({ spec }) => spec.holderIdentity ?? ''),
  ageColumn,
]

export const roleColumns: Column<{ metadata: StoredMetadata }>[] = [
  nameColumn,
  column('Created At', 'When it was created.', ({ metadata }) => metadata.creationTimestamp),
]

type Binding = Pick<Stored<RoleBinding>, 'metadata' | 'roleRef' | 'subjects'>

const subjectsCell = ({ subjects = [] }: Binding, kind: string): string =>
  subjects
    .filter((subject) => subject.kind === kind)
    .map(({ name, namespace }) => (kind === 'ServiceAccount' ? `${namespace}/${name}` : name))
    .join(', ')

export const bindingColumns: Column<Binding>[] = [
  nameColumn,
  column('Role', 'The role that is given.', ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`),
  ageColumn,
  wide('Users', 'The users who get it.', (binding) => subjectsCell(binding, 'User')),
  wide('Groups', 'The groups that get it.', (binding) => subjectsCell(binding, 'Group')),
  wide('ServiceAccounts', 'The service accounts that get it.', (binding) =>
    subjectsCell(binding, 'ServiceAccount'),
  ),
]

import type {
  ClusterRole,
  ClusterRoleBinding,
  ConfigMap,
  ControllerRevision,
  CronJob,
  CustomResourceDefinition,
  DaemonSet,
  Deployment,
  EndpointSlice,
  Event,
  HorizontalPodAutoscaler,
  Job,
  Lease,
  LimitRange,
  MutatingWebhookConfiguration,
  Namespace,
  NetworkPolicy,
  Node,
  ObjectMeta,
  Pod,
  PodDisruptionBudget,
  PriorityClass,
  ReplicaSet,
  ResourceQuota,
  Role,
  RoleBinding,
  Secret,
  Service,
  ServiceAccount,
  StatefulSet,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingWebhookConfiguration,
} from '../../../core/kubernetes.ts'

/** What every object has before it is stored. */
export interface NewObject {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
}

/** Metadata as the server keeps it. */
export interface StoredMetadata extends ObjectMeta {
  name: string
  uid: string
  resourceVersion: string
  creationTimestamp: string
}

/** An object as the server keeps it: named, versioned, defaulted. */
export interface KubernetesObject {
  apiVersion: string
  kind: string
  metadata: StoredMetadata
  spec?: object
  status?: object
}

/** The stored form of an object as it is sent: its metadata is complete, its spec is there. */
export type Stored<T extends NewObject = NewObject> = Omit<T, keyof KubernetesObject> & {
  apiVersion: string
  kind: string
  metadata: StoredMetadata
} & (T extends { spec?: infer S } ? { spec: NonNullable<S> } : unknown) &
  (T extends { status?: infer S } ? { status?: NonNullable<S> } : unknown)

/** One kind of object that the server keeps, with the names under which it is served. */
export interface ResourceKind<T extends NewObject = NewObject> {
  group: string
  version: string
  plural: string
  singular: string
  kind: string
  namespaced: boolean
  shortNames: string[]
  categories: string[]
  subresources: string[]
  /** What raises `metadata.generation`; kinds without it have no generation. */
  generation?: 'spec' | 'spec and annotations' | 'object'
  /** What may be done with it; everything, unless said. */
  verbs?: string[]
  /** Another kind whose objects are shown here in a form of their own, and cannot be changed. */
  view?: View
  /** What its CustomResourceDefinition says of it; built-in kinds have none. */
  custom?: CustomVersion
  /** Carries the object's type; never set. */
  readonly type?: T
}

/** A JSON schema of a CustomResourceDefinition, as it was sent. */
export type CustomSchema = { readonly [key: string]: unknown }

/** What a CustomResourceDefinition says of one version of its kind. */
export interface CustomVersion {
  /** The name of the definition. */
  definition: string
  listKind: string
  schema: CustomSchema
  columns: readonly { name: string; type: string; jsonPath: string; [other: string]: unknown }[]
  /** Paths that field selectors may name, such as `.spec.color`. */
  selectable: readonly string[]
  scale: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string } | undefined
  /** What every answer warns of. */
  deprecation: string | undefined
  /** The definition is being deleted: no object can be made any more. */
  terminating: boolean
}

/** How objects of a kind are shown as another's. */
export interface View {
  of: ResourceKind
  show(object: KubernetesObject): KubernetesObject
  /** What is sent in the form of the view, as the kind that is kept. */
  read(object: NewObject): NewObject
}

const kindOf =
  (group: string, version: string) =>
  <T extends NewObject>(
    plural: string,
    kind: string,
    options: Partial<Omit<ResourceKind, 'group' | 'version' | 'plural' | 'kind' | 'type'>> = {},
  ): ResourceKind<T> => ({
    group,
    version,
    plural,
    kind,
    singular: kind.toLowerCase(),
    namespaced: true,
    shortNames: [],
    categories: [],
    subresources: [],
    ...options,
  })

const core = kindOf('', 'v1')
const apps = kindOf('apps', 'v1')
const rbac = kindOf('rbac.authorization.k8s.io', 'v1')
const admission = kindOf('admissionregistration.k8s.io', 'v1')
const batch = kindOf('batch', 'v1')
const all = { categories: ['all'] }
const clusterWide = { namespaced: false }

/** Every kind that the store keeps, by plural name. */
export const resources = {
  configmaps: core<ConfigMap>('configmaps', 'ConfigMap', { shortNames: ['cm'] }),
  events: core<Event>('events', 'Event', { shortNames: ['ev'] }),
  limitranges: core<LimitRange>('limitranges', 'LimitRange', { shortNames: ['limits'] }),
  namespaces: core<Namespace>('namespaces', 'Namespace', {
    namespaced: false,
    shortNames: ['ns'],
    subresources: ['status'],
    verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  }),
  nodes: core<Node>('nodes', 'Node', { namespaced: false, shortNames: ['no'], subresources: ['status'] }),
  pods: core<Pod>('pods', 'Pod', {
    ...all,
    shortNames: ['po'],
    subresources: ['eviction', 'log', 'status'],
    generation: 'spec',
  }),
  resourcequotas: core<ResourceQuota>('resourcequotas', 'ResourceQuota', {
    shortNames: ['quota'],
    subresources: ['status'],
  }),
  secrets: core<Secret>('secrets', 'Secret'),
  serviceaccounts: core<ServiceAccount>('serviceaccounts', 'ServiceAccount', {
    shortNames: ['sa'],
    subresources: ['token'],
  }),
  services: core<Service>('services', 'Service', { ...all, shortNames: ['svc'], subresources: ['status'] }),
  controllerrevisions: apps<ControllerRevision>('controllerrevisions', 'ControllerRevision'),
  daemonsets: apps<DaemonSet>('daemonsets', 'DaemonSet', {
    ...all,
    shortNames: ['ds'],
    subresources: ['status'],
    generation: 'spec',
  }),
  deployments: apps<Deployment>('deployments', 'Deployment', {
    ...all,
    shortNames: ['deploy'],
    subresources: ['scale', 'status'],
    generation: 'spec and annotations',
  }),
  replicasets: apps<ReplicaSet>('replicasets', 'ReplicaSet', {
    ...all,
    shortNames: ['rs'],
    subresources: ['scale', 'status'],
    generation: 'spec',
  }),
  statefulsets: apps<StatefulSet>('statefulsets', 'StatefulSet', {
    ...all,
    shortNames: ['sts'],
    subresources: ['scale', 'status'],
    generation: 'spec',
  }),
  horizontalpodautoscalers: kindOf('autoscaling', 'v2')<HorizontalPodAutoscaler>(
    'horizontalpodautoscalers',
    'HorizontalPodAutoscaler',
    { ...all, shortNames: ['hpa'], subresources: ['status'] },
  ),
  poddisruptionbudgets: kindOf('policy', 'v1')<PodDisruptionBudget>(
    'poddisruptionbudgets',
    'PodDisruptionBudget',
    { shortNames: ['pdb'], subresources: ['status'], generation: 'spec' },
  ),
  jobs: batch<Job>('jobs', 'Job', { ...all, subresources: ['status'], generation: 'spec' }),
  cronjobs: batch<CronJob>('cronjobs', 'CronJob', {
    ...all,
    shortNames: ['cj'],
    subresources: ['status'],
    generation: 'spec',
  }),
  networkpolicies: kindOf('networking.k8s.io', 'v1')<NetworkPolicy>('networkpolicies', 'NetworkPolicy', {
    shortNames: ['netpol'],
    singular: 'networkpolicy',
    generation: 'spec',
  }),
  endpointslices: kindOf('discovery.k8s.io', 'v1')<EndpointSlice>('endpointslices', 'EndpointSlice', {
    generation: 'object',
  }),
  priorityclasses: kindOf('scheduling.k8s.io', 'v1')<PriorityClass>('priorityclasses', 'PriorityClass', {
    ...clusterWide,
    shortNames: ['pc'],
    generation: 'object',
  }),
  mutatingwebhookconfigurations: admission<MutatingWebhookConfiguration>(
    'mutatingwebhookconfigurations',
    'MutatingWebhookConfiguration',
    { ...clusterWide, categories: ['api-extensions'], generation: 'object' },
  ),
  validatingwebhookconfigurations: admission<ValidatingWebhookConfiguration>(
    'validatingwebhookconfigurations',
    'ValidatingWebhookConfiguration',
    { ...clusterWide, categories: ['api-extensions'], generation: 'object' },
  ),
  validatingadmissionpolicies: admission<ValidatingAdmissionPolicy>(
    'validatingadmissionpolicies',
    'ValidatingAdmissionPolicy',
    {
      ...clusterWide,
      categories: ['api-extensions'],
      subresources: ['status'],
      generation: 'spec',
    },
  ),
  validatingadmissionpolicybindings: admission<ValidatingAdmissionPolicyBinding>(
    'validatingadmissionpolicybindings',
    'ValidatingAdmissionPolicyBinding',
    { ...clusterWide, categories: ['api-extensions'], generation: 'spec' },
  ),
  customresourcedefinitions: kindOf('apiextensions.k8s.io', 'v1')<CustomResourceDefinition>(
    'customresourcedefinitions',
    'CustomResourceDefinition',
    {
      ...clusterWide,
      shortNames: ['crd', 'crds'],
      categories: ['api-extensions'],
      subresources: ['status'],
      generation: 'spec',
    },
  ),
  leases: kindOf('coordination.k8s.io', 'v1')<Lease>('leases', 'Lease'),
  roles: rbac<Role>('roles', 'Role'),
  rolebindings: rbac<RoleBinding>('rolebindings', 'RoleBinding'),
  clusterroles: rbac<ClusterRole>('clusterroles', 'ClusterRole', { namespaced: false }),
  clusterrolebindings: rbac<ClusterRoleBinding>('clusterrolebindings', 'ClusterRoleBinding', {
    namespaced: false,
  }),
} as const

/** `apps/v1`, or `v1` for the core group. */
export const apiVersionOf = (resource: Pick<ResourceKind, 'group' | 'version'>): string =>
  resource.group ? `${resource.group}/${resource.version}` : resource.version

/** The kind under which objects are kept: the one that a view shows, or the kind itself. */
export const keptKind = (resource: ResourceKind): ResourceKind => resource.view?.of ?? resource

/** Whether two kinds are the same objects: versions of one resource, and views of it. */
export const sameObjects = (one: ResourceKind, other: ResourceKind): boolean => {
  const [a, b] = [keptKind(one), keptKind(other)]
  return a === b || (a.plural === b.plural && a.group === b.group)
}

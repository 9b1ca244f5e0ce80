import type {
  ControllerRevision,
  DaemonSet,
  Deployment,
  LabelSelector,
  Pod,
  ReplicaSet,
  StatefulSet,
} from '../../../core/kubernetes.ts'
import type { Stored } from '../store/resources.ts'
import { ageColumn, type Column, column, integer, labelsCell, nameColumn, wide } from './column.ts'
import { podCells } from './pod-status.ts'

interface Templated {
  spec: {
    selector?: LabelSelector
    template: { spec?: { containers: readonly { name: string; image?: string }[] } }
  }
}

/** The columns of what makes pods by a template. */
export const templateColumns: Column<Templated>[] = [
  wide('Containers', 'The names of the containers in the template.', ({ spec }) =>
    (spec.template.spec?.containers ?? []).map(({ name }) => name).join(','),
  ),
  wide('Images', 'The images of the containers in the template.', ({ spec }) =>
    (spec.template.spec?.containers ?? []).map(({ image }) => image ?? '').join(','),
  ),
]

export const selectorColumn: Column<Templated> = wide(
  'Selector',
  'The labels of the pods that belong to this object.',
  ({ spec }) => labelsCell(spec.selector?.matchLabels),
)

export const podColumns: Column<Stored<Pod>>[] = [
  nameColumn,
  column('Ready', 'How many of the containers are ready.', (pod, now) => podCells(pod, now).ready),
  column('Status', 'What the pod is doing, or why it is not.', (pod, now) => podCells(pod, now).status),
  column('Restarts', 'How often containers restarted.', (pod, now) => podCells(pod, now).restarts),
  ageColumn,
  wide('IP', 'The address of the pod.', ({ status }) => status?.podIP || '<none>'),
  wide('Node', 'The node on which the pod runs.', ({ spec }) => spec.nodeName || '<none>'),
  wide(
    'Nominated Node',
    'The node on which room is being made for the pod.',
    ({ status }) => status?.nominatedNodeName || '<none>',
  ),
  wide('Readiness Gates', 'How many of the additional readiness conditions hold.', (pod) => gatesCell(pod)),
]

const gatesCell = ({ spec, status }: Stored<Pod>): string => {
  const gates = spec.readinessGates ?? []
  const holds = (gate: string) =>
    status?.conditions?.some((condition) => condition.type === gate && condition.status === 'True')
  const holding = gates.filter(({ conditionType }) => holds(conditionType))
  return gates.length > 0 ? `${holding.length}/${gates.length}` : '<none>'
}

export const deploymentColumns: Column<Stored<Deployment>>[] = [
  nameColumn,
  column(
    'Ready',
    'Ready pods of those desired.',
    ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
  ),
  column('Up-to-date', 'Pods of the current template.', ({ status }) => status?.updatedReplicas ?? 0),
  column('Available', 'Pods that are available.', ({ status }) => status?.availableReplicas ?? 0),
  ageColumn,
  ...templateColumns,
  selectorColumn,
]

export const replicaSetColumns: Column<Stored<ReplicaSet> & Templated>[] = [
  nameColumn,
  integer('Desired', 'Pods that should be there.', ({ spec }) => spec.replicas ?? 0),
  integer('Current', 'Pods that are there.', ({ status }) => status?.replicas ?? 0),
  integer('Ready', 'Pods that are ready.', ({ status }) => status?.readyReplicas ?? 0),
  ageColumn,
  ...templateColumns,
  selectorColumn,
]

export const daemonSetColumns: Column<Stored<DaemonSet>>[] = [
  nameColumn,
  integer('Desired', 'Nodes that should run it.', ({ status }) => status?.desiredNumberScheduled ?? 0),
  integer('Current', 'Nodes that run it.', ({ status }) => status?.currentNumberScheduled ?? 0),
  integer('Ready', 'Nodes on which it is ready.', ({ status }) => status?.numberReady ?? 0),
  integer(
    'Up-to-date',
    'Nodes that run the current template.',
    ({ status }) => status?.updatedNumberScheduled ?? 0,
  ),
  integer('Available', 'Nodes on which it is available.', ({ status }) => status?.numberAvailable ?? 0),
  column('Node Selector', 'The labels of the nodes that should run it.', ({ spec }) =>
    labelsCell(spec.template.spec?.nodeSelector),
  ),
  ageColumn,
  ...templateColumns,
  selectorColumn,
]

export const statefulSetColumns: Column<Stored<StatefulSet>>[] = [
  nameColumn,
  column(
    'Ready',
    'Ready pods of those desired.',
    ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
  ),
  ageColumn,
  ...templateColumns,
]

export const controllerRevisionColumns: Column<Stored<ControllerRevision>>[] = [
  nameColumn,
  column('Controller', 'The object that controls this revision.', ({ metadata }) => {
    const owner = metadata.ownerReferences?.find(({ controller }) => controller)
    if (!owner) return '<none>'
    const [group, version] = owner.apiVersion.split('/')
    return `${owner.kind.toLowerCase()}${version === undefined ? '' : `.${group}`}/${owner.name}`
  }),
  column('Revision', 'The number of the revision.', ({ revision }) => revision),
  ageColumn,
]

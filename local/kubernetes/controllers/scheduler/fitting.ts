import type { Node, NodeSelectorTerm, PodSpec, Taint, Toleration } from '../../../../core/kubernetes.ts'
import type { Stored } from '../../store/resources.ts'

export type StoredNode = Stored<Node>

/** Whether the node's kubelet reports. A node that never said anything counts as ready. */
export const isNodeReady = ({ status }: StoredNode): boolean =>
  (status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? 'True') === 'True'

/** The node's taints, with those that a cluster puts on nodes that are cordoned or silent. */
const taintsOf = (node: StoredNode): Taint[] => [
  ...(node.spec.taints ?? []),
  ...(node.spec.unschedulable ? [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] : []),
  ...(isNodeReady(node) ? [] : [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }]),
]

/** The first toleration that bears with the taint. */
export const tolerationOf = (tolerations: Toleration[] | undefined, taint: Taint): Toleration | undefined =>
  tolerations?.find(
    ({ key, operator = 'Equal', value = '', effect }) =>
      (effect === undefined || effect === '' || effect === taint.effect) &&
      (key === undefined || key === '' || key === taint.key) &&
      (operator === 'Exists' || (operator === 'Equal' && Boolean(key) && value === (taint.value ?? ''))),
  )

const requirementMet = (
  { operator, values = [] }: { operator: string; values?: string[] },
  actual: string | undefined,
): boolean => {
  switch (operator) {
    case 'In':
      return actual !== undefined && values.includes(actual)
    case 'NotIn':
      return actual === undefined || !values.includes(actual)
    case 'Exists':
      return actual !== undefined
    case 'DoesNotExist':
      return actual === undefined
    case 'Gt':
      return Number(actual) > Number(values[0])
    default:
      return Number(actual) < Number(values[0])
  }
}

// A term that asks for nothing matches nothing.
const termMatches = ({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: StoredNode) =>
  matchExpressions.length + matchFields.length > 0 &&
  matchExpressions.every((wanted) => requirementMet(wanted, node.metadata.labels?.[wanted.key])) &&
  matchFields.every((wanted) => requirementMet(wanted, node.metadata.name))

const isChosen = (spec: PodSpec, node: StoredNode): boolean => {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  return (
    Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => node.metadata.labels?.[key] === value) &&
    (terms === undefined || terms.some((term) => termMatches(term, node)))
  )
}

/** Why a pod cannot go to a node, in the scheduler's words; undefined when it can. */
export const misfit = (spec: PodSpec, node: StoredNode): string | undefined => {
  const untolerated = taintsOf(node).filter(
    (taint) => taint.effect !== 'PreferNoSchedule' && !tolerationOf(spec.tolerations, taint),
  )
  if (untolerated.some(({ key }) => key === 'node.kubernetes.io/unschedulable'))
    return 'node(s) were unschedulable'
  if (untolerated.length > 0) return 'node(s) had untolerated taint(s)'
  return isChosen(spec, node) ? undefined : "node(s) didn't match Pod's node affinity/selector"
}

/**
 * The message of a FailedScheduling event: what every node lacks, counted. A node that would do but for the room
 * has a list of what it lacks.
 */
export const unschedulable = (nodes: (string | string[])[], makingRoom = false): string => {
  if (nodes.length === 0) return 'no nodes available to schedule pods'
  const available = `0/${nodes.length} nodes are available`
  const reasons = counted(nodes.flat())
  if (makingRoom) return `${available}: ${reasons}.`
  const preemption = counted(
    nodes.map((node) =>
      typeof node === 'string'
        ? 'Preemption is not helpful for scheduling'
        : 'No preemption victims found for incoming pod',
    ),
  )
  return `${available}: ${reasons}. no new claims to deallocate, preemption: ${available}: ${preemption}.`
}

const counted = (reasons: string[]): string =>
  [...new Set(reasons)]
    .map((reason) => `${reasons.filter((one) => one === reason).length} ${reason}`)
    .toSorted()
    .join(', ')

import { advise, type Finding } from '../findings.ts'
import type { Node, NodeSelectorTerm, PodSpec, Taint, Toleration } from '../kubernetes.ts'

/**
 * Whether the scheduler may put a pod of the template on the node: node selector, required node affinity, taints. Room,
 * ports and other pods are not looked at. https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
 */
export const mayRunOn = (spec: PodSpec, node: Node, by: 'scheduler' | 'daemon-set'): boolean =>
  fits(spec, node) && repelling(spec, node, by).length === 0

/** The node's taints that keep such a pod off, as kubectl writes them: `dedicated=gpu:NoSchedule`. */
export const repelling = (spec: PodSpec, node: Node, by: 'scheduler' | 'daemon-set'): string[] =>
  (node.spec?.taints ?? [])
    .filter(({ effect, key }) => effect !== 'PreferNoSchedule' && !(by === 'daemon-set' && ofNode.has(key)))
    .filter((taint) => !spec.tolerations?.some((toleration) => tolerates(toleration, taint)))
    .map(({ key, value, effect }) => `${key}${value ? `=${value}` : ''}:${effect}`)

/** A DaemonSet's pods tolerate these by themselves. https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/#taints-and-tolerations */
const ofNode = new Set(
  ['not-ready', 'unreachable', 'disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'].map(
    (name) => `node.kubernetes.io/${name}`,
  ),
)

const tolerates = ({ key, operator, value, effect }: Toleration, taint: Taint): boolean =>
  (!effect || effect === taint.effect) &&
  (!key ? operator === 'Exists' : key === taint.key) &&
  (operator === 'Exists' || (value ?? '') === (taint.value ?? ''))

const fits = ({ nodeName, nodeSelector, affinity }: PodSpec, node: Node): boolean => {
  const labels = node.metadata?.labels ?? {}
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  return (
    (nodeName === undefined || nodeName === node.metadata?.name) &&
    Object.entries(nodeSelector ?? {}).every(([key, value]) => labels[key] === value) &&
    (terms === undefined || terms.some((term) => matches(term, node)))
  )
}

const matches = ({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node): boolean =>
  matchExpressions.length + matchFields.length > 0 &&
  matchExpressions.every((one) => holds(one, node.metadata?.labels?.[one.key])) &&
  matchFields.every((one) => one.key === 'metadata.name' && holds(one, node.metadata?.name))

type Requirement = { operator: string; values?: readonly (string | undefined)[] }

const holds = ({ operator, values = [] }: Requirement, value: string | undefined): boolean => {
  switch (operator) {
    case 'In':
      return values.includes(value)
    case 'NotIn':
      return !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return Number(value) > Number(values[0])
    case 'Lt':
      return Number(value) < Number(values[0])
    default:
      return false
  }
}

/** Whether a template lets its pods only onto nodes whose label has this value: by selector, or in every term. */
export const onlyOn = ({ nodeSelector, affinity }: PodSpec, label: string, value: string): boolean => {
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  return (
    nodeSelector?.[label] === value ||
    (terms !== undefined &&
      terms.length > 0 &&
      terms.every(({ matchExpressions }) =>
        matchExpressions?.some(
          ({ key, operator, values }) =>
            key === label &&
            operator === 'In' &&
            values?.length !== 0 &&
            values?.every((one) => one === value),
        ),
      ))
  )
}

/** What EKS labels a pod with that a Fargate profile selects, as it is created. https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html */
export const fargateProfileLabel = 'eks.amazonaws.com/fargate-profile'

/** That a Fargate profile selects the pods, as a dry-run pod of the workload shows. */
export const onFargateProfile = (subject: string, profile: string): Finding => ({
  code: 'compute-unsupported',
  severity: 'blocking',
  subject,
  found: `its pods go to Fargate, where EKS Pod Identity does not work: a dry-run pod of it was given to the Fargate profile ${profile}`,
  remedy: otherCompute,
})

/** What to do with a workload that goes where EKS Pod Identity does not work. */
export const otherCompute = advise(
  'Run it on Linux nodes backed by EC2, or give it its role by IRSA: https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html',
)

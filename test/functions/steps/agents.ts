import type { DaemonSet, Deployment, Node, Pod } from '../../../core/kubernetes.ts'
import type { Said } from '../../support/scripted-connection.ts'

/** What a cluster answers of its nodes, the agent's DaemonSets, and the workload. */
export interface AgentScene {
  nodes: Node[]
  sets?: DaemonSet[]
  /** The pods of the whole cluster, the agent's among them. */
  pods?: Pod[]
  /** Undefined where there is none. */
  workload?: Said | undefined
}

const ready = [{ type: 'Ready', status: 'True' }]

export const node = (
  name: string,
  change: { taint?: string; computeType?: string; away?: boolean } = {},
): Node => ({
  metadata: {
    name,
    labels: change.computeType ? { 'eks.amazonaws.com/compute-type': change.computeType } : {},
  },
  spec: change.taint ? { taints: [{ key: change.taint, effect: 'NoSchedule' }] } : {},
  status: { conditions: change.away ? [] : ready },
})

/** A DaemonSet of the agent, by its chart's label. */
export const agentSet = (
  name = 'eks-pod-identity-agent',
  { label = name, tolerates = false }: { label?: string; tolerates?: boolean } = {},
): DaemonSet => ({
  metadata: { name, namespace: 'kube-system', uid: name, labels: { 'app.kubernetes.io/name': label } },
  spec: {
    selector: {},
    template: {
      spec: {
        containers: [{ name: 'agent', image: 'mirror/agent:v1' }],
        ...(tolerates && { tolerations: [{ operator: 'Exists' }] }),
      },
    },
  },
})

/** A pod of such a DaemonSet on a node. */
export const agentOn = (nodeName: string, { set = 'eks-pod-identity-agent', isReady = true } = {}): Pod => ({
  metadata: {
    name: `agent-${nodeName}`,
    namespace: 'kube-system',
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: set, uid: set, controller: true }],
  },
  spec: { nodeName, containers: [{ name: 'agent', image: 'mirror/agent:v1' }] },
  status: { phase: 'Running', conditions: isReady ? ready : [] },
})

/** A workload whose pods may run on all nodes, also on tainted ones. */
export const everywhere: Deployment = {
  spec: {
    selector: {},
    template: { spec: { containers: [], tolerations: [{ operator: 'Exists' }] } },
  },
}

/** Answers one request to the cluster's API. */
export const sayOf =
  ({ nodes, sets = [], pods = [], workload }: AgentScene) =>
  ({ resource, name }: { resource: string; name?: string }): Said => {
    if (name !== undefined) return workload ?? { failure: 404, message: 'not found' }
    const items: Record<string, object[]> = { nodes, daemonsets: sets, pods }
    return { items: items[resource] ?? [] }
  }

import * as z from 'zod'
import { advise, Finding, lookWith, mendWith, type Remedy } from './findings.ts'
import { firstOf } from './text/list.ts'
import { excerpt } from './text/redact.ts'
import { command, words } from './text/shell.ts'

/** The name of the Pod Identity agent: of its EKS add-on, its DaemonSet and its container. */
export const agentAddon = 'eks-pod-identity-agent'

/** The host ports of the agent: credentials, and its probes. */
export const agentPorts: readonly number[] = [80, 2703]

/** Whether the chart's fixed label app.kubernetes.io/name says so: the hybrid variants have a suffix. */
export const isAgentName = (label: string): boolean =>
  label === agentAddon || label.startsWith(`${agentAddon}-`)

const agentImage = new RegExp(`(?:^|/)${agentAddon}(?:[:@]|$)`)

/** Whether an image is the agent's, from whatever registry: `…/eks/eks-pod-identity-agent:v0.1.36`. */
export const isAgentImage = (image: string): boolean => agentImage.test(image)

/** The agent as an EKS add-on. Statuses and health issues: the EKS API's AddonStatus and AddonIssueCode. */
export interface AgentAddon {
  status: string
  version: string
  issues: { code: string; message: string }[]
  /** The run that installed it, by its tag. */
  run?: string
}

/** One of the agent's DaemonSets (`eks-pod-identity-agent`, `-hybrid`, …), by its own counts. */
export interface AgentDaemonSet {
  name: string
  namespace?: string
  desired: number
  ready: number
}

/** A node as far as the agent is concerned. */
export interface AgentNode {
  name: string
  /** The label eks.amazonaws.com/compute-type: `auto`, `hybrid` and `fargate` nodes take no ordinary agent. */
  computeType?: string
  /** Whether a ready agent pod runs there. */
  covered: boolean
  /** The taints that keep every one of the agent's DaemonSets off: `dedicated=gpu:NoSchedule`. */
  taints?: string[]
  /** False where the workload's pods cannot run there; absent where that is not known. */
  wanted?: boolean
}

export interface AgentFacts {
  cluster: string
  region: string
  autoMode: boolean
  addon: AgentAddon | undefined
  daemonSets: AgentDaemonSet[]
  /** Where DaemonSets could be looked for; absent: everywhere. */
  only?: string
  /** The pods that hold a port of the agent on their node, as `shop/web on ip-10-0-0-1`; undefined where nobody could look. */
  portHolders?: readonly string[] | undefined
  nodes: AgentNode[]
  /** The workload whose pods need the agent: `daemonset/carts`; absent where it is not there or not known. */
  workload?: { name: string; onEveryNode: boolean }
}

/** What the check of the agent answers; `action` is what EnsureAgent would have to do. */
export const AgentCheck = z.object({
  action: z.enum(['none', 'install', 'wait']),
  management: z.enum(['addon', 'self-managed', 'built-in', 'none']),
  version: z.string().nullable(),
  /** Ready agents, and the nodes that need one. */
  ready: z.number(),
  nodes: z.number(),
  /** Those of the nodes without one whose taints keep every one of its DaemonSets off. */
  repelled: z.number().default(0),
  findings: z.array(Finding),
})
export type AgentCheck = z.infer<typeof AgentCheck>

/** The check in a few words: `v1.3.10-eksbuild.2 on 3/3 nodes`. */
export const agentLine = (agent: Omit<AgentCheck, 'findings' | 'repelled'>): string => {
  if (agent.management === 'built-in') return 'built into Auto Mode'
  if (agent.management === 'none') return 'not installed'
  return `${agent.version ?? 'self-managed'} on ${agent.ready}/${agent.nodes} nodes`
}

const broken = new Set(['DEGRADED', 'CREATE_FAILED', 'UPDATE_FAILED', 'DELETE_FAILED', 'DELETING'])

/**
 * Whether pods will find an agent on their node: managed as an add-on, installed by hand (Helm), built into Auto
 * Mode, or not there. https://docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html
 */
export const assessAgent = (facts: AgentFacts, may: { install: boolean }): AgentCheck => {
  const ordinary = needing(facts)
  const ready = ordinary.filter((node) => node.covered).length
  const answer = (
    action: AgentCheck['action'],
    management: AgentCheck['management'],
    findings: Finding[],
  ): AgentCheck => ({
    action,
    management,
    version: facts.addon?.version ?? null,
    ready,
    nodes: ordinary.length,
    repelled: ordinary.filter((node) => !node.covered && keptOff(node, facts)).length,
    findings,
  })

  if (!facts.addon && facts.daemonSets.length === 0) {
    if (facts.autoMode && ordinary.length === 0) return answer('none', 'built-in', [builtIn(facts)])
    if (may.install && facts.only !== undefined)
      return answer('none', 'none', [notLookedFor(facts, facts.only)])
    if (may.install && facts.portHolders?.length)
      return answer('none', 'none', [portTaken(facts, facts.portHolders)])
    if (may.install)
      return answer('install', 'none', [willInstall(facts), ...(facts.portHolders ? [] : [portsNotLookedAt])])
    return answer('none', 'none', [missing(facts, ordinary.length)])
  }
  const uncovered = ordinary.filter((node) => !node.covered)
  if (!facts.addon)
    return answer('none', 'self-managed', [
      selfManaged(facts),
      ...coverage(facts, uncovered, ordinary.length),
    ])
  if (facts.addon.status === 'CREATING' && ready < ordinary.length) {
    return answer('wait', 'addon', [arriving(facts, facts.addon)])
  }
  const health = broken.has(facts.addon.status)
    ? [unhealthy(facts, facts.addon, uncovered.length === 0 && ordinary.length > 0)]
    : []
  return answer('none', 'addon', [...health, ...coverage(facts, uncovered, ordinary.length)])
}

/**
 * The nodes where pods need an agent. Auto Mode's have it built in, Fargate's take none, and the ordinary DaemonSet's own
 * node affinity leaves hybrid nodes out: they count where a DaemonSet for them is there, or the workload may run on them.
 */
const needing = (facts: AgentFacts): AgentNode[] =>
  facts.nodes.filter(
    (node) =>
      node.computeType !== 'auto' &&
      node.computeType !== 'fargate' &&
      (!withoutHybridAgent(node, facts) || (facts.daemonSets.length > 0 && node.wanted === true)),
  )

/** Those for hybrid nodes end in `-hybrid` and `-hybrid-bottlerocket`, under whatever release. */
const withoutHybridAgent = ({ computeType }: AgentNode, { daemonSets }: AgentFacts): boolean =>
  computeType === 'hybrid' && !daemonSets.some(({ name }) => name.includes('hybrid'))

/** Why none of the agent's DaemonSets puts a pod on the node. */
const keptOff = (node: AgentNode, facts: AgentFacts): string | undefined =>
  withoutHybridAgent(node, facts)
    ? '(a hybrid node, and there is no DaemonSet of the agent for those)'
    : node.taints?.length
      ? `(its DaemonSet does not tolerate ${node.taints.join(', ')})`
      : undefined

const subject = 'Pod Identity agent'

const install = (facts: AgentFacts): string =>
  command`aws eks create-addon --cluster-name ${facts.cluster} --region ${facts.region} --addon-name ${agentAddon}`

const missing = (facts: AgentFacts, nodes: number): Finding => ({
  code: 'agent-missing',
  severity: 'blocking',
  subject,
  found: `neither the add-on ${agentAddon} nor a DaemonSet of the agent is on ${facts.cluster}${facts.autoMode ? `, and ${nodes} of its nodes are not Auto Mode's` : ''}`,
  remedy: mendWith(
    'Install the add-on, or let the run do it (--install-agent, or "installAgent": true in the request).',
    install(facts),
  ),
})

const notLookedFor = (facts: AgentFacts, only: string): Finding => ({
  code: 'agent-not-looked-for',
  severity: 'blocking',
  subject,
  found: `the add-on ${agentAddon} is not on ${facts.cluster}, and DaemonSets could be listed in ${only} alone: one in another namespace would be a second agent on the same port, so none is installed`,
  remedy: mendWith(
    'Let CheckAgent list DaemonSets everywhere (podid-nodes in manifests/), or install the add-on yourself.',
    'kubectl apply -k manifests',
  ),
})

/** Its pods are of the priority system-node-critical, so that the scheduler evicts whoever holds their ports. */
const portTaken = (facts: AgentFacts, holders: readonly string[]): Finding => ({
  code: 'agent-port-taken',
  severity: 'blocking',
  subject,
  found: `${firstOf(holders, 5)} ${holders.length === 1 ? 'holds' : 'hold'} host port ${agentPorts.join(' or ')}, which the agent needs on every node of ${facts.cluster}: installing it would evict ${holders.length === 1 ? 'it' : 'them'}, so it is not installed`,
  remedy: lookWith(
    'Give them other host ports, or keep them off the nodes that need the agent; then let the run install it.',
    `kubectl get pods -A -o custom-columns='NAMESPACE:.metadata.namespace,NAME:.metadata.name,PORTS:.spec.containers[*].ports[*].hostPort,NODE:.spec.nodeName'`,
  ),
})

const portsNotLookedAt: Finding = {
  code: 'agent-ports-not-looked-at',
  severity: 'warning',
  subject,
  found: `whether a pod holds host port ${agentPorts.join(' or ')} could not be seen (pods may not be listed everywhere); the agent needs both, and would evict it`,
  remedy: advise('Let CheckAgent list pods everywhere: podid-nodes in manifests/.'),
}

const willInstall = (facts: AgentFacts): Finding => ({
  code: 'agent-missing',
  severity: 'info',
  subject,
  found: `the add-on ${agentAddon} is not on ${facts.cluster}; this run may install it and will: ${install(facts)}`,
})

const builtIn = (facts: AgentFacts): Finding => ({
  code: 'agent-built-in',
  severity: 'info',
  subject,
  found: `${facts.cluster} runs in Auto Mode, whose nodes have the agent built in`,
})

const selfManaged = (facts: AgentFacts): Finding => ({
  code: 'agent-self-managed',
  severity: 'info',
  subject,
  found: `installed without the EKS add-on (${facts.daemonSets.map((set) => `daemonset/${set.name}${set.namespace ? ` in ${set.namespace}` : ''}`).join(', ')}); EKS will not update it`,
})

const arriving = (facts: AgentFacts, addon: AgentAddon): Finding => ({
  code: 'agent-arriving',
  severity: 'info',
  subject,
  found: `the add-on ${agentAddon} ${addon.version} on ${facts.cluster} is ${addon.status}`,
})

const unhealthy = (facts: AgentFacts, addon: AgentAddon, everywhere: boolean): Finding => ({
  code: 'agent-unhealthy',
  // EKS may call the add-on degraded for reasons that leave every node with a working agent.
  severity: everywhere && addon.status !== 'DELETING' ? 'warning' : 'blocking',
  subject,
  found: [
    `the add-on ${agentAddon} ${addon.version} is ${addon.status}`,
    ...addon.issues.map((issue) => `${issue.code}: ${excerpt(issue.message)}`),
  ].join('; '),
  remedy: healing(facts, addon),
})

/** EKS applies the add-on's objects anew when it is updated; it updates none that is half made or half gone. */
const healing = (facts: AgentFacts, addon: AgentAddon): Remedy => {
  const named = words`--cluster-name ${facts.cluster} --region ${facts.region} --addon-name ${agentAddon}`
  const see = command`aws eks describe-addon ${named} --query addon.health`
  return addon.status === 'DEGRADED' || addon.status === 'UPDATE_FAILED'
    ? mendWith(
        'See what is wrong with the add-on, and have EKS apply it anew.',
        see,
        command`aws eks update-addon ${named} --resolve-conflicts OVERWRITE`,
      )
    : lookWith(
        'See what is wrong with the add-on and its pods.',
        see,
        command`kubectl -n kube-system describe daemonset ${agentAddon}`,
      )
}

const coverage = (facts: AgentFacts, uncovered: AgentNode[], nodes: number): Finding[] => {
  if (nodes === 0) {
    if (facts.autoMode) return [builtIn(facts)]
    return [
      {
        code: 'agent-without-nodes',
        severity: 'warning',
        subject,
        found: `${facts.cluster} has no node that could run it, so nothing shows that it works`,
        remedy: lookWith(
          'See which nodes there are, and of what kind.',
          'kubectl get nodes -L eks.amazonaws.com/compute-type',
        ),
      },
    ]
  }
  const { workload } = facts
  const concerned = uncovered.filter(({ wanted }) => wanted !== false)
  // Elsewhere nothing of the workload can run, with an agent or without.
  if (concerned.length === 0) return []
  const wanted = needing(facts).filter((node) => node.wanted !== false).length
  const nowhere = concerned.length === wanted
  const names = concerned.map((node) => [node.name, keptOff(node, facts)].filter(Boolean).join(' '))
  return [
    {
      code: nowhere ? 'agent-not-ready' : 'agent-incomplete',
      // One node of many without an agent is everyday life while nodes come and go; the proof at the end covers it.
      // A DaemonSet has a pod on each of its nodes, so one of them would certainly get none.
      severity: nowhere || workload?.onEveryNode ? 'blocking' : 'warning',
      subject,
      found: `it is ready on ${nodes - uncovered.length} of ${nodes} nodes; missing on ${firstOf(names, 5)}${workload ? `, where pods of ${workload.name} may run` : ''}. Pods there would get no credentials`,
      remedy: lookWith(
        `See where the agent’s pods run, and how they are.${concerned.some((node) => withoutHybridAgent(node, facts)) ? ' The add-on runs on hybrid nodes where its configuration values have {"daemonsets":{"hybrid":{"create":true}}}: https://docs.aws.amazon.com/eks/latest/userguide/hybrid-nodes-add-ons.html' : ''}`,
        command`kubectl get pods -A -o wide -l app.kubernetes.io/name=${agentAddon}`,
      ),
    },
  ]
}

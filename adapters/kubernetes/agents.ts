import { type AgentFacts, type AgentNode, agentPorts, isAgentImage, isAgentName } from '../../core/agent.ts'
import { AccessDenied } from '../../core/errors.ts'
import type { DaemonSet, Node, Pod, PodSpec } from '../../core/kubernetes.ts'
import { mayRunOn, repelling } from '../../core/workload/placement.ts'
import {
  type AgentOnNode,
  type AgentPlace,
  type AgentReach,
  nameInSession,
} from '../../core/workload/proof/evidence.ts'
import { isReady } from '../../core/workload/readiness.ts'
import { concurrently, together } from '../concurrently.ts'
import type { Connection } from './connection.ts'
import { type Ask, explaining, unseenText } from './explain.ts'

const agentNamespace = 'kube-system'

/** What runs of the Pod Identity agent. */
export interface Agents {
  daemonSets: DaemonSet[]
  pods: Pod[]
  /** The namespace to which the caller's right to list DaemonSets is limited; absent where there is no such limit. */
  only?: string
}

/**
 * The agent's DaemonSets and their pods, by the chart's fixed label or by the image, in whatever namespace and under
 * whatever name of a Helm release. Who may not list DaemonSets everywhere sees those in kube-system.
 * @throws AccessDenied where not even these, or not the pods of a DaemonSet, may be listed.
 */
const findAgents = async (connection: Connection, signal?: AbortSignal): Promise<Agents> => {
  const { found, ...limit } = await daemonSetsAnywhere(connection, signal)
  const daemonSets = found.filter(isAgent)
  const namespaces = new Set(daemonSets.map(({ metadata }) => metadata?.namespace ?? agentNamespace))
  const pods = await concurrently([...namespaces], 4, (namespace) =>
    listed<Pod>(connection, { version: 'v1', resource: 'pods', namespace, signal }),
  )
  const uids = new Set(daemonSets.map(({ metadata }) => metadata?.uid))
  return {
    ...limit,
    daemonSets,
    pods: pods
      .flat()
      .filter(({ metadata }) =>
        metadata?.ownerReferences?.some(({ controller, uid }) => controller && uids.has(uid)),
      ),
  }
}

/** None was found where one may look, and there are other namespaces. */
const mayBeElsewhere = ({ daemonSets, only }: Agents): boolean =>
  only !== undefined && daemonSets.length === 0

const daemonSetsAnywhere = async (
  connection: Connection,
  signal: AbortSignal | undefined,
): Promise<{ found: DaemonSet[]; only?: string }> => {
  const what = { version: 'apps/v1', resource: 'daemonsets', signal }
  try {
    return { found: await listed<DaemonSet>(connection, what) }
  } catch (error) {
    if (!(error instanceof AccessDenied)) throw error
    const found = await listed<DaemonSet>(connection, { ...what, namespace: agentNamespace })
    return { found, only: agentNamespace }
  }
}

const listed = async <T>(
  connection: Connection,
  what: { version: string; resource: string; namespace?: string; signal: AbortSignal | undefined },
): Promise<T[]> => (await connection.request<{ items: T[] }>({ verb: 'list', ...what })).items

const isAgent = ({ metadata, spec }: DaemonSet): boolean =>
  isAgentName(metadata?.labels?.['app.kubernetes.io/name'] ?? '') ||
  (spec?.template.spec?.containers.some(({ image }) => isAgentImage(image ?? '')) ?? false)

/** The agent as it runs: its DaemonSets, and the ready Linux nodes with or without one of its pods. */
export const agentOnNodes = async (
  connection: Connection,
  workload: { spec: PodSpec; onEveryNode: boolean } | undefined,
  signal?: AbortSignal,
): Promise<Pick<AgentFacts, 'daemonSets' | 'nodes' | 'only'>> => {
  const [{ daemonSets, pods, only }, nodes] = await together([
    findAgents(connection, signal),
    listed<Node>(connection, { version: 'v1', resource: 'nodes', signal }),
  ])
  const covered = new Set(pods.filter(isReady).map(({ spec }) => spec?.nodeName))
  const by = workload?.onEveryNode ? 'daemon-set' : 'scheduler'
  return {
    ...(only !== undefined && { only }),
    daemonSets: daemonSets.map(({ metadata, status }) => ({
      name: metadata?.name ?? '',
      namespace: metadata?.namespace ?? agentNamespace,
      desired: status?.desiredNumberScheduled ?? 0,
      ready: status?.numberReady ?? 0,
    })),
    nodes: nodes.filter(takesPods).map((node): AgentNode => {
      const name = node.metadata?.name ?? ''
      const computeType = node.metadata?.labels?.['eks.amazonaws.com/compute-type']
      const taints = daemonSets.map(({ spec }) =>
        spec?.template.spec ? repelling(spec.template.spec, node, 'daemon-set') : [],
      )
      return {
        name,
        covered: covered.has(name),
        ...(computeType !== undefined && { computeType }),
        ...(taints.length > 0 && taints.every(({ length }) => length > 0) && { taints: taints[0] ?? [] }),
        ...(workload && { wanted: mayRunOn(workload.spec, node, by) }),
      }
    }),
  }
}

/** The pods that hold one of the agent's ports on their node; undefined where pods may not be listed everywhere. */
export const agentPortHolders = async (
  connection: Connection,
  signal?: AbortSignal,
): Promise<string[] | undefined> => {
  const { answer: pods } = await explaining(signal, (ask) =>
    ask('the pods', (limit) => listed<Pod>(connection, { version: 'v1', resource: 'pods', signal: limit })),
  )
  return pods
    ?.filter(({ metadata, spec, status }) => {
      // An agent that is just being taken away gives its ports to the next one.
      const leaves =
        metadata?.deletionTimestamp !== undefined ||
        spec?.containers.some(({ image }) => isAgentImage(image ?? ''))
      const ports = spec?.containers.flatMap(({ ports: all = [] }) => all) ?? []
      return (
        !leaves &&
        status?.phase !== 'Succeeded' &&
        status?.phase !== 'Failed' &&
        ports.some(
          ({ hostPort, containerPort, protocol = 'TCP' }) =>
            protocol === 'TCP' && agentPorts.includes(hostPort ?? (spec?.hostNetwork ? containerPort : 0)),
        )
      )
    })
    .map(
      ({ metadata, spec }) =>
        `${metadata?.namespace}/${metadata?.name} on ${spec?.nodeName ?? 'no node yet'}`,
    )
}

const takesPods = (node: Node): boolean =>
  isReady(node) && node.metadata?.labels?.['kubernetes.io/os'] !== 'windows'

/** Lines of an agent's log that are read at most, the newest; one request leaves four of them. */
const mostLines = 10_000
/** Nodes whose agents are asked for their logs: a DaemonSet may have thousands. */
const mostNodes = 60

/**
 * What there is on each of these pods' nodes to hand them credentials, with the agents' logs since the pods' start.
 * Nothing that cannot be looked at makes it fail: that is in the answer. `all` are the workload's other pods as well.
 */
export const agentPlaces = async (
  connection: Connection,
  { pods, all }: { pods: readonly Pod[]; all: readonly Pod[] },
  signal?: AbortSignal,
): Promise<AgentPlace[]> => {
  const names = [...new Set(pods.flatMap(({ spec }) => spec?.nodeName ?? []))]
  const { answer, unseen } = await explaining(signal, async (ask) => {
    const [agents, nodes] = await together([
      ask(theAgents, (limit) => findAgents(connection, limit)),
      ask(theNodes, (limit) => listed<Node>(connection, { version: 'v1', resource: 'nodes', signal: limit })),
    ])
    const logs = await concurrently(names.slice(0, mostNodes), 8, async (name) => {
      const there = agents?.pods.filter(({ spec }) => spec?.nodeName === name) ?? []
      const beside = pods.filter(({ spec }) => spec?.nodeName === name)
      return [name, await together(there.map((agent) => readAgent(connection, agent, beside, ask)))] as const
    })
    return { agents, nodes, logs: new Map(logs) }
  })
  const why = (what: string): string => {
    const found = unseen.find((one) => one.what === what)
    return found ? unseenText(found) : what
  }
  return pods.map((pod): AgentPlace => {
    const name = pod.spec?.nodeName ?? ''
    const node = answer.nodes?.find(({ metadata }) => metadata?.name === name)
    const alike = all.filter(
      (other) =>
        other.metadata?.uid !== pod.metadata?.uid &&
        other.spec?.nodeName === name &&
        nameInSession(other) === nameInSession(pod),
    )
    const notSeen = !answer.agents
      ? why(theAgents)
      : mayBeElsewhere(answer.agents)
        ? `${theAgents} outside of ${answer.agents.only}`
        : // Auto Mode's agent has no pod, and only the node says that it is there.
          !answer.nodes && !answer.logs.get(name)?.length
          ? why(theNodes)
          : names.indexOf(name) >= mostNodes
            ? `the agents on ${mostNodes} nodes were looked at, and not the one on its node`
            : undefined
    return {
      agents: (answer.logs.get(name) ?? []).map(({ log, ...agent }) => ({
        ...agent,
        log: log === undefined ? { unread: why(logOf(agent.name)) } : { text: log },
      })),
      ...(node && { node: factsOf(node) }),
      ...(alike.length > 0 && { alike: alike.map(({ metadata }) => metadata?.name ?? '') }),
      ...(notSeen !== undefined && { unseen: notSeen }),
    }
  })
}

const theAgents = 'the agent’s pods'
const theNodes = 'the nodes'

/** What there is of the agent beside each of these pods, without its logs; undefined where that could not be looked at. */
export const agentsBeside = async (
  connection: Connection,
  pods: readonly Pod[],
  signal?: AbortSignal,
): Promise<AgentReach[] | undefined> => {
  const { answer } = await explaining(signal, (ask) =>
    together([
      ask(theAgents, (limit) => findAgents(connection, limit)),
      ask(theNodes, (limit) => listed<Node>(connection, { version: 'v1', resource: 'nodes', signal: limit })),
    ]),
  )
  const [agents, nodes] = answer
  if (!agents || !nodes || mayBeElsewhere(agents)) return undefined
  return pods.map(({ spec: { nodeName } = {} }) => {
    const node = nodes.find(({ metadata }) => metadata?.name === nodeName)
    return {
      agents: agents.pods
        .filter(({ spec }) => spec?.nodeName === nodeName)
        .map((agent) => ({ name: nameOf(agent), ready: isReady(agent) })),
      ...(node && { node: factsOf(node) }),
    }
  })
}

const nameOf = ({ metadata }: Pod): string =>
  `${metadata?.namespace ?? agentNamespace}/${metadata?.name ?? ''}`

const logOf = (name: string): string => `the log of ${name}`

const factsOf = (node: Node): NonNullable<AgentPlace['node']> => {
  const labels = node.metadata?.labels ?? {}
  const computeType = labels['eks.amazonaws.com/compute-type']
  const os = labels['kubernetes.io/os']
  return { ready: isReady(node), ...(computeType && { computeType }), ...(os && { os }) }
}

/** A pod of the agent and its log, which is undefined where it could not be read. */
type AgentRead = Omit<AgentOnNode, 'log'> & { log: string | undefined }

const readAgent = async (
  connection: Connection,
  agent: Pod,
  beside: readonly Pod[],
  ask: Ask,
): Promise<AgentRead> => {
  const { namespace = agentNamespace, name = '' } = agent.metadata ?? {}
  const about = { name: nameOf(agent), ready: isReady(agent) }
  const { containers } = agent.spec ?? { containers: [] }
  const container = (containers.find(({ image }) => isAgentImage(image ?? '')) ?? containers[0])?.name
  const read = (query: Record<string, string>) =>
    ask(logOf(about.name), (signal) =>
      connection.text({
        verb: 'get',
        version: 'v1',
        resource: 'pods',
        namespace,
        name,
        subresource: 'log',
        query: { ...(container && { container }), ...query },
        signal,
      }),
    )
  const since = Math.min(...beside.map(({ status }) => Date.parse(status?.startTime ?? '') || 0))
  const log = await read({ sinceTime: new Date(since).toISOString(), tailLines: String(mostLines) })
  if (log === undefined) return { ...about, log }
  if (log.split('\n').length > mostLines) return { ...about, log, head: log.slice(0, 4000) }
  // Of a pod that is not in it, a log shows something only where it reaches back to the pod's start.
  const silent = beside.some(({ status }) => !log.includes(`"${status?.podIP}:`))
  const head = silent ? await read({ limitBytes: '4000' }) : undefined
  return { ...about, log, ...(head !== undefined && { head }) }
}

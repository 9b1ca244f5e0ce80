import { type AgentDaemonSet, type AgentNode, agentAddon } from '../../core/agent.ts'
import { AccessDenied, InvalidRequest } from '../../core/errors.ts'
import type {
  ConfigMap,
  DaemonSet,
  Event,
  Node,
  Pod,
  PodSpec,
  ServiceAccount,
} from '../../core/kubernetes.ts'
import type { DiagnosisFacts, LogTail } from '../../core/workload/diagnosis.ts'
import { configMapsRead } from '../../core/workload/environment.ts'
import type { Workload } from '../../core/workload/rollout.ts'
import type { WorkloadRef } from '../../core/workload/workload.ts'
import { together } from '../concurrently.ts'
import type { Connection } from './connection.ts'
import { podsOf } from './pods.ts'

/** Undefined where there is no such ServiceAccount. */
export const serviceAccount = (
  connection: Connection,
  namespace: string,
  name: string,
  signal?: AbortSignal,
): Promise<ServiceAccount | undefined> =>
  connection.find({ verb: 'get', version: 'v1', resource: 'serviceaccounts', namespace, name, signal })

/** The ConfigMaps that a pod's containers take variables from, without those that may not be read or are not there. */
export const configMapsOf = async (
  connection: Connection,
  namespace: string,
  spec: PodSpec,
  signal?: AbortSignal,
): Promise<ConfigMap[]> => {
  const found = await together(
    configMapsRead(spec).map((name) =>
      unlessDenied(
        connection.find<ConfigMap>({
          verb: 'get',
          version: 'v1',
          resource: 'configmaps',
          namespace,
          name,
          signal,
        }),
      ),
    ),
  )
  return found.filter((configMap) => configMap !== undefined)
}

/** For what makes an answer fuller and is not worth failing for. */
const unlessDenied = async <T>(answer: Promise<T>): Promise<T | undefined> => {
  try {
    return await answer
  } catch (error) {
    if (error instanceof AccessDenied || error instanceof InvalidRequest) return undefined
    throw error
  }
}

const instanceLabel = 'app.kubernetes.io/instance'

/** The Pod Identity agent as it runs: its DaemonSets, and the ready Linux nodes with or without one of its pods. */
export const agentOnNodes = async (
  connection: Connection,
  signal?: AbortSignal,
): Promise<{ daemonSets: AgentDaemonSet[]; nodes: AgentNode[] }> => {
  const list = async <T>(version: string, resource: string, namespace?: string): Promise<T[]> => {
    const { items } = await connection.request<{ items: T[] }>({
      verb: 'list',
      version,
      resource,
      ...(namespace && { namespace, query: { labelSelector: `${instanceLabel}=${agentAddon}` } }),
      signal,
    })
    return items
  }
  const [sets, pods, nodes] = await together([
    list<DaemonSet>('apps/v1', 'daemonsets', 'kube-system'),
    list<Pod>('v1', 'pods', 'kube-system'),
    list<Node>('v1', 'nodes'),
  ])
  const covered = new Set(pods.filter(isReady).map(({ spec }) => spec?.nodeName))
  return {
    daemonSets: sets.map(({ metadata, status }) => ({
      name: metadata?.name ?? '',
      desired: status?.desiredNumberScheduled ?? 0,
      ready: status?.numberReady ?? 0,
    })),
    nodes: nodes.filter(takesPods).map(({ metadata }) => {
      const computeType = metadata?.labels?.['eks.amazonaws.com/compute-type']
      const name = metadata?.name ?? ''
      return { name, covered: covered.has(name), ...(computeType !== undefined && { computeType }) }
    }),
  }
}

const isReady = ({ status }: Pod | Node): boolean =>
  status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false

const takesPods = (node: Node): boolean =>
  isReady(node) && node.metadata?.labels?.['kubernetes.io/os'] !== 'windows'

/** Everything that diagnose needs to know about a workload just read. */
export const diagnosisFacts = async (
  connection: Connection,
  ref: WorkloadRef,
  workload: Workload,
  signal?: AbortSignal,
): Promise<Omit<DiagnosisFacts, 'before'>> => {
  const namespace = workload.metadata?.namespace ?? 'default'
  const [{ current, owners }, warnings] = await together([
    podsOf(connection, ref, workload, signal),
    unlessDenied(warningsIn(connection, namespace, signal)),
  ])
  const concerned = new Set([ref.name, ...owners, ...current.map(({ metadata }) => metadata?.name ?? '')])
  const logs = await together(current.slice(0, 3).flatMap((pod) => logTails(connection, pod, signal)))
  return {
    ref,
    namespace,
    pods: current,
    events: (warnings ?? []).filter(({ involvedObject }) => concerned.has(involvedObject.name ?? '')),
    logs: logs.filter((tail) => tail !== undefined),
  }
}

const warningsIn = async (
  connection: Connection,
  namespace: string,
  signal: AbortSignal | undefined,
): Promise<Event[]> => {
  const { items } = await connection.request<{ items: Event[] }>({
    verb: 'list',
    version: 'v1',
    resource: 'events',
    namespace,
    query: { fieldSelector: 'type=Warning' },
    signal,
  })
  return items
}

/** The last words of the containers that ended or are not ready. */
const logTails = (
  connection: Connection,
  pod: Pod,
  signal: AbortSignal | undefined,
): Promise<LogTail | undefined>[] =>
  [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
    .filter(
      ({ ready, state, restartCount }) => !ready && (state?.running || state?.terminated || restartCount > 0),
    )
    .map(async ({ name: container, state, lastState }) => {
      const previous = state?.waiting !== undefined && lastState?.terminated !== undefined
      const text = await unlessDenied(
        connection.text({
          verb: 'get',
          version: 'v1',
          resource: 'pods',
          namespace: pod.metadata?.namespace ?? 'default',
          name: pod.metadata?.name ?? '',
          subresource: 'log',
          query: { container, tailLines: '50', ...(previous && { previous: 'true' }) },
          signal,
        }),
      )
      return text === undefined ? undefined : { pod: pod.metadata?.name ?? '', container, text }
    })

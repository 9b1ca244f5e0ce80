import { BlockList } from 'node:net'
import { isAgentImage } from '../core/agent.ts'
import type { NetworkPolicyEgressRule } from '../core/kubernetes.ts'
import { isReady } from '../core/workload/readiness.ts'
import type { AwsStandIn, PodCredentials } from './aws/index.ts'
import { setBounded } from './bounded.ts'
import type { ContainerPlan, PodBehaviour } from './kubernetes/kubelet/behaviour.ts'
import { resources } from './kubernetes/store/resources.ts'
import { selects } from './kubernetes/store/selectors.ts'
import type { Store } from './kubernetes/store/store.ts'

type Pod = Parameters<PodBehaviour>[0]

/** What a pod gets when it asks the agent of its node, and what the agent writes about it. */
export interface AgentAnswer {
  answer: PodCredentials
  /** Writes the lines of this request into the agent's log; called when the pod asks. */
  write(): void
}

/** The Pod Identity agents on the nodes of a cluster. */
export interface NodeAgents {
  /** What the agent's container does: it starts, and from then on writes what it is asked. */
  plan(pod: Pod, startMs: number): ContainerPlan
  /** Asks the agent on the pod's node; undefined where none answers. */
  ask(pod: Pod): AgentAnswer | undefined
}

/**
 * Agents that answer as EKS Auth does, and write what the real ones write at their default level: JSON a line, with
 * the address that asked. Auto Mode's are built into the node and write nothing that could be read.
 * https://github.com/aws/eks-pod-identity-agent (read at d4dc0f3), and public logs of 2024-02 to 2026-04
 */
export const nodeAgents = ({
  aws,
  store,
  cluster,
  nodeRole,
}: {
  aws: AwsStandIn
  store: Store
  cluster: string
  /** The ARN of the nodes' role, as which the agents call EKS Auth. */
  nodeRole: string
}): NodeAgents => {
  /** By the uid of the agent's pod: what writes into its log. */
  const logs = new Map<string, (text: string) => void>()
  /** The tokens, one a pod, for which an agent has credentials in its cache. */
  const cached = new Map<string, PodCredentials>()

  const line = (fields: Record<string, unknown>): string =>
    `${JSON.stringify(Object.fromEntries(Object.entries({ level: 'info', time: store.timestamp(), ...fields }).sort(([a], [b]) => (a < b ? -1 : 1))))}\n`

  const fetch = (pod: Pod): PodCredentials => {
    const found = aws.state.clusters.get(cluster)
    if (found?.eksAuth) return { error: failures[found.eksAuth] }
    const caller = aws.state.session(nodeRole, instanceOf(store, pod))
    const right = aws.can(caller, 'eks-auth:AssumeRoleForPodIdentity', found?.arn ?? '*')
    if (!right.allowed) return { error: right.message }
    return aws.assumeForPod({
      cluster,
      namespace: pod.metadata.namespace ?? '',
      serviceAccount: pod.spec.serviceAccountName ?? 'default',
      pod: { name: pod.metadata.name, uid: pod.metadata.uid },
    })
  }

  const lines = (pod: Pod, answer: PodCredentials, fromCache: boolean): string => {
    const { podIP = '' } = store.get(resources.pods, pod.metadata.namespace, pod.metadata.name)?.status ?? {}
    const client = `${podIP.includes(':') ? `[${podIP}]` : podIP}:${40_000 + (cached.size % 20_000)}`
    const about = { 'client-addr': client, 'cluster-name': cluster }
    const request = line({ ...about, msg: `handling new request request from ${client}` })
    if (fromCache) return request
    const calling = line({ ...about, msg: 'Calling EKS Auth to fetch credentials' })
    if (!('session' in answer)) {
      const requestId = crypto.randomUUID()
      const outcome = /^StatusCode: |^\w+Exception: /.exec(answer.error)
        ? answer.error
        : `AccessDeniedException: ${answer.error}`
      const status = outcome.startsWith('StatusCode: ')
        ? outcome
        : `StatusCode: 400, RequestID: ${requestId}, ${outcome}`
      const said = `unable to fetch credentials from EKS Auth: operation error EKS Auth: AssumeRoleForPodIdentity, https response error ${status}`
      return `${request}${calling}${line({
        ...about,
        level: 'error',
        msg: `Error fetching credentials: ${said}`,
        operation: 'AssumeRoleForPodIdentity',
        'request-id': requestId,
        service: 'EKS Auth',
      })}`
    }
    const { arn, sessionName } = answer.session
    return `${request}${calling}${line({
      ...about,
      fetched_role_arn: arn,
      fetched_role_id: `AROAEXAMPLE:${sessionName}`,
      msg: 'Successfully fetched credentials from EKS Auth',
      request_time_ms: 163,
    })}${line({ ...about, msg: 'Storing creds in cache', refreshTtl: 10_800_000_000_000 })}`
  }

  return {
    plan: (pod, startMs) => ({
      startMs,
      onRun: (write) => {
        write(started(line))
        setBounded(logs, pod.metadata.uid, write, MOST_PODS)
      },
    }),
    ask: (pod) => {
      if (isCutOff(store, pod)) return undefined
      const builtIn = isAutoMode(store, pod)
      const agent = builtIn ? undefined : agentBeside(store, pod)
      if (!builtIn && !agent) return undefined
      const known = cached.get(pod.metadata.uid)
      const answer = known ?? fetch(pod)
      if ('session' in answer) setBounded(cached, pod.metadata.uid, answer, MOST_PODS)
      return {
        answer,
        write: () => logs.get(agent?.metadata.uid ?? '')?.(lines(pod, answer, known !== undefined)),
      }
    },
  }
}

/** Of how many pods something is remembered. */
const MOST_PODS = 1000

/** As the agent writes them; the form of the last is that of the API's other exceptions. */
const failures = {
  unreachable: 'StatusCode: 0, RequestID: , canceled, context canceled',
  throttled: 'ThrottlingException: Rate exceeded',
  'packed-policy-too-large':
    'PackedPolicyTooLargeException: Packed size of session tags consumes 104% of allotted space.',
}

const started = (line: (fields: Record<string, unknown>) => string): string =>
  [
    'Setting logging verbosity level to: info (4)\n',
    line({ 'bind-addr': '169.254.170.23:80', msg: 'Pod Identity Agent version 0.1.36' }),
    line({ 'bind-addr': '169.254.170.23:80', msg: 'Starting server...' }),
    line({ 'bind-addr': 'localhost:2703', msg: 'Starting server...' }),
  ].join('')

/** The agent's addresses and port. */
const agentAddresses = ['169.254.170.23', 'fd00:ec2::23']
const agentPort = 80

/**
 * Whether NetworkPolicies keep the pod from the agent: one of them isolates it for egress, and none of those that do lets it
 * out there. Pods in the host's network are not isolated. https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
const isCutOff = (store: Store, { metadata, spec }: Pod): boolean => {
  if (spec.hostNetwork) return false
  const isolating = store
    .list(resources.networkpolicies, { namespace: metadata.namespace ?? '' })
    .filter(
      ({ spec: policy }) =>
        (policy?.policyTypes?.includes('Egress') ?? policy?.egress !== undefined) &&
        selects(policy?.podSelector, metadata.labels),
    )
  const letsOut = ({ to = [], ports = [] }: NetworkPolicyEgressRule): boolean =>
    (to.length === 0 ||
      to.some(({ ipBlock }) => ipBlock && agentAddresses.some((address) => isWithin(address, ipBlock)))) &&
    (ports.length === 0 ||
      ports.some(
        ({ port = agentPort, endPort, protocol = 'TCP' }) =>
          protocol === 'TCP' && Number(port) <= agentPort && agentPort <= (endPort ?? Number(port)),
      ))
  return isolating.length > 0 && !isolating.some(({ spec: policy }) => (policy?.egress ?? []).some(letsOut))
}

const isWithin = (address: string, { cidr, except = [] }: { cidr: string; except?: string[] }): boolean => {
  const list = (blocks: string[]) => {
    const found = new BlockList()
    for (const block of blocks) {
      const [net = '', bits = ''] = block.split('/')
      found.addSubnet(net, Number(bits), familyOf(net))
    }
    return found
  }
  return list([cidr]).check(address, familyOf(address)) && !list(except).check(address, familyOf(address))
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (address.includes(':') ? 'ipv6' : 'ipv4')

const nodeOf = (store: Store, { spec }: Pod) => store.get(resources.nodes, undefined, spec.nodeName ?? '')

/** The name of the session in which the pod's node acts: its instance. */
export const instanceOf = (store: Store, pod: Pod): string =>
  nodeOf(store, pod)?.spec?.providerID?.split('/').at(-1) ?? 'i-00000000000000000'

const isAutoMode = (store: Store, pod: Pod): boolean =>
  nodeOf(store, pod)?.metadata.labels?.['eks.amazonaws.com/compute-type'] === 'auto'

/** The ready agent on the pod's node, in whatever namespace. */
const agentBeside = (store: Store, { spec: { nodeName } }: Pod): Pod | undefined =>
  store
    .list(resources.pods)
    .find(
      (pod) =>
        pod.spec.nodeName === nodeName &&
        pod.spec.containers.some(({ image }) => isAgentImage(image ?? '')) &&
        isReady(pod),
    )

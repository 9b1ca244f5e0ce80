import * as z from 'zod'
import type { Pod } from '../../kubernetes.ts'
import { fargateProfileLabel } from '../placement.ts'
import { type AgentEntry, firstTimeIn, readAgentLog } from './agent-log.ts'

const about = {
  pod: z.string(),
  /** Null where the pod is on none yet. */
  node: z.string().nullable(),
}

/**
 * What was seen of one pod's credentials, and by what.
 * handed-out: the agent's log shows that EKS Auth gave it a session of the role. not-asked: the log reaches back to
 * the pod's start, and the pod is not in it. refused: the log shows the agent's error. out-of-reach: no agent that
 * could answer is on the pod's node. not-observable: nothing of this could be looked at, or distinguished.
 */
export const PodEvidence = z.discriminatedUnion('seen', [
  z.object({
    ...about,
    seen: z.literal('handed-out'),
    /** The agent's pod: `kube-system/eks-pod-identity-agent-x7kzq`. */
    agent: z.string(),
    /** As EKS Auth named it: `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`. */
    session: z.string(),
    /** RFC 3339. */
    at: z.string(),
  }),
  z.object({ ...about, seen: z.literal('not-asked'), agent: z.string() }),
  z.object({ ...about, seen: z.literal('refused'), agent: z.string(), at: z.string(), reason: z.string() }),
  z.object({ ...about, seen: z.literal('out-of-reach'), reason: z.string() }),
  z.object({
    ...about,
    seen: z.literal('not-observable'),
    reason: z.string(),
    /** Whether looking again later may show more: false for what the cluster does not let anybody see. */
    later: z.boolean(),
  }),
])
export type PodEvidence = z.infer<typeof PodEvidence>

/** Whether another look may show something else: a refused pod asks again, an agent becomes ready. */
export const mayChange = (evidence: PodEvidence): boolean =>
  evidence.seen === 'not-observable' ? evidence.later : evidence.seen !== 'handed-out'

/**
 * What a request that wants to see credentials handed out lacks: to one pod at least they were not seen to be. It is
 * waited for as long as looks are left, where another may show more.
 */
export const lackingProof = (
  evidence: readonly PodEvidence[],
  { required, looksLeft }: { required: boolean; looksLeft: number },
): { lacking: boolean; waiting: boolean } => {
  const lacking = required && evidence.some(({ seen }) => seen !== 'handed-out')
  return { lacking, waiting: lacking && looksLeft > 0 && evidence.some(mayChange) }
}

/** A pod of the agent, with what could be read of its log since the pod in question started. */
export interface AgentOnNode {
  /** `NAMESPACE/NAME` */
  name: string
  ready: boolean
  log: { text: string } | { unread: string }
  /** The beginning of the whole log, for telling how far back it reaches; absent where it was not needed. */
  head?: string
}

/** What there is of the agent on the node of a pod, as far as it could be looked at. */
export interface AgentReach {
  /** Undefined where nodes could not be looked at, or it is not among them. */
  node?: { computeType?: string; os?: string; ready: boolean }
  agents: Pick<AgentOnNode, 'name' | 'ready'>[]
  /** Why the agent's pods could not be looked for; absent where all of them were. */
  unseen?: string
}

/** The same with the agents' logs. */
export interface AgentPlace extends AgentReach {
  agents: AgentOnNode[]
  /** Other pods of the workload there whose names begin alike; it matters in the host's network only. */
  alike?: string[]
}

/** What the agent beside a pod has done for it, as far as its log shows. */
export const evidenceOf = (pod: Pod, place: AgentPlace): PodEvidence => {
  const subject = { pod: pod.metadata?.name ?? '', node: pod.spec?.nodeName ?? null }
  const obstacle = unreachable(pod, place)
  if (obstacle?.for === 'ever') return { ...subject, seen: 'out-of-reach', reason: obstacle.reason }
  if (subject.node === null)
    return { ...subject, seen: 'not-observable', reason: 'it is on no node yet', later: true }
  if (place.node?.computeType === 'auto')
    return {
      ...subject,
      seen: 'not-observable',
      reason: 'the agent of Auto Mode is built into the node and has no log to be read',
      later: false,
    }
  if (pod.spec?.hostNetwork && place.alike?.[0] !== undefined)
    return {
      ...subject,
      seen: 'not-observable',
      reason: `it is in its node’s network like ${place.alike.join(', ')}, and EKS names their sessions alike`,
      later: false,
    }
  const seen = place.agents.map((agent) => inLogOf(agent, pod, subject))
  // What an agent did outweighs what another one, perhaps its successor, does not know of.
  const telling = seen.find((one) => one.seen === 'handed-out' || one.seen === 'refused')
  if (telling) return telling
  if (obstacle) return { ...subject, seen: 'out-of-reach', reason: obstacle.reason }
  const [first] = seen
  if (first) return first
  return { ...subject, seen: 'not-observable', reason: `could not look at ${place.unseen}`, later: false }
}

/** Why no agent can answer on the pod's node: for as long as the pod is there, or at present. */
export const unreachable = (
  pod: Pod,
  place: AgentReach,
): { reason: string; for: 'ever' | 'now' } | undefined => {
  const nodeName = pod.spec?.nodeName
  const on = `node ${nodeName}`
  if (pod.metadata?.labels?.[fargateProfileLabel] || place.node?.computeType === 'fargate')
    return { reason: 'it runs on Fargate, where no agent can run', for: 'ever' }
  if (place.node?.os === 'windows')
    return { reason: `${on} runs Windows, and there is no agent for it`, for: 'ever' }
  if (place.unseen !== undefined || place.node?.computeType === 'auto' || !nodeName) return undefined
  if (place.agents.length === 0)
    return {
      reason: `no pod of the agent is on ${on}${place.node?.ready === false ? ', which is not ready' : ''}`,
      for: 'now',
    }
  if (place.agents.some(({ ready }) => ready)) return undefined
  return { reason: `the agent on ${on} (${place.agents[0]?.name}) is not ready`, for: 'now' }
}

type Subject = Pick<PodEvidence, 'pod'> & { node: string | null }

const inLogOf = (agent: AgentOnNode, pod: Pod, subject: Subject): PodEvidence => {
  const unseen = (reason: string, later: boolean): PodEvidence => ({
    ...subject,
    seen: 'not-observable',
    reason,
    later,
  })
  if ('unread' in agent.log) return unseen(`could not look at ${agent.log.unread}`, false)
  const started = Date.parse(pod.status?.startTime ?? pod.metadata?.creationTimestamp ?? '')
  const entries = readAgentLog(agent.log.text).filter(
    ({ address, at }) => isAddressOf(pod, address) && Date.parse(at) >= started,
  )
  const inHostNetwork = pod.spec?.hostNetwork
  // In the host's network a failure has no name: it may be anybody's there.
  const own = inHostNetwork ? entries.filter((entry) => bearsNameOf(pod, entry)) : entries
  const last = own.findLast(({ kind }) => kind !== 'asked')
  if (last?.kind === 'fetched')
    return { ...subject, seen: 'handed-out', agent: agent.name, session: last.session, at: last.at }
  if (last?.kind === 'failed')
    return { ...subject, seen: 'refused', agent: agent.name, at: last.at, reason: last.reason }
  const [asked] = entries
  if (asked && inHostNetwork)
    return unseen(
      `it is in the network of its node like others there, and no session in the log of ${agent.name} bears its name`,
      true,
    )
  if (asked)
    return unseen(
      `it asked ${agent.name} at ${asked.at}, and the log has no answer: one out of the agent’s cache is not logged`,
      true,
    )
  const reaches = agent.head && firstTimeIn(agent.head)
  if (!reaches) return unseen(`the log of ${agent.name} does not show how far back it reaches`, true)
  if (Date.parse(reaches) > started)
    return unseen(`the log of ${agent.name} begins at ${reaches}, after the pod’s start`, false)
  return { ...subject, seen: 'not-asked', agent: agent.name }
}

const isAddressOf = ({ status }: Pod, address: string): boolean =>
  status?.podIP === address || (status?.podIPs?.some(({ ip }) => ip === address) ?? false)

/** As much of a pod's name as its session has: EKS makes it `eks-CLUSTER-POD-UUID`, of ten characters each. */
export const nameInSession = ({ metadata }: Pod): string => (metadata?.name ?? '').slice(0, 10)

const bearsNameOf = (pod: Pod, entry: AgentEntry): boolean =>
  entry.kind === 'fetched' &&
  (entry.session
    .split('/')
    .at(-1)
    ?.includes(`-${nameInSession(pod)}-`) ??
    false)

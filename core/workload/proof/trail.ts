import * as z from 'zod'
import type { Pod } from '../../kubernetes.ts'
import { firstOf } from '../../text/list.ts'
import { isLive } from '../injection.ts'
import { nameInSession } from './evidence.ts'

/** One time that EKS assumed a role for a pod, as CloudTrail's event history has it. */
export interface Assumption {
  /** RFC 3339. */
  at: string
  session: string
  /** By its session tags; absent where an association has them off. */
  podUid?: string
}

/**
 * As much of the event as is read. What else is in it stays out, the session token of `responseElements` above all.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
 */
const Event = z.object({
  eventName: z.literal('AssumeRole'),
  eventTime: z.string(),
  userIdentity: z.object({ invokedBy: z.string().optional() }),
  errorCode: z.string().optional(),
  requestParameters: z.object({
    roleSessionName: z.string(),
    tags: z.array(z.object({ key: z.string(), value: z.string() })).optional(),
  }),
})

/** Reads the text of an event; undefined where it is not EKS assuming a role for a pod. */
export const readAssumption = (text: string, service: string): Assumption | undefined => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return undefined
  }
  const event = Event.safeParse(json).data
  if (!event || event.errorCode !== undefined || event.userIdentity.invokedBy !== service) return undefined
  const { roleSessionName, tags = [] } = event.requestParameters
  const podUid = tags.find(({ key }) => key === 'kubernetes-pod-uid')?.value
  return { at: event.eventTime, session: roleSessionName, ...(podUid && { podUid }) }
}

/** What the history shows of a pod. */
export type TrailEvidence =
  | { pod: string; seen: 'assumed'; at: string; session: string; by: 'uid' | 'name' }
  | { pod: string; seen: 'not-found' }

/**
 * Whether EKS has assumed the role for each pod: by the pod's UID, or, without session tags, by the ten characters of the
 * cluster's and of its own name that a session bears, which other pods of the workload bear as well.
 */
export const inTrail = (
  cluster: string,
  pods: readonly Pod[],
  assumptions: readonly Assumption[],
): TrailEvidence[] =>
  pods.map((pod) => {
    const name = pod.metadata?.name ?? ''
    const since = Date.parse(pod.metadata?.creationTimestamp ?? '')
    const begins = `eks-${cluster.slice(0, 10)}-${nameInSession(pod)}-`
    const found = assumptions.find(({ podUid, session, at }) =>
      podUid === undefined
        ? session.startsWith(begins) && Date.parse(at) >= since
        : podUid === pod.metadata?.uid,
    )
    if (!found) return { pod: name, seen: 'not-found' }
    const { at, session, podUid } = found
    return { pod: name, seen: 'assumed', at, session, by: podUid === undefined ? 'name' : 'uid' }
  })

/**
 * How long a session lasts that EKS gets for a pod, by the `durationSeconds` in its own events: a pod that has credentials
 * of the role now had them handed out within this time.
 */
export const sessionMs = 6 * 3600_000

/** What the event history showed of a workload's live pods, when the sweep looked at it. Times are RFC 3339. */
export type TrailLook = { at: string; role: string } & (
  | {
      pods: number
      /** How many of them EKS was seen to assume the role for. */
      assumed: number
      /** How many of these only the beginning of the name speaks for. */
      byName: number
      /** The latest time that it did. */
      latest: string | null
      /** The names of some of the others. */
      others: string[]
      since: string
      /** Whether all events of that time were looked through. */
      complete: boolean
    }
  /** Why it could not be looked at. */
  | { unseen: string }
)

/** Counts what the history shows of the pods. */
export const countInTrail = (
  { cluster, role }: { cluster: string; role: string },
  pods: readonly Pod[],
  history: { assumptions: readonly Assumption[]; complete: boolean },
  { since, now }: { since: number; now: number },
): TrailLook => {
  const evidence = inTrail(cluster, pods.filter(isLive), history.assumptions)
  const assumed = evidence.filter((one) => one.seen === 'assumed')
  const others = evidence.flatMap(({ seen, pod }) => (seen === 'not-found' ? [pod] : []))
  return {
    at: new Date(now).toISOString(),
    role,
    pods: evidence.length,
    assumed: assumed.length,
    byName: assumed.filter(({ by }) => by === 'name').length,
    latest:
      assumed
        .map(({ at }) => at)
        .toSorted()
        .at(-1) ?? null,
    others: others.slice(0, 5),
    since: new Date(since).toISOString(),
    complete: history.complete,
  }
}

/** Whether the history has shown all that it can: every pod, so that a session's length later is time enough for the next look. */
export const isLookDue = (look: TrailLook | undefined, now: number): boolean =>
  look === undefined || 'unseen' in look || look.assumed < look.pods || now - Date.parse(look.at) >= sessionMs

/** What was seen in one sentence, and no more than that. */
export const describeLook = (look: TrailLook): string => {
  const role = look.role.split('/').at(-1)
  if ('unseen' in look)
    return `at ${look.at} CloudTrail’s event history could not be looked at (${look.unseen}), so whether EKS assumed ${role} for its pods was not seen`
  const { pods, assumed, byName, latest, others, complete } = look
  const through = `CloudTrail’s event history from ${look.since} to ${look.at}${complete ? '' : ', of which only the newest thousand events were looked through'}`
  if (pods === 0) return `at ${look.at} it had no live pods to look for in CloudTrail’s event history`
  const named =
    byName === 0
      ? ''
      : ` (${byName === assumed ? '' : `${byName} of these `}by the beginning of the name, which other pods of the workload bear as well: session tags are off)`
  const seen = `by ${through}, EKS assumed ${role} for ${assumed} of ${pods} ${pods === 1 ? 'pod' : 'pods'}${named}${latest ? `, the last time at ${latest}` : ''}`
  if (assumed === pods) return seen
  const some = others.length < pods - assumed ? `${others.join(', ')} and others` : firstOf(others, 5)
  return `${seen}; nothing is there of ${some}, which did not ask for credentials, or were not answered, or whose event is not there yet (up to 15 minutes)`
}

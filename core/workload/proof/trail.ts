import * as z from 'zod'
import type { Pod } from '../../kubernetes.ts'
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
 * Whether EKS has assumed the role for each pod: by the pod's UID, or, without session tags, by the ten characters of its
 * name that a session bears, which other pods of the workload bear as well.
 */
export const inTrail = (pods: readonly Pod[], assumptions: readonly Assumption[]): TrailEvidence[] =>
  pods.map((pod) => {
    const name = pod.metadata?.name ?? ''
    const since = Date.parse(pod.metadata?.creationTimestamp ?? '')
    const found = assumptions.find(({ podUid, session, at }) =>
      podUid === undefined
        ? session.includes(`-${nameInSession(pod)}-`) && Date.parse(at) >= since
        : podUid === pod.metadata?.uid,
    )
    if (!found) return { pod: name, seen: 'not-found' }
    const { at, session, podUid } = found
    return { pod: name, seen: 'assumed', at, session, by: podUid === undefined ? 'name' : 'uid' }
  })

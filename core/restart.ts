import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { isLive, readInjection } from './injection.ts'
import type { RolloutAssessment } from './rollout.ts'

export interface RestartFacts {
  /** The pods of the workload's current revision; older ones that still terminate are not among them. */
  pods: readonly Pod[]
  /** When the association came into being and was last changed, in milliseconds since the epoch. */
  association: { createdAt: number; modifiedAt: number }
  rollout: Pick<RolloutAssessment, 'state' | 'counts'>
  /** Whether new pods are known to be injected, by the probe. */
  injectionLive: boolean
}

export interface RestartDecision {
  restart: boolean
  reason: string
}

/** Pods get credentials only when they are created, so a restart is needed unless all of them are new enough. */
export const decideRestart = (facts: RestartFacts): RestartDecision => {
  if (facts.rollout.counts.desired === 0) {
    return keep('it wants no pods now, and later ones get the credentials when they are created')
  }
  const live = facts.pods.filter(isLive)
  if (live.length === 0) {
    return facts.rollout.state === 'progressing' && facts.injectionLive
      ? keep('a rollout is under way, and its pods get the credentials when they are created')
      : restart('there is no live pod of the current revision')
  }
  const missed = live.find((pod) => !readInjection(pod).injected)
  if (missed) return restart(`pod ${missed.metadata?.name} was created without the credentials`)
  const stale = live.find((pod) => !isNewer(pod, facts.association))
  if (stale) {
    return restart(
      `pod ${stale.metadata?.name} is older than the association's last change, and its credentials may be those of the former role`,
    )
  }
  if (facts.rollout.state === 'failed') {
    return restart('its last rollout failed; a new one gives its pods a fresh start and a fresh deadline')
  }
  return keep(
    `${live.length === 1 ? 'its pod has' : `all ${live.length} pods have`} the credentials of the association already`,
  )
}

const keep = (reason: string): RestartDecision => ({ restart: false, reason })
const restart = (reason: string): RestartDecision => ({ restart: true, reason })

/**
 * Creation times come in whole seconds. In the second in which the association was made, the injection itself
 * shows that the pod came later; in the second of a later change nothing does.
 */
const isNewer = (pod: Pod, { createdAt, modifiedAt }: RestartFacts['association']): boolean => {
  const second = Date.parse(pod.metadata?.creationTimestamp ?? '')
  return second >= modifiedAt || (modifiedAt <= createdAt && second + 1000 > createdAt)
}

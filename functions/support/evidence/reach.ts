import { agentsBeside } from '../../../adapters/kubernetes/agents.ts'
import type { Connection } from '../../../adapters/kubernetes/connection.ts'
import type { Pod } from '../../../core/kubernetes.ts'
import { enoughRepeats } from '../../../core/workload/diagnosis/repeats.ts'
import { isLive } from '../../../core/workload/injection.ts'
import { unreachable } from '../../../core/workload/proof/evidence.ts'

/** Pods that no agent can answer, and why. */
export interface Away {
  reason: string
  pods: string[]
}

/** Between two looks at the nodes: an agent's pod comes to a new node within seconds. */
const everyMs = 10_000

/**
 * Looks at the nodes of a rollout's new pods for the agent, until all of them have one. It tells of pods on compute where
 * none can run, and of those that had none beside them at four looks, ten seconds apart; of nothing that could not be
 * looked at.
 */
export const watchReach = (connection: Connection) => {
  const { clock } = connection
  /** The nodes that have one. */
  const covered = new Set<string>()
  /** By the pod's uid, at how many looks it had none. */
  const lacking = new Map<string, number>()
  let nextAt = Number.NEGATIVE_INFINITY
  let mayLook = true
  let away: Away | undefined
  return async (pods: readonly Pod[], signal: AbortSignal): Promise<Away | undefined> => {
    const open = pods.flatMap((pod) => {
      const node = pod.spec?.nodeName
      return isLive(pod) && node !== undefined && !covered.has(node) ? [{ pod, node }] : []
    })
    if (open.length === 0) away = undefined
    if (open.length === 0 || !mayLook || clock.now() < nextAt) return away
    nextAt = clock.now() + everyMs
    const places = await agentsBeside(
      connection,
      open.map(({ pod }) => pod),
      signal,
    )
    if (!places) {
      mayLook = false
      return away
    }
    const lost = open.flatMap(({ pod, node }, index) => {
      const place = places[index] ?? { agents: [] }
      const { uid = '', name = '' } = pod.metadata ?? {}
      const obstacle = unreachable(pod, place)
      // An agent that is not ready may still become so.
      if (!obstacle || (obstacle.for === 'now' && place.agents.length > 0)) {
        covered.add(node)
        return []
      }
      const times = (lacking.get(uid) ?? 0) + 1
      lacking.set(uid, times)
      return obstacle.for === 'ever' || times >= enoughRepeats ? [{ reason: obstacle.reason, name }] : []
    })
    const [first] = lost
    away = first && {
      reason: first.reason,
      pods: lost.filter(({ reason }) => reason === first.reason).map(({ name }) => name),
    }
    return away
  }
}

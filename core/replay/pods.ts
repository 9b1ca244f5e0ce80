import type { RunEvent } from '../run-events/event.ts'
import type { PodEvidence } from '../workload/proof/evidence.ts'
import type { RolloutPod } from '../workload/rollout-pods.ts'

/** A pod of a run's workload, with what was seen of its credentials. */
export interface SeenPod {
  pod: string
  /** Null where it is on none yet. */
  node: string | null
  /** As a look at the rollout found it; absent where only its credentials were looked at. */
  rollout?: RolloutPod
  evidence?: PodEvidence
}

/** The pods that a run's events name, as they were seen last. Those of one node follow each other. */
export const podsIn = (events: readonly RunEvent[]): SeenPod[] => {
  const pods = new Map<string, SeenPod>()
  const proven = (evidence: readonly PodEvidence[]) => {
    for (const one of evidence)
      pods.set(one.pod, { ...pods.get(one.pod), pod: one.pod, node: one.node, evidence: one })
  }
  for (const event of events) {
    if (event.type === 'rollout.progress')
      for (const rollout of event.pods ?? [])
        pods.set(rollout.pod, { ...pods.get(rollout.pod), pod: rollout.pod, node: rollout.node, rollout })
    if (event.type === 'proof.seen') proven(event.evidence)
    // Events of an earlier version have it in the report alone.
    if (event.type === 'run.succeeded' || event.type === 'run.failed')
      proven(
        (event.report as { credentials?: { evidence?: PodEvidence[] } | null } | undefined)?.credentials
          ?.evidence ?? [],
      )
  }
  return [...Map.groupBy(pods.values(), ({ node }) => node).values()].flat()
}

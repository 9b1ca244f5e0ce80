import { agentPlaces } from '../../../adapters/kubernetes/agents.ts'
import type { Connection } from '../../../adapters/kubernetes/connection.ts'
import type { Runtime } from '../../../adapters/runtime.ts'
import type { Pod } from '../../../core/kubernetes.ts'
import { many } from '../../../core/text/list.ts'
import { evidenceOf, mayChange, type PodEvidence } from '../../../core/workload/proof/evidence.ts'

/**
 * What calls AWS as it starts has asked when it is ready, or within a second or two; what calls AWS for its first
 * customer may not ask for days, and a longer wait would only make the run longer.
 */
const briefly = { forMs: 5000, everyMs: 2000 }
/** Well within the function's time; the workflow calls again until five minutes are over. */
const patiently = { forMs: 40_000, everyMs: 5000 }

/**
 * Looks at the agents' logs until every pod's credentials were seen, or more looking is no use.
 * @param visits how often the workflow may look patiently, this time among them; 0 where it is enough to look briefly
 */
export const observeCredentials = async (
  connection: Connection,
  pods: { pods: readonly Pod[]; all: readonly Pod[] },
  visits: number,
  { clock, signal, progress }: Pick<Runtime, 'clock' | 'signal' | 'progress'>,
): Promise<PodEvidence[]> => {
  const { forMs, everyMs } = visits > 0 ? patiently : briefly
  const until = clock.now() + forMs
  const latest = clock.now() + forMs * Math.max(1, visits)
  while (true) {
    const places = await agentPlaces(connection, pods, signal)
    const evidence = pods.pods.map((pod, index) => evidenceOf(pod, places[index] ?? { agents: [] }))
    if (!evidence.some(mayChange) || clock.now() + everyMs > until) return evidence
    const handed = evidence.filter(({ seen }) => seen === 'handed-out').length
    progress({
      step: 'VerifyCredentials',
      message: `the agents’ logs show credentials for ${handed} of ${many(evidence.length, 'pod')} so far`,
      detail: { until: latest },
    })
    await clock.sleep(everyMs, signal)
  }
}

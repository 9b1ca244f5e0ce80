import { concurrently } from '../../../adapters/concurrently.ts'
import type { Connection } from '../../../adapters/kubernetes/connection.ts'
import { podsOf } from '../../../adapters/kubernetes/pods.ts'
import { workloads } from '../../../adapters/kubernetes/workloads.ts'
import type { Looks } from '../../../adapters/records/looks.ts'
import type { BindingKey } from '../../../adapters/records/runs.ts'
import type { Log } from '../../../adapters/runtime.ts'
import type { ReachableCluster } from '../../../core/cluster.ts'
import type { Pod } from '../../../core/kubernetes.ts'
import type { Request } from '../../../core/request.ts'
import { excerpt } from '../../../core/text/redact.ts'
import { type Assumption, countInTrail, isLookDue, sessionMs } from '../../../core/workload/proof/trail.ts'

/** A binding whose association is there and whose pods are injected. */
export interface InForce {
  place: BindingKey
  request: Request
  cluster: ReachableCluster
}

interface WitnessServices {
  looks: Looks
  /** The pods of the current revision of the binding's workload. */
  currentPods: (binding: InForce) => Promise<readonly Pod[]>
  assumptionsOf: (
    region: string,
    role: string,
    since: Date,
  ) => Promise<{ assumptions: Assumption[]; complete: boolean }>
  now: () => number
  /** Milliseconds that the sweep has left. */
  timeLeft: () => number
  log: Pick<Log, 'warn'>
}

/** Of the stage's table. */
const readsAtOnce = 10

/** As long as a thousand events of one role take, and more. */
const enoughMs = 60_000

/**
 * Looks in CloudTrail's event history whether EKS has assumed the role for the pods of each binding, and keeps what it
 * saw. Logs of agents are not read here: they are long gone for most pods that a sweep meets, and Auto Mode has none.
 * A role is asked about once; those come first that were looked at longest ago, and the rest is left to the next sweep
 * when the time is over. After a failure nothing more is asked in that region. Answers how many bindings were looked at.
 */
export const lookAtTrail =
  (services: WitnessServices) =>
  async (bindings: readonly InForce[]): Promise<number> => {
    const { looks, now, timeLeft, log } = services
    const known = await concurrently(bindings, readsAtOnce, async (binding) => ({
      binding,
      before: await looks.find(binding.place),
    }))
    const due = known
      .filter(({ before }) => isLookDue(before, now()))
      .toSorted((one, other) => (one.before?.at ?? '').localeCompare(other.before?.at ?? ''))
    const since = now() - sessionMs
    const ask = historyOnce(services, new Date(since))
    let looked = 0
    for (const { binding } of due) {
      if (timeLeft() < enoughMs) break
      const { place, request } = binding
      const { cluster, region, role } = request
      try {
        const pods = await services.currentPods(binding)
        const history = await ask(region, role)
        const look =
          'unseen' in history
            ? { at: new Date(now()).toISOString(), role, unseen: history.unseen }
            : countInTrail({ cluster, role }, pods, history, { since, now: now() })
        await looks.keep(place, look)
        if (!('unseen' in look)) looked++
      } catch (error) {
        log.warn('could not look for a binding in CloudTrail', {
          cluster,
          role,
          why: excerpt((error as Error).message),
        })
      }
    }
    return looked
  }

type History = Awaited<ReturnType<WitnessServices['assumptionsOf']>>

/** The history of each role, asked for once; of nothing more in a region where that failed. */
const historyOnce = ({ assumptionsOf }: WitnessServices, since: Date) => {
  const histories = new Map<string, History>()
  const failures = new Map<string, string>()
  return async (region: string, role: string): Promise<History | { unseen: string }> => {
    const key = `${region} ${role}`
    const known = histories.get(key)
    if (known) return known
    const failed = failures.get(region)
    if (failed !== undefined) return { unseen: failed }
    try {
      const history = await assumptionsOf(region, role, since)
      histories.set(key, history)
      return history
    } catch (error) {
      const unseen = excerpt((error as Error).message, 200)
      failures.set(region, unseen)
      return { unseen }
    }
  }
}

/** The pods of the current revision of the request's workload; none where it is not there. */
export const currentPods = async (
  connection: Connection,
  { workload: ref, namespace }: Request,
  signal?: AbortSignal,
): Promise<Pod[]> => {
  const workload = ref && (await workloads(connection).get(ref, namespace, signal))
  return workload ? (await podsOf(connection, ref, workload, signal)).current : []
}

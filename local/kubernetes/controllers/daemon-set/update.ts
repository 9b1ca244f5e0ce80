import { type Bounds, resolveAmount } from '../deployment/rolling-update.ts'
import { isAvailable, type StoredPod } from '../pods.ts'

/** The pods of a DaemonSet by the name of the node they are on or meant for. */
export type PodsByNode = ReadonlyMap<string, readonly StoredPod[]>

/** What a rolling update does next. */
export interface DaemonStep {
  /** Old pods to delete. */
  remove: StoredPod[]
  /** Nodes to put a new pod on beside the old one. */
  surge: string[]
}

/**
 * The bounds of a DaemonSet's rolling update over the nodes it wants to be on. Both round up, unlike a
 * Deployment's; with neither, one pod may be unavailable.
 */
export const daemonBounds = (
  rollingUpdate: { maxSurge?: number | string; maxUnavailable?: number | string } | undefined,
  desired: number,
): Bounds => {
  const maxSurge = resolveAmount(rollingUpdate?.maxSurge ?? 0, desired, 'up')
  const maxUnavailable = resolveAmount(rollingUpdate?.maxUnavailable ?? 1, desired, 'up')
  return maxSurge === 0 && maxUnavailable === 0
    ? { maxSurge, maxUnavailable: 1 }
    : { maxSurge, maxUnavailable }
}

interface Circumstances {
  bounds: Bounds
  isNew: (pod: StoredPod) => boolean
  minReadySeconds: number
  now: number
}

/** The one old and the one new pod of a node; undefined while something is leaving or doubled there. */
const pairOn = (pods: readonly StoredPod[], isNew: Circumstances['isNew']) => {
  const fresh = pods.filter(isNew)
  const old = pods.filter((pod) => !isNew(pod))
  const unsettled =
    pods.some(({ metadata }) => metadata.deletionTimestamp) || fresh.length > 1 || old.length > 1
  return unsettled ? undefined : { fresh: fresh[0], old: old[0] }
}

/**
 * The next step of a rolling update. Old pods that are not available go at once; available ones only as far as
 * maxUnavailable allows, or, with a surge, once the new pod beside them is available.
 */
export const daemonStep = (nodes: PodsByNode, circumstances: Circumstances): DaemonStep =>
  circumstances.bounds.maxSurge > 0 ? surgeStep(nodes, circumstances) : replaceStep(nodes, circumstances)

const replaceStep = (
  nodes: PodsByNode,
  { bounds, isNew, minReadySeconds, now }: Circumstances,
): DaemonStep => {
  const unavailable: StoredPod[] = []
  const candidates: StoredPod[] = []
  let missing = 0
  for (const pods of nodes.values()) {
    const pair = pairOn(pods, isNew)
    if (pair?.fresh && !pair.old) missing += isAvailable(pair.fresh, minReadySeconds, now) ? 0 : 1
    else if (pair?.old && !pair.fresh)
      (isAvailable(pair.old, minReadySeconds, now) ? candidates : unavailable).push(pair.old)
    else missing += 1
  }
  const allowed = Math.max(0, bounds.maxUnavailable - missing)
  return { remove: [...unavailable, ...candidates.slice(0, allowed)], surge: [] }
}

const surgeStep = (nodes: PodsByNode, { bounds, isNew, minReadySeconds, now }: Circumstances): DaemonStep => {
  const remove: StoredPod[] = []
  const urgent: string[] = []
  const candidates: string[] = []
  let surging = 0
  for (const [node, pods] of nodes) {
    const pair = pairOn(pods, isNew)
    if (!pair) surging += 1
    else if (pair.old && !pair.fresh)
      (isAvailable(pair.old, minReadySeconds, now) ? candidates : urgent).push(node)
    else if (pair.old && pair.fresh) {
      if (isAvailable(pair.fresh, minReadySeconds, now)) remove.push(pair.old)
      else surging += 1
    }
  }
  const allowed = Math.max(0, bounds.maxSurge - surging)
  return { remove, surge: [...urgent, ...candidates.slice(0, allowed)] }
}

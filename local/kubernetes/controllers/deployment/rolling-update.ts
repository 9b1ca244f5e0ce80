/** An absolute number or a percentage such as `25%`. */
type Amount = number | string

/** How far a rolling update may stray from the wanted number of pods, in pods. */
export interface Bounds {
  maxSurge: number
  maxUnavailable: number
}

/** What the arithmetic needs to know of a ReplicaSet. */
export interface Size {
  name: string
  /** spec.replicas */
  wanted: number
  /** status.availableReplicas */
  available: number
  /** Creation time, RFC 3339. */
  createdAt: string
  /** The annotation max-replicas: wanted + surge of the Deployment when it last sized this set. */
  maxReplicas?: number
}

/** A change of one ReplicaSet's spec.replicas. */
export interface Resize {
  name: string
  from: number
  to: number
}

/** A number of pods from an absolute value or a percentage of `total`. */
export const resolveAmount = (amount: Amount, total: number, round: 'up' | 'down'): number => {
  if (typeof amount === 'number') return amount
  const share = (Number.parseFloat(amount) * total) / 100
  return round === 'up' ? Math.ceil(share) : Math.floor(share)
}

/**
 * The bounds of a Deployment's rolling update: the surge rounds up, the unavailable rounds down, and when both
 * come to nothing one pod may be unavailable, since otherwise nothing could ever move.
 */
export const deploymentBounds = (
  rollingUpdate: { maxSurge?: Amount; maxUnavailable?: Amount } | undefined,
  replicas: number,
): Bounds => {
  const maxSurge = resolveAmount(rollingUpdate?.maxSurge ?? '25%', replicas, 'up')
  const maxUnavailable = resolveAmount(rollingUpdate?.maxUnavailable ?? '25%', replicas, 'down')
  if (maxSurge === 0 && maxUnavailable === 0) return { maxSurge, maxUnavailable: 1 }
  return { maxSurge, maxUnavailable: Math.min(maxUnavailable, replicas) }
}

const serving = ({ available, wanted }: Size) => Math.min(available, wanted)

const totalWanted = (sizes: Size[]) => sizes.reduce((sum, { wanted }) => sum + wanted, 0)

const oldestFirst = (sizes: Size[]) => sizes.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt))

/** How many pods the new ReplicaSet may have now: as many as the surge leaves room for. */
export const newReplicaSetSize = (
  replicas: number,
  { maxSurge }: Bounds,
  current: number,
  all: Size[],
): number => {
  if (current >= replicas) return replicas
  const room = replicas + maxSurge - totalWanted(all)
  return current + Math.max(0, Math.min(room, replicas - current))
}

/**
 * What the old ReplicaSets give up now, in the order in which it happens: first pods that are not available
 * anyway, then available ones, so that never fewer than replicas − maxUnavailable stay available.
 */
export const shrinkOld = (
  replicas: number,
  { maxUnavailable }: Bounds,
  old: Size[],
  fresh: Size,
): Resize[] => {
  const minAvailable = replicas - maxUnavailable
  const freshUnavailable = fresh.wanted - fresh.available
  const allowance = totalWanted(old) + fresh.wanted - minAvailable - freshUnavailable
  if (allowance <= 0) return []
  const unhealthy = take(oldestFirst(old), allowance, (size) => size.wanted - size.available)
  const shrunk = resized(old, unhealthy)
  // A set that has just been shrunk still reports pods that it is about to lose.
  const spare = [...shrunk, fresh].reduce((sum, size) => sum + serving(size), 0) - minAvailable
  return [...unhealthy, ...take(oldestFirst(shrunk), spare, (size) => size.wanted)]
}

/** Takes up to `limit` pods from the sets in turn, from each no more than `spare` says. */
const take = (sizes: Size[], limit: number, spare: (size: Size) => number): Resize[] => {
  let left = limit
  return sizes.flatMap(({ ...size }) => {
    const count = Math.min(left, size.wanted, Math.max(0, spare(size)))
    if (count <= 0) return []
    left -= count
    return [{ name: size.name, from: size.wanted, to: size.wanted - count }]
  })
}

const resized = (sizes: Size[], changes: Resize[]): Size[] =>
  sizes.map((size) => ({
    ...size,
    wanted: changes.find(({ name }) => name === size.name)?.to ?? size.wanted,
  }))

/**
 * Sizes after the Deployment was scaled in the middle of a rollout: the difference is spread over the active
 * ReplicaSets in proportion to their sizes, and what rounding leaves goes to the largest.
 */
export const spreadScaling = (
  replicas: number,
  { maxSurge }: Bounds,
  active: Size[],
  statusReplicas: number,
): Resize[] => {
  const allowed = replicas > 0 ? replicas + maxSurge : 0
  const toAdd = allowed - totalWanted(active)
  // Of equally large sets, the newer grows first and the older shrinks first.
  const ordered = active.toSorted(
    (a, b) =>
      b.wanted - a.wanted ||
      (toAdd > 0 ? b.createdAt.localeCompare(a.createdAt) : a.createdAt.localeCompare(b.createdAt)),
  )
  let added = 0
  const sizes = ordered.map((size) => {
    const share = toAdd === 0 ? 0 : proportionOf(size, { replicas, maxSurge, toAdd, added, statusReplicas })
    added += share
    return size.wanted + share
  })
  return ordered.map(({ name, wanted }, index) => {
    const leftover = index === 0 ? toAdd - added : 0
    return { name, from: wanted, to: Math.max(0, (sizes[index] ?? 0) + leftover) }
  })
}

interface Spread {
  replicas: number
  maxSurge: number
  toAdd: number
  added: number
  statusReplicas: number
}

const proportionOf = (size: Size, { replicas, maxSurge, toAdd, added, statusReplicas }: Spread): number => {
  if (size.wanted === 0 || toAdd === added) return 0
  const share =
    replicas === 0
      ? -size.wanted
      : Math.round((size.wanted * (replicas + maxSurge)) / (size.maxReplicas || statusReplicas)) - size.wanted
  const allowed = toAdd - added
  return toAdd > 0 ? Math.min(share, allowed) : Math.max(share, allowed)
}

import { isAvailable, isTerminal, type StoredPod } from '../pods.ts'

/** The label by which a pod names its ControllerRevision. */
export const revisionLabel = 'controller-revision-hash'

/** The number at the end of a pod's name, which is its place in the set. */
export const ordinalOf = ({ metadata }: Pick<StoredPod, 'metadata'>): number | undefined => {
  const match = /-(\d+)$/.exec(metadata.name)
  return match ? Number(match[1]) : undefined
}

/** What a StatefulSet does next. */
export interface StatefulStep {
  /** Ordinals to create pods for. */
  create: number[]
  remove: StoredPod[]
}

export interface StatefulCircumstances {
  /** The first ordinal. */
  start: number
  replicas: number
  /** podManagementPolicy Parallel: scaling waits for no other pod. */
  parallel: boolean
  /** updateStrategy OnDelete: old pods stay until somebody deletes them. */
  onDelete: boolean
  /** Ordinals below this one, counted from the first, keep their revision. */
  partition: number
  maxUnavailable: number
  minReadySeconds: number
  updateRevision: string
  now: number
}

const nothing: StatefulStep = { create: [], remove: [] }

/**
 * The next step of a StatefulSet. In order, one at a time: pods come up from the lowest ordinal, each once its
 * predecessor is available; surplus pods go from the highest; then old revisions are replaced from the highest
 * ordinal down, each once the one before it is available again.
 */
export const statefulStep = (pods: StoredPod[], about: StatefulCircumstances): StatefulStep => {
  const { start, replicas, parallel, minReadySeconds, now } = about
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(pod) ?? -1, pod]))
  const ordinals = Array.from({ length: replicas }, (_none, index) => start + index)
  const serves = (pod: StoredPod | undefined) =>
    pod !== undefined && !pod.metadata.deletionTimestamp && isAvailable(pod, minReadySeconds, now)
  const growth = parallel ? growAll(ordinals, byOrdinal) : growOne(ordinals, byOrdinal, serves)
  if (growth) return growth
  const condemned = pods
    .filter((pod) => !ordinals.includes(ordinalOf(pod) ?? -1))
    .toSorted((a, b) => (ordinalOf(b) ?? 0) - (ordinalOf(a) ?? 0))
  if (condemned.length > 0) return shrink(condemned, parallel)
  return about.onDelete ? nothing : replace(ordinals, byOrdinal, serves, about)
}

type ByOrdinal = ReadonlyMap<number, StoredPod>
type Serves = (pod: StoredPod | undefined) => boolean

const isOver = (pod: StoredPod) => isTerminal(pod) && !pod.metadata.deletionTimestamp

/** Missing pods are made and ended ones cleared away, all at once. */
const growAll = (ordinals: number[], byOrdinal: ByOrdinal): StatefulStep | undefined => {
  const create = ordinals.filter((ordinal) => !byOrdinal.has(ordinal))
  const remove = ordinals.flatMap((ordinal) => byOrdinal.get(ordinal) ?? []).filter(isOver)
  return create.length + remove.length > 0 ? { create, remove } : undefined
}

/** The lowest ordinal that is not as it should be decides, and everything above it waits. */
const growOne = (ordinals: number[], byOrdinal: ByOrdinal, serves: Serves): StatefulStep | undefined => {
  for (const ordinal of ordinals) {
    const pod = byOrdinal.get(ordinal)
    if (!pod) return { create: [ordinal], remove: [] }
    if (isOver(pod)) return { create: [], remove: [pod] }
    if (!serves(pod)) return nothing
  }
  return undefined
}

const shrink = (condemned: StoredPod[], parallel: boolean): StatefulStep => {
  const remaining = condemned.filter(({ metadata }) => !metadata.deletionTimestamp)
  if (parallel) return { create: [], remove: remaining }
  const leaving = remaining.length < condemned.length
  return leaving ? nothing : { create: [], remove: remaining.slice(0, 1) }
}

const replace = (
  ordinals: number[],
  byOrdinal: ByOrdinal,
  serves: Serves,
  { start, partition, maxUnavailable, updateRevision }: StatefulCircumstances,
): StatefulStep => {
  const unavailable = ordinals.filter((ordinal) => !serves(byOrdinal.get(ordinal))).length
  const old = ordinals
    .filter((ordinal) => ordinal >= start + partition)
    .flatMap((ordinal) => byOrdinal.get(ordinal) ?? [])
    .filter(
      ({ metadata }) => !metadata.deletionTimestamp && metadata.labels?.[revisionLabel] !== updateRevision,
    )
    .toReversed()
  return { create: [], remove: old.slice(0, Math.max(0, maxUnavailable - unavailable)) }
}

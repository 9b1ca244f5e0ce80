import type {
  RolloutAssessment,
  RolloutCounts,
  RolloutFailure,
  Workload,
} from '../../core/workload/rollout.ts'
import { type RolloutTrack, stuckAt, trackRollout } from '../../core/workload/rollout-progress.ts'
import { formatWorkloadRef, type WorkloadRef } from '../../core/workload/workload.ts'
import type { Clock } from '../clock.ts'
import type { Connection } from './connection.ts'
import { followObject, type Sighting } from './follow.ts'
import { workloadPath } from './workloads.ts'

/** Where a watch stopped and what it knew, for the next one to go on from; travels as JSON text. */
interface Position {
  resourceVersion: string
  track?: RolloutTrack
  /** The generation to judge by, where a new object has taken the workload's name. */
  generation?: number
  /** When the watch stopped, by its own clock: the next one may run where another clock is. */
  at?: number
}

/** The same by the clock of the watch that goes on: only how long ago it was counts. */
const byClockOf = (clock: Clock, { at, track, ...rest }: Position): Position => ({
  ...rest,
  ...(track && {
    track: { ...track, progressedAt: track.progressedAt + (at === undefined ? 0 : clock.now() - at) },
  }),
})

export interface RolloutObservation {
  /** Milliseconds since the epoch. */
  at: number
  message: string
  counts: RolloutCounts
}

export interface WatchRequest {
  connection: Connection
  ref: WorkloadRef
  namespace: string
  /** The generation that our own PATCH answered. */
  generation: number
  /** The deadline that the object of our PATCH's answer had missed already, in an earlier rollout. */
  missedBefore?: string | undefined
  /** How long this watch may last; a rollout that goes on longer answers progressing. */
  budgetMs: number
  /** A rollout that comes no farther for so long has failed, unless the workload's own deadline is later. */
  noProgressMs?: number | undefined
  /** Whether a workload without pods counts as complete. */
  allowZero?: boolean | undefined
  signal?: AbortSignal | undefined
  /** Ends the watch before its budget, as if that were spent. */
  enough?: AbortSignal | undefined
  onProgress?: (progress: RolloutObservation) => void
  /** What an earlier watch of the same rollout answered. */
  position?: string | null | undefined
}

export interface WatchResult {
  /** gone: deleted and not made anew. replaced: another object has the name now, with its own rollout. */
  state: RolloutAssessment['state'] | 'gone' | 'replaced'
  message: string
  /** Set where the state is failed. */
  reason?: RolloutFailure | 'no-progress'
  counts: RolloutCounts
  /** What became known in this watch, repetitions left out; of very many only the newest. */
  progress: RolloutObservation[]
  /** For the next watch of this rollout, or of the new object's where it was replaced; null if nothing was received. */
  position: string | null
}

/** Whoever deletes a workload to make it anew does so within seconds. */
const recreatedWithinMs = 5000

/** A large rollout has thousands of steps, and a state's answer may have 256 KiB. */
const mostProgress = 100

const noCounts: RolloutCounts = { desired: 0, updated: 0, available: 0, old: 0 }

/**
 * Follows one rollout until it is decided or the budget is spent. Never judges an object older than our PATCH.
 * Throws AccessDenied when that lasts, and Transient when nothing at all was received within the budget.
 */
export const observeRollout = async (request: WatchRequest): Promise<WatchResult> => {
  const { connection } = request
  const { clock } = connection
  const position = request.position ? byClockOf(clock, JSON.parse(request.position) as Position) : undefined
  const over = new AbortController()
  const signal = request.signal ? AbortSignal.any([request.signal, over.signal]) : over.signal
  const rollout = observer(request, position, clock)
  const sightings = followObject<Workload>({
    connection,
    object: workloadPath(request.ref, request.namespace),
    from: position?.resourceVersion,
    signal,
  })
  let next: ReturnType<typeof sightings.next> | undefined
  try {
    while (true) {
      next ??= sightings.next()
      const sighting = await before(rollout.dueAt(), next, clock, signal, request.enough)
      if (sighting) next = undefined
      const now = clock.now()
      const result = sighting?.value ? rollout.see(sighting.value, now) : rollout.due(now)
      if (result) return result
    }
  } finally {
    over.abort(new Error('the watch is over'))
    // Until its connection is let go of, so that no socket outlives the step.
    await next?.catch(() => {})
    await sightings.return(undefined)
  }
}

/** What `next` resolves to, or undefined when `at` or `enough` comes first. */
const before = async <T>(
  at: number,
  next: Promise<T>,
  clock: Clock,
  signal: AbortSignal,
  enough: AbortSignal | undefined,
): Promise<T | undefined> => {
  const settled = new AbortController()
  const due = clock
    .sleep(
      Math.max(0, at - clock.now()),
      AbortSignal.any([settled.signal, signal, ...(enough ? [enough] : [])]),
    )
    .catch((error: unknown) => {
      if (!enough?.aborted || signal.aborted) throw error
    })
    .then(() => undefined)
  due.catch(() => {})
  next.catch(() => {})
  try {
    return await Promise.race([next, due])
  } finally {
    settled.abort()
  }
}

/** Puts sightings together into a verdict. */
const observer = (request: WatchRequest, from: Position | undefined, clock: Clock) => {
  const budgetEndsAt = clock.now() + request.budgetMs
  const name = formatWorkloadRef(request.ref)
  const progress: RolloutObservation[] = []
  let position = from
  let absentSince: number | undefined
  let trouble: Error | undefined
  const endsAt = (): number => (request.enough?.aborted ? 0 : budgetEndsAt)

  const result = (
    state: WatchResult['state'],
    message: string,
    reason?: WatchResult['reason'],
  ): WatchResult => ({
    state,
    message,
    ...(reason && { reason }),
    counts: position?.track?.counts ?? noCounts,
    progress,
    position: position ? JSON.stringify({ ...position, at: clock.now() }) : null,
  })

  const stalledAt = (): number =>
    request.noProgressMs !== undefined && position?.track
      ? stuckAt(position.track, request.noProgressMs)
      : Number.POSITIVE_INFINITY

  const goneAt = (): number =>
    absentSince === undefined ? Number.POSITIVE_INFINITY : absentSince + recreatedWithinMs

  /** Another uid; or, where none is known yet, a generation that the patched object has left behind. */
  const isAnother = ({ metadata }: Workload): boolean =>
    position?.track
      ? position.track.uid !== metadata?.uid
      : !position && (metadata?.generation ?? 0) < request.generation

  const seeObject = (object: Workload, resourceVersion: string, now: number): WatchResult | undefined => {
    absentSince = undefined
    if (isAnother(object)) {
      position = { resourceVersion, generation: object.metadata?.generation ?? 0 }
      return result('replaced', `${name} was deleted and made anew while its rollout was watched`)
    }
    const { track, assessment, changed } = trackRollout(position?.track, object, now, {
      generation: position?.generation ?? request.generation,
      allowZero: request.allowZero ?? false,
      missedBefore: request.missedBefore,
    })
    position = { ...position, resourceVersion, track }
    if (changed) {
      const step = { at: now, message: track.message, counts: track.counts }
      progress.push(step)
      if (progress.length > mostProgress) progress.shift()
      request.onProgress?.(step)
    }
    return assessment.state === 'progressing'
      ? undefined
      : result(assessment.state, assessment.message, assessment.reason)
  }

  return {
    dueAt: () => Math.min(endsAt(), stalledAt(), goneAt()),

    see: (sighting: Sighting<Workload>, now: number): WatchResult | undefined => {
      if (sighting.kind === 'trouble') {
        trouble = sighting.error
        return undefined
      }
      trouble = undefined
      if (sighting.kind === 'object') return seeObject(sighting.object, sighting.resourceVersion, now)
      if (sighting.kind === 'absent') absentSince ??= now
      if (position) position = { ...position, resourceVersion: sighting.resourceVersion }
      return undefined
    },

    due: (now: number): WatchResult | undefined => {
      if (now >= goneAt()) return result('gone', `${name} is no longer in namespace ${request.namespace}`)
      const track = position?.track
      if (track && now >= stalledAt()) {
        const seconds = Math.round((now - track.progressedAt) / 1000)
        return result('failed', `${track.message} (no progress for ${seconds} s)`, 'no-progress')
      }
      if (now < endsAt()) return undefined
      if (!position && trouble) throw trouble
      return result('progressing', track?.message ?? `nothing heard of ${name} yet`)
    },
  }
}

import {
  assessRollout,
  ownDeadlineMs,
  type RolloutAssessment,
  type RolloutCounts,
  type RolloutOptions,
  type Workload,
} from './rollout.ts'

/** What a watcher knows of a rollout: plain data, so that the next watcher can go on from it. */
export interface RolloutTrack {
  /** The object's identity: one of the same name and another uid is another workload. */
  uid: string
  message: string
  counts: RolloutCounts
  /** The farthest it has come, to distinguish no progress from going back and forth. */
  best: { generation: number; updated: number; available: number }
  /** When it came that far, in milliseconds since the epoch. */
  progressedAt: number
  /** How long the workload itself lets it make no progress, in milliseconds; 0 where it says nothing. */
  deadlineMs: number
}

/** What an object says about the rollout that `before` has followed so far. */
export const trackRollout = (
  before: RolloutTrack | undefined,
  object: Workload,
  now: number,
  options: RolloutOptions,
): { track: RolloutTrack; assessment: RolloutAssessment; changed: boolean } => {
  const assessment = assessRollout(object, options)
  const { message, counts } = assessment
  const best = farthest(before?.best, object.metadata?.generation ?? 0, counts)
  const track: RolloutTrack = {
    uid: object.metadata?.uid ?? '',
    message,
    counts,
    best,
    progressedAt: before && best === before.best ? before.progressedAt : now,
    deadlineMs: ownDeadlineMs(object),
  }
  return { track, assessment, changed: before?.message !== message || !sameCounts(before.counts, counts) }
}

/** A pod that crashes and comes back is no progress; another spec begins anew. */
const farthest = (
  best: RolloutTrack['best'] | undefined,
  generation: number,
  { updated, available }: RolloutCounts,
): RolloutTrack['best'] => {
  const farther =
    !best ||
    best.generation !== generation ||
    updated > best.updated ||
    (updated === best.updated && available > best.available)
  return farther ? { generation, updated, available } : best
}

/** The controller's own verdict on a missed deadline is given a little time to arrive. */
const verdictMs = 10_000

/** When a rollout that comes no farther counts as stuck: its caller's patience, and never before its own deadline. */
export const stuckAt = ({ progressedAt, deadlineMs }: RolloutTrack, noProgressMs: number): number =>
  progressedAt + Math.max(noProgressMs, deadlineMs > 0 ? deadlineMs + verdictMs : 0)

const sameCounts = (one: RolloutCounts, other: RolloutCounts): boolean =>
  one.desired === other.desired &&
  one.updated === other.updated &&
  one.available === other.available &&
  one.old === other.old

/**
 * The names by which a failure travels through the state machine. A name exists only because some Retry or
 * Catch treats it differently; `test/workflows` holds this list and the definition together both ways.
 */
export const errorNames = [
  'InvalidRequest', // the caller must change the request: never retried
  'PreflightFailed', // something must be fixed before anything may be changed: never retried
  'Refused', // we could act, but would overwrite what is not ours: a person decides
  'AccessDenied', // not permitted: retried for a while, since grants and access entries take time to arrive
  'Conflict', // someone wrote between our read and our write: read again at once
  'Transient', // throttled, or the service was briefly unavailable: back off and retry
  'NotShown', // a service says that something is there and does not show it: looked for again, and no absence is believed
  'TimedOut', // a function ran out of time: retried twice only, since it may take as long again
  'Declined', // a person declined, or there was no answer in time: nothing was changed, nothing to undo
  'RolloutFailed', // the workload will not become ready by waiting: undo
  'UndoIncomplete', // something could not be put back: a person finishes by hand
] as const
export type ErrorName = (typeof errorNames)[number]

/**
 * A failure the workflow knows how to treat. `name` is what Retry and Catch match; the message says what was
 * found and what to do about it; `cause` is the service's own error.
 */
export abstract class PodidError extends Error {
  abstract override readonly name: ErrorName
}

// Each name below is a literal, because bundling renames classes and Catch matches strings.

/** The request itself is wrong; the message names every fault. */
export class InvalidRequest extends PodidError {
  override readonly name = 'InvalidRequest'
}

/** The cluster, role or workload is not in a state in which acting could succeed. */
export class PreflightFailed extends PodidError {
  override readonly name = 'PreflightFailed'
}

/** Acting would overwrite something this system did not put there. */
export class Refused extends PodidError {
  override readonly name = 'Refused'
}

/** AWS or Kubernetes denied the call; this may pass while a new grant propagates. */
export class AccessDenied extends PodidError {
  override readonly name = 'AccessDenied'
}

/** Another writer came between our read and our write. */
export class Conflict extends PodidError {
  override readonly name = 'Conflict'
}

/** A fault of the moment: throttling, a 5xx, a cut connection. */
export class Transient extends PodidError {
  override readonly name = 'Transient'
}

/**
 * A service answered that something was made, or is there, and does not show it. IAM and EKS are eventually consistent,
 * so that it may show later: until then "not found" says nothing.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
 */
export class NotShown extends PodidError {
  override readonly name = 'NotShown'
}

/** A function did not come to an end in its time. */
export class TimedOut extends PodidError {
  override readonly name = 'TimedOut'
}

/** Waiting longer will not make the workload ready. */
export class RolloutFailed extends PodidError {
  override readonly name = 'RolloutFailed'
}

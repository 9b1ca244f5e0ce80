/** A write of a run: intended before it was tried, and what is known of it since. */
export interface Change {
  /** association-tag: the run's mark on an association that it did not make. pod: one deleted to free a rollout. */
  kind: 'access-entry' | 'addon' | 'association' | 'association-tag' | 'restart' | 'pod'
  /** What was written to: an ARN, an id, `deployment/carts`. */
  subject: string
  /** What was done, as a line for people: `created the association a-… of carts/carts with ROLE`. */
  action: string
  /** done and not-done were seen; unknown: its answer was lost, and nobody could look since. */
  state: 'done' | 'not-done' | 'unknown'
  /** Whether the run has taken it back. */
  undone: boolean
  /** The command that takes it back by hand, where it was not taken back. */
  command?: string
}

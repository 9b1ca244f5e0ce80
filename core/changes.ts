import * as z from 'zod'

/** What a run can write. */
export const ChangeKind = z.enum([
  'access-entry',
  'addon',
  'role',
  /** The inline policy of a role that the run makes. */
  'role-policy',
  /** The trust policy of a role that was there. */
  'trust',
  /** The IRSA annotation of a ServiceAccount. */
  'annotation',
  'association',
  /** The run's mark on an association that it did not make. */
  'association-tag',
  'restart',
  /** One deleted to free a rollout. */
  'pod',
])
export type ChangeKind = z.infer<typeof ChangeKind>

/** A write as a difference: `~ association a-…` and under it `role: reader → writer`. */
export const Diff = z.object({
  sign: z.enum(['+', '~', '±']),
  what: z.string(),
  /** What it sets; `from` is null where there was nothing. */
  fields: z.array(z.object({ name: z.string(), from: z.string().nullable(), to: z.string() })),
})
export type Diff = z.infer<typeof Diff>

/** A write of a run: intended before it was tried, and what is known of it since. */
export const Change = z.object({
  kind: ChangeKind,
  /** What is written to: an ARN, an id, `deployment/carts`. */
  subject: z.string(),
  /** The write as words for people: `created the association a-…` where it is done, else `create …`. */
  action: z.string(),
  /**
   * planned: a run would make it, or was to make it. done and not-done were seen; unknown: its answer was lost,
   * and nobody could look since.
   */
  state: z.enum(['planned', 'done', 'not-done', 'unknown']),
  /** Whether the run has taken it back. */
  undone: z.boolean(),
  /** Why it is unknown. */
  error: z.string().exactOptional(),
  /** The command that takes it back by hand. */
  command: z.string().exactOptional(),
  /** The same as what differs by it. */
  diff: Diff.exactOptional(),
})
export type Change = z.infer<typeof Change>

/** Whether it may have happened: everything but what was seen not to have. */
export const mayBeDone = ({ state }: Change): boolean => state === 'done' || state === 'unknown'

import type { Change, ChangeKind, Diff } from '../changes.ts'
import type { RunState } from './answers.ts'

/** What is known of whether a write has happened. */
export type Known = Pick<Change, 'state'> & { error?: string }

export const known = {
  done: { state: 'done' },
  notDone: { state: 'not-done' },
} as const satisfies Record<string, Known>

/** What a look says of a write; without a look nothing is known. */
export const knownBy = <Seen>(
  look: { seen: Seen } | { error: string } | null | undefined,
  isDone: (seen: Seen) => boolean,
): Known => {
  if (!look) return { state: 'unknown' }
  if ('error' in look) return { state: 'unknown', error: look.error }
  return isDone(look.seen) ? known.done : known.notDone
}

/**
 * Whether the step ended because a service says that something is there and does not show it. That a later look does
 * not show it either is no proof that it is not there.
 */
export const isNotShown = ({ failure }: Pick<RunState, 'failure'>): boolean => failure?.Error === 'NotShown'

/** What a look says of a write that a service may have made and does not show. */
export const unlessNotShown = (known: Known, state: Pick<RunState, 'failure'>): Known =>
  known.state === 'not-done' && isNotShown(state)
    ? { state: 'unknown', error: 'it was answered to be there, and is not shown' }
    : known

/** Undo looks before it acts, so that what nobody could look at earlier shows in its answer. */
export const afterUndo = (
  known: Known,
  state: Pick<RunState, 'undo' | 'failure'>,
  kind: ChangeKind,
): Known => {
  const { undo } = state
  if (known.state !== 'unknown' || !undo || 'error' in undo) return known
  if (undo.kept.some((one) => one.kind === kind)) return known
  const told = [...undo.done, ...undo.left].filter((one) => one.kind === kind)
  if (told.some((one) => !('perhaps' in one))) return { state: 'done' }
  if (told.length > 0) return known
  return isNotShown(state) ? known : { state: 'not-done' }
}

/** Something that a run writes. */
export interface Write {
  kind: ChangeKind
  subject: string
  /** What it is called before it is done and afterwards. */
  words: [planned: string, done: string]
  /** The same as a difference, with what is written to before it is done and afterwards. */
  diff?: Omit<Diff, 'what'> & { what: Write['words'] }
  /** The command that takes it back. */
  command?: string
}

export const change = ({ kind, subject, words, diff, command }: Write, { state, error }: Known): Change => ({
  kind,
  subject,
  action: words[state === 'done' ? 1 : 0],
  state,
  undone: false,
  ...(error ? { error } : {}),
  ...(command ? { command } : {}),
  ...(diff ? { diff: { ...diff, what: diff.what[state === 'done' ? 1 : 0] } } : {}),
})

/** The difference of a write that makes something. */
export const added = (what: string, fields: Diff['fields'] = []): NonNullable<Write['diff']> => ({
  sign: '+',
  what: [what, what],
  fields,
})

export const planned = (write: Write): Change => change(write, { state: 'planned' })

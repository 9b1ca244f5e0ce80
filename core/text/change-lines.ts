import type { Change } from '../changes.ts'

/** A change as a line for people, which says no more than is known of it. */
export const changeLine = ({ action, state, undone, error }: Change): string => {
  switch (state) {
    case 'planned':
    case 'done':
      return undone ? `${action}; put back since` : action
    case 'not-done':
      return `tried to ${action}, which did not happen`
    case 'unknown':
      return `tried to ${action}; whether that happened could not be seen${error ? `: ${error}` : ''}`
  }
}

/**
 * The writes of a report without those that its undo tells of itself: what a run that undoes an earlier one writes is
 * what it puts back.
 */
export const changesToTell = (
  changes: readonly Change[],
  undo: { done: readonly string[]; left: readonly { what: string }[] } | null,
): Change[] => {
  const told = new Set(undo && [...undo.done, ...undo.left.map(({ what }) => what)])
  return changes.filter((change) => !told.has(change.subject) && !told.has(change.action))
}

/** The same as lines for people. */
export const changeLines = (...told: Parameters<typeof changesToTell>): string[] =>
  changesToTell(...told).map(changeLine)

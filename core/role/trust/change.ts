import * as z from 'zod'
import { asList, type Fields, isFields } from '../../policy/document.ts'

/** What a run writes of a role's trust policy: both texts, so that an undo needs nothing else to go by. */
export const TrustChange = z.strictObject({
  /** The text as IAM had it. */
  found: z.string(),
  /** The text with the change made. */
  planned: z.string(),
  /** What differs, a line each, as what is to be done: `add a statement for carts/carts of eks-workshop alone`. */
  what: z.array(z.string()),
})
export type TrustChange = z.infer<typeof TrustChange>

/** A trust policy's text with other statements; every other member stays, in its place. */
export const withStatements = (
  text: string,
  change: (statements: readonly unknown[]) => readonly unknown[],
): string => {
  const fields = fieldsOf(text)
  return JSON.stringify({ ...fields, Statement: change(asList(fields.Statement)) })
}

/** A trust policy's statements, as they stand there; none where the text is no document. */
export const statementsOf = (text: string): readonly unknown[] => asList(fieldsOf(text).Statement)

const fieldsOf = (text: string): Fields => {
  try {
    const parsed: unknown = JSON.parse(text)
    return isFields(parsed) ? parsed : {}
  } catch {
    return {}
  }
}

/** Whether two documents say the same, whatever their white space and the order of their members. */
export const isSameText = (one: string, other: string): boolean =>
  keyOf(fieldsOf(one)) === keyOf(fieldsOf(other))

/** What two values share that say the same. */
const keyOf = (value: unknown): string => JSON.stringify(ordered(value))

const ordered = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(ordered)
  if (!isFields(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, ordered(value[key])]),
  )
}

const has = (statements: readonly unknown[], one: unknown): boolean =>
  statements.some((statement) => keyOf(statement) === keyOf(one))

/** The statements of one text that another lacks. */
export const statementsLacking = (of: string, inText: string): unknown[] => {
  const there = statementsOf(inText)
  return statementsOf(of).filter((statement) => !has(there, statement))
}

/** Whether a change is made, by its statements: others may have changed what else stands there. */
export const isChangeMade = (
  { found, planned }: Pick<TrustChange, 'found' | 'planned'>,
  now: string,
): boolean =>
  isSameText(planned, now) ||
  (statementsLacking(planned, found).every((added) => has(statementsOf(now), added)) &&
    statementsLacking(found, planned).every((gone) => !has(statementsOf(now), gone)))

/** How a text comes to have, or no longer to have, a change. */
export type TrustEdit =
  /** It is so already. */
  | { action: 'none' }
  /** `others`: it differs elsewhere from what was expected, and keeps that. */
  | { action: 'write'; text: string; others: boolean }
  /** Somebody has changed what was to be changed, in these words. */
  | { action: 'keep'; why: string }

/** Makes a change in the text that is there now. What others have changed besides since `found` was read stays as they have it. */
export const makeChange = (change: Pick<TrustChange, 'found' | 'planned'>, now: string): TrustEdit =>
  edit({ from: change.found, to: change.planned }, now)

/**
 * Takes a change back: by the byte where the text is still as the run left it. Else the statements that the run added go and those that it took out
 * come back, and what others have changed besides stays as they have it.
 */
export const undoChange = (change: Pick<TrustChange, 'found' | 'planned'>, now: string): TrustEdit =>
  edit({ from: change.planned, to: change.found }, now)

const edit = ({ from, to }: { from: string; to: string }, now: string): TrustEdit => {
  if (isSameText(now, to)) return { action: 'none' }
  if (isSameText(now, from)) return { action: 'write', text: to, others: false }
  const theirs = statementsOf(now)
  if (theirs.length === 0) return { action: 'keep', why: 'podid cannot read it' }
  const going = statementsLacking(from, to)
  const coming = statementsLacking(to, from)
  if (going.every((one) => !has(theirs, one)) && coming.every((one) => has(theirs, one)))
    return { action: 'none' }
  const changed = going.find((one) => !has(theirs, one))
  if (changed !== undefined)
    return { action: 'keep', why: `somebody has changed ${namesOf(changed)} or taken it out since` }
  const places = statementsOf(to)
  // What comes in the place of what goes stays there; all else comes where it stood among the others.
  const kept = theirs.flatMap((statement) => {
    const at = going.findIndex((one) => keyOf(one) === keyOf(statement))
    if (at < 0) return [statement]
    const instead = going.length === coming.length ? coming[at] : undefined
    return instead === undefined || has(theirs, instead) ? [] : [instead]
  })
  let statements: readonly unknown[] = kept
  for (const one of coming) {
    if (has(statements, one)) continue
    const at = places.findIndex((place) => keyOf(place) === keyOf(one))
    statements = statements.toSpliced(at === places.length - 1 ? statements.length : at, 0, one)
  }
  const text = withStatements(now, () => statements)
  return statementsOf(text).length === 0
    ? { action: 'keep', why: 'no statement would be left in it' }
    : { action: 'write', text, others: true }
}

const namesOf = (statement: unknown): string => {
  const { Sid: sid } = statement as { Sid?: string }
  return sid === undefined ? 'the statement' : `the statement ${sid}`
}

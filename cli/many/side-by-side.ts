import { type ExitCode, exit } from '../exit.ts'

/** How several things are done side by side. */
export interface SideBySide {
  /** So many at once, from 1. */
  parallel: number
  /** Whether no further one is begun after one has failed; those under way go on to their end. */
  failFast: boolean
  /** No further one is begun once it is aborted. */
  signal?: AbortSignal
}

/** Codes from the best to the worst. */
const ranks: readonly ExitCode[] = [
  exit.done,
  exit.changes,
  exit.usage,
  exit.failed,
  exit.interrupted,
  exit.undoIncomplete,
]

/** Whether a code says that something did not go well. */
export const isFailure = (code: ExitCode): boolean => code !== exit.done && code !== exit.changes

/**
 * The worst of several codes. One that was rejected among others that were not counts as failed: of the whole it would
 * be untrue that nothing was called.
 */
export const worstOf = (codes: readonly ExitCode[]): ExitCode => {
  const worst = codes.reduce<ExitCode>(
    (one, other) => (ranks.indexOf(other) > ranks.indexOf(one) ? other : one),
    exit.done,
  )
  return worst === exit.usage && codes.some((code) => code !== exit.usage) ? exit.failed : worst
}

/**
 * Does a work for each item, so many at a time, in their order.
 * @returns the outcomes in the items' order; undefined for those that were not begun
 */
export const sideBySide = async <Item, Outcome extends { code: ExitCode }>(
  items: readonly Item[],
  { parallel, failFast, signal }: SideBySide,
  work: (item: Item) => Promise<Outcome>,
): Promise<(Outcome | undefined)[]> => {
  const outcomes = items.map((): Outcome | undefined => undefined)
  let next = 0
  let failed = false
  const worker = async () => {
    while (next < items.length && !signal?.aborted && !(failFast && failed)) {
      const at = next++
      const outcome = await work(items[at] as Item)
      outcomes[at] = outcome
      failed ||= isFailure(outcome.code)
    }
  }
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, worker))
  return outcomes
}

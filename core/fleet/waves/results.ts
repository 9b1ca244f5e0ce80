import type { Outcome } from '../../report.ts'
import { Before } from '../../request.ts'
import { clip } from '../../text/clip.ts'
import { firstLine } from '../../text/first-line.ts'
import type { WaveItem } from './request.ts'

/** What became of a binding in its wave. */
export type BindingResult =
  | 'enabled'
  | 'skipped' // in force already, as its association and the proof of its pods showed: nothing was changed
  | 'associated' // its workload is not there yet
  | 'undone'
  | 'failed'
  | 'stopped' // its run was stopped in the middle, or its time was over
  | 'not begun'

/** A binding of a wave with what became of it. */
export interface ResultRow extends Omit<WaveItem, 'input'> {
  /** The name that its item has for its run; after a redrive `run` is another one. */
  item: string
  wave: number
  result: BindingResult
  /** One line for people. */
  said: string
  /** What an undo of it needs; null where there is nothing to put back. */
  before: Before | null
}

const resultOf: Readonly<Record<Outcome, BindingResult>> = {
  enabled: 'enabled',
  unchanged: 'skipped',
  associated: 'associated',
  undone: 'undone',
  planned: 'skipped',
  failed: 'failed',
}

/** An entry of what a Map Run's ResultWriter writes. https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html */
export interface WrittenResult {
  Status: string
  /** The item, as JSON text. */
  Input: string
  /** What the child answered, as JSON text. */
  Output?: string
  Error?: string
  Cause?: string
}

/** What a child answers for a run that succeeded. */
interface ChildAnswer {
  run?: string
  outcome: Outcome
  summary: string
  before: unknown
}

const parsed = <Value>(text: string | undefined): Value | undefined => {
  try {
    return JSON.parse(text ?? '') as Value
  } catch {
    return undefined
  }
}

/** The item that a written result is about. */
export const itemOf = ({ Input }: Pick<WrittenResult, 'Input'>): WaveItem | undefined =>
  parsed<WaveItem>(Input)

/** A row of what a Map Run wrote of an item. Whether a run that was stopped has something to undo, its history says. */
export const rowOf = (item: WaveItem, wave: number, written: Omit<WrittenResult, 'Input'>): ResultRow => {
  const { input: _, ...own } = item
  const row = (
    result: BindingResult,
    said: string,
    { before = null, run = item.run }: { before?: Before | null; run?: string | undefined } = {},
  ): ResultRow => ({
    ...own,
    run,
    item: item.run,
    wave,
    result,
    said: clip(firstLine(said), 300),
    before,
  })
  if (written.Status === 'SUCCEEDED') {
    const answer = parsed<ChildAnswer>(written.Output)
    if (!answer) return row('failed', 'its answer cannot be read')
    const result = resultOf[answer.outcome] ?? 'failed'
    const before =
      result === 'enabled' || result === 'associated' ? Before.safeParse(answer.before).data : null
    const said = result === 'skipped' ? 'in force already' : answer.summary
    return row(result, said, { before: before ?? null, run: answer.run })
  }
  if (written.Status === 'PENDING') return row('not begun', 'the rollout stopped before it')
  if (written.Status === 'ABORTED') return row('stopped', 'stopped when the wave was beyond its tolerance')
  // A nested execution that did not succeed is described in the cause, as JSON, which may be cut off.
  const nested = parsed<{ Name?: string; Status?: string; Error?: string; Cause?: string }>(written.Cause)
  const which = { run: nested?.Name }
  if (nested?.Status === 'TIMED_OUT' || (!nested && written.Error === 'States.Timeout'))
    return row('stopped', 'its time was over', which)
  if (nested?.Status === 'ABORTED') return row('stopped', 'somebody stopped its run', which)
  return row('failed', nested?.Cause ?? nested?.Error ?? shortCause(written), which)
}

const shortCause = ({ Error: error = 'it failed', Cause = '' }: Omit<WrittenResult, 'Input'>): string => {
  const [, inner] = /"Cause":"((?:[^"\\]|\\.){1,300})/.exec(Cause) ?? []
  return `${error}: ${inner ?? Cause}`
}

/** How many of each result there are. */
export type ResultCounts = Record<BindingResult, number>

export const resultCounts = (rows: readonly Pick<ResultRow, 'result'>[]): ResultCounts => {
  const counts: ResultCounts = {
    enabled: 0,
    skipped: 0,
    associated: 0,
    undone: 0,
    failed: 0,
    stopped: 0,
    'not begun': 0,
  }
  for (const { result } of rows) counts[result]++
  return counts
}

/** How many there are of both. */
export const addCounts = (one: ResultCounts, other: ResultCounts): ResultCounts =>
  Object.fromEntries(
    (Object.keys(one) as BindingResult[]).map((result) => [result, one[result] + other[result]]),
  ) as ResultCounts

/** What did not come to its end: it failed, it was stopped in the middle, or it was not begun. */
export const badResults = ['failed', 'stopped', 'not begun'] as const satisfies BindingResult[]

/** Bindings that did not come to their end for one reason. */
export interface FailureDigest {
  result: (typeof badResults)[number]
  said: string
  count: number
  /** The first of them. */
  bindings: string[]
}

/**
 * What failed, was stopped and was not begun, in this order, by its reason: many bindings have one in common. The names
 * of a binding's own are no part of a reason.
 */
export const failureDigest = (rows: readonly ResultRow[]): FailureDigest[] =>
  badResults.flatMap((result) =>
    [
      ...Map.groupBy(
        rows.filter((row) => row.result === result),
        reasonOf,
      ),
    ]
      .map(([said, them]) => ({
        result,
        said,
        count: them.length,
        bindings: them.slice(0, 5).map(({ binding, cluster }) => `${binding} on ${cluster}`),
      }))
      .toSorted((one, other) => other.count - one.count),
  )

/** `2 failed (carts on blue, orders on blue): its role trusts no pods`. */
export const digestText = (
  { result, said, count, bindings }: FailureDigest,
  { most = Number.POSITIVE_INFINITY, literal = (text: string) => text } = {},
): string =>
  `${count} ${result} (${literal(bindings.join(', '))}${count > bindings.length ? ', …' : ''}): ${literal(clip(said, most))}`

/** Both by their reasons, in the same order. */
export const addDigests = (one: readonly FailureDigest[], other: readonly FailureDigest[]): FailureDigest[] =>
  badResults.flatMap((result) =>
    [
      ...Map.groupBy(
        [...one, ...other].filter((digest) => digest.result === result),
        ({ said }) => said,
      ),
    ]
      .map(([said, them]) => ({
        result,
        said,
        count: them.reduce((sum, { count }) => sum + count, 0),
        bindings: them.flatMap(({ bindings }) => bindings).slice(0, 5),
      }))
      .toSorted((one, other) => other.count - one.count),
  )

const reasonOf = ({ said, namespace, serviceAccount, cluster }: ResultRow): string => {
  const rest = [`${namespace}/${serviceAccount} on ${cluster}`, `${namespace}/${serviceAccount}`]
    .reduce((text, name) => text.replaceAll(name, ''), said)
    .replace(/^[^:]* on [\w-]+: /, '')
    .trim()
  return rest.replace(/^: /, '') || said
}

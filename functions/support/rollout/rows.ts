import { concurrently } from '../../../adapters/concurrently.ts'
import type { Objects } from '../../../adapters/objects.ts'
import type { Executions } from '../../../adapters/step-functions.ts'
import { viewRun } from '../../../core/chatops/run-view.ts'
import { wayBack } from '../../../core/chatops/way-back.ts'
import { objectsOf } from '../../../core/fleet/waves/plan.ts'
import type { WaveItem } from '../../../core/fleet/waves/request.ts'
import { itemOf, type ResultRow, rowOf, type WrittenResult } from '../../../core/fleet/waves/results.ts'
import type { Report } from '../../../core/report.ts'
import type { Before } from '../../../core/request.ts'
import { translateHistory } from '../../../core/run-events/translation.ts'

export interface RowServices {
  objects: Pick<Objects, 'get' | 'list'>
  executions: Pick<Executions, 'find' | 'history' | 'stop'>
}

/** Histories and descriptions are asked for so many at a time: Step Functions answers some in a second. */
const atOnce = 5

/**
 * What became of the bindings of a round, by what the Map Run has written. Those of which it has written nothing, and
 * those that were stopped, are looked for in Step Functions; a run that still goes on is stopped, since nobody watches it.
 * @param prefix where the Map Run wrote
 */
export const readRound = async (
  services: RowServices,
  items: readonly WaveItem[],
  { wave, prefix }: { wave: number; prefix: string },
): Promise<ResultRow[]> => {
  const written = await writtenResults(services.objects, prefix)
  return concurrently(items, atOnce, async (item) => {
    const found = written.get(item.run)
    const row = found && rowOf(item, wave, found)
    return row && row.result !== 'stopped' ? row : settled(services, item, wave, row)
  })
}

/** The results below a prefix, by the name of the run that the item is for. Of a redriven Map Run the latest count. */
const writtenResults = async (
  objects: RowServices['objects'],
  prefix: string,
): Promise<Map<string, WrittenResult>> => {
  const keys = (await objects.list(prefix)).filter((key) =>
    /(?:SUCCEEDED|FAILED|PENDING)_\d+\.json$/.test(key),
  )
  // What succeeded comes last, and so stands in the place of an earlier failure.
  const ordered = keys.toSorted(
    (one, other) => Number(/SUCCEEDED/.test(one)) - Number(/SUCCEEDED/.test(other)),
  )
  const results = new Map<string, WrittenResult>()
  for (const key of ordered)
    for (const result of ((await objects.get(key)) ?? []) as WrittenResult[]) {
      const item = itemOf(result)
      if (item) results.set(item.run, result)
    }
  return results
}

/** A row by the run's own execution. */
const settled = async (
  { executions }: RowServices,
  item: WaveItem,
  wave: number,
  known: ResultRow | undefined,
): Promise<ResultRow> => {
  const found = await executions.find(item.run)
  if (!found) return rowOf(item, wave, { Status: 'PENDING' })
  if (found.status === 'SUCCEEDED') {
    const Output = JSON.stringify(found.output)
    return rowOf(item, wave, { Status: 'SUCCEEDED', Output })
  }
  if (found.status === 'RUNNING')
    await executions.stop(item.run, 'the rollout that it belongs to has stopped')
  if (found.status === 'FAILED') {
    const Cause = JSON.stringify({ Name: item.run, Cause: found.cause ?? 'it failed' })
    return rowOf(item, wave, { Status: 'FAILED', Cause })
  }
  const before = (await wayBackOf({ executions }, item)) ?? null
  const stopped = known ?? rowOf(item, wave, { Status: 'ABORTED' })
  const why = found.status === 'TIMED_OUT' ? 'its time was over' : known ? known.said : 'its run was stopped'
  return {
    ...stopped,
    result: 'stopped',
    said: `${why}; ${before ? 'what it changed may not all be put back' : 'nothing of it is left to put back'}`,
    before,
  }
}

/** What undoing a binding's run needs, by its history; undefined where there is nothing to undo. */
export const wayBackOf = async (
  { executions }: { executions: Pick<Executions, 'history'> },
  { run, input }: Pick<WaveItem, 'run' | 'input'>,
): Promise<Before | undefined> => {
  const history = await executions.history(run)
  const report: Report | undefined = viewRun(translateHistory(history, { run })).end?.report
  return wayBack(history, { mode: input.mode as 'enable' | 'plan' | 'undo' | undefined, report })
}

/** The rows of a round that were kept; undefined where it was never judged. */
export const keptRows = async (
  { objects }: Pick<RowServices, 'objects'>,
  rollout: string,
  wave: number,
  round: number,
): Promise<ResultRow[] | undefined> =>
  (await objects.get(objectsOf(rollout).rows(wave, round))) as ResultRow[] | undefined

/**
 * What became of a wave up to now: of rounds that were judged what was kept, of the one that was not (the rollout was
 * stopped in it) what Step Functions says.
 */
export const rowsOfWave = async (
  services: RowServices,
  rollout: string,
  { number, rounds }: { number: number; rounds: number },
): Promise<ResultRow[]> => {
  const rows: ResultRow[] = []
  for (let round = 1; round <= rounds; round++) {
    const kept = await keptRows(services, rollout, number, round)
    if (kept) {
      rows.push(...kept)
      continue
    }
    const items = (await services.objects.get(objectsOf(rollout).items(number, round))) as
      | WaveItem[]
      | undefined
    if (items)
      rows.push(
        ...(await readRound(services, items, {
          wave: number,
          prefix: objectsOf(rollout).results(number, round),
        })),
      )
  }
  return rows
}

/**
 * The inputs that undo what rows changed, by the inputs of their runs. Of a run that failed its history says whether it
 * has put back all itself.
 */
export const undoItemsOf = async (
  services: RowServices,
  rows: readonly ResultRow[],
  items: ReadonlyMap<string, WaveItem>,
): Promise<Omit<WaveItem, 'run'>[]> => {
  const found = await concurrently(rows, atOnce, async (row) => {
    const item = items.get(row.item)
    if (!item) return []
    const failed = row.result === 'failed'
    const before = row.before ?? (failed ? await wayBackOf(services, { ...item, run: row.run }) : undefined)
    if (!before) return []
    const { run: _, ...rest } = item
    return [{ ...rest, input: { ...item.input, mode: 'undo', before } }]
  })
  return found.flat()
}

import { concurrently } from '../../adapters/concurrently.ts'
import type { Objects } from '../../adapters/objects.ts'
import type { ReadRun, WaveBinding } from '../../console/server/source.ts'
import { objectsOf } from '../../core/fleet/waves/plan.ts'
import type { WaveItem } from '../../core/fleet/waves/request.ts'
import type { ResultRow } from '../../core/fleet/waves/results.ts'
import { wavesOf } from '../../core/replay/waves.ts'
import type { RunEvent } from '../../core/run-events/event.ts'
import { redact } from '../../core/text/redact.ts'

type Row = Omit<ResultRow, 'before'>

const readAtOnce = 8

/**
 * Reads a rollout's bindings: which wave has which, and what has become of them, from where its steps leave that. What
 * was read once does not change, and is not read again. Where it cannot be read, those of the report are answered.
 * @param objectsIn the documents of a rollout's bucket
 */
export const waveBindings = (objectsIn: (bucket: string) => Pick<Objects, 'get'>) => {
  const known = new Map<string, readonly unknown[]>()
  const read = async <Entry>(bucket: string, key: string): Promise<readonly Entry[]> => {
    const found = known.get(key) ?? ((await objectsIn(bucket).get(key)) as readonly unknown[] | undefined)
    if (found) known.set(key, found)
    return (found ?? []) as readonly Entry[]
  }
  return async (events: readonly RunEvent[]): Promise<ReadRun['bindings']> => {
    const seen = wavesOf(events)
    if (!seen) return { items: [], fault: null }
    const { plan, waves, report } = seen
    const at = objectsOf(plan.rollout)
    try {
      const rounds = plan.waves.flatMap((wave) =>
        Array.from({ length: wave.rounds }, (_, index) => ({ wave: wave.number, round: index + 1 })),
      )
      const items = await concurrently(rounds, readAtOnce, async ({ wave, round }) =>
        (await read<WaveItem>(plan.bucket, at.items(wave, round))).map((item) => ({ ...item, wave })),
      )
      const judged = rounds.filter(({ wave }) => waves[wave - 1]?.judged)
      const rows = await concurrently(judged, readAtOnce, ({ wave, round }) =>
        read<ResultRow>(plan.bucket, at.rows(wave, round)),
      )
      const undone = await concurrently(
        waves.filter((wave) => wave.judged?.undoing),
        readAtOnce,
        ({ number }) => read<ResultRow>(plan.bucket, at.undoRows(number)),
      )
      const results = new Map<string, Row>()
      for (const row of [...rows.flat(), ...undone.flat()]) results.set(placeOf(row), row)
      return { items: items.flat().map((item) => bindingOf(item, results.get(placeOf(item)))), fault: null }
    } catch (error) {
      const why = redact(error instanceof Error ? error.message : String(error))
      return {
        items: (report?.bindings ?? []).map((row) => bindingOf(row, row)),
        fault: report
          ? `${why}; these are the bindings of its report${report.more > 0 ? `, which leaves out ${report.more}` : ''}`
          : `${why}; its report names them when it has ended`,
      }
    }
  }
}

const placeOf = ({ region, cluster, namespace, serviceAccount }: Omit<WaveItem, 'input'>): string =>
  JSON.stringify([region, cluster, namespace, serviceAccount])

const bindingOf = (item: Omit<WaveItem, 'input'> & { wave: number }, row: Row | undefined): WaveBinding => ({
  wave: item.wave,
  name: item.binding,
  cluster: item.cluster,
  binding: `${item.namespace}/${item.serviceAccount}`,
  run: row?.run ?? item.run,
  result: row?.result ?? null,
  said: row?.said ?? '',
})

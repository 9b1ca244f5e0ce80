// Without schemas: the console's page shows them too.
import { many } from '../../text/list.ts'
import type { ResultCounts } from './results.ts'

/** `wave 2 of 3: 12 bindings on 4 clusters`. */
export const waveText = (
  { number, bindings, clusters }: { number: number; bindings: number; clusters: number },
  of: number,
): string => `wave ${number} of ${of}: ${many(bindings, 'binding')} on ${many(clusters, 'cluster')}`

/** `5 enabled, 2 skipped (in force already), 1 failed`. */
export const countsText = (counts: ResultCounts): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([result, count]) => `${count} ${result}${result === 'skipped' ? ' (in force already)' : ''}`)
    .join(', ') || 'nothing to do'

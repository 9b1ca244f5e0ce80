import type { Seen } from '../render/formats.ts'
import { withoutMs } from '../render/style.ts'
import { tableText } from '../render/table.ts'

/** A run of a journal or of a stage, as a list shows it. */
export interface RunLine {
  run: string
  /** `this machine`, or the stage. */
  where: string
  /** RFC 3339. */
  startedAt: string
  status: string
  /** What it is about, where that is known. */
  about: string | null
}

/**
 * Runs as the formats show them.
 * @param places where was looked
 */
export const runsSeen = (items: readonly RunLine[], places: readonly string[]): Seen => ({
  value: { items },
  names: () => items.map(({ run }) => run),
  table: (_wide, width) =>
    items.length === 0
      ? `no runs of ${places.join(' or of ')}\n`
      : tableText(
          ['RUN', 'WHERE', 'STARTED', 'STATUS', 'ABOUT'],
          items.map(({ run, where, startedAt, status, about }) => [
            run,
            where,
            withoutMs(startedAt),
            status,
            about ?? '-',
          ]),
          width,
        ),
})

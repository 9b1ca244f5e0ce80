import { visible } from '../../core/text/unprintable.ts'
import { wrapped } from './screen.ts'

/** As much of a line as the last column must have: with less, its text goes beneath the row. */
const leastOfLast = 30

/**
 * Rows under their headings as kubectl prints them: three spaces between columns, none after the last one. The last
 * column is text: where a row is wider than the screen, it goes on in its column, or beneath the row where there is
 * little room.
 * @param width of the screen; infinite where lines are not wrapped
 */
export const tableText = (
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): string => {
  const all = [headings, ...rows].map((row) =>
    headings.map((_, column) => visible(row[column] ?? '').replaceAll('\n', ' ')),
  )
  const widths = headings.map((_, column) => Math.max(...all.map((row) => lengthOf(row[column] ?? ''))))
  const before = widths.slice(0, -1).reduce((sum, one) => sum + one + 3, 0)
  const fits = before + (widths.at(-1) ?? 0) <= width
  const beneath = !fits && width - before < leastOfLast
  return all
    .flatMap((row, at) => {
      const columns = row
        .slice(0, -1)
        .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - lengthOf(cell) + 3))
        .join('')
      const last = row.at(-1) ?? ''
      if (!beneath) return wrapped(last, width, columns)
      if (at === 0 || last === '') return [columns]
      return [columns, ...wrapped(last, width, '    ')]
    })
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}

const lengthOf = (text: string): number => [...text].length

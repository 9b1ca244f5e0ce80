import { visible } from '../../core/text/unprintable.ts'
import { wrapped } from './screen.ts'

/** As much of a line as the last column must have: with less, its text goes beneath the row. */
const leastOfLast = 30

const gap = '   '
const beneath = '    '

/**
 * Rows under their headings as kubectl prints them: three spaces between columns, none after the last one. The last
 * column is text: where a row is wider than the screen, it goes on in its column, or beneath the row where there is
 * little room. Columns before it that do not fit go on beneath the row too, and so do their headings.
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
  const last = headings.length - 1
  const before = widths.slice(0, -1).reduce((sum, one) => sum + one + gap.length, 0)
  const fits = before + (widths[last] ?? 0) <= width
  const lastBeneath = !fits && width - before < leastOfLast
  const lines = columnsByLine(widths.slice(0, -1), width)
  const folded = lines.length > 1
  const lineOf = (row: readonly string[], columns: readonly number[]) =>
    columns
      .map((column) => {
        const cell = row[column] ?? ''
        return cell + ' '.repeat((widths[column] ?? 0) - lengthOf(cell)) + gap
      })
      .join('')
  return all
    .flatMap((row, at) => {
      const text = row[last] ?? ''
      const shown = lines
        .map((columns, line) => (line === 0 ? '' : beneath) + lineOf(row, columns))
        .filter((_, line) => line === 0 || lines[line]?.some((column) => isSaid(row[column])))
      if (!lastBeneath) return wrapped(text, width, shown[0])
      if (at === 0 ? !folded : !isSaid(text)) return shown
      return [...shown, ...wrapped(text, width, beneath)]
    })
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}

/** Which columns stand on which line of a row: as many on each as fit, those after the first behind an indent. */
const columnsByLine = (widths: readonly number[], width: number): number[][] => {
  const lines: number[][] = [[]]
  let taken = 0
  for (const [column, one] of widths.entries()) {
    if (taken + one > width && lines.at(-1)?.length !== 0) {
      lines.push([])
      taken = beneath.length
    }
    lines.at(-1)?.push(column)
    taken += one + gap.length
  }
  return lines
}

const isSaid = (cell = ''): boolean => cell !== '' && cell !== '-'

const lengthOf = (text: string): number => [...text].length

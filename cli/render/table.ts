import { visible } from '../../core/text/unprintable.ts'
import { widthOf, wrapped } from './screen.ts'

/** As much of a line as the last column must have: with less, its text goes beneath the row. */
const leastOfLast = 30
/** As many lines as the last column may have in its place: with more, its text goes beneath the row. */
const mostOfLast = 3

const gap = '   '
const beneath = '    '

interface Column {
  heading: string
  cells: readonly string[]
  width: number
}

/**
 * Rows under their headings as kubectl prints them: three spaces between columns, none after the last one. Where a row
 * is wider than the screen, columns that say nothing of any row are left out, and the text of the last column goes on in
 * its place, or beneath the row where it has little room. Columns before it that do not fit stand beneath the row too,
 * each after its own heading.
 * @param width of the screen; infinite where lines are not wrapped
 */
export const tableText = (
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): string => {
  const whole = headings.map((heading, at): Column => {
    const cells = rows.map((row) => visible(row[at] ?? '').replaceAll('\n', ' '))
    return { heading, cells, width: Math.max(...[heading, ...cells].map(lengthOf)) }
  })
  const says = ({ cells }: Column, at: number) => at === 0 || rows.length === 0 || cells.some(isSaid)
  const columns = widthWith(whole) <= width ? whole : whole.filter(says)
  const last = columns.at(-1)
  const before = columns.slice(0, -1)
  const indent = widthWith(before) + (before.length > 0 ? gap.length : 0)
  const lines = (at?: number): string[] => {
    const cellOf = ({ heading, cells }: Column) => (at === undefined ? heading : (cells[at] ?? ''))
    const text = last ? cellOf(last) : ''
    if (last && (before.length === 0 || fitsInPlace(last, width - indent)))
      return wrapped(text, width, lineOf(before, cellOf, true))
    const leading = before.slice(0, leadingIn(before, width))
    const others = before.slice(leading.length)
    const line = lineOf(leading, cellOf)
    if (at === undefined) return [line]
    const pairs = others.filter((column) => isSaid(cellOf(column)))
    const said = others.length > 0 ? `${last?.heading}: ${text}` : text
    const beside = pairs.map((column) => `${column.heading}: ${cellOf(column)}`)
    // A name needs no line of its own, as words do.
    if (others.length > 0 && isSaid(text) && !text.includes(' '))
      return [line, ...sideBySide([...beside, said], width)]
    return [
      line,
      ...sideBySide(beside, width),
      ...(isSaid(text)
        ? wrapped(said, width, beneath, others.length > 0 ? beneath.length + 2 : beneath.length)
        : []),
    ]
  }
  return [undefined, ...rows.keys()]
    .flatMap(lines)
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}

const widthWith = (columns: readonly Column[]): number =>
  columns.reduce((sum, { width }, at) => sum + width + (at === 0 ? 0 : gap.length), 0)

const lineOf = (columns: readonly Column[], cellOf: (column: Column) => string, goesOn = false): string =>
  columns
    .map((column) => cellOf(column) + ' '.repeat(column.width - lengthOf(cellOf(column))))
    .join(gap)
    .concat(goesOn && columns.length > 0 ? gap : '')

/** Whether all that the last column says can be read beside the others. */
const fitsInPlace = ({ heading, cells, width }: Column, room: number): boolean => {
  if (width <= room) return true
  if (room < leastOfLast) return false
  return [heading, ...cells].every((cell) => {
    const lines = wrapped(cell, room)
    return lines.length <= mostOfLast && lines.every((line) => widthOf(line) <= room)
  })
}

/** How many columns stand side by side on a row's first line. */
const leadingIn = (columns: readonly Column[], width: number): number => {
  const wider = columns.findIndex((_, at) => at > 0 && widthWith(columns.slice(0, at + 1)) > width)
  return wider < 0 ? columns.length : wider
}

/** Short texts, as many to a line as fit. */
const sideBySide = (texts: readonly string[], width: number): string[] => {
  const lines: string[][] = []
  for (const text of texts) {
    const line = lines.at(-1)
    if (line && lengthOf([...line, text].join(gap)) + beneath.length <= width) line.push(text)
    else lines.push([text])
  }
  return lines.flatMap((line) =>
    line.length > 1
      ? [beneath + line.join(gap)]
      : wrapped(line.join(gap), width, beneath, beneath.length + 2),
  )
}

const isSaid = (cell = ''): boolean => cell !== '' && cell !== '-'

const lengthOf = (text: string): number => [...text].length

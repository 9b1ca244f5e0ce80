/** Rows under their headings as kubectl prints them: three spaces between columns, none after the last one. */
export const tableText = (headings: readonly string[], rows: readonly (readonly string[])[]): string => {
  const all = [headings, ...rows]
  const widths = headings.map((_, column) => Math.max(...all.map((row) => lengthOf(row[column] ?? ''))))
  return all
    .map((row) =>
      headings
        .map((_, column) => {
          const cell = row[column] ?? ''
          return column === headings.length - 1
            ? cell
            : cell + ' '.repeat((widths[column] ?? 0) - lengthOf(cell) + 3)
        })
        .join('')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('')
}

const lengthOf = (text: string): number => [...text].length

import { type Screen, wrapped } from './screen.ts'

const columns = ['ROLE', 'RESOURCE', 'ANSWER', 'BY', 'ACTIONS']

/** So many rows of the table leave room for the rest of a report. */
const most = 6

/**
 * The table of a role's permissions; where it is wider than the screen, the rows that are not granted, each as a sentence
 * of its own.
 */
export const permissionBlock = (table: readonly string[], { width }: Screen): string[] => {
  const [, head = '', ...lines] = table
  if (lines.length === 0) return []
  const starts = columns.map((column) => head.indexOf(column))
  const fits = [head, ...lines].every((line) => line.length + 2 <= width)
  if (fits) return firstOf([head, ...lines].map((line) => `  ${line}`))
  const open = lines
    .map((line) => starts.map((start, at) => line.slice(start, starts[at + 1]).trim()))
    .filter(([, , answer]) => answer !== 'granted')
  return firstOf(open).flatMap((cells) => {
    if (typeof cells === 'string') return [cells]
    const [, resource, answer, by, actions = ''] = cells
    return wrapped(`${answer} (${by}): ${actions.replaceAll(',', ', ')} on ${resource}`, width, '  ', 4)
  })
}

const firstOf = <Line>(lines: readonly Line[]): (Line | string)[] => [
  ...lines.slice(0, most),
  ...(lines.length > most ? [`  and ${lines.length - most} more in what --json prints`] : []),
]

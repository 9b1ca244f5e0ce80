import type { StoredMetadata } from '../store/resources.ts'
import { ageOf } from './age.ts'

/** One column of the table that the server prints for a kind. */
export interface Column<Printed> {
  name: string
  description: string
  /** Null where there is nothing to print, which columns of custom kinds alone know. */
  cell: (object: Printed, now: number) => string | number | boolean | null
  /** `string` or `integer`; of custom kinds also `number`, `boolean` and `date`. */
  type: string
  format: string
  /** Above 0 it is shown by `-o wide` alone. */
  priority: number
}

/** A column of text, or of whatever its cells hold. */
export const column = <Printed>(
  name: string,
  description: string,
  cell: Column<Printed>['cell'],
  options: Partial<Pick<Column<Printed>, 'type' | 'format' | 'priority'>> = {},
): Column<Printed> => ({ name, description, cell, type: 'string', format: '', priority: 0, ...options })

/** A column that only `-o wide` shows. */
export const wide = <Printed>(
  name: string,
  description: string,
  cell: Column<Printed>['cell'],
): Column<Printed> => column(name, description, cell, { priority: 1 })

/** A column of whole numbers. */
export const integer = <Printed>(
  name: string,
  description: string,
  cell: (object: Printed) => number,
): Column<Printed> => column(name, description, cell, { type: 'integer' })

interface Named {
  metadata: StoredMetadata
}

export const nameColumn: Column<Named> = column(
  'Name',
  'The name of the object, unique within its namespace.',
  ({ metadata }) => metadata.name,
  { format: 'name' },
)

export const ageColumn: Column<Named> = column(
  'Age',
  'The time since the object was created.',
  ({ metadata }, now) => ageOf(metadata.creationTimestamp, now),
)

/** Labels as a selector prints them: `app=carts,tier=web`, or `<none>`. */
export const labelsCell = (labels: Readonly<Record<string, string>> | undefined): string => {
  const pairs = Object.entries(labels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.join('='))
  return pairs.join(',') || '<none>'
}

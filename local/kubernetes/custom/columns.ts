import { ageOf } from '../printing/age.ts'
import { type Column, nameColumn } from '../printing/column.ts'
import type { CustomVersion } from '../store/resources.ts'
import { findByPath } from './json-path.ts'

type Declared = CustomVersion['columns'][number]

/** Where a definition declares no columns, the server prints an age. */
const age: Declared = {
  name: 'Age',
  type: 'date',
  description:
    'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
  jsonPath: '.metadata.creationTimestamp',
}

const nameDescription =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names'

/** The columns in which a custom kind is printed: its name, and those that its definition declares. */
export const customColumns = ({ columns }: CustomVersion): Column<never>[] => [
  { ...(nameColumn as Column<never>), description: nameDescription },
  ...(columns.length > 0 ? columns : [age]).map(declaredColumn),
]

const declaredColumn = ({
  name,
  type,
  jsonPath,
  format,
  description,
  priority,
}: Declared): Column<never> => ({
  name,
  type,
  format: typeof format === 'string' ? format : '',
  description:
    typeof description === 'string' && description
      ? description
      : `Custom resource definition column (in JSONPath format): ${jsonPath}`,
  priority: typeof priority === 'number' ? priority : 0,
  cell: (object: unknown, now: number) => cellOf(type, findByPath(jsonPath, object)?.[0], now),
})

/** What is found, where it is of the column's type. */
const cellOf = (type: string, value: unknown, now: number): string | number | boolean | null => {
  if (value === undefined || value === null) return null
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null
    case 'number':
      return typeof value === 'number' ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date':
      if (typeof value !== 'string') return null
      return Number.isNaN(Date.parse(value)) ? '<invalid>' : ageOf(value, now)
    default:
      return typeof value === 'string' ? value : JSON.stringify(value)
  }
}

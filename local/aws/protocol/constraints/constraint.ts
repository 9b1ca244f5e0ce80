import type { ServiceName } from '../model.ts'

/** What a service's model demands of a value; `min` and `max` are lengths, and values of numbers. */
export interface Constraint {
  min?: number
  max?: number
  /** Of all of a text. */
  pattern?: string
  values?: readonly string[]
}

/** Of each service its constrained shapes, and which members of its operations have them, by path. */
export type ConstraintTable = Readonly<
  Record<
    ServiceName,
    {
      shapes: Readonly<Record<string, Constraint>>
      members: Readonly<Record<string, Readonly<Record<string, string>>>>
    }
  >
>

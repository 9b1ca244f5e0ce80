/** A truth value that may depend on something unknown. */
export type Ternary = boolean | 'unknown'

/** True only where all are true; false as soon as one is, whatever is unknown. */
export const every = (values: readonly Ternary[]): Ternary =>
  values.includes(false) ? false : values.includes('unknown') ? 'unknown' : true

/** True as soon as one is, whatever is unknown. */
export const some = (values: readonly Ternary[]): Ternary =>
  values.includes(true) ? true : values.includes('unknown') ? 'unknown' : false

import type { OutputFlags } from './show.ts'

/** The flags of a run, besides those that describe its binding. */
export type RunFlags = OutputFlags & { yes?: boolean }

/** The flags of commands that work on several bindings. */
export interface ManyFlags {
  parallel?: number
  failFast?: boolean
}

/** How many are worked on at once unless told. */
export const usualParallel = 4

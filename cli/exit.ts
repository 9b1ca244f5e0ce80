/** What the process's exit code says, for scripts. */
export const exit = {
  done: 0,
  failed: 1,
  usage: 2,
  /** `podid plan` found changes to make. */
  changes: 3,
  /** The run failed, and not everything could be put back. */
  undoIncomplete: 4,
  interrupted: 130,
} as const
export type ExitCode = (typeof exit)[keyof typeof exit]

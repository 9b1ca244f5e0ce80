/** What the process's exit code says, for scripts; README has the table. */
export const exit = {
  /** Done, or nothing to do; of `verify` and `doctor`, all is as it should be. */
  done: 0,
  /** Failed; also where AWS or a cluster gave no answer, or does not have what was named. */
  failed: 1,
  /** The command line, a file or the request has a fault, which shows without asking anybody. */
  usage: 2,
  /** `podid plan` found changes to make. */
  changes: 3,
  /** The run failed, and not everything could be put back. */
  undoIncomplete: 4,
  interrupted: 130,
} as const
export type ExitCode = (typeof exit)[keyof typeof exit]

import type { LocalClock } from './clock.ts'

/** Called with what went wrong inside a stand-in, which goes on without it. */
export type Trouble = (where: string, error: unknown) => void

/** Writes it to stderr, with the place in the code. */
export const logTrouble: Trouble = (where, error) => {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`${where} failed, and the stand-in goes on without: ${what}\n`)
}

/** A clock of which nothing that it calls can fail any further than to `trouble`. */
export const guardedClock = (clock: LocalClock, where: string, trouble: Trouble): LocalClock => ({
  now: () => clock.now(),
  sleep: (ms, signal) => clock.sleep(ms, signal),
  after: (ms, run) => clock.after(ms, () => guard(where, trouble, run)),
})

/** Runs something whose failure must not end whoever called it. */
export const guard = (where: string, trouble: Trouble, run: () => void): void => {
  try {
    run()
  } catch (error) {
    trouble(where, error)
  }
}

import { type Budget, nextTurn } from '../../core/operation/pace.ts'
import type { Runtime } from '../runtime.ts'
import { records } from './records.ts'

/** Turns that functions take of what all of them may do together only so often. */
export const paces = (runtime: Runtime, tableArn: string) => {
  const table = records<{ freeAt: number }>(runtime, { tableArn, kind: 'pace' })
  return {
    /**
     * Takes the next turn of a budget; answers the milliseconds to wait for it. Where others are faster again and again, or
     * the table cannot be asked, it is a guess, which is late rather than early.
     */
    turn: async ({ id, everyMs }: Budget): Promise<number> => {
      try {
        for (let attempt = 0; attempt < mostAttempts; attempt++) {
          const now = runtime.clock.now()
          const stored = await table.get(id)
          const { waitMs, freeAt } = nextTurn(stored?.value.freeAt, now, everyMs)
          const expiresAt = freeAt + hourMs
          const taken = stored
            ? await table.replace(id, { freeAt }, expiresAt, stored.version)
            : await table.create(id, { freeAt }, expiresAt)
          if (taken) return waitMs
        }
      } catch {
        // A pace is worth no failure.
      }
      return everyMs * turnsInAGuess
    },
  }
}

export type Paces = ReturnType<typeof paces>

const mostAttempts = 8
const turnsInAGuess = 20
const hourMs = 3_600_000

import { concurrently } from '../../../adapters/concurrently.ts'
import type { Log } from '../../../adapters/runtime.ts'
import { isOpenTooLong, neverTooLongMs } from '../../../core/operation/open-runs.ts'
import { excerpt } from '../../../core/text/redact.ts'
import type { Services } from '../services.ts'

/**
 * The runs that are open for longer than they may be, by name; nothing else tells of them before they end. Null where Step
 * Functions cannot be asked, for which no sweep stops.
 */
export const openTooLong = async ({
  executions,
  now,
  log,
}: Pick<Services, 'executions' | 'now'> & { log: Pick<Log, 'warn'> }): Promise<string[] | null> => {
  try {
    const open = await executions.list(mostLookedAt, 'RUNNING')
    const old = open.filter(({ startedAt }) => now() - Date.parse(startedAt) > neverTooLongMs)
    const found = await concurrently(old, asksAtOnce, ({ run }) => executions.find(run))
    return found.flatMap((one) =>
      one && isOpenTooLong({ startedAt: Date.parse(one.startedAt), input: one.input }, now())
        ? [one.run]
        : [],
    )
  } catch (error) {
    log.warn('open runs were not looked at', { why: excerpt((error as Error).message) })
    return null
  }
}

/** Two pages of ListExecutions. */
const mostLookedAt = 2000
const asksAtOnce = 4

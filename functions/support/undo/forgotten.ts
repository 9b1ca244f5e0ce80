import type { Connection } from '../../../adapters/kubernetes/connection.ts'
import { probeInjection } from '../../../adapters/kubernetes/probe.ts'
import type { Runtime } from '../../../adapters/runtime.ts'
import { PodidError } from '../../../core/errors.ts'
import type { Before, Request } from '../../../core/request.ts'

/** How long a deleted association may keep showing in new pods before the old template comes back regardless. */
const settleMs = 15_000
const intervalMs = 500
/** Each API server has a Pod Identity webhook of its own that forgets associations by itself: one answer proves little. */
const probesInARow = 4

/**
 * Waits until new pods are no longer injected by an association that was deleted, as several servers say in a
 * row, or for the time that AWS gives.
 * @param fresh a connection of its own for each question, which is closed again
 */
export const untilForgotten = async (
  fresh: () => Connection,
  request: Request,
  before: Before,
  { clock, signal }: Pick<Runtime, 'clock' | 'signal'>,
): Promise<void> => {
  const until = clock.now() + settleMs
  for (let misses = 0; clock.now() < until; ) {
    if (!before.association) misses = (await isInjected(fresh, request, signal)) ? 0 : misses + 1
    if (misses >= probesInARow) return
    if (misses === 0) await clock.sleep(intervalMs, signal)
  }
}

/** Also where nothing can be seen: then the time decides. */
const isInjected = async (
  fresh: () => Connection,
  { namespace, serviceAccount }: Request,
  signal: AbortSignal | undefined,
): Promise<boolean> => {
  const connection = fresh()
  try {
    const { outcome } = await probeInjection(connection, { namespace, serviceAccount, signal })
    return outcome !== 'not-injected'
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof PodidError) return true
    throw error
  } finally {
    await connection.close()
  }
}

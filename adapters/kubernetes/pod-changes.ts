import { AccessDenied } from '../../core/errors.ts'
import type { Connection } from './connection.ts'

/** After a watch has ended, and between looks where there can be none. */
const againMs = 2000

/**
 * Calls `changed` for each change of a namespace's pods that the selector takes in, and once for each that is there,
 * until the signal ends it. Where pods may not be watched, it calls at intervals instead. Never throws.
 */
export const followPods = async (
  connection: Connection,
  { namespace, labelSelector }: { namespace: string; labelSelector: string },
  changed: () => void,
  signal: AbortSignal,
): Promise<void> => {
  let mayWatch = true
  while (!signal.aborted) {
    try {
      if (mayWatch) {
        const lines = await connection.lines({
          verb: 'watch',
          version: 'v1',
          resource: 'pods',
          namespace,
          query: { labelSelector },
          signal,
        })
        for await (const _ of lines) changed()
      }
    } catch (error) {
      // Whatever else went wrong may be over when it is tried again.
      mayWatch = !(error instanceof AccessDenied)
    }
    await connection.clock.sleep(againMs, signal).catch(() => {})
    if (!signal.aborted) changed()
  }
}

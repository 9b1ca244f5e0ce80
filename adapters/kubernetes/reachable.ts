import { Transient } from '../../core/errors.ts'
import type { Connection } from './connection.ts'
import { statusOf } from './errors.ts'

/** An API server that is there answers this within milliseconds. */
const reachableWithinMs = 5000

/**
 * Asks an API server for the kinds of its core group, which whoever it knows may ask (`system:discovery`), and waits
 * five seconds for it, by the connection's clock.
 * @throws Transient where it does not answer, AccessDenied where it does not know the caller
 */
export const mustBeReachable = async (connection: Connection, signal?: AbortSignal): Promise<void> => {
  const over = new AbortController()
  const either = signal ? AbortSignal.any([signal, over.signal]) : over.signal
  const late = connection.clock.sleep(reachableWithinMs, either).then(
    () => new Transient(`no answer from the API server of cluster ${connection.cluster} within 5 s`),
    () => undefined,
  )
  const asked = connection.text({ verb: 'get', version: 'v1', resource: '', signal: either }).then(
    () => undefined,
    // Who is known and may not ask this much has an answer.
    (error: unknown) => (statusOf(error) === 403 ? undefined : error),
  )
  const failure = await Promise.race([late, asked])
  over.abort()
  await Promise.all([late, asked])
  signal?.throwIfAborted()
  if (failure) throw failure
}

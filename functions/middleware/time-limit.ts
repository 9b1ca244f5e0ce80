import type middy from '@middy/core'
import { TimedOut } from '../../core/errors.ts'

/** Left for the failure to be logged and answered, before Lambda ends the function without a word. */
const reserveMs = 500

/**
 * Ends a call shortly before Lambda would, so that it fails by a name that the workflow retries. A call without
 * Lambda's context has no limit.
 */
export const timeLimit = (name: string): middy.PluginObject => ({
  timeoutEarlyInMillis: reserveMs,
  timeoutEarlyResponse: () => {
    throw new TimedOut(`${name} did not come to an end within the time of its function`)
  },
})

/**
 * The signal by which work stops when its time is over, made of middy's. middy gives its own before it fails the
 * call: work that stops at once would come first, and the call would fail by an AbortError that nothing retries.
 */
export const stopSignal = (signal: AbortSignal): AbortSignal => {
  const stop = new AbortController()
  signal.addEventListener('abort', () => queueMicrotask(() => stop.abort(signal.reason)), { once: true })
  return stop.signal
}

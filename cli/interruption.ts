/** What Ctrl-C, or SIGTERM, does to the work under way. */
export interface StopRequest {
  /** Aborted by the first one. */
  signal: AbortSignal
  interrupt(): void
  /** From now on a signal ends the process, as without podid's doing. */
  release(): void
}

/** Takes signals for a request to stop in good order. */
export const interruption = (): StopRequest => {
  const interrupted = new AbortController()
  const interrupt = () => interrupted.abort(new Error('interrupted'))
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  return {
    signal: interrupted.signal,
    interrupt,
    release: () => {
      process.removeListener('SIGINT', interrupt)
      process.removeListener('SIGTERM', interrupt)
    },
  }
}

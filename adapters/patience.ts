/**
 * Runs with a signal that aborts after `ms` of the machine's time, or with `outer`. A socket's patience is real
 * time, even where the clock that a run lives on is not. No timer outlives the call.
 */
export const withPatience = async <Answer>(
  ms: number,
  outer: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> => {
  const patience = new AbortController()
  const timer = setTimeout(
    () => patience.abort(new DOMException(`no answer within ${ms / 1000} s`, 'TimeoutError')),
    ms,
  )
  try {
    return await run(outer ? AbortSignal.any([outer, patience.signal]) : patience.signal)
  } finally {
    clearTimeout(timer)
  }
}

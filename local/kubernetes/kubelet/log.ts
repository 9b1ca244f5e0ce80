/** A line that a container wrote, and when (milliseconds since the epoch). */
export interface LogLine {
  at: number
  text: string
}

/** Which part of a log is wanted, and whether each line is to begin with its time. */
export interface LogOptions {
  previous?: boolean
  tailLines?: number
  sinceSeconds?: number
  /** Milliseconds since the epoch. */
  sinceTime?: number
  /** No more than so many bytes of it, from its beginning. */
  limitBytes?: number
  timestamps?: boolean
}

/** What a container writes at one moment, as lines. */
export const linesOf = (text: string, at: number): LogLine[] =>
  text === ''
    ? []
    : text
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => ({ at, text: line }))

/** The log as text, every line ended. `now` is what `sinceSeconds` counts back from. */
export const renderLog = (lines: LogLine[], options: LogOptions, now: number): string => {
  const { tailLines = lines.length, sinceSeconds, sinceTime, limitBytes, timestamps = false } = options
  const from =
    sinceTime ?? (sinceSeconds === undefined ? Number.NEGATIVE_INFINITY : now - sinceSeconds * 1000)
  const recent = lines.filter(({ at }) => at >= from)
  const text = recent
    .slice(Math.max(0, recent.length - tailLines))
    .map(({ at, text }) => `${timestamps ? `${new Date(at).toISOString()} ` : ''}${text}\n`)
    .join('')
  return limitBytes === undefined ? text : Buffer.from(text).subarray(0, limitBytes).toString()
}

/** In place of a log: a kubelet that takes the request and never answers it. */
export const hangingLog = Symbol('a log that never comes')
export type HangingLog = typeof hangingLog

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
  const { tailLines = lines.length, sinceSeconds, timestamps = false } = options
  const recent = lines.filter(({ at }) => sinceSeconds === undefined || at >= now - sinceSeconds * 1000)
  return recent
    .slice(Math.max(0, recent.length - tailLines))
    .map(({ at, text }) => `${timestamps ? `${new Date(at).toISOString()} ` : ''}${text}\n`)
    .join('')
}

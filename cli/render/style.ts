import { styleText } from 'node:util'

type Look = Parameters<typeof styleText>[0]

/** Colours text for a stream that shows colours; NO_COLOR and FORCE_COLOR are obeyed (https://no-color.org). */
export type Paint = (look: Look, text: string) => string

export const painter =
  (stream: NodeJS.WriteStream): Paint =>
  (look, text) =>
    styleText(look, text, { stream })

/** Milliseconds as people read them: `0.3s`, `12s`, `3m 05s`. */
export const duration = (ms: number): string => {
  const seconds = ms / 1000
  if (seconds < 9.95) return `${seconds.toFixed(1)}s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole}s`
  return `${Math.floor(whole / 60)}m ${String(whole % 60).padStart(2, '0')}s`
}

/** A time as people read it, to the second; milliseconds are for machines. @param at RFC 3339 in UTC */
export const withoutMs = (at: string): string => at.replace(/\.\d+Z$/, 'Z')

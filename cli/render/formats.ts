import { stringify } from 'yaml'
import { jsonLine, visible, visibleIn } from '../../core/text/unprintable.ts'
import { UsageError } from '../usage-error.ts'
import { screenOf } from './screen.ts'

/** How a command that looks shows what it saw. */
export const formats = ['table', 'wide', 'json', 'yaml', 'name'] as const
export type Format = (typeof formats)[number]

/** The format that a flag names. @throws UsageError */
export const formatOf = (text: string | undefined): Format => {
  const found = formats.find((format) => format === (text ?? 'table'))
  if (!found) throw new UsageError(`there is no format ${text}; there are ${formats.join(', ')}`)
  return found
}

/** What was seen, and how a person reads it. */
export interface Seen {
  /** For json and yaml. */
  value: unknown
  /** @param width of the screen */
  table(wide: boolean, width: number): string
  names(): string[]
}

/** Text in a format, fit for a terminal, with the end of its last line. */
export const formatted = (format: Format, seen: Seen): string => {
  switch (format) {
    case 'json':
      return `${jsonLine(seen.value)}\n`
    case 'yaml':
      return visible(stringify(visibleIn(seen.value)))
    case 'name':
      return visible(
        seen
          .names()
          .map((name) => `${name}\n`)
          .join(''),
      )
    default:
      return visible(seen.table(format === 'wide', screenOf(process.stdout).width))
  }
}

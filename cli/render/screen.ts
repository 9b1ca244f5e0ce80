import { stripVTControlCharacters } from 'node:util'
import { visible } from '../../core/text/unprintable.ts'
import { commandLines } from './command-lines.ts'
import { type Paint, painter } from './style.ts'

/** Where lines are shown: how many columns they may have, and in which colours. */
export interface Screen {
  /** Infinite where lines are not wrapped. */
  width: number
  paint: Paint
}

const narrowest = 60
const widest = 200

/** A stream as a screen: a terminal's own width, between 60 and 200 columns; elsewhere each line stays whole. */
export const screenOf = (stream: NodeJS.WriteStream): Screen => ({
  width: stream.isTTY
    ? Math.min(widest, Math.max(narrowest, stream.columns || 80))
    : Number.POSITIVE_INFINITY,
  paint: painter(stream),
})

/** How many columns a text takes, without the codes of its colours. */
export const widthOf = (text: string): number => stripVTControlCharacters(text).length

/**
 * A text in lines of a width, each after the first behind an indent. Words are never broken: one that is longer than a
 * line has a line of its own, with less before it where it fits then. What has line breaks already keeps them.
 * @param first what stands before the first line
 * @param indent columns before the others; as many as `first` has unless given
 */
export const wrapped = (text: string, width: number, first = '', indent = widthOf(first)): string[] => {
  const before = ' '.repeat(indent)
  return text.split('\n').flatMap((part, at) => {
    const lines = fold(part, Math.max(1, width - Math.max(indent, at === 0 ? widthOf(first) : 0)))
    return lines.map((line, index) => behind(at + index === 0 ? first : before, line, width))
  })
}

/** A line behind its indent, or behind as much of that as lets it fit. */
const behind = (indent: string, line: string, width: number): string => {
  const room = width - widthOf(line)
  return room >= 0 && room < indent.length && indent.trim() === '' ? ' '.repeat(room) + line : indent + line
}

const fold = (text: string, width: number): string[] => {
  if (widthOf(text) <= width) return [text]
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && widthOf(longer) > width) {
      lines.push(line)
      line = word
    } else line = longer
  }
  return [...lines, line]
}

/**
 * Something said beside a report, as it is written: sentences are wrapped, commands so that they paste, and comments of
 * YAML as such; another line behind blanks stays as it is.
 * @param width that of the terminal where errors are shown, unless given
 */
export const notice = (text: string, width = screenOf(process.stderr).width): string =>
  visible(text)
    .split('\n')
    .flatMap((line) => {
      const [, sign = '', comment] = /^( *# )(.*)$/.exec(line) ?? []
      if (comment !== undefined) return wrapped(comment, width - sign.length).map((part) => sign + part)
      if (!line.startsWith(' ')) return wrapped(line, width, '', 2)
      const [, before = '', command] = /^( +)((?:npx )?(?:podid|aws|kubectl) .*)$/.exec(line) ?? []
      return command === undefined
        ? [line]
        : commandLines(command, width - before.length).map((part) => before + part)
    })
    .map((line) => `${line}\n`)
    .join('')

/** As much of the first line of a text as fits into so many columns, without a half word at its end where it can be. */
export const clipped = (text: string, width: number): string => {
  const [line = ''] = text.split('\n')
  if (widthOf(line) <= width) return line
  const fits = line.slice(0, Math.max(1, width - 1))
  const end = fits.lastIndexOf(' ')
  return `${fits.slice(0, end > width / 2 ? end : fits.length).replace(/[\ud800-\udbff]$|[ ,;:]+$/, '')}…`
}

/** Names and what belongs to them, in two columns. */
export const rows = (
  pairs: readonly (readonly [name: string, text: string])[],
  { width }: Screen,
): string[] => {
  const column = Math.max(0, ...pairs.map(([name]) => widthOf(name)))
  return pairs.flatMap(([name, text]) => wrapped(text, width, `  ${name.padEnd(column)}  `))
}

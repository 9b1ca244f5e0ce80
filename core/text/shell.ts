import { unprintable } from './unprintable.ts'

/**
 * The text as one word of a POSIX shell, for commands that are pasted. What a terminal would act on or hide is
 * written by printf, so that the command looks like what it is and pastes as it looks. No argument can hold NUL.
 */
export const shellWord = (text: string): string => {
  const sound = text.toWellFormed().replaceAll('\0', '')
  // zsh expands a word that begins with `=`.
  if (/^[\w@%+:,./-][\w@%+=:,./-]*$/.test(sound)) return sound
  const parts = sound.split(new RegExp(`((?:${unprintable.source})+)`, 'u'))
  return parts.map((part, at) => (at % 2 === 1 ? printed(part) : quoted(part))).join('') || "''"
}

const quoted = (text: string): string => (text === '' ? '' : `'${text.replaceAll("'", `'\\''`)}'`)

const printed = (text: string): string => {
  const octal = [...new TextEncoder().encode(text)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`)
  return `"$(printf '${octal.join('')}')"`
}

/** A part of a command whose words are quoted already. */
export class Words {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** One word, several, words that are quoted already, or nothing. */
type Part = string | number | Words | undefined | readonly (string | Words)[]

/**
 * A shell command in which every interpolated value is a word of its own, whatever it contains; an array is as many
 * words. A value that begins with `-` is joined to its option with `=`, or it would be taken for an option itself.
 */
export const command = (texts: TemplateStringsArray, ...parts: readonly Part[]): string =>
  words(texts, ...parts).text

/** Words for `command`, quoted as it does. */
export const words = (texts: TemplateStringsArray, ...parts: readonly Part[]): Words => {
  let made = texts[0] ?? ''
  for (const [at, part] of parts.entries()) {
    const word = wordsOf(part)
    if (word === '') made = made.replace(/ $/, '')
    else if (/^'?-/.test(word) && !(part instanceof Words)) made = made.replace(/(^|\s)(--[\w-]+) $/, '$1$2=')
    made += word + (texts[at + 1] ?? '')
  }
  return new Words(made)
}

const wordsOf = (part: Part): string => {
  if (part === undefined) return ''
  if (part instanceof Words) return part.text
  return typeof part === 'object' ? part.map(wordsOf).join(' ') : shellWord(String(part))
}

const beforeNext = ' \\'
const indent = '  '

/**
 * A shell command in lines of a width that paste as they stand: where one is too long it goes on after a backslash,
 * between two of its words. What is quoted is never broken.
 */
export const commandLines = (command: string, width: number): string[] => {
  const lines = command.includes('<<') ? undefined : wordsOf(command)
  return (lines?.map((words) => folded(withValues(words, width), width)).join('\n') ?? command).split('\n')
}

const folded = (words: readonly string[], width: number): string => {
  let text = ''
  for (const [at, word] of words.entries()) {
    const longer = text === '' && at === 0 ? word : `${text} ${word}`
    const [first = ''] = word.split('\n')
    const line = (longer.slice(0, longer.length - word.length) + first).split('\n').at(-1) ?? ''
    // The last word of the command, or what is before a line break of its own, needs no room for a backslash.
    const after = at === words.length - 1 || first !== word ? '' : beforeNext
    text = at > 0 && (line + after).length > width ? `${text}${beforeNext}\n${indent}${word}` : longer
  }
  return text
}

/** An option and its value stay together where a line has room for them, or for neither. */
const withValues = (words: readonly string[], width: number): string[] => {
  const hasRoom = (word: string) =>
    indent.length + (word.split('\n')[0] ?? '').length + beforeNext.length <= width
  const parts: string[] = []
  for (const word of words) {
    const both = `${parts.at(-1)} ${word}`
    const isValue = /^--?[\w-]+$/.test(parts.at(-1) ?? '') && !word.startsWith('-')
    if (isValue && (hasRoom(both) || !hasRoom(word))) parts.splice(-1, 1, both)
    else parts.push(word)
  }
  return parts
}

/** The words of each line of a command; undefined where a quote is not closed. */
const wordsOf = (command: string): string[][] | undefined => {
  const lines: string[][] = [['']]
  let quote = ''
  for (let at = 0; at < command.length; at++) {
    const character = command[at] ?? ''
    const words = lines.at(-1) ?? []
    const add = (text: string) => words.push((words.pop() ?? '') + text)
    if (character === '\n' && quote === '') lines.push([''])
    else if (character === ' ' && quote === '' && words.at(-1)?.trim() !== '') words.push('')
    else if (character === '#' && quote === '' && words.at(-1)?.trim() === '') {
      const end = command.indexOf('\n', at)
      const comment = command.slice(at, end < 0 ? undefined : end)
      add(comment)
      at += comment.length - 1
    } else if (character === '\\' && quote !== "'") add(character + (command[++at] ?? ''))
    else {
      if (quote === '' ? character === "'" || character === '"' : character === quote)
        quote = quote === '' ? character : ''
      add(character)
    }
  }
  return quote === '' ? lines : undefined
}

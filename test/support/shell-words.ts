/**
 * The commands of a shell text as words, for texts of the kind that remedies are: words, quotes and line breaks.
 * Anything that a shell would expand is an error, so that no test takes for data what a shell would run.
 */
export const shellCommands = (text: string): string[][] => {
  const commands: string[][] = []
  let words: string[] = []
  let word: string | undefined
  const endWord = () => {
    if (word !== undefined) words.push(word)
    word = undefined
  }
  const endCommand = () => {
    endWord()
    if (words.length > 0) commands.push(words)
    words = []
  }
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? ''
    if (character === "'") {
      const end = text.indexOf("'", at + 1)
      if (end < 0) throw new Error(`a quote is not closed: ${text}`)
      word = (word ?? '') + text.slice(at + 1, end)
      at = end
    } else if (character === '\\') {
      word = (word ?? '') + (text[++at] ?? '')
    } else if (character === '\n') {
      endCommand()
    } else if (character === ' ') {
      endWord()
    } else if (/[$`"|&;<>()*?#~!{}[\]]/.test(character)) {
      throw new Error(`a shell would expand ${character} in: ${text}`)
    } else {
      word = (word ?? '') + character
    }
  }
  endCommand()
  return commands
}

/** The value of an option of a command, such as `--policy-document`. */
export const optionOf = (words: readonly string[], option: string): string | undefined => {
  const at = words.indexOf(option)
  return at < 0 ? undefined : words[at + 1]
}

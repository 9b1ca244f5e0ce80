/** Why a pattern cannot be used, in the words of Go's compiler; undefined where it can. */
export const patternFault = (pattern: string): string | undefined => {
  const foreign = /\(\?(?:<?[=!]|>)/.exec(pattern.replace(/\\./g, '__'))
  if (foreign)
    return `error parsing regexp: invalid or unsupported Perl syntax: \`${foreign[0].slice(0, 3)}\``
  const reference = /(?<!\\)(?:\\\\)*(\\[1-9k])/.exec(pattern)
  if (reference) return `error parsing regexp: invalid escape sequence: \`${reference[1]}\``
  try {
    compile(pattern)
    return undefined
  } catch (error) {
    return `error parsing regexp: ${String(error instanceof Error ? error.message : error)}`
  }
}

/** Whether a pattern is found in a text; it need not be the whole text. */
export const matchesPattern = (pattern: string, text: string): boolean => compile(pattern).test(text)

const compiled = new Map<string, RegExp>()
const mostCompiled = 500

/** What Go writes otherwise than JavaScript. */
const classes: Record<string, string> = {
  alnum: 'a-zA-Z0-9',
  alpha: 'a-zA-Z',
  digit: '0-9',
  lower: 'a-z',
  upper: 'A-Z',
  space: '\\s',
  word: '\\w',
  xdigit: '0-9a-fA-F',
}

const compile = (pattern: string): RegExp => {
  const known = compiled.get(pattern)
  if (known) return known
  const [, flags = ''] = /^\(\?([ims]+)\)/.exec(pattern) ?? []
  const source = pattern
    .replace(/^\(\?[ims]+\)/, '')
    .replace(/\[:(\w+):\]/g, (whole, name: string) => classes[name] ?? whole)
    .replace(/\(\?P</g, '(?<')
    .replace(/\\A/g, '^')
    .replace(/\\z/g, '$')
  const made = new RegExp(source, [...new Set(flags)].join(''))
  if (compiled.size >= mostCompiled) compiled.clear()
  compiled.set(pattern, made)
  return made
}

import { InvalidPattern } from './invalid-pattern.ts'

/** A wildcard pattern in pieces: single characters as they stand, and `undefined` for any text. */
export type Wildcard = readonly (string | undefined)[]

/**
 * Reads a wildcard pattern: `*` stands for any text; a backslash takes away the meaning of `*` and of itself.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-wildcard-matching
 * @throws InvalidPattern
 */
export const readWildcard = (pattern: string): Wildcard => {
  const tokens = [...pattern.matchAll(/\\[*\\]|[\s\S]/g)]
  for (const [index, { 0: token, index: position }] of tokens.entries()) {
    if (token === '\\') throw new InvalidPattern(`Invalid escape character at pos ${position + 1}`)
    if (token === '*' && tokens[index + 1]?.[0] === '*')
      throw new InvalidPattern(`Consecutive wildcard characters at pos ${position + 1}`)
  }
  return tokens.map(([token]) => (token === '*' ? undefined : token.slice(-1)))
}

/** Whether the text as a whole is one that the wildcard stands for; its time grows with both lengths alone. */
export const matchesWildcard = (wildcard: Wildcard, text: string): boolean => {
  let at = 0
  let read = 0
  let star = -1
  let resumed = 0
  while (read < text.length) {
    if (wildcard[at] === undefined && at < wildcard.length) {
      star = at++
      resumed = read
    } else if (wildcard[at] === text[read]) {
      at++
      read++
    } else if (star >= 0) {
      at = star + 1
      read = ++resumed
    } else return false
  }
  return wildcard.slice(at).every((token) => token === undefined)
}

/**
 * From here on EventBridge finds a field too complex. It publishes no number: its recorded answers refuse a
 * field of 10 (`*:*:*:*:*:event-bus/*`) and accept fields of 8.
 */
const tooComplex = 10

/**
 * Refuses a field whose wildcards are too complex, as aws/event-ruler measures it: how many beginnings of the
 * wildcards one text could match at a time, at worst.
 * @throws InvalidPattern
 */
export const checkComplexity = (wildcards: readonly Wildcard[]): void => {
  const ended = wildcards.map((wildcard): Wildcard => ['"', ...wildcard, '"'])
  const characters = [...new Set(ended.flat()), ''].filter((token) => token !== undefined)
  const start = ended.map(() => new Set([0]))
  const pending = [start]
  const seen = new Set<string>()
  for (const places of pending) {
    for (const character of characters) {
      const next = places.map((active, index) => advance(ended[index] ?? [], active, character))
      if (next.reduce((count, { size }) => count + size, 0) >= tooComplex)
        throw new InvalidPattern(complexity)
      const key = next.map((active) => [...active].sort().join()).join(';')
      if (!seen.has(key)) pending.push(next)
      seen.add(key)
    }
  }
}

const complexity =
  'Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a ' +
  'wildcard character'

/** The lengths of the beginnings that match once one character more is read. */
const advance = (wildcard: Wildcard, active: ReadonlySet<number>, character: string): Set<number> => {
  const next = new Set<number>()
  const reach = (length: number) => {
    next.add(length)
    if (length < wildcard.length && wildcard[length] === undefined) next.add(length + 1)
  }
  for (const length of active) {
    if (wildcard[length] === character) reach(length + 1)
    if (length > 0 && wildcard[length - 1] === undefined) reach(length)
  }
  return next
}

// In a pattern `*` matches any run of characters and `?` any one. Characters that only look like
// wildcards (from a context value, or written `${*}`) travel as private-use code points instead.
const literalStar = '\uE000'
const literalMark = '\uE001'

const anyRun = '*'.charCodeAt(0)
const anyOne = '?'.charCodeAt(0)

/** Whether the text is a pattern. */
export const hasWildcard = (text: string): boolean => text.includes('*') || text.includes('?')

/** The text as a pattern that matches this text alone. */
export const literalOf = (text: string): string =>
  hasWildcard(text) ? text.replaceAll('*', literalStar).replaceAll('?', literalMark) : text

/**
 * Whether every string of `need` is a string of `pattern`. `need` may hold wildcards itself: its `*` can be
 * taken in by a `*` only, since no other part of a pattern stands for every string.
 *
 * Sound, and complete but for a pattern whose `?` would have to be met by what follows a `*` of the need
 * (`?*` is not seen to cover `*a`).
 */
export const covers = (pattern: string, need: string): boolean => {
  let at = 0
  let star = -1
  let resume = 0
  for (let next = 0; next < need.length; ) {
    const wanted = pattern.charCodeAt(at)
    const given = need.charCodeAt(next)
    if (wanted === anyRun) {
      star = at++
      if (at === pattern.length) return true
      resume = next
    } else if (wanted === anyOne ? given !== anyRun : wanted === given) {
      at++
      next++
    } else if (star >= 0) {
      at = star + 1
      next = ++resume
    } else {
      return false
    }
  }
  while (pattern.charCodeAt(at) === anyRun) at++
  return at === pattern.length
}

/** Whether some string is one of both patterns. */
export const overlaps = (left: string, right: string): boolean => {
  if (!hasWildcard(right)) return covers(left, right)
  if (!hasWildcard(left)) return covers(right, left)
  const length = Math.min(left.length, right.length)
  // What both begin and end with says nothing; where that differs, they share nothing.
  let start = 0
  for (; start < length; start++) {
    const [one, other] = [left.charCodeAt(start), right.charCodeAt(start)]
    if (isWildcard(one) || isWildcard(other)) break
    if (one !== other) return false
  }
  let end = 0
  for (; end < length - start; end++) {
    const one = left.charCodeAt(left.length - 1 - end)
    const other = right.charCodeAt(right.length - 1 - end)
    if (isWildcard(one) || isWildcard(other)) break
    if (one !== other) return false
  }
  return shareString(left.slice(start, left.length - end), right.slice(start, right.length - end))
}

const isWildcard = (character: number): boolean => character === anyRun || character === anyOne

/** A pattern as sets of positions, 32 in a word: which of them a character leads to, and which are behind a `*`. */
interface Positions {
  words: number
  last: number
  stars: Uint32Array
  /** Positions that any one character leads to; those of a character; those of one that is not in the pattern. */
  any: Uint32Array
  of: Map<number, Uint32Array>
  others: Uint32Array
  /** Two sets to work with. */
  scratch: [Uint32Array, Uint32Array]
}

const mark = (set: Uint32Array, at: number): void => {
  set[at >>> 5] = (set[at >>> 5] as number) | (1 << (at & 31))
}

const positionsOf = (pattern: string): Positions => {
  const text = pattern.replace(/\*+/g, '*')
  const words = (text.length >>> 5) + 1
  const empty = () => new Uint32Array(words)
  const [stars, any, others, of] = [empty(), empty(), empty(), new Map<number, Uint32Array>()]
  const characters = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at))
  for (const character of new Set(characters)) if (!isWildcard(character)) of.set(character, empty())
  for (const [at, character] of characters.entries()) {
    const leads =
      character === anyRun
        ? [stars]
        : character === anyOne
          ? [any, others, ...of.values()]
          : [any, of.get(character) as Uint32Array]
    for (const set of leads) mark(set, at + 1)
  }
  return { words, last: text.length, stars, any, of, others, scratch: [empty(), empty()] }
}

const mostKept = 64
const kept = new Map<string, Positions>()

/** The same need meets many patterns in a row. */
const keptPositionsOf = (pattern: string): Positions => {
  const known = kept.get(pattern)
  if (known) return known
  if (kept.size >= mostKept) kept.clear()
  const positions = positionsOf(pattern)
  kept.set(pattern, positions)
  return positions
}

/**
 * Follows both patterns at once: `reached` holds the positions of right that some string leads to which is spelt
 * by left's characters so far.
 */
const shareString = (left: string, right: string): boolean => {
  const { words, last, stars, any, of, others, scratch } = keptPositionsOf(right)
  let [reached, next] = scratch
  reached.fill(0)
  reached[0] = 1
  enterStars(reached, stars)
  for (let at = 0; at < left.length; at++) {
    const character = left.charCodeAt(at)
    if (character === anyRun) {
      fillUpwards(reached)
      continue
    }
    const led = character === anyOne ? any : (of.get(character) ?? others)
    let carried = 0
    let alive = 0
    for (let word = 0; word < words; word++) {
      const here = reached[word] as number
      const moved = (((here << 1) | carried) & (led[word] as number)) | (here & (stars[word] as number))
      carried = here >>> 31
      next[word] = moved
      alive |= moved
    }
    if (alive === 0) return false
    enterStars(next, stars)
    const former = reached
    reached = next
    next = former
  }
  return (((reached[last >>> 5] as number) >>> (last & 31)) & 1) === 1
}

/** A `*` may stand for nothing: what is before it is behind it too. */
const enterStars = (reached: Uint32Array, stars: Uint32Array): void => {
  let carried = 0
  for (let word = 0; word < reached.length; word++) {
    const here = reached[word] as number
    reached[word] = here | (((here << 1) | carried) & (stars[word] as number))
    carried = here >>> 31
  }
}

/** A `*` of left stands for whatever right has next: all positions from the first reached one on. */
const fillUpwards = (reached: Uint32Array): void => {
  let filling = false
  for (let word = 0; word < reached.length; word++) {
    const here = reached[word] as number
    if (filling) reached[word] = 0xffffffff
    else if (here !== 0) {
      reached[word] = ~((here & -here) - 1)
      filling = true
    }
  }
}

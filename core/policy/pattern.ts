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
  text.replaceAll('*', literalStar).replaceAll('?', literalMark)

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
  const [one, other] = [untilWildcard(left), untilWildcard(right)]
  if (!one.startsWith(other) && !other.startsWith(one)) return false
  const common = Math.min(one.length, other.length)
  return shareString(left.slice(common), right.slice(common))
}

const untilWildcard = (pattern: string): string => pattern.split(/[*?]/, 1)[0] as string

/**
 * Follows both patterns at once, with a set of positions as the bits of a number: `reached` are those of right that some
 * string leads to which is spelt by left's characters so far.
 */
const shareString = (left: string, right: string): boolean => {
  const led = new Map<string, bigint>()
  const ledTo = (character: string): bigint => led.get(character) ?? 0n
  let last = 1n
  for (const character of right.replace(/\*+/g, '*').split('')) {
    last <<= 1n
    led.set(character, ledTo(character) | last)
  }
  const [behindStar, byAny] = [ledTo('*'), ledTo('?')]
  let reached = 1n | (behindStar & 2n)
  for (const character of left.split('')) {
    if (character === '*') {
      // It stands for whatever right has next: all positions from the first reached one on.
      reached = -(reached & -reached)
      continue
    }
    const here = character === '?' ? -1n : ledTo(character) | byAny
    reached = ((reached << 1n) & here) | (reached & behindStar)
    // A `*` may stand for nothing: what is before it is behind it too.
    reached |= (reached << 1n) & behindStar
  }
  return (reached & last) !== 0n
}

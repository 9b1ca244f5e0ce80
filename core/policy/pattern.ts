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
  return !differBeforeWildcard(left, right) && shareString(left, right)
}

const differBeforeWildcard = (left: string, right: string): boolean => {
  const length = Math.min(left.length, right.length)
  for (let at = 0; at < length; at++) {
    const [one, other] = [left[at], right[at]]
    if (isWildcard(one) || isWildcard(other)) return false
    if (one !== other) return true
  }
  return false
}

const isWildcard = (character: string | undefined): boolean => character === '*' || character === '?'

/** `reachable[j]` says that some string is spelt by left's first i and by right's first j characters. */
const shareString = (left: string, right: string): boolean => {
  let reachable: boolean[] = [true]
  for (let j = 1; j <= right.length; j++) reachable[j] = reachable[j - 1] === true && right[j - 1] === '*'
  for (let i = 1; i <= left.length; i++) {
    const one = left[i - 1]
    const row: boolean[] = [reachable[0] === true && one === '*']
    for (let j = 1; j <= right.length; j++) {
      const other = right[j - 1]
      row[j] =
        one === '*' || other === '*'
          ? reachable[j] === true || row[j - 1] === true
          : reachable[j - 1] === true && (one === '?' || other === '?' || one === other)
    }
    reachable = row
  }
  return reachable[right.length] === true
}

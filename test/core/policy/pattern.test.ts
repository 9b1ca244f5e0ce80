import { expect, it } from 'vitest'
import { covers, hasWildcard, literalOf, overlaps } from '../../../core/policy/pattern.ts'
import { randomSource } from '../../support/random.ts'

it.each<[text: string, is: boolean]>([
  ['', false],
  ['a', false],
  ['a*', true],
  ['?a', true],
])('%j is a pattern: %s', (text, is) => {
  expect(hasWildcard(text)).toBe(is)
})

it.each<[text: string, not: string[]]>([
  ['a*', ['a', 'ab', 'a?']],
  ['a?', ['a', 'ab', 'a*']],
  ['*?', ['?*', '', '*']],
])('%j as a literal is that text, and no other', (text, not) => {
  expect(covers(literalOf(text), literalOf(text))).toBe(true)
  expect(not.filter((other) => covers(literalOf(text), literalOf(other)))).toEqual([])
})

/** Whether two patterns have a string in common, the slow way. */
const share = (left: string, right: string, known = new Map<string, boolean>()): boolean => {
  const key = `${left} ${right}`
  const before = known.get(key)
  if (before !== undefined) return before
  const [one, other] = [left[0], right[0]]
  const of = (): boolean => {
    if (one === undefined && other === undefined) return true
    if (one === '*')
      return share(left.slice(1), right, known) || (other !== undefined && share(left, right.slice(1), known))
    if (other === '*')
      return share(left, right.slice(1), known) || (one !== undefined && share(left.slice(1), right, known))
    return (
      one !== undefined &&
      other !== undefined &&
      (one === '?' || other === '?' || one === other) &&
      share(left.slice(1), right.slice(1), known)
    )
  }
  const answer = of()
  known.set(key, answer)
  return answer
}

const { pick, random } = randomSource(20260301)
/** So long that none is drawn twice, with a wildcard at both ends. */
const pattern = (letters: string, least: number) =>
  `?${Array.from({ length: least + Math.floor(random() * 20) }, () => pick([...letters])).join('')}*`

it.each<[why: string, letters: string, least: number, count: number]>([
  ['many wildcards', 'ab*?', 16, 150],
  ['few wildcards', 'aaaaab*', 20, 150],
  ['question marks', 'aa????b', 24, 150],
  ['longer than two words of bits', 'aab?**', 60, 50],
])('patterns share a string as the slow way has it: %s', (_why, letters, least, count) => {
  for (let round = 0; round < count; round++) {
    const [left, right] = [pattern(letters, least), pattern(letters, least)]
    expect([left, right, overlaps(left, right)]).toEqual([left, right, share(left, right)])
  }
})

it.each<[left: string, right: string, do_: boolean]>([
  ['', '', true],
  ['a', 'a', true],
  ['a', 'b', false],
  ['*', '', true],
  ['?', '', false],
  ['*', '*', true],
  ['*a', '?a', true],
  ['*a', '?', true],
  ['*b', 'b*', true],
  ['a*', 'b*', false],
  ['ab*', 'a*c', true],
  ['ab?', 'a*c', true],
  ['ab?', 'a?d', true],
  ['ab?', 'ac?', false],
  ['ab*', 'abc', true],
  ['abc', 'ab*', true],
  ['ab', 'abc*', false],
  ['a**b', 'a*c*b', true],
  ['?', 'a**', true],
  ['x', 'a**', false],
  ['???', '??', false],
  ['a*b*', 'a*c', true],
  ['*x*', '*a*', true],
  ['*x', '*a', false],
  ['a*?', 'a', false],
])('%j and %j share a string: %s', (left, right, do_) => {
  expect([overlaps(left, right), overlaps(right, left)]).toEqual([do_, do_])
})

it.each<[pattern: string, need: string, does: boolean]>([
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['**', '', true],
  ['a*', 'a', true],
  ['a*b', 'ab', true],
  ['a*b', 'axbxb', true],
  ['a*b', 'axbx', false],
  ['a?', 'ab', true],
  ['a?', 'a*', false],
  ['a?', 'a?', true],
  ['a?', 'a', false],
  ['a*', 'a?*', true],
  ['ab', 'a*', false],
  ['*a*', 'bab', true],
  ['*a*', 'bbb', false],
  ['a', 'ab', false],
  ['*ab', 'aab', true],
  ['*?b', 'ab', true],
])('%j covers %j: %s', (one, need, does) => {
  expect(covers(one, need)).toBe(does)
})

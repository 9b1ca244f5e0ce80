import { describe, expect, it } from 'vitest'
import { clip } from '../../../core/text/clip.ts'
import { firstLine } from '../../../core/text/first-line.ts'
import { firstOf } from '../../../core/text/list.ts'
import { byCodeUnits } from '../../../core/text/order.ts'
import { quote } from '../../../core/text/quote.ts'
import { faultLine } from '../../../core/text/value-fault.ts'

it.each<[why: string, text: string, most: number, cut: string]>([
  ['shorter', 'carts', 6, 'carts'],
  ['as long as it may be', 'carts', 5, 'carts'],
  ['longer: the mark counts', 'carts', 4, 'car…'],
  ['no character is halved', 'ab🦊cd', 4, 'ab…'],
  ['one in the middle stays whole', '🦊bcde', 4, '🦊b…'],
])('a text is cut: %s', (_why, text, most, cut) => {
  expect(clip(text, most)).toBe(cut)
})

it.each<[why: string, text: string, line: string]>([
  ['all of one line', 'one line', 'one line'],
  ['what stands before the first break', 'first\nsecond\nthird', 'first'],
  ['nothing before a break', '\nsecond', ''],
])('the first line: %s', (_why, text, line) => {
  expect(firstLine(text)).toBe(line)
})

it.each<[why: string, names: string[], most: number, told: string]>([
  ['none', [], 2, ''],
  ['fewer', ['a'], 2, 'a'],
  ['as many', ['a', 'b'], 2, 'a, b'],
  ['more are counted', ['a', 'b', 'c', 'd'], 2, 'a, b and 2 more'],
])('the first of several names: %s', (_why, names, most, told) => {
  expect(firstOf(names, most)).toBe(told)
})

it('orders by code units, which no language of a machine changes', () => {
  expect(['b', 'a', 'Z', 'ä', 'a'].sort(byCodeUnits)).toEqual(['Z', 'a', 'a', 'b', 'ä'])
  expect([byCodeUnits('a', 'b'), byCodeUnits('a', 'a'), byCodeUnits('b', 'a')]).toEqual([-1, 0, 1])
})

describe('a value in a message', () => {
  it.each<[value: unknown, quoted: string]>([
    ['a "b"', '"a \\"b\\""'],
    [{ a: [1, null] }, '{"a":[1,null]}'],
    [undefined, 'undefined'],
  ])('%j is quoted', (value, quoted) => {
    expect(quote(value)).toBe(quoted)
  })

  it.each<[why: string, path: PropertyKey[], line: string]>([
    ['the whole', [], 'input: is wrong'],
    ['a field', ['role'], 'role: is wrong'],
    ['a field of an element', ['needs', 0, 'actions'], 'needs[0].actions: is wrong'],
    ['a place in a list alone', [2], '[2]: is wrong'],
    ['a field of what is in a list', [0, 'role'], '[0].role: is wrong'],
    ['a name with a dot, which stays', ['labels', 'a.b'], 'labels.a.b: is wrong'],
  ])('the place of a fault: %s', (_why, path, line) => {
    expect(faultLine({ path, said: 'is wrong' })).toBe(line)
  })
})

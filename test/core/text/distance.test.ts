import { expect, it } from 'vitest'
import { editDistance, nearestName, orElse } from '../../../core/text/distance.ts'

it.each<[from: string, to: string, distance: number, why: string]>([
  ['', '', 0, 'nothing'],
  ['carts', 'carts', 0, 'the same'],
  ['', 'abc', 3, 'all put in'],
  ['abc', '', 3, 'all taken out'],
  ['cart', 'carts', 1, 'one put in'],
  ['carts', 'cats', 1, 'one taken out'],
  ['carts', 'cards', 1, 'one exchanged'],
  ['catrs', 'carts', 1, 'two neighbours swapped'],
  ['ab', 'ba', 1, 'swapped, and there is nothing else'],
  ['abcd', 'badc', 2, 'swapped twice'],
  ['abc', 'cba', 2, 'swapped, but no neighbours'],
  ['ca', 'abc', 3, 'what was swapped is not touched again'],
  ['orders', 'carts', 5, 'next to nothing alike'],
])('%j becomes %j in %i steps: %s', (from, to, distance) => {
  expect(editDistance(from, to)).toBe(distance)
  expect(editDistance(to, from)).toBe(distance)
})

it.each<[why: string, typed: string, names: string[], nearest: string | undefined]>([
  ['the one that is near', 'crats', ['orders', 'carts', 'catalog'], 'carts'],
  ['the nearest of two', 'cartss', ['cart', 'carts'], 'carts'],
  ['of two as near, the first', 'carts', ['carta', 'cartb'], 'carta'],
  ['the case of letters is no difference', 'CARTS', ['orders', 'Carts'], 'Carts'],
  ['two steps in a name of six', 'cartss', ['carts-x'], 'carts-x'],
  ['two steps in a name of three are too many', 'abc', ['axy'], undefined],
  ['one step in a name of three', 'abc', ['abx'], 'abx'],
  ['two steps in one of four', 'abcd', ['abxy'], 'abxy'],
  ['three steps are too many for any name', 'checkout-service', ['checkout-srvc-x'], undefined],
  ['nothing like it', 'carts', ['orders', 'ui'], undefined],
  ['no names', 'carts', [], undefined],
  ['a name of a hundred characters', 'a'.repeat(100), ['b', `${'a'.repeat(99)}b`], `${'a'.repeat(99)}b`],
  ['longer ones are not compared', 'a'.repeat(100), [`${'a'.repeat(100)}b`], undefined],
  ['nor is what is typed so long', 'a'.repeat(101), ['a'.repeat(100)], undefined],
])('the name that was meant: %s', (_why, typed, names, nearest) => {
  expect(nearestName(typed, names)).toBe(nearest)
})

it.each<[why: string, typed: string, names: string[], end: string]>([
  ['one is near', 'crats', ['carts', 'orders'], '; did you mean carts?'],
  ['none is near', 'x-y-z', ['carts', 'orders'], '; there are carts, orders'],
  ['none is near, and there are many', 'x-y-z', ['a', 'b', 'c'], '; there are a, b and 1 more'],
  ['there is none', 'carts', [], ''],
])('the end of a sentence about an unknown name: %s', (_why, typed, names, end) => {
  expect(orElse(typed, names, 2)).toBe(end)
})

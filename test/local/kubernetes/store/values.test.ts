import { expect, it } from 'vitest'
import { asWire } from '../../../../local/kubernetes/store/values.ts'

it.each<[why: string, value: unknown]>([
  [
    'text, numbers, truth and null',
    { text: 'a', number: 1.5, yes: true, no: false, nothing: null, empty: '' },
  ],
  ['a field that is undefined is not there', { gone: undefined, inner: { gone: undefined } }],
  ['in a list it is null', [undefined, 1, [undefined]]],
  ['what is no number is null', { not: Number.NaN, endless: Number.POSITIVE_INFINITY }],
  ['a date is its text', { at: new Date(0), inside: [new Date(1)] }],
  [
    'a label may have a name of the language',
    JSON.parse('{"__proto__":{"a":1},"constructor":"c","toJSON":"t"}'),
  ],
  ['the order of fields stays', { b: 1, a: 2, 10: 3 }],
  ['empty ones stay', { list: [], object: {} }],
])('a value is what JSON would carry: %s', (_why, value) => {
  const carried = JSON.stringify(value)
  expect(JSON.stringify(asWire(value))).toBe(carried)
  expect(asWire(value)).toEqual(JSON.parse(carried))
})

it('shares nothing with what it is a copy of', () => {
  const value = { list: [{ a: 1 }] }
  const copy = asWire(value)
  copy.list[0] = { a: 2 }
  copy.list.push({ a: 3 })
  expect(value).toEqual({ list: [{ a: 1 }] })
})

it('an object keeps its own prototype, whatever a field of its source is called', () => {
  const copy = asWire(JSON.parse('{"__proto__":{"admin":true}}')) as { admin?: boolean }
  expect(copy.admin).toBeUndefined()
  expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
})

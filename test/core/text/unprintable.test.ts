import { expect, it } from 'vitest'
import { jsonLine, visible, visibleIn } from '../../../core/text/unprintable.ts'

it.each<[text: string, shown: string]>([
  ['a\tb\r\nc\n', 'a b\nc\n'],
  ['\x01\x1b', '\\x01\\x1b'],
  ['\xad\u0600', '\\xad\\u0600'],
  ['\u{e0001}\u200b', '\\u{e0001}\\u200b'],
  ['\u{10ffff}\uffff', '\\u{10ffff}\\uffff'],
])('%j is shown as %j', (text, shown) => {
  expect(visible(text)).toBe(shown)
})

it('shows every text of a value, and names of its fields', () => {
  expect(visibleIn({ 'a\x01': ['\x02', { b: '\x03' }], n: 7, no: null })).toEqual({
    'a\\x01': ['\\x02', { b: '\\x03' }],
    n: 7,
    no: null,
  })
})

it('writes JSON on one line, with escapes for what a terminal would act on', () => {
  expect(jsonLine({ a: '\u202e\u{e0001}b\n' })).toBe('{"a":"\\u202e\\udb40\\udc01b\\n"}')
  expect(jsonLine('\x7f\xad')).toBe('"\\u007f\\u00ad"')
  expect(jsonLine(undefined)).toBe('null')
})

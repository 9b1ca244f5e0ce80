import { expect, it, vi } from 'vitest'
import { conditionHolds, operatorNamed } from '../../../core/policy/condition.ts'
import { type ContextValue, fillIn, lookupIn, variableKeys } from '../../../core/policy/context.ts'
import { every, some } from '../../../core/policy/ternary.ts'
import {
  contains,
  parseAddressBlock,
  parseBinary,
  parseBoolean,
  parseDate,
  parseNumber,
} from '../../../core/policy/values.ts'

it.each<[text: string, number: number | undefined]>([
  ['10', 10],
  ['-1.5', -1.5],
  ['+.5', 0.5],
  ['1.', 1],
  ['2e3', 2000],
  ['100.25', 100.25],
  ['.25', 0.25],
  ['1e10', 10_000_000_000],
  ['2E-1', 0.2],
  ['2e+1', 20],
  ['', undefined],
  ['.', undefined],
  ['1e', undefined],
  ['0x1', undefined],
  [' 1', undefined],
  ['1 ', undefined],
  ['--1', undefined],
])('the number %j is %s', (text, number) => {
  expect(parseNumber(text)).toBe(number)
})

it.each<[text: string, time: string | undefined]>([
  ['2026', '2026-01-01T00:00:00.000Z'],
  ['2026-06', '2026-06-01T00:00:00.000Z'],
  ['2026-06-02', '2026-06-02T00:00:00.000Z'],
  ['2026-06-02T10:20', '2026-06-02T10:20:00.000Z'],
  ['2026-06-02T10:20:30', '2026-06-02T10:20:30.000Z'],
  ['2026-06-02T10:20:30.25Z', '2026-06-02T10:20:30.250Z'],
  ['2026-06-02T10:20:30+02:00', '2026-06-02T08:20:30.000Z'],
  ['2026-06-02T10:20:30-0200', '2026-06-02T12:20:30.000Z'],
  ['1790000000', '2026-09-21T14:13:20.000Z'],
  ['123', '1970-01-01T00:02:03.000Z'],
  ['12345', '1970-01-01T03:25:45.000Z'],
  ['2026-13', undefined],
  ['June 2026', undefined],
  ['Jan 12026', undefined],
  ['2026-06-02 10:20', undefined],
  ['2026-06-02T10:20Z[UTC]', undefined],
  ['2026-06-02T10:20:30.123456Z', '2026-06-02T10:20:30.123Z'],
  ['2026-06-02T23:30-01:00', '2026-06-03T00:30:00.000Z'],
  ['2026-6', undefined],
  ['2026-06-02T10', undefined],
  ['x2026-06-02', undefined],
  ['2026-06-02x', undefined],
  ['2026-06-02Z', undefined],
  ['1790000000.5', undefined],
  ['', undefined],
])('the date %j is %s', (text, time) => {
  const parsed = parseDate(text)
  expect(parsed === undefined ? undefined : new Date(parsed).toISOString()).toBe(time)
})

it('takes a time without an offset for UTC, wherever it runs', () => {
  vi.stubEnv('TZ', 'Asia/Tokyo')
  try {
    expect(parseDate('2026-06-02T10:20')).toBe(Date.UTC(2026, 5, 2, 10, 20))
    expect(parseDate('2026-06-02T10:20:30')).toBe(Date.UTC(2026, 5, 2, 10, 20, 30))
    expect(parseDate('2026-06-02T10:20+09:00')).toBe(Date.UTC(2026, 5, 2, 1, 20))
    expect(parseDate('2026-06-02')).toBe(Date.UTC(2026, 5, 2))
  } finally {
    vi.unstubAllEnvs()
  }
})

it.each<[text: string, truth: boolean | undefined]>([
  ['true', true],
  ['FALSE', false],
  ['True', true],
  ['yes', undefined],
  ['truex', undefined],
  ['xfalse', undefined],
])('the truth of %j is %s', (text, truth) => {
  expect(parseBoolean(text)).toBe(truth)
})

it('reads base64', () => {
  expect([parseBinary('YWI='), parseBinary('YWI'), parseBinary('*')]).toEqual(['ab', 'ab', undefined])
})

const v4 = (address: bigint, prefix = 32) => ({ width: 32, address, prefix })
const v6 = (address: bigint, prefix = 128) => ({ width: 128, address, prefix })

it.each<[text: string, block: object | undefined]>([
  ['1.2.3.4', v4(0x01020304n)],
  ['255.255.255.255/0', v4(0xffffffffn, 0)],
  ['10.0.0.0/8', v4(0x0a000000n, 8)],
  ['1.2.3.4/32', v4(0x01020304n)],
  ['1.2.3.4/33', undefined],
  ['1.2.3.256', undefined],
  ['1.2.3', undefined],
  ['1.2.3.4.5', undefined],
  ['1.2.3.0004', undefined],
  ['1.2.3.x4', undefined],
  ['1.2.3.4x', undefined],
  ['1.2.3.4/', undefined],
  ['1.2.3.4/8x', undefined],
  ['1.2.3.4/x8', undefined],
  ['1.2.3.4/0008', undefined],
  ['1.2.3.4/8/8', undefined],
  ['', undefined],
  ['::', v6(0n)],
  ['::1', v6(1n)],
  ['1::', v6(1n << 112n)],
  ['2001:db8::/32', v6(0x2001_0db8n << 96n, 32)],
  ['1:2:3:4:5:6:7:8', v6(0x0001_0002_0003_0004_0005_0006_0007_0008n)],
  ['1:2:3:4:5:6:7::', v6(0x0001_0002_0003_0004_0005_0006_0007_0000n)],
  ['ABCD::ef01/128', v6((0xabcdn << 112n) + 0xef01n)],
  ['::ffff:192.0.2.1', v6(0xffff_c000_0201n)],
  ['::/129', undefined],
  ['1:2:3:4:5:6:7', undefined],
  ['1:2:3:4:5:6:7:8:9', undefined],
  ['1:2:3:4:5:6:7:8::', undefined],
  ['1::2::3', undefined],
  ['::12345', undefined],
  ['::g', undefined],
  ['::xab', undefined],
  ['::192.0.2.256', undefined],
  ['1.2.3.4:5', undefined],
])('the addresses %s', (text, block) => {
  expect(parseAddressBlock(text)).toEqual(block)
})

it.each<[outer: string, inner: string, within: boolean]>([
  ['10.0.0.0/8', '10.1.2.3', true],
  ['10.0.0.0/8', '10.0.0.0/8', true],
  ['10.0.0.0/8', '10.0.0.0/7', false],
  ['10.0.0.0/8', '11.0.0.0', false],
  ['0.0.0.0/0', '255.0.0.0', true],
  ['0.0.0.0/0', '::1', false],
  ['::/0', '1.2.3.4', false],
  ['2001:db8::/32', '2001:db8:1::', true],
  ['2001:db8::/32', '2001:db9::', false],
])('in %s are %s: %s', (outer, inner, within) => {
  const [one, other] = [parseAddressBlock(outer), parseAddressBlock(inner)]
  expect(one && other && contains(one, other)).toBe(within)
})

it('reckons with what is unknown', () => {
  expect([every([]), every([true]), every([true, 'unknown']), every(['unknown', false])]).toEqual([
    true,
    true,
    'unknown',
    false,
  ])
  expect([some([]), some([false]), some([false, 'unknown']), some(['unknown', true])]).toEqual([
    false,
    false,
    'unknown',
    true,
  ])
})

const context = { 'aws:Name': 'a*b', 'aws:None': null, 'aws:Empty': [], 'aws:List': ['x', 'y'] }

it.each<[pattern: string, filled: ReturnType<typeof fillIn>]>([
  ['plain', 'plain'],
  ['${aws:Name}', 'a\uE000b'],
  ['x-${ AWS:NAME }-y', 'x-a\uE000b-y'],
  ['${*}${?}${$}', '\uE000\uE001$'],
  ['${aws:None}', { key: 'aws:None', known: true, widest: '*' }],
  ["${aws:None, 'd?'}", 'd\uE001'],
  ["${ aws:Empty ,'d'}", 'd'],
  ["${aws:None,'a','b'}", "a','b"],
  ["${aws:No,ne,'d'}", { key: 'aws:No,ne', known: false, widest: '*' }],
  ["${aws:List, 'd'}", { key: 'aws:List', known: true, widest: '*' }],
  ["${aws:Other, 'd'}", { key: 'aws:Other', known: false, widest: '*' }],
  ["${aws:None, d'}", { key: "aws:None, d'", known: false, widest: '*' }],
  ["${aws:None,x'd'}", { key: "aws:None,x'd'", known: false, widest: '*' }],
  ["${k'd'}", { key: "k'd'", known: false, widest: '*' }],
  ['${aws:None,}', { key: 'aws:None,', known: false, widest: '*' }],
  ["${aws:None, 'd}", { key: "aws:None, 'd", known: false, widest: '*' }],
  ["${aws:None,'}", { key: "aws:None,'", known: false, widest: '*' }],
  ["${aws:None, ''}", ''],
  ["${,'d'}", { key: '', known: false, widest: '*' }],
  ['${aws:None}/${aws:Other}', { key: 'aws:Other', known: false, widest: '*/*' }],
  ['${aws:Other}/${aws:None}', { key: 'aws:None', known: false, widest: '*/*' }],
  ['a${b', 'a${b'],
  ['a}${}', { key: '', known: false, widest: 'a}*' }],
])('fills in %j', (pattern, filled) => {
  expect(fillIn(pattern, lookupIn(context))).toEqual(filled)
})

it('names the keys that patterns take in', () => {
  expect(variableKeys(["a${aws:One}b${ aws:Two , 'x'}", '${*}${?}${$}', 'text', '${aws:Three}'])).toEqual([
    'aws:One',
    'aws:Two',
    'aws:Three',
  ])
})

it('looks a key up in whatever case, its own first', () => {
  const lookup = lookupIn({ 'aws:a': '1', 'AWS:A': '2', 'aws:B': undefined })
  expect([lookup('aws:a'), lookup('AWS:A'), lookup('Aws:A'), lookup('aws:b'), lookup('aws:c')]).toEqual([
    '1',
    '2',
    '2',
    undefined,
    undefined,
  ])
})

const holds = (name: string, values: string[], given: Record<string, ContextValue | undefined>) => {
  const operator = operatorNamed(name)
  if (!operator) throw new Error(name)
  const missing = new Set<string>()
  const answer = conditionHolds(
    { name, operator, key: 'k', values, variables: values.some((one) => one.includes('${')) },
    lookupIn(given),
    missing,
  )
  return [answer, ...missing]
}

it.each<
  [
    why: string,
    name: string,
    values: string[],
    given: Record<string, ContextValue | undefined>,
    answer: unknown[],
  ]
>([
  ['an unknown value', 'StringEquals', ['a'], {}, ['unknown', 'k']],
  ['one that cannot matter', 'StringEquals', ['${n}'], { n: null }, [false]],
  ['nor in the negative', 'StringNotEquals', ['${n}'], { n: null }, [true]],
  ['one of two may', 'StringEquals', ['${n}', 'a'], { n: null }, ['unknown', 'k']],
  [
    'it may where it is allowed to be absent',
    'StringEqualsIfExists',
    ['${n}'],
    { n: null },
    ['unknown', 'k'],
  ],
  ['and for all values', 'ForAllValues:StringEquals', ['${n}'], { n: null }, ['unknown', 'k']],
  ['and for any in the negative', 'ForAnyValue:StringNotEquals', ['${n}'], { n: null }, ['unknown', 'k']],
  ['for any it may not', 'ForAnyValue:StringEquals', ['${n}'], { n: null }, [false]],
  ['an operator without variables', 'NumericEquals', ['${n}'], { n: null }, ['unknown', 'k']],
  ['nobody knows the variable either', 'StringEquals', ['${n}'], {}, ['unknown', 'k']],
  ['the variable alone is unknown', 'StringEquals', ['${n}', '${m}'], { k: 'a' }, ['unknown', 'n', 'm']],
  ['another value fits', 'StringEquals', ['${n}', 'a'], { k: 'a' }, [true]],
  ['and in the negative', 'StringNotEquals', ['${n}', 'a'], { k: 'a' }, [false]],
  ['a variable that is absent fits nothing', 'StringEquals', ['${n}'], { k: 'a', n: null }, [false]],
  ['Null asks whether it is absent', 'Null', ['true'], { k: null }, [true]],
  ['an empty list is', 'Null', ['TRUE'], { k: [] }, [true]],
  ['an empty text is not', 'Null', ['true'], { k: '' }, [false]],
  ['Null of what is there', 'Null', ['false'], { k: 'a' }, [true]],
  ['Null of both', 'Null', ['false', 'true'], { k: 'a' }, [true]],
  ['Null of what is unknown', 'Null', ['true'], {}, ['unknown', 'k']],
  ['absent', 'StringEquals', ['a'], { k: null }, [false]],
  ['absent, and excused', 'StringEqualsIfExists', ['a'], { k: null }, [true]],
  ['absent, in the negative', 'StringNotEquals', ['a'], { k: null }, [true]],
  ['absent, for all', 'ForAllValues:StringEquals', ['a'], { k: [] }, [true]],
  ['absent, for any', 'ForAnyValue:StringEqualsIfExists', ['a'], { k: [] }, [false]],
  ['several, of which one is enough', 'StringEquals', ['a'], { k: ['a', 'b'] }, [true]],
  ['in the negative all count', 'StringNotEquals', ['a'], { k: ['a', 'b'] }, [false]],
  ['for all', 'ForAllValues:StringEquals', ['a'], { k: ['a', 'b'] }, [false]],
  ['for any in the negative', 'ForAnyValue:StringNotEquals', ['a'], { k: ['a', 'b'] }, [true]],
  ['an ARN, field by field', 'ArnLike', ['arn:aws:s3:*::b*'], { k: 'arn:aws:s3:::b:c:d' }, [true]],
  ['a wildcard does not reach across', 'ArnLike', ['arn:aws:*:b'], { k: 'arn:aws:s3:::b' }, [false]],
  ['what is no ARN', 'ArnLike', ['*'], { k: 'arn:aws:s3:::b' }, [false]],
  ['given what is none', 'ArnLike', ['arn:aws:s3:::b'], { k: 'b' }, [false]],
  ['both are none', 'ArnEquals', ['b'], { k: 'b' }, [false]],
  ['an ARN of an empty resource', 'ArnLike', ['arn:aws:s3:::'], { k: 'arn:aws:s3:::' }, [true]],
  ['an ARN whose parts run together', 'ArnLike', ['arn:aws:s3:::b:c'], { k: 'arn:aws:s3:::bc' }, [false]],
  ['not that ARN', 'ArnNotLike', ['arn:aws:s3:::b'], { k: 'arn:aws:s3:::b' }, [false]],
  ['not that text in any case', 'StringNotEqualsIgnoreCase', ['A'], { k: 'a' }, [false]],
  ['Null of all values', 'ForAllValues:Null', ['true'], { k: null }, [true]],
  ['a number above', 'NumericGreaterThan', ['1'], { k: '1' }, [false]],
  ['a number at least', 'NumericGreaterThanEquals', ['1'], { k: '0' }, [false]],
  ['another number', 'NumericNotEquals', ['1'], { k: 'x' }, [true]],
  ['addresses', 'NotIpAddress', ['10.0.0.0/8'], { k: '10.1.1.1' }, [false]],
  ['addresses take no variables', 'IpAddress', ['${n}'], { k: '10.1.1.1' }, [false]],
])('a condition: %s', (_why, name, values, given, answer) => {
  expect(holds(name, values, given)).toEqual(answer)
})

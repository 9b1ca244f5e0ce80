import { describe, expect, it } from 'vitest'
import {
  answer,
  bodyOf,
  HttpEvent,
  header,
  jsonOf,
  requireType,
  textOf,
} from '../../../functions/support/http.ts'

const kib64 = 64 * 1024
const base64 = (body: string): HttpEvent => ({
  body: Buffer.from(body).toString('base64'),
  isBase64Encoded: true,
})
const refused = (status: number, message: string) =>
  expect.objectContaining({ name: 'HttpRefusal', status, message })
const thrownBy = (call: () => unknown): unknown => {
  try {
    return { answered: call() }
  } catch (error) {
    return error
  }
}

describe('the body of a request', () => {
  it.each<[why: string, event: HttpEvent, text: string]>([
    ['as it is', { body: 'ü' }, 'ü'],
    ['as base64', base64('ü?'), 'ü?'],
    ['as base64 without padding', base64('abc'), 'abc'],
    ['as base64 with one sign of padding', base64('abcde'), 'abcde'],
    ['as text that could be base64', { body: 'YWJj', isBase64Encoded: false }, 'YWJj'],
    ['of none', {}, ''],
    ['as long as it may be', { body: 'x'.repeat(kib64) }, 'x'.repeat(kib64)],
    ['as long as it may be, as base64', base64('x'.repeat(kib64)), 'x'.repeat(kib64)],
  ])('is read %s', (_why, event, text) => {
    expect(bodyOf(event).toString()).toBe(text)
  })

  const tooLarge = refused(413, 'the body is larger than 65536 bytes')
  it.each<[why: string, event: HttpEvent, refusal: unknown]>([
    ['a byte too long', { body: 'x'.repeat(kib64 + 1) }, tooLarge],
    ['a byte too long by its encoding', { body: `${'x'.repeat(kib64 - 1)}ü` }, tooLarge],
    ['a byte too long in base64', base64('x'.repeat(kib64 + 1)), tooLarge],
    // Not decoded at all: what is no base64 would else be called that.
    ['far too long', { body: '!'.repeat(2 * kib64), isBase64Encoded: true }, tooLarge],
    ['no base64', { body: 'a?b=', isBase64Encoded: true }, refused(400, 'the body is not base64')],
    ['base64 and more', { body: 'YWJj!', isBase64Encoded: true }, refused(400, 'the body is not base64')],
    ['more, then base64', { body: '!YWJj', isBase64Encoded: true }, refused(400, 'the body is not base64')],
    ['base64 that is cut', { body: 'YWJ', isBase64Encoded: true }, refused(400, 'the body is not base64')],
  ])('is refused that is %s', (_why, event, refusal) => {
    expect(thrownBy(() => bodyOf(event))).toEqual(refusal)
  })
})

it('reads of a request what it looks at, and nothing that is of another kind', () => {
  const event = {
    rawPath: '/slack',
    headers: { 'content-type': 'text/plain' },
    body: 'x',
    isBase64Encoded: false,
    requestContext: { http: { method: 'POST' } },
  }
  expect(HttpEvent.parse({ ...event, version: '2.0' })).toEqual(event)
  expect(HttpEvent.parse({})).toEqual({})
  for (const field of Object.keys(event)) expect(HttpEvent.safeParse({ [field]: 7 }).success).toBe(false)
  expect(HttpEvent.safeParse({ requestContext: { http: { method: 7 } } }).success).toBe(false)
})

it('takes text in UTF-8, and nothing else', () => {
  expect(textOf(Buffer.from('ü'))).toBe('ü')
  expect(thrownBy(() => textOf(Buffer.from([0xff])))).toEqual(refused(400, 'the body is not UTF-8'))
})

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
const tooDeep = refused(400, 'the JSON is nested deeper than 16 levels')
it.each<[why: string, text: string, found: unknown]>([
  ['data', '{"a":[1]}', { answered: { a: [1] } }],
  ['16 levels', nested(16), expect.objectContaining({ answered: expect.anything() })],
  [
    '16 levels, and again',
    `[${nested(15)},${nested(15)}]`,
    expect.objectContaining({ answered: expect.anything() }),
  ],
  [
    'objects side by side',
    `[${Array(20).fill('{}').join(',')}]`,
    expect.objectContaining({ answered: expect.anything() }),
  ],
  ['17 levels', nested(17), tooDeep],
  ['17 levels of objects', `${'{"a":'.repeat(16)}{}${'}'.repeat(16)}`, tooDeep],
  ['brackets in a text', JSON.stringify('['.repeat(50)), { answered: '['.repeat(50) }],
  ['and behind a quote in it', JSON.stringify(`"${'['.repeat(50)}`), { answered: `"${'['.repeat(50)}` }],
  ['brackets in a text that has no end', `"${'['.repeat(50)}`, refused(400, 'the body is not JSON')],
  ['a text over two lines', `"\n${'['.repeat(50)}"`, refused(400, 'the body is not JSON')],
  ['no JSON', '{', refused(400, 'the body is not JSON')],
])('JSON: %s', (_why, text, found) => {
  expect(thrownBy(() => jsonOf(text))).toEqual(found)
})

it.each([
  ['application/json', true],
  ['Application/JSON; charset=utf-8', true],
  [' application/json ;x', true],
  ['application/jsonp', false],
  ['', false],
])('of the content type "%s" it says %s', (sent, taken) => {
  const result = thrownBy(() => requireType({ 'content-type': sent }, 'application/json'))
  expect(result).toEqual(
    taken ? { answered: undefined } : refused(415, 'the content type must be application/json'),
  )
})

it('reads a header, and answers with its own', () => {
  expect([header({ a: 'b' }, 'a'), header({}, 'a'), header(undefined, 'a')]).toEqual(['b', '', ''])
  expect(answer(405, { error: 'x' }, { allow: 'POST' })).toEqual({
    statusCode: 405,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', allow: 'POST' },
    body: '{"error":"x"}',
  })
})

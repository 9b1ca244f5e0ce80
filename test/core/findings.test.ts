import { expect, it } from 'vitest'
import { Change, mayBeDone } from '../../core/changes.ts'
import { advise, blocking, Finding, lookWith, mendWith, remedyLines } from '../../core/findings.ts'

const finding = { code: 'c-1', severity: 'warning', subject: 'role carts', found: 'trusts nobody' } as const

it('has a remedy of a sentence, of commands that mend, or of commands that only look', () => {
  expect(advise('Ask.')).toEqual({ advice: 'Ask.' })
  expect(mendWith('Do it.', 'aws a', 'aws b')).toEqual({ advice: 'Do it.', command: 'aws a\naws b' })
  expect(lookWith('See.', 'aws a')).toEqual({ advice: 'See.', command: 'aws a', looks: true })
  expect(remedyLines(advise('Ask.'))).toEqual(['Ask.'])
  expect(remedyLines(mendWith('Do it.', 'aws a', 'aws b'))).toEqual(['Do it.', 'aws a', 'aws b'])
})

it('only what blocks forbids acting', () => {
  const all = (['info', 'blocking', 'warning', 'blocking'] as const).map((severity, at) => ({
    ...finding,
    severity,
    found: `${at}`,
  }))
  expect(blocking(all).map(({ found }) => found)).toEqual(['1', '3'])
})

it.each<[why: string, schema: typeof Finding | typeof Change, value: object, taken: boolean]>([
  ['a finding', Finding, finding, true],
  [
    'one that blocks, with a command',
    Finding,
    { ...finding, severity: 'blocking', remedy: mendWith('Do.', 'aws') },
    true,
  ],
  [
    'one to know, with a look',
    Finding,
    { ...finding, severity: 'info', remedy: lookWith('See.', 'aws') },
    true,
  ],
  ['another severity', Finding, { ...finding, severity: 'error' }, false],
  ['a finding about nothing', Finding, { ...finding, subject: undefined }, false],
  ['a remedy without advice', Finding, { ...finding, remedy: { command: 'aws' } }, false],
  ['a remedy that does not look', Finding, { ...finding, remedy: { advice: 'a', looks: false } }, false],
])('is read back as it was written: %s', (_why, schema, value, taken) => {
  const parsed = schema.safeParse(value)
  expect(parsed.success ? parsed.data : 'refused').toEqual(taken ? value : 'refused')
})

const change = { kind: 'role', subject: 's', action: 'create it', state: 'done', undone: false }
const diff = { sign: '~', what: 'role x', fields: [{ name: 'a', from: null, to: 'b' }] }

it.each<[why: string, value: object, taken: boolean]>([
  ...(
    [
      'access-entry',
      'addon',
      'role',
      'role-policy',
      'trust',
      'annotation',
      'association',
      'association-tag',
      'restart',
      'pod',
    ] as const
  ).map((kind): [string, object, boolean] => [kind, { ...change, kind }, true]),
  ...(['planned', 'done', 'not-done', 'unknown'] as const).map((state): [string, object, boolean] => [
    state,
    { ...change, state },
    true,
  ]),
  ...['+', '~', '±'].map((sign): [string, object, boolean] => [
    sign,
    { ...change, diff: { ...diff, sign } },
    true,
  ]),
  ['a lost answer', { ...change, error: 'e', command: 'aws' }, true],
  ['another kind', { ...change, kind: 'secret' }, false],
  ['another state', { ...change, state: 'perhaps' }, false],
  ['a difference by another sign', { ...change, diff: { ...diff, sign: '-' } }, false],
  ['a difference of nothing', { ...change, diff: { ...diff, what: undefined } }, false],
  ['a field without a value', { ...change, diff: { ...diff, fields: [{ name: 'a', from: null }] } }, false],
  ['a change of nothing', { ...change, subject: undefined }, false],
])('a change is read back as it was written: %s', (_why, value, taken) => {
  const parsed = Change.safeParse(value)
  expect(parsed.success ? parsed.data : 'refused').toEqual(taken ? value : 'refused')
})

it('may have happened unless it was seen that it did not', () => {
  const states = (['planned', 'done', 'not-done', 'unknown'] as const).filter((state) =>
    mayBeDone({ ...(change as Change), state }),
  )
  expect(states).toEqual(['done', 'unknown'])
})

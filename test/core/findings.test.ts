import { expect, it } from 'vitest'
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

it.each<[why: string, value: object, taken: boolean]>([
  ['a finding', finding, true],
  [
    'one that blocks, with a command',
    { ...finding, severity: 'blocking', remedy: mendWith('Do.', 'aws') },
    true,
  ],
  ['one to know, with a look', { ...finding, severity: 'info', remedy: lookWith('See.', 'aws') }, true],
  ['another severity', { ...finding, severity: 'error' }, false],
  ['a finding about nothing', { ...finding, subject: undefined }, false],
  ['a remedy without advice', { ...finding, remedy: { command: 'aws' } }, false],
  ['a remedy that does not look', { ...finding, remedy: { advice: 'a', looks: false } }, false],
])('is read back as it was written: %s', (_why, value, taken) => {
  const parsed = Finding.safeParse(value)
  expect(parsed.success ? parsed.data : 'refused').toEqual(taken ? value : 'refused')
})

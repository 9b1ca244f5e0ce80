import { expect, it } from 'vitest'
import { Change, mayBeDone } from '../../core/changes.ts'

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

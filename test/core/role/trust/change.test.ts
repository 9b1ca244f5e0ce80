import { expect, it } from 'vitest'
import {
  isChangeMade,
  isSameText,
  makeChange,
  TrustChange,
  undoChange,
} from '../../../../core/role/trust/change.ts'

const pods = {
  Sid: 'Pods',
  Effect: 'Allow',
  Principal: { Service: 'pods.eks.amazonaws.com' },
  Action: ['sts:AssumeRole', 'sts:TagSession'],
}
const text = (...Statement: unknown[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const [a, b, c, d] = ['A', 'B', 'C', 'D'].map((Sid) => ({ ...pods, Sid })) as [object, object, object, object]
const nameless = { ...pods, Sid: undefined }

it.each<[why: string, from: string, to: string, now: string, edit: object]>([
  [
    'it is so already, in other words',
    text(a),
    text(a, b),
    '{ "Statement": [ {"Sid":"A","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]}, {"Sid":"B","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]} ], "Version": "2012-10-17" }',
    { action: 'none' },
  ],
  [
    'it is as it was found',
    text(a),
    text(a, b),
    text(a),
    {
      action: 'write',
      text: '{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Sid":"B","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]}]}',
      others: false,
    },
  ],
  [
    'somebody has added another',
    text(a),
    text(a, b),
    text(a, c),
    {
      action: 'write',
      text: '{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Sid":"C","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Sid":"B","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]}]}',
      others: true,
    },
  ],
  ['somebody has made the change too, and another', text(a), text(a, b), text(b, a, c), { action: 'none' }],
  ['somebody has taken away what was to go', text(a, b), text(a), text(a, c), { action: 'none' }],
  [
    'somebody has changed what was to go',
    text(a, b),
    text(a, c),
    text(a, d),
    { action: 'keep', why: 'somebody has changed the statement B or taken it out since' },
  ],
  [
    'and it has no name',
    text(a, nameless),
    text(a, c),
    text(a, d),
    { action: 'keep', why: 'somebody has changed the statement or taken it out since' },
  ],
  [
    'what comes in the place of what goes stands there',
    text(a, b),
    text(a, c),
    text(b, a, d),
    {
      action: 'write',
      text: '{"Version":"2012-10-17","Statement":[{"Sid":"C","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Sid":"A","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Sid":"D","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]}]}',
      others: true,
    },
  ],
  [
    'what comes stands where it stood',
    text(a, b),
    text(c, a, b),
    text(a, b, d),
    {
      action: 'write',
      text: '{"Version":"2012-10-17","Statement":[{"Sid":"C","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Sid":"A","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Sid":"B","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Sid":"D","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]}]}',
      others: true,
    },
  ],
  [
    'at the end, where it stood there',
    text(a, b),
    text(a, b, c),
    text(a, b, d),
    {
      action: 'write',
      text: '{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Sid":"B","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Sid":"D","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Sid":"C","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]}]}',
      others: true,
    },
  ],
  [
    'one goes and two come',
    text(a, b),
    text(a, c, d),
    text(b, a),
    {
      action: 'write',
      text: '{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Sid":"C","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Sid":"D","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]}]}',
      others: true,
    },
  ],
  [
    'two go and one comes, which is there',
    text(a, b, c),
    text(a, d),
    text(a, b, c, d),
    {
      action: 'write',
      text: '{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Sid":"D","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]}]}',
      others: true,
    },
  ],
  [
    'nothing would be left',
    text(a),
    text(),
    text(a, a),
    { action: 'keep', why: 'no statement would be left in it' },
  ],
  ['it has no statement any more, as is wanted', text(a), text(), text(), { action: 'none' }],
  ['nobody can read it', text(a), text(a, b), '{', { action: 'keep', why: 'podid cannot read it' }],
  ['it has no statement', text(a), text(a, b), '{}', { action: 'keep', why: 'podid cannot read it' }],
  [
    'a single statement that stands in no list',
    text(a),
    text(a, b),
    JSON.stringify({ Id: 'x', Statement: c }),
    {
      action: 'write',
      text: '{"Id":"x","Statement":[{"Sid":"C","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Sid":"B","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]}]}',
      others: true,
    },
  ],
  ['a list of lists', text(a), text(a, b), '[1]', { action: 'keep', why: 'podid cannot read it' }],
])('makes a change in what is there now, and takes it back: %s', (_why, from, to, now, edit) => {
  expect(makeChange({ found: from, planned: to }, now)).toEqual(edit)
  expect(undoChange({ found: to, planned: from }, now)).toEqual(edit)
})

it.each<[why: string, now: string, made: boolean]>([
  ['as planned', text(a, c), true],
  ['with another', text(d, a, c), true],
  ['what was to go is there still', text(a, b, c), false],
  ['what was to come is not', text(a), false],
  ['as found', text(a, b), false],
])('a change is made: %s', (_why, now, made) => {
  expect(isChangeMade({ found: text(a, b), planned: text(a, c) }, now)).toBe(made)
})

it.each<[why: string, now: string, made: boolean]>([
  ['both are there', text(a, c, d), true],
  ['one of the two is', text(a, c), false],
])('a change of two statements is made: %s', (_why, now, made) => {
  expect(isChangeMade({ found: text(a), planned: text(a, c, d) }, now)).toBe(made)
  expect(isChangeMade({ found: text(a, c, d), planned: text(a) }, now)).toBe(false)
})

it.each<[why: string, one: string, other: string, same: boolean]>([
  ['white space', '{ "Version": "2012-10-17", "Statement": [] }', text(), true],
  [
    'the order of members',
    '{"Statement":[{"Sid":"A","Effect":"Allow","Condition":{"Bool":{"a":"1","b":null}}}],"Id":"x"}',
    '{"Id":"x","Statement":[{"Condition":{"Bool":{"b":null,"a":"1"}},"Effect":"Allow","Sid":"A"}]}',
    true,
  ],
  ['a value', '{"Statement":[{"Sid":"A"}]}', '{"Statement":[{"Sid":"B"}]}', false],
  ['the order of statements', text(a, b), text(b, a), false],
  ['a member more', '{"Id":"x"}', '{"Id":"x","Statement":[]}', false],
])('two texts that differ in %s', (_why, one, other, same) => {
  expect(isSameText(one, other)).toBe(same)
})

it('is written down with both texts and what differs', () => {
  const change = { found: text(a), planned: text(a, b), what: ['add a statement'] }
  expect(TrustChange.parse(change)).toEqual(change)
  expect(TrustChange.safeParse({ ...change, found: undefined }).success).toBe(false)
})

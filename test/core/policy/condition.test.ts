import { describe, expect, it } from 'vitest'
import { operatorNamed } from '../../../core/policy/condition.ts'
import { type ContextValue, evaluate } from '../../../core/policy/evaluate.ts'

/** What one condition on `key` comes to when the request's value is `given` (undefined: unknown). */
const holds = (operator: string, wanted: unknown, given?: ContextValue, more: object = {}): string => {
  const statement = {
    Effect: 'Allow',
    Action: '*',
    Resource: '*',
    Condition: { [operator]: { 'aws:Key': wanted } },
  }
  const { decision } = evaluate({
    policies: [{ name: 'p', document: { Version: '2012-10-17', Statement: statement } }],
    action: 's3:GetObject',
    resource: 'arn:aws:s3:::bucket/key',
    context: { ...(given !== undefined && { 'aws:key': given }), ...more },
  })
  return { allowed: 'yes', implicitDeny: 'no' }[decision as string] ?? decision
}

type Row = [why: string, operator: string, wanted: unknown, given: ContextValue, expected: 'yes' | 'no']

describe('comparing one value', () => {
  const text: Row[] = [
    ['the same text', 'StringEquals', 'shop', 'shop', 'yes'],
    ['another case', 'StringEquals', 'shop', 'Shop', 'no'],
    ['one of several', 'StringEquals', ['a', 'shop'], 'shop', 'yes'],
    ['a * is a * here', 'StringEquals', 's*', 'shop', 'no'],
    ['a * is a * here, and met as such', 'StringEquals', 's*', 's*', 'yes'],
    ['a * stands for nothing here', 'StringEquals', 's*', 's', 'no'],
    ['a ? stands for nothing here', 'StringEquals', 's?', 's', 'no'],
    ['a ? is no *', 'StringEquals', 's?', 's*', 'no'],
    ['operators have no case', 'stringequals', 'shop', 'shop', 'yes'],
    ['another text', 'StringNotEquals', 'shop', 'cart', 'yes'],
    ['one of what is excluded', 'StringNotEquals', ['cart', 'shop'], 'shop', 'no'],
    ['the same but for case', 'StringEqualsIgnoreCase', 'SHOP', 'shop', 'yes'],
    ['another text, case aside', 'StringEqualsIgnoreCase', 'SHOP', 'cart', 'no'],
    ['another text, case aside, which is not excluded', 'StringNotEqualsIgnoreCase', 'SHOP', 'cart', 'yes'],
    ['the same but for case, excluded', 'StringNotEqualsIgnoreCase', 'SHOP', 'shop', 'no'],
    ['a pattern', 'StringLike', 's?o*', 'shop', 'yes'],
    ['a pattern of another case', 'StringLike', 'S*', 'shop', 'no'],
    ['a pattern that must take in all', 'StringLike', 'sho', 'shop', 'no'],
    ['a * in the value is a *', 'StringLike', 's?', 's*', 'yes'],
    ['a pattern, excluded', 'StringNotLike', 's*', 'shop', 'no'],
    ['outside the pattern', 'StringNotLike', 'c*', 'shop', 'yes'],
  ]
  const numbers: Row[] = [
    ['the same number, written otherwise', 'NumericEquals', '10', '10.0', 'yes'],
    ['a number in the document', 'NumericEquals', 10, '10', 'yes'],
    ['another number', 'NumericNotEquals', '10', '11', 'yes'],
    ['not as text', 'NumericLessThan', '9', '10', 'no'],
    ['less', 'NumericLessThan', '10', '9', 'yes'],
    ['at the limit', 'NumericLessThan', '10', '10', 'no'],
    ['at the limit, included', 'NumericLessThanEquals', '10', '10', 'yes'],
    ['more', 'NumericGreaterThan', '10', '-9', 'no'],
    ['more than less', 'NumericGreaterThan', '-10', '-9.5', 'yes'],
    ['at the lower limit', 'NumericGreaterThanEquals', '10', '10', 'yes'],
    ['no number given', 'NumericLessThan', '10', '', 'no'],
    ['no number wanted', 'NumericEquals', 'ten', 'ten', 'no'],
  ]
  const dates: Row[] = [
    ['before', 'DateLessThan', '2026-06-01T00:00:00Z', '2026-05-31T23:59:59Z', 'yes'],
    ['in another zone', 'DateEquals', '2026-06-01T02:00:00+02:00', '2026-06-01T00:00:00Z', 'yes'],
    ['in seconds since the epoch', 'DateGreaterThan', '2026-06-01T00:00:00Z', '1790000000', 'yes'],
    ['seconds on both sides', 'DateEquals', 1790000000, '1790000000', 'yes'],
    ['few seconds since the epoch', 'DateLessThan', '2026', '60', 'yes'],
    ['a year alone', 'DateGreaterThanEquals', '2026', '2026-01-01T00:00:00Z', 'yes'],
    ['a day alone', 'DateLessThanEquals', '2026-06-01', '2026-06-01T00:00:01Z', 'no'],
    ['without a zone, which means UTC', 'DateEquals', '2026-06-01T00:00', '2026-06-01T00:00:00Z', 'yes'],
    ['not that moment', 'DateNotEquals', '2026-06-01', '2026-06-02', 'yes'],
    ['no date wanted', 'DateLessThan', 'tomorrow', '2026-06-01', 'no'],
    ['a day that does not exist', 'DateLessThan', '2026-13-01', '2026-06-01', 'no'],
  ]
  const others: Row[] = [
    ['true is true', 'Bool', 'true', 'true', 'yes'],
    ['a boolean in the document', 'Bool', true, 'true', 'yes'],
    ['booleans have no case', 'Bool', 'True', 'true', 'yes'],
    ['false is not true', 'Bool', 'true', 'false', 'no'],
    ['the same text that is no boolean', 'Bool', 'perhaps', 'perhaps', 'no'],
    ['a name that objects inherit', 'Bool', 'constructor', 'constructor', 'no'],
    ['the same bytes', 'BinaryEquals', 'QmluYXJ5', 'QmluYXJ5', 'yes'],
    ['other bytes', 'BinaryEquals', 'QmluYXJ5', 'QmluYXJZ', 'no'],
    ['the same bytes, padded otherwise', 'BinaryEquals', 'QQ==', 'QQ', 'yes'],
    ['no base64', 'BinaryEquals', '!', '!', 'no'],
  ]
  const addresses: Row[] = [
    ['in the block', 'IpAddress', '203.0.113.0/24', '203.0.113.9', 'yes'],
    ['beside the block', 'IpAddress', '203.0.113.0/24', '203.0.114.9', 'no'],
    ['one address', 'IpAddress', '203.0.113.9', '203.0.113.9', 'yes'],
    ['the high half of the addresses', 'IpAddress', '128.0.0.0/1', '203.0.113.9', 'yes'],
    ['all of them', 'IpAddress', '0.0.0.0/0', '203.0.113.9', 'yes'],
    ['no octet', 'IpAddress', '203.0.113.0/24', '203.0.113.999', 'no'],
    ['a wider block than the policy names', 'IpAddress', '203.0.113.0/24', '203.0.0.0/16', 'no'],
    ['a wider block that begins in it', 'IpAddress', '203.0.113.0/24', '203.0.113.0/16', 'no'],
    ['no prefix', 'IpAddress', '203.0.113.0/33', '203.0.113.9', 'no'],
    ['outside', 'NotIpAddress', '203.0.113.0/24', '198.51.100.1', 'yes'],
    ['inside, excluded', 'NotIpAddress', '203.0.113.0/24', '203.0.113.9', 'no'],
    ['IPv6 in the block', 'IpAddress', '2001:db8::/32', '2001:db8:1::9', 'yes'],
    ['IPv6 beside the block', 'IpAddress', '2001:db8::/32', '2001:db9::9', 'no'],
    ['IPv6 within a group', 'IpAddress', '2001:db8:8000::/33', '2001:db8:7fff::1', 'no'],
    ['IPv6 written otherwise', 'IpAddress', '2001:db8:0:0:0:0:0:1', '2001:DB8::1', 'yes'],
    ['IPv6 with IPv4 in it', 'IpAddress', '::ffff:203.0.113.0/120', '::ffff:203.0.113.9', 'yes'],
    ['IPv6 with two gaps', 'IpAddress', '::/0', '2001::1::2', 'no'],
    ['IPv6 with too many groups', 'IpAddress', '::/0', '1:2:3:4:5:6:7:8:9', 'no'],
    ['never across families', 'IpAddress', '::/0', '203.0.113.9', 'no'],
    ['outside by being of another family', 'NotIpAddress', '0.0.0.0/0', '2001:db8::1', 'yes'],
  ]
  const cluster = 'arn:aws:eks:us-west-2:111122223333:cluster/shop'
  const arns: Row[] = [
    ['the same ARN', 'ArnEquals', cluster, cluster, 'yes'],
    ['ArnEquals takes wildcards too', 'ArnEquals', 'arn:aws:eks:*:111122223333:cluster/*', cluster, 'yes'],
    ['a field left open', 'ArnLike', 'arn:aws:eks:us-west-?:*:cluster/shop', cluster, 'yes'],
    ['a * does not reach into the next field', 'ArnLike', 'arn:aws:eks:*:cluster/shop', cluster, 'no'],
    [
      'the last field may hold colons',
      'ArnLike',
      'arn:aws:sns:us-west-2:1:a:*',
      'arn:aws:sns:us-west-2:1:a:b:c',
      'yes',
    ],
    ['a * does not reach into the resource', 'ArnLike', 'arn:aws:s3:*::b', 'arn:aws:s3:::b::b', 'no'],
    ['another account', 'ArnLike', 'arn:aws:eks:*:999988887777:cluster/*', cluster, 'no'],
    ['case counts', 'ArnLike', 'arn:aws:EKS:*:*:cluster/*', cluster, 'no'],
    ['no ARN given', 'ArnLike', 'arn:*:*:*:*:*', 'shop', 'no'],
    ['no ARN given, whatever the fields', 'ArnLike', '*:*:*:*:*:*', 'shop', 'no'],
    ['an ARN that ends too early', 'ArnLike', '*:*:*:*:*:*', 'arn:aws:sns:us-west-2:1', 'no'],
    ['excluded', 'ArnNotLike', 'arn:aws:eks:*:*:cluster/*', cluster, 'no'],
    ['outside what is excluded', 'ArnNotLike', 'arn:aws:eks:*:*:cluster/s', cluster, 'yes'],
    ['not excluded', 'ArnNotEquals', `${cluster}-2`, cluster, 'yes'],
  ]
  it.each([...text, ...numbers, ...dates, ...others, ...addresses, ...arns])(
    '%s: %s %o, given %o',
    (_why, operator, wanted, given, expected) => {
      expect(holds(operator, wanted, given)).toBe(expected)
    },
  )
})

describe('a key that is not in the request', () => {
  const rows: Row[] = [
    ['equals nothing', 'StringEquals', 'a', null, 'no'],
    ['differs from everything', 'StringNotEquals', 'a', null, 'yes'],
    ['an empty list is no value', 'StringEquals', 'a', [], 'no'],
    ['is like nothing', 'ArnLike', 'arn:*:*:*:*:*', null, 'no'],
    ['lies outside every block', 'NotIpAddress', '0.0.0.0/0', null, 'yes'],
    ['is not less', 'NumericLessThan', '1', null, 'no'],
    ['is excused by IfExists', 'StringEqualsIfExists', 'a', null, 'yes'],
    ['is excused by IfExists in any case', 'stringequalsifexists', 'a', null, 'yes'],
    ['is excused by IfExists where it is negated', 'StringNotEqualsIfExists', 'a', null, 'yes'],
    ['is what Null asks for', 'Null', 'true', null, 'yes'],
    ['is what Null forbids', 'Null', 'false', null, 'no'],
    ['is what Null asks for, as a boolean', 'Null', true, null, 'yes'],
    ['leaves ForAllValues nothing to object to', 'ForAllValues:StringEquals', 'a', null, 'yes'],
    ['leaves ForAnyValue nothing to find', 'ForAnyValue:StringEquals', 'a', null, 'no'],
    ['leaves ForAnyValue nothing to find, negated', 'ForAnyValue:StringNotEquals', 'a', null, 'no'],
    [
      'is not excused by IfExists where any value is asked for',
      'ForAnyValue:StringEqualsIfExists',
      'a',
      null,
      'no',
    ],
    ['is not asked for at all', 'ForAllValues:StringEqualsIfExists', 'a', null, 'yes'],
  ]
  it.each(rows)('%s: %s %o, given %o', (_why, operator, wanted, given, expected) => {
    expect(holds(operator, wanted, given)).toBe(expected)
  })
  const present: Row[] = [
    ['IfExists looks at what exists', 'StringEqualsIfExists', 'a', 'b', 'no'],
    ['Null false is met by any value', 'Null', 'false', '', 'yes'],
    ['Null true is not', 'Null', 'true', 'a', 'no'],
  ]
  it.each(present)('where it is there: %s: %s %o, given %o', (_why, operator, wanted, given, expected) => {
    expect(holds(operator, wanted, given)).toBe(expected)
  })
})

describe('a key with several values', () => {
  const rows: Row[] = [
    ['all are among the wanted', 'ForAllValues:StringEquals', ['a', 'b'], ['a', 'b'], 'yes'],
    ['one is not', 'ForAllValues:StringEquals', ['a', 'b'], ['a', 'c'], 'no'],
    ['one is', 'ForAnyValue:StringEquals', ['a', 'b'], ['c', 'a'], 'yes'],
    ['none is', 'ForAnyValue:StringEquals', ['a', 'b'], ['c', 'd'], 'no'],
    ['none is among the excluded', 'ForAllValues:StringNotEquals', ['a', 'b'], ['c', 'd'], 'yes'],
    ['one is among the excluded', 'ForAllValues:StringNotEquals', ['a', 'b'], ['c', 'a'], 'no'],
    ['one is not among the excluded', 'ForAnyValue:StringNotEquals', ['a', 'b'], ['c', 'a'], 'yes'],
    ['all are among the excluded', 'ForAnyValue:StringNotEquals', ['a', 'b'], ['a', 'b'], 'no'],
    ['quantifiers have no case', 'forallvalues:stringlike', 'a*', ['a1', 'a2'], 'yes'],
    ['one value under a quantifier', 'ForAnyValue:StringLike', 'a*', 'a1', 'yes'],
    ['no quantifier: one that matches will do', 'StringEquals', 'a', ['a', 'b'], 'yes'],
    ['no quantifier: one that is excluded is too many', 'StringNotEquals', 'a', ['a', 'b'], 'no'],
  ]
  it.each(rows)('%s: %s %o, given %o', (_why, operator, wanted, given, expected) => {
    expect(holds(operator, wanted, given)).toBe(expected)
  })
})

describe('a key that nobody knows', () => {
  it.each([
    'StringEquals',
    'StringNotEquals',
    'StringEqualsIfExists',
    'ForAllValues:StringLike',
    'Bool',
    'Null',
  ])('leaves %s open', (operator) => {
    expect(holds(operator, 'true')).toBe('conditional')
  })

  const ask = (condition: object, context = {}) =>
    evaluate({
      policies: [
        {
          name: 'p',
          document: {
            Version: '2012-10-17',
            Statement: { Sid: 'If', Effect: 'Allow', Action: '*', Resource: '*', Condition: condition },
          },
        },
      ],
      action: 's3:GetObject',
      resource: '*',
      context,
    })

  it('is named as the policy spells it, once, with the statement', () => {
    const condition = {
      StringEquals: { 'aws:SourceVpc': 'vpc-1', 'aws:Known': 'x' },
      StringNotEquals: { 'aws:SourceVpc': 'vpc-2' },
    }
    expect(ask(condition, { 'aws:known': 'x' })).toEqual({
      decision: 'conditional',
      by: [{ layer: 'role', policy: 'p', sid: 'If' }],
      missingKeys: ['aws:SourceVpc'],
    })
  })

  it('matters where the conditions after it hold', () => {
    const condition = { StringEquals: { 'aws:SourceVpc': 'vpc-1', 'aws:Known': 'x' } }
    expect(ask(condition, { 'aws:Known': 'x' }).decision).toBe('conditional')
  })

  it('does not matter where another condition fails', () => {
    const condition = { StringEquals: { 'aws:SourceVpc': 'vpc-1', 'aws:Known': 'x' } }
    expect(ask(condition, { 'aws:Known': 'y' })).toEqual({
      decision: 'implicitDeny',
      by: [],
      missingKeys: [],
    })
  })
})

describe('policy variables in conditions', () => {
  const tag = (value: ContextValue) => ({ 'aws:PrincipalTag/team': value })
  const variable = '${aws:PrincipalTag/team}'
  type VariableRow = [string, string, string, string, object, string]
  const rows: VariableRow[] = [
    ['is filled in', 'StringEquals', variable, 'shop', tag('shop'), 'yes'],
    ['whatever the case of its name', 'StringEquals', '${AWS:principaltag/TEAM}', 'shop', tag('shop'), 'yes'],
    ['among other text', 'StringLike', `${variable}/*`, 'shop/a', tag('shop'), 'yes'],
    ['a * in its value is no wildcard', 'StringLike', variable, 'shop', tag('*'), 'no'],
    ['a * in its value is a *', 'StringLike', variable, '*', tag('*'), 'yes'],
    [
      'takes its default where the key is absent',
      'StringEquals',
      "${aws:PrincipalTag/team, 'none'}",
      'none',
      tag(null),
      'yes',
    ],
    [
      'takes no default where the key is there',
      'StringEquals',
      "${aws:PrincipalTag/team, 'none'}",
      'none',
      tag('shop'),
      'no',
    ],
    ['matches nothing where the key is absent', 'StringEquals', variable, '', tag(null), 'no'],
    ['is open where the key is unknown', 'StringEquals', variable, 'shop', {}, 'conditional'],
    [
      'has no value where the key has several, default or not',
      'StringEquals',
      "${aws:PrincipalTag/team, 'none'}",
      'none',
      tag(['a', 'b']),
      'no',
    ],
    ['has no value where the key has several', 'StringEquals', variable, 'a', tag(['a']), 'no'],
    ['spells a literal *', 'StringLike', 'a${*}', 'ab', {}, 'no'],
    ['spells a literal ?', 'StringLike', 'a${?}', 'a?', {}, 'yes'],
    ['spells a literal $', 'StringEquals', '${$}{a}', '${a}', {}, 'yes'],
    [
      'is an ARN’s field',
      'ArnLike',
      `arn:aws:sns:us-west-2:1:${variable}`,
      'arn:aws:sns:us-west-2:1:shop',
      tag('shop'),
      'yes',
    ],
    ['is a boolean', 'Bool', variable, 'TRUE', tag('true'), 'yes'],
    ['is a boolean, and another one', 'Bool', variable, 'true', tag('false'), 'no'],
    // Only in these: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    ['is no base64', 'BinaryEquals', variable, 'QQ==', tag('QQ=='), 'no'],
    ['is no number', 'NumericEquals', variable, '1', tag('1'), 'no'],
    ['is no limit', 'NumericLessThan', variable, '1', tag('2'), 'no'],
    ['is no date', 'DateGreaterThan', variable, '2026', tag('2025'), 'no'],
    ['is no address', 'IpAddress', variable, '10.1.1.1', tag('10.0.0.0/8'), 'no'],
  ]
  it.each(rows)('%s', (_why, operator, wanted, given, more, expected) => {
    expect(holds(operator, wanted, given, more)).toBe(expected)
  })
})

it.each<[name: string, operator: object | undefined]>([
  ['StringLike', { ifExists: false }],
  ['StringLikeIfExists', { ifExists: true }],
  ['ForAllValues:StringLike', { quantifier: 'ForAllValues', ifExists: false }],
  ['FORANYVALUE:stringlikeifexists', { quantifier: 'ForAnyValue', ifExists: true }],
  ['Null', { base: 'null', ifExists: false }],
  ['ForAllValues:Null', { base: 'null', quantifier: 'ForAllValues', ifExists: false }],
  ['NullIfExists', undefined],
  ['IfExists', undefined],
  ['StringLikes', undefined],
  ['ForEveryValue:StringLike', undefined],
  ['ForAllValues:', undefined],
  [':StringLike', undefined],
  ['', undefined],
])('the operator %j', (name, operator) => {
  const found = operatorNamed(name)
  expect(
    found && {
      ...(found.base === 'null' && { base: 'null' }),
      ...(found.quantifier && { quantifier: found.quantifier }),
      ifExists: found.ifExists,
    },
  ).toEqual(operator)
})

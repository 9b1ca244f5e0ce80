import { describe, expect, it } from 'vitest'
import { compilePattern, InvalidPattern } from '../../../../local/aws/events/pattern.ts'

type Row = [why: string, pattern: object, detail: object, matches: boolean]

const rows: Row[] = [
  ['one of the values', { state: ['a', 'b'] }, { state: 'b' }, true],
  ['none of the values', { state: ['a', 'b'] }, { state: 'c' }, false],
  ['text is case-sensitive', { state: ['a'] }, { state: 'A' }, false],
  ['a number is no text', { count: [5] }, { count: '5' }, false],
  ['a number', { count: [5] }, { count: 5.0 }, true],
  ['true', { ready: [true] }, { ready: true }, true],
  ['null is a value', { owner: [null] }, { owner: null }, true],
  ['null is not absent', { owner: [null] }, {}, false],
  ['every field must match', { a: [1], b: [2] }, { a: 1, b: 3 }, false],
  ['fields that the pattern does not name do not matter', { a: [1] }, { a: 1, z: 9 }, true],
  ['nested', { cluster: { status: ['ACTIVE'] } }, { cluster: { status: 'ACTIVE' } }, true],
  ['nested in what is no object', { cluster: { status: ['ACTIVE'] } }, { cluster: 'ACTIVE' }, false],
  ['one of a list is enough', { tags: ['x'] }, { tags: ['y', 'x'] }, true],
  ['a list of objects: one matches as a whole', { l: { a: [1], b: [2] } }, { l: [{ a: 1, b: 2 }] }, true],
  ['a list of objects: no mixing', { l: { a: [1], b: [2] } }, { l: [{ a: 1 }, { b: 2 }] }, false],

  ['exists', { error: [{ exists: true }] }, { error: null }, true],
  ['exists, absent', { error: [{ exists: true }] }, {}, false],
  ['exists: an object is no leaf', { error: [{ exists: true }] }, { error: { code: 1 } }, false],
  ['not exists', { error: [{ exists: false }] }, {}, true],
  ['not exists, present', { error: [{ exists: false }] }, { error: 'x' }, false],
  ['not exists below what is absent', { error: { code: [{ exists: false }] } }, {}, true],

  ['prefix', { name: [{ prefix: 'eks-' }] }, { name: 'eks-workshop' }, true],
  ['prefix, not in the middle', { name: [{ prefix: 'eks-' }] }, { name: 'my-eks-workshop' }, false],
  [
    'prefix, whatever the case',
    { name: [{ prefix: { 'equals-ignore-case': 'EKS-' } }] },
    { name: 'eks-1' },
    true,
  ],
  ['prefix of a number', { name: [{ prefix: '1' }] }, { name: 12 }, false],
  ['suffix', { name: [{ suffix: '-prod' }] }, { name: 'eks-prod' }, true],
  [
    'suffix, whatever the case',
    { name: [{ suffix: { 'equals-ignore-case': 'PROD' } }] },
    { name: 'eks-prod' },
    true,
  ],
  ['suffix, not at the end', { name: [{ suffix: '-prod' }] }, { name: 'eks-prod-1' }, false],
  ['equals-ignore-case', { name: [{ 'equals-ignore-case': 'ALICE' }] }, { name: 'alice' }, true],
  ['equals-ignore-case, more text', { name: [{ 'equals-ignore-case': 'ALICE' }] }, { name: 'alices' }, false],
  ['wildcard', { name: [{ wildcard: 'eks-*-eu*' }] }, { name: 'eks-prod-eu1' }, true],
  ['wildcard of nothing', { name: [{ wildcard: 'eks*' }] }, { name: 'eks' }, true],
  ['wildcard, other end', { name: [{ wildcard: 'eks-*-eu' }] }, { name: 'eks-prod-eu1' }, false],
  ['wildcard, a dot is a dot', { name: [{ wildcard: 'a.c*' }] }, { name: 'abc' }, false],
  ['wildcard, an escaped star', { name: [{ wildcard: 'a\\*c' }] }, { name: 'a*c' }, true],
  ['wildcard, an escaped star is no wildcard', { name: [{ wildcard: 'a\\*c' }] }, { name: 'abc' }, false],

  ['numeric =', { n: [{ numeric: ['=', 3] }] }, { n: 3 }, true],
  ['numeric <', { n: [{ numeric: ['<', 3] }] }, { n: 3 }, false],
  ['numeric <=', { n: [{ numeric: ['<=', 3] }] }, { n: 3 }, true],
  ['numeric > of a range', { n: [{ numeric: ['>', 0, '<=', 5] }] }, { n: 0 }, false],
  ['numeric range, inside', { n: [{ numeric: ['>', 0, '<=', 5] }] }, { n: 5 }, true],
  ['numeric range, outside', { n: [{ numeric: ['>=', 0, '<', 5] }] }, { n: 5 }, false],
  ['numeric of text', { n: [{ numeric: ['>', 0] }] }, { n: '1' }, false],
  ['cidr', { ip: [{ cidr: '10.0.0.0/24' }] }, { ip: '10.0.0.255' }, true],
  ['cidr, outside', { ip: [{ cidr: '10.0.0.0/24' }] }, { ip: '10.0.1.0' }, false],
  ['cidr, IPv6', { ip: [{ cidr: '2001:db8::/32' }] }, { ip: '2001:db8::1' }, true],
  ['cidr, no address', { ip: [{ cidr: '10.0.0.0/24' }] }, { ip: 'localhost' }, false],

  ['anything-but', { state: [{ 'anything-but': 'a' }] }, { state: 'b' }, true],
  ['anything-but that', { state: [{ 'anything-but': 'a' }] }, { state: 'a' }, false],
  ['anything-but of what is absent', { state: [{ 'anything-but': 'a' }] }, {}, false],
  ['anything-but a list', { state: [{ 'anything-but': ['a', 'b'] }] }, { state: 'b' }, false],
  ['anything-but numbers', { n: [{ 'anything-but': [1, 2] }] }, { n: 3 }, true],
  ['anything-but prefix', { s: [{ 'anything-but': { prefix: 'x' } }] }, { s: 'xy' }, false],
  ['anything-but prefixes', { s: [{ 'anything-but': { prefix: ['x', 'y'] } }] }, { s: 'z' }, true],
  ['anything-but suffix', { s: [{ 'anything-but': { suffix: 'x' } }] }, { s: 'yx' }, false],
  [
    'anything-but, whatever the case',
    { s: [{ 'anything-but': { 'equals-ignore-case': 'X' } }] },
    { s: 'x' },
    false,
  ],
  ['anything-but wildcard', { s: [{ 'anything-but': { wildcard: '*/lib/*' } }] }, { s: 'a/src/b' }, true],

  ['a name with a dot is a path', { 'cluster.status': ['ACTIVE'] }, { cluster: { status: 'ACTIVE' } }, true],
  ['a path, where the event has it as a name', { a: { b: [1] } }, { 'a.b': 1 }, true],
  ['a path of three, half of it a name', { 'a.b.c': [1] }, { 'a.b': { c: 1 } }, true],
  ['a path to another value', { 'cluster.status': ['ACTIVE'] }, { cluster: { status: 'FAILED' } }, false],
  ['a path through a list', { 'l.a': [1] }, { l: [{ a: 0 }, { a: 1 }] }, true],
  ['an empty suffix ends every text', { name: [{ suffix: '' }] }, { name: 'x' }, true],
  ['an empty prefix begins every text', { name: [{ prefix: '' }] }, { name: '' }, true],
  ['an empty wildcard stands for the empty text', { name: [{ wildcard: '' }] }, { name: 'x' }, false],
  ['a wildcard that goes back', { name: [{ wildcard: '*ab*abc' }] }, { name: 'xabababc' }, true],
  ['not exists below an empty list', { l: { a: [{ exists: false }] } }, { l: [] }, true],

  ['$or, the second', { $or: [{ a: [1] }, { b: [{ numeric: ['>', 1] }] }] }, { a: 0, b: 2 }, true],
  ['$or, none', { $or: [{ a: [1] }, { b: [2] }] }, { a: 0, b: 0 }, false],
  ['$or beside another field', { c: [3], $or: [{ a: [1] }, { b: [2] }] }, { a: 1, c: 0 }, false],
]

const nested = (depth: number): object =>
  Array.from({ length: depth }).reduce<object>((inner) => ({ a: inner }), { a: ['x'] })

describe('an event pattern', () => {
  it.each(rows)('%s', (_why, pattern, detail, matches) => {
    expect(compilePattern({ source: ['aws.eks'], detail: pattern })({ source: 'aws.eks', detail })).toBe(
      matches,
    )
  })

  const created = {
    source: ['aws.eks'],
    'detail-type': ['AWS API Call via CloudTrail'],
    detail: {
      eventSource: ['eks.amazonaws.com'],
      eventName: ['CreateCluster'],
      errorCode: [{ exists: false }],
    },
  }
  const call = { eventSource: 'eks.amazonaws.com', eventName: 'CreateCluster' }
  const event = (detail: object) => ({
    source: 'aws.eks',
    'detail-type': 'AWS API Call via CloudTrail',
    detail,
  })
  it('picks out the creation of clusters, and not the attempts that failed', () => {
    const matches = compilePattern(created)
    expect(matches(event(call))).toBe(true)
    expect(matches(event({ ...call, errorCode: 'ResourceInUseException' }))).toBe(false)
    expect(matches(event({ ...call, eventName: 'DeleteCluster' }))).toBe(false)
  })

  const faulty: [why: string, pattern: unknown][] = [
    ['not an object', ['a']],
    ['empty', {}],
    ['a value outside of a list', { a: 'x' }],
    ['an empty list', { a: [] }],
    ['an empty object', { a: {} }],
    ['an unknown operator', { a: [{ contains: 'x' }] }],
    ['two operators in one', { a: [{ prefix: 'x', suffix: 'y' }] }],
    ['exists of text', { a: [{ exists: 'true' }] }],
    ['prefix of a number', { a: [{ prefix: 1 }] }],
    ['numeric, an unknown comparison', { a: [{ numeric: ['~', 1] }] }],
    ['numeric, a half', { a: [{ numeric: ['>'] }] }],
    ['numeric of text', { a: [{ numeric: ['>', '1'] }] }],
    ['a malformed CIDR', { a: [{ cidr: '10.0.0.0/33' }] }],
    ['two wildcards in a row', { a: [{ wildcard: 'a**' }] }],
    ['an escape of nothing', { a: [{ wildcard: 'a\\b' }] }],
    ['anything-but of mixed types', { a: [{ 'anything-but': ['x', 1] }] }],
    ['anything-but of numeric', { a: [{ 'anything-but': { numeric: ['>', 1] } }] }],
    ['$or of one', { $or: [{ a: [1] }] }],
    ['a list in a list', { a: [['x']] }],
    ['anything-but an empty prefix', { a: [{ 'anything-but': { prefix: '' } }] }],
    ['anything-but an empty suffix', { a: [{ 'anything-but': { suffix: ['x', ''] } }] }],
    [
      'anything-but a prefix that ignores case',
      { a: [{ 'anything-but': { prefix: { 'equals-ignore-case': 'x' } } }] },
    ],
    [
      'anything-but a list of numbers that ignores case',
      { a: [{ 'anything-but': { 'equals-ignore-case': [1] } }] },
    ],
    ['anything-but true', { a: [{ 'anything-but': true }] }],
    ['two lower bounds', { a: [{ numeric: ['>', 0, '>', 0] }] }],
    ['a range with nothing in it', { a: [{ numeric: ['>', 5, '<', 5] }] }],
    ['an equality and a bound', { a: [{ numeric: ['=', 5, '<', 6] }] }],
    ['three bounds', { a: [{ numeric: ['>', 5, '<', 6, '<', 7] }] }],
    ['no comparison', { a: [{ numeric: [] }] }],
    ['wildcards that are too complex', { a: [{ wildcard: '*:*:*:*:*:event-bus/*' }] }],
    ['four such wildcards', { a: ['a', 'b', 'c', 'd'].map((end) => ({ wildcard: `*/datasync/*.${end}` })) }],
    ['deeper than anything reads', nested(2000)],
  ]
  it('takes wildcards that one text can match in a few ways', () => {
    const pattern = { a: [{ wildcard: '/Users/*/dir/dir/dir/dir/dir/doc.txt' }, { wildcard: 'a*' }] }
    expect(compilePattern(pattern)({ a: '/Users/me/dir/dir/dir/dir/dir/doc.txt' })).toBe(true)
  })

  it.each(faulty)('is none: %s', (_why, pattern) => {
    expect(() => compilePattern(pattern)).toThrow(InvalidPattern)
  })
})

import { describe, expect, it } from 'vitest'
import { checkPolicyDocument, evaluate } from '../../../core/policy/evaluate.ts'

const grant = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }
const document = (...statements: unknown[]) => ({ Version: '2012-10-17', Statement: statements })

const decide = (...documents: unknown[]) =>
  evaluate({
    policies: documents.map((each, at) => ({ name: `p${at}`, document: each })),
    action: 's3:GetObject',
    resource: 'arn:aws:s3:::bucket/key',
    context: { 'aws:Key': null },
  }).decision

describe('a document as IAM accepts it', () => {
  const rows: [string, unknown][] = [
    ['a list of statements', document(grant)],
    ['one statement', { Version: '2012-10-17', Statement: grant }],
    ['lists within', document({ ...grant, Action: ['s3:GetObject'], Resource: ['*'] })],
    ['the old version', { Version: '2008-10-17', Statement: [grant] }],
    ['no version, which is the old one', { Statement: [grant] }],
    ['with an id and sids', { Id: 'x', ...document({ Sid: 'A1', ...grant }) }],
    ['as text', JSON.stringify(document(grant))],
    ['an empty sid', document({ Sid: '', ...grant })],
    [
      'numbers and booleans as condition values',
      document({
        ...grant,
        Condition: { NumericLessThanIfExists: { 'a:b': 3 }, BoolIfExists: { 'a:b': [true] } },
      }),
    ],
  ]
  it.each(rows)('%s', (_why, accepted) => {
    expect(checkPolicyDocument(accepted)).toEqual([])
  })

  it('grants nothing where it has no statements', () => {
    expect(checkPolicyDocument(document())).toEqual([])
    expect(decide(document())).toBe('implicitDeny')
  })

  it('takes ${…} as it stands in the old version', () => {
    const old = { Statement: { ...grant, Condition: { StringEquals: { 'a:b': '${a:c}' } } } }
    const ask = { policies: [{ name: 'p', document: old }], action: 's3:GetObject', resource: '*' }
    expect(evaluate({ ...ask, context: { 'a:b': '${a:c}' } }).decision).toBe('allowed')
    expect(evaluate({ ...ask, context: { 'a:b': 'x', 'a:c': 'x' } }).decision).toBe('implicitDeny')
  })
})

describe('a document with a fault', () => {
  const { Effect: _effect, ...noEffect } = grant
  const { Action: _action, ...noAction } = grant
  const { Resource: _resource, ...noResource } = grant
  type Row = [why: string, faulty: unknown, path: string, problem: string]
  const rows: Row[] = [
    ['no JSON', '{"Version": ', '', 'is not JSON'],
    ['no object', [grant], '', 'is not a policy document'],
    ['nothing', null, '', 'null is not a policy document'],
    ['text in text', '"x"', '', '"x" is not a policy document'],
    [
      'an impossible version',
      { ...document(grant), Version: '2012-10-18' },
      'Version',
      '"2012-10-18" is not a version',
    ],
    ['a version that is a number', { ...document(grant), Version: 2012 }, 'Version', '2012 is not a version'],
    ['an unknown element', { ...document(grant), Statements: [] }, 'Statements', 'is not an element'],
    [
      'an element in another case',
      { version: '2012-10-17', Statement: [grant] },
      'version',
      'is not an element',
    ],
    ['no statement', { Version: '2012-10-17' }, 'Statement', 'is missing'],
    ['a statement that is none', document('x'), 'Statement[0]', '"x" is not a statement'],
    [
      'an unknown element of a statement',
      document(grant, { ...grant, Resources: '*' }),
      'Statement[1].Resources',
      'is not an element',
    ],
    ['no effect', document(noEffect), 'Statement[0].Effect', 'is missing'],
    [
      'an effect in another case',
      document({ ...grant, Effect: 'allow' }),
      'Statement[0].Effect',
      '"allow" is neither "Allow" nor "Deny"',
    ],
    ['no action', document(noAction), 'Statement[0]', 'has neither Action nor NotAction'],
    [
      'both actions',
      document({ ...grant, NotAction: 's3:*' }),
      'Statement[0].NotAction',
      'is used together with Action',
    ],
    [
      'an action that is no text',
      document({ ...grant, Action: ['s3:*', 7] }),
      'Statement[0].Action',
      'is neither text nor a list of texts',
    ],
    ['no action listed', document({ ...grant, Action: [] }), 'Statement[0].Action', 'lists nothing'],
    [
      'nothing excluded, which would be everything',
      document({ Effect: 'Allow', NotAction: [], NotResource: [] }),
      'Statement[0].NotResource',
      'lists nothing',
    ],
    [
      'no value that a key must not have',
      document({ ...grant, Condition: { StringNotEquals: { a: [] } } }),
      'Statement[0].Condition.StringNotEquals.a',
      'lists nothing',
    ],
    ['no resource', document(noResource), 'Statement[0]', 'has neither Resource nor NotResource'],
    [
      'a principal where none belongs',
      document({ ...grant, Principal: '*' }),
      'Statement[0].Principal',
      'has no place in a policy of a role',
    ],
    ['a sid that is no text', document({ ...grant, Sid: 1 }), 'Statement[0].Sid', '1 is not text'],
    [
      'a condition that is none',
      document({ ...grant, Condition: 'x' }),
      'Statement[0].Condition',
      '"x" is not an object of operators',
    ],
    [
      'an unknown operator',
      document({ ...grant, Condition: { StringIs: { a: 'b' } } }),
      'Statement[0].Condition.StringIs',
      'is not a condition operator',
    ],
    [
      'an unknown quantifier',
      document({ ...grant, Condition: { 'ForSomeValues:StringEquals': { a: 'b' } } }),
      'Statement[0].Condition.ForSomeValues:StringEquals',
      'is not a condition operator',
    ],
    [
      'IfExists of Null',
      document({ ...grant, Condition: { NullIfExists: { a: 'true' } } }),
      'Statement[0].Condition.NullIfExists',
      'is not a condition operator',
    ],
    [
      'Null of neither true nor false',
      document({ ...grant, Condition: { Null: { a: 'yes' } } }),
      'Statement[0].Condition.Null.a',
      '"yes" is neither "true" nor "false"',
    ],
    [
      'an operator without keys',
      document({ ...grant, Condition: { StringEquals: 'x' } }),
      'Statement[0].Condition.StringEquals',
      'is not an object of keys',
    ],
    [
      'a condition value that is none',
      document({ ...grant, Condition: { StringEquals: { a: { b: 1 } } } }),
      'Statement[0].Condition.StringEquals.a',
      'is neither a value nor a list of values',
    ],
    [
      'one statement, not in a list',
      { Version: '2012-10-17', Statement: noAction },
      'Statement',
      'has neither Action',
    ],
  ]
  it.each(rows)('%s is quoted with its place', (_why, faulty, path, problem) => {
    expect(checkPolicyDocument(faulty)).toContainEqual({ path, problem: expect.stringContaining(problem) })
  })

  it.each(rows)('%s never grants, and never crashes', (_why, faulty) => {
    expect(decide(faulty)).not.toBe('allowed')
  })

  it('is quoted in every place at once', () => {
    expect(
      checkPolicyDocument(document(noAction, { ...grant, Effect: 'allow' })).map(({ path }) => path),
    ).toEqual(['Statement[0]', 'Statement[1].Effect'])
  })

  it('is quoted as far as that goes where it is too deep to print', () => {
    const deep = JSON.parse(`${'['.repeat(5e4)}${']'.repeat(5e4)}`)
    expect(checkPolicyDocument(document({ ...grant, Action: deep }))).toEqual([
      { path: 'Statement[0].Action', problem: expect.stringContaining('a value of type object') },
    ])
  })

  it('is not quoted at any length', () => {
    const [problem] = checkPolicyDocument('x'.repeat(10_000).split(''))
    expect(problem?.problem.length).toBeLessThan(300)
  })

  const sound = document(grant)
  const beside: [string, unknown, string][] = [
    ['a faulty Allow takes nothing away', document({ ...grant, Actions: 's3:*' }), 'allowed'],
    ['a faulty Deny may deny it', document({ ...grant, Effect: 'Deny', Actions: 's3:*' }), 'conditional'],
    ['an unreadable effect may deny it', document({ ...grant, Effect: 'deny' }), 'conditional'],
    ['an unreadable document may deny it', 'x', 'conditional'],
    [
      'a Deny of an impossible version may deny it',
      { ...document({ ...grant, Effect: 'Deny' }), Version: '1' },
      'conditional',
    ],
    ['a sound Deny does', document({ ...grant, Effect: 'Deny' }), 'explicitDeny'],
  ]
  it.each(beside)('beside a sound grant: %s', (_why, faulty, decision) => {
    expect(decide(sound, faulty)).toBe(decision)
  })

  it('spoils the whole document, as IAM takes all of it or nothing', () => {
    expect(decide({ ...document(grant), Extra: 1 })).toBe('implicitDeny')
    expect(decide(document(grant, noAction))).toBe('implicitDeny')
  })
})

describe('a document with anything anywhere', () => {
  const sound = document({
    Sid: 'A',
    ...grant,
    Condition: { StringEqualsIfExists: { 'aws:Key': ['a', 'b'] }, Null: { 'aws:Key': 'true' } },
  })
  const junk = [
    null,
    7,
    true,
    '',
    '*',
    [],
    [[]],
    {},
    { a: {} },
    'Allow',
    { __proto__: 1 },
    [null],
    '${',
    '2012-10-17',
  ]

  /** Every way to put `value` in the place of one part of the document. */
  const withPart = (part: unknown, value: unknown): unknown[] => {
    if (typeof part !== 'object' || part === null) return [value]
    const within = Object.entries(part).flatMap(([key, inner]) =>
      withPart(inner, value).map((changed) =>
        Array.isArray(part)
          ? part.map((item, at) => (String(at) === key ? changed : item))
          : { ...part, [key]: changed },
      ),
    )
    return [value, ...within, ...(Array.isArray(part) ? [] : [{ ...part, [JSON.stringify(value)]: value }])]
  }

  it('is one that grants, to begin with', () => {
    expect(decide(sound)).toBe('allowed')
  })

  it.each(junk.map((value) => [value]))('is no crash, and with a fault no grant: %o', (value) => {
    for (const changed of withPart(sound, value)) {
      const faults = [...checkPolicyDocument(changed), ...checkPolicyDocument(changed, 'trust')]
      expect(faults.every(({ problem }) => problem.length > 0)).toBe(true)
      if (checkPolicyDocument(changed).length > 0) expect(decide(changed)).not.toBe('allowed')
    }
  })
})

describe('a trust document', () => {
  const trust = {
    Effect: 'Allow',
    Principal: { Service: 'pods.eks.amazonaws.com' },
    Action: 'sts:AssumeRole',
  }
  it('has principals and no resources', () => {
    expect(checkPolicyDocument(document(trust), 'trust')).toEqual([])
    expect(checkPolicyDocument(document(trust)).map(({ path }) => path)).toEqual([
      'Statement[0]',
      'Statement[0].Principal',
    ])
  })

  const rows: [string, object, string][] = [
    ['a resource', { Resource: '*' }, 'Statement[0].Resource'],
    ['all resources but some', { NotResource: 'arn:aws:s3:::a' }, 'Statement[0].NotResource'],
    ['nobody', { Principal: undefined }, 'Statement[0]'],
    ['a bare name', { Principal: 'pods.eks.amazonaws.com' }, 'Statement[0].Principal'],
    ['an unknown type', { Principal: { Services: 'x' } }, 'Statement[0].Principal.Services'],
    ['both', { NotPrincipal: '*' }, 'Statement[0].NotPrincipal'],
    ['no text', { Principal: { Service: [7] } }, 'Statement[0].Principal.Service'],
  ]
  it.each(rows)('names %s', (_why, change, path) => {
    expect(
      checkPolicyDocument(document({ ...trust, ...change }), 'trust').map((problem) => problem.path),
    ).toEqual([path])
  })
})

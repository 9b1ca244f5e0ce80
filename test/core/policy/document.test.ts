import { expect, it } from 'vitest'
import { readDocument } from '../../../core/policy/document.ts'

const allow = { Effect: 'Allow', Action: 's3:Get*', Resource: '*' }
const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: '*' }

/** What is read, and what is wrong with it, in a line each. */
const read = (document: unknown, kind: 'identity' | 'trust' = 'identity'): string[] => {
  const { statements, problems } = readDocument(document, kind)
  return [
    ...statements.map((one) => JSON.stringify(one)),
    ...problems.map(({ path, problem }) => `${path}: ${problem}`),
  ]
}

it.each<[why: string, document: unknown, said: string[], kind?: 'identity' | 'trust']>([
  [
    'a statement',
    { Version: '2012-10-17', Statement: { Sid: '', ...allow } },
    [
      '{"faulty":false,"sid":"#1","effect":"Allow","actions":{"patterns":["s3:get*"],"negated":false,"variables":false},"resources":{"patterns":["*"],"negated":false,"variables":false},"conditions":[],"principals":{"anyone":false,"services":[],"aws":[],"federated":[],"negated":false}}',
    ],
  ],
  [
    'variables',
    {
      Version: '2012-10-17',
      Statement: {
        ...allow,
        Resource: ['a', '${aws:a}'],
        Condition: { StringEquals: { k: ['a', '${b}'], l: 'a' } },
      },
    },
    [
      '{"faulty":false,"sid":"#1","effect":"Allow","actions":{"patterns":["s3:get*"],"negated":false,"variables":false},"resources":{"patterns":["a","${aws:a}"],"negated":false,"variables":true},"conditions":[{"name":"StringEquals","operator":{"base":{"negated":false,"variables":true},"ifExists":false},"key":"k","values":["a","${b}"],"variables":true},{"name":"StringEquals","operator":{"base":{"negated":false,"variables":true},"ifExists":false},"key":"l","values":["a"],"variables":false}],"principals":{"anyone":false,"services":[],"aws":[],"federated":[],"negated":false}}',
    ],
  ],
  [
    'which the older version has not',
    {
      Version: '2008-10-17',
      Id: 'x',
      Statement: { ...allow, Resource: '${aws:a}', Condition: { StringEquals: { k: '${b}' } } },
    },
    [
      '{"faulty":false,"sid":"#1","effect":"Allow","actions":{"patterns":["s3:get*"],"negated":false,"variables":false},"resources":{"patterns":["${aws:a}"],"negated":false,"variables":false},"conditions":[{"name":"StringEquals","operator":{"base":{"negated":false,"variables":true},"ifExists":false},"key":"k","values":["${b}"],"variables":false}],"principals":{"anyone":false,"services":[],"aws":[],"federated":[],"negated":false}}',
    ],
  ],
  [
    'a Deny of all but some',
    {
      Statement: [
        {
          Sid: 'No',
          Effect: 'Deny',
          NotAction: 'A:B',
          NotResource: 'r',
          Condition: { Bool: { k: true }, NumericEquals: { n: 1 } },
        },
      ],
    },
    [
      '{"faulty":false,"sid":"No","effect":"Deny","actions":{"patterns":["a:b"],"negated":true,"variables":false},"resources":{"patterns":["r"],"negated":true,"variables":false},"conditions":[{"name":"Bool","operator":{"base":{"negated":false,"variables":true},"ifExists":false},"key":"k","values":["true"],"variables":false},{"name":"NumericEquals","operator":{"base":{"negated":false,"variables":false},"ifExists":false},"key":"n","values":["1"],"variables":false}],"principals":{"anyone":false,"services":[],"aws":[],"federated":[],"negated":false}}',
    ],
  ],
  [
    'a trust',
    {
      Statement: [
        { ...trust, Principal: { AWS: ['*', 'a'], Service: 's', Federated: 'f' } },
        { ...trust, Principal: undefined, NotPrincipal: { Service: ['s'] } },
        trust,
      ],
    },
    [
      '{"faulty":false,"sid":"#1","effect":"Allow","actions":{"patterns":["sts:assumerole"],"negated":false,"variables":false},"resources":{"patterns":[],"negated":false,"variables":false},"conditions":[],"principals":{"anyone":true,"services":["s"],"aws":["*","a"],"federated":["f"],"negated":false}}',
      '{"faulty":false,"sid":"#2","effect":"Allow","actions":{"patterns":["sts:assumerole"],"negated":false,"variables":false},"resources":{"patterns":[],"negated":false,"variables":false},"conditions":[],"principals":{"anyone":false,"services":["s"],"aws":[],"federated":[],"negated":true}}',
      '{"faulty":false,"sid":"#3","effect":"Allow","actions":{"patterns":["sts:assumerole"],"negated":false,"variables":false},"resources":{"patterns":[],"negated":false,"variables":false},"conditions":[],"principals":{"anyone":true,"services":[],"aws":[],"federated":[],"negated":false}}',
    ],
    'trust',
  ],
  [
    'no JSON',
    '{',
    [
      '{"sid":"#1","effect":"Deny","faulty":true,"actions":{"patterns":[],"negated":false,"variables":false},"resources":{"patterns":[],"negated":false,"variables":false},"conditions":[],"principals":{"anyone":false,"services":[],"aws":[],"federated":[],"negated":false}}',
      ": is not JSON: Expected property name or '}' in JSON at position 1 (line 1 column 2)",
    ],
  ],
  [
    'a list',
    [],
    [
      '{"sid":"#1","effect":"Deny","faulty":true,"actions":{"patterns":[],"negated":false,"variables":false},"resources":{"patterns":[],"negated":false,"variables":false},"conditions":[],"principals":{"anyone":false,"services":[],"aws":[],"federated":[],"negated":false}}',
      ': [] is not a policy document; it should be an object with Version and Statement',
    ],
  ],
  [
    'an empty document',
    {},
    [
      '{"sid":"#1","effect":"Deny","faulty":true,"actions":{"patterns":[],"negated":false,"variables":false},"resources":{"patterns":[],"negated":false,"variables":false},"conditions":[],"principals":{"anyone":false,"services":[],"aws":[],"federated":[],"negated":false}}',
      'Statement: is missing',
    ],
  ],
  ['no statement in the list', { Statement: [] }, []],
  [
    'faults of the document',
    { Version: '2020', Id: 7, More: 1, Statement: [allow, 'x'] },
    [
      '{"faulty":true,"sid":"#1","effect":"Allow","actions":{"patterns":["s3:get*"],"negated":false,"variables":false},"resources":{"patterns":["*"],"negated":false,"variables":false},"conditions":[],"principals":{"anyone":false,"services":[],"aws":[],"federated":[],"negated":false}}',
      '{"sid":"#2","effect":"Deny","faulty":true,"actions":{"patterns":[],"negated":false,"variables":false},"resources":{"patterns":[],"negated":false,"variables":false},"conditions":[],"principals":{"anyone":false,"services":[],"aws":[],"federated":[],"negated":false}}',
      'More: is not an element of a policy',
      'Version: "2020" is not a version; the versions are 2012-10-17 and 2008-10-17',
      'Id: 7 is not text',
      'Statement[1]: "x" is not a statement',
    ],
  ],
  [
    'faults of a statement',
    { Statement: { Sid: 7, Effect: 'allow', Principal: '*', More: 1 } },
    [
      '{"faulty":true,"sid":"#1","effect":"Deny","actions":{"patterns":[],"negated":false,"variables":false},"resources":{"patterns":[],"negated":false,"variables":false},"conditions":[],"principals":{"anyone":false,"services":[],"aws":[],"federated":[],"negated":false}}',
      'Statement.More: is not an element of a policy',
      'Statement.Sid: 7 is not text',
      'Statement.Effect: "allow" is neither "Allow" nor "Deny"',
      'Statement: has neither Action nor NotAction',
      'Statement: has neither Resource nor NotResource',
      'Statement.Principal: has no place in a policy of a role, only in its trust',
    ],
  ],
  [
    'both of two',
    { Statement: { ...allow, NotAction: 'a', NotResource: 'r', Effect: undefined } },
    [
      '{"faulty":true,"sid":"#1","effect":"Deny","actions":{"patterns":["a"],"negated":true,"variables":false},"resources":{"patterns":["r"],"negated":true,"variables":false},"conditions":[],"principals":{"anyone":false,"services":[],"aws":[],"federated":[],"negated":false}}',
      'Statement.Effect: is missing',
      'Statement.NotAction: is used together with Action; a statement may have only one of them',
      'Statement.NotResource: is used together with Resource; a statement may have only one of them',
    ],
  ],
  [
    'empty lists and other values',
    { Statement: { Effect: 'Deny', Action: [], Resource: ['a', 7] } },
    [
      '{"faulty":true,"sid":"#1","effect":"Deny","actions":{"patterns":[],"negated":false,"variables":false},"resources":{"patterns":[],"negated":false,"variables":false},"conditions":[],"principals":{"anyone":false,"services":[],"aws":[],"federated":[],"negated":false}}',
      'Statement.Action: lists nothing',
      'Statement.Resource: ["a",7] is neither text nor a list of texts',
    ],
  ],
  [
    'faults of conditions',
    {
      Statement: {
        ...allow,
        Condition: {
          Equals: { k: 'a' },
          StringEquals: 'x',
          Null: { k: ['true', 'maybe'], l: 'xtrue', m: 'falsex', n: 'TRUE' },
          Bool: { k: { a: 1 }, l: [], m: [true, null] },
        },
      },
    },
    [
      '{"faulty":true,"sid":"#1","effect":"Allow","actions":{"patterns":["s3:get*"],"negated":false,"variables":false},"resources":{"patterns":["*"],"negated":false,"variables":false},"conditions":[{"name":"Null","operator":{"base":"null","ifExists":false},"key":"k","values":["true","maybe"],"variables":false},{"name":"Null","operator":{"base":"null","ifExists":false},"key":"l","values":["xtrue"],"variables":false},{"name":"Null","operator":{"base":"null","ifExists":false},"key":"m","values":["falsex"],"variables":false},{"name":"Null","operator":{"base":"null","ifExists":false},"key":"n","values":["TRUE"],"variables":false},{"name":"Bool","operator":{"base":{"negated":false,"variables":true},"ifExists":false},"key":"k","values":[],"variables":false},{"name":"Bool","operator":{"base":{"negated":false,"variables":true},"ifExists":false},"key":"l","values":[],"variables":false},{"name":"Bool","operator":{"base":{"negated":false,"variables":true},"ifExists":false},"key":"m","values":[],"variables":false}],"principals":{"anyone":false,"services":[],"aws":[],"federated":[],"negated":false}}',
      'Statement.Condition.Equals: is not a condition operator',
      'Statement.Condition.StringEquals: "x" is not an object of keys and values',
      'Statement.Condition.Null.k: ["true","maybe"] is neither "true" nor "false"',
      'Statement.Condition.Null.l: "xtrue" is neither "true" nor "false"',
      'Statement.Condition.Null.m: "falsex" is neither "true" nor "false"',
      'Statement.Condition.Bool.k: {"a":1} is neither a value nor a list of values',
      'Statement.Condition.Bool.l: lists nothing',
      'Statement.Condition.Bool.m: [true,null] is neither a value nor a list of values',
    ],
  ],
  [
    'a condition that is none',
    { Statement: { ...allow, Condition: 'x' } },
    [
      '{"faulty":true,"sid":"#1","effect":"Allow","actions":{"patterns":["s3:get*"],"negated":false,"variables":false},"resources":{"patterns":["*"],"negated":false,"variables":false},"conditions":[],"principals":{"anyone":false,"services":[],"aws":[],"federated":[],"negated":false}}',
      'Statement.Condition: "x" is not an object of operators',
    ],
  ],
  [
    'a trust of nobody',
    {
      Statement: [
        { Effect: 'Allow', Action: 'a' },
        { ...trust, NotPrincipal: '*' },
        { ...trust, Principal: 'me' },
        { ...trust, Principal: { User: 'me', AWS: 7 } },
        { ...trust, Resource: '*', NotResource: 'x' },
      ],
    },
    [
      '{"faulty":true,"sid":"#1","effect":"Allow","actions":{"patterns":["a"],"negated":false,"variables":false},"resources":{"patterns":[],"negated":false,"variables":false},"conditions":[],"principals":{"anyone":false,"services":[],"aws":[],"federated":[],"negated":false}}',
      '{"faulty":true,"sid":"#2","effect":"Allow","actions":{"patterns":["sts:assumerole"],"negated":false,"variables":false},"resources":{"patterns":[],"negated":false,"variables":false},"conditions":[],"principals":{"anyone":true,"services":[],"aws":[],"federated":[],"negated":true}}',
      '{"faulty":true,"sid":"#3","effect":"Allow","actions":{"patterns":["sts:assumerole"],"negated":false,"variables":false},"resources":{"patterns":[],"negated":false,"variables":false},"conditions":[],"principals":{"anyone":false,"services":[],"aws":[],"federated":[],"negated":false}}',
      '{"faulty":true,"sid":"#4","effect":"Allow","actions":{"patterns":["sts:assumerole"],"negated":false,"variables":false},"resources":{"patterns":[],"negated":false,"variables":false},"conditions":[],"principals":{"anyone":false,"services":[],"aws":[],"federated":[],"negated":false}}',
      '{"faulty":true,"sid":"#5","effect":"Allow","actions":{"patterns":["sts:assumerole"],"negated":false,"variables":false},"resources":{"patterns":[],"negated":false,"variables":false},"conditions":[],"principals":{"anyone":true,"services":[],"aws":[],"federated":[],"negated":false}}',
      'Statement[0]: has neither Principal nor NotPrincipal',
      'Statement[1].NotPrincipal: is used together with Principal; a statement may have only one of them',
      'Statement[2].Principal: "me" is not a principal; it should be "*" or like {"Service": "…"}',
      'Statement[3].Principal.User: is not an element of a policy',
      'Statement[3].Principal.AWS: 7 is neither text nor a list of texts',
      'Statement[4].Resource: has no place in a trust policy, whose resource is the role itself',
      'Statement[4].NotResource: has no place in a trust policy, whose resource is the role itself',
    ],
    'trust',
  ],
  [
    'a long value',
    { Statement: { ...allow, Effect: 'x'.repeat(118) } },
    [
      '{"faulty":true,"sid":"#1","effect":"Deny","actions":{"patterns":["s3:get*"],"negated":false,"variables":false},"resources":{"patterns":["*"],"negated":false,"variables":false},"conditions":[],"principals":{"anyone":false,"services":[],"aws":[],"federated":[],"negated":false}}',
      'Statement.Effect: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" is neither "Allow" nor "Deny"',
    ],
  ],
  [
    'a longer one',
    { Statement: { ...allow, Effect: 'x'.repeat(119) } },
    [
      '{"faulty":true,"sid":"#1","effect":"Deny","actions":{"patterns":["s3:get*"],"negated":false,"variables":false},"resources":{"patterns":["*"],"negated":false,"variables":false},"conditions":[],"principals":{"anyone":false,"services":[],"aws":[],"federated":[],"negated":false}}',
      'Statement.Effect: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… is neither "Allow" nor "Deny"',
    ],
  ],
])('a policy document is read whole or not at all: %s', (_why, document, said, kind) => {
  expect(read(document, kind)).toEqual(said)
})

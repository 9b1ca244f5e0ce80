import { describe, expect, it } from 'vitest'
import {
  type Context,
  type Decision,
  evaluate,
  type Judgement,
  judge,
  preparePolicies,
} from '../../../core/policy/evaluate.ts'

const table = 'arn:aws:dynamodb:us-west-2:111122223333:table/Items'

/** A policy of one statement that allows everything on everything, but for what is given. */
const allow = (statement: object) => ({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: '*', Resource: '*', ...statement },
})
const deny = (statement: object) => allow({ ...statement, Effect: 'Deny' })

const named = (documents: unknown[]) => documents.map((document, at) => ({ name: `p${at}`, document }))

const decide = (
  documents: unknown[],
  { action = 'dynamodb:GetItem', resource = table, context = {} as Context } = {},
): Decision => evaluate({ policies: named(documents), action, resource, context }).decision

describe('actions and resources', () => {
  const { Action: _action, ...noAction } = allow({}).Statement
  const { Resource: _resource, ...noResource } = allow({}).Statement
  const statement = (part: object) => ({ Version: '2012-10-17', Statement: [part] })
  const rows: [string, unknown[], object, Decision][] = [
    ['nothing grants it', [], {}, 'implicitDeny'],
    ['a statement grants it', [allow({})], {}, 'allowed'],
    ['actions are compared without case', [allow({ Action: 'DYNAMODB:getitem' })], {}, 'allowed'],
    ['resources are compared with case', [allow({ Resource: table.toUpperCase() })], {}, 'implicitDeny'],
    ['a wildcard within an action', [allow({ Action: 'dynamodb:Get*' })], {}, 'allowed'],
    ['? is one character and no less', [allow({ Action: 'dynamodb:GetItem?' })], {}, 'implicitDeny'],
    [
      'an index is not the table',
      [allow({ Resource: table })],
      { resource: `${table}/index/a` },
      'implicitDeny',
    ],
    ['a * reaches across slashes and colons', [allow({ Resource: 'arn:*Items' })], {}, 'allowed'],
    ['a Deny wins over every Allow', [allow({}), deny({})], {}, 'explicitDeny'],
    ['the order does not matter', [deny({}), allow({})], {}, 'explicitDeny'],
    ['a Deny of something else', [allow({}), deny({ Action: 's3:*' })], {}, 'allowed'],
    [
      'all of a wildcard need is granted',
      [allow({ Resource: `${table}/index/*` })],
      { resource: `${table}/index/*` },
      'allowed',
    ],
    [
      'one index is not all indexes',
      [allow({ Resource: `${table}/index/a` })],
      { resource: `${table}/index/*` },
      'implicitDeny',
    ],
    [
      'one action is not all',
      [allow({ Action: 'dynamodb:GetItem' })],
      { action: 'dynamodb:*' },
      'implicitDeny',
    ],
    [
      'a Deny of one index spoils the need of all',
      [allow({}), deny({ Resource: `${table}/index/a` })],
      { resource: `${table}/index/*` },
      'partialDeny',
    ],
    [
      'a Deny by another wildcard that meets the need',
      [allow({}), deny({ Resource: '*/b-*' })],
      { resource: `${table}/index/*-c` },
      'partialDeny',
    ],
    [
      'a Deny by a wildcard that cannot meet the need',
      [allow({}), deny({ Resource: '*/stream/b' })],
      { resource: `${table}/index/*-c` },
      'allowed',
    ],
    ['NotAction grants the rest', [statement({ ...noAction, NotAction: 's3:*' })], {}, 'allowed'],
    [
      'NotAction does not grant itself',
      [statement({ ...noAction, NotAction: 'dynamodb:Get*' })],
      {},
      'implicitDeny',
    ],
    [
      'NotAction takes a piece out of the need',
      [statement({ ...noAction, NotAction: 'dynamodb:Scan' })],
      { action: 'dynamodb:*' },
      'implicitDeny',
    ],
    [
      'a Deny with NotAction spares what it names',
      [allow({}), statement({ ...noAction, Effect: 'Deny', NotAction: 'dynamodb:*' })],
      {},
      'allowed',
    ],
    [
      'a Deny with NotAction that spares a part of the need only',
      [allow({}), statement({ ...noAction, Effect: 'Deny', NotAction: 'dynamodb:Get*' })],
      { action: 'dynamodb:*' },
      'partialDeny',
    ],
    ['NotResource', [statement({ ...noResource, NotResource: `${table}/*` })], {}, 'allowed'],
    [
      'a Deny with NotResource bites outside',
      [allow({}), statement({ ...noResource, Effect: 'Deny', NotResource: `${table}/*` })],
      {},
      'explicitDeny',
    ],
    [
      'an unknown key of a statement about something else',
      [allow({ Resource: `${table}/*`, Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-1' } } })],
      {},
      'implicitDeny',
    ],
    ['one statement of a list suffices', [allow({ Action: ['s3:*', 'dynamodb:*'] })], {}, 'allowed'],
  ]
  it.each(rows)('%s', (_why, documents, question, decision) => {
    expect(decide(documents, question)).toBe(decision)
  })
})

describe('what decided', () => {
  const ask = { action: 'dynamodb:GetItem', resource: table, context: {} }
  const sid = (Sid: string, part: object = {}) => allow({ Sid, ...part })

  it('is every statement that grants it, unnamed ones by their number', () => {
    const second = {
      Version: '2012-10-17',
      Statement: [deny({ Action: 's3:*' }).Statement, allow({}).Statement],
    }
    expect(evaluate({ policies: named([sid('All'), second]), ...ask })).toEqual({
      decision: 'allowed',
      by: [
        { layer: 'role', policy: 'p0', sid: 'All' },
        { layer: 'role', policy: 'p1', sid: '#2' },
      ],
      missingKeys: [],
    })
  })

  it('is the Deny, wherever it is', () => {
    const boundary = {
      name: 'limits',
      document: { Version: '2012-10-17', Statement: [allow({}).Statement, deny({ Sid: 'No' }).Statement] },
    }
    expect(evaluate({ policies: named([sid('All')]), boundary, ...ask })).toEqual({
      decision: 'explicitDeny',
      by: [{ layer: 'boundary', policy: 'limits', sid: 'No' }],
      missingKeys: [],
    })
  })

  it('is nothing where nothing grants it', () => {
    expect(evaluate({ policies: named([sid('Other', { Action: 's3:*' })]), ...ask })).toEqual({
      decision: 'implicitDeny',
      by: [],
      missingKeys: [],
    })
  })
})

describe('layers', () => {
  const policy = (document: unknown) => ({ name: 'x', document })
  const all = policy(allow({}))
  const none = policy(allow({ Action: 's3:*' }))
  const open = policy(allow({ Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-1' } } }))
  const forbids = policy({ Version: '2012-10-17', Statement: [allow({}).Statement, deny({}).Statement] })
  type Layers = {
    policies: { name: string; document: unknown }[]
    boundary?: typeof all
    session?: typeof all
  }
  const rows: [string, Layers, Decision][] = [
    ['the boundary lets it through', { policies: [all], boundary: all }, 'allowed'],
    ['the boundary does not', { policies: [all], boundary: none }, 'implicitDeny'],
    ['a boundary grants nothing by itself', { policies: [], boundary: all }, 'implicitDeny'],
    ['the session policy does not', { policies: [all], session: none }, 'implicitDeny'],
    ['all three do', { policies: [all], boundary: all, session: all }, 'allowed'],
    ['the session policy denies', { policies: [all], boundary: all, session: forbids }, 'explicitDeny'],
    [
      'a Deny is named though something else is missing too',
      { policies: [none], boundary: forbids },
      'explicitDeny',
    ],
    ['one layer is open', { policies: [all], boundary: open }, 'conditional'],
    ['what is open in one layer is missing in another', { policies: [open], boundary: none }, 'implicitDeny'],
    ['what is open here is granted there, in the same layer', { policies: [open, all] }, 'allowed'],
  ]
  it.each(rows)('%s', (_why, layers, decision) => {
    expect(evaluate({ ...layers, action: 'dynamodb:GetItem', resource: table, context: {} }).decision).toBe(
      decision,
    )
  })

  const blocking: [string, Layers, Decision, Judgement['layers']][] = [
    ['none', { policies: [all], boundary: all, session: all }, 'allowed', []],
    ['the role', { policies: [none], boundary: all }, 'implicitDeny', ['role']],
    [
      'all that are silent',
      { policies: [all], boundary: none, session: none },
      'implicitDeny',
      ['boundary', 'session'],
    ],
    ['the one with the Deny', { policies: [none, forbids], session: all }, 'explicitDeny', ['role']],
    [
      'each with a Deny, once',
      { policies: [forbids, forbids], session: forbids },
      'explicitDeny',
      ['role', 'session'],
    ],
    ['the open one', { policies: [all], boundary: open, session: all }, 'conditional', ['boundary']],
  ]
  it.each(blocking)('what stands in the way: %s', (_why, layers, decision, standing) => {
    const ask = { action: 'dynamodb:GetItem', resource: table, context: {} }
    expect(judge(preparePolicies(layers), ask)).toMatchObject({ decision, layers: standing })
  })
})

describe('variables in resources', () => {
  const mine = allow({ Resource: 'arn:aws:s3:::home/${aws:PrincipalTag/team}/*' })
  const spared = (Effect: string) => {
    const { Resource: _resource, ...rest } = allow({ Effect }).Statement
    return {
      Version: '2012-10-17',
      Statement: { ...rest, NotResource: 'arn:aws:s3:::home/${aws:PrincipalTag/team}/*' },
    }
  }
  const tag = (value: string | null) => ({ 'aws:PrincipalTag/team': value })
  const resource = 'arn:aws:s3:::home/shop/a'
  const rows: [string, unknown[], Context, string, Decision][] = [
    ['one’s own', [mine], tag('shop'), resource, 'allowed'],
    ['another’s', [mine], tag('cart'), resource, 'implicitDeny'],
    ['no wildcard comes in by a value', [mine], tag('*'), resource, 'implicitDeny'],
    ['whose is not known', [mine], {}, resource, 'conditional'],
    ['whose is not known, but not there anyway', [mine], {}, 'arn:aws:s3:::other/shop/a', 'implicitDeny'],
    ['nobody’s', [mine], tag(null), resource, 'implicitDeny'],
    [
      'a default',
      [allow({ Resource: "arn:aws:s3:::home/${aws:PrincipalTag/team, 'shop'}/*" })],
      tag(null),
      resource,
      'allowed',
    ],
    [
      'excluded by what has no value: not assumed to be granted',
      [spared('Allow')],
      tag(null),
      resource,
      'conditional',
    ],
    [
      'excluded by what has no value: not assumed to be spared',
      [allow({}), spared('Deny')],
      tag(null),
      resource,
      'conditional',
    ],
    ['all of what is one’s own', [mine], tag('shop'), 'arn:aws:s3:::home/shop/*', 'allowed'],
  ]
  it.each(rows)('%s', (_why, documents, context, asked, decision) => {
    expect(decide(documents, { resource: asked, context })).toBe(decision)
  })

  const open = '${aws:PrincipalTag/team}'
  it.each<[string, unknown[], string, Decision, string[]]>([
    ['where the decision hangs on them', [mine], resource, 'conditional', ['aws:PrincipalTag/team']],
    ['not where the statement grants it anyway', [allow({ Resource: [open, '*'] })], resource, 'allowed', []],
    [
      'not where it grants it anyway, and a condition is open',
      [allow({ Resource: [open, '*'], Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-1' } } })],
      resource,
      'conditional',
      ['aws:SourceVpc'],
    ],
    [
      'not where a part is denied anyway',
      [allow({}), deny({ Resource: [resource, open] })],
      'arn:aws:s3:::home/shop/*',
      'partialDeny',
      [],
    ],
  ])('are named %s', (_why, documents, asked, decision, missingKeys) => {
    const ask = { policies: named(documents), action: 's3:GetObject', resource: asked, context: {} }
    expect(evaluate(ask)).toMatchObject({ decision, missingKeys })
  })
})

describe('principals', () => {
  const role = 'arn:aws:iam::111122223333:role/carts'
  const trust = (part: object, Effect = 'Allow') => ({
    Version: '2012-10-17',
    Statement: { Effect, Action: 'sts:AssumeRole', ...part },
  })
  const service = { service: 'pods.eks.amazonaws.com' }
  const caller = { principal: { AWS: role } }
  const rows: [string, unknown[], object, Decision][] = [
    ['the service', [trust({ Principal: { Service: 'pods.eks.amazonaws.com' } })], service, 'allowed'],
    [
      'the service among others',
      [trust({ Principal: { Service: ['x', 'pods.eks.amazonaws.com'] } })],
      service,
      'allowed',
    ],
    [
      'the service in another case',
      [trust({ Principal: { Service: 'Pods.eks.amazonaws.com' } })],
      service,
      'implicitDeny',
    ],
    ['anyone', [trust({ Principal: '*' })], service, 'allowed'],
    ['any AWS principal, which means anyone', [trust({ Principal: { AWS: '*' } })], service, 'allowed'],
    [
      'everyone but the service',
      [trust({ NotPrincipal: { Service: 'pods.eks.amazonaws.com' } })],
      service,
      'implicitDeny',
    ],
    [
      'everyone but another service',
      [trust({ NotPrincipal: { Service: 'ec2.amazonaws.com' } })],
      service,
      'allowed',
    ],
    [
      'a Deny of everyone but the service',
      [trust({ Principal: '*' }), trust({ NotPrincipal: { Service: 'pods.eks.amazonaws.com' } }, 'Deny')],
      service,
      'allowed',
    ],
    [
      'a Deny of everyone',
      [trust({ Principal: '*' }), trust({ Principal: '*' }, 'Deny')],
      service,
      'explicitDeny',
    ],
    [
      'an account does not mean services',
      [trust({ Principal: { AWS: '111122223333' } })],
      service,
      'implicitDeny',
    ],
    ['another action', [trust({ Principal: '*', Action: 'sts:TagSession' })], service, 'implicitDeny'],
    ['the role', [trust({ Principal: { AWS: role } })], caller, 'allowed'],
    ['another role', [trust({ Principal: { AWS: `${role}-2` } })], caller, 'implicitDeny'],
    [
      'a role is not named by a pattern',
      [trust({ Principal: { AWS: 'arn:aws:iam::111122223333:role/*' } })],
      caller,
      'implicitDeny',
    ],
    ['the role’s account by its number', [trust({ Principal: { AWS: '111122223333' } })], caller, 'allowed'],
    [
      'the role’s account by its root',
      [trust({ Principal: { AWS: 'arn:aws:iam::111122223333:root' } })],
      caller,
      'allowed',
    ],
    ['another account', [trust({ Principal: { AWS: '999988887777' } })], caller, 'implicitDeny'],
    [
      'another account by its root',
      [trust({ Principal: { AWS: 'arn:aws:iam::999988887777:root' } })],
      caller,
      'implicitDeny',
    ],
    [
      'somebody of another account whose name is the number of this one',
      [trust({ Principal: { AWS: 'arn:aws:iam::999988887777:user/111122223333' } })],
      caller,
      'implicitDeny',
    ],
    [
      'the same number in another partition, which is another account',
      [trust({ Principal: { AWS: 'arn:aws-cn:iam::111122223333:root' } })],
      caller,
      'implicitDeny',
    ],
    [
      'a service is not the role',
      [trust({ Principal: { Service: 'pods.eks.amazonaws.com' } })],
      caller,
      'implicitDeny',
    ],
    ['an identity provider is neither', [trust({ Principal: { Federated: role } })], caller, 'implicitDeny'],
  ]
  it.each(rows)('%s', (_why, documents, who, decision) => {
    const asked = evaluate({
      policies: named(documents),
      action: 'sts:AssumeRole',
      resource: '*',
      context: {},
      ...who,
    })
    expect(asked.decision).toBe(decision)
    expect(asked.by.every(({ layer }) => layer === 'trust')).toBe(true)
  })

  it('have any of the caller’s names', () => {
    const session = 'arn:aws:sts::111122223333:assumed-role/carts/run'
    const policies = named([trust({ Principal: { AWS: session } })])
    const ask = (AWS: string | string[]) =>
      evaluate({ policies, action: 'sts:AssumeRole', resource: '*', context: {}, principal: { AWS } })
        .decision
    expect(ask([role, session])).toBe('allowed')
    expect(ask(role)).toBe('implicitDeny')
  })
})

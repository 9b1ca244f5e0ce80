import { describe, expect, it } from 'vitest'
import { type Context, type Decision, evaluate } from '../../core/policy.ts'

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
    ['an index is not the table', [allow({ Resource: table })], { resource: `${table}/index/a` }, 'implicitDeny'],
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
    ['one action is not all', [allow({ Action: 'dynamodb:GetItem' })], { action: 'dynamodb:*' }, 'implicitDeny'],
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
    ['NotAction does not grant itself', [statement({ ...noAction, NotAction: 'dynamodb:Get*' })], {}, 'implicitDeny'],
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
    ['one statement of a list suffices', [allow({ Action: ['s3:*', 'dynamodb:*'] })], {}, 'allowed'],
  ]
  it.each(rows)('%s', (_why, documents, question, decision) => {
    expect(decide(documents, question)).toBe(decision)
  })
})

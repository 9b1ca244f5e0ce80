import { describe, expect, it } from 'vitest'
import type { PodIdentity } from '../../../../core/role/role.ts'
import { appendedTrust } from '../../../../core/role/trust/append.ts'
import { isChangeMade, makeChange, undoChange } from '../../../../core/role/trust/change.ts'
import { podIdentityStatement } from '../../../../core/role/trust/mend.ts'
import { letsInByOidc, oidcRemoval } from '../../../../core/role/trust/oidc.ts'

const identity: PodIdentity = {
  cluster: { arn: 'arn:aws:eks:us-west-2:123456789012:cluster/shop', name: 'shop' },
  account: '123456789012',
  namespace: 'carts',
  serviceAccount: 'carts',
  sessionTags: true,
}
const issuer = 'oidc.eks.us-west-2.amazonaws.com/id/SHOP'
const other = 'oidc.eks.us-west-2.amazonaws.com/id/OTHER'
const subject = { issuer, cluster: 'shop', namespace: 'carts', serviceAccount: 'carts' }
const own = 'system:serviceaccount:carts:carts'
const orders = 'system:serviceaccount:shop:orders'
const provider = (of: string) => `arn:aws:iam::123456789012:oidc-provider/${of}`

const oidc = (sub: unknown = own, { operator = 'StringEquals', of = issuer, more = {} } = {}) => ({
  Effect: 'Allow',
  Principal: { Federated: provider(of) },
  Action: 'sts:AssumeRoleWithWebIdentity',
  Condition: { [operator]: { [`${of}:sub`]: sub } },
  ...more,
})
const text = (...Statement: unknown[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const ours = podIdentityStatement(identity)
const ec2 = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }
const deny = { Effect: 'Deny', Principal: '*', Action: 'sts:*' }
const statements = (document: string | undefined) =>
  document === undefined ? undefined : (JSON.parse(document) as { Statement: unknown[] }).Statement

describe('the statement that a run adds to a trust policy', () => {
  it.each<[why: string, found: string, added: boolean]>([
    ['beside the OIDC statement', text(oidc()), true],
    ['beside a statement that stands without a list', JSON.stringify({ Statement: oidc() }), true],
    ['not where the pods are let in already', text(oidc(), ours), false],
    ['not where a Deny would keep them out all the same', text(oidc(), deny), false],
    ['not where the document cannot be read', '{"Statement": "x"', false],
    [
      'not where it would have more characters than IAM takes',
      text(oidc(`system:serviceaccount:shop:${'x'.repeat(1600)}`)),
      false,
    ],
  ])('%s', (_why, found, added) => {
    const change = appendedTrust(found, identity)
    expect(statements(change?.planned)).toEqual(added ? [...[statements(found)].flat(), ours] : undefined)
  })

  it('leaves every other member of the document as it is, the version too', () => {
    const found = JSON.stringify({ Id: 'x', Statement: [oidc()], Version: '2008-10-17' })
    expect(JSON.parse(appendedTrust(found, identity)?.planned ?? '')).toMatchObject({
      Id: 'x',
      Version: '2008-10-17',
    })
  })
})

describe('a change of a trust policy', () => {
  const found = `{ "Statement": [${JSON.stringify(oidc())}], "Version": "2012-10-17" }`
  const added = appendedTrust(found, identity) ?? { found, planned: '' }

  it.each<[why: string, now: string, becomes: unknown[] | 'none']>([
    ['made in the text that was read', found, [oidc(), ours]],
    ['made beside what somebody has added since', text(oidc(), ec2), [oidc(), ec2, ours]],
    ['made where somebody has taken a statement out since', text(ec2), [ec2, ours]],
    ['not made twice', text(ours, ec2), 'none'],
  ])('is %s', (_why, now, becomes) => {
    const edit = makeChange(added, now)
    expect(edit.action === 'write' ? statements(edit.text) : edit.action).toEqual(becomes)
    if (edit.action === 'write') expect(isChangeMade(added, edit.text)).toBe(true)
  })

  it('is taken back by the byte where the text is as the run left it, whatever IAM made of its white space', () => {
    const spaced = JSON.stringify(JSON.parse(added.planned), null, 4)
    for (const now of [added.planned, spaced])
      expect(undoChange(added, now)).toEqual({ action: 'write', text: found, others: false })
  })

  const removed = { found: text(ec2, oidc(), ours), planned: text(ec2, ours) }
  const narrowed = {
    found: text(oidc([own, orders]), ours),
    planned: text(oidc([orders]), ours),
  }
  it.each<[why: string, change: { found: string; planned: string }, now: string, becomes: unknown]>([
    ['what others have added since stays', added, text(oidc(), ours, ec2), [oidc(), ec2]],
    ['nothing is left of it', added, text(oidc(), ec2), 'none'],
    ['somebody has changed what it added', added, text(oidc(), { ...ours, Sid: 'Pods' }), 'none'],
    ['its statement comes back where it was', removed, text(ec2, ours, deny), [ec2, oidc(), ours, deny]],
    ['its statement was put back by somebody', removed, text(ours, oidc()), 'none'],
    ['its subject comes back', narrowed, text(oidc([orders]), ours, ec2), [oidc([own, orders]), ours, ec2]],
    [
      'somebody has changed the statement that it narrowed',
      narrowed,
      text(oidc([orders, 'system:serviceaccount:shop:search']), ours),
      'keep',
    ],
  ])('taken back: %s', (_why, change, now, becomes) => {
    const edit = undoChange(change, now)
    expect(edit.action === 'write' && Array.isArray(becomes) ? statements(edit.text) : edit.action).toEqual(
      becomes,
    )
  })
})

describe('what the end of a migration takes out of a trust policy', () => {
  const wide = { operator: 'StringLike' }
  it.each<[why: string, found: unknown[], left: unknown[] | 'all', stays?: RegExp]>([
    ['the statement for this ServiceAccount alone', [oidc(), ours], [ours]],
    ['one that names it in a list by itself', [oidc([own]), ours], [ours]],
    ['one that names it by a pattern without wildcards', [oidc(own, wide), ours], [ours]],
    ['its name out of a list', [oidc([own, orders]), ours], [oidc([orders]), ours]],
    ['every statement that names it', [oidc(), oidc([own, orders]), ours], [oidc([orders]), ours]],
    ['nothing for another ServiceAccount', [oidc(orders), ours], 'all'],
    ['nothing of another cluster', [oidc(own, { of: other }), ours], 'all'],
    ['nothing of a Deny', [oidc(own, { more: { Effect: 'Deny' } }), ours], 'all'],
    [
      'not what others of the namespace fit',
      [oidc('system:serviceaccount:carts:*', wide), ours],
      'all',
      /:\*, which others fit/,
    ],
    [
      'not a list with a wildcard that fits it',
      [oidc([own, 'system:*'], wide), ours],
      'all',
      /which others fit/,
    ],
    [
      'not what asks for no subject',
      [
        oidc(own, { more: { Condition: { StringEquals: { [`${issuer}:aud`]: 'sts.amazonaws.com' } } } }),
        ours,
      ],
      'all',
      /every ServiceAccount of the cluster/,
    ],
    [
      'not what is for several clusters',
      [oidc(own, { more: { Principal: { Federated: [provider(issuer), provider(other)] } } }), ours],
      'all',
      /names other principals/,
    ],
    [
      'not what asks by another operator',
      [oidc(own, { operator: 'StringEqualsIgnoreCase' }), ours],
      'all',
      /by StringEqualsIgnoreCase/,
    ],
  ])('%s', (_why, found, left, stays) => {
    const { change, findings } = oidcRemoval({ name: 'carts', trust: text(...found) }, subject)
    expect(change ? statements(change.planned) : 'all').toEqual(
      left === 'all' ? 'all' : JSON.parse(JSON.stringify(left)),
    )
    expect(findings.map((one) => one.found).join()).toMatch(stays ?? /^$/)
    if (change) expect(letsInByOidc(change.planned, subject)).toBe(false)
  })
})

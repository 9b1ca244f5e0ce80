import { describe, expect, it } from 'vitest'
import { InvalidRequest, Refused } from '../../../../core/errors.ts'
import { resolveRequest } from '../../../../core/request-input.ts'
import { podIdentityOf } from '../../../../core/role/creation.ts'
import { appendedTrust } from '../../../../core/role/trust/append.ts'
import { type UndoneGiven, undoOfCarts } from './undone.ts'

const {
  execution,
  role,
  cluster,
  association,
  former,
  pointedBack,
  alone,
  account,
  undone,
  nothing,
  restore,
  restored,
  deleted,
  again,
  unmarked,
  expectUndone,
} = undoOfCarts

describe('the association', () => {
  it.each<[why: string, given: UndoneGiven, did: string[], step: object]>([
    ['of the run is deleted', { listed: [association, undefined] }, ['delete a-1'], { done: [deleted] }],
    [
      'that the list does not show yet is looked up by its id, and deleted',
      { id: 'a-1', described: [association] },
      ['describe a-1', 'delete a-1'],
      { done: [deleted] },
    ],
    ['is none where nobody knows an id', {}, [], nothing],
    ['is none where the id is not there either', { id: 'a-1' }, ['describe a-1'], nothing],
    [
      'is pointed back, and loses the mark of the run',
      { listed: [association], described: [pointedBack], before: { association: former } },
      ['point back a-1 undo-run-1', 'describe a-1', 'mark a-1 null'],
      { done: [again, unmarked], message: `${again.what}; ${unmarked.what}` },
    ],
    [
      'is pointed back, and gets the mark of the run before again',
      {
        listed: [association],
        described: [pointedBack],
        before: { association: { ...former, run: 'run-0' } },
      },
      ['point back a-1 undo-run-1', 'describe a-1', 'mark a-1 run-0'],
      {
        done: [again, { kind: 'association-tag', what: 'the association a-1 is marked by run-0 again' }],
        left: [],
      },
    ],
    [
      'that cannot be pointed back keeps the mark, as it is as the run left it',
      {
        listed: [association],
        before: { association: former },
        fails: { 'point back': new InvalidRequest('no such role') },
      },
      [],
      {
        done: [],
        left: [
          {
            kind: 'association',
            what: again.what,
            error: 'no such role',
            command: `aws eks update-pod-identity-association --cluster-name shop --region eu-north-1 --association-id a-1 --role-arn ${former.roleArn} --no-disable-session-tags`,
          },
        ],
      },
    ],
    [
      'whose mark cannot be taken away is left to a person, with the command',
      {
        listed: [association],
        described: [pointedBack],
        before: { association: former },
        fails: { mark: new Refused('not now') },
      },
      ['point back a-1 undo-run-1', 'describe a-1'],
      {
        done: [again],
        left: [
          {
            ...unmarked,
            error: 'not now',
            command: `aws eks untag-resource --region eu-north-1 --resource-arn ${association.arn} --tag-keys podid:run`,
          },
        ],
      },
    ],
    [
      'stays where somebody has changed it since',
      { listed: [{ ...association, role: `${role}-2` }] },
      [],
      {
        done: [],
        kept: [
          {
            kind: 'association',
            what: `a-1 with ${role}-2, marked by run-1: changed since by somebody else`,
          },
        ],
      },
    ],
  ])('%s', async (_why, given, did, step) => {
    await expectUndone({ ...given, ...alone, before: { ...alone.before, ...given.before } }, did, step)
  })
})

describe('a migration', () => {
  const text = (...Statement: unknown[]) => JSON.stringify({ Version: '2012-10-17', Statement })
  const request = { migrate: 'irsa', manageTrust: true } as const
  const found = text()
  const trust = appendedTrust(
    found,
    podIdentityOf(
      resolveRequest({ cluster: 'shop', namespace: 'carts', serviceAccount: 'carts', role }, execution),
      cluster,
    ),
  )
  if (!trust) throw new Error('nothing would be appended')
  it('keeps the association where IRSA would give the pods nothing any more, and waits for no pods, as they stay', async () => {
    const given: UndoneGiven = {
      request,
      before: { annotation: { role, goes: false }, trust: null },
      listed: [association],
      accounts: [account(role)],
      trust: text(),
    }
    const why =
      "the association stays: the role's trust no longer has what IRSA needs, and its pods would have no role without it. Undo the run that finished the migration first"
    await expectUndone(given, [], {
      done: [],
      kept: [{ kind: 'association', what: why }],
      rolloutToAwait: false,
      message: why,
    })
  })
  it('gets back what it took away before the association goes: first the trust, then the annotation', async () => {
    const given: UndoneGiven = {
      request,
      before: { annotation: { role, goes: true }, trust },
      listed: [association, undefined],
      trust: trust.planned,
    }
    await expectUndone(
      given,
      [
        'write trust',
        `patch serviceaccounts ${JSON.stringify({ annotations: { 'eks.amazonaws.com/role-arn': role } })}`,
        'delete a-1',
        restore(null),
      ],
      {
        done: [
          { kind: 'trust', what: 'the trust policy of role carts is as it was' },
          { kind: 'annotation', what: `the ServiceAccount carts/carts is annotated with ${role} again` },
          deleted,
          restored,
        ],
      },
    )
  })
  it('tells of both where an earlier attempt may have put them back', async () => {
    const { step } = await undone({
      ...alone,
      request: { ...alone.request, ...request },
      before: { ...alone.before, annotation: { role, goes: true }, trust },
      accounts: [account(role)],
      trust: found,
      retries: 1,
    })
    expect(step.done.map(({ kind, perhaps }) => [kind, perhaps])).toEqual([
      ['association', true],
      ['trust', true],
      ['annotation', true],
    ])
  })
})

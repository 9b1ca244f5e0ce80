import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changeIrsaAnnotation, irsaRoleOf } from '../../../adapters/kubernetes/service-accounts/irsa.ts'
import { type Answered, failed, serveAnswers, shown } from '../../support/servers/answers.ts'

let api: Awaited<ReturnType<typeof serveAnswers>>
beforeAll(async () => {
  api = await serveAnswers()
})
afterAll(() => api.close())

const role = 'arn:aws:iam::111122223333:role/carts'
const other = 'arn:aws:iam::111122223333:role/other'
const get = 'GET /api/v1/namespaces/shop/serviceaccounts/carts'
const patch = 'PATCH /api/v1/namespaces/shop/serviceaccounts/carts?fieldManager=podid'

const account = (annotated?: string): Answered =>
  shown({
    metadata: {
      resourceVersion: '7',
      ...(annotated !== undefined && { annotations: { 'eks.amazonaws.com/role-arn': annotated } }),
    },
  })
const absent = failed(404, 'NotFound')
const conflict = failed(409, 'Conflict')
const denied = failed(403, 'Forbidden')

const away = { from: role, to: undefined }
const change = (wanted: { from: string | undefined; to: string | undefined }) =>
  changeIrsaAnnotation(api.connection, { namespace: 'shop', name: 'carts' }, wanted)

describe('the annotation is written', () => {
  it.each<[why: string, from: string | undefined, to: string | undefined, written: string | null]>([
    ['another value in place of the one that is expected', role, other, other],
    ['null takes it away', role, undefined, null],
    ['a value where none is expected, and there is none', undefined, role, role],
  ])('%s', async (_why, from, to, written) => {
    api.answer(account(from), account(to))
    expect(await change({ from, to })).toEqual({ changed: true, previous: from })
    expect(api.asked()).toEqual([get, patch])
    expect(api.written()).toEqual([
      {
        as: 'application/merge-patch+json',
        // The resourceVersion is the condition that the API server holds the write to.
        body: { metadata: { resourceVersion: '7', annotations: { 'eks.amazonaws.com/role-arn': written } } },
      },
    ])
  })
})

describe('nothing is written', () => {
  it.each<[why: string, found: string | undefined, from: string | undefined, to: string | undefined]>([
    ['somebody has set another value', other, role, undefined],
    ['somebody has taken it away', undefined, role, undefined],
    ['somebody has set one where none is expected', other, undefined, role],
    ['it is what it is to become', role, role, role],
    ['there is none, and none is wanted', undefined, undefined, undefined],
  ])('%s', async (_why, found, from, to) => {
    api.answer(account(found))
    expect(await change({ from, to })).toEqual({ changed: false, previous: found })
    expect(api.asked()).toEqual([get])
  })

  it('where there is no such ServiceAccount', async () => {
    api.answer(absent)
    expect(await change(away)).toBeUndefined()
    expect(api.asked()).toEqual([get])
  })

  it('where it may not be looked at', async () => {
    api.answer(denied)
    await expect(change(away)).rejects.toMatchObject({ name: 'AccessDenied' })
    expect(api.asked()).toEqual([get])
  })
})

describe('a write that the API server does not make', () => {
  it.each<[why: string, answers: Answered[], answer: { changed: false; previous: string | undefined }]>([
    ['another value was set meanwhile', [conflict, account(other)], { changed: false, previous: other }],
    ['it was taken away meanwhile', [conflict, account()], { changed: false, previous: undefined }],
    [
      'the PATCH was answered with 404, and by the second look somebody has set another value',
      [absent, account(role), account(other)],
      { changed: false, previous: other },
    ],
  ])('is an answer: %s', async (_why, answers, answer) => {
    api.answer(account(role), ...answers)
    expect(await change(away)).toEqual(answer)
    expect(api.asked()).toEqual([get, patch, ...answers.slice(1).map(() => get)])
  })

  it('is of no ServiceAccount where it was deleted meanwhile', async () => {
    api.answer(account(role), absent, absent)
    expect(await change(away)).toBeUndefined()
    expect(api.asked()).toEqual([get, patch, get])
  })

  it.each<[why: string, answers: Answered[], looks: number, error: { name: string; message: unknown }]>([
    [
      'a write of something else is worth a retry',
      [conflict, account(role)],
      1,
      { name: 'Conflict', message: expect.stringContaining('409 Conflict') },
    ],
    [
      'a conflict of one that is gone by the second look, which the next try sees',
      [conflict, absent],
      1,
      { name: 'Conflict', message: expect.stringContaining('409 Conflict') },
    ],
    [
      'a 404 of one that is there is not taken for a deletion',
      [absent, account(role), account(role)],
      2,
      {
        name: 'Conflict',
        message:
          'the API server answers the PATCH of ServiceAccount shop/carts with 404, and shows that it is there',
      },
    ],
    [
      'what may not be written is not looked at again',
      [denied],
      0,
      { name: 'AccessDenied', message: expect.stringContaining('403 Forbidden') },
    ],
  ])('fails: %s', async (_why, answers, looks, error) => {
    api.answer(account(role), ...answers)
    await expect(change(away)).rejects.toMatchObject(error)
    expect(api.asked()).toEqual([get, patch, ...Array.from({ length: looks }, () => get)])
  })
})

it('an account without metadata or annotations has no role', () => {
  expect([irsaRoleOf({}), irsaRoleOf({ metadata: {} })]).toEqual([undefined, undefined])
})
